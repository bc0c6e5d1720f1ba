import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { CqlServer, JournalCorruptError } from '../../src/server/index.js'

const KILLS = Number(process.env['CQLWIRE_SERVER_KILLS'] ?? 8)

let directory: string
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cqlwire-durable-')) })
const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  rmSync(directory, { recursive: true, force: true })
})

/** Starts a server in the folder, and lets somebody work with it. */
async function within<Out>(work: (client: Client, server: CqlServer) => Promise<Out>, options: object = {}): Promise<Out> {
  await using server = await CqlServer.start({ port: 0, directory, ...options })
  await using client = await Client.connect({ contactPoints: server.contactPoints })
  return await work(client, server)
}

const schema = [
  "CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'CREATE TYPE app.u (a int, "B" text)',
  'CREATE TABLE app.t (k int, c int, v text, l list<int>, m map<text, int>, s set<text>, u frozen<u>, st int static, w u, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC)', 'CREATE TABLE app.n (k int PRIMARY KEY, n counter)',
  'ALTER TABLE app.t ADD gone int', 'ALTER TABLE app.t DROP gone', 'CREATE INDEX ON app.t (v)', 'CREATE MATERIALIZED VIEW app.mv AS SELECT k, c, v, l, m FROM app.t WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, k, c)', 'ALTER TABLE app.t ADD added int',
]
const writes = [
  "INSERT INTO app.t (k, c, v, l, m, s, u, st, w) VALUES (1, 1, 'a', [1, 2], {'x': 1}, {'y'}, {a: 1, \"B\": 'z'}, 5, {a: 2}) USING TIMESTAMP 1000", "UPDATE app.t USING TTL 100000 SET v = 'b', l = [0] + l, m['q'] = 7 WHERE k = 1 AND c = 2", 'UPDATE app.t SET l = l + [3] WHERE k = 1 AND c = 1',
  'INSERT INTO app.t (k, c) VALUES (2, 1)', 'DELETE FROM app.t WHERE k = 2 AND c = 1', 'INSERT INTO app.t (k, c, added) VALUES (3, 1, 9)', 'INSERT INTO app.t (k, c) VALUES (3, 5)', 'DELETE FROM app.t WHERE k = 3 AND c > 3', "INSERT INTO app.t (k, c, v) VALUES (4, 1, 'x') IF NOT EXISTS", 'DELETE FROM app.t WHERE k = 4',
  'UPDATE app.n SET n = n + 5 WHERE k = 1', 'UPDATE app.n SET n = n - 2 WHERE k = 1', 'BEGIN BATCH INSERT INTO app.t (k, c, v) VALUES (5, 1, \'p\'); INSERT INTO app.t (k, c, v) VALUES (6, 1, \'q\'); APPLY BATCH',
]
const reads = ['SELECT * FROM app.t', 'SELECT k, c, v, writetime(v) FROM app.t', 'SELECT * FROM app.n', "SELECT k FROM app.t WHERE v = 'b'", 'SELECT * FROM app.mv', 'DESCRIBE KEYSPACE app', "SELECT id FROM system_schema.tables WHERE keyspace_name = 'app'"]
const all = async (client: Client): Promise<unknown[]> => {
  const found: unknown[] = []
  for (const text of reads) found.push((await client.execute(text, [], { prepare: false })).rows)
  return found
}

test.each([['from its journal', false], ['from a snapshot', true], ['from a snapshot and a journal', 'half']] as const)('a server that starts again has what it had: %s', async (_, snapshot) => {
  const before = await within(async (client, server) => {
    for (const text of schema) await client.execute(text)
    for (const [i, text] of writes.entries()) {
      await client.execute(text)
      if (snapshot === 'half' && i === 5) server.database.durable!.snapshot()
    }
    if (snapshot === true) server.database.durable!.snapshot()
    return all(client)
  })
  for (let i = 0; i < 2; i++) expect(await within((client) => all(client))).toEqual(before)
  const later = await within(async (client) => {
    await client.execute('UPDATE app.t SET l = l + [4], l = l - [0] WHERE k = 1 AND c = 1')
    await client.execute('TRUNCATE app.n')
    await client.execute('UPDATE app.t SET l = [9] + l WHERE k = 1 AND c = 1')
    return all(client)
  })
  expect(await within((client) => all(client))).toEqual(later)
  expect(JSON.stringify(later[0])).toContain('[9,1,2,3,4]')
})

