import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTokens, localNode, murmur3Token, peerNode, tokenToBigInt } from '../../src/cluster/index.js'

/** MurmurHash3_x64_128, first half, with Cassandra's sign-extended tail, in big integers: slow and plain. */
function reference(bytes: Uint8Array): bigint {
  const mask = 0xffff_ffff_ffff_ffffn
  const rotl = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (64n - r))) & mask
  const signed = (i: number): bigint => BigInt((bytes[i]! << 24) >> 24)
  const c1 = 0x87c37b91114253d5n
  const c2 = 0x4cf5ad432745937fn
  let h1 = 0n
  let h2 = 0n
  const blocks = bytes.length >> 4
  const word = (at: number): bigint => Array.from({ length: 8 }, (_, i) => BigInt(bytes[at + i]!) << BigInt(8 * i)).reduce((a, b) => a | b, 0n)
  for (let i = 0; i < blocks; i++) {
    h1 ^= (rotl((word(i * 16) * c1) & mask, 31n) * c2) & mask
    h1 = ((rotl(h1, 27n) + h2) * 5n + 0x52dce729n) & mask
    h2 ^= (rotl((word(i * 16 + 8) * c2) & mask, 33n) * c1) & mask
    h2 = ((rotl(h2, 31n) + h1) * 5n + 0x38495ab5n) & mask
  }
  let k1 = 0n
  let k2 = 0n
  for (let i = blocks * 16; i < bytes.length; i++) {
    const at = i - blocks * 16
    if (at < 8) k1 ^= signed(i) << BigInt(8 * at)
    else k2 ^= signed(i) << BigInt(8 * (at - 8))
  }
  h2 ^= (rotl((BigInt.asUintN(64, k2) * c2) & mask, 33n) * c1) & mask
  h1 ^= (rotl((BigInt.asUintN(64, k1) * c1) & mask, 31n) * c2) & mask
  const length = BigInt(bytes.length)
  h1 ^= length
  h2 ^= length
  h1 = (h1 + h2) & mask
  h2 = (h2 + h1) & mask
  const mix = (k: bigint): bigint => {
    k = ((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn) & mask
    k = ((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n) & mask
    return k ^ (k >> 33n)
  }
  return BigInt.asIntN(64, mix(h1) + mix(h2))
}

test('tokens in two 32-bit halves are those of the plain algorithm', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => { expect(tokenToBigInt(murmur3Token(bytes))).toBe(reference(bytes)) }), { numRuns: 3000 })
})

test('known tokens of int keys; the integration tests ask Cassandra for those of random ones', () => {
  const int = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer).reverse()
  expect([1, 2, -1].map((key) => tokenToBigInt(murmur3Token(int(key))))).toEqual([-4069959284402364209n, -3248873570005575792n, 7297452126230313552n])
})

test('tokens sort as signed integers', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.uint8Array({ minLength: 1, maxLength: 20 }), (a, b) => {
    const [left, right] = [murmur3Token(a), murmur3Token(b)]
    const difference = tokenToBigInt(left) - tokenToBigInt(right)
    expect(Math.sign(compareTokens(left, right))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0)
  }))
})

test('nodes from system tables; half-filled rows are passed over, 0.0.0.0 is no address', () => {
  const row = { host_id: 'h', data_center: 'dc', rack: 'r', release_version: '5', tokens: new Set(['1']), native_address: '0.0.0.0', native_port: 9999, peer: '10.0.0.2' }
  expect(peerNode(row, 9042)).toMatchObject({ hostId: 'h', address: '10.0.0.2', port: 9999, dataCenter: 'dc', tokens: ['1'] })
  expect(peerNode({ ...row, native_address: undefined, native_port: undefined, rpc_address: '10.0.0.3' }, 9042)).toMatchObject({ address: '10.0.0.3', port: 9042 })
  for (const missing of ['host_id', 'data_center', 'tokens']) expect(peerNode({ ...row, [missing]: null }, 9042)).toBe(undefined)
  expect(localNode({}, { address: 'a', port: 1 })).toMatchObject({ hostId: 'a:1', address: 'a', port: 1 })
})
