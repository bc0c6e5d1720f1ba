// The tables of the type tests: each kind of key, column and index once.
import type { Client } from '../../../src/client/index.js'
import { ascii, bigint, blob, boolean, counter, date, decimal, double, duration, float, hasMany, hasOne, inet, int, list, manyToMany, map, orm, set, smallint, table, text, time, timestamp, timeuuid, tinyint, tuple, udt, uuid, varint, vector, vectorOf } from '../../../src/orm/index.js'

export const address = udt('address', { street: text(), number: int() })

export const events = table('events', {
  org: text().partitionKey(),
  bucket: int().partitionKey(2),
  day: int().clusteringKey('desc'),
  id: uuid().clusteringKey('asc', 2),
  kind: text().indexed(),
  score: int().indexed({ using: 'sai' }),
  size: int().indexed({ using: 'sai' }),
  title: text().indexed({ using: 'sasi' }),
  note: text(),
  tags: set(text()).indexed(),
  labels: map(text(), text()),
  parts: list(int()),
  count: int().required(),
  at: timestamp().default(() => new Date(0)),
  changedAt: timestamp().onUpdate(() => new Date(1)),
  plan: text().static(),
})

export const users = table('users', { id: uuid().partitionKey(), email: text().required(), name: text(), home: address(), team: uuid() })
export const posts = table('posts', { author: uuid().partitionKey(), at: timestamp().clusteringKey('desc'), title: text(), topic: uuid() })
export const members = table('members', { team: uuid().partitionKey(), user: uuid().clusteringKey() })
export const hits = table('hits', { page: text().partitionKey(), day: int().clusteringKey(), n: counter(), unique: counter() })
export const every = table('every', {
  key: text().partitionKey(), ascii: ascii(), bigint: bigint(), blob: blob(), boolean: boolean(), date: date(), decimal: decimal(), double: double(), duration: duration(), float: float(),
  inet: inet(), int: int(), smallint: smallint(), text: text(), time: time(), timestamp: timestamp(), timeuuid: timeuuid(), tinyint: tinyint(), uuid: uuid(), varint: varint(),
  list: list(text()), set: set(int()), map: map(text(), bigint()), frozen: list(int()).frozen(), tuple: tuple(int(), text()), udt: address(), udts: list(address()), vector: vector(3), vectorOf: vectorOf(int(), 2),
  nested: map(text(), set(int())),
})

export declare const client: Client

/** Ties the tables to a client. Types only need its type; tests give it a client that is not connected. */
export const tie = (given: Client) => orm(given, { events, users, posts, members, hits, every }, {
  relations: {
    users: { posts: hasMany('posts', { author: 'id' }), latest: hasOne('posts', { author: 'id' }), mates: hasMany('members', { team: 'team' }), colleagues: manyToMany('users', { table: 'members', on: { team: 'team' } }, { id: 'user' }) },
    posts: { writer: hasOne('users', { id: 'author' }) },
    members: { person: hasOne('users', { id: 'user' }) },
  },
})
export type Db = ReturnType<typeof tie>
