// What a client does with several nodes: one database behind proxies that answer as nodes of their own.
import { afterEach, describe, expect, test } from 'vitest'
import { Client, NoNodeAvailableError, OptionError, OverloadedError, RequestTimeoutError } from '../../src/client/index.js'
import type { ClientOptions, Result } from '../../src/client/index.js'
import { constantSpeculation, latencyAware, nodeGuard, percentileSpeculation, RetryBudget, tokenAware } from '../../src/policies/index.js'
import { errorCodes, errorMessage } from '../../src/protocol/index.js'
import { CqlServer } from '../../src/server/index.js'
import { FaultProxy, throughProxies } from '../../src/testing/index.js'
import { ClusterDouble, hostIdOf } from '../support/cluster-double.js'
import type { ClusterDoubleOptions } from '../support/cluster-double.js'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing[Symbol.asyncDispose]()
})

async function start(nodes: ClusterDoubleOptions['nodes'], replication = "{'class': 'NetworkTopologyStrategy', 'dc1': 1}", more: Partial<ClusterDoubleOptions> = {}): Promise<ClusterDouble> {
  const double = await ClusterDouble.start({ nodes, ...more })
  opened.push(double)
  const setup = await Client.connect({ contactPoints: double.server.contactPoints })
  await setup.execute(`CREATE KEYSPACE ks WITH replication = ${replication}`)
  await setup.execute('CREATE TABLE ks.t (id int PRIMARY KEY, v int, writer text)')
  await setup.execute('CREATE TABLE ks.composite (a text, b bigint, c int, v int, PRIMARY KEY ((a, b), c))')
  await setup.close()
  return double
}

async function connect(double: ClusterDouble, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await Client.connect({ contactPoints: [double.contactPoints[0]!], policies: { reconnection: { delayMs: () => 50 } }, pool: { warmUp: true }, ...options })
  opened.push(client)
  return client
}

const insert = 'INSERT INTO ks.t (id, v) VALUES (?, ?)'
const three = [{}, {}, {}]

/** Runs requests, and says what share of them went to a replica. */
async function shareAtReplicas(client: Client, requests: (i: number) => Promise<Result>, tokens: (i: number) => Promise<bigint>, count = 300): Promise<number> {
  let hits = 0
  for (let i = 0; i < count; i++) {
    const { info } = await requests(i)
    const replicas = client.cluster.replicas('ks', await tokens(i)).map(({ address, port }) => `${address}:${port}`)
    if (replicas.includes(info.node)) hits++
  }
  return hits / count
}

