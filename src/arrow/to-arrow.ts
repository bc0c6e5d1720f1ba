import {
  Bool, Binary, DateDay, Dictionary, Field, FixedSizeBinary, FixedSizeList, Float32, Float64, Int16, Int32, Int64, Int8, List, makeData, Map_, RecordBatch, Schema, Struct, Table, TimeNanosecond,
  TimestampMillisecond, Utf8, vectorFromArray,
} from 'apache-arrow'
import type { Data, DataType } from 'apache-arrow'
import { jsonReplacer } from '../codecs/index.js'
import type { ColumnarResult, ColumnVector, FixedArray } from '../codecs/index.js'

/**
 * Makes an Arrow table of columns, whose memory it shares where both lay values out alike. Decimals, varints, durations, addresses and what a
 * mapping of the user's own has made become text; UUIDs are fixed-size binaries of 16 bytes.
 *
 * @param result what `client.columnar` gave
 * @returns a table of one record batch
 * @example
 * ```ts
 * import { tableToIPC } from 'apache-arrow'
 * import { Client } from 'cqlwire'
 * import { toArrow } from 'cqlwire/arrow'
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'] })
 * const bytes = tableToIPC(toArrow(await client.columnar('SELECT ts, value FROM metrics WHERE id = ?', [7])))
 * ```
 */
export function toArrow(result: ColumnarResult): Table {
  const children = result.columns.map(dataOf)
  const schema = new Schema(result.columns.map((column, i) => new Field(column.name, children[i]!.type, true)))
  const rows = makeData({ type: new Struct(schema.fields), length: result.rowCount, nullCount: 0, children })
  return new Table(schema, [new RecordBatch(schema, rows)])
}

function dataOf(column: ColumnVector): Data {
  const { data, length, nullCount } = column
  const common = { length, nullCount, nullBitmap: column.validity ?? null }
  switch (data.layout) {
    case 'fixed':
      return fixedData(column, data.values, data.stride)
    case 'bytes':
      return makeData({ ...common, type: column.type.kind === 'text' || column.type.kind === 'ascii' ? new Utf8() : new Binary(), valueOffsets: data.offsets, data: data.bytes } as never)
    case 'dictionary':
      return makeData({ ...common, type: new Dictionary(new Utf8(), new Int32()), data: data.indices, dictionary: vectorFromArray([...data.dictionary], new Utf8()) })
    case 'list': {
      const children = data.children.map(dataOf)
      const fields = data.children.map((child, i) => new Field(child.name, children[i]!.type, i > 0 || data.children.length === 1))
      if (children.length === 1) return makeData({ ...common, type: new List(fields[0]!), valueOffsets: data.offsets, child: children[0]! })
      const entries = makeData({ type: new Struct(fields), length: children[0]!.length, nullCount: 0, children })
      return makeData({ ...common, type: new Map_(new Field('entries', entries.type as never, false)), valueOffsets: data.offsets, child: entries as never })
    }
    case 'struct': {
      const children = data.children.map(dataOf)
      return makeData({ ...common, type: new Struct(data.children.map((child, i) => new Field(child.name, children[i]!.type, true))), children })
    }
    case 'values':
      return vectorFromArray(data.values.map(textOf), new Utf8()).data[0]!
  }
}

function fixedData(column: ColumnVector, values: FixedArray, stride: number): Data {
  const common = { length: column.length, nullCount: column.nullCount, nullBitmap: column.validity ?? null }
  const as = (type: DataType, data: FixedArray = values): Data => makeData({ ...common, type, data } as never)
  switch (column.type.kind) {
    case 'tinyint': return as(new Int8())
    case 'smallint': return as(new Int16())
    case 'int': return as(new Int32())
    case 'bigint': case 'counter': return as(new Int64())
    case 'float': return as(new Float32())
    case 'double': return as(new Float64())
    case 'boolean': return as(new Bool(), packed(values as Uint8Array))
    case 'timestamp': return as(new TimestampMillisecond(), values instanceof BigInt64Array ? values : BigInt64Array.from(values as Float64Array, BigInt))
    case 'date': return as(new DateDay())
    case 'time': return as(new TimeNanosecond())
    case 'vector': {
      const child = makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values as Float32Array })
      return makeData({ ...common, type: new FixedSizeList(stride, new Field('element', new Float32(), false)), child })
    }
    default: return as(new FixedSizeBinary(stride))
  }
}

/** Booleans as bits, the first in the least significant place. */
function packed(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3)
  for (let i = 0; i < values.length; i++) if (values[i] === 1) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

function textOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  const text = JSON.stringify(value, jsonReplacer)
  return text.startsWith('"') ? (JSON.parse(text) as string) : text
}
