// What cas() says of lightweight transactions, by what the server answers and by where the connection breaks.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client, InvalidQueryError, NoNodeAvailableError } from '../../src/client/index.js'
import { errorCodes, errorMessage } from '../../src/protocol/index.js'
import type { ErrorDetails } from '../../src/protocol/index.js'
import { ClusterDouble } from '../support/cluster-double.js'

let double: ClusterDouble
let client: Client

beforeEach(async () => {
  double = await ClusterDouble.start({ nodes: [{}, {}, {}] })
  client = await Client.connect({ contactPoints: double.contactPoints, policies: { reconnection: { delayMs: () => 20 } }, pool: { warmUp: true }, timeoutMs: 400, attemptTimeoutMs: 100 })
  await client.execute("CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}")
  await client.execute('CREATE TABLE ks.t (k text PRIMARY KEY, v int, writer text)')
  await client.execute("INSERT INTO ks.t (k, v, writer) VALUES ('k', 1, 'first')")
  await client.prepare(update)
  for (const proxy of double.proxies) proxy.resetCounts()
})
afterEach(async () => {
  await client.close({ drainMs: 0 })
  await double[Symbol.asyncDispose]()
})

const update = 'UPDATE ks.t SET v = ?, writer = ? WHERE k = ? IF v = ?'
const sent = (): number => double.proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE', matching: /UPDATE/ }), 0)
const question = (me: string) => ({ query: 'SELECT * FROM ks.t WHERE k = ?', values: ['k'], mine: (row: Record<string, unknown>) => row['writer'] === me })

describe('known outcomes', () => {
  test('applied', async () => {
    const outcome = await client.cas(update, [2, 'me', 'k', 1])
    expect([outcome.status, outcome.row, outcome.error]).toEqual(['applied', undefined, undefined])
    expect((await outcome.resolve(question('me'))).status).toBe('applied')
    expect(outcome.result?.applied).toBe(true)
  })
  test('rejected, with the row that did not meet the condition', async () => {
    const outcome = await client.cas(update, [2, 'me', 'k', 7])
    expect([outcome.status, outcome.row]).toEqual(['rejected', { v: 1 }])
    expect(await outcome.resolve(question('me'))).toEqual({ status: 'rejected', row: { v: 1 } })
    expect((await client.cas(update, [2, 'me', 'none', 7])).row).toBe(undefined)
  })
  test('a batch with conditions', async () => {
    const items = [{ query: update, values: [3, 'me', 'k', 1] }]
    expect((await client.cas(items)).status).toBe('applied')
    expect((await client.cas(items)).status).toBe('rejected')
  })
  test('bad values, bad CQL and statements without a condition are errors, not outcomes', async () => {
    await expect(client.cas(update, ['x', 'me', 'k', 1])).rejects.toMatchObject({ code: 'CQL_CODEC' })
    await expect(client.cas('UPDATE ks.nope SET v = 1 WHERE k = 1 IF v = 1')).rejects.toBeInstanceOf(InvalidQueryError)
    await expect(client.cas("UPDATE ks.t SET v = 1 WHERE k = 'x'")).rejects.toMatchObject({ code: 'CQL_NOT_CONDITIONAL' })
    expect(sent()).toBe(0)
  })
})

describe('what the server answers', () => {
  const error = (code: keyof typeof errorCodes, details: ErrorDetails) => errorMessage(errorCodes[code], 'Injected', { consistency: 'serial', received: 1, required: 2, ...details })
  test.each([
    ['the commit timed out', 'WRITE_TIMEOUT', { consistency: 'localQuorum', writeType: 'SIMPLE' }, 'applied'],
    ['the ballot timed out', 'WRITE_TIMEOUT', { writeType: 'CAS' }, 'unknown'],
    ['unknown', 'CAS_WRITE_UNKNOWN', {}, 'unknown'],
    ['the read of the condition timed out', 'READ_TIMEOUT', { dataPresent: false }, 'unknown'],
    ['too few replicas to commit', 'UNAVAILABLE', { consistency: 'localQuorum', alive: 1 }, 'unknown'],
    ['overloaded', 'OVERLOADED', {}, 'unknown'],
    ['server error', 'SERVER_ERROR', {}, 'unknown'],
    ['replicas failed', 'WRITE_FAILURE', { failures: 1, writeType: 'CAS' }, 'unknown'],
  ] as const)('%s', async (_what, code, details, status) => {
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', matching: /UPDATE/, respond: error(code, details) })
    const outcome = await client.cas(update, [2, 'me', 'k', 1], { retry: { decide: () => 'next' }, idempotent: true })
    expect([outcome.status, sent()]).toEqual([status, 1])
    if (status === 'unknown') expect(outcome.error?.code).toMatch(/^CQL_/)
  })
  test('too few replicas to begin with: tried on another node, then an error', async () => {
    for (const proxy of double.proxies) proxy.faults.add({ opcode: 'EXECUTE', matching: /UPDATE/, respond: error('UNAVAILABLE', { alive: 1 }) })
    await expect(client.cas(update, [2, 'me', 'k', 1])).rejects.toMatchObject({ code: 'CQL_UNAVAILABLE' })
    expect(sent()).toBe(2)
  })
})

describe('connections that break', () => {
  test.each([['request', 'first'], ['response', 'me']] as const)('the %s is lost: unknown, and resolve() finds out', async (where, by) => {
    for (const cut of [false, true]) {
      await client.execute("INSERT INTO ks.t (k, v, writer) VALUES ('k', 1, 'first')")
      for (const proxy of double.proxies) {
        proxy.resetCounts()
        proxy.faults.clear()
        proxy.faults.add({ opcode: 'EXECUTE', matching: /UPDATE/, ...(cut ? { cut: where } : { drop: where }) })
      }
      const outcome = await client.cas(update, [2, 'me', 'k', 1])
      expect([outcome.status, sent()]).toEqual(['unknown', 1])
      const resolved = await outcome.resolve(question('me'))
      expect([resolved.status, resolved.row!['writer']]).toEqual([by === 'me' ? 'applied' : 'unknown', by])
    }
  })
  test('never sent: an error', async () => {
    for (const proxy of double.proxies) {
      proxy.refuse()
      proxy.cut()
    }
    await expect.poll(() => [...client.stats().nodes.values()].some(({ up }) => up)).toBe(false)
    await expect(client.cas(update, [2, 'me', 'k', 1])).rejects.toBeInstanceOf(NoNodeAvailableError)
  })
})
