import { ProtocolError } from '../base/index.js'
import type { ByteWriter } from '../base/index.js'
import type { Compressor } from './compression/compressor.js'
import { crc24, payloadCrc32 } from './crc.js'
import type { Crc32 } from './crc.js'
import { HEADER_LENGTH } from './envelope.js'

/** The most bytes that one segment carries (native_protocol_v5.spec section 2.2). */
export const MAX_PAYLOAD = 131_071

const SELF_CONTAINED = 1

/** Bytes of a segment's header with its CRC24: compressed segments also carry the uncompressed length. */
export function segmentHeaderLength(compressed: boolean): 6 | 8 {
  return compressed ? 8 : 6
}

/**
 * Packs whole envelopes into segments: as many as fit into each, and one that fits none alone into
 * several that carry nothing else.
 *
 * @param envelopes complete envelopes, one after the other
 * @param target where the segments are appended
 * @param length of the envelopes, if there is something else behind them
 * @throws ProtocolError when they are not whole
 */
export function writeSegments(envelopes: Uint8Array, target: ByteWriter, compressor: Compressor | undefined, crc32: Crc32, length: number = envelopes.length): void {
  let start = 0
  let pos = 0
  while (pos < length) {
    const next = pos + HEADER_LENGTH + ((envelopes[pos + 5]! << 24) | (envelopes[pos + 6]! << 16) | (envelopes[pos + 7]! << 8) | envelopes[pos + 8]!)
    if (next < pos + HEADER_LENGTH || next > length) throw new ProtocolError('Segments are made of whole envelopes, and these are not')
    if (next - start > MAX_PAYLOAD && pos > start) {
      writeSegment(envelopes, true, target, compressor, crc32, start, pos)
      start = pos
    }
    if (next - start > MAX_PAYLOAD) {
      for (let at = start; at < next; at += MAX_PAYLOAD) writeSegment(envelopes, false, target, compressor, crc32, at, Math.min(at + MAX_PAYLOAD, next))
      start = next
    }
    pos = next
  }
  if (start < length) writeSegment(envelopes, true, target, compressor, crc32, start, length)
}

/** Appends one segment: of all bytes given, or of those between two positions. */
export function writeSegment(bytes: Uint8Array, selfContained: boolean, target: ByteWriter, compressor: Compressor | undefined, crc32: Crc32, from = 0, to: number = bytes.length): void {
  const flag = selfContained ? SELF_CONTAINED : 0
  const at = target.pos
  if (compressor) {
    const payload = bytes.subarray(from, to)
    const compressed = compressor.compress(payload)
    const worthwhile = compressed.length < payload.length
    const carried = worthwhile ? compressed : payload
    // 17 bits of length as carried, 17 of the raw length (0: not compressed), the flag at bit 34.
    const raw = worthwhile ? payload.length : 0
    const start = target.reserve(8)
    target.view.setUint32(start, (carried.length | (raw << 17)) >>> 0, true)
    target.view.setUint8(start + 4, (raw >>> 15) | (flag << 2))
    writeCrc24(target, start, start + 5)
    target.raw(carried)
  } else {
    const start = target.reserve(6)
    const header = (to - from) | (flag << 17)
    target.view.setUint16(start, header & 0xffff, true)
    target.view.setUint8(start + 2, header >>> 16)
    writeCrc24(target, start, start + 3)
    target.rawWithin(bytes, from, to)
  }
  const checksum = payloadCrc32(target.bytes, at + segmentHeaderLength(compressor !== undefined), target.pos, crc32)
  const end = target.reserve(4)
  target.view.setUint32(end, checksum, true)
}

function writeCrc24(target: ByteWriter, start: number, end: number): void {
  const crc = crc24(target.bytes, start, end)
  target.view.setUint16(end, crc & 0xffff, true)
  target.view.setUint8(end + 2, crc >>> 16)
}

/** The header of one segment. */
export interface SegmentHeader {
  /** Bytes of the payload as carried. */
  readonly length: number
  /** Bytes of the payload once decompressed, or 0 when it is not compressed. */
  readonly rawLength: number
  readonly selfContained: boolean
}

/** Reads a segment's header. @throws ProtocolError when its CRC24 does not match */
export function readSegmentHeader(bytes: Uint8Array, at: number, compressed: boolean): SegmentHeader {
  const end = at + (compressed ? 5 : 3)
  const stored = bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16)
  if (crc24(bytes, at, end) !== stored) throw new ProtocolError('The CRC24 of a segment header does not match: the bytes were damaged on their way')
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
  const length = low & 0x1ffff
  if (!compressed) return { length, rawLength: 0, selfContained: (low & 0x20000) !== 0 }
  const high = bytes[at + 3]! | (bytes[at + 4]! << 8)
  return { length, rawLength: (low >>> 17) | ((high & 0x3ff) << 7), selfContained: (high & 0x400) !== 0 }
}
