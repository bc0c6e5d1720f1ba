// A limit that processes share by way of a table: here of the embedded server, in test/integration of Cassandra.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { cassandraLimitStore, ClusterClock } from '../../src/coordination/index.js'
import { SharedLimiter } from '../../src/resilience/index.js'
import { CqlServer } from '../../src/server/index.js'

let server: CqlServer
let client: Client
beforeEach(async () => {
  server = await CqlServer.start({ port: 0 })
  client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
})
afterEach(async () => {
  await client.close()
  await server.close()
})

describe('the store', () => {
  test('a mark is set by one of those who saw the same; the others are told what is there', async () => {
    const store = cassandraLimitStore(client, { name: 'mails', keyspace: 'shop', createTable: true })
    await store.open()
    const now = store.now()
    const first = await Promise.all([1, 2, 3, 4].map((n) => store.swap(0, undefined, now + n)))
    const winner = first.findIndex(({ outcome }) => outcome === 'done')
    expect(first.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
    const mark = now + winner + 1
    for (const [i, result] of first.entries()) if (i !== winner) expect(result).toEqual({ outcome: 'lost', mark: expect.closeTo(mark, 2) })
    expect(await store.swap(0, mark, mark + 10)).toEqual({ outcome: 'done' })
    expect(await store.swap(0, mark, mark + 20)).toEqual({ outcome: 'lost', mark: expect.closeTo(mark + 10, 2) })
    expect(await store.swap(1, undefined, now)).toEqual({ outcome: 'done' })
    const other = cassandraLimitStore(client, { name: 'letters', keyspace: 'shop' })
    expect(await other.swap(0, undefined, now)).toEqual({ outcome: 'done' })
  })
  test('without its table it says how to make it; options are checked', async () => {
    const limiter = new SharedLimiter({ limit: 100, store: cassandraLimitStore(client, { name: 'mails', keyspace: 'shop', table: 'Odd name' }) })
    const failure = new Promise<Error>((resolve) => { limiter.events.on('failure', resolve) })
    await expect(limiter.acquire({ maxWaitMs: 200 })).rejects.toMatchObject({ code: 'CQL_LIMIT_EXCEEDED' })
    expect((await failure).message).toMatch(/It is made by: CREATE TABLE IF NOT EXISTS shop\."Odd name" \(/)
    limiter.close()
    expect(() => cassandraLimitStore(client, { name: '', keyspace: 'shop' })).toThrow(/'name'/)
  })
  test('its time is that of the cluster, to a few milliseconds', async () => {
    const clock = new ClusterClock(client)
    await clock.measure()
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(20)
  })
})

test('four clients share a limit of 400 per second', async () => {
  const clients = await Promise.all([1, 2, 3, 4].map(() => Client.connect({ contactPoints: server.contactPoints })))
  await client.execute(cassandraLimitStore(client, { name: 'mails', keyspace: 'shop' }).schema)
  const limiters = clients.map((each) => new SharedLimiter({ limit: 400, rows: 4, store: cassandraLimitStore(each, { name: 'mails', keyspace: 'shop' }) }))
  const given: number[] = []
  const until = performance.now() + 3500
  await Promise.all(limiters.map(async (limiter) => {
    while (performance.now() < until) {
      await limiter.acquire()
      given.push(performance.now())
    }
  }))
  const second = given.filter((at) => at >= until - 2500 && at < until - 500).length
  expect(second).toBeGreaterThanOrEqual(0.75 * 800)
  expect(second).toBeLessThanOrEqual(400 * (2 + 0.4) + 1)
  for (const limiter of limiters) limiter.close()
  await Promise.all(clients.map((each) => each.close()))
})
