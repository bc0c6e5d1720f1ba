import { describe, expect, test } from 'vitest'
import { SeededRandom, SimulatedClock } from '../../src/base/index.js'
import { adaptiveConcurrency, breaker, BreakerOpenError, CircuitGroup, DependencyError, fallback, hedge, HedgeFailedError, policy, rateLimiter, retry, RetryBudget, selector, timeout, TimeoutExceededError } from '../../src/resilience/index.js'
import type { RunContext } from '../../src/resilience/index.js'

/** Resolves after so long in simulated time, unless told to give up. */
function after<T>(clock: SimulatedClock, ms: number, value: T, context?: RunContext): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(() => resolve(value), ms)
    context?.signal.addEventListener('abort', () => {
      clock.cancel(timer)
      reject(new DOMException('given up', 'AbortError'))
    })
  })
}

describe('hedging', () => {
  test('the first success wins, the others are told to give up', async () => {
    const clock = new SimulatedClock()
    const guard = hedge({ delayMs: [50, 30], attempts: 3, clock })
    const told: number[] = []
    let attempts = 0
    const call = guard.run((context) => {
      const attempt = ++attempts
      context.signal.addEventListener('abort', () => told.push(attempt))
      return after(clock, attempt === 2 ? 40 : 1000, `attempt ${attempt}`, context)
    })
    await clock.advance(49)
    expect(attempts).toBe(1)
    await clock.advance(31 + 20)
    expect(await call).toBe('attempt 2')
    expect([attempts, told.sort()]).toEqual([3, [1, 3]])
    await clock.advance(5000)
    expect(clock.pending).toBe(0)
  })
  test('a failure brings the next attempt forward; when all fail the first error is the cause, and none goes unheard', async () => {
    const clock = new SimulatedClock()
    const guard = hedge({ delayMs: 1000, attempts: 3, clock })
    let attempts = 0
    const error = await guard.run(() => { throw new Error(`no ${++attempts}`) }).catch((failure: unknown) => failure as HedgeFailedError)
    expect(error).toBeInstanceOf(HedgeFailedError)
    expect([attempts, (error as HedgeFailedError).errors.map(String), String((error as Error).cause)]).toEqual([3, ['Error: no 1', 'Error: no 2', 'Error: no 3'], 'Error: no 1'])
    const single = await hedge({ attempts: 1, clock }).run(() => Promise.reject(new Error('only'))).catch(String)
    expect(single).toBe('Error: only')
    const fatal = await hedge({ delayMs: 1, attempts: 3, clock, isFatal: () => true }).run(() => Promise.reject(new Error('fatal'))).catch(String)
    expect(fatal).toBe('Error: fatal')
  })
  test('by percentile, one replica of three stalling: the slowest hundredth comes at least five times sooner with seven per cent more calls', async () => {
    const latencies = async (guarded: boolean): Promise<{ readonly p99: number; readonly calls: number }> => {
      const clock = new SimulatedClock()
      const random = new SeededRandom(8)
      const guard = guarded ? hedge({ percentile: 95, clock }) : hedge({ attempts: 1, clock })
      const took: number[] = []
      let calls = 0
      let turn = 0
      const running: Promise<void>[] = []
      for (let i = 0; i < 5000; i++) {
        const began = clock.now()
        const call = guard.run((context) => {
          calls++
          const replica = turn++ % 3
          return after(clock, replica === 0 && random.next() < 0.05 ? 500 : random.between(2, 12), replica, context)
        })
        running.push(call.then(() => { took.push(clock.now() - began) }))
        await clock.advance(2)
      }
      await clock.advance(1000)
      await Promise.all(running)
      took.sort((a, b) => a - b)
      return { p99: took[Math.floor(took.length * 0.99)]!, calls }
    }
    const [plain, hedged] = [await latencies(false), await latencies(true)]
    expect(plain.p99 / hedged.p99).toBeGreaterThan(5)
    expect(hedged.calls / plain.calls).toBeLessThan(1.07)
  })
  test('when all stall, the budget ends hedging', async () => {
    const clock = new SimulatedClock()
    const guard = hedge({ delayMs: 10, clock, budget: new RetryBudget({ ratio: 0.05, burst: 20 }) })
    let calls = 0
    const running = Array.from({ length: 1000 }, () => guard.run((context) => { calls++; return after(clock, 500, 1, context) }))
    await clock.advance(600)
    await Promise.all(running)
    expect(calls).toBeLessThanOrEqual(1020)
  })
  test('over several functions, each behind a breaker: an open one is passed over at once', async () => {
    const clock = new SimulatedClock()
    const broken = breaker({ consecutiveFailures: 1, clock })
    broken.trip()
    const guard = hedge({ delayMs: 1000, clock })
    expect(await guard.runOver([(context) => broken.execute(() => 'never', context), () => 'second'])).toBe('second')
    const controller = new AbortController()
    const given = guard.runOver([(context) => after(clock, 5000, 1, context), (context) => after(clock, 5000, 2, context)], { signal: controller.signal }).catch((error: Error) => error.name)
    await clock.advance(2000)
    controller.abort()
    expect([await given, clock.pending]).toEqual(['AbortError', 0])
  })
})

