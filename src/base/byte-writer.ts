import { allocate, utf8Encode } from '#bytes'
import { CodecError } from './errors.js'
import { putAscii, SHORT_ASCII } from './short-ascii.js'

/** 1 GiB: no server takes a message nearly as long, and JSON of a page with long names and short rows may be of any length. */
const MOST = 1 << 30

/**
 * A growing buffer that requests are encoded into. Integers are big-endian. `pos` may be set back
 * to drop what was written since, and lengths are patched once they are known.
 */
export class ByteWriter {
  bytes: Uint8Array
  view: DataView
  pos = 0

  constructor(capacity = 256) {
    this.bytes = allocate(capacity)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
  }

  /** Makes room for `length` more bytes and returns where they begin; `pos` moves past them. */
  reserve(length: number): number {
    const start = this.pos
    if (start + length > this.bytes.length) this.#grow(start + length)
    this.pos = start + length
    return start
  }

  #grow(needed: number): void {
    if (needed > MOST) throw new CodecError(`More than ${MOST} bytes are to be written at once: ask for smaller pages, or send smaller values`)
    const bytes = allocate(Math.max(needed, this.bytes.length * 2))
    bytes.set(this.bytes.subarray(0, this.pos))
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  // In each of these `reserve` comes first: it may replace `bytes` and `view`.
  /** One byte, without sign. */
  u8(value: number): void {
    const at = this.reserve(1)
    this.bytes[at] = value
  }

  /** Two bytes, without sign. */
  u16(value: number): void {
    const at = this.reserve(2)
    this.view.setUint16(at, value)
  }

  /** Two bytes, with sign. */
  i16(value: number): void {
    const at = this.reserve(2)
    this.view.setInt16(at, value)
  }

  /** Four bytes, with sign. */
  i32(value: number): void {
    const at = this.reserve(4)
    this.view.setInt32(at, value)
  }

  /** Eight bytes, with sign. */
  i64(value: bigint): void {
    const at = this.reserve(8)
    this.view.setBigInt64(at, value)
  }

  /** Four bytes, without sign. */
  u32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value)
  }

  /** A number of single precision, IEEE 754. */
  f32(value: number): void {
    const at = this.reserve(4)
    this.view.setFloat32(at, value)
  }

  /** A number of double precision, IEEE 754. */
  f64(value: number): void {
    const at = this.reserve(8)
    this.view.setFloat64(at, value)
  }

  /** Copies bytes in, without a length. */
  raw(bytes: Uint8Array): void {
    this.rawWithin(bytes, 0, bytes.length)
  }

  /** Copies the bytes between two positions in, without a length. */
  rawWithin(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    const start = this.reserve(length)
    const target = this.bytes
    // Calling the platform's copy takes longer than copying what ids and keys have.
    if (length > 48) target.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), start)
    else for (let i = 0; i < length; i++) target[start + i] = bytes[from + i]!
  }

  /**
   * Writes short ASCII without a length, faster than {@link utf8}, which calls the platform.
   *
   * @returns false, with nothing written, when the text is long or not ASCII
   */
  shortAscii(text: string): boolean {
    const { length } = text
    if (length > SHORT_ASCII) return false
    const start = this.reserve(length)
    if (putAscii(this.bytes, start, text) >= 0) return true
    this.pos = start
    return false
  }

  /** Writes UTF-8 without a length and returns how many bytes it took. */
  utf8(text: string): number {
    const start = this.reserve(text.length * 3)
    const written = utf8Encode(this.bytes, text, start)
    this.pos = start + written
    return written
  }

  /** A view of what has been written; valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.pos)
  }

  /** A copy of what has been written. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.pos)
  }
}
