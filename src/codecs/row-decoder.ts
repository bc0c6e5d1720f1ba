import { generateRows } from '#jit'
import type { ByteReader } from '../base/index.js'
import type { Codec } from './codec.js'
import { setOwn } from './collection-codecs.js'
import { GENERATE_AFTER } from './generate-after.js'
import type { Codecs } from './codecs.js'
import type { ColumnarOptions } from './columnar/column-builders.js'
import { RowColumns } from './columnar/row-columns.js'
import type { JsonOptions } from './json-cells.js'
import { RowJson } from './row-json.js'
import type { CqlType } from './types.js'

/** A column of a result. */
export interface Column {
  readonly name: string
  readonly type: CqlType
  readonly keyspace: string
  readonly table: string
}

/** Rows as plain objects, or as arrays in column order. */
export type RowMode = 'object' | 'array'

/** Reads `count` rows from where `source` stands. */
export type DecodeRows = (source: ByteReader, count: number) => unknown[]

/** Decodes rows of one shape straight from a response's bytes; made once per prepared statement. */
export class RowDecoder {
  readonly columns: readonly Column[]
  readonly #names: readonly string[]
  readonly #codecs: readonly Codec[]
  /** A column called `__proto__` needs care that would slow the others down. */
  readonly #plainNames: boolean
  #rows = 0
  readonly #json: Partial<Record<'string' | 'number', RowJson>> = {}
  /** By row mode, once there is one; null where there cannot be any. */
  readonly #generated: Partial<Record<RowMode, DecodeRows | null>> = {}

  constructor(columns: readonly Column[], codecs: Codecs) {
    this.columns = columns
    this.#names = columns.map((column) => column.name)
    this.#codecs = columns.map((column) => codecs.of(column.type))
    this.#plainNames = !this.#names.includes('__proto__')
  }

  /**
   * Reads `count` rows from where `source` stands.
   *
   * @throws ProtocolError when the bytes end too early
   */
  decode(source: ByteReader, count: number, mode: RowMode): unknown[] {
    this.#rows += count
    const generated = this.#rows > GENERATE_AFTER ? this.#generate(mode) : null
    return generated ? generated(source, count) : this.decodePlainly(source, count, mode)
  }

  /** As {@link decode}, by a loop over the columns' codecs: what a shape begins with, and all there is where code cannot be generated. */
  decodePlainly(source: ByteReader, count: number, mode: RowMode): unknown[] {
    const rows = new Array<unknown>(count)
    if (mode === 'array') for (let i = 0; i < count; i++) rows[i] = this.#array(source)
    else if (this.#plainNames) for (let i = 0; i < count; i++) rows[i] = this.#object(source)
    else for (let i = 0; i < count; i++) rows[i] = this.#carefulObject(source)
    return rows
  }

  /** What writes rows of this shape as JSON. */
  json(options: JsonOptions = {}): RowJson {
    const { bigint = 'string' } = options
    return (this.#json[bigint] ??= new RowJson(this.#names, this.#codecs, options))
  }

  /** What collects rows of this shape by column. */
  columnar(options: ColumnarOptions = {}): RowColumns {
    return new RowColumns(this.#names, this.#codecs, options)
  }

  #generate(mode: RowMode): DecodeRows | null {
    const made = this.#generated[mode]
    if (made !== undefined) return made
    const generated = (mode === 'array' || this.#plainNames) && generateRows?.(this.#names, this.#codecs, mode)
    return (this.#generated[mode] = generated || null)
  }

  #cell(source: ByteReader, codec: Codec): unknown {
    const { pos } = source
    if (pos + 4 > source.end) source.take(4)
    const length = source.view.getInt32(pos)
    source.pos = pos + 4
    if (length < 0) return null
    const start = source.take(length)
    return length === 0 && !codec.allowsEmpty ? null : codec.decode(source, start, start + length)
  }

  #object(source: ByteReader): Record<string, unknown> {
    const row: Record<string, unknown> = {}
    const names = this.#names
    const codecs = this.#codecs
    for (let i = 0; i < names.length; i++) row[names[i]!] = this.#cell(source, codecs[i]!)
    return row
  }

  #carefulObject(source: ByteReader): Record<string, unknown> {
    const row: Record<string, unknown> = {}
    this.#names.forEach((name, i) => setOwn(row, name, this.#cell(source, this.#codecs[i]!)))
    return row
  }

  #array(source: ByteReader): unknown[] {
    const row: unknown[] = []
    for (const codec of this.#codecs) row.push(this.#cell(source, codec))
    return row
  }
}
