import { createWriteStream, existsSync, statSync } from 'node:fs'
import type { WriteStream } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { jsonReplacer, unset } from '../codecs/index.js'
import type { Client, TableMetadata, ViewMetadata } from '../client/index.js'
import { BulkWriteError, flow, jsonReaders, pipeline, readArrow, readCsv, readFields, readJsonLines, readParquet, tableOf, textReaders } from '../streaming/index.js'
import type { BulkOutcome, FieldReaders, FileColumn, FileRecord, Flow } from '../streaming/index.js'
import { connect, connectHelp, connectOptions, numberOption } from './connect-options.node.js'
import { LoadPosition } from './load-position.node.js'
import { insertOf } from './insert-of.js'
import { insertPreserving, preservedColumns, preservingRows } from './preserved.js'
import { kindOf, randomAccess, readBytes } from './row-file.node.js'
import { staticRows } from './static-rows.js'
import { duration, grouped, StatusLine } from './status-line.node.js'
import { explains } from './usage.node.js'

const help = `Usage: cqlwire load KEYSPACE.TABLE [FILE] [options]

Writes a file, or standard input, to a table: CSV with the names of columns in its first line, JSON Lines, Parquet or Arrow. Files
whose name ends in .gz or .zst are decompressed. Nothing in a field (CSV) or null leaves alone what the table has.

Options:
${connectHelp}
  --format NAME            csv, jsonl, parquet or arrow (default: as the file's name says, else csv)
  --columns A,B            names of the columns, of CSV without a first line
  --nulls unset|write      whether null deletes what the table has (default unset)
  --preserve               with write times and TTLs, as unload --preserve has written them
  --max-errors N           records that may fail before it gives up (default 100)
  --bad FILE               where records that were not written go, as JSON Lines (default load-bad.jsonl)
  --max-rows-per-second N  writes no faster than that
  --concurrency N          requests at a time (default: as many as the nodes bear)
  --checkpoint FILE        saves every second how far it has come; a run that finds it goes on there
  --delimiter C            of CSV (default ,)
  --dry-run                read and check everything, write nothing
  --json                   print the result as JSON
  --quiet                  show no progress
  --help                   show this
`

/** `cqlwire load`. */
export async function load(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args], allowPositionals: true,
    options: {
      ...connectOptions, format: { type: 'string' }, columns: { type: 'string' }, nulls: { type: 'string' }, preserve: { type: 'boolean' }, 'max-errors': { type: 'string' }, bad: { type: 'string' },
      'max-rows-per-second': { type: 'string' }, concurrency: { type: 'string' }, checkpoint: { type: 'string' }, delimiter: { type: 'string' }, 'dry-run': { type: 'boolean' }, json: { type: 'boolean' },
      quiet: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  const [name, file = '-', ...more] = positionals
  if (explains(help, values.help, name !== undefined) || name === undefined) return
  if (more.length > 0) throw new OptionError('file', `Only one file can be read, and '${more[0]}' is another one`)
  if (file !== '-' && !existsSync(file)) throw new OptionError('file', `There is no file ${file}`)
  const { format, compression } = kindOf(file, values.format)
  const position = new LoadPosition(values.checkpoint)
  await using client = await connect(values, 'load')
  const table = await tableOf(client, name)
  const columns: FileColumn[] = [...table.columns.values(), ...(values.preserve ? preservedColumns(table) : [])]
  const size = file === '-' ? undefined : statSync(file).size
  let bytesRead = 0
  const onRead = (bytes: number): void => { bytesRead += bytes }
  const chunks = (): AsyncIterable<Uint8Array> => readBytes(file, compression, onRead)
  await using parquet = format === 'parquet' ? await randomAccess(file, onRead) : undefined
  const open = {
    csv: () => readCsv(chunks(), { delimiter: values.delimiter, columns: values.columns?.split(',').map((column) => column.trim()) }), jsonl: () => readJsonLines(chunks()), parquet: () => readParquet(parquet!), arrow: () => readArrow(chunks()),
  }
  const [first, records] = await peek(open[format]())
  const names = format !== 'jsonl' && first !== undefined ? Object.keys(first.fields) : [...table.columns.keys()]
  checkNames(table, names, columns)
  const statementOf = (part: Table): string => (values.preserve ? insertPreserving(part) : insertOf(part, names.filter((column) => part.columns.has(column))))
  const rowsOf = (part: Table): RowsOf => (values.preserve ? preservingRows(part, unset) : (row) => [valuesOf(row, names.filter((column) => part.columns.has(column)), table)])
  const statement = statementOf(table)
  const makeRows = rowsOf(table)
  const isStatic = staticRows(client, table, statementOf, rowsOf)
  const readers = format === 'jsonl' ? jsonReaders(columns) : textReaders(columns)
  const inserts = records.flatMap((record) => insertsOf(record, readers, makeRows, isStatic)).drop(position.done)
  const bind = pipeline(inserts).transform('read', ({ row, error }) => {
    if (error) throw error
    return row
  })
  const status = new StatusLine(values.quiet === true || values.json === true)
  const bad = new BadRecords(values.bad ?? 'load-bad.jsonl')
  const started = performance.now()
  let summary: { readonly written: number; readonly failed: number }
  let gaveUp: Error | undefined
  try {
    summary = values['dry-run'] ? await tryOut(client, statement, bind, bad) : await bind.write(client, statement, {
      maxErrors: numberOption('max-errors', values['max-errors']) ?? 100, nulls: (values.nulls ?? 'unset') as 'unset',
      concurrency: numberOption('concurrency', values.concurrency), maxRowsPerSecond: numberOption('max-rows-per-second', values['max-rows-per-second']),
      onOutcome: ({ index }) => position.note(index), deadLetter: (outcome) => bad.write(outcome as BulkOutcome<Insert>),
      onProgress: ({ written, failed, rowsPerSecond }) => {
        position.save()
        status.show(`${grouped(written)} rows, ${grouped(rowsPerSecond)}/s${failed > 0 ? `, ${grouped(failed)} failed` : ''}`, size === undefined ? undefined : bytesRead / size)
      },
    })
  } catch (error) {
    if (!(error instanceof BulkWriteError)) throw error
    gaveUp = error
    summary = error.progress
  } finally {
    position.save()
    status.end()
    await bad.close()
  }
  const elapsedMs = performance.now() - started
  const { written, failed } = summary
  if (values.json) process.stdout.write(`${JSON.stringify({ table: name, file, written, failed, bad: failed > 0 ? bad.file : undefined, complete: gaveUp === undefined, elapsedMs: Math.round(elapsedMs) })}\n`)
  else if (!values.quiet) process.stderr.write(`${grouped(written)} rows ${values['dry-run'] ? 'would be written' : 'written'} to ${name} in ${duration(elapsedMs)} (${grouped((written * 1000) / elapsedMs)}/s)\n`)
  if (failed > 0) process.stderr.write(`${grouped(failed)} records were not written: ${bad.file} has them, with reasons\n`)
  if (gaveUp) process.stderr.write(`Given up: ${gaveUp.message}. Raise --max-errors to go on in spite of errors\n`)
  if (failed > 0) process.exitCode = 1
}

