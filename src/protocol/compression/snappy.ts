import { allocate, ProtocolError } from '../../base/index.js'
import { checkExpansion } from './compressor.js'
import type { Compressor } from './compressor.js'

// Snappy format: https://github.com/google/snappy/blob/main/format_description.txt
const HASH_BITS = 14
const table = new Int32Array(1 << HASH_BITS)
const BLOCK = 65_536

function compress(source: Uint8Array): Uint8Array {
  const length = source.length
  const target = allocate(32 + length + Math.ceil(length / 6))
  let out = 0
  let rest = length
  do {
    target[out++] = rest >= 128 ? (rest & 127) | 128 : rest
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  for (let start = 0; start < length; start += BLOCK) out = compressBlock(source, start, Math.min(start + BLOCK, length), target, out)
  return target.subarray(0, out)
}

/** Matches never reach out of their block of 64 KiB, so distances fit two bytes. */
function compressBlock(source: Uint8Array, start: number, end: number, target: Uint8Array, out: number): number {
  table.fill(-1)
  let anchor = start
  let pos = start
  let misses = 0
  while (pos + 4 <= end) {
    const word = source[pos]! | (source[pos + 1]! << 8) | (source[pos + 2]! << 16) | (source[pos + 3]! << 24)
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
    const candidate = table[slot]!
    table[slot] = pos
    if (candidate < 0 || source[candidate] !== source[pos] || source[candidate + 1] !== source[pos + 1] || source[candidate + 2] !== source[pos + 2] || source[candidate + 3] !== source[pos + 3]) {
      pos += 1 + (misses++ >> 5)
      continue
    }
    misses = 0
    let length = 4
    while (pos + length < end && source[candidate + length] === source[pos + length]) length++
    out = writeLiteral(source, anchor, pos, target, out)
    const distance = pos - candidate
    pos += length
    anchor = pos
    while (length > 0) {
      const piece = Math.min(length, 64)
      target[out++] = ((piece - 1) << 2) | 2
      target[out++] = distance & 0xff
      target[out++] = distance >> 8
      length -= piece
    }
  }
  return writeLiteral(source, anchor, end, target, out)
}

function writeLiteral(source: Uint8Array, from: number, to: number, target: Uint8Array, out: number): number {
  const length = to - from
  if (length === 0) return out
  if (length <= 60) target[out++] = (length - 1) << 2
  else {
    target[out++] = 61 << 2
    target[out++] = (length - 1) & 0xff
    target[out++] = (length - 1) >> 8
  }
  target.set(source.subarray(from, to), out)
  return out + length
}

function decompress(source: Uint8Array, most: number): Uint8Array {
  let length = 0
  let pos = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = source[pos++]
    if (byte === undefined || pos > 5) throw broken('it has no length')
    length += (byte & 127) * shift
    if (byte < 128) break
  }
  if (length > most) throw broken(`it declares ${length} bytes, more than the ${most} allowed`)
  checkExpansion(source.length, length)
  const target = allocate(length)
  const end = source.length
  let out = 0
  while (pos < end) {
    const tag = source[pos++]!
    const kind = tag & 3
    if (kind === 0) {
      let size = tag >> 2
      const extra = size < 60 ? 0 : size - 59
      if (pos + extra > end) throw broken('it ends within a length')
      if (extra > 0) {
        size = 0
        for (let i = 0; i < extra; i++) size += source[pos + i]! * 2 ** (8 * i)
        pos += extra
      }
      size++
      if (size > end - pos || size > length - out) throw broken('its literals run over the end')
      target.set(source.subarray(pos, pos + size), out)
      pos += size
      out += size
      continue
    }
    const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4
    if (pos + bytes > end) throw broken('it ends within a distance')
    let distance = source[pos]!
    let size = (tag >> 2) + 1
    if (kind === 1) {
      distance |= (tag >> 5) << 8
      size = ((tag >> 2) & 7) + 4
    } else {
      distance |= source[pos + 1]! << 8
      if (kind === 3) distance += source[pos + 2]! * 0x1_0000 + source[pos + 3]! * 0x100_0000
    }
    pos += bytes
    if (distance === 0 || distance > out) throw broken('a copy points before the beginning')
    if (size > length - out) throw broken('a copy runs over the end')
    for (let i = 0; i < size; i++) target[out + i] = target[out + i - distance]!
    out += size
  }
  if (out !== length) throw broken(`it holds ${out} bytes, not ${length}`)
  return target
}

function broken(what: string): ProtocolError {
  return new ProtocolError(`Broken Snappy block: ${what}`)
}

/** Snappy blocks in plain TypeScript. */
export const snappy: Compressor = { name: 'snappy', compress, decompress }
