import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import type { Client } from '../client/index.js'
import { scan, tableOf, writeArrow, writeCsv, writeJsonLines, writeParquet } from '../streaming/index.js'
import type { FileColumn } from '../streaming/index.js'
import { connect, connectHelp, connectOptions, numberOption } from './connect-options.node.js'
import { readIfThere, replaceFile } from './checkpoint-file.node.js'
import { preservedColumns } from './preserved.js'
import { ByteFile, kindOf } from './row-file.node.js'
import { duration, grouped, StatusLine } from './status-line.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire unload KEYSPACE.TABLE [FILE] [options]

Writes a table to a file, or to standard output: CSV, JSON Lines, Parquet or Arrow, compressed when the
name ends in .gz or .zst.

Options:
${connectHelp}
  --format NAME            csv, jsonl, parquet or arrow (default: as the file's name says, else csv)
  --columns A,B            only these columns
  --where CONDITIONS       only rows that meet them, as CQL writes them: "age > 30 AND city = 'Rome'"
  --preserve               write times and TTLs as columns of their own, for load --preserve
  --concurrency N          pages read at a time (default: as many as the nodes bear)
  --page-size N            rows in a page (default: as many as make half a megabyte)
  --checkpoint FILE        saves how far it has come; a run that finds it goes on there
  --checkpoint-every MS    how often, in milliseconds (default 1000)
  --delimiter C            of CSV (default ,)
  --json                   print the result as JSON
  --quiet                  show no progress
  --help                   show this
`

interface Saved {
  readonly position: number
  readonly scan: string
}

/** `cqlwire unload`. */
export async function unload(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      ...connectOptions, format: { type: 'string' }, columns: { type: 'string' }, where: { type: 'string' }, preserve: { type: 'boolean' }, concurrency: { type: 'string' }, 'page-size': { type: 'string' },
      checkpoint: { type: 'string' }, 'checkpoint-every': { type: 'string' }, delimiter: { type: 'string' }, json: { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  const [name, file = '-', ...more] = positionals
  if (explains(help, values.help, name !== undefined) || name === undefined) return
  if (more.length > 0) throw new OptionError('file', `Only one file can be written, and '${more[0]}' is another one`)
  const { format, compression } = kindOf(file, values.format)
  if (values.checkpoint !== undefined && (format === 'parquet' || format === 'arrow')) throw new OptionError('checkpoint', `--checkpoint goes with csv and jsonl, which can be gone on with: ${format} cannot`)
  if (file === '-' && values.checkpoint !== undefined) throw new OptionError('checkpoint', '--checkpoint needs a file: what went to standard output cannot be gone on with')
  const saved = values.checkpoint === undefined ? undefined : savedIn(values.checkpoint)
  await using client = await connect(values, 'unload')
  const columns = await columnsOf(client, name, values.columns, values.preserve === true)
  const status = new StatusLine(values.quiet === true || values.json === true)
  const rows = scan<readonly unknown[]>(client, name, {
    columns: columns.map((column) => column.name), where: values.where, rowMode: 'array', checkpoint: saved?.scan,
    concurrency: numberOption('concurrency', values.concurrency), pageSize: numberOption('page-size', values['page-size']),
    onProgress: ({ rows: count, fraction, rowsPerSecond, leftMs }) => status.show(`${grouped(count)} rows, ${grouped(rowsPerSecond)}/s${leftMs === undefined ? '' : `, ${duration(leftMs)} left`}`, fraction),
  })
  const out = new ByteFile(file, compression, saved?.position ?? 0)
  const pages = rows.pages()
  const writers = {
    csv: () => writeCsv(pages, columns, { delimiter: values.delimiter, header: saved === undefined }), jsonl: () => writeJsonLines(pages, columns), parquet: () => writeParquet(pages, columns), arrow: () => writeArrow(pages, columns),
  }
  const chunks = writers[format]()
  const everyMs = numberOption('checkpoint-every', values['checkpoint-every']) ?? 1000
  let savedAt = performance.now()
  const save = (): void => {
    const checkpoint = rows.checkpoint()
    if (values.checkpoint !== undefined && checkpoint !== undefined) replaceFile(values.checkpoint, JSON.stringify({ position: out.position, scan: checkpoint } satisfies Saved))
    savedAt = performance.now()
  }
  await chunks.forEach(async (chunk) => {
    await out.write(chunk)
    if (performance.now() - savedAt >= everyMs) save()
  })
  save()
  await out.close()
  status.end()
  const { rows: count, elapsedMs, rowsPerSecond } = rows.progress!
  if (values.json) process[file === '-' ? 'stderr' : 'stdout'].write(`${JSON.stringify({ table: name, file, rows: count, bytes: out.position, elapsedMs: Math.round(elapsedMs) })}\n`)
  else if (!values.quiet) process.stderr.write(`${grouped(count)} rows of ${name} in ${duration(elapsedMs)} (${grouped(rowsPerSecond)}/s)\n`)
}

function savedIn(file: string): Saved | undefined {
  const text = readIfThere(file)
  if (text === undefined) return undefined
  try {
    const saved = JSON.parse(text) as Saved
    if (Number.isSafeInteger(saved.position) && typeof saved.scan === 'string') return saved
  } catch { /* said below */ }
  throw new OptionError('checkpoint', `${file} is no checkpoint of unload: remove it to begin anew`)
}

async function columnsOf(client: Client, name: string, chosen: string | undefined, preserve: boolean): Promise<FileColumn[]> {
  const table = await tableOf(client, name)
  if (chosen !== undefined && preserve) throw new OptionError('preserve', '--preserve is for whole rows, without --columns')
  const names = chosen?.split(',').map((column) => column.trim()) ?? [...table.columns.keys()]
  const columns = names.map((column): FileColumn => {
    const known = table.columns.get(column)
    if (!known) throw new OptionError('columns', `${name} has no column '${column}'; it has ${[...table.columns.keys()].join(', ')}`)
    return { name: column, type: known.type }
  })
  return preserve ? [...columns, ...preservedColumns(table)] : columns
}