describe('routing', () => {
  test.each([3, 4, 5] as const)('version %s: prepared requests go to a replica, of single and composite keys; the others to all nodes', async (protocolVersion) => {
    const double = await start(three)
    const client = await connect(double, { protocolVersion })
    const token = async (query: string, values: unknown[]): Promise<bigint> => (await client.execute<{ t: bigint }>(query, values)).one().t
    expect(await shareAtReplicas(client, (i) => client.execute(insert, [i, i]), (i) => token('SELECT token(id) AS t FROM ks.t WHERE id = ?', [i]))).toBe(1)
    const composite = 'INSERT INTO ks.composite (a, b, c, v) VALUES (?, ?, ?, ?)'
    expect(await shareAtReplicas(client, (i) => client.execute(composite, [`a${i}`, i, 1, 2]), (i) => token('SELECT token(a, b) AS t FROM ks.composite WHERE a = ? AND b = ?', [`a${i}`, i]))).toBe(1)
    double.proxies.forEach((proxy) => proxy.resetCounts())
    for (let i = 0; i < 300; i++) await client.execute('SELECT v FROM ks.t')
    for (const proxy of double.proxies) expect(proxy.count({ opcode: 'QUERY', matching: /SELECT v/ })).toBe(100)
  })
  test('named values, batches, and statements that are not prepared but have a routing key', async () => {
    const double = await start(three)
    const client = await connect(double)
    const token = async (id: number): Promise<bigint> => (await client.execute<{ t: bigint }>('SELECT token(id) AS t FROM ks.t WHERE id = ?', [id])).one().t
    for (let id = 0; id < 50; id++) await client.execute(insert, [id, id])
    const key = (id: number): Uint8Array => new Uint8Array([0, 0, 0, id])
    expect(await shareAtReplicas(client, (id) => client.execute('UPDATE ks.t SET v = :v WHERE id = :id', { id, v: 1 }), token, 50)).toBe(1)
    expect(await shareAtReplicas(client, (id) => client.batch([{ query: insert, values: [id, 2] }, { query: insert, values: [id + 1, 2] }]), token, 50)).toBe(1)
    expect(await shareAtReplicas(client, (id) => client.execute(`SELECT v FROM ks.t WHERE id = ${id}`, [], { keyspace: 'ks', routingKey: key(id) }), token, 50)).toBe(1)
  })
  test('requests about a token go to its replicas; statements tell the key and the length of values', async () => {
    const double = await start(three)
    const client = await connect(double)
    const statement = await client.prepare(insert)
    expect(statement.routingKey([7, 8])).toEqual(new Uint8Array([0, 0, 0, 7]))
    expect(statement.encodedLength([7, 8])).toBe(16)
    expect(() => statement.encodedLength(['x', 8])).toThrow(/Parameter 1 'id' of type int/)
    const token = async (id: number): Promise<bigint> => client.cluster.tokenOf(statement.routingKey([id, 0])!) as bigint
    const range = 'SELECT id FROM ks.t WHERE token(id) > ? AND token(id) <= ?'
    expect(await shareAtReplicas(client, async (id) => client.execute(range, [(await token(id)) - 1n, await token(id)], { routingToken: await token(id) }), token, 50)).toBe(1)
    expect(await shareAtReplicas(client, async (id) => client.execute('SELECT id FROM ks.t', [], { keyspace: 'ks', routingToken: await token(id) }), token, 50)).toBe(1)
    expect((await client.execute(range, [0n, 1n])).info.bytes).toBeGreaterThan(8)
    await expect(client.execute(range, [0n, 1n], { routingToken: 1 as unknown as bigint })).rejects.toThrow(/'routingToken' must be a bigint or a Uint8Array/)
  })
  test('the local rack has the replica that is asked', async () => {
    const double = await start([{ rack: 'r1' }, { rack: 'r2' }, { rack: 'r3' }], "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { localRack: 'r2' })
    for (let i = 0; i < 100; i++) expect((await client.execute(insert, [i, i])).info.node).toBe(double.contactPoints[1])
  })
  test('requests to a node by address or host id, and to one that is not known', async () => {
    const double = await start(three)
    const client = await connect(double)
    for (const node of [double.contactPoints[2]!, hostIdOf(3)]) expect((await client.execute(insert, [1, 1], { node })).info.node).toBe(double.contactPoints[2])
    await expect(client.execute(insert, [1, 1], { node: '9.9.9.9:1' })).rejects.toThrow(/No node '9.9.9.9:1' is known/)
  })
})

describe('data centres', () => {
  const two = [{ dataCenter: 'dc1' }, { dataCenter: 'dc1' }, { dataCenter: 'dc2' }, { dataCenter: 'dc2' }]
  const replication = "{'class': 'NetworkTopologyStrategy', 'dc1': 1, 'dc2': 1}"

  test('only the local one is used, and when it is gone requests fail', async () => {
    const double = await start(two, replication)
    const client = await connect(double)
    expect([...client.stats().nodes.keys()].sort()).toEqual(double.contactPoints.slice(0, 2).sort())
    expect(client.cluster.nodes.length).toBe(4)
    for (let i = 0; i < 50; i++) await client.execute(insert, [i, i])
    for (const proxy of double.proxies.slice(0, 2)) {
      proxy.refuse()
      proxy.cut()
    }
    await expect.poll(() => [...client.stats().nodes.values()].some(({ up }) => up)).toBe(false)
    await expect(client.execute(insert, [1, 1], { idempotent: true })).rejects.toBeInstanceOf(NoNodeAvailableError)
    for (const proxy of double.proxies.slice(2)) expect(proxy.count({ opcode: 'EXECUTE' })).toBe(0)
  })
  test('with failover the other one is used when the local one is gone, at the consistency asked for, and the local one again after', async () => {
    const double = await start(two, replication)
    const client = await connect(double, { localDataCenter: 'dc1', policies: { loadBalancing: tokenAware({ failoverTo: ['dc2'] }), reconnection: { delayMs: () => 50 } } })
    expect([...client.stats().nodes.values()].map(({ distance }) => distance).sort()).toEqual(['local', 'local', 'remote', 'remote'])
    for (let i = 0; i < 50; i++) await client.execute(insert, [i, i])
    expect(double.proxies.slice(2).map((proxy) => proxy.count({ opcode: 'EXECUTE' }))).toEqual([0, 0])
    for (const proxy of double.proxies.slice(0, 2)) {
      proxy.refuse()
      proxy.cut()
    }
    for (let i = 0; i < 50; i++) {
      const { info } = await client.execute(insert, [i, i], { idempotent: true, consistency: 'localQuorum' })
      expect(double.contactPoints.slice(2)).toContain(info.node)
      expect(info.consistency).toBe('localQuorum')
    }
    for (const proxy of double.proxies.slice(0, 2)) proxy.refuse(false)
    await expect.poll(() => double.contactPoints.slice(0, 2).every((node) => client.stats().nodes.get(node)?.up)).toBe(true)
    expect(double.contactPoints.slice(0, 2)).toContain((await client.execute(insert, [1, 1])).info.node)
  })
  test('contact points in both ask for a decision; an unknown data centre is named', async () => {
    const double = await start(two, replication)
    await expect(Client.connect({ contactPoints: double.contactPoints })).rejects.toThrow(/dc1 and dc2: say with localDataCenter/)
    await expect(Client.connect({ contactPoints: double.contactPoints, localDataCenter: 'dc9' })).rejects.toThrow(/'dc9'; the cluster has dc1, dc2/)
  })
})

describe('nodes come and go', () => {
  test('a node that moves to another port under its host id is followed', async () => {
    const double = await start(three)
    const client = await connect(double)
    await double.move(2)
    await client.refreshNodes()
    await expect.poll(() => client.stats().nodes.get(double.contactPoints[2]!)?.up).toBe(true)
    expect(client.stats().nodes.size).toBe(3)
    for (let i = 0; i < 30; i++) await client.execute(insert, [i, i])
    expect(double.proxies[2]!.count({ opcode: 'EXECUTE' })).toBeGreaterThan(0)
  })
  test('a node that leaves is let go after it has answered what it was asked, one that joins is used', async () => {
    const double = await start(three)
    double.setMember(2, false)
    const client = await connect(double)
    expect(client.stats().nodes.size).toBe(2)
    double.setMember(2, true)
    await client.refreshNodes()
    await expect.poll(() => client.stats().nodes.get(double.contactPoints[2]!)?.up).toBe(true)
    double.proxies[2]!.faults.add({ opcode: 'EXECUTE', delayMs: 150 })
    const late = client.execute(insert, [1, 1], { node: double.contactPoints[2]! })
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    double.setMember(2, false)
    await client.refreshNodes()
    expect((await late).info.node).toBe(double.contactPoints[2])
    await expect.poll(() => double.proxies[2]!.connections).toBe(0)
    expect(client.stats().nodes.size).toBe(2)
  })
  test('a node that others take for dead is asked for a sign of life, and dropped when it gives none', async () => {
    const double = await start(three)
    const client = await connect(double, { heartbeatMs: 2000 })
    const downs: string[] = []
    client.on('nodeDown', ({ hostId }) => downs.push(hostId))
    await client.execute(insert, [1, 1])
    const optionsBefore = double.proxies[1]!.count({ opcode: 'OPTIONS' })
    const say = (port: number, change: 'UP' | 'DOWN'): void => double.server.broadcast({ type: 'EVENT', event: 'STATUS_CHANGE', change, node: { address: '127.0.0.1', port } })
    say(double.proxies[1]!.port, 'DOWN')
    await expect.poll(() => double.proxies[1]!.count({ opcode: 'OPTIONS' })).toBe(optionsBefore + 1)
    expect(downs).toEqual([])
    double.proxies[1]!.freeze()
    say(double.proxies[1]!.port, 'DOWN')
    await expect.poll(() => downs, { timeout: 5000 }).toEqual([hostIdOf(2)])
  })
  test('the control connection goes on to another node, and hears of schema changes there', async () => {
    const double = await start(three)
    const client = await connect(double)
    double.proxies[0]!.refuse()
    double.proxies[0]!.cut()
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    const other = await Client.connect({ contactPoints: double.server.contactPoints })
    opened.push(other)
    await other.execute('CREATE TABLE ks.later (id int PRIMARY KEY)')
    await expect.poll(() => client.cluster.keyspaces.get('ks')?.tables.has('later'), { timeout: 5000 }).toBe(true)
    await client.execute('INSERT INTO ks.later (id) VALUES (?)', [1])
  })
  test('addresses are translated', async () => {
    const double = await start(three)
    const outer = await Promise.all(double.contactPoints.map((target) => FaultProxy.start({ target })))
    opened.push(...outer)
    const client = await connect(double, { contactPoints: [outer[0]!.address], policies: { addressTranslation: throughProxies(new Map(double.contactPoints.map((address, i) => [address, outer[i]!]))) } })
    expect([...client.stats().nodes.keys()].sort()).toEqual(outer.map(({ address }) => address).sort())
    for (let i = 0; i < 30; i++) await client.execute(insert, [i, i])
    for (const proxy of outer) expect(proxy.count({ opcode: 'EXECUTE' })).toBeGreaterThan(0)
  })
  test('connecting goes on while the database boots, if asked to, and not for what will not change', async () => {
    const free = await CqlServer.start({ port: 0 })
    const { port } = free
    await free.close()
    const options = { contactPoints: [`127.0.0.1:${port}`], policies: { reconnection: { delayMs: () => 50 } } }
    await expect(Client.connect(options)).rejects.toBeInstanceOf(NoNodeAvailableError)
    const connecting = Client.connect({ ...options, connectRetry: { timeoutMs: 10_000 } })
    await new Promise((resolve) => { setTimeout(resolve, 300) })
    opened.push(await CqlServer.start({ port, auth: { username: 'u', password: 'p' } }))
    await expect(connecting).rejects.toMatchObject({ code: 'CQL_AUTHENTICATION' })
    opened.push(await Client.connect({ ...options, connectRetry: true, auth: { username: 'u', password: 'p' } }))
    const started = performance.now()
    await expect(Client.connect({ contactPoints: ['127.0.0.1:1'], connectRetry: { timeoutMs: 300 }, policies: options.policies })).rejects.toBeInstanceOf(NoNodeAvailableError)
    expect(performance.now() - started).toBeGreaterThan(250)
  })
  test('a client that is closed while it waits to connect again is closed at once', async () => {
    const client = new Client({ contactPoints: ['127.0.0.1:1'], connectRetry: true, policies: { reconnection: { delayMs: () => 20_000 } } })
    const connecting = client.connect().catch((error: Error) => error.name)
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    const started = performance.now()
    await client.close()
    expect([await connecting, performance.now() - started < 1000]).toEqual(['ClosedError', true])
  })
  test('a wrong password is one clear error, and no storm of attempts', async () => {
    const server = await CqlServer.start({ port: 0, auth: { username: 'u', password: 'p' } })
    const proxy = await FaultProxy.start({ target: server.contactPoints[0]! })
    opened.push(server, proxy)
    await expect(Client.connect({ contactPoints: [proxy.address], auth: { username: 'u', password: 'wrong' } })).rejects.toMatchObject({ code: 'CQL_AUTHENTICATION' })
    let password = 'p'
    const client = await Client.connect({ contactPoints: [proxy.address], auth: () => ({ username: 'u', password }) })
    opened.push(client)
    password = 'changed'
    const before = proxy.accepted
    proxy.cut()
    await new Promise((resolve) => { setTimeout(resolve, 1500) })
    expect(proxy.accepted - before).toBeLessThan(8)
  })
})

describe('gateways', () => {
  test.each(['unconfigured table', 'unauthorised'] as const)('system tables that are missing or forbidden (%s): the node that answers is enough', async (how) => {
    const code = how === 'unauthorised' ? errorCodes.UNAUTHORIZED : errorCodes.INVALID
    const double = await start([{}])
    const [proxy] = double.proxies
    proxy!.faults.add({ opcode: 'QUERY', matching: /FROM system(_schema|_virtual_schema)?\./, respond: errorMessage(code, 'Injected') })
    const warnings: unknown[] = []
    const client = new Client({ contactPoints: [proxy!.address] })
    opened.push(client)
    client.on('warning', (warning) => warnings.push(warning))
    await client.connect()
    expect([client.cluster.nodes.length, client.cluster.keyspaces.size, warnings]).toEqual([1, 0, []])
    expect((await client.execute(insert, [1, 1])).info.node).toBe(proxy!.address)
  })
  test('a partitioner of its own: requests are sent without tokens', async () => {
    const double = await start([{}, {}], undefined, { partitioner: 'com.amazonaws.cassandra.DefaultPartitioner' })
    const client = await connect(double)
    expect(client.cluster.replicas('ks', 1n)).toEqual([])
    const nodes = new Set<string>()
    for (let i = 0; i < 20; i++) nodes.add((await client.execute(insert, [i, i])).info.node)
    expect(nodes.size).toBe(2)
  })
})

test('a hundred clients, opened and closed in every state, leave nothing behind', async () => {
  const double = await start(three)
  const active = (): number => process.getActiveResourcesInfo().filter((kind) => kind !== 'TCPServerWrap' && kind !== 'Immediate').length
  const open = async (i: number): Promise<void> => {
    const client = new Client({ contactPoints: [double.contactPoints[i % 3]!], speculation: constantSpeculation({ delayMs: 1 }) })
    const requests = i % 4 === 0 ? [] : Array.from({ length: 5 }, (_, id) => client.execute(insert, [id, id], { idempotent: true }).catch(() => {}))
    if (i % 3 === 0) await client.connect()
    await client.close({ drainMs: i % 2 === 0 ? 0 : 1000 })
    await Promise.all(requests)
  }
  await open(0)
  await expect.poll(() => double.server.connections).toBe(0)
  const before = active()
  for (let i = 0; i < 100; i += 10) await Promise.all(Array.from({ length: 10 }, (_, j) => open(i + j)))
  await expect.poll(() => double.server.connections).toBe(0)
  await expect.poll(active, { timeout: 5000 }).toBeLessThanOrEqual(before + 1)
})

describe('retries and second attempts', () => {
  test('an idempotent request goes on when its node freezes; when all have been asked, it begins again', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { attemptTimeoutMs: 150, timeoutMs: 5000 })
    await client.prepare(insert)
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', times: 1, drop: 'request' })
    const { info } = await client.execute(insert, [1, 1], { idempotent: true })
    expect(info.attempts).toBeGreaterThan(3)
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', times: 1, drop: 'request' })
    await expect(client.execute(insert, [1, 1], { timeoutMs: 400 })).rejects.toMatchObject({ outcome: 'undetermined', name: RequestTimeoutError.name })
  })
  test('what is not idempotent is sent once, whatever happens after', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { speculation: constantSpeculation({ delayMs: 5 }), attemptTimeoutMs: 50 })
    await client.prepare(insert)
    const counts = (): number => double.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE' }), 0)
    for (const fault of [{ cut: 'response' }, { drop: 'response' }, { respond: 'writeTimeout' }, { respond: 'serverError' }, { delayMs: 200 }] as const) {
      for (const proxy of double.proxies) {
        proxy.faults.clear()
        proxy.resetCounts()
        proxy.faults.add({ opcode: 'EXECUTE', ...fault })
      }
      await client.execute(insert, [1, 1], { timeoutMs: 300 }).catch(() => {})
      expect([fault, counts()]).toEqual([fault, 1])
      await expect.poll(() => [...client.stats().nodes.values()].every(({ up }) => up)).toBe(true)
    }
  })
  test('every node overloaded: the caller is told at once, with each attempt', async () => {
    const double = await start(three)
    const client = await connect(double)
    await client.prepare(insert)
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', respond: 'overloaded' })
    const started = performance.now()
    const error = await client.execute(insert, [1, 1]).catch((failure: unknown) => failure as NoNodeAvailableError)
    expect(error).toBeInstanceOf(NoNodeAvailableError)
    expect((error as NoNodeAvailableError).attempts.map((attempt) => attempt.error.constructor)).toEqual([OverloadedError, OverloadedError, OverloadedError])
    expect(performance.now() - started).toBeLessThan(500)
  })
  test('a speculative attempt answers for a slow node, within the same plan, and the loser keeps its stream until its answer comes', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { localRack: 'rack1' })
    const speculations: string[] = []
    client.on('speculation', ({ node }) => speculations.push(node))
    await client.prepare(insert)
    double.proxies[0]!.faults.add({ opcode: 'EXECUTE', delayMs: 300 })
    let second = 0
    const orphans = (): number => [...client.stats().nodes.values()].reduce((sum, node) => sum + node.orphans, 0)
    for (let i = 0; i < 30; i++) {
      const { info } = await client.execute(insert, [i, i], { idempotent: true, speculation: constantSpeculation({ delayMs: 20 }) })
      // A node that still owes an answer is not asked again: every few requests it gets its chance.
      if (info.speculative === 1) expect(orphans()).toBeGreaterThan(0)
      if (i % 5 === 4) await expect.poll(orphans).toBe(0)
      expect(info.node).not.toBe(double.contactPoints[0])
      expect(info.latencyMs).toBeLessThan(250)
      if (info.speculative === 1) second++
    }
    expect(second).toBe(double.proxies[0]!.count({ opcode: 'EXECUTE' }))
    expect(speculations.length).toBe(second)
    expect(second).toBeGreaterThan(0)
    await expect.poll(() => orphans() + [...client.stats().nodes.values()].reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(0)
  })
  test('by percentile: second attempts only for the slow few', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { speculation: percentileSpeculation({ percentile: 95, minMs: 20 }) })
    for (let i = 0; i < 300; i++) await client.execute(insert, [i, i], { idempotent: true })
    double.proxies[0]!.faults.add({ opcode: 'EXECUTE', delayMs: 200 })
    const infos = await Promise.all(Array.from({ length: 60 }, async (_, i) => {
      await new Promise((resolve) => { setTimeout(resolve, i * 20) })
      return (await client.execute(insert, [i, i], { idempotent: true })).info
    }))
    expect(Math.max(...infos.map(({ latencyMs }) => latencyMs))).toBeLessThan(180)
    const slow = infos.filter(({ speculative }) => speculative > 0).length
    expect(slow).toBeGreaterThanOrEqual(1)
    expect(slow).toBeLessThanOrEqual(10) // one at a time: while it owes an answer the node is spared
  })
  test('a budget ends second attempts when all nodes are slow', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { speculation: constantSpeculation({ delayMs: 5, budget: new RetryBudget({ ratio: 0.05, burst: 5 }) }) })
    await client.prepare(insert)
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', delayMs: 500 })
    const infos = await Promise.all(Array.from({ length: 200 }, async (_, i) => (await client.execute(insert, [i, i], { idempotent: true })).info))
    expect(infos.reduce((sum, { speculative }) => sum + speculative, 0)).toBe(5)
  })
  test('an error that another try cannot mend ends a request at once, though a second attempt is under way', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { speculation: constantSpeculation({ delayMs: 10 }) })
    await client.prepare(insert)
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', delayMs: 60, respond: errorMessage(errorCodes.INVALID, 'Injected') })
    await expect(client.execute(insert, [1, 1], { idempotent: true })).rejects.toMatchObject({ code: 'CQL_INVALID_QUERY' })
  })
  test('a retry policy chooses the pause, the consistency, or no error at all', async () => {
    const double = await start([{}])
    const client = await connect(double)
    double.proxies[0]!.faults.add({ opcode: 'EXECUTE', matching: /INSERT/, times: 1, respond: 'unavailable' })
    const { info } = await client.execute(insert, [1, 1], { retry: { decide: () => ({ on: 'same', afterMs: 100, consistency: 'one' }) } })
    expect([info.attempts, info.consistency]).toEqual([2, 'one'])
    expect(info.latencyMs).toBeGreaterThan(95)
    double.proxies[0]!.faults.add({ opcode: 'EXECUTE', matching: /INSERT/, times: 1, respond: 'writeTimeout' })
    expect((await client.execute(insert, [2, 2], { retry: { decide: () => 'ignore' } })).rows).toEqual([])
  })
  test('when all nodes are slow, what is sent twice is bounded, and the answers under way are waited for', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { attemptTimeoutMs: 50, timeoutMs: 5000 })
    await client.prepare(insert)
    for (const proxy of double.proxies) {
      proxy.resetCounts()
      proxy.faults.add({ opcode: 'EXECUTE', delayMs: 400 })
    }
    await Promise.all(Array.from({ length: 1000 }, (_, i) => client.execute(insert, [i, i], { idempotent: true })))
    const sent = double.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE' }), 0)
    expect(sent).toBeGreaterThan(1100)
    expect(sent).toBeLessThanOrEqual(1300)
  })
  test('a node that has stopped answering gets no more than its first few requests', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { attemptTimeoutMs: 100, timeoutMs: 5000 })
    await client.prepare(insert)
    for (const proxy of double.proxies) proxy.resetCounts()
    double.proxies[1]!.faults.add({ opcode: 'EXECUTE', delayMs: 3000 })
    for (let i = 0; i < 300; i++) await client.execute(insert, [i, i], { idempotent: true })
    // Requests come one by one, so that a node without any unanswered is the first choice: giving one up must not make it so.
    expect(double.proxies[1]!.count({ opcode: 'EXECUTE' })).toBeLessThanOrEqual(5)
  })
  test('who waits for one node holds up nobody else', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { timeoutMs: 3000, heartbeatMs: 100 })
    await client.prepare(insert)
    // Its connections break, and whoever opens a new one waits for the answer to STARTUP.
    const [, gone] = double.proxies
    gone!.freeze()
    await expect.poll(() => client.stats().nodes.get(gone!.address)!.up).toBe(false)
    const pinned = client.execute(insert, [1, 1], { node: gone!.address })
    pinned.catch(() => {})
    const started = performance.now()
    await Promise.all(Array.from({ length: 200 }, (_, i) => client.execute(insert, [i, i], { idempotent: true })))
    // A request whose other nodes have failed waits a moment and asks them again, not for the one that may never come.
    for (const proxy of double.proxies) if (proxy !== gone) proxy.faults.add({ opcode: 'EXECUTE', times: 1, drop: 'request' })
    const { info } = await client.execute(insert, [1, 1], { idempotent: true, attemptTimeoutMs: 50 })
    await client.execute(insert, [2, 2], { idempotent: true })
    expect(performance.now() - started).toBeLessThan(1000)
    expect(info.attempts).toBe(3)
    gone!.resume()
    await pinned
    expect(client.stats().queued).toBe(0)
  })
  test('requests whose time ends in the queue make room for others', async () => {
    const double = await start([{}], "{'class': 'NetworkTopologyStrategy', 'dc1': 1}")
    const client = await connect(double, { maxInFlight: 1, maxQueue: 300 })
    await client.prepare(insert)
    double.proxies[0]!.faults.add({ opcode: 'EXECUTE', times: 1, delayMs: 600 })
    const first = client.execute(insert, [0, 0])
    const codes = new Map<string, number>()
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 200 }, (_, i) => client.execute(insert, [i, i], { timeoutMs: 40 }).catch((error: { code: string }) => { codes.set(error.code, (codes.get(error.code) ?? 0) + 1) })))
      expect(client.stats().queued).toBe(0)
    }
    expect([...codes]).toEqual([['CQL_REQUEST_TIMEOUT', 1000]])
    await first
    await client.execute(insert, [1, 1])
  })
  test('what a policy throws fails its request, and nothing else', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { attemptTimeoutMs: 60 })
    await client.prepare(insert)
    const broken = (): never => { throw new Error('broken policy') }
    const profiles = {
      plan: { loadBalancing: { plan: broken } }, next: { loadBalancing: { plan: () => broken } }, observe: { loadBalancing: { ...tokenAware(), plan: tokenAware().plan.bind(tokenAware()), observe: broken } },
      decide: { retry: { decide: broken } }, delay: { speculation: { delayMs: broken } }, begin: { speculation: { delayMs: () => 5, mayBegin: broken } }, answer: { speculation: { delayMs: () => undefined, onAnswer: broken } },
    }
    const other = await connect(double, { profiles, attemptTimeoutMs: 60 })
    for (const profile of Object.keys(profiles)) {
      for (const fault of [undefined, { respond: 'overloaded' }, { cut: 'response' }, { delayMs: 100 }] as const) {
        for (const proxy of double.proxies) {
          proxy.faults.clear()
          if (fault) proxy.faults.add({ opcode: 'EXECUTE', times: 1, ...fault })
        }
        const outcome = await other.execute(insert, [1, 1], { profile, idempotent: true, timeoutMs: 1000 }).then(() => 'well', (error: Error) => error.message)
        // With all three connections cut in turn there may be nobody left to ask.
        expect(outcome, `${profile} ${JSON.stringify(fault)}`).toMatch(/^(well|broken policy|No node could take the request.*)$/s)
        await expect.poll(() => [...other.stats().nodes.values()].every(({ up }) => up)).toBe(true)
      }
      for (const proxy of double.proxies) proxy.faults.clear()
      await expect.poll(() => other.execute(insert, [1, 1], { idempotent: true }).then(() => 'well', String)).toBe('well')
    }
    await expect(other.execute(insert, [1, 1], { profile: 'plan' })).rejects.toThrow('broken policy')
  })
  test('UNPREPARED for two thousand statements at once from one node: one PREPARE each, no request fails', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { maxPrepared: 3000 })
    const statements = Array.from({ length: 2000 }, (_, i) => `SELECT v AS v${i} FROM ks.t WHERE id = ?`)
    await Promise.all(statements.map((query) => client.prepare(query)))
    const [proxy] = double.proxies
    const forgotten = new Set(statements)
    proxy!.resetCounts()
    proxy!.onRequest = ({ opcode, statement }) => { if (opcode === 'PREPARE') forgotten.delete(statement) }
    proxy!.faults.add({ opcode: 'EXECUTE', matching: ({ statement }) => forgotten.has(statement), respond: ({ statement }) => errorMessage(errorCodes.UNPREPARED, 'Injected', { id: new TextEncoder().encode(statement).slice(0, 16) }) })
    await Promise.all(statements.flatMap((query) => Array.from({ length: 3 }, (_, id) => client.execute(query, [id], { node: double.contactPoints[0]! }))))
    expect(forgotten.size).toBe(0)
    expect(proxy!.count({ opcode: 'PREPARE' })).toBe(2000)
  })
  test('a node that has forgotten a statement, and does not answer when it is prepared again, is left for the next one in time', async () => {
    const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
    const client = await connect(double, { attemptTimeoutMs: 50, timeoutMs: 3000 })
    await client.prepare(insert)
    const [proxy] = double.proxies
    proxy!.faults.add({ opcode: 'EXECUTE', respond: ({ statement }) => errorMessage(errorCodes.UNPREPARED, 'Injected', { id: new TextEncoder().encode(statement).slice(0, 16) }) })
    proxy!.faults.add({ opcode: 'PREPARE', drop: 'request' })
    for (let i = 0; i < 20; i++) {
      const { info } = await client.execute(insert, [i, i], { idempotent: true })
      expect(info.node).not.toBe(proxy!.address)
      expect(info.latencyMs).toBeLessThan(500)
    }
    expect(proxy!.count({ opcode: 'PREPARE' })).toBeGreaterThan(0)
  })
})

