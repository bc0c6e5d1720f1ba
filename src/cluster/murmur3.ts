// Cassandra's Murmur3Partitioner: the first half of MurmurHash3_x64_128 with seed 0, whose tail bytes
// Cassandra sign-extends (MurmurHash.java, kept for compatibility). 64-bit words are pairs of 32-bit halves.

/** A partition token as a signed 64-bit integer in two halves: `high` signed, `low` unsigned. */
export interface Token {
  readonly high: number
  readonly low: number
}

// The result of the last 64-bit multiplication or rotation, to save an allocation per step.
let resultHigh = 0
let resultLow = 0

function multiply(ah: number, al: number, bh: number, bl: number): void {
  const a0 = al & 0xffff
  const a1 = al >>> 16
  const b0 = bl & 0xffff
  const b1 = bl >>> 16
  const low = a0 * b0
  const middle = a1 * b0 + (low >>> 16)
  const middle2 = a0 * b1 + (middle & 0xffff)
  resultLow = ((middle2 << 16) | (low & 0xffff)) | 0
  const carry = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000)
  resultHigh = (carry + Math.imul(ah, bl) + Math.imul(al, bh)) | 0
}

function rotate(h: number, l: number, by: number): void {
  if (by >= 32) {
    const swapped = h
    h = l
    l = swapped
    by -= 32
  }
  if (by === 0) {
    resultHigh = h
    resultLow = l
    return
  }
  resultHigh = (h << by) | (l >>> (32 - by))
  resultLow = (l << by) | (h >>> (32 - by))
}

function add(ah: number, al: number, bh: number, bl: number): void {
  const low = (al >>> 0) + (bl >>> 0)
  resultLow = low | 0
  resultHigh = (ah + bh + (low > 0xffff_ffff ? 1 : 0)) | 0
}

const C1H = 0x87c37b91 | 0
const C1L = 0x114253d5
const C2H = 0x4cf5ad43
const C2L = 0x2745937f

function mixK1(h: number, l: number): void {
  multiply(h, l, C1H, C1L)
  rotate(resultHigh, resultLow, 31)
  multiply(resultHigh, resultLow, C2H, C2L)
}

function mixK2(h: number, l: number): void {
  multiply(h, l, C2H, C2L)
  rotate(resultHigh, resultLow, 33)
  multiply(resultHigh, resultLow, C1H, C1L)
}

function finalMix(h: number, l: number): void {
  l ^= h >>> 1
  multiply(h, l, 0xff51afd7 | 0, 0xed558ccd | 0)
  multiply(resultHigh, resultLow ^ (resultHigh >>> 1), 0xc4ceb9fe | 0, 0x1a85ec53)
  resultLow ^= resultHigh >>> 1
}

function read32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** XORs sign-extended bytes into a word, as Java's `(long) byte << shift` does. */
function tailWord(bytes: Uint8Array, from: number, to: number): void {
  let high = 0
  let low = 0
  for (let i = to - 1; i >= from; i--) {
    const byte = (bytes[i]! << 24) >> 24
    const shift = (i - from) * 8
    if (shift >= 32) high ^= byte << (shift - 32)
    else {
      low ^= byte << shift
      high ^= shift === 0 ? byte >> 31 : byte >> (32 - shift)
    }
  }
  resultHigh = high
  resultLow = low
}

/** The token of a serialised partition key. */
export function murmur3Token(bytes: Uint8Array, start = 0, end: number = bytes.length): Token {
  const length = end - start
  let h1h = 0, h1l = 0, h2h = 0, h2l = 0
  let at = start
  for (let blocks = length >> 4; blocks > 0; blocks--, at += 16) {
    mixK1(read32(bytes, at + 4), read32(bytes, at))
    h1h ^= resultHigh
    h1l ^= resultLow
    rotate(h1h, h1l, 27)
    add(resultHigh, resultLow, h2h, h2l)
    multiply(resultHigh, resultLow, 0, 5)
    add(resultHigh, resultLow, 0, 0x52dce729)
    h1h = resultHigh
    h1l = resultLow
    mixK2(read32(bytes, at + 12), read32(bytes, at + 8))
    h2h ^= resultHigh
    h2l ^= resultLow
    rotate(h2h, h2l, 31)
    add(resultHigh, resultLow, h1h, h1l)
    multiply(resultHigh, resultLow, 0, 5)
    add(resultHigh, resultLow, 0, 0x38495ab5)
    h2h = resultHigh
    h2l = resultLow
  }
  const rest = end - at
  if (rest > 8) {
    tailWord(bytes, at + 8, end)
    mixK2(resultHigh, resultLow)
    h2h ^= resultHigh
    h2l ^= resultLow
  }
  if (rest > 0) {
    tailWord(bytes, at, Math.min(at + 8, end))
    mixK1(resultHigh, resultLow)
    h1h ^= resultHigh
    h1l ^= resultLow
  }
  h1l ^= length
  h2l ^= length
  add(h1h, h1l, h2h, h2l)
  h1h = resultHigh
  h1l = resultLow
  add(h2h, h2l, h1h, h1l)
  h2h = resultHigh
  h2l = resultLow
  finalMix(h1h, h1l)
  h1h = resultHigh
  h1l = resultLow
  finalMix(h2h, h2l)
  add(h1h, h1l, resultHigh, resultLow)
  // The smallest token is no key's: it marks the beginning of the ring.
  if (resultHigh === (0x8000_0000 | 0) && resultLow === 0) return { high: 0x7fff_ffff, low: 0xffff_ffff }
  return { high: resultHigh, low: resultLow >>> 0 }
}

/** A token as one signed 64-bit integer, the form that CQL's `token()` has. */
export function tokenToBigInt(token: Token): bigint {
  return (BigInt(token.high) << 32n) | BigInt(token.low)
}

/** Order on the ring. */
export function compareTokens(a: Token, b: Token): number {
  return a.high - b.high || a.low - b.low
}
