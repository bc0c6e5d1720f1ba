import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OptionError, SeededRandom, SimulatedClock } from '../../src/base/index.js'
import { bulkhead, KeyedLimiter, LimitExceededError, rateLimiter, Semaphore } from '../../src/resilience/index.js'
import { mostInWindow } from '../support/most-in-window.js'

const algorithms = ['gcra', 'tokenBucket', 'fixedWindow', 'slidingWindow'] as const

describe('limits', () => {
  test.each(['gcra', 'tokenBucket'] as const)('%s never gives more than burst + rate × t in any window, and refuses only what would', async (algorithm) => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 20 }), fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 3 })), { maxLength: 80 }), async (perSecond, burst, arrivals) => {
      const clock = new SimulatedClock()
      const limiter = rateLimiter({ limit: perSecond, burst, algorithm, clock })
      const given: number[] = []
      // The reference: a bucket in exact fractions, a thousandth of a permit being the unit.
      let tokens = burst * 1000
      let at = 0
      for (const [waitMs, cost] of arrivals) {
        await clock.advance(waitMs)
        tokens = Math.min(burst * 1000, tokens + (clock.now() - at) * perSecond)
        at = clock.now()
        const expected = tokens >= cost * 1000
        expect(limiter.tryAcquire(cost)).toBe(expected)
        if (!expected) continue
        tokens -= cost * 1000
        for (let i = 0; i < cost; i++) given.push(at)
      }
      for (const windowMs of [0, 10, 100, 1000, 5000]) expect(mostInWindow(given, windowMs)).toBeLessThanOrEqual(burst + (perSecond * windowMs) / 1000 + 1e-6)
    }), { numRuns: 200 })
  })
  test('a sliding window never holds more than its limit; a fixed one never more than twice', async () => {
    const random = new SeededRandom(2)
    for (const [algorithm, factor] of [['slidingWindow', 1], ['fixedWindow', 2]] as const) {
      const clock = new SimulatedClock()
      const limiter = rateLimiter({ limit: 10, windowMs: 100, algorithm, clock })
      const given: number[] = []
      for (let i = 0; i < 2000; i++) {
        await clock.advance(random.between(0, 15))
        if (limiter.tryAcquire()) given.push(clock.now())
      }
      expect(mostInWindow(given, 99.999)).toBeLessThanOrEqual(10 * factor)
      expect(given.length).toBeGreaterThan((clock.now() / 100) * 10 * 0.4)
    }
  })
  test.each(algorithms)('%s: callers wait in turn, who gives up leaves no gap, and what they were told of the wait is true', async (algorithm) => {
    const clock = new SimulatedClock()
    const limiter = rateLimiter({ limit: 10, burst: 1, windowMs: 1000, algorithm, clock })
    while (limiter.tryAcquire()) { /* empty it */ }
    const served: [number, number][] = []
    const controllers = Array.from({ length: 12 }, () => new AbortController())
    const calls = controllers.map((controller, i) => limiter.acquire({ signal: controller.signal }).then(() => served.push([i, Math.round(clock.now())]), () => {}))
    expect(limiter.status.waiting).toBe(12)
    expect(limiter.tryAcquire()).toBe(false)
    const { retryAfterMs } = limiter.status
    await expect(limiter.acquire({ maxWaitMs: retryAfterMs - 20 })).rejects.toBeInstanceOf(LimitExceededError)
    for (const i of [0, 3, 4, 9]) controllers[i]!.abort()
    await clock.advance(5000)
    await Promise.all(calls)
    expect(served.map(([i]) => i)).toEqual([1, 2, 5, 6, 7, 8, 10, 11])
    if (algorithm === 'gcra' || algorithm === 'tokenBucket') {
      // Ten per second: one every 100 ms, to the tick of the timer wheel.
      for (let i = 1; i < served.length; i++) expect(served[i]![1] - served[i - 1]![1]).toBeGreaterThanOrEqual(90)
      expect(served.at(-1)![1]).toBeLessThanOrEqual(1000)
    }
    expect(limiter.status.waiting).toBe(0)
  })
  test('as a policy it refuses or waits; with headers, a cost that can never be had, state that is saved, and keys that are bounded', async () => {
    const clock = new SimulatedClock()
    const limiter = rateLimiter({ limit: 1, burst: 2, clock })
    const refused: unknown[] = []
    limiter.events.on('reject', (error) => refused.push(error))
    expect([await limiter.run(() => 1), await limiter.run(() => 2)]).toEqual([1, 2])
    await expect(limiter.run(() => 3)).rejects.toMatchObject({ retryAfterMs: 1000, outcome: 'retryable' })
    expect(refused.length).toBe(1)
    expect(limiter.headers()).toEqual({ 'RateLimit-Limit': '2', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '1', 'Retry-After': '1' })
    await expect(limiter.acquire({ cost: 3 })).rejects.toBeInstanceOf(OptionError)
    const twin = rateLimiter({ limit: 1, burst: 2, clock })
    twin.restore(JSON.parse(JSON.stringify(limiter)) as number[])
    expect(twin.tryAcquire()).toBe(false)
    limiter.reset()
    expect(limiter.tryAcquire(2)).toBe(true)
    const waits = rateLimiter({ limit: 10, burst: 1, maxWaitMs: 500, clock })
    const calls = Promise.all([1, 2, 3].map((n) => waits.run(() => n)))
    await clock.advance(400)
    expect(await calls).toEqual([1, 2, 3])
    const throttled = rateLimiter({ limit: 1000, clock }).throttle((a: number, b: number) => a + b)
    expect(await throttled(1, 2)).toBe(3)
    const keyed = new KeyedLimiter({ limit: 1, burst: 1, clock }, 100)
    expect([keyed.of('a').tryAcquire(), keyed.of('a').tryAcquire(), keyed.of('b').tryAcquire()]).toEqual([true, false, true])
    for (let i = 0; i < 1000; i++) keyed.of(`k${i}`).tryAcquire()
    expect(keyed.size).toBe(100)
  })
})

