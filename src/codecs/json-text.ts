// JSON of single values as bytes. Each `put` writes at a place of a buffer that has room for it and returns where it ends, so that
// whoever writes many values keeps the place in a variable of its own.
import { putAscii } from '../base/index.js'

const QUOTE = 0x22
const ZERO = 0x30
/** The most bytes that values take. */
export const room = { null: 4, boolean: 5, int: 11, number: 25, long: 22, uuid: 38, instant: 30 } as const

/** Both hexadecimal digits of each byte, as character codes. */
const hexDigits = Uint16Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, '0')
  return (text.charCodeAt(0) << 8) | text.charCodeAt(1)
})
const base64Digits = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (digit) => digit.charCodeAt(0))
/** Whether a byte of text stands for itself: neither a control character, nor one that is escaped, nor part of a longer character. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== 0x5c ? 1 : 0))

/** Copies bytes that are known to be few. */
export function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) out[at + i] = bytes[i]!
  return at + bytes.length
}

/** Puts `null`. */
export function putNull(out: Uint8Array, at: number): number {
  out[at] = 0x6e
  out[at + 1] = 0x75
  out[at + 2] = out[at + 3] = 0x6c
  return at + 4
}

/**
 * Puts UTF-8 as a JSON string, with room for two bytes more than it has.
 *
 * @returns -1 when it is not plain ASCII or must be escaped
 */
export function putText(out: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  out[at] = QUOTE
  const shift = at + 1 - start
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (plain[byte] === 0) return -1
    out[i + shift] = byte
  }
  out[end + shift] = QUOTE
  return end + shift + 1
}

/** Puts a number of digits, with zeros in front. */
function putDigits(out: Uint8Array, at: number, value: number, count: number): number {
  let rest = value | 0
  for (let i = at + count - 1; i >= at; i--) {
    const next = (rest / 10) | 0
    out[i] = ZERO + rest - next * 10
    rest = next
  }
  return at + count
}

/** Digits of a whole number from 0 to 2^31 - 1. */
function digitsOf(value: number): number {
  if (value < 100_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : value < 10_000 ? 4 : 5
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7
  return value < 100_000_000 ? 8 : value < 1_000_000_000 ? 9 : 10
}

/** Puts a whole number of at most 32 bits. */
export function putInt(out: Uint8Array, at: number, value: number): number {
  if (value >= 0) return putDigits(out, at, value, digitsOf(value))
  if (value === -0x8000_0000) return putAscii(out, at, '-2147483648')
  out[at] = 0x2d
  return putDigits(out, at + 1, -value, digitsOf(-value))
}

/** Puts a number as JSON does: NaN and infinities as null. */
export function putNumber(out: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value) return putInt(out, at, value)
  return putAscii(out, at, Number.isFinite(value) ? String(value) : 'null')
}

const BILLION = 1_000_000_000

/** Puts a 64-bit integer, in quotes or not. */
export function putLong(out: Uint8Array, at: number, view: DataView, start: number, quoted: boolean): number {
  const high = view.getInt32(start)
  const low = view.getUint32(start + 4)
  let pos = at
  if (quoted) out[pos++] = QUOTE
  if (high === 0 && low < 0x8000_0000) pos = putInt(out, pos, low)
  else if (high >= 0 && high < 0x20_0000) {
    // Below 2^53 a number is exact: seven digits and nine.
    const value = high * 0x1_0000_0000 + low
    const billions = Math.floor(value / BILLION)
    pos = billions === 0 ? putInt(out, pos, value) : putDigits(out, putInt(out, pos, billions), value - billions * BILLION, 9)
  } else pos = putAscii(out, pos, String(view.getBigInt64(start)))
  if (quoted) out[pos++] = QUOTE
  return pos
}

/** Puts a UUID in quotes. */
export function putUuid(out: Uint8Array, at: number, bytes: Uint8Array, start: number): number {
  let pos = at + 1
  out[at] = QUOTE
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) out[pos++] = 0x2d
    const digits = hexDigits[bytes[start + i]!]!
    out[pos] = digits >> 8
    out[pos + 1] = digits & 0xff
    pos += 2
  }
  out[pos] = QUOTE
  return at + 38
}

const DAY = 86_400_000
/** Years 0 to 9999 are written with four digits, all others with a sign and six. */
const FIRST = -62_167_219_200_000
const LAST = 253_402_300_799_999

/**
 * Puts an instant as `Date.prototype.toISOString` writes it, in quotes.
 *
 * @param ms milliseconds since 1970, within the range of `Date`
 * @see Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days
 */
export function putInstant(out: Uint8Array, at: number, ms: number): number {
  if (ms < FIRST || ms > LAST) return putAscii(out, at, JSON.stringify(new Date(ms)))
  const days = Math.floor(ms / DAY)
  const time = (ms - days * DAY) | 0
  const z = (days + 719_468) | 0
  const era = Math.floor(z / 146_097) | 0
  const dayOfEra = z - era * 146_097
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const shifted = ((5 * dayOfYear + 2) / 153) | 0 // months from March
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const seconds = (time / 1000) | 0
  const minutes = (seconds / 60) | 0
  const hours = (minutes / 60) | 0
  out[at] = out[at + 25] = QUOTE
  putDigits(out, at + 1, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4)
  putDigits(out, at + 6, month, 2)
  putDigits(out, at + 9, dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1, 2)
  putDigits(out, at + 12, hours, 2)
  putDigits(out, at + 15, minutes - 60 * hours, 2)
  putDigits(out, at + 18, seconds - 60 * minutes, 2)
  putDigits(out, at + 21, time - 1000 * seconds, 3)
  out[at + 5] = out[at + 8] = 0x2d
  out[at + 11] = 0x54
  out[at + 14] = out[at + 17] = 0x3a
  out[at + 20] = 0x2e
  out[at + 24] = 0x5a
  return at + 26
}

/** Bytes that so many bytes take as Base64, with quotes. */
export function base64Room(length: number): number {
  return Math.ceil(length / 3) * 4 + 2
}

/** Puts bytes as Base64 in quotes (RFC 4648, with padding). */
export function putBase64(out: Uint8Array, at: number, bytes: Uint8Array, start: number, end: number): number {
  let pos = at
  out[pos++] = QUOTE
  for (let i = start; i < end; i += 3) {
    const left = end - i
    const word = (bytes[i]! << 16) | (left > 1 ? bytes[i + 1]! << 8 : 0) | (left > 2 ? bytes[i + 2]! : 0)
    out[pos++] = base64Digits[word >> 18]!
    out[pos++] = base64Digits[(word >> 12) & 63]!
    out[pos++] = left > 1 ? base64Digits[(word >> 6) & 63]! : 0x3d
    out[pos++] = left > 2 ? base64Digits[word & 63]! : 0x3d
  }
  out[pos++] = QUOTE
  return pos
}
