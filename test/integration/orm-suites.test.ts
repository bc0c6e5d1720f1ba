// The ORM's own tests once more, on a real Cassandra: repositories, relations, hooks, unique columns, query tables, types of its own, views, coordination.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { int, orm, table, text, view } from '../../src/orm/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { ormClient, useCluster } from '../support/orm-server.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', async () => {
  let cluster: CassandraCluster
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.56', yaml: 'sasi_indexes_enabled: true\nmaterialized_views_enabled: true' })
    useCluster(cluster.contactPoints)
  })
  afterAll(async () => {
    useCluster(undefined)
    await cluster?.stop()
  })

  test('a view is created, and follows its table', async () => {
    const setting = await ormClient()
    const users = table('users', { id: int().partitionKey(), email: text(), name: text() })
    const byEmail = view('users_by_email', users, { partitionKey: ['email'], clusteringKey: ['id'] })
    const db = orm(setting.client, { users, byEmail })
    expect(await db.createTables()).toHaveLength(2)
    expect(await db.createTables()).toEqual([])
    await db.users.create({ id: 1, email: 'a@x.org', name: 'a' })
    await expect.poll(() => db.byEmail.find({ email: 'a@x.org' }), { timeout: 10_000 }).toEqual([{ email: 'a@x.org', id: 1, name: 'a' }])
    await db.users.update({ id: 1 }, { email: 'b@x.org' })
    await expect.poll(() => db.byEmail.count({ email: 'a@x.org' }), { timeout: 10_000 }).toBe(0)
    await db.schema.dropView(byEmail)
    await db.schema.createView(byEmail)
    await setting.close()
  })

  // Each of these has a keyspace to itself, one after the other.
  describe('repositories', async () => { await import('../orm/repository.test.js') })
  describe('relations', async () => { await import('../orm/relations.test.js') })
  describe('hooks', async () => { await import('../orm/hooks.test.js') })
  describe('unique columns', async () => { await import('../orm/unique.test.js') })
  describe('query tables', async () => { await import('../orm/query-tables.test.js') })
  describe('types of its own', async () => { await import('../orm/custom-types.test.js') })
  describe('encryption', async () => { await import('../orm/encrypted.test.js') })
  describe('models', async () => { await import('../orm/load-schema.test.js') })
  describe('statements of the schema', async () => { await import('../orm/schema-query.test.js') })
  describe('migrations', async () => { await import('../migrate/migrator.test.js') })
  describe('leases', async () => { await import('../coordination/lease.test.js') })
  describe('outbox', async () => { await import('../coordination/outbox.test.js') })
})
