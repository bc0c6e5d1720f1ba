import process from 'node:process'
import { parseArgs } from 'node:util'
import { scan } from '../streaming/index.js'
import { connect, connectHelp, connectOptions } from './connect-options.node.js'
import { duration, grouped, StatusLine } from './status-line.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire count KEYSPACE.TABLE [options]

Counts the rows of a table: the nodes count range by range, since one SELECT count(*) of a large table does not come to an end.

Options:
${connectHelp}
  --where CONDITIONS       only rows that meet them, as CQL writes them
  --json                   print the result as JSON
  --quiet                  show no progress
  --help                   show this
`

/** Bytes on disk of a range, at most: a node has to read it within its time-out. */
const RANGE_BYTES = 8 * 1024 * 1024

/** `cqlwire count`. */
export async function count(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true, options: { ...connectOptions, where: { type: 'string' }, json: { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  const [name] = positionals
  if (explains(help, values.help, name !== undefined) || name === undefined) return
  await using client = await connect(values, 'count')
  const status = new StatusLine(values.quiet === true || values.json === true)
  let rows = 0n
  const counts = scan<readonly [bigint]>(client, name, {
    columns: ['count(*)'], where: values.where, rowMode: 'array', splitBytes: RANGE_BYTES, timeoutMs: 60_000, attemptTimeoutMs: 30_000,
    onProgress: ({ fraction, leftMs }) => status.show(`${grouped(Number(rows))} rows${leftMs === undefined ? '' : `, ${duration(leftMs)} left`}`, fraction),
  })
  for await (const [number] of counts) rows += BigInt(number)
  status.end()
  const elapsedMs = Math.round(counts.progress!.elapsedMs)
  process.stdout.write(values.json ? `${JSON.stringify({ table: name, rows: Number(rows), elapsedMs })}\n` : `${rows}\n`)
}