test.each([
  ['latency aware', () => latencyAware(tokenAware(), { retryAfterMs: 1000, minMeasurements: 20 })],
  ['with a guard of each node', () => nodeGuard(tokenAware())],
])('%s: a node slowed tenfold gets under a twentieth of the requests within two seconds, is not taken for down, and recovers', async (_name, loadBalancing) => {
  const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
  const client = await connect(double, { policies: { loadBalancing: loadBalancing(), reconnection: { delayMs: () => 50 } } })
  for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', delayMs: 4 })
  const slow = double.proxies[0]!
  const share = async (ms: number): Promise<number> => {
    for (const proxy of double.proxies) proxy.resetCounts()
    const until = performance.now() + ms
    await Promise.all(Array.from({ length: 10 }, async (_, worker) => { while (performance.now() < until) await client.execute(insert, [worker, 1]) }))
    return slow.count({ opcode: 'EXECUTE' }) / double.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE' }), 0)
  }
  // A node that was slow while everything warmed up is given another chance after a second.
  await expect.poll(() => share(500), { timeout: 10_000 }).toBeGreaterThan(0.2)
  slow.faults.clear()
  slow.faults.add({ opcode: 'EXECUTE', delayMs: 40 })
  await share(2000)
  expect(await share(900)).toBeLessThan(0.05)
  expect(client.stats().nodes.get(slow.address)!.up).toBe(true)
  slow.faults.clear()
  slow.faults.add({ opcode: 'EXECUTE', delayMs: 4 })
  await expect.poll(() => share(500), { timeout: 10_000 }).toBeGreaterThan(0.2)
})

