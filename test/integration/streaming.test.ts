// Whole tables in and out of a real cluster whose nodes die meanwhile.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { bulkWrite, scan } from '../../src/streaming/index.js'
import type { BulkOutcome } from '../../src/streaming/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { Setting } from './worst-day/setting.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = join(root, 'dist/cli/main.node.js')
const run = promisify(execFile)
const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/** The long forms take a while: `npm run prove:streaming`. */
const PATIENCE = { timeout: 3_600_000 }

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('three nodes of Cassandra 5.0', () => {
  let setting: Setting
  let client: Client
  let dir: string
  /** `p/c` of each row of st.wide; static columns alone count as a row without c. */
  const truth = new Set<string>()
  const keyOf = ({ p, c }: { readonly p: number; readonly c: number | null }): string => `${p}/${c}`

  beforeAll(async () => {
    if (!existsSync(bin)) throw new Error('Run `npm run build` first')
    dir = mkdtempSync(join(tmpdir(), 'cqlwire-streaming-'))
    setting = new Setting(await CassandraCluster.start({ network: '127.0.46', dataCenters: ['dc1', 'dc1', 'dc1'] }))
    await setting.open()
    await setting.run(
      "CREATE KEYSPACE st WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}",
      'CREATE TABLE st.wide (p int, c int, s text static, v text, PRIMARY KEY (p, c))',
      'CREATE TABLE st.loaded (id int PRIMARY KEY, v text, w int)',
      "CREATE KEYSPACE st1 WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}",
      'CREATE TABLE st1.memory (id bigint PRIMARY KEY, name text, v double, ts timestamp)',
    )
    client = await Client.connect({ ...setting.direct, timeoutMs: 30_000 })
    const rows = function* (): Generator<[number, number, string]> {
      const random = new SeededRandom(7)
      for (let p = 0; p < 3000; p++) {
        const size = p === 100 ? 50_000 : p === 2000 ? 20_000 : p % 300 === 0 ? 1000 : 1 + Math.floor(random.next() * 3)
        for (let c = 0; c < size; c++) yield [p, c, `value ${p} ${c}`]
      }
    }
    for (const [p, c] of rows()) truth.add(`${p}/${c}`)
    const { written } = await bulkWrite(client, 'INSERT INTO st.wide (p, c, v) VALUES (?, ?, ?)', rows())
    expect(written).toBe(truth.size)
    for (let p = 5000; p < 5050; p++) {
      await client.execute('INSERT INTO st.wide (p, s) VALUES (?, ?)', [p, 'alone'])
      truth.add(`${p}/null`)
    }
  })
  afterAll(async () => {
    await client?.close()
    await setting?.close()
    await setting?.cluster.stop()
    if (dir) rmSync(dir, { recursive: true, force: true })
  })
  beforeEach(() => setting.reset())

  test('a scan gives every row once while a node is killed, and later another one stands still', async () => {
    const reading = scan<{ p: number; c: number | null }>(client, 'st.wide', { columns: ['p', 'c', 's', 'v'], pageSize: 137, consistency: 'localQuorum' })
    const seen = new Set<string>()
    let count = 0
    const events: string[] = []
    for await (const row of reading) {
      count++
      seen.add(keyOf(row))
      if (count === Math.floor(truth.size * 0.15)) { events.push('killed'); await setting.cluster.kill(1) }
      if (count === Math.floor(truth.size * 0.5)) { events.push('back'); await setting.cluster.restart(1) }
      if (count === Math.floor(truth.size * 0.6)) {
        events.push('frozen')
        setting.cluster.freeze(2)
        setTimeout(() => setting.cluster.resume(2), 6000)
      }
    }
    setting.cluster.resume(2)
    expect(events).toEqual(['killed', 'back', 'frozen'])
    expect(count).toBe(truth.size)
    expect(seen).toEqual(truth)
    console.log(`${count} rows, ${reading.progress!.retries} pages asked for again`)
  })

  test('unload, killed again and again and begun again: with output and checkpoint kept together every row is there once', PATIENCE, async () => {
    const kills = number('CQLWIRE_SCAN_KILLS', 12)
    const file = join(dir, 'wide.csv')
    const args = [bin, 'unload', 'st.wide', file, '--checkpoint', `${file}.at`, '--checkpoint-every', '20', '--page-size', String(Math.max(5, Math.floor(700 / kills))), '--concurrency', '2', '--quiet', '--contact-points', setting.cluster.contactPoints[0]!]
    const random = new SeededRandom(11)
    let killed = 0
    for (let i = 0; i < kills; i++) {
      const child = spawn(process.execPath, args)
      const exit = new Promise<number | null>((resolve) => { child.once('exit', resolve) })
      const timer = setTimeout(() => child.kill('SIGKILL'), 400 + random.next() * 900)
      if ((await exit) === null) killed++
      clearTimeout(timer)
    }
    expect(existsSync(`${file}.at`)).toBe(true)
    const before = (JSON.parse((JSON.parse(readFileSync(`${file}.at`, 'utf8')) as { scan: string }).scan) as { rows: number }).rows
    await run(process.execPath, args)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1)
    const keys = lines.map((line) => { const [p, c] = line.split(','); return `${p}/${c === '' ? 'null' : c}` })
    expect(killed).toBeGreaterThan(0)
    expect(keys.length).toBe(truth.size)
    expect(new Set(keys)).toEqual(truth)
    console.log(`killed ${killed} of ${kills} times, ${before} of ${truth.size} rows written by then`)
  })

  test('a load with bad records, a node that is overloaded and one that dies: each record has one outcome, the good ones are there', PATIENCE, async () => {
    const count = number('CQLWIRE_LOAD_ROWS', 60_000)
    const proxied = await Client.connect({ ...setting.proxied, timeoutMs: 8000, attemptTimeoutMs: 1000 })
    setting.proxies[0]!.faults.add({ opcode: ['EXECUTE', 'BATCH'], probability: 0.2, respond: 'overloaded' })
    const isBad = (i: number): boolean => i % 100 === 17
    const outcomes = new Uint8Array(count)
    const dead = new Map<number, string>()
    let dying: Promise<void> | undefined
    const records = async function* (): AsyncGenerator<unknown[]> {
      for (let i = 0; i < count; i++) {
        if (i === Math.floor(count / 4)) dying = setting.cluster.kill(2).then(() => pause(3000)).then(() => setting.cluster.restart(2))
        yield isBad(i) ? [i, `v${i}`, 'not a number'] : [i, `v${i}`, i]
      }
    }
    const result = await bulkWrite(proxied, 'INSERT INTO st.loaded (id, v, w) VALUES (?, ?, ?)', records(), {
      onOutcome: ({ index }) => { outcomes[index]!++ },
      deadLetter: ({ index, error }: BulkOutcome) => { dead.set(index, error!.message) },
    })
    await proxied.close()
    await dying
    expect(outcomes.every((n) => n === 1)).toBe(true)
    expect(result).toMatchObject({ read: count, written: count - Math.floor(count / 100), unknown: 0, pending: 0 })
    expect([...dead.keys()].every(isBad)).toBe(true)
    expect([...dead.values()].every((reason) => /Parameter 3 'w' of type int/.test(reason))).toBe(true)
    // Quorums overlap also where the node that died has missed writes.
    const found = new Set<number>()
    for await (const { id, w } of scan<{ id: number; w: number }>(client, 'st.loaded', { consistency: 'quorum' })) if (id === w) found.add(id)
    expect(found.size).toBe(count - Math.floor(count / 100))
    console.log(`${count} records, ${Math.round(result.rowsPerSecond)}/s, ${result.retries} requests sent again`)
  })

  test('memory stays flat, however much is written and read', PATIENCE, async () => {
    const count = number('CQLWIRE_MEMORY_ROWS', 200_000)
    const { stdout } = await run(process.execPath, ['--expose-gc', join(root, 'test/support/streaming-memory.mjs'), setting.cluster.contactPoints[0]!, String(count)], { cwd: root, timeout: 3_000_000 })
    const { written, scanned } = JSON.parse(stdout) as Record<'written' | 'scanned', { megabytes: number; perSecond: number; rows: number }>
    console.log(`${count} rows: written at ${written.perSecond}/s with ${written.megabytes} MB more, read at ${scanned.perSecond}/s with ${scanned.megabytes} MB more`)
    expect([written.rows, scanned.rows >= count]).toEqual([count, true])
    expect(written.megabytes).toBeLessThan(64)
    expect(scanned.megabytes).toBeLessThan(64)
  })
})
