// A client for one request: one socket, nothing left behind, and what it has learned is there for the next one.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client, SharedData } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

describe.each([5, 4] as const)('request mode, protocol v%i', (protocolVersion) => {
  let server: CqlServer
  let options: ClientOptions
  let requests: string[]
  beforeEach(async () => {
    server = await CqlServer.start({ port: 0, nodes: 3 })
    await using admin = await Client.connect({ contactPoints: server.contactPoints })
    await admin.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}")
    await admin.execute('CREATE TABLE app.t (k int PRIMARY KEY, v text)')
    await admin.execute('INSERT INTO app.t (k, v) VALUES (1, ?)', ['one'])
    await admin.close()
    await expect.poll(() => server.connections).toBe(0)
    options = { contactPoints: [server.contactPoints[0]!], keyspace: 'app', mode: 'request', protocolVersion }
    requests = []
    server.faults.add({ matching: (request) => { requests.push(request.opcode); return false } })
  })
  afterEach(() => server.close())

  test('opens one socket, and closes it', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const client = await Client.connect(options)
    expect((await client.execute('SELECT v FROM t WHERE k = ?', [1])).first()).toEqual({ v: 'one' })
    await client.batch([{ query: 'INSERT INTO t (k, v) VALUES (?, ?)', values: [2, 'two'] }, { query: 'INSERT INTO t (k, v) VALUES (?, ?)', values: [3, 'three'] }])
    expect((await client.execute('SELECT count(*) AS n FROM t')).first()).toEqual({ n: 3n })
    expect(server.connections).toBe(1)
    expect(client.stats().nodes.size).toBe(1)
    await client.close()
    await expect.poll(() => server.connections).toBe(0)
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBeLessThanOrEqual(before)
  })

  test('the next one asks for nothing that is known', async () => {
    const shared = new SharedData()
    {
      await using client = await Client.connect({ ...options, shared })
      await client.execute('SELECT v FROM t WHERE k = ?', [1])
    }
    // As another process, or the next request of a Worker that has slept, would have it.
    const kept = SharedData.from(JSON.stringify(shared))
    expect(kept.topology!.nodes.map(({ port }) => port).sort()).toEqual(server.nodes.map(({ port }) => port).sort())
    const nodes = new Set<string>()
    for (let i = 0; i < 20; i++) {
      requests.length = 0
      await using client = await Client.connect({ ...options, shared: kept })
      const { info, rows } = await client.execute<{ v: string }>('SELECT v FROM t WHERE k = ?', [1])
      expect(rows).toEqual([{ v: 'one' }])
      nodes.add(info.node)
      expect(requests).toEqual(['OPTIONS', 'STARTUP', ...(protocolVersion === 5 ? [] : ['QUERY']), 'EXECUTE'])
    }
    expect(nodes.size).toBe(3)
  })

  test('what is known may be old: nodes that have gone, statements that nobody knows, columns that have changed', async () => {
    const shared = new SharedData()
    const read = async (): Promise<unknown> => {
      await using client = await Client.connect({ ...options, shared, connectTimeoutMs: 500 })
      return (await client.execute('SELECT * FROM t WHERE k = ?', [1], { consistency: 'one' })).first()
    }
    expect(await read()).toEqual({ k: 1, v: 'one' })
    await server.node(2).kill()
    await server.node(3).kill()
    for (let i = 0; i < 5; i++) expect(await read()).toEqual({ k: 1, v: 'one' })
    await using admin = await Client.connect({ contactPoints: [server.contactPoints[0]!] })
    await admin.execute('ALTER TABLE app.t ADD w int')
    expect(await read()).toEqual({ k: 1, v: 'one', w: null })
    requests.length = 0
    expect(await read()).toEqual({ k: 1, v: 'one', w: null })
    expect(requests).not.toContain('PREPARE')
    await server.close()
    server = await CqlServer.start({ port: server.port })
    await using again = await Client.connect({ contactPoints: [server.contactPoints[0]!] })
    await again.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    await again.execute('CREATE TABLE app.t (k int PRIMARY KEY, v text)')
    await again.execute("INSERT INTO app.t (k, v) VALUES (1, 'anew')")
    expect(await read()).toMatchObject({ k: 1, v: 'anew' })
  })

  test('200 at once, each with its own', async () => {
    const shared = new SharedData()
    const results = await Promise.all(Array.from({ length: 200 }, async () => {
      await using client = await Client.connect({ ...options, shared, connectTimeoutMs: 20_000, timeoutMs: 20_000, attemptTimeoutMs: 20_000 })
      return (await client.execute<{ v: string }>('SELECT v FROM t WHERE k = ?', [1])).one().v
    }))
    expect(new Set(results)).toEqual(new Set(['one']))
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(0)
  })

  test('what cannot be is said', async () => {
    await expect(Client.connect({ ...options, keyspace: 'nowhere' }).then((client) => client.execute('SELECT * FROM t'))).rejects.toMatchObject({ code: 'CQL_INVALID_QUERY' })
    await expect(Client.connect({ ...options, localDataCenter: 'mars' })).rejects.toThrow("is in the data centre 'datacenter1', not in 'mars'")
    await expect(Client.connect({ ...options, contactPoints: ['127.0.0.1:1'] })).rejects.toMatchObject({ code: 'CQL_NO_NODE_AVAILABLE' })
    expect(() => new Client({ contactPoints: ['x'], shared: new SharedData() })).toThrow("mode 'request'")
    expect(() => new Client({ contactPoints: ['x'], mode: 'other' as 'pool' })).toThrow('one of pool, request')
    expect(() => SharedData.from('{"format": 7}')).toThrow('begin with a new SharedData()')
    expect(() => SharedData.from('x')).toThrow('not JSON')
  })
})
