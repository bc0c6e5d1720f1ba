import { expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { boolean, count, counter, hasMany, int, max, orm, placeholder, set, table, text, timestamp, udt, uuid } from '../../src/orm/index.js'
import { CqlServer } from '../../src/server/index.js'

const address = udt('address', { street: text(), number: int() })
const users = table('users', {
  org: text().partitionKey(),
  id: uuid().clusteringKey('desc'),
  email: text().required(),
  firstName: text(),
  tags: set(text()),
  home: address(),
  createdAt: timestamp().default(() => new Date(0)),
})
const posts = table('posts', { author: uuid().partitionKey(), at: timestamp().clusteringKey('desc'), title: text(), draft: boolean() })
const hits = table('hits', { page: text().partitionKey(), day: int().clusteringKey(), n: counter() })
const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'

test('first tour', async () => {
  await using server = await CqlServer.start({ port: 0 })
  await using admin = await Client.connect({ contactPoints: server.contactPoints })
  await admin.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await using client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'shop' })
  const db = orm(client, { users, posts, hits }, { relations: { users: { posts: hasMany('posts', { author: 'id' }) } } })
  console.log(db.toCQL())
  await db.createTables()
  expect(await db.createTables()).toEqual([])
  await db.users.create({ org: 'acme', id, email: 'a@b.c', home: { street: 's' } })
  await db.posts.create({ author: id, at: 1, title: 'first' })
  await db.posts.create({ author: id, at: 2, title: 'second' })
  await db.hits.update({ page: 'a', day: 1 }, { n: { $increment: 3 } })
  console.log(await db.users.find({ org: 'acme' }, { with: { posts: { limit: 1 } } }))
  const rows = await db.select(users).where({ org: 'acme' }).columns('id', 'email', 'firstName').limit(10)
  console.log(rows, await db.hits.find({ page: 'a' }))
  console.log(await db.select(posts).where({ author: id }).columns().compute({ n: count(), last: max('at') }))
  const compiled = db.select(users).where({ org: placeholder('org'), id: { $in: placeholder('ids') } }).limit(placeholder('n')).compile()
  console.log(compiled.query, await compiled.execute({ org: 'acme', ids: [id], n: 3 }))
  console.log(await db.select(users).where({ org: 'acme' }).explain())
  const page = await db.select(posts).where({ author: id }).page({ size: 1 })
  console.log(page, await db.select(posts).where({ author: id }).page({ size: 1, cursor: page.cursor! }))
  const loaded = (await db.users.load({ org: 'acme', id }))!
  loaded.tags.add('x')
  expect(await db.users.save(loaded)).toEqual(['tags'])
  expect(await db.users.save(loaded)).toEqual([])
})
