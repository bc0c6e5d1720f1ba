import fc from 'fast-check'
import { ProtocolError } from '../../src/base/index.js'
import { lz4, snappy } from '../../src/protocol/index.js'
import { holds, sameBytes } from './target.js'
import type { Target } from './target.js'

const algorithms = [lz4, snappy]

/** A compressed block, behind a byte for the algorithm and two for the length that its peer declares. What comes out has that length, and survives another round. */
export const blockTarget: Target = {
  name: 'block',
  keep: 1,
  seeds: (seed) => fc.sample(fc.tuple(fc.nat(1), fc.array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 60 })), { maxLength: 6 })), { seed, numRuns: 300 }).map(([which, runs]) => {
    const raw = Uint8Array.from(runs.flatMap(([part, times]) => Array.from({ length: times }, () => [...part]).flat()))
    const block = algorithms[which]!.compress(raw)
    return Uint8Array.of(which, raw.length >> 8, raw.length & 0xff, ...block)
  }),
  run(input) {
    if (input.length < 3) return 0
    const algorithm = algorithms[input[0]! & 1]!
    const declared = (input[1]! << 8) | input[2]!
    let raw
    try {
      raw = algorithm.decompress(input.subarray(3), declared)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return 0
    }
    holds(algorithm === lz4 ? raw.length === declared : raw.length <= declared, `${raw.length} bytes instead of ${declared}`)
    holds(sameBytes(algorithm.decompress(algorithm.compress(raw), raw.length), raw), 'what was compressed is decompressed as something else')
    return 0
  },
}
