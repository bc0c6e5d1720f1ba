import { utf8Decode } from '#bytes'
import { ProtocolError } from './errors.js'

/** A copy of some bytes as a plain Uint8Array, also of a Buffer, whose own `slice` would be a view. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}

/** Checks a count that came over the wire against the bytes left, before memory is taken for it. */
export function checkCount(count: number, bytesEach: number, available: number): void {
  if (count < 0 || count * bytesEach > available) throw new ProtocolError(`A count of ${count} does not fit ${available} bytes`)
}

/** Elements that may be missing in one page: that of 5,000 rows of a type to which 200 fields were added has a million. */
const ABSENT_AT_LEAST = 1 << 20
const ABSENT_PER_BYTE = 16

/**
 * A cursor over a region of bytes. Reading past the end throws {@link ProtocolError}; nothing is copied
 * unless a method says so. Integers are big-endian, as everything inside CQL envelopes.
 */
export class ByteReader {
  bytes: Uint8Array
  view: DataView
  pos: number
  end: number
  /** The reader of the whole page, which counts for all that read parts of it. */
  readonly #outermost: ByteReader
  #absent = 0
  #isOwn = false

  /**
   * @param view of the same bytes, where there is one already
   * @param outer the reader of the value that this one reads a part of
   */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length, view: DataView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), outer?: ByteReader) {
    this.bytes = bytes
    this.view = view
    this.pos = start
    this.end = end
    this.#outermost = outer ? outer.#outermost : this
  }

  /** A reader of a part of the same bytes. */
  within(start: number, end: number): ByteReader {
    return new ByteReader(this.bytes, start, end, this.view, this)
  }

  /**
   * Notes parts of a value that no bytes stand for: a few bytes that claim to be a tuple of thousands of elements, row after row, would
   * take memory out of all proportion.
   *
   * @throws ProtocolError when it is too much for the bytes there are
   */
  missing(count: number): void {
    const absent = (this.#outermost.#absent += count)
    const most = ABSENT_AT_LEAST + ABSENT_PER_BYTE * this.bytes.length
    if (absent > most) throw new ProtocolError(`Values of ${this.bytes.length} bytes lack more than ${most} elements that their types have`)
  }

  /** Points the reader at other bytes, so that one reader serves a whole connection. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    if (this.bytes !== bytes) {
      if (this.bytes.buffer !== bytes.buffer || this.bytes.byteOffset !== bytes.byteOffset || this.bytes.byteLength !== bytes.byteLength) {
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      }
      this.bytes = bytes
    }
    this.pos = start
    this.end = end
    this.#absent = 0
    return this
  }

  /** Bytes left. */
  get remaining(): number {
    return this.end - this.pos
  }

  /** Moves on by `length` bytes and returns where they begin. */
  take(length: number): number {
    const start = this.pos
    if (length < 0 || length > this.end - start) {
      throw new ProtocolError(`Truncated message: ${length} bytes wanted, ${this.end - start} left`)
    }
    this.pos = start + length
    return start
  }

  /** One byte, without sign. */
  u8(): number {
    return this.bytes[this.take(1)]!
  }

  /** Two bytes, without sign. */
  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  /** Two bytes, with sign. */
  i16(): number {
    return this.view.getInt16(this.take(2))
  }

  /** Four bytes, with sign. */
  i32(): number {
    return this.view.getInt32(this.take(4))
  }

  /** Eight bytes, with sign. */
  i64(): bigint {
    return this.view.getBigInt64(this.take(8))
  }

  /** The next `length` bytes, as a copy; of bytes that nobody else writes to, as a part of them. */
  copy(length: number): Uint8Array {
    const start = this.take(length)
    return this.#isOwn ? this.bytes.subarray(start, start + length) : copyBytes(this.bytes, start, start + length)
  }

  /** A reader of a copy of what is left: its parts need no copies of their own, and keep all of it in memory. */
  detached(): ByteReader {
    const reader = new ByteReader(copyBytes(this.bytes, this.pos, this.end))
    reader.#isOwn = true
    return reader
  }

  /** Text of so many bytes; what is not UTF-8 becomes U+FFFD. @throws ProtocolError when there are fewer */
  utf8(length: number): string {
    const start = this.take(length)
    return utf8Decode(this.bytes, start, start + length)
  }
}