test('half a record at the end is cut off, and said; a broken one in the middle is an error', async () => {
  await within(async (client) => {
    for (const text of schema) await client.execute(text)
    for (const text of writes) await client.execute(text)
  })
  const journal = readdirSync(directory).find((name) => name.startsWith('journal'))
  const file = join(directory, journal!)
  const whole = readFileSync(file)
  truncateSync(file, whole.length - 3)
  const said: string[] = []
  await within(async (client) => {
    expect((await client.execute('SELECT * FROM app.t WHERE k IN (5, 6)')).rows).toEqual([])
    await client.execute("INSERT INTO app.t (k, c, v) VALUES (7, 1, 'after')")
  }, { onCut: (message: string) => said.push(message) })
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/the last \d+ bytes are half a record, and were cut off/)
  await within(async (client) => { expect((await client.execute('SELECT v FROM app.t WHERE k = 7')).one()).toEqual({ v: 'after' }) }, { onCut: () => { throw new Error('nothing is to be cut') } })
  const broken = Uint8Array.from(whole)
  broken[Math.floor(whole.length / 2)]! ^= 1
  writeFileSync(file, broken)
  await expect(CqlServer.start({ port: 0, directory })).rejects.toThrow(JournalCorruptError)
  writeFileSync(file, whole)
  await within(async (client) => { expect((await client.execute('SELECT v FROM app.t WHERE k = 5')).one()).toEqual({ v: 'p' }) })
})

test('nodes are who they were', async () => {
  const ids = (client: Client): Promise<readonly string[]> => Promise.resolve(client.cluster.nodes.map(({ hostId }) => hostId).sort())
  const two = await within(ids, { nodes: 2 })
  const three = await within(ids, { nodes: 3 })
  expect([new Set(two).size, new Set(three).size]).toEqual([2, 3])
  expect(three).toEqual(expect.arrayContaining([...two]))
  expect(await within(ids, { nodes: 3 })).toEqual(three)
})

test('a folder is of one server', async () => {
  await within(async () => { await expect(CqlServer.start({ port: 0, directory })).rejects.toThrow('is in use by this process') })
  writeFileSync(join(directory, 'lock'), '1')
  await expect(CqlServer.start({ port: 0, directory })).rejects.toThrow('is in use by process 1')
  writeFileSync(join(directory, 'lock'), '999999999')
  await within(async () => {}) // of a process that is no more
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test(`killed ${KILLS} times while it is written to: what was acknowledged is there, and batches are there as a whole`, async () => {
  if (!existsSync('dist/cli/main.node.js')) throw new Error('Run `npm run build` first')
  const random = new SeededRandom(11)
  const port = await freePort()
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, ['dist/cli/main.node.js', 'serve', '--port', String(port), '--directory', directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    await new Promise<void>((resolve, reject) => {
      child.stdout!.once('data', () => resolve())
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
    })
    return child
  }
  const connect = (): Promise<Client> => Client.connect({ contactPoints: [`127.0.0.1:${port}`] })
  const acknowledged = new Map<number, number>()
  let next = 0
  for (let round = 0; round < KILLS; round++) {
    const child = await start()
    const client = await connect()
    if (round === 0) {
      await client.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
      await client.execute('CREATE TABLE app.t (k int PRIMARY KEY, v int)')
    }
    const dead = sleep(random.between(5, 120)).then(() => child.kill('SIGKILL'))
    const writer = async (): Promise<void> => {
      for (;;) {
        const k = next
        next += 2
        try {
          // Two rows of one batch: both or none.
          await client.batch([{ query: 'INSERT INTO app.t (k, v) VALUES (?, ?)', values: [k, round] }, { query: 'INSERT INTO app.t (k, v) VALUES (?, ?)', values: [k + 1, round] }], { retry: undefined, timeoutMs: 1000 })
        } catch {
          return
        }
        acknowledged.set(k, round)
      }
    }
    await Promise.all([dead, ...Array.from({ length: 8 }, writer)])
    await client.close()
  }
  await start()
  await using client = await connect()
  const rows = new Map<number, number>()
  for await (const row of client.stream<{ k: number; v: number }>('SELECT k, v FROM app.t')) rows.set(row.k, row.v)
  const lost = [...acknowledged].filter(([k, round]) => rows.get(k) !== round || rows.get(k + 1) !== round)
  expect(lost).toEqual([])
  const halves = [...rows.keys()].filter((k) => !rows.has(k % 2 === 0 ? k + 1 : k - 1))
  expect(halves).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(KILLS * 5)
  console.log(`${KILLS} kills, ${acknowledged.size} batches acknowledged, ${rows.size} rows there`)
}, 300_000)
