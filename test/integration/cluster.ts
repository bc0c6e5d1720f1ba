import { afterAll, beforeAll } from 'vitest'
import type { ClientOptions } from '../../src/client/index.js'
import { canRunCassandra, CassandraCluster } from '../support/cassandra.js'

let shared: CassandraCluster | undefined

/**
 * The three-node cluster of a test file: started here, or the one that CQLWIRE_CONTACT_POINTS names.
 *
 * @returns a function that gives the options to connect with, once the hooks have run
 */
export function clusterOf(): () => Promise<ClientOptions> {
  const external = process.env['CQLWIRE_CONTACT_POINTS']
  let options: ClientOptions | undefined
  beforeAll(async () => {
    if (external !== undefined) {
      options = { contactPoints: external.split(',') }
      return
    }
    if (!(await canRunCassandra())) throw new Error('Java 17 and Maven are needed to run Cassandra: install them, or name a cluster in CQLWIRE_CONTACT_POINTS')
    shared = await CassandraCluster.start({ network: '127.0.40', dataCenters: ['dc1', 'dc1', 'dc1'] })
    options = { contactPoints: shared.contactPoints }
  })
  afterAll(async () => {
    await shared?.stop()
    shared = undefined
  })
  return async () => options!
}

/** The cluster started here, for tests that do things to its nodes. */
export function ownCluster(): CassandraCluster {
  if (!shared) throw new Error('This test needs a cluster of its own')
  return shared
}
