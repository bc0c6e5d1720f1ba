import { CodecError } from '../../base/index.js'
import type { ByteWriter } from '../../base/index.js'

/** Bytes of a big integer: 157,000 digits, which take tens of milliseconds to write out, and four times that for twice as many. */
const MOST = 65_536

/** Writes a big integer as minimal two's complement, big-endian. @throws CodecError beyond 64 KiB */
export function writeVarint(writer: ByteWriter, value: bigint): void {
  if (value >= -0x8000_0000_0000_0000n && value <= 0x7fff_ffff_ffff_ffffn) {
    let length = 8
    const start = writer.reserve(8)
    writer.view.setBigInt64(start, value)
    // Drop leading bytes that only repeat the sign.
    const bytes = writer.bytes
    let skip = 0
    while (length > 1 && ((bytes[start + skip] === 0 && bytes[start + skip + 1]! < 128) || (bytes[start + skip] === 255 && bytes[start + skip + 1]! >= 128))) {
      skip++
      length--
    }
    if (skip > 0) bytes.copyWithin(start, start + skip, start + 8)
    writer.pos = start + length
    return
  }
  const negative = value < 0n
  // For negatives, ~value has the same length and its bytes are the complement.
  let hex = (negative ? ~value : value).toString(16)
  if (hex.length % 2 !== 0) hex = `0${hex}`
  if (Number.parseInt(hex[0]!, 16) >= 8) hex = `00${hex}`
  const flip = negative ? 0xff : 0
  if (hex.length / 2 > MOST) throw tooLong(hex.length / 2)
  const start = writer.reserve(hex.length / 2)
  for (let i = 0; i < hex.length / 2; i++) writer.bytes[start + i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16) ^ flip
}

/** Reads a big integer from two's complement, big-endian; no bytes at all are 0. @throws CodecError beyond 64 KiB */
export function readVarint(bytes: Uint8Array, start: number, end: number): bigint {
  const length = end - start
  if (length === 0) return 0n
  if (length <= 6) {
    let value = (bytes[start]! << 24) >> 24
    for (let i = start + 1; i < end; i++) value = value * 256 + bytes[i]!
    return BigInt(value)
  }
  if (length > MOST) throw tooLong(length)
  const hex = ['0x']
  for (let i = start; i < end; i++) hex.push(bytes[i]!.toString(16).padStart(2, '0'))
  return BigInt.asIntN(length * 8, BigInt(hex.join('')))
}

function tooLong(length: number): CodecError {
  return new CodecError(`An integer of ${length} bytes: at most ${MOST} are read and written`)
}
