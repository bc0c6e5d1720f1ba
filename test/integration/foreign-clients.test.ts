// Clients written by others in other languages: the same program on the embedded server and on Cassandra prints the same.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { foreignClients, isThere, runScenario } from '../support/foreign-clients.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  let server: CqlServer
  beforeAll(async () => {
    server = await CqlServer.start({ port: 0, dataCenter: 'dc1' })
    cluster = await CassandraCluster.start({ network: '127.0.61', yaml: 'materialized_views_enabled: true\nsasi_indexes_enabled: true' })
  })
  afterAll(async () => {
    await server?.close()
    await cluster?.stop()
  })

  for (const [i, { name, needs, build }] of foreignClients.entries()) {
    test(name, async ({ skip }) => {
      // CI has all of them, and fails where something is skipped.
      if (!(await isThere(needs))) skip(`needs ${needs.join(' ')}`)
      const command = await build()
      const real = await runScenario(command, cluster.contactPoints[0]!, `scenario_${i}`)
      const embedded = await runScenario(command, server.contactPoints[0]!, `scenario_${i}`)
      expect(embedded.text).toBe(real.text)
      expect([real.ended, embedded.ended]).toEqual([true, true])
      expect(real.text.split('\n').length).toBeGreaterThan(30)
    }, 600_000)
  }
})
