import { describe, expect, test } from 'vitest'
import { ConnectionError, SeededRandom } from '../../src/base/index.js'
import type { CqlError } from '../../src/base/index.js'
import { backoffRetry, constantReconnection, constantSpeculation, defaultRetry, downgradingRetry, exponentialReconnection, fallthroughRetry, percentileSpeculation } from '../../src/policies/index.js'
import type { RetryContext } from '../../src/policies/index.js'
import { errorCodes, errorMessage, serverErrorOf } from '../../src/protocol/index.js'
import type { ErrorDetails } from '../../src/protocol/index.js'

const server = (code: keyof typeof errorCodes, details: ErrorDetails = {}): CqlError => serverErrorOf(errorMessage(errorCodes[code], code, { consistency: 'quorum', ...details }), 'n:1')
const plain: RetryContext = { idempotent: false, retries: 0, conditional: false, consistency: 'quorum' }
const idempotent: RetryContext = { ...plain, idempotent: true }
const conditional: RetryContext = { ...plain, conditional: true }
const lost = new ConnectionError('n:1', 'lost', 'undetermined')
const unsent = new ConnectionError('n:1', 'not sent', 'retryable')

describe('the default retry policy', () => {
  const table: readonly (readonly [what: string, error: CqlError, plain: unknown, idempotent: unknown, conditional: unknown])[] = [
    ['unavailable', server('UNAVAILABLE', { required: 2, alive: 1 }), 'next', 'next', 'throw'],
    ['unavailable at serial', server('UNAVAILABLE', { consistency: 'serial', required: 2, alive: 1 }), 'next', 'next', 'next'],
    ['overloaded', server('OVERLOADED'), 'next', 'next', 'throw'],
    ['bootstrapping', server('IS_BOOTSTRAPPING'), 'next', 'next', 'next'],
    ['read timeout without data', server('READ_TIMEOUT', { received: 2, required: 2, dataPresent: false }), 'throw', 'same', 'throw'],
    ['read timeout', server('READ_TIMEOUT', { received: 1, required: 2, dataPresent: true }), 'throw', 'next', 'throw'],
    ['write timeout', server('WRITE_TIMEOUT', { received: 1, required: 2, writeType: 'SIMPLE' }), 'throw', 'next', 'throw'],
    ['write timeout of the batch log', server('WRITE_TIMEOUT', { received: 0, required: 1, writeType: 'BATCH_LOG' }), 'throw', 'same', 'throw'],
    ['write timeout of Paxos', server('WRITE_TIMEOUT', { received: 0, required: 2, writeType: 'CAS' }), 'throw', { on: 'next', afterMs: 50 }, 'throw'],
    ['unknown transaction', server('CAS_WRITE_UNKNOWN', { received: 1, required: 2 }), 'throw', { on: 'next', afterMs: 50 }, 'throw'],
    ['read failure', server('READ_FAILURE', { received: 1, required: 2, failures: 1 }), 'throw', 'throw', 'throw'],
    ['write failure', server('WRITE_FAILURE', { received: 1, required: 2, failures: 1, writeType: 'SIMPLE' }), 'throw', 'throw', 'throw'],
    ['replicas behind a schema change', server('READ_FAILURE', { received: 1, required: 2, failures: 2, reasons: new Map([['a', 3], ['b', 0]]) }), 'throw', { on: 'next', afterMs: 50 }, 'throw'],
    ['a write to them', server('WRITE_FAILURE', { received: 1, required: 2, failures: 1, reasons: new Map([['a', 3]]), writeType: 'SIMPLE' }), 'throw', { on: 'next', afterMs: 50 }, 'throw'],
    ['too many tombstones', server('READ_FAILURE', { received: 1, required: 2, failures: 1, reasons: new Map([['a', 1]]) }), 'throw', 'throw', 'throw'],
    ['server error', server('SERVER_ERROR'), 'throw', 'next', 'throw'],
    ['truncate error', server('TRUNCATE_ERROR'), 'throw', 'next', 'throw'],
    ['syntax error', server('SYNTAX_ERROR'), 'throw', 'throw', 'throw'],
    ['invalid', server('INVALID'), 'throw', 'throw', 'throw'],
    ['unauthorised', server('UNAUTHORIZED'), 'throw', 'throw', 'throw'],
    ['connection lost', lost, 'throw', 'next', 'throw'],
    ['never sent', unsent, 'next', 'next', 'next'],
    ['rate limit', serverErrorOf({ type: 'ERROR', code: 0xf00, message: '', details: { operation: 'write', rejectedByCoordinator: true } }, 'n:1'), 'throw', 'throw', 'throw'],
  ]
  test.each(table)('%s', (_what, error, ...decisions) => {
    expect([plain, idempotent, conditional].map((context) => defaultRetry.decide(error, context))).toEqual(decisions)
  })
  test.each(['UNAVAILABLE', 'READ_TIMEOUT', 'WRITE_TIMEOUT'] as const)('%s is retried once', (code) => {
    expect(defaultRetry.decide(server(code, { received: 1, required: 2, alive: 1, writeType: 'SIMPLE' }), { ...idempotent, retries: 1 })).toBe('throw')
  })
  test('every code of the protocol has a decision that an LWT survives: nothing after Paxos is sent again', () => {
    for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
      const decision = defaultRetry.decide(server(code, { received: 0, required: 1, alive: 0, writeType: 'CAS', id: new Uint8Array(1) }), conditional)
      expect(code === 'IS_BOOTSTRAPPING' ? 'throw' : decision, code).toBe('throw')
    }
  })
})

