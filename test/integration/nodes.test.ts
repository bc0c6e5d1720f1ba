// Nodes that freeze, die, return, move, join and leave while requests run. What routing makes of it is for the tests of policies;
// here nothing that may be repeated is lost, and the client finds everybody again.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CassandraCluster } from '../support/cassandra.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('nodes that come and go', () => {
  let cluster: CassandraCluster
  let client: Client
  const events: string[] = []
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.43', dataCenters: ['dc1', 'dc1', 'dc1'], heapMb: 400 })
    client = await Client.connect({ contactPoints: cluster.contactPoints, consistency: 'quorum', heartbeatMs: 1000, policies: { reconnection: { delayMs: () => 500 } } })
    await client.execute("CREATE KEYSPACE nodes WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}", [], { timeoutMs: 60_000 })
    await client.execute('CREATE TABLE nodes.t (id int PRIMARY KEY, v int)', [], { timeoutMs: 60_000 })
    for (const node of cluster.contactPoints) {
      // Agreement is about the nodes that the coordinator knew of: each is asked for the table itself.
      await vi.waitFor(() => client.execute('SELECT * FROM nodes.t', [], { node, consistency: 'one' }), { timeout: 60_000, interval: 500 })
    }
    for (const name of ['nodeUp', 'nodeDown', 'nodeAdded', 'nodeRemoved'] as const) client.on(name, (node) => events.push(`${name} ${node.address}`))
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.stop()
  })

  /**
   * Reads and idempotent writes, one after the other, until told to stop.
   *
   * @param fresh whether reads must see the write before: Cassandra does not promise it while ranges move, as the ring delay set here is short
   * @returns how many, and those that failed
   */
  function load(fresh = true): { stop: () => Promise<{ done: number; failed: unknown[] }> } {
    let going = true
    let done = 0
    const failed: unknown[] = []
    const worker = async (first: number): Promise<void> => {
      for (let i = first; going; i += 8) {
        try {
          await client.execute('INSERT INTO nodes.t (id, v) VALUES (?, ?)', [i % 1000, i], { idempotent: true })
          const row = (await client.execute<{ id: number; v: number }>('SELECT id, v FROM nodes.t WHERE id = ?', [i % 1000])).one()
          if (row.id !== i % 1000 || row.v % 1000 !== row.id || (fresh && row.v < i)) throw new Error(`${i % 1000} should be at least ${i}, it is ${row.v} of ${row.id}`)
          done++
        } catch (error) {
          failed.push(error)
        }
      }
    }
    const workers = Array.from({ length: 8 }, (_, i) => worker(i))
    return { stop: async () => {
      going = false
      await Promise.all(workers)
      return { done, failed }
    } }
  }

  test('a frozen node costs time, not requests; its connections are found dead and replaced', async () => {
    const running = load()
    await sleep(1000)
    cluster.freeze(1)
    await sleep(8000)
    cluster.resume(1)
    await sleep(1000)
    const { done, failed } = await running.stop()
    expect(failed).toEqual([])
    expect(done).toBeGreaterThan(100)
    expect(events).toContain('nodeDown 127.0.43.2')
    await expect.poll(() => events.at(-1), { timeout: 20_000 }).toBe('nodeUp 127.0.43.2')
  })

  test('a node killed and started again at another address, under the same host id', async () => {
    const before = client.cluster.nodes.find(({ address }) => address === '127.0.43.3')!
    const running = load()
    await cluster.kill(2)
    await cluster.restart(2, '127.0.43.33')
    await expect.poll(() => client.cluster.nodes.find(({ hostId }) => hostId === before.hostId)?.address, { timeout: 60_000, interval: 500 }).toBe('127.0.43.33')
    await expect.poll(() => client.stats().nodes.get('127.0.43.33:9042')?.up, { timeout: 30_000 }).toBe(true)
    const { failed } = await running.stop()
    expect(failed).toEqual([])
  })

  test('a node that joins is used, one that leaves is let go', async () => {
    await cluster.addNode()
    await expect.poll(() => client.stats().nodes.get('127.0.43.4:9042')?.up, { timeout: 60_000, interval: 500 }).toBe(true)
    expect((await client.execute('SELECT host_id FROM system.local', [], { node: '127.0.43.4:9042' })).info.node).toBe('127.0.43.4:9042')
    const running = load(false)
    await cluster.removeNode(3)
    await expect.poll(() => client.cluster.nodes.map(({ address }) => address).includes('127.0.43.4'), { timeout: 60_000, interval: 500 }).toBe(false)
    const { failed } = await running.stop()
    expect(failed).toEqual([])
    expect(events).toContain('nodeRemoved 127.0.43.4')
  })
})
