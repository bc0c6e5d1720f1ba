// The ORM on a real Cassandra: what the builder refuses Cassandra refuses, and what it builds Cassandra serves.
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { orm } from '../../src/orm/index.js'
import { Slot } from '../../src/orm/placeholder.js'
import { accepted } from '../orm/types/accepted.js'
import { tie } from '../orm/types/tables.js'
import { CassandraCluster } from '../support/cassandra.js'
import { checkQueries } from '../support/orm-conformance.js'
import type { Tally } from '../support/orm-conformance.js'
import { tables } from '../support/orm-queries.js'

const TABLES = Number(process.env['CQLWIRE_ORM_TABLES'] ?? 12)

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  let client: Client
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.55', yaml: 'sasi_indexes_enabled: true\nprepared_statements_cache_size: 64MiB' })
    await using admin = await Client.connect({ contactPoints: cluster.contactPoints })
    await admin.execute("CREATE KEYSPACE q WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    client = await Client.connect({ contactPoints: cluster.contactPoints, keyspace: 'q', timeoutMs: 30_000 })
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.stop()
  })

  test('random tables and queries: what is built finds what looking at every row finds, and what is refused is refused there, too', async () => {
    const tally: Tally = { run: 0, filtered: 0, refused: 0 }
    for (let seed = 1; seed <= TABLES; seed++) {
      const [table] = fc.sample(tables(`t${seed}`, seed % 2 === 0), { seed: seed * 7919, numRuns: 1 })
      await orm(client, { table: table! }).createTables()
      if (seed % 2 === 0) await sleep(1500) // indexes are built in the background
      await checkQueries(client, table!, seed, 120, tally)
    }
    console.log(`${TABLES} tables: ${tally.run} queries run, ${tally.filtered} of them with ALLOW FILTERING, ${tally.refused} refused by both`)
    expect(tally.refused).toBeGreaterThan(TABLES * 10)
    expect(tally.run).toBeGreaterThan(TABLES * 10)
  })

  test('every statement that compiles is one that Cassandra takes', async () => {
    const db = tie(client)
    await db.createTables()
    await sleep(1500)
    for (const build of accepted) {
      const query = build(db)
      const { query: text, values } = query.toCQL()
      if (values.some((value) => value instanceof Slot)) {
        await client.prepare(text)
        continue
      }
      await client.execute(text, values, { prepare: true }).catch((error: unknown) => { throw new Error(`${text}\n${String(error)}`) })
    }
  })

  /** Runs a deployer. @param killAt the statement at which it is killed, and how many milliseconds after it said so */
  function deploy(scope: string, killAt?: readonly [step: number, afterMs: number]): Promise<{ readonly steps: number[]; readonly applied: number | undefined }> {
    const options = { scope, leaseTtlMs: 1000, waitMs: 60_000, allowLoss: [`column:${scope}_a.old`] }
    const up = `CREATE TYPE ${scope}_t (street text); CREATE TABLE ${scope}_a (id int PRIMARY KEY, old text); ALTER TABLE ${scope}_a ADD email text; ALTER TYPE ${scope}_t ADD number int;
      ALTER TABLE ${scope}_a ADD home frozen<${scope}_t>; CREATE INDEX ${scope}_i ON ${scope}_a (email); CREATE TABLE ${scope}_b (id int PRIMARY KEY); INSERT INTO ${scope}_a (id, email) VALUES (1, 'x');
      ALTER TABLE ${scope}_a DROP old; CREATE TABLE ${scope}_c (id int PRIMARY KEY)`
    const child = spawn(process.execPath, ['test/support/migrate-child.mjs', JSON.stringify({ contactPoints: cluster.contactPoints, keyspace: 'q', id: '20260101000000_ten', up, options })], { stdio: ['ignore', 'pipe', 'inherit'] })
    const steps: number[] = []
    let applied: number | undefined
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('applied ')) applied = Number(line.slice(8))
      else steps.push(Number(line))
      if (Number(line) === killAt?.[0]) setTimeout(() => child.kill('SIGKILL'), killAt[1])
    })
    return new Promise((resolve) => { child.on('close', () => resolve({ steps, applied })) })
  }

  test('a deployer killed at any of ten statements: the next one goes on there, and nothing is applied twice', async () => {
    for (const [i, step] of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].entries()) {
      const scope = `m${step}`
      const killed = await deploy(scope, [step, [0, 20, 60, 150][i % 4]!])
      const next = await deploy(scope)
      expect(killed.steps.slice(0, step)).toEqual(Array.from({ length: step }, (_, at) => at + 1))
      expect(next.applied).toBe(killed.applied === undefined ? 1 : 0)
      // A statement is run by one of them, or, when it was under way, seen to have run or run again; any that was done before is not.
      expect(next.steps.every((each) => each >= Math.max(...killed.steps))).toBe(true)
      await client.refreshSchema()
      const { tables: there } = client.cluster.keyspaces.get('q')!
      expect([...there.get(`${scope}_a`)!.columns.keys()].sort()).toEqual(['email', 'home', 'id'])
      expect([there.has(`${scope}_b`), there.has(`${scope}_c`), there.get(`${scope}_a`)!.indexes.has(`${scope}_i`)]).toEqual([true, true, true])
    }
  })

  test('two deployers at once: one waits, both succeed', async () => {
    const both = await Promise.all([deploy('two'), deploy('two')])
    expect(both.map(({ applied }) => applied).sort()).toEqual([0, 1])
    expect(both.flatMap(({ steps }) => steps)).toHaveLength(10)
  })

  test('the example runs on a cluster', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'example:shop', '--', '--contact-points', cluster.contactPoints[0]!])
    expect(stdout).toContain('two more lamps: sold out')
    expect(stdout).toContain('paid: true, and again: false')
    expect(stdout).toContain('Torch  7.50  9 left')
  })
})
