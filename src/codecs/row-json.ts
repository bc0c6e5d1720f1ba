import { ByteWriter } from '../base/index.js'
import type { ByteReader } from '../base/index.js'
import type { Codec } from './codec.js'
import { jsonWriterOf, memberPrefixes, writeJsonCell } from './json-cells.js'
import type { JsonOptions, WriteJson } from './json-cells.js'
import { writeAscii } from './json-text.js'

/** Rows of at most this many bytes share buffers, since memory of its own costs a small result more than all else. */
const SMALL = 2048
const SHARED = 32_768
/** Room for JSON, as a multiple of the bytes that it is made of. */
const GROWTH = 1.5

/** What separates rows: an array's elements, or lines of their own. */
export type JsonForm = 'array' | 'lines'

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
  readonly #writers: readonly WriteJson[]

  /** @param names of the columns, each in the place of its codec */
  constructor(names: readonly string[], codecs: readonly Codec[], options: JsonOptions = {}) {
    this.#codecs = codecs
    this.#prefixes = memberPrefixes(names)
    this.#writers = codecs.map((codec) => jsonWriterOf(codec, options))
  }

  /**
   * Reads `count` rows from where `source` stands.
   *
   * @returns UTF-8: an array of objects, or an object in each line
   * @throws ProtocolError when the bytes end too early; CodecError for a value that JavaScript could not read either
   */
  write(source: ByteReader, count: number, form: JsonForm): JsonPage {
    const { remaining } = source
    if (remaining > SMALL) return { bytes: this.#rows(new ByteWriter(Math.ceil(remaining * GROWTH) + 64), source, count, form), count }
    if (shared.pos > SHARED / 2) shared = new ByteWriter(SHARED)
    return { bytes: this.#rows(shared, source, count, form), count }
  }

  #rows(writer: ByteWriter, source: ByteReader, count: number, form: JsonForm): Uint8Array {
    const start = writer.pos
    try {
      if (form === 'array') writer.u8(0x5b)
      for (let i = 0; i < count; i++) {
        if (form === 'array' && i > 0) writer.u8(0x2c)
        this.#row(writer, source)
        if (form === 'lines') writer.u8(0x0a)
      }
      if (form === 'array') writer.u8(0x5d)
    } catch (error) {
      writer.pos = start
      throw error
    }
    return writer.bytes.subarray(start, writer.pos)
  }

  #row(writer: ByteWriter, source: ByteReader): void {
    const codecs = this.#codecs
    for (let i = 0; i < codecs.length; i++) {
      writer.raw(this.#prefixes[i]!)
      writeJsonCell(codecs[i]!, this.#writers[i]!, writer, source)
    }
    writeAscii(writer, codecs.length === 0 ? '{}' : '}')
  }
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
