import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/index.js'
import { errorCodes, errorMessage } from '../../src/protocol/index.js'
import { bulkWrite, scan } from '../../src/streaming/index.js'
import type { SeenRequest } from '../../src/testing/index.js'
import { connect, eachWithProxiedServer, proxy } from '../support/proxied-client.js'

eachWithProxiedServer()
let client: Client
const ROWS = 900
interface Row { readonly p: number; readonly c: number }
const keyOf = ({ p, c }: Row): string => `${p}/${c}`
let truth: string[]

beforeEach(async () => {
  client = await connect({ timeoutMs: 1500, attemptTimeoutMs: 300 })
  await client.execute("CREATE KEYSPACE f WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE f.t (p int, c int, PRIMARY KEY (p, c))')
  const rows = Array.from({ length: ROWS }, (_, i) => [i % 3, i])
  await bulkWrite(client, 'INSERT INTO f.t (p, c) VALUES (?, ?)', rows)
  truth = rows.map(([p, c]) => `${p}/${c}`).toSorted()
})

const hasCheckpoint = (error: unknown): boolean => typeof (error as { checkpoint?: unknown }).checkpoint === 'string'

/** Meets the nth request for a range, and those after it up to `times`. */
function ranges(nth: number, times = 1): (request: SeenRequest) => boolean {
  let n = 0
  return ({ statement }) => /token\(/.test(statement) && ++n >= nth && n < nth + times
}

describe('a scan whose nodes fail', () => {
  test.each([
    ['an error of the protocol', errorMessage(errorCodes.PROTOCOL_ERROR, 'Invalid value for the paging state')],
    ['an invalid query', errorMessage(errorCodes.INVALID, 'Invalid value for the paging state')],
  ])('a page state that is refused by %s begins its range anew, and no row is given twice', async (_, respond) => {
    const seen: string[] = []
    const reading = scan<Row>(client, 'f.t', { pageSize: 20, concurrency: 1 })
    for await (const row of reading) {
      seen.push(keyOf(row))
      if (seen.length === 100 || seen.length === 500) proxy.faults.add({ matching: ranges(1), times: 1, respond })
    }
    expect(reading.progress!.retries).toBe(2)
    expect(seen.toSorted()).toEqual(truth)
  })

  test('overload, lost answers, broken connections and time-outs cost time, not rows', async () => {
    for (const fault of [{ respond: 'overloaded' }, { drop: 'response' }, { cut: 'response' }, { respond: 'readTimeout' }] as const) {
      proxy.faults.add({ matching: ({ statement }) => /token\(/.test(statement), probability: 0.2, times: 4, ...fault })
      const rows = await scan<Row>(client, 'f.t', { pageSize: 40, concurrency: 4 }).map(keyOf).toArray()
      proxy.faults.clear()
      expect(rows.toSorted()).toEqual(truth)
    }
  })

  test('what does not pass ends it, with a checkpoint that another scan goes on from', async () => {
    proxy.faults.add({ matching: ranges(9, 1e9), respond: errorMessage(errorCodes.UNAUTHORIZED, 'no more') })
    const seen: string[] = []
    const error = await scan<Row>(client, 'f.t', { pageSize: 30, concurrency: 2 }).forEach((row) => { seen.push(keyOf(row)) }).catch((e: unknown) => e as Error & { checkpoint: string })
    expect((error as Error).message).toMatch(/no more/)
    expect(seen.length).toBeGreaterThan(0)
    proxy.faults.clear()
    for await (const row of scan<Row>(client, 'f.t', { checkpoint: (error as { checkpoint: string }).checkpoint })) seen.push(keyOf(row))
    expect(seen.toSorted()).toEqual(truth)
  })

  test('it gives up after so many attempts', async () => {
    proxy.faults.add({ matching: /token\(/, respond: 'overloaded' })
    const started = performance.now()
    await expect(scan(client, 'f.t', { attempts: 2 }).toArray()).rejects.toSatisfy(hasCheckpoint)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('pages are made to fit the bytes that were asked for', async () => {
    const warned = scan<Row>(client, 'f.t', { pageBytes: 1 << 20 })
    await warned.first(1)
    expect(warned.progress!.pageSize).toBeGreaterThan(1000)
    const fitting = scan<Row>(client, 'f.t', { pageBytes: 2000, concurrency: 1 })
    await fitting.toArray()
    expect(fitting.progress!.pageSize).toBeLessThan(200)
  })

  test('what waits is never more than prefetch pages, however slow the consumer; leaving stops the reading', async () => {
    const reading = scan<Row>(client, 'f.t', { pageSize: 10, prefetch: 5 })
    let count = 0
    let most = 0
    for await (const _ of reading) {
      most = Math.max(most, reading.progress!.buffered)
      await new Promise((resolve) => { setTimeout(resolve, 1) })
      if (++count === 300) break
    }
    expect(most).toBeGreaterThan(10)
    expect(most).toBeLessThanOrEqual(50)
    proxy.resetCounts()
    await new Promise((resolve) => { setTimeout(resolve, 100) })
    expect(proxy.count({ matching: /token\(/ })).toBe(0)
    expect([...client.stats().nodes.values()].every(({ inFlight }) => inFlight === 0)).toBe(true)
  })

  test('an abort is told at once, with a checkpoint', async () => {
    proxy.faults.add({ matching: ranges(4, 1e9), drop: 'request' })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    const started = performance.now()
    await expect(scan(client, 'f.t', { signal: stop.signal, pageSize: 10 }).toArray()).rejects.toSatisfy((error: Error) => error.name === 'AbortError' && hasCheckpoint(error))
    expect(performance.now() - started).toBeLessThan(600)
    await expect(scan(client, 'f.t', { signal: AbortSignal.abort() }).toArray()).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('rows that go away behind a checkpoint lose no other row', async () => {
    const reading = scan<Row>(client, 'f.t', { pageSize: 50, concurrency: 1 })
    const seen: Row[] = []
    for await (const row of reading) if (seen.push(row) === 175) break
    const checkpoint = reading.checkpoint()
    const gone = seen.slice(155, 175)
    for (const { p, c } of gone) await client.execute('DELETE FROM f.t WHERE p = ? AND c = ?', [p, c])
    const rest = await scan<Row>(client, 'f.t', { checkpoint }).map(keyOf).toArray()
    const all = new Set([...seen.map(keyOf), ...rest])
    expect([...all].toSorted()).toEqual(truth)
  })
})
