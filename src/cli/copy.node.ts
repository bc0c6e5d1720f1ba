import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { unset } from '../codecs/index.js'
import { Client } from '../client/index.js'
import type { TableMetadata } from '../client/index.js'
import { parseConnectionUrl } from '../client/connection-url.js'
import { bulkWrite, scan, tableOf } from '../streaming/index.js'
import { connect, connectHelp, connectOptions, numberOption } from './connect-options.node.js'
import { readIfThere, replaceFile } from './checkpoint-file.node.js'
import { insertOf } from './insert-of.js'
import { insertPreserving, preservedColumns, preservingRows } from './preserved.js'
import { staticRows } from './static-rows.js'
import { duration, grouped, StatusLine } from './status-line.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire copy KEYSPACE.TABLE [KEYSPACE.TABLE] [options]

Copies the rows of a table to another table of the same columns, which must be there: of another cluster with --to.

Options:
${connectHelp}
  --to URL                 the other cluster, as a connection URL: cql://user:password@host/?dc=dc1
  --where CONDITIONS       only rows that meet them, as CQL writes them
  --preserve               with write times and TTLs
  --max-errors N           rows that may fail before it gives up (default 0)
  --max-rows-per-second N  copies no faster than that
  --checkpoint FILE        saves every second how far it has come; a run that finds it goes on there
  --json                   print the result as JSON
  --quiet                  show no progress
  --help                   show this
`

/** `cqlwire copy`. */
export async function copy(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      ...connectOptions, to: { type: 'string' }, where: { type: 'string' }, preserve: { type: 'boolean' }, 'max-errors': { type: 'string' }, 'max-rows-per-second': { type: 'string' }, checkpoint: { type: 'string' },
      json: { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  const [from, to = from, ...more] = positionals
  if (explains(help, values.help, from !== undefined) || from === undefined || to === undefined) return
  if (more.length > 0) throw new OptionError('table', `Only one table can be written, and '${more[0]}' is another one`)
  if (values.to === undefined && from === to) throw new OptionError('to', 'Name another table, or another cluster with --to')
  await using source = await connect(values, 'copy')
  await using other = values.to === undefined ? undefined : await Client.connect({ ...parseConnectionUrl(values.to), applicationName: 'cqlwire copy' })
  const target = other ?? source
  const [fromTable, toTable] = await Promise.all([tableOf(source, from), tableOf(target, to)])
  const missing = [...fromTable.columns.keys()].find((column) => !toTable.columns.has(column))
  if (missing !== undefined) throw new OptionError('table', `${to} has no column '${missing}', which ${from} has`)
  const names = [...fromTable.columns.keys()]
  const status = new StatusLine(values.quiet === true || values.json === true)
  const rows = scan(source, from, {
    where: values.where, columns: [...names, ...(values.preserve ? preservedColumns(fromTable).map(({ name }) => name) : [])],
    checkpoint: values.checkpoint === undefined ? undefined : readIfThere(values.checkpoint),
  })
  const place = { ...toTable, columns: fromTable.columns }
  const plainRows = (table: Pick<TableMetadata, 'columns'>) => (row: Readonly<Record<string, unknown>>): unknown[][] => [Array.from(table.columns.keys(), (column) => row[column])]
  const rowsOf = values.preserve ? (table: typeof place) => preservingRows(table, unset) : plainRows
  const statementOf = (table: typeof place): string => (values.preserve ? insertPreserving(table) : insertOf(table, [...table.columns.keys()]))
  const isStatic = staticRows(target, place, statementOf, rowsOf)
  const insertsOf = rowsOf(place)
  // What has been read is a checkpoint once all inserts that were made of it have their outcomes.
  let pending: { readonly checkpoint: string; readonly inserts: number } | undefined
  let made = 0
  let told = 0
  const inserts = rows.flatMap((row) => {
    const written = isStatic(row)
    if (written) return written.then(() => [])
    const own = insertsOf(row)
    made += own.length
    if (values.checkpoint !== undefined) pending ??= { checkpoint: rows.checkpoint()!, inserts: made }
    return own
  })
  const result = await bulkWrite(target, statementOf(place), inserts, {
    ordered: values.checkpoint !== undefined, maxErrors: numberOption('max-errors', values['max-errors']) ?? 0, maxRowsPerSecond: numberOption('max-rows-per-second', values['max-rows-per-second']),
    onOutcome: () => { told++ },
    onProgress: ({ written, rowsPerSecond }) => {
      const { fraction } = rows.progress!
      status.show(`${grouped(written)} rows, ${grouped(rowsPerSecond)}/s`, fraction)
      if (pending === undefined || told < pending.inserts) return
      replaceFile(values.checkpoint!, pending.checkpoint)
      pending = undefined
    },
  })
  if (values.checkpoint !== undefined) replaceFile(values.checkpoint, rows.checkpoint()!)
  status.end()
  const { written, elapsedMs, rowsPerSecond } = result
  if (values.json) process.stdout.write(`${JSON.stringify({ from, to, written, failed: result.failed, elapsedMs: Math.round(elapsedMs) })}\n`)
  else if (!values.quiet) process.stderr.write(`${grouped(written)} rows copied from ${from} to ${to} in ${duration(elapsedMs)} (${grouped(rowsPerSecond)}/s)\n`)
  if (result.failed > 0) process.exitCode = 1
}
