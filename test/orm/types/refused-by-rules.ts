// What must not compile, each with the reason. The compiler fails when one of them does compile.
import type { Db } from './tables.js'
import { events, every, hits, posts, users } from './tables.js'

const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'

/** What the rules of CQL refuse: the builder refuses it at run time, too. */
export const refusedByRules: readonly ((db: Db) => { toCQL(): unknown })[] = [
  // @ts-expect-error no key at all
  (db) => db.select(events).where({}),
  // @ts-expect-error half of the partition key
  (db) => db.select(events).where({ org: 'a' }),
  // @ts-expect-error the other half
  (db) => db.select(events).where({ bucket: 1 }),
  // @ts-expect-error a clustering column alone
  (db) => db.select(events).where({ day: 1 }),
  // @ts-expect-error clustering columns alone
  (db) => db.select(events).where({ day: 1, id }),
  // @ts-expect-error half of the partition key and a clustering column
  (db) => db.select(events).where({ org: 'a', day: 1 }),
  // @ts-expect-error a gap in the clustering key
  (db) => db.select(events).where({ org: 'a', bucket: 1, id }),
  // @ts-expect-error a column after a range ($gt)
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $gt: 1 }, id }),
  // @ts-expect-error a range in the partition key ($gt)
  (db) => db.select(events).where({ org: 'a', bucket: { $gt: 1 } }),
  // @ts-expect-error a range in the first of the partition key ($gt)
  (db) => db.select(events).where({ org: { $gt: 'a' }, bucket: 1 }),
  // @ts-expect-error a range after a gap ($gt)
  (db) => db.select(events).where({ org: 'a', bucket: 1, id: { $gt: id } }),
  // @ts-expect-error a range on a column without an index ($gt)
  (db) => db.select(events).where({ note: { $gt: 'x' } }),
  // @ts-expect-error a column after a range ($gte)
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $gte: 1 }, id }),
  // @ts-expect-error a range in the partition key ($gte)
  (db) => db.select(events).where({ org: 'a', bucket: { $gte: 1 } }),
  // @ts-expect-error a range in the first of the partition key ($gte)
  (db) => db.select(events).where({ org: { $gte: 'a' }, bucket: 1 }),
  // @ts-expect-error a range after a gap ($gte)
  (db) => db.select(events).where({ org: 'a', bucket: 1, id: { $gte: id } }),
  // @ts-expect-error a range on a column without an index ($gte)
  (db) => db.select(events).where({ note: { $gte: 'x' } }),
  // @ts-expect-error a column after a range ($lt)
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $lt: 1 }, id }),
  // @ts-expect-error a range in the partition key ($lt)
  (db) => db.select(events).where({ org: 'a', bucket: { $lt: 1 } }),
  // @ts-expect-error a range in the first of the partition key ($lt)
  (db) => db.select(events).where({ org: { $lt: 'a' }, bucket: 1 }),
  // @ts-expect-error a range after a gap ($lt)
  (db) => db.select(events).where({ org: 'a', bucket: 1, id: { $lt: id } }),
  // @ts-expect-error a range on a column without an index ($lt)
  (db) => db.select(events).where({ note: { $lt: 'x' } }),
  // @ts-expect-error a column after a range ($lte)
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $lte: 1 }, id }),
  // @ts-expect-error a range in the partition key ($lte)
  (db) => db.select(events).where({ org: 'a', bucket: { $lte: 1 } }),
  // @ts-expect-error a range in the first of the partition key ($lte)
  (db) => db.select(events).where({ org: { $lte: 'a' }, bucket: 1 }),
  // @ts-expect-error a range after a gap ($lte)
  (db) => db.select(events).where({ org: 'a', bucket: 1, id: { $lte: id } }),
  // @ts-expect-error a range on a column without an index ($lte)
  (db) => db.select(events).where({ note: { $lte: 'x' } }),
  // @ts-expect-error a range with two ends, and a column after it
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $gte: 1, $lt: 5 }, id }),
  // @ts-expect-error a column in no key and no index
  (db) => db.select(events).where({ note: 'x' }),
  // @ts-expect-error a column in no key and no index, with the partition key
  (db) => db.select(events).where({ org: 'a', bucket: 1, note: 'x' }),
  // @ts-expect-error a column in no key and no index, with the whole key
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: 1, id, note: 'x' }),
  // @ts-expect-error a required column is no key
  (db) => db.select(events).where({ org: 'a', bucket: 1, count: 1 }),
  // @ts-expect-error a column with a default is no key
  (db) => db.select(events).where({ org: 'a', bucket: 1, at: new Date(0) }),
  // @ts-expect-error a static column is no key
  (db) => db.select(events).where({ org: 'a', bucket: 1, plan: 'x' }),
  // @ts-expect-error a static column alone
  (db) => db.select(events).where({ plan: 'x' }),
  // @ts-expect-error a collection without an index
  (db) => db.select(events).where({ org: 'a', bucket: 1, parts: { $contains: 1 } }),
  // @ts-expect-error a map without an index
  (db) => db.select(events).where({ labels: { $containsKey: 'x' } }),
  // @ts-expect-error an entry without an index
  (db) => db.select(events).where({ labels: { $entry: ['x', 'y'] } }),
  // @ts-expect-error an index and a column without one
  (db) => db.select(events).where({ kind: 'x', note: 'y' }),
  // @ts-expect-error a storage-attached index and a column without one
  (db) => db.select(events).where({ score: 1, note: 'y' }),
  // @ts-expect-error an index, and half of the partition key
  (db) => db.select(events).where({ org: 'a', kind: 'x', note: 'y' }),
  // @ts-expect-error a second where with a gap
  (db) => db.select(events).where({ org: 'a', bucket: 1 }).where({ id }),
  // @ts-expect-error a second where without an index
  (db) => db.select(events).where({ org: 'a', bucket: 1 }).where({ note: 'x' }),
  // @ts-expect-error a second where after a range
  (db) => db.select(events).where({ org: 'a', bucket: 1, day: { $gt: 1 } }).where({ id }),
  // @ts-expect-error users have one key
  (db) => db.select(users).where({ email: 'x' }),
  // @ts-expect-error users by name
  (db) => db.select(users).where({ name: 'x' }),
  // @ts-expect-error users by a range of keys
  (db) => db.select(users).where({ id: { $gt: id } }),
  // @ts-expect-error posts by time alone
  (db) => db.select(posts).where({ at: new Date(0) }),
  // @ts-expect-error posts by title
  (db) => db.select(posts).where({ author: id, title: 'x' }),
  // @ts-expect-error posts by time and title
  (db) => db.select(posts).where({ author: id, at: new Date(0), title: 'x' }),
  // @ts-expect-error counters are no keys
  (db) => db.select(hits).where({ page: 'a', n: 1 }),
  // @ts-expect-error counters by day alone
  (db) => db.select(hits).where({ day: 1 }),
  // @ts-expect-error int is no key
  (db) => db.select(every).where({ int: 1 }),
  // @ts-expect-error int is no key, beside one
  (db) => db.select(every).where({ key: 'k', int: 1 }),
  // @ts-expect-error text is no key
  (db) => db.select(every).where({ text: 'x' }),
  // @ts-expect-error text is no key, beside one
  (db) => db.select(every).where({ key: 'k', text: 'x' }),
  // @ts-expect-error boolean is no key
  (db) => db.select(every).where({ boolean: true }),
  // @ts-expect-error boolean is no key, beside one
  (db) => db.select(every).where({ key: 'k', boolean: true }),
  // @ts-expect-error uuid is no key
  (db) => db.select(every).where({ uuid: id }),
  // @ts-expect-error uuid is no key, beside one
  (db) => db.select(every).where({ key: 'k', uuid: id }),
  // @ts-expect-error frozen is no key
  (db) => db.select(every).where({ frozen: [1] }),
  // @ts-expect-error frozen is no key, beside one
  (db) => db.select(every).where({ key: 'k', frozen: [1] }),
  // @ts-expect-error tuple is no key
  (db) => db.select(every).where({ tuple: [1, 'x'] }),
  // @ts-expect-error tuple is no key, beside one
  (db) => db.select(every).where({ key: 'k', tuple: [1, 'x'] }),
  // @ts-expect-error decimal is no key
  (db) => db.select(every).where({ decimal: '1.5' }),
  // @ts-expect-error decimal is no key, beside one
  (db) => db.select(every).where({ key: 'k', decimal: '1.5' }),
  // @ts-expect-error inet is no key
  (db) => db.select(every).where({ inet: '127.0.0.1' }),
  // @ts-expect-error inet is no key, beside one
  (db) => db.select(every).where({ key: 'k', inet: '127.0.0.1' }),
  // @ts-expect-error list is no key
  (db) => db.select(every).where({ list: { $contains: 'x' } }),
  // @ts-expect-error list is no key, beside one
  (db) => db.select(every).where({ key: 'k', list: { $contains: 'x' } }),
  // @ts-expect-error set is no key
  (db) => db.select(every).where({ set: { $contains: 1 } }),
  // @ts-expect-error set is no key, beside one
  (db) => db.select(every).where({ key: 'k', set: { $contains: 1 } }),
  // @ts-expect-error map is no key
  (db) => db.select(every).where({ map: { $containsKey: 'x' } }),
  // @ts-expect-error map is no key, beside one
  (db) => db.select(every).where({ key: 'k', map: { $containsKey: 'x' } }),
  // @ts-expect-error an update without a key
  (db) => db.update(events).set({ note: 'x' }).where({}),
  // @ts-expect-error an update of half a partition key
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a' }),
  // @ts-expect-error an update of a partition
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1 }),
  // @ts-expect-error an update without the last of the key
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1 }),
  // @ts-expect-error an update of a range
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1, id: { $gt: id } }),
  // @ts-expect-error an update by a column that is no key
  (db) => db.update(events).set({ note: 'x' }).where({ org: 'a', bucket: 1, day: 1, id, kind: 'x' }),
  // @ts-expect-error an update of a row's and a partition's column needs the row
  (db) => db.update(events).set({ note: 'x', plan: 'y' }).where({ org: 'a', bucket: 1 }),
  // @ts-expect-error an update of a static column needs the partition
  (db) => db.update(events).set({ plan: 'y' }).where({ org: 'a' }),
  // @ts-expect-error an update of a range of partitions
  (db) => db.update(events).set({ plan: 'y' }).where({ org: 'a', bucket: { $gt: 1 } }),
  // @ts-expect-error a counter by half a key
  (db) => db.update(hits).set({ n: { $increment: 1 } }).where({ page: 'a' }),
  // @ts-expect-error a user by name
  (db) => db.update(users).set({ email: 'x' }).where({ name: 'x' }),
  // @ts-expect-error a deletion without a key
  (db) => db.delete(events).where({}),
  // @ts-expect-error a deletion by half a partition key
  (db) => db.delete(events).where({ org: 'a' }),
  // @ts-expect-error a deletion with a gap
  (db) => db.delete(events).where({ org: 'a', bucket: 1, id }),
  // @ts-expect-error a deletion after a range
  (db) => db.delete(events).where({ org: 'a', bucket: 1, day: { $gt: 1 }, id }),
  // @ts-expect-error a deletion by a column that is no key
  (db) => db.delete(events).where({ org: 'a', bucket: 1, note: 'x' }),
  // @ts-expect-error a deletion by an index
  (db) => db.delete(events).where({ kind: 'x' }),
  // @ts-expect-error a deletion by a range of partitions
  (db) => db.delete(events).where({ org: 'a', bucket: { $lt: 1 } }),
  // @ts-expect-error columns of a partition
  (db) => db.delete(events).columns('note').where({ org: 'a', bucket: 1 }),
  // @ts-expect-error columns of a range
  (db) => db.delete(events).columns('note').where({ org: 'a', bucket: 1, day: 1, id: { $gt: id } }),
  // @ts-expect-error a static column of half a partition key
  (db) => db.delete(events).columns('plan').where({ org: 'a' }),
  // @ts-expect-error columns without a key
  (db) => db.delete(users).columns('name').where({}),
]
