import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { encrypted, int, KeyRing, map, orm, QueryRefusedError, table, text, timestamp, udt, uuid, counter, view } from '../../src/orm/index.js'
import type { Filter, Row } from '../../src/orm/index.js'
import { schemaOf } from '../../src/orm/index.js'
import { diffSchemas, tableSource } from '../../src/migrate/index.js'
import { ormClient } from '../support/orm-server.js'

const home = udt('home', { street: text() })
const users = table('users', { org: text().partitionKey(), id: uuid().clusteringKey(), email: text().required(), nickName: text(), at: timestamp(), level: int().default(1), home: home().frozen(), plan: text().static() })
const byEmail = view('users_by_email', users, { partitionKey: ['email'], clusteringKey: ['org', 'id'], order: { id: 'desc' }, columns: ['nickName', 'home'] })
const plain = table('plain', { id: int().partitionKey(), a: text() })
const byA = view('plain_by_a', plain, { partitionKey: ['a'], clusteringKey: ['id'] })
const indexed = table('indexed', { id: int().partitionKey(), tag: text().indexed({ using: 'sai' }), old: text() })

let setting: Awaited<ReturnType<typeof ormClient>>
const tie = () => orm(setting.client, { users, byEmail, plain, byA, indexed })
beforeAll(async () => {
  setting = await ormClient()
})
afterAll(async () => setting.close())

test('statements of the schema', () => {
  const { schema } = tie()
  const text = (query: { toCQL(): { readonly query: string } }): string => query.toCQL().query
  expect([
    schema.createKeyspace('shop', { replication: { dc1: 3 }, durableWrites: false }).ifNotExists(), schema.createKeyspace('one', { replication: 1 }), schema.dropKeyspace('shop').ifExists(),
    schema.createType(home).ifNotExists(), schema.dropType(home), schema.createTable(users).ifNotExists(), schema.dropTable(users).ifExists(), schema.truncate(users), schema.createIndex(indexed, 'tag').ifNotExists(), schema.dropIndex(indexed, 'tag').ifExists(),
    schema.createView(byEmail).ifNotExists(), schema.createView(byA), schema.dropView(byEmail).ifExists(), schema.alterTable(users).add('nickName'), schema.alterTable(users).add('plan', 'at'), schema.alterTable(users).drop('old', 'older'), schema.alterTable(users).rename('id', 'key'),
    schema.alterTable(users).options({ default_time_to_live: 60, comment: "it's" }),
  ].map(text)).toMatchInlineSnapshot(`
    [
      "CREATE KEYSPACE IF NOT EXISTS shop WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': '3'} AND durable_writes = false",
      "CREATE KEYSPACE one WITH replication = {'class': 'SimpleStrategy', 'replication_factor': '1'}",
      "DROP KEYSPACE IF EXISTS shop",
      "CREATE TYPE IF NOT EXISTS app.home (street text)",
      "DROP TYPE app.home",
      "CREATE TABLE IF NOT EXISTS app.users (org text, id uuid, email text, nick_name text, at timestamp, level int, home frozen<home>, plan text static, PRIMARY KEY ((org), id)) WITH CLUSTERING ORDER BY (id ASC)",
      "DROP TABLE IF EXISTS app.users",
      "TRUNCATE app.users",
      "CREATE CUSTOM INDEX IF NOT EXISTS indexed_tag_idx ON app.indexed (tag) USING 'StorageAttachedIndex'",
      "DROP INDEX IF EXISTS app.indexed_tag_idx",
      "CREATE MATERIALIZED VIEW IF NOT EXISTS app.users_by_email AS SELECT org, id, email, nick_name, home FROM app.users WHERE email IS NOT NULL AND org IS NOT NULL AND id IS NOT NULL PRIMARY KEY ((email), org, id) WITH CLUSTERING ORDER BY (org ASC, id DESC)",
      "CREATE MATERIALIZED VIEW app.plain_by_a AS SELECT * FROM app.plain WHERE a IS NOT NULL AND id IS NOT NULL PRIMARY KEY ((a), id) WITH CLUSTERING ORDER BY (id ASC)",
      "DROP MATERIALIZED VIEW IF EXISTS app.users_by_email",
      "ALTER TABLE app.users ADD nick_name text",
      "ALTER TABLE app.users ADD (plan text static, at timestamp)",
      "ALTER TABLE app.users DROP (old, older)",
      "ALTER TABLE app.users RENAME id TO key",
      "ALTER TABLE app.users WITH default_time_to_live = 60 AND comment = 'it''s'",
    ]
  `)
})

