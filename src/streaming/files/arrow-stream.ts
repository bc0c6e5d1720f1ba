import type * as ArrowLibrary from 'apache-arrow'
import type { DataType, RecordBatch, Vector } from 'apache-arrow'
import { flow } from '../flow.js'
import type { Flow } from '../flow.js'
import type { Input } from '../source.js'
import { columnarForm } from './columnar-form.js'
import type { FileColumn, FileRecord } from './file-record.js'
import { peer } from './peer.js'

type Arrow = typeof ArrowLibrary

function load(): Promise<Arrow> {
  return peer<Arrow>('apache-arrow')
}

/**
 * Writes rows as an Apache Arrow IPC stream: numbers, booleans, timestamps, texts and blobs as such, all other types as text.
 *
 * @param pages rows as lists of values, in the order of the columns; each becomes a record batch
 * @returns the stream in chunks; needs the package `apache-arrow`
 * @throws OptionError when that is not installed
 */
export function writeArrow(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[]): Flow<Uint8Array> {
  return flow(stream(pages, columns))
}

async function* stream(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[]): AsyncGenerator<Uint8Array> {
  const arrow = await load()
  const { AsyncByteQueue, Binary, Bool, Field, Float32, Float64, Int32, Int64, makeData, RecordBatch: Batch, RecordBatchStreamWriter, Schema, Struct, TimestampMillisecond, Utf8, vectorFromArray } = arrow
  const types: Readonly<Record<ReturnType<typeof columnarForm>['kind'], () => DataType>> = {
    boolean: () => new Bool(), int: () => new Int32(), long: () => new Int64(), float: () => new Float32(), double: () => new Float64(), instant: () => new TimestampMillisecond(), bytes: () => new Binary(), text: () => new Utf8(),
  }
  const forms = columns.map(({ type }) => columnarForm(type))
  const schema = new Schema(columns.map(({ name }, i) => new Field(name, types[forms[i]!.kind](), true)))
  const batchOf = (rows: readonly (readonly unknown[])[]): RecordBatch => {
    const children = schema.fields.map((field, i) => {
      const { write } = forms[i]!
      const vector: Vector = vectorFromArray(rows.map((row) => (row[i] === null || row[i] === undefined ? null : write(row[i]))), field.type)
      return vector.data[0]!
    })
    return new Batch(schema, makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }))
  }
  // What the writer has written is taken out after each batch: by itself it would keep all of it until somebody reads.
  const queue = new AsyncByteQueue()
  const written: Uint8Array[] = []
  queue.write = (chunk) => { written.push(chunk as Uint8Array) }
  const writer = new RecordBatchStreamWriter().reset(queue, schema)
  for await (const rows of flow(pages)) {
    writer.write(batchOf(rows))
    yield* written.splice(0)
  }
  writer.finish()
  yield* written.splice(0)
}

/**
 * Reads an Apache Arrow IPC stream or file.
 *
 * @returns records whose `line` is the number of the row; needs the package `apache-arrow`
 * @throws OptionError when that is not installed
 */
export function readArrow(chunks: Input<Uint8Array>): Flow<FileRecord> {
  return flow(records(chunks))
}

async function* records(chunks: Input<Uint8Array>): AsyncGenerator<FileRecord> {
  const { RecordBatchReader } = await load()
  const reader = await RecordBatchReader.from(flow(chunks) as AsyncIterable<Uint8Array>)
  let line = 0
  for await (const batch of reader) {
    const columns = batch.schema.fields.map(({ name }, i) => [name, batch.getChildAt(i)!] as const)
    for (let row = 0; row < batch.numRows; row++) yield { line: ++line, fields: Object.fromEntries(columns.map(([name, vector]) => [name, vector.get(row) as unknown])) }
  }
}
