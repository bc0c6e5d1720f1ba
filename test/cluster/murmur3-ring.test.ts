// Places of tokens by buckets, against a search from the beginning.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareTokens, murmur3Partitioner } from '../../src/cluster/index.js'
import type { Token } from '../../src/cluster/index.js'
import { Murmur3Ring } from '../../src/cluster/murmur3-ring.js'

const token = (value: bigint): Token => murmur3Partitioner.fromCql(BigInt.asIntN(64, value))
const spread = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
/** Tokens that share their upper bits, as on a ring whose tokens were chosen by hand. */
const crowded = fc.tuple(spread, fc.integer({ min: 0, max: 50 })).map(([value, i]) => (value & ~0xffffn) + BigInt(i))
const edges = fc.constantFrom(-(2n ** 63n), -(2n ** 63n) + 1n, -1n, 0n, 1n, 2n ** 32n, -(2n ** 32n), 2n ** 63n - 1n)
const any = fc.oneof(spread, crowded, edges)

test('the first token that is not smaller, round the end', () => {
  fc.assert(fc.property(fc.uniqueArray(any, { minLength: 1, maxLength: 300 }), fc.array(any, { maxLength: 50 }), (values, others) => {
    const sorted = values.map(token).sort(compareTokens)
    const ring = new Murmur3Ring(sorted)
    for (const wanted of [...values.flatMap((value) => [value, value + 1n, value - 1n]), ...others].map(token)) {
      const place = sorted.findIndex((one) => compareTokens(one, wanted) >= 0)
      expect(ring.placeOf(wanted)).toBe(place < 0 ? 0 : place)
    }
  }), { numRuns: 300 })
})
