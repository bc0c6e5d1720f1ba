import { describe, expect, test } from 'vitest'
import { byteOrderedPartitioner, murmur3Partitioner, partitionerOf, randomPartitioner, replicasOfRing, replicationOf, routingKeyOf, shardingOf, shardOf, TabletMap, TokenMap } from '../../src/cluster/index.js'
import type { NodeInfo } from '../../src/cluster/index.js'
import { SeededRandom } from '../../src/base/index.js'
import { nodeOf } from '../support/policy-simulator.js'

const ids = (nodes: readonly NodeInfo[]): string => nodes.map(({ hostId }) => hostId).join('')
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('replication options', () => {
  test.each([
    [{ class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '3' }, { strategy: 'simple', factor: 3 }],
    [{ class: 'NetworkTopologyStrategy', dc1: '3', dc2: '2/1' }, { strategy: 'networkTopology', factors: new Map([['dc1', 3], ['dc2', 2]]) }],
    [{ class: 'org.apache.cassandra.locator.LocalStrategy' }, { strategy: 'other' }],
    [{ class: 'EverywhereStrategy' }, { strategy: 'everywhere' }],
    [{}, { strategy: 'other' }],
    [{ class: 'SimpleStrategy', replication_factor: 'many' }, { strategy: 'simple', factor: 0 }],
  ] as const)('%o', (options, expected) => expect(replicationOf(options as Record<string, string>)).toEqual(expected))
})

describe('replicas', () => {
  const a = nodeOf('a', 'dc1', 'r1'), b = nodeOf('b', 'dc1', 'r1'), c = nodeOf('c', 'dc1', 'r2'), x = nodeOf('x', 'dc2', 'r1'), y = nodeOf('y', 'dc2', 'r1')
  const ring = [a, b, x, c, y, a]

  test('SimpleStrategy: the next nodes on the ring, each once', () => {
    expect(replicasOfRing(ring, { strategy: 'simple', factor: 2 }).map(ids)).toEqual(['ab', 'bx', 'xc', 'cy', 'ya', 'ab'])
    expect(replicasOfRing(ring, { strategy: 'simple', factor: 9 }).map((nodes) => nodes.length)).toEqual([5, 5, 5, 5, 5, 5])
  })
  test('NetworkTopologyStrategy: so many of each data centre, of different racks as far as there are any', () => {
    const replicas = (factors: Record<string, number>): string[] => replicasOfRing(ring, { strategy: 'networkTopology', factors: new Map(Object.entries(factors)) }).map(ids)
    expect(replicas({ dc1: 2 })).toEqual(['ac', 'bc', 'ca', 'ca', 'ac', 'ac'])
    expect(replicas({ dc1: 3 })).toEqual(['abc', 'bca', 'cab', 'cab', 'abc', 'abc'])
    expect(replicas({ dc1: 1, dc2: 1 })).toEqual(['ax', 'bx', 'xc', 'cy', 'ya', 'ax'])
    expect(replicas({ dc2: 5, nowhere: 3 })).toEqual(['xy', 'xy', 'xy', 'yx', 'yx', 'xy'])
    expect(replicas({ dc1: 0 })).toEqual(['', '', '', '', '', ''])
  })
  test('against the walk of Cassandra written out once more, over random rings', () => {
    const random = new SeededRandom(5)
    for (let round = 0; round < 200; round++) {
      const nodes = Array.from({ length: random.between(1, 12) }, (_, i) => nodeOf(`n${i};`, `dc${random.between(1, 3)}`, `r${random.between(1, 3)}`))
      const owners = Array.from({ length: random.between(1, 40) }, () => random.pick(nodes))
      const factors = new Map([['dc1', random.between(0, 5)], ['dc2', random.between(0, 3)]])
      const replicas = replicasOfRing(owners, { strategy: 'networkTopology', factors })
      for (let start = 0; start < owners.length; start++) {
        const found = replicas[start]!
        for (const [dc, factor] of factors) {
          const inDc = found.filter(({ dataCenter }) => dataCenter === dc)
          const present = new Set(owners.filter(({ dataCenter }) => dataCenter === dc))
          const racks = new Set([...present].map(({ rack }) => rack))
          expect(inDc.length).toBe(Math.min(factor, present.size))
          expect(new Set(inDc.map(({ rack }) => rack)).size).toBe(Math.min(inDc.length, racks.size))
          // The primary is the first owner of the data centre from the token on.
          if (inDc.length > 0) expect(inDc[0]).toBe([...owners.slice(start), ...owners].find(({ dataCenter }) => dataCenter === dc))
        }
        expect(new Set(found).size).toBe(found.length)
      }
    }
  })
  test('a token belongs to the first place that is not smaller, and the last range wraps round', () => {
    const nodes = [nodeOf('a', 'dc1', 'r1', ['-100', '100']), nodeOf('b', 'dc1', 'r1', ['0', '9223372036854775807'])]
    const map = new TokenMap(nodes, 'org.apache.cassandra.dht.Murmur3Partitioner')
    const replication = replicationOf({ class: 'SimpleStrategy', replication_factor: '1' })
    const owner = (token: bigint): string => ids(map.replicasOfCqlToken(replication, token))
    expect([-(2n ** 63n) + 1n, -100n, -99n, 0n, 1n, 100n, 101n, 2n ** 63n - 1n].map(owner)).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b'])
    expect(map.size).toBe(4)
    expect(() => map.replicasOfCqlToken(replication, new Uint8Array(1))).toThrow(TypeError)
    const wrapped = new TokenMap([nodeOf('a', 'dc1', 'r1', ['-100']), nodeOf('b', 'dc1', 'r1', ['100'])], 'Murmur3Partitioner')
    expect(ids(wrapped.replicasOfCqlToken(replication, 101n))).toBe('a')
  })
  test('an unknown partitioner, and a cluster without tokens: nobody is known', () => {
    const replication = replicationOf({ class: 'SimpleStrategy', replication_factor: '1' })
    expect(new TokenMap([nodeOf('a', 'dc1', 'r1', ['1'])], 'com.amazonaws.cassandra.DefaultPartitioner').replicasOfCqlToken(replication, 1n)).toEqual([])
    expect(new TokenMap([nodeOf('a')], 'Murmur3Partitioner').replicasOfCqlToken(replication, 1n)).toEqual([])
  })
})

