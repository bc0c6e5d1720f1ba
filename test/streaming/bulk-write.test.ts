import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import type { Values } from '../../src/client/index.js'
import { bulkWrite, BulkWriteError, scan } from '../../src/streaming/index.js'
import type { BulkOutcome } from '../../src/streaming/index.js'
import { clients, connect, eachWithProxiedServer, proxy, server } from '../support/proxied-client.js'

eachWithProxiedServer()
let client: Client
/** Beside the proxy, to see what there is. */
let witness: Client
beforeEach(async () => {
  witness = await Client.connect({ contactPoints: server.contactPoints })
  clients.push(witness)
  await witness.execute("CREATE KEYSPACE b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await witness.execute('CREATE TABLE b.t (p int, c int, v text, w int, PRIMARY KEY (p, c))')
  await witness.execute('CREATE TABLE b.n (p int PRIMARY KEY, n counter)')
  client = await connect({ timeoutMs: 2000, attemptTimeoutMs: 300 })
})
afterEach(() => proxy.faults.clear())

const insert = 'INSERT INTO b.t (p, c, v, w) VALUES (?, ?, ?, ?)'

async function contents(): Promise<Map<string, unknown>> {
  const { rows } = await witness.execute<{ p: number; c: number; v: string; w: number }>('SELECT p, c, v, w FROM b.t', [], { autoPage: true })
  return new Map(rows.map(({ p, c, v, w }) => [`${p}/${c}`, [v, w]]))
}

describe('bulkWrite', () => {
  test('later records of a row win, whatever is batched, sent again or overtaken', async () => {
    const record = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 }), fc.string({ maxLength: 8 }), fc.integer())
    await fc.assert(fc.asyncProperty(fc.array(record, { maxLength: 120 }), fc.record({ concurrency: fc.constantFrom<number | 'adaptive'>(1, 3, 'adaptive'), ordered: fc.boolean(), batchBytes: fc.constantFrom(60, 400, 4096), maxPending: fc.constantFrom(1, 10, 500) }), fc.boolean(), async (records, options, faulty) => {
      await witness.execute('TRUNCATE b.t')
      if (faulty) proxy.faults.add({ opcode: ['EXECUTE', 'BATCH'], probability: 0.2, respond: 'overloaded' })
      const outcomes: BulkOutcome[] = []
      const done = await bulkWrite(client, insert, records, { ...options, attempts: 50, onOutcome: (outcome) => outcomes.push(outcome) })
      proxy.faults.clear()
      expect(done).toMatchObject({ read: records.length, written: records.length, failed: 0, pending: 0 })
      const indexes = outcomes.map(({ index }) => index)
      expect(options.ordered ? indexes : indexes.toSorted((a, b) => a - b)).toEqual(records.map((_, i) => i))
      expect(await contents()).toEqual(new Map(records.map(([p, c, v, w]) => [`${p}/${c}`, [v, w]])))
    }), { numRuns: 30 })
  })

  test('bad records have an outcome of their own, and spoil nobody else\'s batch', async () => {
    const bad = new Map<number, Values>([[3, [1, 'x', 'v', 1]], [10, [1, 10, 'v']], [11, { p: 1, c: 11, v: 'v' }], [12, { p: 1, c: 12, v: 'v', w: 1, z: 2 }], [13, [null, 1, 'v', 1]], [20, [1, 20, 'v', 2 ** 40]]])
    const records = Array.from({ length: 100 }, (_, i): Values => bad.get(i) ?? [1, i, `v${i}`, i])
    const dead: BulkOutcome[] = []
    const result = await bulkWrite(client, insert, records, { deadLetter: (outcome) => dead.push(outcome) })
    expect(result).toMatchObject({ written: 94, failed: 6 })
    expect(new Map(dead.map(({ index, record }) => [index, record]))).toEqual(bad)
    const reasons = new Map(dead.map(({ index, error }) => [index, error?.message]))
    expect(reasons.get(3)).toMatch(/Parameter 2 'c' of type int/)
    expect(reasons.get(10)).toMatch(/4 parameters \(p, c, v, w\), but the record has 3 values/)
    expect(reasons.get(11)).toMatch(/lacks 'w'/)
    expect(reasons.get(12)).toMatch(/has 'z', which is no parameter/)
    expect(reasons.get(13)).toMatch(/'p' is null, and is part of the primary key/)
    expect(reasons.get(20)).toMatch(/Parameter 4 'w' of type int/)
    expect((await contents()).size).toBe(94)
  })

  test('null leaves alone what is there, unless it is to be written; so do missing properties if allowed', async () => {
    await bulkWrite(client, insert, [[1, 1, 'old', 1], [1, 2, 'old', 2]])
    await bulkWrite(client, insert, [[1, 1, null, 5]])
    await bulkWrite(client, insert, [{ p: 1, c: 2, w: 6, more: true }], { missing: 'unset', extra: 'ignore' })
    expect(await contents()).toEqual(new Map([['1/1', ['old', 5]], ['1/2', ['old', 6]]]))
    await bulkWrite(client, insert, [[1, 1, null, 5]], { nulls: 'write' })
    expect((await contents()).get('1/1')).toEqual([null, 5])
  })

  test('nobody told of failures: the first one is an error; with maxErrors the one after', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => [1, i % 10 === 5 ? 'x' : i, 'v', 1])
    const error = await bulkWrite(client, insert, records).catch((e: unknown) => e as BulkWriteError)
    expect(error).toBeInstanceOf(BulkWriteError)
    expect((error as BulkWriteError).first.index % 10).toBe(5)
    expect((error as BulkWriteError).message).toMatch(/the first is record \d*5: Parameter 2/)
    expect((error as BulkWriteError).progress.read).toBeLessThan(5000)
    const later = await bulkWrite(client, insert, records, { maxErrors: 7 }).catch((e: unknown) => e as BulkWriteError)
    expect((later as BulkWriteError).progress.failed).toBeGreaterThan(7)
  })

  test('what is not idempotent is sent once: what may have been written is unknown', async () => {
    proxy.faults.add({ opcode: 'EXECUTE', times: 3, drop: 'request' })
    const outcomes: BulkOutcome[] = []
    const update = 'UPDATE b.n SET n = n + ? WHERE p = ?'
    const result = await bulkWrite(client, update, Array.from({ length: 20 }, (_, i) => [1n, i]), { onOutcome: (outcome) => outcomes.push(outcome) })
    expect(result).toMatchObject({ written: 17, unknown: 3, failed: 0 })
    expect(outcomes.filter(({ status }) => status === 'unknown').every(({ attempts }) => attempts === 1)).toBe(true)
    expect((await witness.execute<{ n: bigint }>('SELECT n FROM b.n', [], { autoPage: true })).rows.every(({ n }) => n === 1n)).toBe(true)
  })

  test('conditional statements: records whose condition is not met are rejected', async () => {
    await bulkWrite(client, insert, [[1, 1, 'old', 1]])
    const result = await bulkWrite(client, 'INSERT INTO b.t (p, c, v) VALUES (?, ?, ?) IF NOT EXISTS', [[1, 1, 'new'], [1, 2, 'new']], { onOutcome: () => {} })
    expect(result).toMatchObject({ written: 1, rejected: 1 })
    expect((await contents()).get('1/1')).toEqual(['old', 1])
  })

  test('records of one partition that wait go together, within the bytes that were asked for', async () => {
    proxy.resetCounts()
    await bulkWrite(client, insert, Array.from({ length: 640 }, (_, i) => [1, i, 'v', i]), { concurrency: 1 })
    expect(proxy.count({ opcode: 'BATCH' })).toBeLessThan(14)
    proxy.resetCounts()
    await bulkWrite(client, insert, Array.from({ length: 64 }, (_, i) => [1, i, 'v', i]), { concurrency: 1, batches: false })
    expect(proxy.count({ opcode: 'EXECUTE' })).toBe(64)
    expect((await contents()).size).toBe(640)
  })

  test('it reads no further ahead than it may, also when the database is slow', async () => {
    proxy.faults.add({ opcode: 'EXECUTE', delayMs: 20 })
    let read = 0
    let most = 0
    let told = 0
    const records = function* (): Generator<unknown[]> {
      for (let i = 0; i < 200; i++) {
        read++
        most = Math.max(most, read - told)
        yield [i, i, 'v', i]
      }
    }
    await bulkWrite(client, insert, records(), { maxPending: 25, onOutcome: () => { told++ } })
    expect(most).toBeLessThanOrEqual(26)
    expect(told).toBe(200)
  })

  test('a slow dead letter holds up the reading; one that fails ends it', async () => {
    let open = 0
    let most = 0
    const records = Array.from({ length: 50 }, () => ['x', 1, 'v', 1])
    await bulkWrite(client, insert, records, {
      deadLetter: async () => {
        most = Math.max(most, ++open)
        await new Promise((resolve) => { setTimeout(resolve, 2) })
        open--
      },
    })
    expect(most).toBe(1)
    await expect(bulkWrite(client, insert, records, { deadLetter: async () => { throw new Error('disk full') } })).rejects.toThrow('disk full')
  })

  test('an abort ends it soon; what was read has an outcome all the same', async () => {
    proxy.faults.add({ opcode: ['EXECUTE', 'BATCH'], drop: 'request' })
    const stop = new AbortController()
    let read = 0
    let told = 0
    const records = async function* (): AsyncGenerator<unknown[]> {
      for (;;) {
        read++
        yield [read, 1, 'v', 1]
        if (read === 100) await new Promise(() => {})
      }
    }
    const run = bulkWrite(client, insert, records(), { signal: stop.signal, onOutcome: () => { told++ } })
    setTimeout(() => stop.abort(), 150)
    const started = performance.now()
    await expect(run).rejects.toMatchObject({ name: 'AbortError' })
    expect(performance.now() - started).toBeLessThan(1500)
    expect(told).toBe(read)
  })

  test('an error of the source ends it after what was read is written', async () => {
    const records = function* (): Generator<unknown[]> {
      for (let i = 0; i < 30; i++) yield [1, i, 'v', 1]
      throw new Error('no more file')
    }
    await expect(bulkWrite(client, insert, records())).rejects.toThrow('no more file')
    expect((await contents()).size).toBe(30)
  })

  test('at a rate of rows or bytes per second', async () => {
    const records = Array.from({ length: 60 }, (_, i) => [1, i, 'v', 1])
    let started = performance.now()
    await bulkWrite(client, insert, records, { maxRowsPerSecond: 200 })
    expect(performance.now() - started).toBeGreaterThan(200)
    started = performance.now()
    await bulkWrite(client, insert, records, { maxBytesPerSecond: 1500 }) // 29 bytes each, 1,500 at once
    expect(performance.now() - started).toBeGreaterThan(120)
  })

  test('what a listener of progress throws ends it, and not the process', async () => {
    proxy.faults.add({ opcode: ['EXECUTE', 'BATCH'], delayMs: 30 })
    const failing = { progressEveryMs: 10, onProgress: () => { throw new Error('in a listener') } }
    await expect(bulkWrite(client, insert, Array.from({ length: 20 }, (_, i) => [i, i, 'v', i]), failing)).rejects.toThrow('in a listener')
    proxy.faults.add({ opcode: 'EXECUTE', delayMs: 50 })
    await expect(scan(client, 'b.t', failing).toArray()).rejects.toThrow('in a listener')
  })

  test('what is wrong is named before anything is read', async () => {
    const untouched = { [Symbol.asyncIterator]: () => { throw new Error('read') } } as AsyncIterable<Values>
    await expect(bulkWrite(client, insert, untouched, { batchbytes: 1 } as object)).rejects.toThrow(/Unknown option 'batchbytes' of bulkWrite/)
    await expect(bulkWrite(client, insert, untouched, { nulls: 'no' as 'unset' })).rejects.toThrow(/'nulls' must be one of unset, write/)
    await expect(bulkWrite(client, 'INSERT INTO b.t (p, c) VALUES (1, 2)', untouched)).rejects.toThrow(/no parameters/)
    await expect(bulkWrite(client, 'INSERT INTO b.none (p) VALUES (?)', untouched)).rejects.toThrow(/none/)
  })
})
