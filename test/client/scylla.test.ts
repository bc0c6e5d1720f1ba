// What ScyllaDB does beyond the specification, by a double of it: nodes with shards, tablets, marks and a rate limit, in front of the embedded server.
import { afterEach, describe, expect, test } from 'vitest'
import { Client, RateLimitError } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { shardOf, murmur3Partitioner } from '../../src/cluster/index.js'
import { Codecs, encodeCell, parseType } from '../../src/codecs/index.js'
import { ByteWriter } from '../../src/base/index.js'
import type { Rewrite } from '../../src/testing/index.js'
import { connect as platformConnect } from '../../src/transport/index.js'
import type { Connect } from '../../src/transport/index.js'
import { FaultProxy } from '../../src/testing/index.js'
import { ClusterDouble, hostIdOf } from '../support/cluster-double.js'
import { ScriptedServer } from '../support/scripted-server.js'

const SHARDS = 4
const IGNORE_MSB = 12
const LWT_MASK = 0x8000_0000
const RATE_LIMIT_CODE = 0xf0_00
const port = 20_000 + (process.pid % 10_000)

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing[Symbol.asyncDispose]()
})

interface ScyllaOptions {
  /** Where the source port chooses the shard. */
  readonly shardAwarePort?: 'works' | 'behind NAT' | 'closed'
  readonly tablets?: boolean
}

/** A link's shard, as the node would give it. */
type ShardChoice = (link: { readonly remotePort: number }) => number

async function start({ shardAwarePort, tablets = false }: ScyllaOptions = {}): Promise<ClusterDouble> {
  const tabletCodec = new Codecs().of(parseType('tuple<bigint, bigint, list<frozen<tuple<uuid, int>>>>'))
  const rewriteWith = (hostId: string, choose: ShardChoice): Rewrite => {
    const shards = new WeakMap<object, number>()
    return (response, extras, request, link) => {
      let shard = shards.get(link)
      if (shard === undefined) shards.set(link, (shard = choose(link)))
      if (response.type === 'SUPPORTED') {
        const options = new Map([...response.options,
          ['SCYLLA_SHARD', [String(shard)]], ['SCYLLA_NR_SHARDS', [String(SHARDS)]], ['SCYLLA_SHARDING_ALGORITHM', ['biased-token-round-robin']], ['SCYLLA_SHARDING_IGNORE_MSB', [String(IGNORE_MSB)]],
          ['SCYLLA_LWT_ADD_METADATA_MARK', [`LWT_OPTIMIZATION_META_BIT_MASK=${LWT_MASK}`]], ['SCYLLA_RATE_LIMIT_ERROR', [`ERROR_CODE=${RATE_LIMIT_CODE}`]],
          ...(shardAwarePort === undefined ? [] : [['SCYLLA_SHARD_AWARE_PORT', [String(port + 1)]] as const]), ...(tablets ? [['TABLETS_ROUTING_V1', ['']] as const] : []),
        ] as const)
        return { response: { ...response, options }, extras }
      }
      if (response.type !== 'RESULT') return undefined
      if (response.kind === 'PREPARED') return / IF /.test(request!.statement) ? { response: { ...response, variables: { ...response.variables, otherFlags: LWT_MASK | 0 } }, extras } : undefined
      if (request?.opcode !== 'EXECUTE') return undefined
      const warnings = [`shard ${shard}`]
      if (!tablets || (hostId === hostIdOf(2) && shard === 3)) return { response, extras: { ...extras, warnings } }
      // The tablet of all tokens is on shard 3 of the second node.
      const writer = new ByteWriter()
      encodeCell(tabletCodec, writer, [-(2n ** 63n), 2n ** 63n - 1n, [[hostIdOf(2), 3]]])
      return { response, extras: { ...extras, warnings, payload: new Map([['tablets-routing-v1', writer.toBytes().subarray(4)]]) } }
    }
  }
  const double = await ClusterDouble.start({
    nodes: [{ address: '127.0.46.1', port }, { address: '127.0.46.2', port }], peersV2: false,
    rewrite: ({ hostId }) => {
      let turn = 0
      return rewriteWith(hostId, () => turn++ % SHARDS)
    },
  })
  opened.push(double)
  if (shardAwarePort !== undefined && shardAwarePort !== 'closed') {
    for (const { hostId, address } of double.nodes) {
      opened.push(await FaultProxy.start({
        target: double.server.contactPoints[0]!, host: address, port: port + 1,
        rewrite: rewriteWith(hostId, ({ remotePort }) => (shardAwarePort === 'works' ? remotePort % SHARDS : 0)),
      }))
    }
  }
  const setup = await Client.connect({ contactPoints: double.server.contactPoints })
  await setup.execute("CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}")
  await setup.execute('CREATE TABLE ks.t (id int PRIMARY KEY, v int)')
  await setup.close()
  return double
}

