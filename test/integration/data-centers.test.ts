// Two data centres of real nodes: the local one alone unless failover is asked for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, NoNodeAvailableError } from '../../src/client/index.js'
import { tokenAware } from '../../src/policies/index.js'
import { CassandraCluster } from '../support/cassandra.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('two data centres', () => {
  let cluster: CassandraCluster
  const write = 'INSERT INTO dcs.t (id, v) VALUES (?, ?)'
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.50', dataCenters: ['dc1', 'dc1', 'dc2'], heapMb: 400 })
    await using client = await Client.connect({ contactPoints: cluster.contactPoints, localDataCenter: 'dc1', timeoutMs: 60_000 })
    await client.execute("CREATE KEYSPACE dcs WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 2, 'dc2': 1}")
    await client.execute('CREATE TABLE dcs.t (id int PRIMARY KEY, v int)')
  })
  afterAll(() => cluster?.stop())

  test('contact points in both: the client asks which one is near', async () => {
    await expect(Client.connect({ contactPoints: cluster.contactPoints })).rejects.toThrow(/dc1 and dc2: say with localDataCenter/)
  })

  test('local only by default; with failover the other one answers at the consistency asked for, until the local one is back', async () => {
    const options = { contactPoints: cluster.contactPoints, localDataCenter: 'dc1', consistency: 'localQuorum', pool: { warmUp: true } } as const
    const reconnection = { delayMs: () => 500 }
    await using local = await Client.connect({ ...options, policies: { reconnection } })
    await using failover = await Client.connect({ ...options, policies: { reconnection, loadBalancing: tokenAware({ failoverTo: ['dc2'] }) } })
    const [, , remote] = cluster.contactPoints
    expect([...local.stats().nodes.keys()].sort()).toEqual(cluster.contactPoints.slice(0, 2))
    for (let i = 0; i < 100; i++) for (const client of [local, failover]) expect((await client.execute(write, [i, i])).info.node).not.toBe(remote)

    await cluster.kill(0)
    await cluster.kill(1)
    await expect.poll(() => [...local.stats().nodes.values()].some(({ up }) => up)).toBe(false)
    await expect(local.execute(write, [1, 2], { idempotent: true })).rejects.toBeInstanceOf(NoNodeAvailableError)
    await expect.poll(() => failover.execute(write, [1, 2], { idempotent: true }).then(({ info }) => [info.node, info.consistency], String), { timeout: 20_000, interval: 500 }).toEqual([remote, 'localQuorum'])
    for (let i = 0; i < 100; i++) expect((await failover.execute(write, [i, i], { idempotent: true })).info.node).toBe(remote)

    await cluster.restart(0)
    await cluster.restart(1)
    for (const client of [local, failover]) await expect.poll(() => client.execute(write, [1, 3], { idempotent: true }).then(({ info }) => info.node !== remote, String), { timeout: 60_000, interval: 500 }).toBe(true)
  })
})
