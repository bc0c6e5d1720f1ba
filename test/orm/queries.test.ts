// Random tables, rows and queries on the embedded server; the same on a real Cassandra is test/integration/orm.test.ts.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { checkQueries } from '../support/orm-conformance.js'
import type { Tally } from '../support/orm-conformance.js'
import { tables } from '../support/orm-queries.js'
import { runs } from '../support/runs.js'

test('what is built finds what looking at every row finds, and what is refused the server refuses', async () => {
  await using server = await CqlServer.start({ port: 0 })
  await using admin = await Client.connect({ contactPoints: server.contactPoints })
  await admin.execute("CREATE KEYSPACE q WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await using client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'q' })
  const tally: Tally = { run: 0, filtered: 0, refused: 0 }
  const each = runs(100).numRuns
  for (let seed = 1; seed <= 20; seed++) {
    const [table] = fc.sample(tables(`t${seed}`, false), { seed, numRuns: 1 })
    await checkQueries(client, table!, seed, each, tally)
  }
  // Of 20 tables: three quarters of the queries run, the others are refused.
  expect(tally.run).toBeGreaterThan(8 * each)
  expect(tally.filtered).toBeGreaterThan(3 * each)
  expect(tally.refused).toBeGreaterThan(4 * each)
})