describe('semaphore', () => {
  test('a million times taken, waited for, given up and given back: no permit is lost, none is given twice', async () => {
    const random = new SeededRandom(3)
    const semaphore = new Semaphore(5)
    let held = 0
    let most = 0
    let cycles = 0
    const worker = async (): Promise<void> => {
      while (cycles < 1_000_000) {
        cycles++
        const chance = random.next()
        if (chance < 0.2) {
          const controller = new AbortController()
          const waiting = semaphore.acquire({ signal: controller.signal }).then((ticket) => ticket.release(), () => {})
          controller.abort()
          await waiting
          continue
        }
        const count = chance < 0.3 ? 2 : 1
        const ticket = chance < 0.6 ? semaphore.tryAcquire(count) : await semaphore.acquire({ count })
        if (!ticket) continue
        held += count
        most = Math.max(most, held)
        if (chance > 0.95) await Promise.resolve()
        held -= count
        ticket.release()
        ticket.release()
      }
    }
    await Promise.all(Array.from({ length: 20 }, worker))
    expect([semaphore.taken, semaphore.waiting, held]).toEqual([0, 0, 0])
    expect(most).toBeLessThanOrEqual(5)
  })
  test('in turn, also those who ask for many; time-outs; a capacity that changes', async () => {
    const clock = new SimulatedClock()
    const semaphore = new Semaphore(2, 3, clock)
    const first = semaphore.tryAcquire(2)!
    const order: string[] = []
    const big = semaphore.acquire({ count: 2 }).then((ticket) => { order.push('big'); return ticket })
    const small = semaphore.acquire().then((ticket) => { order.push('small'); return ticket })
    await expect(Promise.all([semaphore.acquire({ timeoutMs: 50 }), clock.advance(100)])).rejects.toBeInstanceOf(LimitExceededError)
    first.release()
    ;(await big).release()
    ;(await small).release()
    expect(order).toEqual(['big', 'small'])
    const held = semaphore.tryAcquire(2)!
    const late = semaphore.acquire()
    semaphore.capacity = 3
    ;(await late)[Symbol.dispose]()
    held.release()
    expect([semaphore.taken, semaphore.capacity]).toEqual([0, 3])
  })
  test('a bulkhead lets so many run, so many wait, and refuses the rest', async () => {
    const guard = bulkhead({ limit: 2, queue: 1 })
    const ends: (() => void)[] = []
    const calls = Array.from({ length: 4 }, () => guard.run(() => new Promise<string>((resolve) => { ends.push(() => resolve('well')) })).catch((error: Error) => error.message))
    expect(guard.status).toEqual({ limit: 2, running: 2, waiting: 1 })
    expect(await calls[3]).toBe('2 calls run and 1 wait already')
    ends[0]!()
    expect(await calls[0]).toBe('well')
    await Promise.resolve()
    for (const end of ends) end()
    await new Promise((resolve) => { setTimeout(resolve, 0) })
    for (const end of ends) end()
    expect(await Promise.all(calls.slice(1, 3))).toEqual(['well', 'well'])
    expect(guard.status.running).toBe(0)
  })
})
