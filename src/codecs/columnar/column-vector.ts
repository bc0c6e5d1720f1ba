import type { CqlType } from '../types.js'

/** Arrays that hold one element, or a fixed number of them, per value. */
export type FixedArray = Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array

/**
 * How the values of a column lie in memory. `length` and positions count values; where a value is null, its place holds zeros or nothing.
 *
 * - `fixed`: `stride` elements per value. Integers as they are, `boolean` as 0 and 1, `timestamp` as milliseconds and `date` as days since
 *   1970, `time` as nanoseconds, UUIDs as 16 bytes, `vector<float, n>` as n floats.
 * - `bytes`: value i is `bytes` from `offsets[i]` to `offsets[i + 1]`: UTF-8 or a blob.
 * - `dictionary`: value i is `dictionary[indices[i]]`.
 * - `list`: value i is the elements from `offsets[i]` to `offsets[i + 1]` of the one child; of two for maps, keys and values.
 * - `struct`: value i is value i of each child: tuples and user-defined types.
 * - `values`: JavaScript values as `execute` gives them, for types that have no form of their own here.
 */
export type ColumnData =
  | { readonly layout: 'fixed'; readonly values: FixedArray; readonly stride: number }
  | { readonly layout: 'bytes'; readonly bytes: Uint8Array; readonly offsets: Int32Array }
  | { readonly layout: 'dictionary'; readonly indices: Int32Array; readonly dictionary: readonly string[] }
  | { readonly layout: 'list'; readonly offsets: Int32Array; readonly children: readonly ColumnVector[] }
  | { readonly layout: 'struct'; readonly children: readonly ColumnVector[] }
  | { readonly layout: 'values'; readonly values: readonly unknown[] }

/** The values of one column, or of a part of one, side by side. */
export class ColumnVector implements Iterable<unknown> {
  /** Of the column, the field, or what part of a collection it is. */
  readonly name: string
  readonly type: CqlType
  readonly length: number
  readonly nullCount: number
  /** Bit i, from the least significant of each byte, is set where value i is not null: Arrow's validity bitmap. Undefined when none is null. */
  readonly validity: Uint8Array | undefined
  readonly data: ColumnData
  readonly #read: (index: number) => unknown

  /** @param read gives a value that is not null as `execute` gives it */
  constructor(name: string, type: CqlType, length: number, nullCount: number, validity: Uint8Array | undefined, data: ColumnData, read: (index: number) => unknown) {
    this.name = name
    this.type = type
    this.length = length
    this.nullCount = nullCount
    this.validity = validity
    this.data = data
    this.#read = read
  }

  /** Whether the value of a row is null. @param index of the row, from 0 */
  isNull(index: number): boolean {
    return this.validity !== undefined && (this.validity[index >> 3]! & (1 << (index & 7))) === 0
  }

  /** A value as `execute` gives it, null included. @throws RangeError beyond the last one */
  get(index: number): unknown {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`Value ${index} of ${this.length}`)
    return this.isNull(index) ? null : this.#read(index)
  }

  /** Gives the values of all rows as `execute` would. */
  *[Symbol.iterator](): Iterator<unknown> {
    for (let i = 0; i < this.length; i++) yield this.get(i)
  }
}

/** Rows by column: what `client.columnar` gives. */
export class ColumnarResult {
  readonly rowCount: number
  readonly columns: readonly ColumnVector[]

  constructor(rowCount: number, columns: readonly ColumnVector[]) {
    this.rowCount = rowCount
    this.columns = columns
  }

  /** The column of a name; undefined when there is none. */
  column(name: string): ColumnVector | undefined {
    return this.columns.find((column) => column.name === name)
  }

  /** A row as `execute` gives it. */
  row(index: number): Record<string, unknown> {
    return Object.fromEntries(this.columns.map((column) => [column.name, column.get(index)]))
  }
}