test('they are run', async () => {
  const { schema, client } = tie()
  await schema.createTable(plain)
  await schema.createTable(plain).ifNotExists().with({ timeoutMs: 5000 })
  await client.execute('INSERT INTO plain (id, a) VALUES (1, ?)', ['x'])
  await schema.truncate(plain)
  expect((await client.execute('SELECT * FROM plain')).rows).toEqual([])
  await schema.alterTable(plain).drop('a')
  await schema.alterTable(plain).add('a')
  await schema.dropTable(plain)
  await schema.dropTable(plain).ifExists()
  await expect(schema.dropTable(plain)).rejects.toThrow('plain')
})

test('faults are named before anything is sent', () => {
  const { schema } = tie()
  expect(() => schema.createIndex(users, 'email')).toThrow("'email' of users is not declared .indexed()")
  expect(() => schema.alterTable(users).add('id' as never)).toThrow("'id' is in the key")
  expect(() => schema.alterTable(users).options({})).toThrow('changes no option')
  expect(() => schema.createKeyspace('k', { replication: { dc1: 0 } })).toThrow("'dc1' must be a whole number of copies, at least 1, not 0")
  expect(() => schema.createKeyspace('k', { replication: {} })).toThrow('one data centre at least')
})

test('a view is a table that is read, and never written', () => {
  const db = tie()
  expectTypeOf<Row<typeof byEmail>>().toEqualTypeOf<{ readonly email: string; readonly org: string; readonly id: string; readonly nickName: string | null; readonly home: { street: string | null } | null }>()
  expect(db.select(byEmail).where({ email: 'a', org: 'b' }).toCQL().query).toBe('SELECT org, id, email, nick_name AS "nickName", home FROM users_by_email WHERE email = ? AND org = ?')
  const never = async (): Promise<void> => {
    // @ts-expect-error its key is another one than the table's
    await db.byEmail.find({ org: 'b' })
    // @ts-expect-error a column that it has not
    await db.byEmail.find({ email: 'b', level: 1 })
    // @ts-expect-error a repository of a view has no writes
    await db.byEmail.create({ email: 'b' })
    // @ts-expect-error keys of views have all key columns, and at most one other, of the table
    view('x', users, { partitionKey: ['nope'] })
  }
  expect(never).toBeTypeOf('function')
  const refused = 'users_by_email is a view: write users, and it follows'
  // @ts-expect-error a view is not inserted into
  expect(() => db.insert(byEmail).values({ email: 'a', org: 'b', id: 'c' })).toThrow(refused)
  // @ts-expect-error a view is not updated
  expect(() => db.update(byEmail).set({ nickName: 'x' }).where({ email: 'a', org: 'b', id: 'c' })).toThrow(refused)
  // @ts-expect-error nothing is deleted from a view
  expect(() => db.delete(byEmail).where({ email: 'a', org: 'b', id: 'c' })).toThrow(refused)
  // @ts-expect-error a view is no table
  expect(() => db.schema.dropTable(byEmail)).toThrow(QueryRefusedError)
})

test('what no view can be is refused', () => {
  const ring = new KeyRing({ keys: { a: new Uint8Array(32) }, current: 'a' })
  const secret = table('secret', { id: int().partitionKey(), a: text(), s: encrypted(text(), ring) })
  const hits = table('hits', { id: int().partitionKey(), n: counter() })
  expect(() => view('v', users, { partitionKey: ['email'], clusteringKey: ['id'] })).toThrow("'org' is missing from its key")
  expect(() => view('v', users, { partitionKey: ['email', 'level'], clusteringKey: ['id', 'org'] })).toThrow("'level' is one too many in its key")
  expect(() => view('v', users, { partitionKey: ['email', 'email'], clusteringKey: ['id', 'org'] })).toThrow("'email' is in the key twice")
  expect(() => view('v', users, { partitionKey: ['plan'], clusteringKey: ['id', 'org'] })).toThrow("'plan' is static")
  expect(() => view('v', hits, { partitionKey: ['id'] })).toThrow('counters')
  expect(() => view('v', byA, { partitionKey: ['id'], clusteringKey: ['a'] })).toThrow('is a view itself')
  expect(() => view('v', secret, { partitionKey: ['a'], clusteringKey: ['id'] })).toThrow("'s' is encrypted")
  expect(view('v', secret, { partitionKey: ['a'], clusteringKey: ['id'], columns: [] }).model.columns.size).toBe(2)
})

