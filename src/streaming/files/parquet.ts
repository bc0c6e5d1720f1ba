import { flow } from '../flow.js'
import type { Flow } from '../flow.js'
import type { Input } from '../source.js'
import { columnarForm } from './columnar-form.js'
import type { ColumnForm } from './columnar-form.js'
import type { FileColumn, FileRecord } from './file-record.js'
import { peer } from './peer.js'

/** A file that is read in pieces: Parquet says at its end what is where. */
export interface RandomAccess {
  readonly byteLength: number
  /** @returns the bytes from `start` to `end`, which is the end of the file if not given */
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>
}

const TYPES: Readonly<Record<ColumnForm['kind'], string>> = { boolean: 'BOOLEAN', int: 'INT32', long: 'INT64', float: 'FLOAT', double: 'DOUBLE', instant: 'TIMESTAMP', bytes: 'BYTE_ARRAY', text: 'STRING' }
/** Rows of a row group, which is what a reader has in memory at a time. */
const GROUP_ROWS = 50_000

interface Writer {
  index: number
  getBytes(): Uint8Array
}
interface WriterLibrary {
  readonly ByteWriter: new () => Writer
  readonly ParquetWriter: new (options: object) => { write(options: object): void; finish(): void }
  schemaFromColumnData(options: object): object[]
}

/**
 * Writes rows as Apache Parquet: numbers, booleans, timestamps, texts and blobs as such, all other types as text.
 *
 * @param pages rows as lists of values, in the order of the columns
 * @returns a chunk for each row group, of 50,000 rows; needs the package `hyparquet-writer`
 * @throws OptionError when that is not installed
 */
export function writeParquet(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[]): Flow<Uint8Array> {
  return flow(groups(pages, columns))
}

async function* groups(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[]): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await peer<WriterLibrary>('hyparquet-writer')
  const forms = columns.map(({ type }) => columnarForm(type))
  const data = (rows: readonly (readonly unknown[])[]): object[] => columns.map(({ name }, i) => {
    const { kind, write } = forms[i]!
    return { name, type: TYPES[kind], nullable: true, data: rows.map((row) => (row[i] === null || row[i] === undefined ? null : write(row[i]))) }
  })
  const buffer = new ByteWriter()
  const writer = new ParquetWriter({ writer: buffer, schema: schemaFromColumnData({ columnData: data([]) }) })
  const drain = (): Uint8Array => {
    const bytes = buffer.getBytes().slice()
    buffer.index = 0
    return bytes
  }
  for await (const rows of flow(pages).flatMap((page) => page).batch(GROUP_ROWS)) {
    writer.write({ columnData: data(rows), rowGroupSize: GROUP_ROWS })
    yield drain()
  }
  writer.finish()
  yield drain()
}

interface ReaderLibrary {
  parquetMetadataAsync(file: RandomAccess): Promise<{ readonly row_groups: readonly { readonly num_rows: bigint }[] }>
  parquetReadObjects(options: object): Promise<Record<string, unknown>[]>
}

/**
 * Reads Apache Parquet, a row group at a time.
 *
 * @returns records whose `line` is the number of the row; needs the package `hyparquet`
 * @throws OptionError when that is not installed
 */
export function readParquet(file: RandomAccess): Flow<FileRecord> {
  return flow(records(file))
}

async function* records(file: RandomAccess): AsyncGenerator<FileRecord> {
  const { parquetMetadataAsync, parquetReadObjects } = await peer<ReaderLibrary>('hyparquet')
  const metadata = await parquetMetadataAsync(file)
  let line = 0
  for (const { num_rows: count } of metadata.row_groups) {
    const rows = await parquetReadObjects({ file, metadata, rowStart: line, rowEnd: line + Number(count), utf8: false })
    for (const fields of rows) yield { line: ++line, fields }
  }
}
