import { expect, test } from 'vitest'
import { AbortedError, Client, NoNodeAvailableError, OverloadedError, RequestTimeoutError, UnavailableError } from '../../src/client/index.js'
import { fallthroughRetry } from '../../src/policies/index.js'
import { CqlServer } from '../../src/server/index.js'

const quorum = { consistency: 'quorum' } as const

async function cluster(replicationFactor = 3, options: Parameters<typeof CqlServer.start>[0] = {}): Promise<CqlServer> {
  const server = await CqlServer.start({ nodes: 3, port: 0, ...options })
  await using admin = await Client.connect({ contactPoints: server.contactPoints, localDataCenter: 'datacenter1' })
  await admin.execute(`CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': ${replicationFactor}}`)
  await admin.execute('CREATE TABLE app.t (k int PRIMARY KEY, v text)')
  return server
}

const connect = (server: CqlServer, options: object = {}): Promise<Client> => Client.connect({ contactPoints: server.contactPoints, keyspace: 'app', connectTimeoutMs: 1000, attemptTimeoutMs: 300, ...options })

test('three nodes: a client knows them all, and asks the replicas', async () => {
  await using server = await cluster(1)
  await using client = await connect(server, { connectTimeoutMs: 10_000, attemptTimeoutMs: 10_000 })
  expect(client.cluster.nodes.map(({ address, port }) => `${address}:${port}`).sort()).toEqual([...server.contactPoints].sort())
  const coordinators = new Set<string>()
  for (let k = 0; k < 60; k++) {
    await client.execute('INSERT INTO t (k, v) VALUES (?, ?)', [k, String(k)])
    const { info } = await client.execute('SELECT v FROM t WHERE k = ?', [k])
    const [replica] = client.cluster.replicas('app', (await client.execute('SELECT token(k) AS place FROM t WHERE k = ?', [k])).one()['place'] as bigint)
    expect(info.node).toBe(`127.0.0.1:${replica!.port}`)
    coordinators.add(info.node)
  }
  expect(coordinators.size).toBe(3)
  expect((await client.execute('SELECT count(*) AS n FROM t')).one()['n']).toBe(60n)
})

test('a node that is killed: the others serve, tell their clients, and count its replicas', async () => {
  await using server = await cluster()
  await using client = await connect(server)
  const told: string[] = []
  client.on('nodeDown', ({ port: down }) => told.push(`down ${down}`))
  client.on('nodeUp', ({ port: up }) => told.push(`up ${up}`))
  const { port } = server.node(2)
  await server.node(2).kill()
  for (let k = 0; k < 20; k++) await client.execute('INSERT INTO t (k, v) VALUES (?, ?)', [k, 'x'], { ...quorum, idempotent: true })
  await expect(client.execute('SELECT * FROM t WHERE k = 1', [], { consistency: 'all' })).rejects.toThrow(UnavailableError)
  await server.node(3).kill()
  const error = await client.execute('SELECT * FROM t WHERE k = 1', [], quorum).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'UnavailableError', alive: 1, required: 2 })
  expect((await client.execute('SELECT v FROM t WHERE k = 1', [], { consistency: 'one' })).one()).toEqual({ v: 'x' })
  await expect(client.cas('INSERT INTO t (k, v) VALUES (99, ?) IF NOT EXISTS', ['x'])).rejects.toThrow('Cannot achieve consistency level SERIAL')
  await server.node(3).start()
  await server.node(2).start()
  expect(server.node(2).port).toBe(port)
  await expect.poll(() => client.execute('SELECT v FROM t WHERE k = 1', [], { consistency: 'all' }).then(({ rows }) => rows.length, () => 0), { timeout: 10_000 }).toBe(1)
  await expect.poll(() => told.filter((line) => line === `up ${port}`).length, { timeout: 10_000 }).toBeGreaterThan(0)
  expect(told).toContain(`down ${port}`)
})