describe('composition', () => {
  test('the outermost first: one time-out over all tries, the signal made only where it is read', async () => {
    const clock = new SimulatedClock()
    let tries = 0
    const guard = policy(timeout({ ms: 300, clock }), retry({ attempts: 10, baseMs: 100, clock, random: new SeededRandom(1) }), breaker({ consecutiveFailures: 100, clock }))
    const call = guard.run(() => { tries++; throw new Error('x') }).catch((error: unknown) => error)
    await clock.advance(400)
    expect(await call).toBeInstanceOf(TimeoutExceededError)
    expect(tries).toBeGreaterThan(1)
    const before = tries
    await clock.advance(5000)
    expect(tries).toBe(before)
    let made = 0
    const Original = globalThis.AbortController
    globalThis.AbortController = class extends Original { constructor() { super(); made++ } }
    try {
      expect(await guard.run(() => 7)).toBe(7)
      expect(made).toBe(0)
      expect(await guard.run((context) => context.signal.aborted)).toBe(false)
      expect(made).toBe(1)
    } finally {
      globalThis.AbortController = Original
    }
    expect(clock.pending).toBeLessThanOrEqual(1)
  })
  test('a wrapped function is given its arguments and the context; a thrown value is a rejection', async () => {
    const clock = new SimulatedClock()
    const double = timeout({ ms: 10, clock }).wrap((n: number, context: RunContext) => (context.aborted ? 0 : 2 * n))
    expect(await double(21)).toBe(42)
    await expect(timeout({ ms: 10, clock }).run(() => { throw new Error('thrown') })).rejects.toThrow('thrown')
    const aborted = AbortSignal.abort('why')
    await expect(timeout({ ms: 10, clock }).run(() => 1, { signal: aborted })).rejects.toMatchObject({ name: 'AbortError', cause: 'why' })
  })
  test('what a fallback hides is told; what the caller gave up is not replaced', async () => {
    const hidden: string[] = []
    const guard = fallback({ to: () => 'cached', when: (error) => (error as Error).message !== 'no' })
    guard.events.on('fallback', ({ error }) => hidden.push(String(error)))
    expect(await guard.run<string>(() => { throw new Error('x') })).toBe('cached')
    await expect(guard.run(() => { throw new Error('no') })).rejects.toThrow('no')
    expect(hidden).toEqual(['Error: x'])
  })
})

describe('adaptive concurrency', () => {
  test('the limit settles near what the service can do at a time, and falls at once when it says that it is overloaded', async () => {
    const clock = new SimulatedClock()
    const guard = adaptiveConcurrency({ initial: 200, clock })
    // A service that does twenty at a time in 10 ms each; more than that wait.
    let running = 0
    const service = (): Promise<number> => {
      running++
      return after(clock, 10 * Math.max(1, running / 20), 1).finally(() => { running-- })
    }
    let going = true
    const callers = Array.from({ length: 150 }, async () => {
      while (going) {
        await guard.run(service).catch(() => after(clock, 5, 0))
      }
    })
    await clock.advance(5000)
    expect(guard.limit).toBeGreaterThan(10)
    expect(guard.limit).toBeLessThan(80)
    const before = guard.limit
    for (let i = 0; i < 5; i++) await guard.run(() => { throw Object.assign(new Error('x'), { code: 'CQL_OVERLOADED' }) }).catch(() => {})
    expect(guard.limit).toBeLessThanOrEqual(before)
    going = false
    await clock.advance(1000)
    await Promise.all(callers)
    expect(guard.status.running).toBe(0)
  })
})