async function connect(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await Client.connect({ contactPoints: [`127.0.46.1:${port}`], protocolVersion: 4, policies: { reconnection: { delayMs: () => 20 } }, ...options })
  opened.push(client)
  return client
}

const insert = 'INSERT INTO ks.t (id, v) VALUES (?, ?)'
const connectionsOf = (client: Client): number[] => [...client.stats().nodes.values()].map(({ connections }) => connections)
const tokenOf = (client: Client, id: number): bigint => client.cluster.tokenOf(Uint8Array.of(0, 0, id >> 8, id & 255)) as bigint

/** Every request must have come to the node and the shard of its token. */
async function expectShardAware(client: Client): Promise<void> {
  const seen = new Set<string>()
  for (let id = 0; id < 200; id++) {
    const { info } = await client.execute(insert, [id, id])
    const token = tokenOf(client, id)
    const [replica] = client.cluster.replicas('ks', token)
    expect([info.node, info.warnings]).toEqual([`${replica!.address}:${port}`, [`shard ${shardOf(murmur3Partitioner.fromCql(token), SHARDS, IGNORE_MSB)}`]])
    seen.add(`${info.node} ${info.warnings.join()}`)
  }
  expect(seen.size).toBe(2 * SHARDS)
}

describe('shards', () => {
  test('through the port where the source port chooses the shard', async () => {
    const double = await start({ shardAwarePort: 'works' })
    const client = await connect()
    await expect.poll(() => connectionsOf(client)).toEqual([SHARDS, SHARDS])
    await expectShardAware(client)
    // One connection to the usual port for each node, one for the control connection; all others through the other port.
    expect(double.proxies.map(({ accepted }) => accepted).reduce((sum, count) => sum + count)).toBe(3)
  })
  test('ports of this machine that are in use are no reason to go another way', async () => {
    const double = await start({ shardAwarePort: 'works' })
    let refused = 0
    const transport: Connect = (options, handlers) => {
      // The first ones that are tried are taken, fewer than one connection tries.
      if (options.localPort !== undefined && refused < 4 && ++refused > 0) return Promise.reject(Object.assign(new Error('in use'), { code: 'EADDRINUSE' }))
      return platformConnect(options, handlers)
    }
    const client = await connect({ transport })
    await expect.poll(() => connectionsOf(client)).toEqual([SHARDS, SHARDS])
    await expectShardAware(client)
    expect(refused).toBe(4)
    expect(double.proxies.map(({ accepted }) => accepted).reduce((sum, count) => sum + count)).toBe(3)
  })
  test.each([undefined, 'behind NAT', 'closed'] as const)('without it (%s): connections are opened until each shard has one, and the surplus is closed', async (shardAwarePort) => {
    await start({ ...(shardAwarePort && { shardAwarePort }) })
    const client = await connect()
    await expect.poll(() => connectionsOf(client), { timeout: 5000 }).toEqual([SHARDS, SHARDS])
    await expectShardAware(client)
  })
  test('a lost connection is replaced by one to the same shard; meanwhile any connection will do', async () => {
    const double = await start({ shardAwarePort: 'works' })
    const client = await connect()
    await expect.poll(() => connectionsOf(client)).toEqual([SHARDS, SHARDS])
    for (const proxy of double.proxies) proxy.cut()
    for (let id = 0; id < 50; id++) await client.execute(insert, [id, id], { idempotent: true })
    await expect.poll(() => connectionsOf(client)).toEqual([SHARDS, SHARDS])
    await expectShardAware(client)
  })
})

