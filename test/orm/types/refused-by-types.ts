// What must not compile because of its types, each with the reason. The compiler fails when one of them does compile; nothing of this is run.
import { hasMany, int, max, orm, placeholder, text } from '../../../src/orm/index.js'
import { client, events, every, hits, posts, users } from './tables.js'
import type { Db } from './tables.js'

const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'
const maybe = undefined as string | undefined

export const refusedByTypes: readonly ((db: Db) => unknown)[] = [
  // @ts-expect-error there is no such column
  (db) => db.select(events).where({ org: 'a', bucket: 1, nope: 1 }),
  // @ts-expect-error a misspelt column
  (db) => db.select(events).where({ org: 'a', bucket: 1, dya: 1 }),
  // @ts-expect-error a text where a number belongs
  (db) => db.select(events).where({ org: 'a', bucket: '1' }),
  // @ts-expect-error a number where a text belongs
  (db) => db.select(events).where({ org: 1, bucket: 1 }),
  // @ts-expect-error a date where a number belongs
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: new Date(0) }),
  // @ts-expect-error a list of the wrong type
  (db) => db.select(events).where({ org: 'a', bucket: ['1'] }),
  // @ts-expect-error null in a filter
  (db) => db.select(events).where({ org: null, bucket: 1 }),
  // @ts-expect-error undefined in a filter
  (db) => db.select(events).where({ org: undefined, bucket: 1 }),
  // @ts-expect-error what may be undefined
  (db) => db.select(events).where({ org: maybe, bucket: 1 }),
  // @ts-expect-error an unknown test
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $near: 1 } }),
  // @ts-expect-error a scalar contains nothing
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $contains: 1 } }),
  // @ts-expect-error numbers are not LIKE anything
  (db) => db.select(events).where({ score: { $like: 'x' } }),
  // @ts-expect-error a set is not equal to anything
  (db) => db.select(events).where({ tags: new Set(['a']) }),
  // @ts-expect-error a set has no keys
  (db) => db.select(events).where({ tags: { $containsKey: 'a' } }),
  // @ts-expect-error an element of the wrong type
  (db) => db.select(events).where({ tags: { $contains: 1 } }),
  // @ts-expect-error a map's key of the wrong type
  (db) => db.select(events).allowFiltering().where({ labels: { $containsKey: 1 } }),
  // @ts-expect-error an entry of the wrong type
  (db) => db.select(events).allowFiltering().where({ labels: { $entry: ['a', 1] } }),
  // @ts-expect-error an entry without a value
  (db) => db.select(events).allowFiltering().where({ labels: { $entry: ['a'] } }),
  // @ts-expect-error $in takes a list
  (db) => db.select(events).where({ org: 'a', bucket: { $in: 1 } }),
  // @ts-expect-error $ne is for conditions
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $ne: 1 } }),
  // @ts-expect-error the wrong type in a range
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $gt: '1' } }),
  // @ts-expect-error the wrong type, also with filtering
  (db) => db.select(events).allowFiltering().where({ note: 1 }),
  // @ts-expect-error no such column, also with filtering
  (db) => db.select(events).allowFiltering().where({ nope: { $gt: 1 } }),
  // @ts-expect-error durations have no order
  (db) => db.select(every).allowFiltering().where({ duration: { $gt: '1d' } }),
  // @ts-expect-error a column that does not exist
  (db) => db.select(events).columns('nope'),
  // @ts-expect-error a column of another table
  (db) => db.select(events).columns('email'),
  // @ts-expect-error order by a column that is no clustering column
  (db) => db.select(events).orderBy('note'),
  // @ts-expect-error order by the partition key
  (db) => db.select(events).orderBy('org'),
  // @ts-expect-error an unknown direction
  (db) => db.select(events).orderBy('day', 'up'),
  // @ts-expect-error groups are of the key
  (db) => db.select(events).groupBy('note'),
  // @ts-expect-error a limit that is no number
  (db) => db.select(events).limit('5'),
  // @ts-expect-error computed of a column that does not exist
  (db) => db.select(events).columns().compute({ n: max('nope') }),
  // @ts-expect-error a chosen column only
  (db) => (async () => (await db.select(events).where({ org: 'a', bucket: 1 }).columns('day'))[0]!.note),
  // @ts-expect-error a row has no such column
  (db) => (async () => (await db.select(events).where({ org: 'a', bucket: 1 }))[0]!.nope),
  // @ts-expect-error a value that may be null
  (db) => (async () => (await db.select(events).where({ org: 'a', bucket: 1 }))[0]!.note.length),
  // @ts-expect-error an insert of nothing
  (db) => db.insert(events).values({}),
  // @ts-expect-error an insert without a part of the key
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, count: 1 }),
  // @ts-expect-error an insert without a required column
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id }),
  // @ts-expect-error null in a key
  (db) => db.insert(events).values({ org: null, bucket: 1, day: 1, id, count: 1 }),
  // @ts-expect-error null in a required column
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: null }),
  // @ts-expect-error a wrong type in an insert
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, note: 1 }),
  // @ts-expect-error an unknown column in an insert
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, nope: 1 }),
  // @ts-expect-error a list of wrong elements
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, parts: ['x'] }),
  // @ts-expect-error a set of wrong elements
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, tags: new Set([1]) }),
  // @ts-expect-error a map of wrong values
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, labels: new Map([['a', 1]]) }),
  // @ts-expect-error a date from a boolean
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, at: true }),
  // @ts-expect-error a change is not for inserts
  (db) => db.insert(events).values({ org: 'a', bucket: 1, day: 1, id, count: 1, tags: { $add: ['a'] } }),
  // @ts-expect-error counters are not inserted
  (db) => db.insert(hits).values({ page: 'a', day: 1, n: 1 }),
  // @ts-expect-error a field of the wrong type
  (db) => db.insert(users).values({ id, email: 'x', home: { street: 1 } }),
  // @ts-expect-error a field that the type has not
  (db) => db.insert(users).values({ id, email: 'x', home: { city: 'x' } }),
  // @ts-expect-error a tuple that is too short
  (db) => db.insert(every).values({ key: 'k', tuple: [1] }),
  // @ts-expect-error a tuple of wrong types
  (db) => db.insert(every).values({ key: 'k', tuple: ['x', 1] }),
  // @ts-expect-error a text for a bigint
  (db) => db.insert(every).values({ key: 'k', bigint: '1' }),
  // @ts-expect-error a number for a text
  (db) => db.insert(every).values({ key: 'k', text: 1 }),
  // @ts-expect-error a number for a uuid
  (db) => db.insert(every).values({ key: 'k', uuid: 1 }),
  // @ts-expect-error a text for bytes
  (db) => db.insert(every).values({ key: 'k', blob: 'x' }),
  // @ts-expect-error a text for a boolean
  (db) => db.insert(every).values({ key: 'k', boolean: 'true' }),
  // @ts-expect-error a vector of texts
  (db) => db.insert(every).values({ key: 'k', vector: ['1', '2', '3'] }),
  // @ts-expect-error a set inside a map, of wrong elements
  (db) => db.insert(every).values({ key: 'k', nested: new Map([['a', new Set(['x'])]]) }),
  // @ts-expect-error a key cannot be set
  (db) => db.update(events).set({ org: 'x' }),
  // @ts-expect-error a clustering column cannot be set
  (db) => db.update(events).set({ day: 1 }),
  // @ts-expect-error an unknown column cannot be set
  (db) => db.update(events).set({ nope: 1 }),
  // @ts-expect-error a required column cannot become null
  (db) => db.update(events).set({ count: null }),
  // @ts-expect-error the wrong type in an update
  (db) => db.update(events).set({ note: 1 }),
  // @ts-expect-error a set is not appended to
  (db) => db.update(events).set({ tags: { $append: ['a'] } }),
  // @ts-expect-error a list is not added to
  (db) => db.update(events).set({ parts: { $add: [1] } }),
  // @ts-expect-error a map is put into
  (db) => db.update(events).set({ labels: { $add: ['a'] } }),
  // @ts-expect-error elements of the wrong type
  (db) => db.update(events).set({ tags: { $add: [1] } }),
  // @ts-expect-error a text has no increment
  (db) => db.update(events).set({ note: { $increment: 1 } }),
  // @ts-expect-error a number has no increment
  (db) => db.update(events).set({ score: { $increment: 1 } }),
  // @ts-expect-error counters are not set
  (db) => db.update(hits).set({ n: 'x' }),
  // @ts-expect-error counters count whole numbers
  (db) => db.update(hits).set({ n: { $increment: '1' } }),
  // @ts-expect-error a condition on the key
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1, id }).if({ day: 1 }),
  // @ts-expect-error a condition on an unknown column
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1, id }).if({ nope: 1 }),
  // @ts-expect-error a condition of the wrong type
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1, id }).if({ note: 1 }),
  // @ts-expect-error an update of no rows does nothing
  (db) => db.update(events).set({ note: 'x' }).then,
  // @ts-expect-error a deletion of no rows does nothing
  (db) => db.delete(events).then,
  // @ts-expect-error a key column cannot be deleted
  (db) => db.delete(events).columns('org'),
  // @ts-expect-error no columns
  (db) => db.delete(events).columns(),
  // @ts-expect-error find without the partition key
  (db) => db.events.find({ org: 'a' }),
  // @ts-expect-error find by a column in no key
  (db) => db.events.find({ note: 'x' }),
  // @ts-expect-error find of an unknown column
  (db) => db.events.find({ org: 'a', bucket: 1, nope: 1 }),
  // @ts-expect-error find with the wrong type
  (db) => db.events.find({ org: 1, bucket: 1 }),
  // @ts-expect-error find by a column in no key, filtering not allowed
  (db) => db.events.find({ note: 'x' }, { allowFiltering: false }),
  // @ts-expect-error find of nothing
  (db) => db.events.find({}),
  // @ts-expect-error find with an unknown relation
  (db) => db.users.find({ id }, { with: { enemies: true } }),
  // @ts-expect-error find with a relation of a table that has none
  (db) => db.events.find({ org: 'a', bucket: 1 }, { with: { posts: true } }),
  // @ts-expect-error a relation that is not there beside one that is
  (db) => db.users.find({ id }, { with: { posts: true, enemies: true } }),
  // @ts-expect-error a misspelt option beside a right one
  (db) => db.users.find({ id }, { limit: 1, limti: 1 }),
  // @ts-expect-error a misspelt option of a relation
  (db) => db.users.find({ id }, { with: { posts: { limit: 1, limti: 1 } } }),
  // @ts-expect-error a relation of a relation, beside one that is there
  (db) => db.users.find({ id }, { with: { posts: { with: { writer: true, nope: true } } } }),
  // @ts-expect-error a misspelt option of findOne
  (db) => db.users.findOne({ id }, { columns: ['name'], limti: 1 }),
  // @ts-expect-error a relation's unknown column
  (db) => db.users.find({ id }, { with: { posts: { columns: ['nope'] } } }),
  // @ts-expect-error a relation ordered by no clustering column
  (db) => db.users.find({ id }, { with: { posts: { orderBy: { title: 'asc' } } } }),
  // @ts-expect-error a relation filtered by the wrong type
  (db) => db.users.find({ id }, { with: { posts: { where: { title: 1 } } } }),
  // @ts-expect-error a relation of a relation that is not there
  (db) => db.users.find({ id }, { with: { posts: { with: { nope: true } } } }),
  // @ts-expect-error find ordered by no clustering column
  (db) => db.events.find({ org: 'a', bucket: 1 }, { orderBy: { note: 'asc' } }),
  // @ts-expect-error find of unknown columns
  (db) => db.events.find({ org: 'a', bucket: 1 }, { columns: ['nope'] }),
  // @ts-expect-error what was not chosen
  (db) => (async () => (await db.events.find({ org: 'a', bucket: 1 }, { columns: ['day'] }))[0]!.note),
  // @ts-expect-error a relation that was not asked for
  (db) => (async () => (await db.users.find({ id }))[0]!.posts),
  // @ts-expect-error one row, not many
  (db) => (async () => (await db.posts.find({ author: id }, { with: { writer: true } }))[0]!.writer!.map),
  // @ts-expect-error create without a key
  (db) => db.users.create({ email: 'x' }),
  // @ts-expect-error create without what is required
  (db) => db.users.create({ id }),
  // @ts-expect-error a key that is not whole
  (db) => db.events.load({ org: 'a', bucket: 1 }),
  // @ts-expect-error a key with another column
  (db) => db.users.delete({ id, name: 'x' }),
  // @ts-expect-error a key of the wrong type
  (db) => db.users.findMany([{ id: 1 }]),
  // @ts-expect-error an update of a key
  (db) => db.users.update({ id }, { id }),
  // @ts-expect-error a condition on an unknown column
  (db) => db.users.updateIf({ id }, { name: 'x' }, { nope: 1 }),
  // @ts-expect-error a placeholder without a value
  (db) => db.select(events).where({ org: placeholder('org'), bucket: 1 }).compile().execute({}),
  // @ts-expect-error a placeholder's value of the wrong type
  (db) => db.select(events).where({ org: placeholder('org'), bucket: 1 }).compile().execute({ org: 1 }),
  // @ts-expect-error a value without a placeholder
  (db) => db.select(events).where({ org: placeholder('org'), bucket: 1 }).compile().execute({ org: 'a', more: 1 }),
  // @ts-expect-error a list's placeholder
  (db) => db.select(events).where({ org: 'a', bucket: { $in: placeholder('buckets') } }).compile().execute({ buckets: 1 }),
  // @ts-expect-error a limit's placeholder
  (db) => db.select(events).where({ org: 'a', bucket: 1 }).limit(placeholder('n')).compile().execute({ n: '1' }),
  // @ts-expect-error a default of the wrong type
  () => int().default('x'),
  // @ts-expect-error a default of the wrong type, made
  () => text().default(() => 1),
  // @ts-expect-error a check of the wrong type
  () => text().check((value: number) => (value > 1 ? 'too much' : undefined)),
  // @ts-expect-error an index of an unknown kind
  () => text().indexed({ using: 'lucene' }),
  // @ts-expect-error a place that is too far
  () => text().partitionKey(9),
  // @ts-expect-error an unknown order
  () => text().clusteringKey('up'),
  // @ts-expect-error a relation to an unknown table
  () => orm(client, { users }, { relations: { users: { nope: hasMany('nope', { id: 'id' }) } } }),
  // @ts-expect-error a relation of an unknown table
  () => orm(client, { users }, { relations: { nope: { users: hasMany('users', { id: 'id' }) } } }),
  // @ts-expect-error a relation that would scan
  () => orm(client, { users, posts }, { relations: { users: { posts: hasMany('posts', { topic: 'id' }) } } }),
  // @ts-expect-error a relation by half a key
  () => orm(client, { users, events }, { relations: { users: { events: hasMany('events', { org: 'id' }) } } }),
]