/** A row to be inserted, or why there is none. */
interface Insert {
  readonly from: FileRecord
  readonly row: readonly unknown[]
  readonly error?: Error
}

type Table = TableMetadata | ViewMetadata
type RowsOf = (row: Readonly<Record<string, unknown>>) => readonly (readonly unknown[])[]

function insertsOf(from: FileRecord, readers: FieldReaders, rowsOf: RowsOf, isStatic: ReturnType<typeof staticRows>): Insert[] | Promise<Insert[]> {
  const failed = (error: unknown): Insert[] => [{ from, row: [], error: error as Error }]
  try {
    if (from.error) throw from.error
    const row = readFields(from, readers)
    const written = isStatic(row)
    return written ? written.then(() => [], failed) : rowsOf(row).map((values) => ({ from, row: values }))
  } catch (error) {
    return failed(error)
  }
}

/** @throws OptionError naming a column of the file that the table does not have */
function checkNames(table: Table, names: readonly string[], columns: readonly FileColumn[]): void {
  const known = new Set(columns.map(({ name }) => name))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw new OptionError('columns', `${table.keyspace}.${table.name} has no column '${unknown}'; it has ${[...table.columns.keys()].join(', ')}`)
}

/** Values in the order of the columns; what a JSON object lacks is left alone. */
function valuesOf(row: Readonly<Record<string, unknown>>, names: readonly string[], table: Table): unknown[] {
  const unknown = Object.keys(row).find((column) => !table.columns.has(column))
  if (unknown !== undefined) throw new TypeError(`There is no column '${unknown}'`)
  return names.map((column) => (column in row ? row[column] : unset))
}

/** The first record, and all of them. */
async function peek(records: Flow<FileRecord>): Promise<[FileRecord | undefined, Flow<FileRecord>]> {
  const iterator = records[Symbol.asyncIterator]()
  const seen: FileRecord[] = []
  // One that cannot be read does not say which columns there are.
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    seen.push(next.value)
    if (next.value.error === undefined) break
  }
  const all = async function* (): AsyncGenerator<FileRecord> {
    yield* seen
    yield* iterator
  }
  return [seen.find(({ error }) => error === undefined), flow(all())]
}

/** Reads and encodes everything, and writes nothing. */
async function tryOut(client: Client, statement: string, bind: ReturnType<typeof pipeline<readonly unknown[]>>, bad: BadRecords): Promise<{ written: number; failed: number }> {
  const prepared = await client.prepare(statement)
  const checked = bind.transform('encode', (row) => prepared.encodedLength(row.map((value) => value ?? unset)))
  const failures: Promise<void>[] = []
  const { done, failed } = await checked.run({ onOutcome: (outcome) => { if (outcome.status === 'failed') failures.push(bad.write({ ...outcome, status: 'failed', attempts: 0 } as BulkOutcome<Insert>)) } })
  await Promise.all(failures)
  return { written: done, failed }
}

/** The file of records that were not written, made when there is one. */
class BadRecords {
  readonly file: string
  #stream: WriteStream | undefined

  constructor(file: string) {
    this.file = file
  }

  async write({ record, error, status }: BulkOutcome<Insert>): Promise<void> {
    this.#stream ??= createWriteStream(this.file, { mode: 0o600 }) // rows, perhaps of people
    const { line, text, fields } = record.from
    const reason = (error?.cause instanceof Error && error.name === 'StageError' ? error.cause : error)?.message ?? status
    const row = `${JSON.stringify({ line, reason, ...(text === undefined ? { record: fields } : { text }) }, jsonReplacer)}\n`
    await new Promise<void>((resolve, reject) => { this.#stream!.write(row, (failure) => (failure ? reject(failure) : resolve())) })
  }

  async close(): Promise<void> {
    if (this.#stream) await new Promise<void>((resolve) => { this.#stream!.end(resolve) })
  }
}