describe('tablets', () => {
  test('the answer to a misrouted request tells where the tablet is: later ones go there, and its shard', async () => {
    await start({ shardAwarePort: 'works', tablets: true })
    const client = await connect()
    await expect.poll(() => connectionsOf(client)).toEqual([SHARDS, SHARDS])
    for (let id = 0; id < 3; id++) await client.execute(insert, [id, id])
    for (let id = 0; id < 50; id++) {
      const { info } = await client.execute(insert, [id, id])
      expect([info.node, info.warnings]).toEqual([`127.0.46.2:${port}`, ['shard 3']])
    }
    // A table that was made anew has other tablets.
    await client.execute('DROP TABLE ks.t')
    await client.execute('CREATE TABLE ks.t (id int PRIMARY KEY, v int)')
    const nodes = new Set<string>()
    for (let id = 0; id < 1; id++) nodes.add((await client.execute('UPDATE ks.t SET v = ? WHERE id = ?', [1, id])).info.warnings.join())
    expect([...nodes]).toEqual([`shard ${shardOf(murmur3Partitioner.fromCql(tokenOf(client, 0)), SHARDS, IGNORE_MSB)}`])
  })
})

test('the mark of lightweight transactions is believed, and their replicas are asked in ring order', async () => {
  const double = await start()
  const client = await connect({ keyspace: 'ks' })
  await client.execute("ALTER KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 2}")
  const lwt = 'UPDATE t SET v = ? WHERE id = ? IF v = ?'
  for (let id = 0; id < 40; id++) {
    const [primary] = client.cluster.replicas('ks', tokenOf(client, id))
    expect((await client.execute(lwt, [1, id, null])).info.node).toBe(`${primary!.address}:${port}`)
  }
  const others = new Set<string>()
  for (let i = 0; i < 40; i++) others.add((await client.execute(insert, [1, i])).info.node)
  expect(others.size).toBe(2)
  expect(double.proxies.length).toBe(2)
})

test('the rate limit error has a class of its own, under the code that the node has chosen', async () => {
  const double = await start()
  const client = await connect()
  await client.prepare(insert)
  for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', respond: { type: 'ERROR', code: RATE_LIMIT_CODE, message: 'too often', details: { operation: 'write', rejectedByCoordinator: true } } })
  const error = await client.execute(insert, [1, 1], { idempotent: true }).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ operation: 'write', rejectedByCoordinator: true, code: 'CQL_RATE_LIMIT', outcome: 'retryable', protocolCode: RATE_LIMIT_CODE })
  expect(double.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE' }), 0)).toBe(1)
})

test('STARTUP repeats the extensions that are used, and not what is only information', async () => {
  const startups: ReadonlyMap<string, string>[] = []
  const server = await ScriptedServer.start((request, streamId, connection) => {
    if (request.type === 'STARTUP') startups.push(request.options)
    if (request.type !== 'OPTIONS') return false
    connection.reply(streamId, { type: 'SUPPORTED', options: new Map([
      ['CQL_VERSION', ['3.3.1']], ['SCYLLA_SHARD', ['0']], ['SCYLLA_NR_SHARDS', ['1']], ['SCYLLA_SHARDING_ALGORITHM', ['biased-token-round-robin']], ['TABLETS_ROUTING_V1', ['']],
      ['SCYLLA_LWT_ADD_METADATA_MARK', ['LWT_OPTIMIZATION_META_BIT_MASK=8']], ['SCYLLA_RATE_LIMIT_ERROR', ['ERROR_CODE=61440']], ['SCYLLA_UNHEARD_OF', ['1']],
    ]) })
    return true
  })
  opened.push(server)
  opened.push(await Client.connect({ contactPoints: server.contactPoints }))
  const own = Object.fromEntries([...startups[0]!].filter(([name]) => /SCYLLA|TABLETS/.test(name)))
  expect(own).toEqual({ TABLETS_ROUTING_V1: '', SCYLLA_LWT_ADD_METADATA_MARK: 'LWT_OPTIMIZATION_META_BIT_MASK=8', SCYLLA_RATE_LIMIT_ERROR: 'ERROR_CODE=61440' })
})
