import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/index.js'
import { effectOf, lossesOf, migrationId, migrationOf, Migrator, statementsOf } from '../../src/migrate/index.js'
import type { Migration, MigratorOptions } from '../../src/migrate/index.js'
import { mortal } from '../support/mortal-client.js'
import { ormClient } from '../support/orm-server.js'

let setting: Awaited<ReturnType<typeof ormClient>>
beforeEach(async () => { setting = await ormClient() })
afterEach(async () => setting.close())

/** None of these can be run twice: the second time is an error. */
const tenSteps = `
  CREATE TYPE address (street text);
  CREATE TABLE users (id int PRIMARY KEY, name text); -- people
  ALTER TABLE users ADD email text;
  ALTER TYPE address ADD number int;
  ALTER TABLE users ADD home frozen<address>;
  CREATE TABLE posts (author int, at timestamp, title text, PRIMARY KEY (author, at));
  ALTER TABLE posts ADD (body text, tags set<text>);
  INSERT INTO users (id, name) VALUES (1, 'one; two');
  ALTER TABLE posts DROP body;
  CREATE TABLE last (id int PRIMARY KEY);
`
const tenDown = 'DROP TABLE last; ALTER TABLE posts ADD body text; DROP TABLE posts; DROP TABLE users; DROP TYPE address;'
const losses = ['column:posts.body', 'table:last', 'table:posts', 'table:users', 'type:address']
const first = (): Promise<Migration> => migrationOf('20260101000000_first', tenSteps, tenDown)
const second = (): Promise<Migration> => migrationOf('20260102000000_second', 'CREATE TABLE more (id int PRIMARY KEY)', 'DROP TABLE more')
const tablesOf = async (client: Client): Promise<string[]> => {
  await client.refreshSchema()
  return [...client.cluster.keyspaces.get('app')!.tables.keys()].filter((name) => !name.startsWith('cqlwire_')).sort()
}
/** Lets the lease of one that died go, as its time would. */
const expire = (scope: string): Promise<unknown> => setting.client.execute('UPDATE cqlwire_leases SET holder = null WHERE name = ? IF EXISTS', [`migrations:${scope}`]).catch(() => {})
const options: MigratorOptions = { allowLoss: losses, waitMs: 10_000 }

test('what is pending is applied once, in order; and taken back', async () => {
  const seen: string[] = []
  const migrator = new Migrator(setting.client, [await second(), await first()], { ...options, onStatement: ({ id, step, of }) => seen.push(`${id} ${step}/${of}`) })
  expect((await migrator.plan()).map(({ id, statements }) => [id, statements.length])).toEqual([['20260101000000_first', 10], ['20260102000000_second', 1]])
  expect(await migrator.migrate()).toEqual(['20260101000000_first', '20260102000000_second'])
  expect(seen).toHaveLength(11)
  expect(seen[0]).toBe('20260101000000_first 1/10')
  expect(await migrator.migrate()).toEqual([])
  expect((await migrator.status()).map(({ id, state, done, of }) => [id, state, done, of])).toEqual([['20260101000000_first', 'applied', 10, 10], ['20260102000000_second', 'applied', 1, 1]])
  expect(await tablesOf(setting.client)).toEqual(['last', 'more', 'posts', 'users'])
  expect((await setting.client.execute('SELECT name FROM users')).one()).toEqual({ name: 'one; two' })
  await expect(migrator.down()).rejects.toThrow(/This would destroy table:more: name it in 'allowLoss'/)
  expect(await new Migrator(setting.client, [await second(), await first()], { ...options, allowLoss: [...losses, 'table:more'] }).down(2)).toEqual(['20260102000000_second', '20260101000000_first'])
  expect(await tablesOf(setting.client)).toEqual([])
  expect((await migrator.status()).map(({ state }) => state)).toEqual(['pending', 'pending'])
})

test('what is older than the newest that was applied is applied, too', async () => {
  await new Migrator(setting.client, [await second()], options).migrate()
  expect(await new Migrator(setting.client, [await second(), await first()], options).migrate()).toEqual(['20260101000000_first'])
})

test('a migration that changed after it was applied, or is gone, stops everything; comments may change', async () => {
  await new Migrator(setting.client, [await first(), await second()], options).migrate()
  const commented = await migrationOf('20260101000000_first', `-- a comment\n${tenSteps}`, tenDown)
  expect(await new Migrator(setting.client, [commented, await second()], options).check()).toEqual([])
  const changed = new Migrator(setting.client, [await migrationOf('20260101000000_first', tenSteps.replace('last', 'final')), await second()], options)
  expect(await changed.check()).toEqual([expect.stringMatching(/20260101000000_first was applied, and its statements have changed/)])
  await expect(changed.migrate()).rejects.toThrow(/have changed since/)
  const missing = new Migrator(setting.client, [await second()], options)
  expect((await missing.status())[0]).toMatchObject({ id: '20260101000000_first', state: 'missing', of: 10 })
  await expect(missing.migrate()).rejects.toThrow(/is not among the migrations/)
})

