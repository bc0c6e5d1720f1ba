import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CqlToken } from '../../src/client/index.js'
import type { Result } from '../../src/client/index.js'
import { SimulatedClock } from '../../src/base/index.js'
import { ScanRun } from '../../src/streaming/scan-run.js'
import { END } from '../../src/streaming/source.js'
import { joinRanges, Ring } from '../../src/streaming/token-ranges.js'
import type { TokenRange } from '../../src/streaming/token-ranges.js'

const murmur = new Ring('org.apache.cassandra.dht.Murmur3Partitioner')
const token = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const holds = ({ start, end }: TokenRange, value: bigint): boolean => (start === undefined || value > (start as bigint)) && (end === undefined || value <= (end as bigint))

describe('ranges of tokens', () => {
  test('every token is in exactly one of them, however they are made, cut and joined; shares add up to one', () => {
    fc.assert(fc.property(fc.array(fc.array(token, { maxLength: 8 }), { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.array(token, { minLength: 1, maxLength: 20 }), (owned, parts, least, values) => {
      const natural = murmur.rangesOf(owned.map((tokens) => ({ tokens: tokens.map(String) })))
      const cut = joinRanges(natural, least).flatMap((range) => murmur.split(range, parts))
      // The least token is nobody's: keys that hash to it have the greatest one.
      const edges = natural.flatMap(({ end }) => (end === undefined ? [] : [end as bigint, (end as bigint) + 1n])).filter((value) => value <= 2n ** 63n - 1n)
      for (const value of [...values, ...edges, 2n ** 63n - 1n]) {
        expect(natural.filter((range) => holds(range, value)).length).toBe(1)
        expect(cut.filter((range) => holds(range, value)).length).toBe(1)
      }
      expect(cut.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
    }), { numRuns: 500 })
  })

  test('other partitioners: tokens of 127 bits can be cut, bytes cannot, unknown ones are one range', () => {
    const random = new Ring('RandomPartitioner')
    expect(random.split(random.rangesOf([{ tokens: ['0', String(2n ** 126n)] }])[1]!, 4).map(({ end }) => end)).toEqual([1n, 2n, 3n, 4n].map((i) => (2n ** 126n * i) / 4n))
    const bytes = new Ring('ByteOrderedPartitioner')
    const ranges = bytes.rangesOf([{ tokens: ['61', '7a'] }])
    expect(ranges.map(({ start, end }) => [start, end] as (CqlToken | undefined)[])).toEqual([[undefined, Uint8Array.of(0x61)], [Uint8Array.of(0x61), Uint8Array.of(0x7a)], [Uint8Array.of(0x7a), undefined]])
    expect(bytes.split(ranges[1]!, 5)).toEqual([ranges[1]])
    expect(new Ring('SomethingElse').rangesOf([{ tokens: ['1', '2'] }])).toEqual([{ start: undefined, end: undefined, share: 1 }])
  })

  test('a range of few tokens is not cut into more', () => {
    expect(murmur.split({ start: 5n, end: 8n, share: 0.1 }, 10).map(({ start, end }) => [start, end])).toEqual([[5n, 6n], [6n, 7n], [7n, 8n]])
  })
})

describe('the size of pages', () => {
  /** A table of one range whose pages come with warnings. */
  function run(warnings: (page: number) => string[], pages: number): { readonly sizes: number[]; readonly done: Promise<number> } {
    const sizes: number[] = []
    const range = { start: undefined, end: undefined, routingToken: undefined, share: 1, pageState: undefined, skip: 0, given: 0, mark: undefined }
    const reading = new ScanRun<{ n: number }>(Promise.resolve({
      identity: 'x', state: { identity: 'x', rows: 0, bytes: 0, ranges: [range] },
      fetch: async (_, { pageSize }) => {
        sizes.push(pageSize)
        const last = sizes.length === pages
        return { rows: Array.from({ length: pageSize }, (_row, n) => ({ n })), pageState: last ? undefined : Uint8Array.of(sizes.length), info: { bytes: pageSize * 100, warnings: warnings(sizes.length), latencyMs: 5 } } as unknown as Result<{ n: number }>
      },
    }), { prefetch: 1 }, new SimulatedClock())
    const read = async (): Promise<number> => {
      let count = 0
      for (let row = await reading.pull(); row !== END; row = await reading.pull()) count++
      return count
    }
    return { sizes, done: read() }
  }

  test('halves at each warning of tombstones, and recovers slowly', async () => {
    const { sizes, done } = run((page) => (page >= 3 && page <= 5 ? ['Read 1 live rows and 5000 tombstone cells'] : []), 40)
    expect(await done).toBe(sizes.reduce((sum, size) => sum + size, 0))
    expect(sizes[2]).toBe(5243) // 512 KiB of rows of 100 bytes
    expect(sizes.slice(3, 6)).toEqual([2621, 1310, 655])
    expect(sizes[6]).toBeGreaterThan(655)
    expect(sizes[6]).toBeLessThan(800)
    expect(sizes.at(-1)).toBe(5243)
  })
})
