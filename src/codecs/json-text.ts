// JSON of single values, written as bytes. What is rare or long goes by way of a string, as JSON.stringify would write it.
import type { ByteWriter } from '../base/index.js'

const QUOTE = 0x22
const ZERO = 0x30
/** Both hexadecimal digits of each byte, as character codes. */
const hexDigits = Uint16Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, '0')
  return (text.charCodeAt(0) << 8) | text.charCodeAt(1)
})
const base64Digits = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (digit) => digit.charCodeAt(0))
/** Whether a byte of text stands for itself: neither a control character, nor one that is escaped, nor part of a longer character. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== 0x5c ? 1 : 0))

/** Writes ASCII that needs no escaping, such as numbers and words of JSON's own. */
export function writeAscii(writer: ByteWriter, text: string): void {
  if (!writer.shortAscii(text)) writer.utf8(text)
}

/** Writes a string in quotes, escaped where it must be. */
export function writeJsonString(writer: ByteWriter, text: string): void {
  writer.utf8(JSON.stringify(text))
}

/** Writes UTF-8 as a JSON string. @param decode reads it as a string, where it is not plain ASCII */
export function writeJsonText(writer: ByteWriter, bytes: Uint8Array, start: number, end: number, decode: (bytes: Uint8Array, start: number, end: number) => string): void {
  const at = writer.reserve(end - start + 2)
  const target = writer.bytes
  target[at] = QUOTE
  const shift = at + 1 - start
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (plain[byte] === 0) {
      writer.pos = at
      return writeJsonString(writer, decode(bytes, start, end))
    }
    target[i + shift] = byte
  }
  target[end + shift] = QUOTE
}

/** Writes a whole number of at most 32 bits. */
export function writeJsonInt(writer: ByteWriter, value: number): void {
  const start = writer.reserve(11)
  const target = writer.bytes
  let at = start
  let rest = value
  if (rest < 0) {
    target[at++] = 0x2d
    rest = -rest
  }
  let digits = 1
  for (let bound = 10; rest >= bound && digits < 10; bound *= 10) digits++
  for (let i = at + digits - 1; i >= at; i--) {
    const next = Math.floor(rest / 10)
    target[i] = ZERO + rest - next * 10
    rest = next
  }
  writer.pos = at + digits
}

/** Writes a number as JSON does: NaN and infinities as null. */
export function writeJsonNumber(writer: ByteWriter, value: number): void {
  if ((value | 0) === value) writeJsonInt(writer, value)
  else writeAscii(writer, Number.isFinite(value) ? String(value) : 'null')
}

/** Writes a 64-bit integer, in quotes or not. */
export function writeJsonLong(writer: ByteWriter, view: DataView, start: number, quoted: boolean): void {
  const high = view.getInt32(start)
  const low = view.getUint32(start + 4)
  if (quoted) writer.u8(QUOTE)
  if (high === 0 && low < 0x8000_0000) writeJsonInt(writer, low)
  // Within 53 bits, digits of a number are exact, and much cheaper than those of a big integer.
  else writeAscii(writer, high >= -0x20_0000 && high < 0x20_0000 ? String(high * 0x1_0000_0000 + low) : String(view.getBigInt64(start)))
  if (quoted) writer.u8(QUOTE)
}

/** Writes a UUID in quotes. */
export function writeJsonUuid(writer: ByteWriter, bytes: Uint8Array, start: number): void {
  let at = writer.reserve(38)
  const target = writer.bytes
  target[at++] = QUOTE
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) target[at++] = 0x2d
    const digits = hexDigits[bytes[start + i]!]!
    target[at++] = digits >> 8
    target[at++] = digits & 0xff
  }
  target[at] = QUOTE
}

function writeDigits(target: Uint8Array, at: number, value: number, count: number): void {
  let rest = value
  for (let i = at + count - 1; i >= at; i--) {
    const next = (rest / 10) | 0
    target[i] = ZERO + rest - next * 10
    rest = next
  }
}

const DAY = 86_400_000
/** Years 0 to 9999 are written with four digits, all others with a sign and six. */
const FIRST = -62_167_219_200_000
const LAST = 253_402_300_799_999

/**
 * Writes an instant as `Date.prototype.toISOString` does, in quotes.
 *
 * @param ms milliseconds since 1970, within the range of `Date`
 * @see Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days
 */
export function writeJsonInstant(writer: ByteWriter, ms: number): void {
  if (ms < FIRST || ms > LAST) return writeJsonString(writer, new Date(ms).toISOString())
  const days = Math.floor(ms / DAY)
  const time = ms - days * DAY
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const shifted = ((5 * dayOfYear + 2) / 153) | 0 // months from March
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const seconds = (time / 1000) | 0
  const minutes = (seconds / 60) | 0
  const at = writer.reserve(26)
  const target = writer.bytes
  target[at] = target[at + 25] = QUOTE
  writeDigits(target, at + 1, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4)
  writeDigits(target, at + 6, month, 2)
  writeDigits(target, at + 9, dayOfYear - (((153 * shifted + 2) / 5) | 0) + 1, 2)
  writeDigits(target, at + 12, (minutes / 60) | 0, 2)
  writeDigits(target, at + 15, minutes % 60, 2)
  writeDigits(target, at + 18, seconds % 60, 2)
  writeDigits(target, at + 21, time % 1000, 3)
  target[at + 5] = target[at + 8] = 0x2d
  target[at + 11] = 0x54
  target[at + 14] = target[at + 17] = 0x3a
  target[at + 20] = 0x2e
  target[at + 24] = 0x5a
}

/** Writes bytes as Base64 in quotes (RFC 4648, with padding). */
export function writeJsonBase64(writer: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  let at = writer.reserve(Math.ceil((end - start) / 3) * 4 + 2)
  const target = writer.bytes
  target[at++] = QUOTE
  for (let i = start; i < end; i += 3) {
    const left = end - i
    const word = (bytes[i]! << 16) | (left > 1 ? bytes[i + 1]! << 8 : 0) | (left > 2 ? bytes[i + 2]! : 0)
    target[at++] = base64Digits[word >> 18]!
    target[at++] = base64Digits[(word >> 12) & 63]!
    target[at++] = left > 1 ? base64Digits[(word >> 6) & 63]! : 0x3d
    target[at++] = left > 2 ? base64Digits[word & 63]! : 0x3d
  }
  target[at] = QUOTE
}
