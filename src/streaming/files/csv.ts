import { Flow, flow } from '../flow.js'
import type { Input } from '../source.js'
import type { FieldReaders, FileColumn, FileRecord } from './file-record.js'
import { fromText, toText } from './json-values.js'
import { peer } from './peer.js'

/** Options of CSV. */
export interface CsvOptions {
  /** @default ',' */
  readonly delimiter?: string | undefined
  /** Names of the columns, to read a file without a first line that says them. @default the first line */
  readonly columns?: readonly string[] | undefined
  /** Whether names are written in a first line. @default true */
  readonly header?: boolean | undefined
}

/**
 * Writes rows as CSV (RFC 4180), the names of the columns first. Null is nothing at all, an empty text is `""`; values with parts are JSON.
 *
 * @param pages rows as lists of values, in the order of the columns
 * @returns a chunk for each page; needs the package `csv-stringify`
 * @throws OptionError when that is not installed
 */
export function writeCsv(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[], { delimiter = ',', header = true }: CsvOptions = {}): Flow<Uint8Array> {
  const encoder = new TextEncoder()
  const converters = columns.map(({ type }) => toText(type))
  return new Flow(() => {
    let stringify: ((rows: unknown[][], options: object) => string) | undefined
    let first = header ? [columns.map(({ name }) => name)] : []
    const chunk = async (rows: readonly (readonly unknown[])[]): Promise<Uint8Array> => {
      stringify ??= (await peer<{ stringify: NonNullable<typeof stringify> }>('csv-stringify/sync')).stringify
      let text = stringify(first, { delimiter })
      first = []
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const cells = rows.slice(at, at + AT_ONCE).map((row) => converters.map((convert, i) => (row[i] === null || row[i] === undefined ? null : convert(row[i]))))
        // Having each cell looked at costs three times as much as writing it.
        text += stringify(cells, cells.some((row) => row.includes('')) ? { delimiter, cast: { string: quotingEmpty } } : { delimiter })
      }
      return encoder.encode(text)
    }
    // A table without rows has a first line all the same.
    return flow(withFirst(pages, [])).filter((rows) => rows.length > 0 || first.length > 0).map(chunk).open()
  })
}

/** Rows that are made text of together: of whole pages, half of the time would go into garbage collection. */
const AT_ONCE = 256

/** An empty text is quoted, to tell it from null. */
function quotingEmpty(value: string): string | { readonly value: string; readonly quoted_empty: true } {
  return value === '' ? { value, quoted_empty: true } : value
}

async function* withFirst<T>(input: Input<T>, first: T): AsyncGenerator<T> {
  yield first
  yield* flow(input)
}

/**
 * Reads CSV. A line that is no CSV becomes a record with an `error`.
 *
 * @param chunks bytes in UTF-8, cut anywhere
 * @returns fields as texts, null where there is nothing between two delimiters; needs the package `csv-parse`
 * @throws OptionError when that is not installed
 */
export function readCsv(chunks: Input<Uint8Array>, { delimiter = ',', columns }: CsvOptions = {}): Flow<FileRecord> {
  return readRecords(chunks, delimiter, columns)
}

interface Parsed {
  readonly info: { readonly lines: number }
  readonly record: Record<string, string | null>
  readonly raw: string
}
interface Parser {
  write(chunk: Uint8Array): boolean
  end(): void
  read(): Parsed | null
  destroy(error?: Error): void
  on(event: 'drain' | 'readable' | 'end', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'skip', listener: (error: Error & { readonly lines?: number }, raw: string | undefined) => void): this
}

function readRecords(chunks: Input<Uint8Array>, delimiter: string, columns: readonly string[] | undefined): Flow<FileRecord> {
  return flow(groups(chunks, delimiter, columns)).flatMap((group) => group)
}

/** Records as many at a time as the parser has: one by one, waiting for them costs more than parsing. */
async function* groups(chunks: Input<Uint8Array>, delimiter: string, columns: readonly string[] | undefined): AsyncGenerator<FileRecord[]> {
  const [{ parse }, { parse: parseNow }] = await Promise.all([
    peer<{ parse: (options: object) => Parser }>('csv-parse'),
    peer<{ parse: (text: string, options: object) => (string | null)[][] }>('csv-parse/sync'),
  ])
  const parser = parse({ delimiter, columns: columns ?? true, info: true, raw: true, bom: true, skip_empty_lines: true, skip_records_with_error: true })
  let group: FileRecord[] = []
  let state: 'reading' | 'ended' | Error = 'reading'
  let wake: (() => void) | undefined
  const woken = (): void => wake?.()
  parser.on('skip', (error, raw) => group.push({ line: error.lines ?? 0, fields: {}, error, ...(raw !== undefined && { text: raw.trimEnd() }) }))
  parser.on('readable', woken).on('end', () => { state = 'ended'; woken() }).on('error', (error) => { state = error; woken() })
  const quoted = (text: string): (string | null)[] => parseNow(text, { delimiter, cast: (value: string, { quoting }: { readonly quoting: boolean }) => (value === '' && !quoting ? null : value) })[0]!
  let drained: (() => void) | undefined
  parser.on('drain', () => drained?.())
  const feed = async (): Promise<void> => {
    for await (const chunk of flow(chunks)) if (!parser.write(chunk)) await new Promise<void>((resolve) => { drained = resolve })
    parser.end()
  }
  feed().catch((error: unknown) => parser.destroy(error as Error))
  try {
    for (;;) {
      for (let parsed = parser.read(); parsed !== null; parsed = parser.read()) {
        const text = parsed.raw.trimEnd()
        // `lines` counts those up to the end of the record.
        group.push({ line: parsed.info.lines - newlines(text), fields: withNulls(parsed.record, text, quoted), text })
      }
      if (group.length > 0) {
        const full = group
        group = []
        yield full
      } else if (state !== 'reading') break
      else await new Promise<void>((resolve) => { wake = resolve })
    }
    if ((state as unknown) instanceof Error) throw state
  } finally {
    parser.destroy()
  }
}

function newlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}

/** Nothing between two delimiters is null, `""` an empty text; the parser tells them apart only at five times the cost. */
function withNulls(record: Record<string, string | null>, text: string, quoted: (text: string) => (string | null)[]): Record<string, string | null> {
  const names = Object.keys(record)
  if (names.every((name) => record[name] !== '')) return record
  const values = text.includes('""') ? quoted(text) : undefined
  names.forEach((name, i) => { if (record[name] === '') record[name] = values ? values[i]! : null })
  return record
}

/** How fields of CSV become values of columns. */
export function textReaders(columns: readonly FileColumn[]): FieldReaders {
  return new Map(columns.map(({ name, type }) => {
    const read = fromText(type)
    return [name, (field: unknown) => (typeof field === 'string' ? read(field) : field)]
  }))
}
