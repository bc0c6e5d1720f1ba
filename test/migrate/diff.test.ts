import fc from 'fast-check'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { KeyspaceMetadata } from '../../src/cluster/index.js'
import { diffSchemas, tableSource } from '../../src/migrate/index.js'
import { counter, frozenAddress, int, list, map, schemaOf, set, table, text, tuple, udt, uuid, vector } from './declarations.js'
import { any } from '../support/arbitraries.js'
import { ormClient } from '../support/orm-server.js'

const address = udt('address', { street: text() })
const before = {
  users: table('users', { id: uuid().partitionKey(), name: text(), home: address(), old: int().indexed() }, { with: { comment: 'people', gc_grace_seconds: 100 } }),
  gone: table('gone', { id: int().partitionKey() }),
}
const wider = udt('address', { street: text(), number: int() })
const after = {
  users: table('users', { id: uuid().partitionKey(), name: text().indexed(), home: wider(), tags: set(text()) }, { with: { comment: 'people', gc_grace_seconds: 200, compaction: { class: 'SizeTieredCompactionStrategy' } } }),
  posts: table('posts', { author: uuid().partitionKey(), at: int().clusteringKey('desc'), title: text() }),
}

test('changes: what others need first, what is dropped last, each with what takes it back', () => {
  expect(diffSchemas(schemaOf('k', before), schemaOf('k', after))).toEqual({
    conflicts: [],
    changes: [
      { up: 'ALTER TYPE address ADD number int', down: undefined, loses: undefined },
      { up: 'ALTER TABLE users ADD tags set<text>', down: 'ALTER TABLE users DROP tags', loses: undefined },
      { up: 'CREATE INDEX users_name_idx ON users (name)', down: 'DROP INDEX users_name_idx', loses: undefined },
      { up: "ALTER TABLE users WITH gc_grace_seconds = 200 AND compaction = {'class': 'SizeTieredCompactionStrategy'}", down: undefined, loses: undefined },
      { up: 'CREATE TABLE posts (author uuid, at int, title text, PRIMARY KEY ((author), at)) WITH CLUSTERING ORDER BY (at DESC)', down: 'DROP TABLE posts', loses: undefined },
      { up: 'DROP INDEX users_old_idx', down: 'CREATE INDEX users_old_idx ON users (old)', loses: undefined },
      { up: 'ALTER TABLE users DROP old', down: 'ALTER TABLE users ADD old int', loses: 'column:users.old' },
      { up: 'DROP TABLE gone', down: 'CREATE TABLE gone (id int, PRIMARY KEY ((id)))', loses: 'table:gone' },
    ],
  })
  expect(diffSchemas(schemaOf('k', after), schemaOf('k', after))).toEqual({ changes: [], conflicts: [] })
})

test('what CQL cannot change is a conflict that says what to do', () => {
  const other = {
    users: table('users', { id: uuid().partitionKey(), at: int().clusteringKey(), name: int(), home: udt('address', { street: int() })() }),
  }
  const { conflicts } = diffSchemas(schemaOf('k', before), schemaOf('k', other))
  expect(conflicts.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
    expect.stringMatching(/^type address.street: it is text and should be int, but types of fields cannot be changed/), expect.stringMatching(/^table users: its primary key is another one/),
    expect.stringMatching(/^column users.name: it is text and should be int/),
  ])
})

/** Everything that a keyspace has but its name, as statements. */
const drop = (keyspace: KeyspaceMetadata): string[] => diffSchemas(keyspace, { tables: new Map(), types: new Map(), views: new Map() }).changes.map(({ up }) => up)

test('from any schema to any other: what is run makes one of the other', async () => {
  const setting = await ormClient()
  const { client } = setting
  const live = async (): Promise<KeyspaceMetadata> => {
    await client.refreshSchema()
    return client.cluster.keyspaces.get('app')!
  }
  const rename = (keyspace: KeyspaceMetadata): KeyspaceMetadata => ({ ...keyspace, name: 'app', tables: new Map([...keyspace.tables].map(([name, metadata]) => [name, { ...metadata, keyspace: 'app' }])) })
  let conflicting = 0
  for (const [from, to] of fc.sample(fc.tuple(any.keyspace('app'), any.keyspace('app')), { seed: 5, numRuns: 25 }).map((pair) => pair.map(rename))) {
    for (const { up } of diffSchemas(await live(), from!).changes) await client.execute(up)
    expect(diffSchemas(await live(), from!)).toEqual({ changes: [], conflicts: [] })
    const { changes, conflicts } = diffSchemas(await live(), to!)
    if (conflicts.length > 0) conflicting++
    else {
      for (const { up } of changes) await client.execute(up)
      expect(diffSchemas(await live(), to!)).toEqual({ changes: [], conflicts: [] })
    }
    for (const statement of drop(await live())) await client.execute(statement)
  }
  expect(conflicting).toBeLessThan(20)
  await setting.close()
}, 60_000)

test('what is pulled declares what was there', async () => {
  const setting = await ormClient()
  const { client } = setting
  const tables = {
    odd: table('Odd table', { first: text().partitionKey(), second: int().partitionKey(2), at: int().clusteringKey('desc'), next: uuid().clusteringKey('asc', 2), XMLPart: text().named('XMLPart'), camelCase: text(), shared: int().static(), lists: list(set(int())), frozen: map(text(), list(int())).frozen(), pair: tuple(int(), text()), near: vector(3), home: frozenAddress() }),
    hits: table('hits', { page: text().partitionKey(), n: counter() }),
  }
  for (const statement of diffSchemas({ tables: new Map(), types: new Map(), views: new Map() }, schemaOf('app', tables)).changes) await client.execute(statement.up)
  await client.refreshSchema()
  const live = client.cluster.keyspaces.get('app')!
  const source = tableSource(live)
  expect(source).toMatchSnapshot()
  mkdirSync('.cache/pulled', { recursive: true })
  const file = join(process.cwd(), '.cache/pulled/schema.mjs')
  writeFileSync(file, source.replace("'cqlwire/orm'", `'${pathToFileURL(join(process.cwd(), 'test/migrate/declarations.ts')).href}'`))
  const pulled = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, ReturnType<typeof table>>
  const declared = Object.fromEntries(Object.entries(pulled).filter(([, value]) => typeof value === 'object'))
  expect(diffSchemas(live, schemaOf('app', declared))).toEqual({ changes: [], conflicts: [] })
  expect(tableSource(live, ['hits'])).not.toContain('Odd')
  await setting.close()
})