test('a node that is paused answers nothing, and all of it when it goes on', async () => {
  await using server = await cluster()
  await using client = await connect(server, { heartbeatMs: 60_000 })
  server.node(1).pause()
  for (let k = 0; k < 12; k++) await client.execute('INSERT INTO t (k, v) VALUES (?, ?)', [k, 'x'], { ...quorum, idempotent: true })
  const first = client.cluster.nodes.find(({ port }) => port === server.node(1).port)!
  await expect(client.execute('SELECT * FROM t WHERE k = 1', [], { node: first.hostId, timeoutMs: 300 })).rejects.toThrow(RequestTimeoutError)
  server.node(1).resume()
  await expect.poll(() => client.execute('SELECT v FROM t WHERE k = 1', [], { node: first.hostId }).then(({ rows }) => rows.length, () => 0)).toBe(1)
})

test('a node that refuses keeps the connections that it has', async () => {
  await using server = await cluster()
  await using client = await connect(server)
  server.node(1).refuse()
  const first = client.cluster.nodes.find(({ port }) => port === server.node(1).port)!
  expect((await client.execute('SELECT * FROM t', [], { node: first.hostId })).rows).toEqual([])
  await expect(Client.connect({ contactPoints: [server.node(1).contactPoint], connectTimeoutMs: 500, connectRetry: false })).rejects.toThrow(NoNodeAvailableError)
  await server.node(1).start()
  await using again = await Client.connect({ contactPoints: [server.node(1).contactPoint] })
  expect(again.cluster.nodes).toHaveLength(3)
})

test('faults: by opcode, statement, count and chance; lost, cut, late', async () => {
  await using server = await cluster()
  await using client = await connect(server, { retry: fallthroughRetry })
  const run = (text: string, options: object = {}): Promise<unknown> => client.execute(text, [], { ...options, idempotent: false })
  const stop = server.faults.add({ opcode: 'QUERY', matching: /special/, times: 2, respond: 'overloaded' })
  await run('SELECT * FROM t')
  await expect(run('SELECT * FROM t /* special */')).rejects.toThrow(OverloadedError)
  await expect(run('SELECT * FROM t /* special */')).rejects.toThrow(OverloadedError)
  await run('SELECT * FROM t /* special */')
  stop()
  const seen: string[] = []
  server.faults.add({ opcode: ['EXECUTE', 'BATCH'], times: 2, onHit: ({ opcode, statement }) => seen.push(`${opcode} ${statement}`) })
  await client.execute('INSERT INTO t (k, v) VALUES (?, ?)', [7, 'x'])
  await client.batch([{ query: 'DELETE FROM t WHERE k = ?', values: [8] }])
  expect(seen).toEqual(['EXECUTE INSERT INTO t (k, v) VALUES (?, ?)', 'BATCH DELETE FROM t WHERE k = ?'])
  server.faults.add({ matching: /lost/, drop: 'request', times: 1 })
  await expect(run('SELECT * FROM t /* lost */', { timeoutMs: 200 })).rejects.toThrow(RequestTimeoutError)
  server.faults.add({ matching: /unheard/, cut: 'response', times: 1 })
  await expect(run("INSERT INTO t (k, v) VALUES (9, 'unheard')")).rejects.toMatchObject({ outcome: 'undetermined' })
  expect((await client.execute('SELECT v FROM t WHERE k = 9')).one()).toEqual({ v: 'unheard' })
  server.faults.add({ matching: /late/, delayMs: 150, times: 1 })
  const started = performance.now()
  await run('SELECT * FROM t /* late */')
  expect(performance.now() - started).toBeGreaterThan(140)
  const first = client.cluster.nodes.find(({ port }) => port === server.node(1).port)!
  server.node(1).faults.add({ opcode: 'QUERY', respond: 'serverError', times: 1 })
  await expect(run('SELECT * FROM t', { node: first.hostId })).rejects.toThrow('Injected: server error')
  server.node(1).delay(100)
  const late = performance.now()
  await run('SELECT * FROM t', { node: first.hostId })
  expect(performance.now() - late).toBeGreaterThan(90)
  server.node(1).delay(0)
  const controller = new AbortController()
  server.faults.add({ matching: /given up/, delayMs: 1000, times: 1 })
  const waiting = run('SELECT * FROM t /* given up */', { signal: controller.signal })
  controller.abort()
  await expect(waiting).rejects.toThrow(AbortedError)
})

