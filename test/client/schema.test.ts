// The schema as the client knows it: read at the start, kept by events, limited when asked, printed as CQL.
import { beforeEach, expect, test } from 'vitest'
import { Client, keyspaceToCql, tableToCql } from '../../src/client/index.js'
import type { KeyspaceMetadata } from '../../src/client/index.js'
import { clients, connect, eachWithProxiedServer, proxy, server } from '../support/proxied-client.js'

eachWithProxiedServer()
beforeEach(async () => {
  const client = await connect()
  for (const statement of [
    "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} AND durable_writes = false",
    "CREATE KEYSPACE other WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}",
    'CREATE TYPE shop.street (name text, "Number" int)', 'CREATE TYPE shop.address (zip text, streets list<frozen<street>>)',
    `CREATE TABLE shop."Users" (org text, id timeuuid, "Name" text, home frozen<address>, tags set<text>, places map<text, frozen<address>>, vip boolean static, v vector<float, 3>, PRIMARY KEY ((org), id)) WITH CLUSTERING ORDER BY (id DESC) AND comment = 'it''s'`,
    'CREATE TABLE shop.hits (page text PRIMARY KEY, n counter)',
  ]) await client.execute(statement)
})

test('keyspaces, tables, columns, keys and types, with the columns in the order of SELECT *', async () => {
  const client = await connect()
  const shop = client.cluster.keyspaces.get('shop')!
  expect([shop.durableWrites, shop.replication['replication_factor'], shop.placement]).toEqual([false, '1', { strategy: 'simple', factor: 1 }])
  expect([...shop.tables.keys()].sort()).toEqual(['Users', 'hits'])
  const users = shop.tables.get('Users')!
  expect([...users.columns.keys()]).toEqual(['org', 'id', 'vip', 'Name', 'home', 'places', 'tags', 'v'])
  expect(users.partitionKey.map(({ name }) => name)).toEqual(['org'])
  expect(users.clusteringKey.map(({ name, order }) => [name, order])).toEqual([['id', 'desc']])
  expect(users.columns.get('vip')!.kind).toBe('static')
  expect(users.columns.get('home')!.type).toMatchObject({ kind: 'udt', name: 'address', fields: [{ name: 'zip' }, { name: 'streets', type: { kind: 'list', element: { kind: 'udt', name: 'street', frozen: true } } }] })
  expect([users.options['comment'], users.isCounter, shop.tables.get('hits')!.isCounter]).toEqual(["it's", false, true])
  expect(client.cluster.keyspaces.get('system_schema')!.tables.has('columns')).toBe(true)
  expect(structuredClone(shop)).toEqual(shop)
})

test('printed as CQL and run in another keyspace it is the same schema again', async () => {
  const client = await connect()
  const shop = client.cluster.keyspaces.get('shop')!
  for (const statement of keyspaceToCql(shop, 'Copy')) await client.execute(statement)
  const comparable = (keyspace: KeyspaceMetadata): unknown => JSON.parse(JSON.stringify(keyspace, (name, value: unknown) => (['name', 'keyspace', 'id'].includes(name) && typeof value === 'string' && (name !== 'name' || /^(shop|Copy)$/.test(value)) ? undefined : value instanceof Map ? [...value] : value)))
  expect(comparable(client.cluster.keyspaces.get('Copy')!)).toEqual(comparable(shop))
  expect(tableToCql(shop.tables.get('hits')!)).toMatch(/^CREATE TABLE shop\.hits \(page text, n counter, PRIMARY KEY \(\(page\)\)\) WITH additional_write_policy = '99p' AND bloom_filter_fp_chance = 0\.01 AND /)
})

test('changes of this client are known when its statement returns, those of others a moment later', async () => {
  const client = await connect()
  const other = await connect()
  await client.execute('ALTER TABLE shop.hits WITH comment = \'counted\'')
  expect(client.cluster.keyspaces.get('shop')!.tables.get('hits')!.options['comment']).toBe('counted')
  await client.execute('CREATE TABLE shop.fresh (id int PRIMARY KEY)')
  await client.execute('DROP TABLE shop.hits')
  expect([...client.cluster.keyspaces.get('shop')!.tables.keys()].sort()).toEqual(['Users', 'fresh'])
  await expect.poll(() => [...other.cluster.keyspaces.get('shop')!.tables.keys()].sort(), { timeout: 5000 }).toEqual(['Users', 'fresh'])
  await client.execute('DROP KEYSPACE other')
  expect(client.cluster.keyspaces.has('other')).toBe(false)
  await expect.poll(() => other.cluster.keyspaces.has('other'), { timeout: 5000 }).toBe(false)
})

test('a burst of changes is read once, not once each', async () => {
  const watching = await connect()
  const client = await connect()
  await new Promise((resolve) => { setTimeout(resolve, 1200) })
  proxy.resetCounts()
  const direct = await Client.connect({ contactPoints: server.contactPoints, schema: 'off' })
  clients.push(direct)
  for (let i = 0; i < 20; i++) await direct.execute(`CREATE TABLE shop.t${i} (id int PRIMARY KEY)`)
  for (const each of [watching, client]) await expect.poll(() => each.cluster.keyspaces.get('shop')!.tables.size, { timeout: 5000 }).toBe(22)
  expect(proxy.count({ opcode: 'QUERY', matching: /system_schema\.columns WHERE keyspace_name = 'shop'/ })).toBeLessThanOrEqual(4)
})

test('limited to keyspaces, or off: routing knows the replication of all of them', async () => {
  const limited = await connect({ schema: ['shop'] })
  expect([limited.cluster.keyspaces.get('shop')!.tables.size, limited.cluster.keyspaces.get('other')!.tables.size]).toEqual([2, 0])
  proxy.resetCounts()
  const off = await connect({ schema: 'off' })
  expect(proxy.count({ matching: /system_schema\.(tables|columns)/ })).toBe(0)
  expect(proxy.count({ matching: /system_schema\.keyspaces/ })).toBe(1)
  expect(off.cluster.keyspaces.get('shop')!.tables.size).toBe(0)
  expect(off.cluster.replicas('shop', 0n).length).toBe(1)
  await off.execute('CREATE TABLE shop.more (id int PRIMARY KEY)')
  expect(off.cluster.keyspaces.get('shop')!.tables.size).toBe(0)
  await expect(Client.connect({ contactPoints: ['h'], schema: 'some' as 'all' })).rejects.toThrow(/'schema' must be 'all', 'off' or a list/)
})

test('refreshSchema reads what no event has told of', async () => {
  const client = await connect()
  const direct = await Client.connect({ contactPoints: server.contactPoints })
  clients.push(direct)
  proxy.freeze()
  await direct.execute('CREATE TABLE shop.silent (id int PRIMARY KEY)')
  proxy.resume()
  await client.refreshSchema()
  expect(client.cluster.keyspaces.get('shop')!.tables.has('silent')).toBe(true)
})