describe('partitioners', () => {
  test('are found by class name', () => {
    expect(partitionerOf('org.apache.cassandra.dht.RandomPartitioner')).toBe(randomPartitioner)
    expect(partitionerOf('ByteOrderedPartitioner')).toBe(byteOrderedPartitioner)
    expect(partitionerOf('com.example.Mine')).toBe(undefined)
  })
  test('random: values of RandomPartitioner.getToken', () => {
    // BigInteger(md5(key)).abs(): `new BigInteger(1, ...)` would be wrong for the half of keys whose digest begins with a one bit.
    expect(randomPartitioner.tokenOf(utf8(''))).toBe(2n ** 128n - 0xd41d8cd98f00b204e9800998ecf8427en)
    expect(randomPartitioner.tokenOf(utf8('abc'))).toBe(2n ** 128n - 0x900150983cd24fb0d6963f7d28e17f72n)
    expect(randomPartitioner.tokenOf(utf8('a'))).toBe(0x0cc175b9c0f1b6a831c399e269772661n)
    expect(randomPartitioner.compare(1n, 2n)).toBe(-1)
    expect(randomPartitioner.parse('170141183460469231731687303715884105728')).toBe(2n ** 127n)
  })
  test('byte ordered: tokens are keys, compared as unsigned bytes', () => {
    const order = ['', '00', '0001', '7f', '80', 'ff', 'ff00'].map((text) => byteOrderedPartitioner.parse(text))
    for (let i = 1; i < order.length; i++) expect(byteOrderedPartitioner.compare(order[i - 1]!, order[i]!)).toBeLessThan(0)
    expect(() => byteOrderedPartitioner.parse('xyz')).toThrow(TypeError)
  })
  test('murmur3: halves and whole numbers agree', () => {
    for (const token of [0n, -1n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 123_456_789_012_345n, -(2n ** 32n), 2n ** 32n - 1n]) {
      expect(murmur3Partitioner.toCql(murmur3Partitioner.fromCql(token))).toBe(token)
      expect(murmur3Partitioner.parse(String(token))).toEqual(murmur3Partitioner.fromCql(token))
    }
  })
  test('a key of one part is hashed as it is; of several, each with its length and a zero', () => {
    expect(routingKeyOf([utf8('a')])).toEqual(utf8('a'))
    expect(routingKeyOf([utf8('a'), new Uint8Array(0)])).toEqual(Uint8Array.of(0, 1, 97, 0, 0, 0, 0))
    expect(routingKeyOf([new Uint8Array(65_535), utf8('b')])!.length).toBe(65_542)
    expect(routingKeyOf([new Uint8Array(65_536), utf8('b')])).toBe(undefined)
  })
})