test('data centres, loopback addresses, and what cannot be', async () => {
  await using server = await CqlServer.start({ nodes: { dc1: 2, dc2: 1 }, port: 0 })
  await using client = await Client.connect({ contactPoints: server.contactPoints.slice(0, 1), localDataCenter: 'dc1' })
  await client.execute("CREATE KEYSPACE two WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 2, 'dc2': 1}")
  await client.execute('CREATE TABLE two.t (k int PRIMARY KEY)')
  await server.node(3).kill()
  await client.execute('INSERT INTO two.t (k) VALUES (1)', [], { consistency: 'localQuorum' })
  await expect(client.execute('INSERT INTO two.t (k) VALUES (1)', [], { consistency: 'eachQuorum' })).rejects.toThrow(UnavailableError)
  expect(() => server.node(4)).toThrow('There are nodes 1 to 3, not 4')
  await expect(CqlServer.start({ nodes: 0 })).rejects.toThrow("'nodes' must be a whole number from 1 to 250")
  await expect(CqlServer.start({ nodes: 2, addresses: 'loopback', host: '::1' })).rejects.toThrow('loopback')
})

test.skipIf(process.platform === 'darwin')('loopback addresses, for clients that read peers only', async () => {
  await using server = await CqlServer.start({ nodes: 3, addresses: 'loopback', host: '127.0.77.1', port: 19_042 })
  expect(server.contactPoints).toEqual(['127.0.77.1:19042', '127.0.77.2:19042', '127.0.77.3:19042'])
  await using client = await Client.connect({ contactPoints: ['127.0.77.2:19042'] })
  expect((await client.execute('SELECT peer FROM system.peers')).rows).toHaveLength(2)
  expect(client.cluster.nodes).toHaveLength(3)
})

test('replicas that are not there: levels that ask for more are refused, and the client is warned', async () => {
  await using server = await CqlServer.start({ port: 0, nodes: { east: 2, west: 1 } })
  await using client = await Client.connect({ contactPoints: server.contactPoints, localDataCenter: 'east' })
  const made = await client.execute("CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 2}")
  expect(made.info.warnings).toEqual(['Your replication factor 2 for keyspace ks is higher than the number of nodes 1 for datacenter west'])
  expect((await client.execute("SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = 'ks'")).first()!['replication']).toEqual(new Map([['class', 'org.apache.cassandra.locator.NetworkTopologyStrategy'], ['east', '2'], ['west', '2']]))
  expect((await client.execute("ALTER KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 4}")).info.warnings).toEqual(['Your replication factor 4 for keyspace ks is higher than the number of nodes 3'])
  await client.execute("ALTER KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}")
  await client.execute('CREATE TABLE ks.t (k int PRIMARY KEY)')
  await client.execute('SELECT * FROM ks.t WHERE k = 1', [], { consistency: 'two' })
  await expect(client.execute('SELECT * FROM ks.t WHERE k = 1', [], { consistency: 'three' })).rejects.toMatchObject({ code: 'CQL_UNAVAILABLE', required: 3, alive: 2 })
})

test('three nodes start within 150 ms, one within 50', async () => {
  await CqlServer.start({ port: 0 }).then((server) => server.close())
  const times = async (nodes: number): Promise<number> => {
    const all: number[] = []
    for (let i = 0; i < 7; i++) {
      const started = performance.now()
      const server = await CqlServer.start({ nodes, port: 0 })
      all.push(performance.now() - started)
      await server.close()
    }
    return all.sort((a, b) => a - b)[3]!
  }
  expect(await times(1)).toBeLessThan(50)
  expect(await times(3)).toBeLessThan(150)
})