test('nothing is destroyed that was not named', async () => {
  const migrator = new Migrator(setting.client, [await first()], { ...options, allowLoss: [] })
  await expect(migrator.migrate()).rejects.toThrow(/This would destroy column:posts.body/)
  expect(await tablesOf(setting.client)).toEqual([])
})

test('a statement that fails stops the migration there, and it goes on there', async () => {
  const broken = await migrationOf('20260103000000_broken', 'CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE nothing ADD x int; CREATE TABLE b (id int PRIMARY KEY)')
  const migrator = new Migrator(setting.client, [broken], options)
  await expect(migrator.migrate()).rejects.toThrow(/20260103000000_broken stopped at\n {2}ALTER TABLE nothing ADD x int\n/)
  expect((await migrator.status())[0]).toMatchObject({ state: 'interrupted', done: 1, of: 3 })
  await setting.client.execute('CREATE TABLE nothing (id int PRIMARY KEY)')
  expect(await migrator.migrate()).toEqual(['20260103000000_broken'])
  expect(await tablesOf(setting.client)).toEqual(['a', 'b', 'nothing'])
})

describe('dying between any two requests', () => {
  test.each(['before it is sent', 'before it is answered'] as const)('up, %s: converges, nothing twice', async (when) => {
    let deaths = 0
    let late = 0
    for (let at = 1; ; at++) {
      const migrations = [await migrationOf('20260101000000_first', tenSteps, tenDown)]
      const scope = `s${at}${when.length}`
      const dying = mortal(setting.client, at, when)
      const ended = await new Migrator(dying, migrations, { ...options, scope }).migrate().then(() => 'done', () => 'dead')
      if (ended === 'dead') deaths++
      await expire(scope)
      const again = await new Migrator(setting.client, migrations, { ...options, scope }).migrate()
      // Who dies giving the lease back has applied everything, and does not know.
      if (again.length === 0) late++
      else expect(again).toEqual(['20260101000000_first'])
      expect(await tablesOf(setting.client)).toEqual(['last', 'posts', 'users'])
      expect(await new Migrator(setting.client, migrations, { ...options, scope }).down()).toEqual(['20260101000000_first'])
      if (ended === 'done') break
    }
    expect(deaths).toBeGreaterThan(30)
    expect(late).toBeLessThan(5)
  }, 120_000)

  test('down: taken back to the end before anything else', async () => {
    const migrations = [await migrationOf('20260101000000_first', tenSteps, tenDown)]
    const migrator = new Migrator(setting.client, migrations, options)
    await migrator.migrate()
    await expect(new Migrator(mortal(setting.client, 14, 'before it is answered'), migrations, options).down()).rejects.toThrow()
    await expire('schema')
    expect((await migrator.status())[0]!.state).toBe('reverting')
    await expect(migrator.migrate()).rejects.toThrow(/was being taken back/)
    expect(await migrator.down()).toEqual(['20260101000000_first'])
    expect(await tablesOf(setting.client)).toEqual([])
  }, 30_000)
})

test('a statement whose effect cannot be seen is neither run again nor left out without being asked', async () => {
  const counting = [await migrationOf('20260101000000_count', "CREATE TABLE n (id int PRIMARY KEY, n counter); UPDATE n SET n = n + 1 WHERE id = 1")]
  let interrupted = 0
  for (let at = 1; interrupted === 0; at++) {
    const scope = `c${at}`
    await setting.client.execute('DROP TABLE IF EXISTS n')
    await new Migrator(mortal(setting.client, at, 'before it is answered'), counting, { ...options, scope }).migrate().catch(() => {})
    await expire(scope)
    const failure: unknown = await new Migrator(setting.client, counting, { ...options, scope }).migrate().then(() => undefined, (error: unknown) => error)
    if (failure === undefined) continue
    interrupted++
    expect(String(failure)).toMatch(/Statement 2 of 20260101000000_count was interrupted, and whether it has run cannot be seen/)
    await new Migrator(setting.client, counting, { ...options, scope, interrupted: 'again' }).migrate()
  }
}, 60_000)

test('two deployers at once: one waits, both succeed, each statement is run once', async () => {
  const ran: string[] = []
  const deploy = async (): Promise<string[]> => new Migrator(setting.client, [await first(), await second()], { ...options, waitMs: 20_000, onStatement: ({ statement }) => ran.push(statement) }).migrate()
  const applied = await Promise.all([deploy(), deploy()])
  expect(applied.map((ids) => ids.length).sort()).toEqual([0, 2])
  expect(ran).toHaveLength(11)
  await using held = await (await import('../../src/coordination/index.js')).acquireLease(setting.client, 'migrations:schema', { table: 'cqlwire_leases' })
  expect(held).toBeDefined()
  await expect(new Migrator(setting.client, [await first(), await second()], { ...options, waitMs: 100 }).migrate()).rejects.toThrow(/Another deployer has been migrating for 100 ms/)
})

