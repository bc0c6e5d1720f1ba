// One cluster of three nodes in three racks, with every acknowledged write on disk, and what a client has to live through.
import { afterAll, beforeAll, describe } from 'vitest'
import { CassandraCluster } from '../support/cassandra.js'
import { faults } from './worst-day/faults.js'
import { lightweightTransactions } from './worst-day/lightweight-transactions.js'
import { prepared } from './worst-day/prepared.js'
import { routing } from './worst-day/routing.js'
import { sharedLimit } from './worst-day/shared-limit.js'
import { Setting } from './worst-day/setting.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('three nodes of Cassandra 5.0', () => {
  let setting: Setting
  beforeAll(async () => {
    setting = new Setting(await CassandraCluster.start({ network: '127.0.44', dataCenters: ['dc1', 'dc1', 'dc1'], racks: ['r1', 'r2', 'r3'], commitLog: 'batch' }))
    await setting.open()
  })
  afterAll(async () => {
    await setting?.close()
    await setting?.cluster.stop()
  })
  const given = (): Setting => setting
  routing(given)
  prepared(given)
  lightweightTransactions(given)
  sharedLimit(given)
  faults(given)
})
