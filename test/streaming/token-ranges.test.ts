import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CqlToken } from '../../src/client/index.js'
import type { Client, Result } from '../../src/client/index.js'
import { SimulatedClock } from '../../src/base/index.js'
import { ScanRun } from '../../src/streaming/scan-run.js'
import { END } from '../../src/streaming/source.js'
import { splitTable } from '../../src/streaming/split-table.js'
import { Ring } from '../../src/streaming/token-ranges.js'
import type { TokenRange } from '../../src/streaming/token-ranges.js'

const murmur = new Ring('org.apache.cassandra.dht.Murmur3Partitioner')
const token = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const holds = ({ start, end }: TokenRange, value: bigint): boolean => (start === undefined || value > (start as bigint)) && (end === undefined || value <= (end as bigint))

describe('ranges of tokens', () => {
  test('every token is in exactly one of them, however they are made and cut; shares add up to one', () => {
    fc.assert(fc.property(fc.array(fc.array(token, { maxLength: 8 }), { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), fc.array(token, { minLength: 1, maxLength: 20 }), (owned, parts, values) => {
      const natural = murmur.rangesOf(owned.map((tokens) => ({ tokens: tokens.map(String) })))
      const cut = natural.flatMap((range) => murmur.split(range, parts))
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

describe('a table', () => {
  const nodes = [1, 2, 3].map((n) => ({ hostId: `h${n}`, dataCenter: 'dc1', tokens: [String(BigInt(n) * 1000n), String(BigInt(-n) * 1000n)] }))
  interface Answers { readonly estimates?: Record<string, object[]>; readonly tablets?: bigint[] }
  /** As much of a client as cutting a table needs. */
  function client({ estimates = {}, tablets }: Answers): Client {
    const replicas = (_: string, value: bigint): object[] => [nodes[Number(((value / 1000n) % 3n + 3n) % 3n)]!]
    return {
      cluster: { partitioner: 'Murmur3Partitioner', nodes, replicas, keyspaces: new Map([['system', { tables: new Map(tablets ? [['tablets', {}]] : []) }], ['k', { tables: new Map([['t', { id: 'some-id' }]]) }]]) },
      async execute(query: string, _values: unknown, { node }: { readonly node?: string }) {
        if (query.includes('system.tablets')) return { rows: tablets!.map((last) => ({ last_token: last })) }
        const rows = estimates[node!]
        if (rows === undefined) throw new Error('nobody knows')
        return { rows }
      },
    } as unknown as Client
  }
  const cut = (answers: Answers, splitBytes = 1000) => splitTable(client(answers), 'k', 't', { splitBytes, perNode: 4 })

  test('without estimates: the ranges of the ring, cut to so many for each node', async () => {
    const { ranges, estimatedBytes } = await cut({})
    expect(estimatedBytes).toBe(undefined)
    expect(ranges.length).toBeGreaterThanOrEqual(12)
    expect(ranges.every(({ routingToken }) => routingToken !== undefined)).toBe(true)
  })

  test('estimates of some nodes stand for all of it: ranges of about splitBytes', async () => {
    const half = { range_start: '0', range_end: String(2n ** 62n), mean_partition_size: 10n, partitions_count: 5000n } // a quarter of the ring
    const { ranges, estimatedBytes } = await cut({ estimates: { h2: [half] } })
    expect(estimatedBytes).toBeCloseTo(200_000, -2)
    expect(ranges.length).toBeGreaterThanOrEqual(195)
    expect(ranges.length).toBeLessThanOrEqual(210)
    const wrapping = { ...half, range_start: String(2n ** 62n), range_end: String(-(2n ** 62n)) }
    expect((await cut({ estimates: { h1: [wrapping] } })).estimatedBytes).toBeCloseTo(100_000, -2)
  })

  test('ScyllaDB: the ranges of its tablets, where the server tells them', async () => {
    const tablets = Array.from({ length: 64 }, (_, i) => -(2n ** 63n) + (2n ** 64n * BigInt(i + 1)) / 64n - 1n)
    const { ranges } = await cut({ tablets })
    expect(new Set(ranges.map(({ end }) => end))).toEqual(new Set([...tablets.slice(0, -1), undefined]))
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
