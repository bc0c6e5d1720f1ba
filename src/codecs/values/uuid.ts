import { CodecError, systemClock, systemRandom } from '../../base/index.js'
import type { Clock, Random } from '../../base/index.js'

const HEX = '0123456789abcdef'
/** The value of each digit; 256 for what is none. */
const nibbles = new Uint16Array(256).fill(256)
for (let i = 0; i < 16; i++) {
  nibbles[HEX.charCodeAt(i)] = i
  nibbles[HEX.toUpperCase().charCodeAt(i)] = i
}
/** Where the digits of each byte stand. */
const places = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34)
const codes = Uint8Array.from(HEX, (digit) => digit.charCodeAt(0))

/** Text of the 16 bytes at `at`, lower case. */
export function uuidToString(b: Uint8Array, at: number): string {
  const c = codes
  const b0 = b[at]!, b1 = b[at + 1]!, b2 = b[at + 2]!, b3 = b[at + 3]!, b4 = b[at + 4]!, b5 = b[at + 5]!, b6 = b[at + 6]!, b7 = b[at + 7]!
  const b8 = b[at + 8]!, b9 = b[at + 9]!, b10 = b[at + 10]!, b11 = b[at + 11]!, b12 = b[at + 12]!, b13 = b[at + 13]!, b14 = b[at + 14]!, b15 = b[at + 15]!
  return String.fromCharCode(
    c[b0 >> 4]!, c[b0 & 15]!, c[b1 >> 4]!, c[b1 & 15]!, c[b2 >> 4]!, c[b2 & 15]!, c[b3 >> 4]!, c[b3 & 15]!, 45,
    c[b4 >> 4]!, c[b4 & 15]!, c[b5 >> 4]!, c[b5 & 15]!, 45, c[b6 >> 4]!, c[b6 & 15]!, c[b7 >> 4]!, c[b7 & 15]!, 45,
    c[b8 >> 4]!, c[b8 & 15]!, c[b9 >> 4]!, c[b9 & 15]!, 45, c[b10 >> 4]!, c[b10 & 15]!, c[b11 >> 4]!, c[b11 & 15]!,
    c[b12 >> 4]!, c[b12 & 15]!, c[b13 >> 4]!, c[b13 & 15]!, c[b14 >> 4]!, c[b14 & 15]!, c[b15 >> 4]!, c[b15 & 15]!,
  )
}

/**
 * Writes the 16 bytes of a UUID's text, upper or lower case.
 *
 * @returns false when the text is not a UUID
 */
export function writeUuid(target: Uint8Array, at: number, text: string): boolean {
  if (text.length !== 36) return false
  // Each byte's two digits; what is no digit, or no dash, leaves a mark above the lower eight bits.
  let marks = (text.charCodeAt(8) ^ 45) | (text.charCodeAt(13) ^ 45) | (text.charCodeAt(18) ^ 45) | (text.charCodeAt(23) ^ 45)
  marks <<= 8
  for (let i = 0; i < 16; i++) {
    const place = places[i]!
    const high = text.charCodeAt(place)
    const low = text.charCodeAt(place + 1)
    const byte = (nibbles[high & 0xff]! << 4) | nibbles[low & 0xff]!
    marks |= byte | ((high | low) & 0xff00)
    target[at + i] = byte
  }
  return marks < 0x100
}

/** The 16 bytes of a UUID's text. @throws CodecError when it is not one */
export function uuidBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16)
  if (!writeUuid(bytes, 0, text)) throw new CodecError(`Not a UUID: '${text}'`)
  return bytes
}

function stamp(bytes: Uint8Array, version: number): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return uuidToString(bytes, 0)
}

/** Makes UUIDs as text (RFC 9562). */
export const uuid = {
  /** A random UUID, version 4. */
  v4(random: Random = systemRandom): string {
    return stamp(random.fill(new Uint8Array(16)), 4)
  },
  /** A UUID that sorts by time, version 7: milliseconds since 1970, then chance. */
  v7(clock: Clock = systemClock, random: Random = systemRandom): string {
    const bytes = random.fill(new Uint8Array(16))
    const ms = clock.wall()
    const view = new DataView(bytes.buffer)
    view.setUint16(0, Math.floor(ms / 0x1_0000_0000))
    view.setUint32(2, ms % 0x1_0000_0000)
    return stamp(bytes, 7)
  },
}

/** 100-nanosecond steps from 1582-10-15 to 1970-01-01. */
const GREGORIAN = 0x01b2_1dd2_1381_4000n
let lastTicks = 0n
let nodeAndSequence: Uint8Array | undefined

function timeuuidOf(ticks: bigint, rest: Uint8Array): string {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Number(ticks & 0xffff_ffffn))
  view.setUint16(4, Number((ticks >> 32n) & 0xffffn))
  view.setUint16(6, Number((ticks >> 48n) & 0x0fffn))
  bytes.set(rest, 8)
  return stamp(bytes, 1)
}

/** Makes and reads version 1 UUIDs, which carry the time they were made: CQL `timeuuid`. */
export const timeuuid = {
  /** A timeuuid of this moment; later calls in this process give greater times. */
  now(clock: Clock = systemClock): string {
    const ticks = BigInt(clock.wall()) * 10_000n + GREGORIAN
    lastTicks = ticks > lastTicks ? ticks : lastTicks + 1n
    if (!nodeAndSequence) {
      nodeAndSequence = systemRandom.fill(new Uint8Array(8))
      nodeAndSequence[2]! |= 1 // the multicast bit marks a random node id (RFC 9562 section 6.10)
    }
    return timeuuidOf(lastTicks, nodeAndSequence)
  },
  /** A timeuuid of the given moment, distinct by chance from others of the same moment. */
  fromDate(date: Date, random: Random = systemRandom): string {
    return timeuuidOf(BigInt(date.getTime()) * 10_000n + GREGORIAN, random.fill(new Uint8Array(8)))
  },
  /** The moment that a timeuuid carries, to the millisecond. @throws CodecError when it is not a version 1 UUID */
  toDate(text: string): Date {
    const bytes = uuidBytes(text)
    if (bytes[6]! >> 4 !== 1) throw new CodecError(`Not a timeuuid (version 1): '${text}'`)
    return new Date(timeuuidMillis(bytes, 0))
  },
}

/** Milliseconds since 1970 of the timeuuid bytes at `at`. */
export function timeuuidMillis(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8)
  const ticks = (BigInt(view.getUint16(6) & 0x0fff) << 48n) | (BigInt(view.getUint16(4)) << 32n) | BigInt(view.getUint32(0))
  const sinceEpoch = ticks - GREGORIAN
  return Number(sinceEpoch < 0n ? (sinceEpoch - 9999n) / 10_000n : sinceEpoch / 10_000n)
}
