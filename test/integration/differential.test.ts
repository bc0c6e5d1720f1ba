// The embedded server beside Cassandra: the same statements, the same answers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { difference, outcomeOf } from '../differential/outcome.js'
import { sections } from '../differential/sections.js'
import { CassandraCluster } from '../support/cassandra.js'

const given = process.env['CQLWIRE_DIFFERENTIAL_NODE']

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster | undefined
  let server: CqlServer
  let contactPoints: readonly string[]
  beforeAll(async () => {
    server = await CqlServer.start({ port: 0 })
    if (given === undefined) cluster = await CassandraCluster.start({ network: '127.0.58', yaml: 'materialized_views_enabled: true\ndynamic_data_masking_enabled: true\nsasi_indexes_enabled: true' })
    contactPoints = given === undefined ? cluster!.contactPoints : [given]
  })
  afterAll(async () => {
    await server?.close()
    await cluster?.stop()
  })

  /** A client in a fresh keyspace. */
  async function keyspaceOf(points: readonly string[], keyspace: string): Promise<Client> {
    await using admin = await Client.connect({ contactPoints: points, timeoutMs: 60_000 })
    await admin.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
    await admin.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
    return Client.connect({ contactPoints: points, keyspace, timeoutMs: 60_000, attemptTimeoutMs: 30_000, consistency: 'one', schema: 'off' })
  }

  for (const [i, { name, statements }] of sections.entries()) {
    test(name, async () => {
      const keyspace = `diff_${i}`
      await using real = await keyspaceOf(contactPoints, keyspace)
      await using own = await keyspaceOf(server.contactPoints, keyspace)
      const different: string[] = []
      for (const template of statements) {
        const text = template.replaceAll('%KS', keyspace)
        const found = difference(await outcomeOf(real, text), await outcomeOf(own, text))
        if (found !== undefined) different.push(`${text}\n${found}`)
      }
      expect(different.join('\n')).toBe('')
    })
  }
})
