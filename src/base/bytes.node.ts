import { shortAscii } from './short-ascii.js'

// Node, Bun and Deno: Buffer's own text routines are 1.3 to 2 times faster than TextDecoder on short strings.
interface TextMethods {
  utf8Slice(start: number, end: number): string
  latin1Slice(start: number, end: number): string
  utf8Write(text: string, offset: number, length: number): number
}
const { utf8Slice, latin1Slice, utf8Write } = Buffer.prototype as unknown as TextMethods

/** Reads UTF-8; invalid sequences become U+FFFD. */
export function utf8Decode(bytes: Uint8Array, start: number, end: number): string {
  return shortAscii(bytes, start, end) ?? utf8Slice.call(bytes, start, end)
}

/** Reads one character per byte. */
export function latin1Decode(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end)
}

/** Writes UTF-8; the caller has made room for three bytes per UTF-16 unit. Returns the bytes written. */
export function utf8Encode(bytes: Uint8Array, text: string, offset: number): number {
  return utf8Write.call(bytes, text, offset, text.length * 3)
}

/** Takes memory that may hold old data: every byte must be written before it is read. */
export function allocate(length: number): Uint8Array {
  // A plain Uint8Array over it: Buffer's own `slice` does not copy.
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}