test('scripts are taken apart as CQL, not at every semicolon', () => {
  expect(statementsOf("a 'x;y'; -- c;\n b $$ ; $$; /* ; */ BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 2; APPLY BATCH; ;")).toEqual([
    "a 'x;y'", 'b $$ ; $$', 'BEGIN BATCH INSERT INTO t (a) VALUES (1); DELETE FROM t WHERE a = 2; APPLY BATCH'])
  expect(migrationId('Add users, and más', new Date(Date.UTC(2026, 10, 26, 5, 12, 3)))).toBe('20261126051203_add_users_and_m_s')
})

test('ids and scripts that cannot be', async () => {
  await expect(migrationOf('first', 'SELECT 1')).rejects.toThrow(/named by 14 digits/)
  await expect(migrationOf('20260101000000_a', ' -- nothing')).rejects.toThrow(/has no statements/)
  const twice = await second()
  expect(() => new Migrator(setting.client, [twice, twice])).toThrow(/Two migrations are named/)
})

test('a statement that is no CQL stops migrations before any of them runs', async () => {
  const good = await migrationOf('20260101000000_good', 'CREATE TABLE g (id int PRIMARY KEY)')
  const bad = await migrationOf('20260102000000_bad', 'CREATE TABLE b (id int PRIMARY KEY); ALTER TABLE b\n  ADD index int')
  const migrator = new Migrator(setting.client, [good, bad])
  await expect(migrator.migrate()).rejects.toThrow("statement 2 of 20260102000000_bad is no CQL: line 2:6 mismatched input 'index' expecting a name")
  expect(await migrator.check()).toHaveLength(1)
  expect((await migrator.status()).map(({ state }) => state)).toEqual(['pending', 'pending'])
  await expect(new Migrator(setting.client, [good, bad], { validate: false }).migrate()).rejects.toThrow('20260102000000_bad stopped at')
})

test('effects and losses of statements', async () => {
  await setting.client.execute('CREATE TABLE t (id int PRIMARY KEY, a text)')
  await setting.client.execute('CREATE TYPE u (a text)')
  await setting.client.refreshSchema()
  const live = setting.client.cluster.keyspaces.get('app')!
  const effects: readonly [string, string][] = [
    ['CREATE TABLE t (id int PRIMARY KEY)', 'done'], ['CREATE TABLE x (id int PRIMARY KEY)', 'missing'], ['DROP TABLE t', 'missing'], ['DROP TABLE x', 'done'], ['ALTER TABLE t ADD a text', 'done'], ['ALTER TABLE t ADD (a text, b text)', 'missing'],
    ['ALTER TABLE t DROP a', 'missing'], ['ALTER TABLE t DROP b', 'done'], ['ALTER TABLE t RENAME id TO key', 'missing'], ["ALTER TABLE t WITH comment = 'x'", 'repeatable'], ['CREATE TYPE u (a text)', 'done'], ['ALTER TYPE u ADD b text', 'missing'],
    ['ALTER TYPE u RENAME b TO a', 'done'], ['DROP TYPE u', 'missing'], ['CREATE INDEX i ON t (a)', 'missing'], ['CREATE CUSTOM INDEX IF NOT EXISTS "I" ON t (a) USING \'x\'', 'missing'], ['DROP INDEX i', 'done'], ['DROP INDEX IF EXISTS app.i', 'done'],
    ["INSERT INTO t (id) VALUES (1)", 'repeatable'], ['UPDATE t SET a = \'x\' WHERE id = 1', 'unknown'], ['GRANT SELECT ON t TO someone', 'repeatable'], ['GRANT a TO b', 'unknown'], ['CREATE INDEX ON t (a)', 'missing'], ['CREATE MATERIALIZED VIEW v AS SELECT * FROM t WHERE id IS NOT NULL PRIMARY KEY (id)', 'missing'], ['DROP MATERIALIZED VIEW v', 'done'],
    ['CREATE OR REPLACE FUNCTION f () CALLED ON NULL INPUT RETURNS int LANGUAGE java AS \'x\'', 'repeatable'], ['CREATE SOMETHING ELSE', 'unknown'],
  ]
  expect(effects.map(([statement]) => [statement, effectOf(statement, live)])).toEqual(effects)
  expect(['DROP TABLE a.t', 'DROP KEYSPACE k', 'TRUNCATE t', 'ALTER TABLE t DROP (a, b)', 'DROP MATERIALIZED VIEW v', 'DROP FUNCTION IF EXISTS f', 'DROP INDEX i', 'DELETE FROM t WHERE id = 1', 'ALTER TABLE t ADD x int'].map(lossesOf)).toEqual([
    ['table:t'], ['keyspace:k'], ['rows:t'], ['column:t.a', 'column:t.b'], ['view:v'], ['function:f'], [], [], []])
})