test('views in migrations: made after their tables, gone before them, and pulled as they were declared', () => {
  const [none, all] = [schemaOf('app', {}), schemaOf('app', { byEmail, byA, users, plain })]
  const { changes, conflicts } = diffSchemas(none, all)
  expect(conflicts).toEqual([])
  expect(changes.map(({ up }) => up.split(' ').slice(0, 3).join(' '))).toEqual(['CREATE TYPE home', 'CREATE TABLE users', 'CREATE TABLE plain', 'CREATE MATERIALIZED VIEW', 'CREATE MATERIALIZED VIEW'])
  expect(changes.at(-1)!.up).toBe('CREATE MATERIALIZED VIEW plain_by_a AS SELECT * FROM plain WHERE a IS NOT NULL AND id IS NOT NULL PRIMARY KEY ((a), id) WITH CLUSTERING ORDER BY (id ASC)')
  const back = diffSchemas(all, none).changes
  expect(back.slice(0, 2).map(({ up, loses }) => [up, loses])).toEqual([['DROP MATERIALIZED VIEW users_by_email', 'view:users_by_email'], ['DROP MATERIALIZED VIEW plain_by_a', 'view:plain_by_a']])
  expect(diffSchemas(all, all).changes).toEqual([])
  const other = schemaOf('app', { users, plain, byEmail, byA: view('plain_by_a', plain, { partitionKey: ['id'], clusteringKey: ['a'] }) })
  expect(diffSchemas(all, other).conflicts).toMatchObject([{ where: 'view plain_by_a' }])
  const options = schemaOf('app', { users, plain, byEmail, byA: view('plain_by_a', plain, { partitionKey: ['a'], clusteringKey: ['id'], with: { comment: 'x' } }) })
  expect(diffSchemas(all, options).changes.map(({ up }) => up)).toEqual(["ALTER MATERIALIZED VIEW plain_by_a WITH comment = 'x'"])
  expect(tableSource(all)).toContain("export const usersByEmail = view('users_by_email', users, { partitionKey: ['email'], clusteringKey: ['org', 'id'], order: { id: 'desc' }, columns: ['nickName', 'home'] })\n\nexport const plainByA = view('plain_by_a', plain, { partitionKey: ['a'], clusteringKey: ['id'] })")
})

test('a map with an index of its keys, one of its values and one of its entries: each serves its test, and they are pulled as they were declared', async () => {
  const labels = table('labels', { id: int().partitionKey(), m: map(text(), text()).indexed({ of: 'keys' }).indexed().indexed({ of: 'entries' }), s: map(text(), text()).indexed({ of: 'keys', using: 'sai' }) })
  const db = orm(setting.client, { labels })
  expect(await db.createTables()).toHaveLength(5)
  expect(await db.createTables()).toEqual([])
  await db.labels.create({ id: 1, m: new Map([['a', 'b']]), s: new Map([['c', 'd']]) })
  await db.labels.create({ id: 2, m: new Map([['b', 'a']]) })
  const ids = async (filter: Filter<typeof labels>): Promise<number[]> => (await db.select(labels).whereDynamic(filter)).map(({ id }) => id)
  expect([await ids({ m: { $containsKey: 'a' } }), await ids({ m: { $contains: 'a' } }), await ids({ m: { $entry: ['a', 'b'] } }), await ids({ s: { $containsKey: 'c' } })]).toEqual([[1], [2], [1], [1]])
  expect(() => db.select(labels).whereDynamic({ s: { $contains: 'd' } }).toCQL()).toThrow('no column is indexed')
  expect(() => table('t', { id: int().partitionKey(), a: text().indexed().indexed() })).toThrow("'a' has the same index twice")
  await setting.client.refreshSchema()
  const source = tableSource(setting.client.cluster.keyspaces.get('app')!, ['labels'])
  expect(source.match(/\.indexed\(/g)).toHaveLength(4)
  expect(diffSchemas(setting.client.cluster.keyspaces.get('app')!, schemaOf('app', { labels })).changes.filter(({ up }) => up.includes('labels'))).toEqual([])
})
