import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { Background, findMany, future, PartialFailureError, pipeline, settle, SKIP, waitForAll } from '../../src/streaming/index.js'
import type { BulkOutcome, PipelineOutcome } from '../../src/streaming/index.js'

let server: CqlServer
let client: Client
beforeAll(async () => {
  server = await CqlServer.start({ port: 0 })
  client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE p WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE p.t (id int PRIMARY KEY, v text)')
})
afterAll(async () => {
  await client.close()
  await server.close()
})
beforeEach(() => client.execute('TRUNCATE p.t'))

const turn = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, Math.random() * 2) })
const insert = 'INSERT INTO p.t (id, v) VALUES (?, ?)'

describe('pipeline', () => {
  test('every record has one outcome: written, left out, or failed in the stage that says why', async () => {
    const fate = fc.constantFrom('fine', 'invalid', 'throws', 'skip', 'unbindable')
    await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), fc.boolean(), async (fates, parallelism, ordered) => {
      await client.execute('TRUNCATE p.t')
      const outcomes: BulkOutcome[] = []
      const dead: number[] = []
      const result = await pipeline(fates.map((what, id) => ({ what, id })))
        .validate('check', async ({ what }) => { await turn(); return what !== 'invalid' }, { parallelism })
        .transform('shape', async ({ what, id }) => {
          await turn()
          if (what === 'throws') throw new Error('cannot be shaped')
          return what === 'skip' ? SKIP : [what === 'unbindable' ? 'x' : id, what]
        }, { parallelism })
        .write(client, insert, { ordered, onOutcome: (outcome) => outcomes.push(outcome), deadLetter: async ({ index }) => { await turn(); dead.push(index) } })
      const expected = fates.map((what) => ({ fine: 'written', skip: 'skipped' } as Record<string, string>)[what] ?? 'failed')
      const told = outcomes.toSorted((a, b) => a.index - b.index)
      expect(told.map(({ status }) => status)).toEqual(expected)
      if (ordered) expect(told).toEqual(outcomes)
      expect(told.map(({ error }) => error?.message.replace(/: .*/s, ''))).toEqual(fates.map((what) => ({ invalid: "Stage 'check'", throws: "Stage 'shape'", unbindable: "Parameter 1 'id' of type int" } as Record<string, string>)[what]))
      expect(dead.toSorted((a, b) => a - b)).toEqual(told.filter(({ status }) => status === 'failed').map(({ index }) => index))
      expect(result).toMatchObject({ read: fates.length, written: fates.filter((what) => what === 'fine').length, skipped: fates.filter((what) => what === 'skip').length })
      expect((await client.execute('SELECT id FROM p.t')).rows.length).toBe(result.written)
    }), { numRuns: 25 })
  })

  test('stages work at the same time, each on no more records than it may; queues stay short', async () => {
    let read = 0
    let running = 0
    let most = 0
    let done = 0
    let ahead = 0
    const input = function* (): Generator<number> { for (let i = 0; i < 100; i++) { read++; ahead = Math.max(ahead, read - done); yield i } }
    const summary = await pipeline(input())
      .transform('first', async (n) => { await turn(); return n }, { parallelism: 4 })
      .transform('second', async (n) => { most = Math.max(most, ++running); await turn(); running--; return n * 2 }, { parallelism: 3 })
      .run({ onOutcome: ({ status, value, index }: PipelineOutcome) => { done++; expect([status, value]).toEqual(['done', index * 2]) } })
    expect(summary).toEqual({ read: 100, done: 100, skipped: 0, failed: 0 })
    expect(most).toBe(3)
    expect(ahead).toBeLessThanOrEqual(4 + 3 + 1)
  })

  test('an abort, and stages that make no sense', async () => {
    await expect(pipeline([1]).run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    expect(() => pipeline([1]).transform('', (n) => n)).toThrow(/needs a name/)
    expect(() => pipeline([1]).transform('x', (n) => n, { parallelism: 0 })).toThrow(/'parallelism'/)
  })
})

describe('many requests', () => {
  test('findMany: in the order of the keys, without those that are missing, no more at a time than asked for', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.execute(insert, [i * 2, `v${i * 2}`])))
    const found = await findMany<{ id: number }>(client, 'SELECT id, v FROM p.t WHERE id = ?', Array.from({ length: 100 }, (_, i) => 99 - i), { concurrency: 7 }).map(({ id }) => id).toArray()
    expect(found).toEqual(Array.from({ length: 50 }, (_, i) => 98 - 2 * i))
    expect(await findMany(client, 'SELECT v FROM p.t WHERE id = :id', [{ id: 4 }, [6]]).toArray()).toEqual([{ v: 'v4' }, { v: 'v6' }])
    await expect(findMany(client, 'SELECT v FROM p.t WHERE id = ?', [1, undefined]).toArray()).rejects.toThrow(/A key is undefined/)
    await expect(findMany(client, 'SELECT v FROM p.t WHERE id = ?', [0, 'x', 2]).toArray()).rejects.toThrow(/Parameter 1 'id'/)
  })

  test('futures: callbacks for success and failure; what a callback throws harms nobody', async () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {})
    const heard: unknown[] = []
    const fine = future(async () => 7).onSuccess((n) => heard.push(n)).onSuccess(() => { throw new Error('in a callback') })
    expect(fine.settled).toBe(undefined)
    expect(await fine).toBe(7)
    const bad = future(() => { throw new Error('at once') }).onSuccess(() => heard.push('no')).onFailure(({ message }) => heard.push(message))
    await expect(bad).rejects.toThrow('at once')
    expect(heard).toEqual([7, 'at once'])
    expect([fine.settled, bad.settled?.ok]).toEqual([{ ok: true, value: 7 }, false])
    expect(errors).toHaveBeenCalledTimes(1)
    errors.mockRestore()
  })

  test('combinators wait for all, and lose neither values nor errors', async () => {
    const work = (): (number | Promise<number>)[] => [1, Promise.reject(new Error('two')), turn().then(() => 3)]
    expect(await settle(work())).toEqual([{ ok: true, value: 1 }, { ok: false, error: new Error('two') }, { ok: true, value: 3 }])
    const error = await waitForAll(work()).catch((e: unknown) => e as PartialFailureError)
    expect(error).toBeInstanceOf(PartialFailureError)
    expect(error).toMatchObject({ values: [1, undefined, 3], errors: new Map([[1, new Error('two')]]), message: '1 of 3 failed; the first is number 1: two' })
    expect(await waitForAll([1, turn().then(() => 2)])).toEqual([1, 2])
  })

  test('work that nobody waits for: its errors are told, its end can be waited for', async () => {
    const errors: string[] = []
    const done: number[] = []
    {
      await using background = new Background(({ message }) => errors.push(message))
      background.run(async () => { await turn(); done.push(1) })
      background.run(() => { throw new Error('at once') })
      background.run(async () => { await turn(); background.run(async () => { await turn(); done.push(2) }) })
      expect(background.size).toBe(3)
    }
    expect([done, errors]).toEqual([[1, 2], ['at once']])
  })
})
