import { shortAscii } from './short-ascii.js'

// Runtimes without Buffer: a loop for short ASCII, the platform's coders for the rest.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()
const SHORT = 40

/** Reads UTF-8; invalid sequences become U+FFFD. */
export function utf8Decode(bytes: Uint8Array, start: number, end: number): string {
  const short = shortAscii(bytes, start, end)
  if (short !== undefined) return short
  if (end - start <= SHORT) {
    const units: number[] = []
    let i = start
    for (; i < end; i++) {
      const byte = bytes[i]!
      if (byte > 127) break
      units.push(byte)
    }
    if (i === end) return String.fromCharCode.apply(null, units)
  }
  return decoder.decode(bytes.subarray(start, end))
}

/** Reads one character per byte. */
export function latin1Decode(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, Math.min(i + 4096, end)) as unknown as number[])
  }
  return text
}

/** Writes UTF-8; the caller has made room for three bytes per UTF-16 unit. Returns the bytes written. */
export function utf8Encode(bytes: Uint8Array, text: string, offset: number): number {
  if (text.length <= SHORT) {
    let i = 0
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 127) break
      bytes[offset + i] = unit
    }
    if (i === text.length) return i
  }
  return encoder.encodeInto(text, bytes.subarray(offset)).written
}

/** Takes memory that may hold old data: every byte must be written before it is read. */
export function allocate(length: number): Uint8Array {
  return new Uint8Array(length)
}