describe('ScyllaDB', () => {
  test('shards: as 128-bit arithmetic gives them', () => {
    const random = new SeededRandom(3)
    for (let i = 0; i < 5000; i++) {
      const token = BigInt.asIntN(64, (BigInt(random.uint32()) << 32n) | BigInt(random.uint32()))
      const shards = random.between(1, 300)
      const ignoreMsb = random.pick([0, 1, 12, 31, 32, 40])
      const exact = Number((BigInt.asUintN(64, BigInt.asUintN(64, token + 2n ** 63n) << BigInt(ignoreMsb)) * BigInt(shards)) >> 64n)
      expect(shardOf(murmur3Partitioner.fromCql(token), shards, ignoreMsb)).toBe(exact)
    }
  })
  test('sharding is read from SUPPORTED, and only of the algorithm that is known', () => {
    const supported = new Map([['SCYLLA_SHARD', ['3']], ['SCYLLA_NR_SHARDS', ['12']], ['SCYLLA_SHARDING_ALGORITHM', ['biased-token-round-robin']], ['SCYLLA_SHARDING_IGNORE_MSB', ['12']], ['SCYLLA_SHARD_AWARE_PORT', ['19042']]])
    expect(shardingOf(supported)).toEqual({ shard: 3, shards: 12, ignoreMsb: 12, shardAwarePort: 19_042, shardAwarePortTls: undefined })
    for (const [name, value] of [['SCYLLA_SHARD', '12'], ['SCYLLA_NR_SHARDS', 'x'], ['SCYLLA_NR_SHARDS', '0'], ['SCYLLA_SHARDING_ALGORITHM', 'other']] as const) expect(shardingOf(new Map([...supported, [name, [value]]]))).toBe(undefined)
    expect(shardingOf(new Map())).toBe(undefined)
  })
  test('tablets: a new one takes the place of all that it overlaps; tables and nodes are forgotten', () => {
    const at = (token: number) => murmur3Partitioner.fromCql(BigInt(token))
    const map = new TabletMap()
    const add = (first: number, last: number, hostId: string): void => map.add('ks', 't', { first: at(first), last: at(last), replicas: [{ hostId, shard: 1 }] })
    const find = (token: number): string | undefined => map.find('ks', 't', at(token))?.replicas[0]!.hostId
    add(200, 300, 'c')
    add(0, 100, 'a')
    add(100, 200, 'b')
    expect([0, 1, 100, 101, 200, 300, 301].map(find)).toEqual([undefined, 'a', 'a', 'b', 'b', 'c', undefined])
    add(150, 250, 'd')
    expect([100, 120, 151, 250, 260].map(find)).toEqual(['a', undefined, 'd', 'd', undefined])
    map.forgetNode('a')
    expect([find(50), find(200), map.sizeOf('ks', 't')]).toEqual([undefined, 'd', 1])
    map.add('ks', 'other', { first: at(0), last: at(10), replicas: [] })
    map.forget('ks', 't')
    expect([map.sizeOf('ks', 't'), map.sizeOf('ks', 'other')]).toEqual([0, 1])
    map.forget('ks')
    expect(map.sizeOf('ks', 'other')).toBe(0)
  })
})