test('fallthrough throws everything', () => {
  for (const error of [lost, unsent, server('UNAVAILABLE'), server('OVERLOADED')]) expect(fallthroughRetry.decide(error, idempotent)).toBe('throw')
})

test('downgrading asks for as many replicas as there were, and never for transactions', () => {
  const policy = downgradingRetry()
  expect(policy.decide(server('UNAVAILABLE', { required: 3, alive: 2 }), plain)).toEqual({ on: 'next', consistency: 'two' })
  expect(policy.decide(server('UNAVAILABLE', { required: 2, alive: 0 }), plain)).toBe('throw')
  expect(policy.decide(server('READ_TIMEOUT', { received: 1, required: 2, dataPresent: true }), idempotent)).toEqual({ on: 'same', consistency: 'one' })
  expect(policy.decide(server('WRITE_TIMEOUT', { received: 1, required: 2, writeType: 'SIMPLE' }), idempotent)).toBe('ignore')
  expect(policy.decide(server('WRITE_TIMEOUT', { received: 1, required: 2, writeType: 'UNLOGGED_BATCH' }), idempotent)).toEqual({ on: 'same', consistency: 'one' })
  expect(policy.decide(server('WRITE_TIMEOUT', { received: 1, required: 2, writeType: 'SIMPLE' }), plain)).toBe('throw')
  expect(policy.decide(server('UNAVAILABLE', { required: 3, alive: 2 }), conditional)).toBe('throw')
  expect(policy.decide(server('READ_TIMEOUT', { received: 1, required: 2 }), { ...idempotent, consistency: 'serial' })).toBe('next')
})

test('backoff pauses longer each time, up to a limit, for a number of retries', () => {
  const policy = backoffRetry(defaultRetry, { baseMs: 100, maxMs: 400, maxRetries: 4, random: new SeededRandom(7) })
  const pauses = [0, 1, 2, 3].map((retries) => (policy.decide(server('OVERLOADED'), { ...plain, retries }) as { afterMs: number }).afterMs)
  for (const [i, most] of [100, 200, 400, 400].entries()) expect(pauses[i]).toBeLessThanOrEqual(most)
  expect(new Set(pauses).size).toBe(4)
  expect(policy.decide(server('OVERLOADED'), { ...plain, retries: 4 })).toBe('throw')
  expect(policy.decide(server('INVALID'), plain)).toBe('throw')
})

test('reconnection: a random time below a ceiling that doubles up to its limit', () => {
  const policy = exponentialReconnection({ random: new SeededRandom(1), baseMs: 100, maxMs: 1000 })
  for (const [attempt, most] of [[1, 100], [2, 200], [4, 800], [5, 1000], [500, 1000]] as const) {
    const delays = Array.from({ length: 200 }, () => policy.delayMs(attempt))
    expect(Math.max(...delays)).toBeLessThanOrEqual(most)
    expect(Math.max(...delays)).toBeGreaterThan(most * 0.9)
    expect(Math.min(...delays)).toBeLessThan(most * 0.15)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(most * 0.05)
  }
  expect([1, 9].map((attempt) => constantReconnection(250).delayMs(attempt))).toEqual([250, 250])
})

test('speculation: a fixed time, or what most requests took of late', () => {
  const latency = (ms: number | undefined) => ({ percentileMs: () => ms })
  const constant = constantSpeculation({ delayMs: 20, maxAttempts: 3 })
  expect([1, 2, 3].map((started) => constant.delayMs(started, latency(undefined)))).toEqual([20, 20, undefined])
  const percentile = percentileSpeculation({ minMs: 5 })
  expect([percentile.delayMs(1, latency(12)), percentile.delayMs(1, latency(1)), percentile.delayMs(1, latency(undefined)), percentile.delayMs(2, latency(12))]).toEqual([12, 5, undefined, undefined])
})