test('a guard of each node keeps requests from one that fails; the client tells of it, and shows it', async () => {
  const double = await start(three, "{'class': 'NetworkTopologyStrategy', 'dc1': 3}")
  const loadBalancing = nodeGuard(tokenAware(), { breaker: { consecutiveFailures: 3, openMs: 300 } })
  const client = await connect(double, { policies: { loadBalancing, reconnection: { delayMs: () => 50 } } })
  const [bad] = double.proxies
  const told: string[] = []
  client.on('nodeBreaker', ({ node, from, to }) => told.push(`${node.address}:${node.port} ${from} -> ${to}`))
  await client.prepare(insert)
  bad!.faults.add({ opcode: 'EXECUTE', respond: 'overloaded' })
  const guardOf = (): unknown => client.stats().nodes.get(bad!.address)!.guard
  for (let i = 0; i < 60; i++) await client.execute(insert, [i, i])
  expect(told).toEqual([`${bad!.address} closed -> open`])
  expect(guardOf()).toMatchObject({ breaker: 'open' })
  expect(bad!.count({ opcode: 'EXECUTE' })).toBe(3)
  bad!.faults.clear()
  await expect.poll(async () => {
    await client.execute(insert, [1, 1])
    return told.at(-1)
  }).toBe(`${bad!.address} halfOpen -> closed`)
  expect(guardOf()).toMatchObject({ breaker: 'closed', limit: expect.any(Number) as number })
  // Requests that time out, on their way or in all, count as well.
  bad!.faults.add({ opcode: 'EXECUTE', delayMs: 40 })
  await expect.poll(async () => {
    await client.execute(insert, [1, 1], { idempotent: true, attemptTimeoutMs: 15 })
    return told.at(-1)
  }, { timeout: 10_000 }).toBe(`${bad!.address} closed -> open`)
})

