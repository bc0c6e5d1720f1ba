import { OptionError } from '../../base/index.js'
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
      stringify ??= (await peer<{ stringify: NonNullable<typeof stringify> }>(() => import('csv-stringify/sync'), 'csv-stringify')).stringify
      const cells = rows.map((row) => converters.map((convert, i) => (row[i] === null || row[i] === undefined ? null : convert(row[i]))))
      const text = stringify([...first, ...cells], { delimiter, cast: { string: quotingEmpty } })
      first = []
      return encoder.encode(text)
    }
    // A table without rows has a first line all the same.
    return flow(withFirst(pages, [])).filter((rows) => rows.length > 0 || first.length > 0).map(chunk).open()
  })
}

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
  return flow(records(chunks, delimiter, columns))
}

interface Parser extends AsyncIterable<{ readonly info: { readonly lines: number }; readonly record: Record<string, unknown>; readonly raw: string }> {
  write(chunk: Uint8Array): boolean
  end(): void
  destroy(error?: Error): void
  once(event: 'drain', listener: () => void): this
  on(event: 'skip', listener: (error: Error & { readonly lines?: number }, raw: string | undefined) => void): this
}

async function* records(chunks: Input<Uint8Array>, delimiter: string, columns: readonly string[] | undefined): AsyncGenerator<FileRecord> {
  const { parse } = await peer<{ parse: (options: object) => Parser }>(() => import('csv-parse'), 'csv-parse')
  const bad: FileRecord[] = []
  const parser = parse({
    delimiter, columns: columns ?? true, info: true, raw: true, bom: true, skip_empty_lines: true, skip_records_with_error: true,
    cast: (value: string, { quoting, header }: { readonly quoting: boolean; readonly header: boolean }) => (value === '' && !quoting && !header ? null : value),
  })
  parser.on('skip', (error, raw) => bad.push({ line: error.lines ?? 0, fields: {}, error, ...(raw !== undefined && { text: raw.trimEnd() }) }))
  const feeding = feed(chunks, parser)
  feeding.catch((error: unknown) => parser.destroy(error as Error))
  try {
    for await (const { info, record, raw } of parser) {
      yield* bad.splice(0)
      const text = raw.trimEnd()
      // `lines` counts those up to the end of the record.
      yield { line: info.lines - (text.split('\n').length - 1), fields: record, text }
    }
    yield* bad.splice(0)
    await feeding
  } finally {
    parser.destroy()
  }
}

async function feed(chunks: Input<Uint8Array>, parser: Parser): Promise<void> {
  for await (const chunk of flow(chunks)) if (!parser.write(chunk)) await new Promise<void>((resolve) => { parser.once('drain', resolve) })
  parser.end()
}

/** How fields of CSV become values of columns. */
export function textReaders(columns: readonly FileColumn[]): FieldReaders {
  return new Map(columns.map(({ name, type }) => {
    const read = fromText(type)
    return [name, (field: unknown) => (typeof field === 'string' ? read(field) : field)]
  }))
}

/** @throws OptionError unless it is one character */
export function checkDelimiter(delimiter: string): void {
  if (delimiter.length !== 1) throw new OptionError('delimiter', `A delimiter is one character, not '${delimiter}'`)
}
