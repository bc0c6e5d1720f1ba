// The proxy in front of the embedded server, in every version and compression: what passes is the same, and what is told to fail fails.
import { describe, expect, test } from 'vitest'
import { ConnectionError, NoNodeAvailableError, OverloadedError, RequestTimeoutError } from '../../src/client/index.js'
import type { Client, ClientOptions } from '../../src/client/index.js'
import * as cqlwire from '../../src/client/index.js'
import { cases } from '../conformance/cases.js'
import { connect, eachWithProxiedServer, proxy } from '../support/proxied-client.js'

eachWithProxiedServer()

async function withTable(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await connect(options)
  await client.execute("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE ks.t (id int PRIMARY KEY, v text)')
  return client
}

describe.each([
  [3, undefined], [3, 'lz4'], [4, undefined], [4, 'lz4'], [4, 'snappy'], [5, undefined], [5, 'lz4'],
] as const)('version %s, compression %s', (protocolVersion, compression) => {
  test('large and small values pass unchanged, also when answers are shuffled', async () => {
    const client = await withTable({ protocolVersion, compression })
    proxy.reorder = 8
    const long = 'a b c '.repeat(60_000)
    await client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [0, long])
    await Promise.all(Array.from({ length: 200 }, (_, i) => client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [i + 1, `value ${i + 1}`])))
    const rows = await Promise.all(Array.from({ length: 201 }, (_, i) => client.execute<{ v: string }>('SELECT v FROM ks.t WHERE id = ?', [i])))
    for (const [i, result] of rows.entries()) expect(result.one().v).toBe(i === 0 ? long : `value ${i}`)
    expect(proxy.count({ opcode: 'EXECUTE', matching: /INSERT/ })).toBe(201)
    expect(proxy.count({ opcode: 'PREPARE', matching: /SELECT v/ })).toBe(1)
  })
})

test('the conformance cases pass through it', async () => {
  const setup = await connect()
  await setup.execute("CREATE KEYSPACE conformance WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  const options: ClientOptions = { contactPoints: [proxy.address], keyspace: 'conformance' }
  const client = await connect(options)
  expect(cases.length).toBeGreaterThan(10)
  for (const { run } of cases) await run({ cqlwire, client, options, keyspace: 'conformance', version: 5 })
})

describe('harm', () => {
  test('answers of its own, so many times, to statements that match', async () => {
    const client = await withTable({ retry: { decide: () => 'throw' } })
    const seen: string[] = []
    proxy.faults.add({ opcode: ['EXECUTE', 'QUERY'], matching: /INSERT/, times: 2, respond: 'overloaded', onHit: ({ opcode }) => seen.push(opcode) })
    const insert = (): Promise<unknown> => client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [1, 'x'])
    for (let i = 0; i < 2; i++) await expect(insert()).rejects.toBeInstanceOf(OverloadedError)
    expect((await client.execute('SELECT * FROM ks.t')).rows).toEqual([])
    await insert()
    expect(seen).toEqual(['EXECUTE', 'EXECUTE'])
  })
  test('a request lost, and an answer lost: the one is not executed, the other is', async () => {
    const client = await withTable()
    for (const [drop, id] of [['request', 1], ['response', 2]] as const) {
      proxy.faults.add({ opcode: 'EXECUTE', matching: /INSERT/, times: 1, drop })
      await expect(client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [id, 'x'], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'CQL_REQUEST_TIMEOUT', outcome: 'undetermined' })
    }
    expect((await client.execute('SELECT id FROM ks.t')).rows).toEqual([{ id: 2 }])
  })
  test('an answer held back, which others overtake', async () => {
    const client = await withTable()
    proxy.faults.add({ opcode: 'QUERY', matching: /slow/, delayMs: 150 })
    const order: string[] = []
    await Promise.all(['SELECT id AS slow FROM ks.t', 'SELECT id AS quick FROM ks.t'].map((query) => client.execute(query).then(() => order.push(query.includes('slow') ? 'slow' : 'quick'))))
    expect(order).toEqual(['quick', 'slow'])
  })
  test('cut before and after the server has seen the request', async () => {
    const client = await withTable({ policies: { reconnection: { delayMs: () => 20 } } })
    for (const [cut, id] of [['request', 1], ['response', 2]] as const) {
      proxy.faults.add({ opcode: 'EXECUTE', matching: /INSERT/, times: 1, cut })
      await client.prepare('INSERT INTO ks.t (id, v) VALUES (?, ?)')
      await expect(client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [id, 'x'])).rejects.toMatchObject({ name: ConnectionError.name, outcome: 'undetermined' })
      await expect.poll(() => [...client.stats().nodes.values()][0]?.up).toBe(true)
    }
    expect((await client.execute('SELECT id FROM ks.t')).rows).toEqual([{ id: 2 }])
  })
  test('frozen, nothing passes; resumed, everything does', async () => {
    const client = await withTable()
    proxy.freeze()
    const read = client.execute('SELECT * FROM ks.t')
    await expect(Promise.race([read, client.execute('SELECT * FROM ks.t', [], { timeoutMs: 100 })])).rejects.toBeInstanceOf(RequestTimeoutError)
    proxy.resume()
    expect((await read).rows).toEqual([])
  })
  test('throttled, bytes take their time', async () => {
    const client = await withTable()
    await client.execute('INSERT INTO ks.t (id, v) VALUES (?, ?)', [1, 'x'.repeat(20_000)])
    proxy.bytesPerSecond = 100_000
    const started = performance.now()
    await client.execute('SELECT v FROM ks.t WHERE id = ?', [1])
    expect(performance.now() - started).toBeGreaterThan(180)
  })
  test('refusing: new connections break at once', async () => {
    proxy.refuse()
    await expect(connect()).rejects.toBeInstanceOf(NoNodeAvailableError)
    proxy.refuse(false)
    await connect()
    expect(proxy.accepted).toBeGreaterThanOrEqual(3)
  })
})
