// The ORM on a real Cassandra: what the builder refuses Cassandra refuses, and what it builds Cassandra serves.
import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { orm } from '../../src/orm/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { checkQueries } from '../support/orm-conformance.js'
import type { Tally } from '../support/orm-conformance.js'
import { tables } from '../support/orm-queries.js'

const TABLES = Number(process.env['CQLWIRE_ORM_TABLES'] ?? 12)

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  let client: Client
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.55' })
    await using admin = await Client.connect({ contactPoints: cluster.contactPoints })
    await admin.execute("CREATE KEYSPACE q WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    client = await Client.connect({ contactPoints: cluster.contactPoints, keyspace: 'q', timeoutMs: 30_000 })
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.stop()
  })

  test('random tables and queries: what is built finds what looking at every row finds, and what is refused is refused there, too', async () => {
    const tally: Tally = { run: 0, filtered: 0, refused: 0 }
    for (let seed = 1; seed <= TABLES; seed++) {
      const [table] = fc.sample(tables(`t${seed}`, seed % 2 === 0), { seed: seed * 7919, numRuns: 1 })
      await orm(client, { table: table! }).createTables()
      if (seed % 2 === 0) await sleep(1500) // indexes are built in the background
      await checkQueries(client, table!, seed, 120, tally)
    }
    console.log(`${TABLES} tables: ${tally.run} queries run, ${tally.filtered} of them with ALLOW FILTERING, ${tally.refused} refused by both`)
    expect(tally.refused).toBeGreaterThan(TABLES * 10)
    expect(tally.run).toBeGreaterThan(TABLES * 10)
  })
})