describe('selector', () => {
  const failing = (name: string) => ({ name, run: () => Promise.reject(new Error(`${name} is down`)) })
  test('one after the other; second-best answers are marked, open breakers passed over', async () => {
    const open = breaker({ consecutiveFailures: 1 })
    open.trip()
    const choose = selector<number, string>({ backends: [{ ...failing('cache'), degraded: true, run: (n) => `stale ${n}` }, { name: 'open', breaker: open, run: () => 'never' }, failing('a'), { name: 'b', run: (n) => `fresh ${n}` }] })
    expect(await choose.run(1)).toMatchObject({ value: 'fresh 1', backend: 'b', degraded: false, failures: [{ backend: 'a' }] })
    const worst = selector<number, string>({ backends: [{ name: 'cache', degraded: true, run: (n) => `stale ${n}` }, { name: 'open', breaker: open, run: () => 'never' }, failing('a')] })
    const answer = await worst.run(2)
    expect(answer).toMatchObject({ value: 'stale 2', backend: 'cache', degraded: true })
    expect(answer.failures.map(({ backend, error }) => [backend, (error as Error).name])).toEqual([['a', 'Error'], ['open', BreakerOpenError.name]])
    await expect(selector({ backends: [failing('a'), failing('z')] }).run(1)).rejects.toThrow('z is down')
    await expect(selector({ backends: [failing('a'), failing('z')], isFatal: () => true }).run(1)).rejects.toThrow('a is down')
  })
  test.each(['weighted', 'leastLoaded', 'latency'] as const)('%s', async (strategy) => {
    const clock = new SimulatedClock()
    const counts = new Map<string, number>()
    const backend = (name: string, ms: number, weight: number) => ({ name, weight, run: () => { counts.set(name, (counts.get(name) ?? 0) + 1); return after(clock, ms, name) } })
    const choose = selector<number, string>({ strategy, clock, random: new SeededRandom(5), backends: [backend('slow', 40, 1), backend('quick', 10, 3)] })
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < 400; i++) {
      calls.push(choose.run(i))
      await clock.advance(5)
    }
    await clock.advance(100)
    await Promise.all(calls)
    expect(counts.get('quick')! / 400).toBeGreaterThan(0.6)
    expect(counts.get('slow') ?? 0).toBeGreaterThan(0)
  })
})

describe('groups', () => {
  const make = () => {
    const clock = new SimulatedClock()
    const breakers = { db: breaker({ name: 'db', consecutiveFailures: 1, openMs: 100, clock }), api: breaker({ name: 'api', consecutiveFailures: 1, clock }) }
    const group = new CircuitGroup({ api: { breaker: breakers.api, limiter: rateLimiter({ limit: 1, burst: 2, clock }), dependsOn: ['cache'] }, cache: { dependsOn: ['db'] }, db: { breaker: breakers.db } })
    return { clock, group, ...breakers }
  }
  test('a member is refused while what it depends on cannot be used, and the error names the culprit', async () => {
    const { group, db, clock } = make()
    expect([group.operational(), await group.execute('api', () => 1)]).toEqual([true, 1])
    db.trip()
    const error = await group.execute('api', () => 2).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(DependencyError)
    expect(error).toMatchObject({ member: 'api', culprit: 'db', message: "'api' cannot be used: 'db', which it depends on, has an open breaker" })
    await expect(group.execute('db', () => 3)).rejects.toBeInstanceOf(BreakerOpenError)
    expect([group.operational(), group.operational('cache'), group.status()['api']!.culprit]).toEqual([false, false, 'db'])
    await clock.advance(100)
    expect(await group.execute('db', () => 4)).toBe(4)
    expect(group.operational()).toBe(true)
    group.execute('api', () => 5).catch(() => {})
    await expect(group.execute('api', () => 6)).rejects.toMatchObject({ code: 'CQL_LIMIT_EXCEEDED' })
  })
  test('shut down, one or all, also during a probe; reset starts everything anew', async () => {
    const { group, db, api, clock } = make()
    group.shutdown('cache')
    await expect(group.execute('api', () => 1)).rejects.toMatchObject({ culprit: 'cache' })
    expect(await group.execute('db', () => 1)).toBe(1)
    db.trip()
    await clock.advance(100)
    const probe = group.execute('db', () => after(clock, 50, 'probe'))
    group.shutdown()
    await expect(group.execute('db', () => 1)).rejects.toMatchObject({ member: 'db', culprit: 'db' })
    await clock.advance(60)
    expect([await probe, db.state]).toEqual(['probe', 'closed'])
    api.trip()
    group.resetAll()
    expect([group.operational(), api.state, group.status()['db']!.shutDown]).toEqual([true, 'closed', false])
  })
  test('circles and unknown names are refused', () => {
    expect(() => new CircuitGroup({ a: { dependsOn: ['b'] }, b: { dependsOn: ['a'] } })).toThrow('a -> b -> a')
    expect(() => new CircuitGroup({ a: { dependsOn: ['x'] } })).toThrow("'a' depends on 'x'")
    expect(() => new CircuitGroup({}).operational('a')).toThrow("There is no member 'a'")
  })
})
