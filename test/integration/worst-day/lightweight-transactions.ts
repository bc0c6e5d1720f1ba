import { describe, expect, test } from 'vitest'
import { Client, uuid } from '../../../src/client/index.js'
import { SeededRandom } from '../../../src/base/index.js'
import type { Setting } from './setting.js'

interface Attempted {
  readonly from: number
  readonly me: string
  readonly status: 'applied' | 'rejected' | 'unknown'
  readonly resolved: 'applied' | 'rejected' | 'unknown' | undefined
}

/** Increments by many writers, each with a mark of its own, while answers are lost and connections break. */
export function lightweightTransactions(setting: () => Setting): void {
  describe('lightweight transactions', () => {
    test('an increment history under faults is linearizable, no transaction is sent twice, and resolve() agrees with the table', async () => {
      await setting().run("CREATE KEYSPACE lwt WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}", 'CREATE TABLE lwt.counter (k text PRIMARY KEY, n int, writer text)')
      for (let faultRate = 0.04; ; faultRate *= 2) {
        const unknown = await history(setting(), `k${faultRate}`, faultRate)
        if (unknown >= 20) break
        if (faultRate > 0.4) throw new Error(`Only ${unknown} unknown outcomes at a fault rate of ${faultRate}`)
      }
    })
  })
}

async function history(setting: Setting, key: string, faultRate: number): Promise<number> {
  setting.reset()
  await using client = await Client.connect({ ...setting.proxied, timeoutMs: 4000, attemptTimeoutMs: 500 })
  await client.execute('INSERT INTO lwt.counter (k, n, writer) VALUES (?, ?, ?)', [key, 0, 'nobody'])
  const update = 'UPDATE lwt.counter SET n = ?, writer = ? WHERE k = ? IF n = ?'
  const read = 'SELECT n, writer FROM lwt.counter WHERE k = ?'
  // Every node gets to know the statement first: one that does not is asked again, without having executed anything.
  for (const node of client.stats().nodes.keys()) await client.execute(update, [0, 'nobody', key, -1], { node })
  for (const proxy of setting.proxies) proxy.resetCounts()
  for (const proxy of setting.proxies) {
    for (const fault of [{ drop: 'response' }, { drop: 'request' }, { cut: 'response' }, { respond: 'casWriteUnknown' }] as const) proxy.faults.add({ opcode: 'EXECUTE', matching: /UPDATE/, probability: faultRate / 4, ...fault })
  }
  const random = new SeededRandom(11)
  const attempts: Attempted[] = []
  const until = performance.now() + 25_000
  let calls = 0
  await Promise.all(Array.from({ length: 6 }, async () => {
    while (performance.now() < until) {
      const { n } = (await client.execute<{ n: number }>(read, [key], { consistency: 'serial' })).one()
      const me = uuid.v4()
      calls++
      const outcome = await client.cas(update, [n + 1, me, key, n], { timeoutMs: 600 })
      const resolved = outcome.status === 'unknown' ? (await outcome.resolve({ query: read, values: [key], mine: (row) => row['writer'] === me }).catch(() => undefined))?.status : undefined
      attempts.push({ from: n, me, status: outcome.status, resolved })
      if (outcome.status === 'rejected') expect(outcome.row!['n']).not.toBe(n)
      await new Promise((resolve) => { setTimeout(resolve, random.between(0, 20)) })
    }
  }))
  const sent = setting.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE', matching: /UPDATE/ }), 0)
  setting.reset()
  const last = (await client.execute<{ n: number; writer: string }>(read, [key], { consistency: 'serial' })).one()
  const unknown = attempts.filter(({ status }) => status === 'unknown')
  const applied = attempts.filter(({ status, resolved }) => status === 'applied' || resolved === 'applied')
  console.log(`fault rate ${faultRate}: ${attempts.length} transactions, ${applied.length} applied, ${unknown.length} unknown of which ${unknown.filter(({ resolved }) => resolved === 'applied').length} were resolved; the counter is at ${last.n}`)
  expect(sent).toBeLessThanOrEqual(calls)
  // No two transactions took the counter from the same value: each step belongs to one of them.
  const owners = new Map<number, string>()
  for (const { from, me } of applied) {
    expect(owners.get(from), `two transactions have applied ${from} -> ${from + 1}`).toBe(undefined)
    owners.set(from, me)
  }
  // Every step up to the counter's value was applied by one that says so, or is unknown; nothing applied lies beyond.
  const candidates = new Set(unknown.map(({ from }) => from))
  for (let n = 0; n < last.n; n++) expect(owners.has(n) || candidates.has(n), `nobody took the counter from ${n}`).toBe(true)
  for (const from of owners.keys()) expect(from).toBeLessThan(last.n)
  // What was rejected never appears: the last mark is of one that was applied or unknown.
  const { status } = attempts.find(({ me }) => me === last.writer)!
  expect(status).not.toBe('rejected')
  return unknown.length
}
