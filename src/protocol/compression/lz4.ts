import { allocate, ProtocolError } from '../../base/index.js'
import { checkExpansion } from './compressor.js'
import type { Compressor } from './compressor.js'

// LZ4 block format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
const MIN_MATCH = 4
/** A block ends with at least 5 literals, and the last match begins at least 12 bytes before the end. */
const LAST_LITERALS = 5
const MATCH_LIMIT = 12
const MAX_DISTANCE = 65_535
const HASH_BITS = 14
const table = new Int32Array(1 << HASH_BITS)

function read32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function hash(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
}

function writeLength(target: Uint8Array, at: number, length: number): number {
  for (; length >= 255; length -= 255) target[at++] = 255
  target[at++] = length
  return at
}

function writeSequence(target: Uint8Array, out: number, source: Uint8Array, from: number, literals: number): number {
  const token = out++
  target[token] = Math.min(literals, 15) << 4
  if (literals >= 15) out = writeLength(target, out, literals - 15)
  if (literals < 32) for (let i = 0; i < literals; i++) target[out + i] = source[from + i]!
  else target.set(source.subarray(from, from + literals), out)
  return out + literals
}

/** Compresses a block; the output of incompressible input is slightly longer than the input. */
function compress(source: Uint8Array): Uint8Array {
  const end = source.length
  const target = allocate(end + Math.ceil(end / 255) + 16)
  table.fill(0) // positions are kept plus one, 0 is none
  let anchor = 0
  let out = 0
  let pos = 0
  let misses = 0
  while (pos + MATCH_LIMIT <= end) {
    const word = read32(source, pos)
    const slot = hash(word)
    const candidate = table[slot]! - 1
    table[slot] = pos + 1
    if (candidate < 0 || pos - candidate > MAX_DISTANCE || read32(source, candidate) !== word) {
      pos += 1 + (misses++ >> 6) // hurry over incompressible parts
      continue
    }
    misses = 0
    let length = MIN_MATCH
    const most = end - LAST_LITERALS - pos
    while (length < most && source[candidate + length] === source[pos + length]) length++
    const token = out
    out = writeSequence(target, out, source, anchor, pos - anchor)
    const distance = pos - candidate
    target[out++] = distance & 0xff
    target[out++] = distance >> 8
    target[token]! |= Math.min(length - MIN_MATCH, 15)
    if (length - MIN_MATCH >= 15) out = writeLength(target, out, length - MIN_MATCH - 15)
    pos += length
    anchor = pos
  }
  out = writeSequence(target, out, source, anchor, end - anchor)
  return target.subarray(0, out)
}

function decompress(source: Uint8Array, length: number): Uint8Array {
  checkExpansion(source.length, length)
  const target = allocate(length)
  const end = source.length
  let pos = 0
  let out = 0
  for (;;) {
    if (pos >= end) throw broken('it ends within a sequence')
    const token = source[pos++]!
    let literals = token >> 4
    if (literals === 15) {
      let byte
      do {
        if (pos >= end) throw broken('it ends within a length')
        byte = source[pos++]!
        literals += byte
      } while (byte === 255)
    }
    if (literals > end - pos || literals > length - out) throw broken('its literals run over the end')
    if (literals < 32) for (let i = 0; i < literals; i++) target[out + i] = source[pos + i]!
    else target.set(source.subarray(pos, pos + literals), out)
    pos += literals
    out += literals
    if (pos === end) break
    if (pos + 2 > end) throw broken('it ends within a distance')
    const distance = source[pos]! | (source[pos + 1]! << 8)
    pos += 2
    if (distance === 0 || distance > out) throw broken('a match points before the beginning')
    let match = (token & 15) + MIN_MATCH
    if (match === 15 + MIN_MATCH) {
      let byte
      do {
        if (pos >= end) throw broken('it ends within a length')
        byte = source[pos++]!
        match += byte
      } while (byte === 255)
    }
    if (match > length - out) throw broken('a match runs over the end')
    if (distance >= match && match >= 32) target.copyWithin(out, out - distance, out - distance + match)
    else for (let i = 0; i < match; i++) target[out + i] = target[out + i - distance]!
    out += match
  }
  if (out !== length) throw broken(`it holds ${out} bytes, not ${length}`)
  return target
}

function broken(what: string): ProtocolError {
  return new ProtocolError(`Broken LZ4 block: ${what}`)
}

/** LZ4 blocks in plain TypeScript. */
export const lz4: Compressor = { name: 'lz4', compress, decompress }
