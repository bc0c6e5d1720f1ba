// Limits that processes share, with the store in memory and time simulated: each process is a limiter of its own.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClosedError, OptionError, SeededRandom, SimulatedClock } from '../../src/base/index.js'
import { LimitExceededError, SharedLimiter } from '../../src/resilience/index.js'
import type { LimitStore, SharedLimiterOptions, SwapOutcome } from '../../src/resilience/index.js'
import { mostInWindow } from '../support/most-in-window.js'

/** Rows that all processes see; a swap takes time, during which another one may win, and its outcome may stay unknown. */
class SharedRows {
  readonly marks = new Map<number, number>()
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  latencyMs = 10
  unknownRate = 0
  broken = false

  constructor(clock: SimulatedClock, random: SeededRandom) {
    this.clock = clock
    this.random = random
  }

  /** How one process sees them, which is `skewMs` ahead of the others. */
  store(skewMs = 0): LimitStore {
    const later = (): Promise<void> => new Promise((resolve) => { this.clock.schedule(resolve, this.latencyMs * (0.5 + this.random.next())) })
    return {
      now: () => this.clock.now() + 1e12 + skewMs,
      read: async (row) => {
        await later()
        if (this.broken) throw new Error('the store is away')
        return this.marks.get(row)
      },
      swap: async (row, seen, next): Promise<SwapOutcome> => {
        await later()
        if (this.broken) throw new Error('the store is away')
        const mark = this.marks.get(row)
        if (mark !== seen) return { outcome: 'lost', mark }
        const unknown = this.random.next() < this.unknownRate
        if (!unknown || this.random.next() < 0.5) this.marks.set(row, next)
        await later()
        return { outcome: unknown ? 'unknown' : 'done' }
      },
    }
  }
}

/** Moves on in small steps: within each, chains of promises get some of the time that they would have. */
async function pass(clock: SimulatedClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) await clock.advance(1)
}

interface Process {
  readonly limiter: SharedLimiter
  readonly given: number[]
  running: boolean
}

/** Takes permits as fast as it can, or one every `everyMs`. */
function spend(clock: SimulatedClock, limiter: SharedLimiter, everyMs = 0): Process {
  const process: Process = { limiter, given: [], running: true }
  void (async () => {
    while (process.running) {
      await limiter.acquire()
      process.given.push(clock.now())
      if (everyMs > 0) await new Promise<void>((resolve) => { clock.schedule(resolve, everyMs) })
    }
  })().catch(() => {})
  return process
}

function setting(seed: number, count: number, options: Partial<SharedLimiterOptions> = {}, everyMs = 0): { clock: SimulatedClock; rows: SharedRows; processes: Process[]; all: () => number[] } {
  const clock = new SimulatedClock()
  const random = new SeededRandom(seed)
  const rows = new SharedRows(clock, random)
  const processes = Array.from({ length: count }, () => spend(clock, new SharedLimiter({ limit: 1000, store: rows.store(), clock, random, ...options }), everyMs))
  return { clock, rows, processes, all: () => processes.flatMap(({ given }) => given).sort((a, b) => a - b) }
}

function stop({ processes }: { readonly processes: readonly Process[] }): void {
  for (const process of processes) {
    process.running = false
    process.limiter.close()
  }
}

describe('a limit of 1,000 per second that processes share', () => {
  test.each([[1, 16], [2, 16], [16, 8], [16, 16], [50, 16]])('%i processes over %i rows use at least 90 % of it, and never more than 105 % over ten seconds', async (count, rows) => {
    const given = setting(count, count, { rows })
    await pass(given.clock, 22_000)
    const times = given.all()
    expect(times.filter((at) => at >= 2000 && at < 22_000).length).toBeGreaterThanOrEqual(18_000)
    expect(mostInWindow(times, 10_000)).toBeLessThanOrEqual(10_500)
    stop(given)
  })
  test('any latency, clocks apart, outcomes unknown: never more than limit × (window + graceMs + 100)', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 120 }), fc.double({ min: 0, max: 0.3, noNaN: true }), fc.integer({ min: 0, max: 40 }), async (seed, count, rowCount, latencyMs, unknownRate, everyMs) => {
      const given = setting(seed, count, { rows: rowCount, limit: 200 }, everyMs)
      given.rows.latencyMs = latencyMs
      given.rows.unknownRate = unknownRate
      await pass(given.clock, 3000)
      for (const windowMs of [100, 500, 2000]) expect(mostInWindow(given.all(), windowMs)).toBeLessThanOrEqual(Math.ceil((200 * (windowMs + 250 + 100)) / 1000) + rowCount)
      stop(given)
    }), { numRuns: 40 })
  })
  test('fifteen processes that want little get it, and one that wants all gets a good part of the rest', async () => {
    const given = setting(5, 15, {}, 200)
    given.processes.push(spend(given.clock, new SharedLimiter({ limit: 1000, store: given.rows.store(), clock: given.clock, random: new SeededRandom(99) })))
    await pass(given.clock, 20_000)
    for (const { given: times } of given.processes.slice(0, 15)) expect(times.length).toBeGreaterThanOrEqual(30) // of 100, were there no waiting for what the other one has claimed
    expect(given.processes.at(-1)!.given.filter((at) => at >= 5000).length).toBeGreaterThanOrEqual(6000)
    stop(given)
  })
  test('processes that want the same get much the same', async () => {
    const given = setting(8, 16)
    await pass(given.clock, 15_000)
    const each = given.processes.map(({ given: times }) => times.length)
    expect(Math.min(...each)).toBeGreaterThanOrEqual(Math.max(...each) / 5)
    stop(given)
  })
  test('processes that die take what they had claimed along, and no more', async () => {
    const given = setting(6, 16)
    await pass(given.clock, 5000)
    for (const process of given.processes.slice(0, 8)) process.running = false // killed: their slices are never spent
    await pass(given.clock, 10_000)
    const after = given.all().filter((at) => at >= 5000)
    expect(after.length).toBeGreaterThanOrEqual(10_000 - 8 * 340 - 200) // eight rows, each given away for 2.7 seconds at most
    expect(after.filter((at) => at >= 9000).length).toBeGreaterThanOrEqual(0.85 * 6000)
    stop(given)
  })
  test('nobody asks: nothing is claimed', async () => {
    const given = setting(7, 4)
    await pass(given.clock, 2000)
    for (const process of given.processes) process.running = false
    await pass(given.clock, 3000)
    const claimed = (): number => given.processes.reduce((sum, { limiter }) => sum + limiter.claims.made, 0)
    const before = claimed()
    await pass(given.clock, 60_000)
    expect(claimed()).toBe(before)
    stop(given)
  })
})

