import { ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'

/**
 * Writes an unsigned variable-length integer: leading one-bits of the first byte say how many bytes
 * follow (native_protocol_v5.spec section 3, [unsigned vint]).
 */
export function writeUnsignedVint(writer: ByteWriter, value: bigint): void {
  let extra = 0
  while (extra < 8 && value >> BigInt(7 * (extra + 1)) !== 0n) extra++
  if (extra === 8) {
    writer.u8(0xff)
    writer.i64(BigInt.asIntN(64, value))
    return
  }
  const start = writer.reserve(extra + 1)
  for (let i = extra; i >= 0; i--) {
    writer.bytes[start + i] = Number(value & 0xffn)
    value >>= 8n
  }
  writer.bytes[start]! |= 0xff & ~(0xff >> extra)
}

/** Reads an unsigned variable-length integer. */
export function readUnsignedVint(reader: ByteReader): bigint {
  const first = reader.u8()
  if (first < 0x80) return BigInt(first)
  const extra = Math.clz32(~first & 0xff) - 24
  let value = extra === 8 ? 0n : BigInt(first & (0xff >> (extra + 1)))
  const start = reader.take(extra)
  for (let i = 0; i < extra; i++) value = (value << 8n) | BigInt(reader.bytes[start + i]!)
  return value
}

/** Reads an unsigned variable-length integer that counts bytes or elements. */
export function readLength(reader: ByteReader): number {
  const value = readUnsignedVint(reader)
  if (value > 0x7fff_ffffn) throw new ProtocolError(`A length of ${value} bytes is beyond 2 GiB`)
  return Number(value)
}

/** Writes a signed variable-length integer (zigzag). */
export function writeVint(writer: ByteWriter, value: bigint): void {
  writeUnsignedVint(writer, BigInt.asUintN(64, (value >> 63n) ^ (value << 1n)))
}

/** Reads a signed variable-length integer (zigzag). */
export function readVint(reader: ByteReader): bigint {
  const value = readUnsignedVint(reader)
  return (value >> 1n) ^ -(value & 1n)
}
