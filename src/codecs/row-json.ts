import { generateJson } from '#jit'
import { ByteWriter } from '../base/index.js'
import type { ByteReader } from '../base/index.js'
import type { Codec } from './codec.js'
import { GENERATE_AFTER } from './generate-after.js'
import { jsonFormOf, memberPrefixes, writeJsonCell } from './json-cells.js'
import type { JsonForm, JsonOptions } from './json-cells.js'

/** Rows of at most this many bytes share buffers, since memory of its own costs a small result more than all else. */
const SMALL = 2048
const SHARED = 32_768
/** Room for JSON at first, as a multiple of the bytes that it is made of. */
const GROWTH = 1.5

/** What separates rows: commas within an array, or lines of their own. */
export type JsonLayout = 'array' | 'lines'

/** Writes `count` rows from where `source` stands, with commas between them or a line's end behind each. */
export type WriteRows = (writer: ByteWriter, source: ByteReader, count: number, lines: boolean) => void

/** JSON of the rows of one page. */
export interface JsonPage {
  readonly bytes: Uint8Array
  readonly count: number
}

let shared = new ByteWriter(SHARED)

/** Writes the rows of one result shape as JSON, straight from a response's bytes. */
export class RowJson {
  readonly #codecs: readonly Codec[]
  readonly #prefixes: readonly Uint8Array[]
  readonly #forms: readonly JsonForm[]
  readonly #plainly: WriteRows = (writer, source, count, lines) => this.#rows(writer, source, count, lines)
  #seen = 0
  #growth = GROWTH
  /** null where there cannot be any. */
  #generated: WriteRows | null | undefined

  /** @param names of the columns, each in the place of its codec */
  constructor(names: readonly string[], codecs: readonly Codec[], options: JsonOptions = {}) {
    this.#codecs = codecs
    this.#prefixes = memberPrefixes(names)
    this.#forms = codecs.map((codec) => jsonFormOf(codec, options))
  }

  /**
   * Reads `count` rows from where `source` stands.
   *
   * @returns UTF-8: an array of objects, or an object in each line
   * @throws ProtocolError when the bytes end too early; CodecError for a value that JavaScript could not read either
   */
  write(source: ByteReader, count: number, layout: JsonLayout): JsonPage {
    this.#seen += count
    if (this.#seen > GENERATE_AFTER && this.#generated === undefined) this.#generated = generateJson?.(this.#prefixes, this.#codecs, this.#forms) ?? null
    return this.#page(source, count, layout, this.#generated ?? this.#plainly)
  }

  /** As {@link write}, by a loop over the columns: what a shape begins with, and all there is where code cannot be generated. */
  writePlainly(source: ByteReader, count: number, layout: JsonLayout): JsonPage {
    return this.#page(source, count, layout, this.#plainly)
  }

  #page(source: ByteReader, count: number, layout: JsonLayout, writeRows: WriteRows): JsonPage {
    const { remaining } = source
    if (remaining <= SMALL) {
      if (shared.pos > SHARED / 2) shared = new ByteWriter(SHARED)
      return { bytes: layoutRows(shared, source, count, layout, writeRows), count }
    }
    const bytes = layoutRows(new ByteWriter(Math.ceil(remaining * this.#growth) + 256), source, count, layout, writeRows)
    this.#growth = (bytes.length / remaining) * 1.1
    return { bytes, count }
  }

  #rows(writer: ByteWriter, source: ByteReader, count: number, lines: boolean): void {
    const codecs = this.#codecs
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < codecs.length; i++) {
        writer.raw(this.#prefixes[i]!)
        writeJsonCell(codecs[i]!, this.#forms[i]!.write, writer, source)
      }
      if (codecs.length === 0) writer.u8(0x7b)
      writer.u8(0x7d)
      if (lines) writer.u8(0x0a)
      else if (row + 1 < count) writer.u8(0x2c)
    }
  }
}

function layoutRows(writer: ByteWriter, source: ByteReader, count: number, layout: JsonLayout, writeRows: WriteRows): Uint8Array {
  const start = writer.pos
  try {
    if (layout === 'array') writer.u8(0x5b)
    writeRows(writer, source, count, layout === 'lines')
    if (layout === 'array') writer.u8(0x5d)
  } catch (error) {
    writer.pos = start
    throw error
  }
  return writer.bytes.subarray(start, writer.pos)
}

/** Puts arrays of several pages together as one. */
export function joinJsonArrays(pages: readonly JsonPage[]): Uint8Array {
  if (pages.length === 1) return pages[0]!.bytes
  const filled = pages.filter(({ count }) => count > 0)
  const joined = new Uint8Array(filled.reduce((sum, { bytes }) => sum + bytes.length - 1, 1) + (filled.length === 0 ? 1 : 0))
  joined[0] = 0x5b
  let at = 1
  for (const { bytes } of filled) {
    joined.set(bytes.subarray(1), at)
    at += bytes.length - 1
    joined[at - 1] = 0x2c
  }
  joined[joined.length - 1] = 0x5d
  return joined
}
