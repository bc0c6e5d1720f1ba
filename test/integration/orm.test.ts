// The ORM on a real Cassandra: what the builder refuses Cassandra refuses, and what it builds Cassandra serves.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { orm } from '../../src/orm/index.js'
import { accepted } from '../orm/types/accepted.js'
import { tie } from '../orm/types/tables.js'
import { CassandraCluster } from '../support/cassandra.js'
import { checkQueries } from '../support/orm-conformance.js'
import type { Tally } from '../support/orm-conformance.js'
import { tables } from '../support/orm-queries.js'

const TABLES = Number(process.env['CQLWIRE_ORM_TABLES'] ?? 12)

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  let client: Client
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.55', yaml: 'sasi_indexes_enabled: true\nprepared_statements_cache_size: 64MiB' })
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

  test('every statement that compiles is one that Cassandra takes', async () => {
    const db = tie(client)
    await db.createTables()
    await sleep(1500)
    for (const build of accepted) {
      const query = build(db)
      const { query: text, values } = query.toCQL()
      if (values.some((value) => typeof value === 'object' && value !== null && value.constructor.name === 'Slot')) {
        await client.prepare(text)
        continue
      }
      await client.execute(text, values, { prepare: true }).catch((error: unknown) => { throw new Error(`${text}\n${String(error)}`) })
    }
  })

  test('the example runs on a cluster', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'example:shop', '--', '--contact-points', cluster.contactPoints[0]!])
    expect(stdout).toContain('two more lamps: sold out')
    expect(stdout).toContain('paid: true, and again: false')
    expect(stdout).toContain('Torch  7.50  9 left')
  })
})
