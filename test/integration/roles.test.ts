// Roles and permissions: the embedded server and Cassandra let the same users do the same, and refuse the others in the same words.
import { writeFileSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import type { Outcome } from '../differential/outcome.js'
import { differentSteps, ROLE_ANSWERS, ROOT, runSteps } from '../differential/roles.js'
import { CassandraCluster } from '../support/cassandra.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0 with a password authenticator', () => {
  let cluster: CassandraCluster
  beforeAll(async () => {
    cluster = await CassandraCluster.start({
      network: '127.0.62', auth: true, yaml: 'materialized_views_enabled: true\ndynamic_data_masking_enabled: true\nroles_validity: 0ms\npermissions_validity: 0ms\ncredentials_validity: 0ms',
    })
  })
  afterAll(() => cluster?.stop())

  test('the same users may do the same', async () => {
    const real = await runSteps(cluster.contactPoints)
    if (process.env['CQLWIRE_RECORD'] !== undefined) writeFileSync(ROLE_ANSWERS, `[\n${real.map((outcome) => JSON.stringify(outcome)).join(',\n')}\n]\n`)
    await using server = await CqlServer.start({ port: 0, dataCenter: 'dc1', auth: ROOT })
    expect(differentSteps(real, await runSteps(server.contactPoints)).join('\n')).toBe('')
    expect(differentSteps(JSON.parse(readFileSync(ROLE_ANSWERS, 'utf8')) as Outcome[], real).join('\n')).toBe('')
  })
})
