// Checksums of v5 segments (native_protocol_v5.spec section 2.3).
const CRC24_INIT = 0x875060
const CRC24_POLYNOMIAL = 0x1974f0b

const crc24Table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1
    if (crc & 0x1000000) crc ^= CRC24_POLYNOMIAL
  }
  return crc
})

/** CRC24 of a segment's header bytes. */
export function crc24(bytes: Uint8Array, start: number, end: number): number {
  let crc = CRC24_INIT
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffffff) ^ crc24Table[((crc >>> 16) ^ bytes[i]!) & 0xff]!
  return crc
}

// Slicing by four (Kounavis and Berry, 2005): four table look-ups for four bytes.
const crc32Tables = Array.from({ length: 4 }, () => new Int32Array(256))
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  crc32Tables[0]![byte] = crc
}
for (let byte = 0; byte < 256; byte++) {
  for (let table = 1; table < 4; table++) {
    const before = crc32Tables[table - 1]![byte]!
    crc32Tables[table]![byte] = (before >>> 8) ^ crc32Tables[0]![before & 0xff]!
  }
}
const [t0, t1, t2, t3] = crc32Tables as [Int32Array, Int32Array, Int32Array, Int32Array]

/** CRC-32 as zlib has it: of bytes, going on from the CRC of what came before them. */
export type Crc32 = (bytes: Uint8Array, value?: number) => number

function crc32Within(bytes: Uint8Array, start: number, end: number, value: number): number {
  let crc = ~value
  let i = start
  const whole = end - 3
  for (; i < whole; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 0xff]!
  return ~crc >>> 0
}

/** CRC-32 (IEEE) in plain TypeScript, the same as `zlib.crc32`. */
export const crc32: Crc32 = (bytes, value = 0) => crc32Within(bytes, 0, bytes.length, value)

/** Bytes up to which a checksum of our own is done before the platform's has been called. */
const SHORT = 200

/** The checksum of a segment's payload, by the given function where it is long. */
export function payloadCrc32(bytes: Uint8Array, start: number, end: number, long: Crc32): number {
  return end - start <= SHORT ? crc32Within(bytes, start, end, CRC32_SEED) : long(bytes.subarray(start, end), CRC32_SEED)
}

/** The CRC-32 of the four bytes that prime the checksum of every segment payload: FA 2D 55 CA. */
export const CRC32_SEED: number = crc32(Uint8Array.of(0xfa, 0x2d, 0x55, 0xca))
