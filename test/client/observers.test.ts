import { channel, tracingChannel } from 'node:diagnostics_channel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Client, logRequests } from '../../src/client/index.js'
import type { ClientEvents } from '../../src/client/index.js'
import { redactLiterals } from '../../src/cql/index.js'
import { Histogram, RecentHistogram } from '../../src/base/index.js'
import { CqlServer } from '../../src/server/index.js'
import { FaultProxy } from '../../src/testing/index.js'

let server: CqlServer
let proxy: FaultProxy
let client: Client
beforeEach(async () => {
  server = await CqlServer.start({ port: 0 })
  proxy = await FaultProxy.start({ target: server.contactPoints[0]! })
  client = await Client.connect({ contactPoints: [proxy.address], policies: { reconnection: { delayMs: () => 20 } } })
  await client.execute("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE ks.secrets (id int PRIMARY KEY, v text)')
})
afterEach(async () => {
  await client.close()
  await proxy.close()
  await server.close()
})

test('listeners hear of requests, retries, preparations, connections and nodes, but never of values', async () => {
  const heard: (readonly [keyof ClientEvents, unknown])[] = []
  for (const name of ['request', 'retry', 'prepare', 'connectionOpened', 'connectionClosed', 'nodeUp', 'nodeDown', 'schemaChange'] as const) client.on(name, (event) => heard.push([name, event]))
  await client.execute('INSERT INTO ks.secrets (id, v) VALUES (?, ?)', [1, 'hunter2'])
  proxy.faults.add({ opcode: 'EXECUTE', times: 1, respond: 'unavailable' })
  await client.execute('SELECT * FROM ks.secrets WHERE id = ?', [1])
  await client.execute('SELECT * FROM ks.nope').catch(() => {})
  proxy.cut()
  await expect.poll(() => heard.map(([name]) => name).includes('nodeUp')).toBe(true)
  const of = <Name extends keyof ClientEvents>(name: Name): ClientEvents[Name][] => heard.filter(([heardName]) => heardName === name).map(([, event]) => event as ClientEvents[Name])
  expect(of('prepare').map(({ query }) => query)).toEqual(['INSERT INTO ks.secrets (id, v) VALUES (?, ?)', 'SELECT * FROM ks.secrets WHERE id = ?'])
  expect(of('request').filter(({ query }) => query.includes('ks.secrets')).map(({ attempts, node, error }) => [attempts, node, error])).toEqual([[1, proxy.address, undefined], [1, proxy.address, undefined], [1, proxy.address, undefined], [2, proxy.address, undefined]])
  expect(of('request').at(-1)!.error).toMatchObject({ code: 'CQL_INVALID_QUERY' })
  expect(of('retry')).toMatchObject([{ node: proxy.address, on: 'next', retries: 1, error: { code: 'CQL_UNAVAILABLE' } }])
  expect([of('connectionOpened').length, of('connectionClosed').length, of('nodeDown').length, of('nodeUp').length]).toEqual([1, 1, 1, 1])
  expect(JSON.stringify(heard)).not.toContain('hunter2')
})

test('subscribers of diagnostics channels hear the same', async () => {
  const heard: string[] = []
  const requests = tracingChannel<unknown, { query: string; error?: unknown }>('cqlwire:request')
  const handlers = {
    start: ({ query }: { query: string }) => heard.push(`start ${query}`), end: () => {}, asyncStart: () => {},
    asyncEnd: ({ query, error }: { query: string; error?: unknown }) => heard.push(`end ${query} ${error === undefined ? 'well' : 'badly'}`), error: () => {},
  }
  requests.subscribe(handlers)
  const onPrepare = (event: unknown): number => heard.push(`prepare ${(event as { query: string }).query}`)
  channel('cqlwire:prepare').subscribe(onPrepare)
  await client.execute('SELECT v FROM ks.secrets')
  await client.execute('SELECT * FROM ks.nope').catch(() => {})
  await client.prepare('SELECT id FROM ks.secrets')
  requests.unsubscribe(handlers)
  channel('cqlwire:prepare').unsubscribe(onPrepare)
  await client.execute('SELECT * FROM ks.secrets')
  expect(heard).toEqual([
    'start SELECT v FROM ks.secrets', 'end SELECT v FROM ks.secrets well', 'start SELECT * FROM ks.nope', 'end SELECT * FROM ks.nope badly',
    'start SELECT id FROM ks.secrets', 'end SELECT id FROM ks.secrets well', 'prepare SELECT id FROM ks.secrets',
  ])
})

test('the request logger: one line each, values never, literals as question marks, only slow or failed ones if asked', async () => {
  const lines: string[] = []
  const stop = logRequests(client, { log: (line) => lines.push(line) })
  await client.execute("SELECT * FROM ks.secrets WHERE id = 42 AND v = 'hunter2' ALLOW FILTERING")
  await client.execute('INSERT INTO ks.secrets (id, v) VALUES (?, ?)', [1, 'hunter2'])
  await client.execute("SELECT * FROM ks.nope WHERE x = 'hunter2'").catch(() => {})
  stop()
  await client.execute('SELECT * FROM ks.secrets')
  expect(lines.length).toBe(4)
  expect(lines[0]).toMatch(/^\d+\.\d ms 127\.0\.0\.1:\d+ ok: SELECT \* FROM ks\.secrets WHERE id = \? AND v = \? ALLOW FILTERING$/)
  expect(lines[3]).toMatch(/failed: CQL_INVALID_QUERY: SELECT \* FROM ks\.nope WHERE x = \?$/)
  expect(lines.join()).not.toContain('hunter2')
  const slow: string[] = []
  logRequests(client, { log: (line) => slow.push(line), slowerThanMs: 50, maxQueryLength: 10 })
  proxy.faults.add({ opcode: 'QUERY', matching: /slow/, delayMs: 80 })
  await client.execute('SELECT * FROM ks.secrets')
  await client.execute('SELECT v AS slow FROM ks.secrets')
  expect(slow.length).toBe(1)
  expect(slow[0]).toMatch(/SELECT v A…$/)
})

test('literals and comments are taken out of statements, also of those that are no CQL', () => {
  expect(redactLiterals("INSERT INTO t (a, b) VALUES (1, 'x''y') -- secret\n IF NOT EXISTS")).toBe('INSERT INTO t (a, b) VALUES (?, ?) IF NOT EXISTS')
  expect(redactLiterals('SELECT "Name" FROM t WHERE a = 0xff AND b = 1.5 AND c = $$x$$')).toBe('SELECT "Name" FROM t WHERE a = ? AND b = ? AND c = ?')
  expect(redactLiterals("SELECT 'secret")).toBe('SELECT … (not CQL)')
})

test('statistics of each node: answers, errors, time-outs, retries, and how long it took', async () => {
  const before = client.stats().nodes.get(proxy.address)!
  for (let i = 0; i < 20; i++) await client.execute('SELECT * FROM ks.secrets')
  proxy.faults.add({ opcode: 'QUERY', matching: /late/, delayMs: 60 })
  await client.execute('SELECT v AS late FROM ks.secrets')
  proxy.faults.add({ opcode: 'QUERY', times: 1, respond: 'unavailable' })
  await client.execute('SELECT * FROM ks.secrets')
  proxy.faults.add({ opcode: 'QUERY', times: 1, drop: 'response' })
  await client.execute('SELECT * FROM ks.secrets', [], { timeoutMs: 50 }).catch(() => {})
  const { errors, timeouts, retries, latency, up, distance, connections } = client.stats().nodes.get(proxy.address)!
  expect([errors - before.errors, timeouts - before.timeouts, retries - before.retries, up, distance, connections]).toEqual([1, 1, 1, true, 'local', 1])
  expect(latency.count - before.latency.count).toBe(23)
  expect(latency.maxMs).toBeGreaterThan(59)
  expect(latency.p50Ms).toBeLessThan(30)
})

test('histograms are right to six per cent, and forget what is old', () => {
  const histogram = new Histogram()
  expect(histogram.percentile(50)).toBe(undefined)
  for (let i = 1; i <= 10_000; i++) histogram.record(i / 100)
  for (const [percent, value] of [[50, 50], [95, 95], [99, 99], [100, 100]] as const) expect(Math.abs(histogram.percentile(percent)! / value - 1)).toBeLessThan(0.065)
  expect(histogram.summary()).toMatchObject({ count: 10_000, maxMs: 100 })
  for (const ms of [0, -1, 1e-6, 1e9, Number.NaN]) histogram.record(ms)
  const recent = new RecentHistogram(1000)
  for (let i = 0; i < 100; i++) recent.record(100, i)
  for (let i = 0; i < 100; i++) recent.record(1, 1500 + i)
  for (let i = 0; i < 100; i++) recent.record(1, 2600 + i)
  expect(recent.percentile(99)).toBeLessThan(2)
  expect(recent.percentile(99, 1000)).toBe(undefined)
})