describe('profiles', () => {
  test('a profile sets options of requests and views, after what the request itself says', async () => {
    const double = await start(three)
    const client = await connect(double, {
      profiles: { reports: { consistency: 'all', pageSize: 2, idempotent: true }, first: { loadBalancing: { plan: ({ nodes }) => { let given = 0; return () => nodes[given++] } } } },
    })
    for (let i = 0; i < 5; i++) await client.execute(insert, [i, i])
    const reports = client.with({ profile: 'reports' })
    const viaView = await reports.execute('SELECT * FROM ks.t')
    const viaRequest = await client.execute('SELECT * FROM ks.t', [], { profile: 'reports', consistency: 'one' })
    expect([viaView.rows.length, viaView.info.consistency, viaRequest.rows.length, viaRequest.info.consistency]).toEqual([2, 'all', 2, 'one'])
    for (let i = 0; i < 6; i++) expect((await client.execute('SELECT * FROM ks.t', [], { profile: 'first' })).info.node).toBe(double.contactPoints[0])
    await expect(client.execute('SELECT * FROM ks.t', [], { profile: 'nope' })).rejects.toThrow(/Unknown profile 'nope': the client has reports, first/)
    expect(() => client.with({ profile: 'nope' })).toThrow(OptionError)
    expect(() => new Client({ contactPoints: ['h'], profiles: { p: { pageSize: 0 } } })).toThrow(/profiles\.p\.pageSize/)
    expect(() => new Client({ contactPoints: ['h'], profiles: { p: { keyspace: 'x' } as never } })).toThrow(/cannot be part of a profile/)
  })
})