describe('waiting', () => {
  const one = (options: Partial<SharedLimiterOptions> = {}): { clock: SimulatedClock; rows: SharedRows; limiter: SharedLimiter } => {
    const clock = new SimulatedClock()
    const rows = new SharedRows(clock, new SeededRandom(1))
    return { clock, rows, limiter: new SharedLimiter({ limit: 10, rows: 1, store: rows.store(), clock, ...options }) }
  }
  test('who must not wait is refused, and what it asked for comes for the next', async () => {
    const { clock, limiter } = one()
    await expect(limiter.run(() => 1)).rejects.toBeInstanceOf(LimitExceededError)
    await pass(clock, 300)
    expect(await limiter.run(() => 1)).toBe(1)
    expect(limiter.claims).toEqual({ made: 1, lost: 0, unknown: 0, failed: 0 })
  })
  test('a time limit, a signal, and the end of the limiter each end the waiting', async () => {
    const { clock, rows, limiter } = one()
    rows.latencyMs = 1e6
    const controller = new AbortController()
    const late = limiter.acquire({ maxWaitMs: 50 }).catch((error: unknown) => error)
    const aborted = limiter.acquire({ maxWaitMs: 5000, signal: controller.signal }).catch((error: unknown) => error)
    const closed = limiter.acquire().catch((error: unknown) => error)
    await clock.advance(60)
    controller.abort(new Error('enough'))
    await clock.advance(1)
    limiter.close()
    expect([await late, await aborted, await closed]).toMatchObject([{ code: 'CQL_LIMIT_EXCEEDED' }, { code: 'CQL_ABORTED' }, { code: 'CQL_CLOSED' }])
    await expect(limiter.acquire()).rejects.toBeInstanceOf(ClosedError)
    expect(limiter.status.waiting).toBe(0)
  })
  test('a store that cannot be asked is told of and asked again; with insurance some permits come meanwhile', async () => {
    const { clock, rows, limiter } = one({ insurance: 50 })
    const failures: unknown[] = []
    limiter.events.on('failure', (error) => failures.push(error))
    rows.broken = true
    const { given } = spend(clock, limiter)
    await pass(clock, 4000)
    expect(failures.length).toBeGreaterThan(10)
    expect(given.length).toBeGreaterThan(100)
    expect(given.length).toBeLessThanOrEqual(210)
    rows.broken = false
    const before = given.length
    await pass(clock, 10_000)
    expect(given.length - before).toBeGreaterThanOrEqual(90)
    expect(given.length - before).toBeLessThanOrEqual(130)
    limiter.close()
  })
  test.each([0.5, 2, 30])('a limit of %d per second is kept as well', async (limit) => {
    const given = setting(9, 3, { limit })
    await pass(given.clock, 60_000)
    const used = given.all().filter((at) => at >= 10_000).length
    expect(used).toBeGreaterThanOrEqual(0.85 * 50 * limit)
    expect(used).toBeLessThanOrEqual(50 * limit + Math.max(1, limit) * 1.1)
    stop(given)
  })
  test.each([[{ limit: 0 }, 'limit'], [{ limit: Number.NaN }, 'limit'], [{ rows: 0.5 }, 'rows']])('%j is refused', (options, name) => {
    expect(() => one(options)).toThrow(OptionError)
    expect(() => one(options)).toThrow(`'${name}'`)
  })
})
