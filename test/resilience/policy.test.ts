// How policies are put around each other, and how they are watched.
import { describe, expect, test } from 'vitest'
import { OptionError, SimulatedClock } from '../../src/base/index.js'
import { adaptiveConcurrency, breaker, BreakerGraph, bulkhead, CircuitGroup, fallback, hedge, Monitor, Policy, policy, rateLimiter, retry, selector, timeout } from '../../src/resilience/index.js'
import type { RunContext, Task } from '../../src/resilience/index.js'

/** Somebody's own policy, made of promises. */
class Tagging extends Policy {
  override async execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return `<${String(await task(context))}>` as T
  }
}

describe('composition', () => {
  test.each([
    // oxlint-disable-next-line unicorn/no-thenable -- what is tested
    ['a value', () => 1], ['a promise', async () => 1], ['a thenable', () => ({ then: (resolve: (value: number) => void) => resolve(1) }) as unknown as Promise<number>],
  ])('of all policies, around a function that returns %s', async (_name, task) => {
    const all = policy(fallback({ to: () => 2 }), timeout({ ms: 1000 }), rateLimiter({ limit: 10 }), bulkhead({ limit: 1 }), hedge({ delayMs: 1000 }), retry(), breaker({ failureRate: 0.5 }))
    expect(await all.run(task)).toBe(1)
    expect(await breaker({ failureRate: 0.5 }).run(task)).toBe(1)
  })
  test('somebody\'s own policy stands between others, and the order is that of the arguments', async () => {
    expect(await policy(new Tagging(), retry({ baseMs: 0 }), new Tagging()).run(() => 'x')).toBe('<<x>>')
    let calls = 0
    const failing = policy(retry({ attempts: 3, baseMs: 0 }), new Tagging()).run(() => {
      calls++
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(calls).toBe(3)
  })
  test.each([
    ['counts', () => breaker({ failureRate: 0.5, counts: () => { throw new Error('mine') } })],
    ['openMs', () => breaker({ consecutiveFailures: 1, openMs: () => { throw new Error('mine') } })],
    ['when', () => retry({ when: () => { throw new Error('mine') } })],
  ])('what the caller\'s own %s throws reaches the caller', async (_name, make) => {
    await expect(policy(timeout({ ms: 1000 }), make()).run(async () => { throw new Error('theirs') })).rejects.toThrow('mine')
  })
  test('what openMs throws after a slow success reaches the caller', async () => {
    const clock = new SimulatedClock()
    for (const wrap of [(inner: Policy) => inner, (inner: Policy) => policy(timeout({ ms: 1000, clock }), inner)]) {
      const guarded = wrap(breaker({ slowCallRate: 0.5, slowCallMs: 10, minimumCalls: 1, clock, openMs: () => { throw new Error('mine') } }))
      const run = guarded.run(() => new Promise((resolve) => { clock.schedule(() => resolve(1), 20) })).catch((error: unknown) => error)
      await clock.advance(30)
      expect(await run).toMatchObject({ message: 'mine' })
    }
  })
  test('a time-out in a breaker whose openMs throws ends the call with the time-out', async () => {
    const clock = new SimulatedClock()
    const guarded = policy(timeout({ ms: 10, clock }), breaker({ consecutiveFailures: 1, clock, openMs: () => { throw new Error('mine') } }))
    const run = guarded.run(() => new Promise(() => {})).catch((error: unknown) => error)
    await clock.advance(20)
    expect(await run).toMatchObject({ code: 'CQL_TIMEOUT_EXCEEDED' })
  })
  test('who gives up leaves no timer behind', async () => {
    const clock = new SimulatedClock()
    const controller = new AbortController()
    const guarded = policy(retry({ clock }), timeout({ ms: 60_000, clock }), timeout({ ms: 30_000, clock }))
    const run = guarded.run(() => new Promise(() => {}), { signal: controller.signal }).catch((error: unknown) => error)
    await clock.advance(20)
    expect(clock.pending).toBe(1)
    controller.abort()
    expect(await run).toMatchObject({ code: 'CQL_ABORTED' })
    await clock.advance(20)
    expect(clock.pending).toBe(0)
  })
  test('a call that ends after its time is over has ended once: retries do not begin, and breakers count it once', async () => {
    const clock = new SimulatedClock()
    const inner = breaker({ consecutiveFailures: 5, clock })
    const guarded = policy(timeout({ ms: 10, clock }), retry({ clock }), inner)
    let calls = 0
    const run = guarded.run(() => new Promise((_resolve, reject) => {
      calls++
      clock.schedule(() => reject(new Error('late')), 50)
    })).catch((error: unknown) => error)
    await clock.advance(1000)
    expect(await run).toMatchObject({ code: 'CQL_TIMEOUT_EXCEEDED' })
    expect([calls, inner.status.consecutiveFailures]).toEqual([1, 1])
  })
})

describe('a breaker that is told of calls made past it', () => {
  test('trips, ignores what it hears while open, and closes by what it hears after', async () => {
    const clock = new SimulatedClock()
    const seen = breaker({ slowCallRate: 0.5, slowCallMs: 100, minimumCalls: 4, openMs: 1000, halfOpenCalls: 2, clock })
    for (let i = 0; i < 2; i++) seen.note(false, 5)
    for (let i = 0; i < 2; i++) seen.note(false, 150)
    expect(seen.state).toBe('open')
    await clock.advance(900)
    seen.note(true, 150)
    await clock.advance(101)
    expect(seen.state).toBe('halfOpen')
    seen.note(false, 5)
    seen.note(false, 5)
    expect(seen.state).toBe('closed')
  })
})

describe('monitor', () => {
  test('counts what policies tell, passes it on, and shows how they stand', async () => {
    const orders = breaker({ name: 'orders', consecutiveFailures: 1 })
    const api = rateLimiter({ limit: 1, burst: 1 })
    const prices = selector({ backends: [{ name: 'live', run: () => 1 }] })
    const graph = new BreakerGraph({ orders: { breaker: orders, cascadesTo: [] } })
    const monitor = new Monitor({ orders, api, graph })
    const stop = monitor.watch('prices', prices)
    const log: string[] = []
    monitor.events.on('event', ({ source, name }) => log.push(`${source} ${name}`))
    await orders.run(() => { throw new Error('no') }).catch(() => {})
    await orders.run(() => 1).catch(() => {})
    await orders.run(() => 1).catch(() => {})
    await api.run(() => 1)
    await api.run(() => 1).catch(() => {})
    await prices.run(undefined)
    const { orders: summary, api: limits, prices: selected } = monitor.snapshot()
    expect(summary).toMatchObject({ counts: { stateChange: 1, reject: 2 }, status: { state: 'open' } })
    expect(limits).toMatchObject({ counts: { reject: 1 }, status: { limit: 1 } })
    expect(selected!.counts).toEqual({ answer: 1 })
    expect(log.filter((line) => line.startsWith('orders'))).toEqual(['orders stateChange', 'orders reject', 'orders reject'])
    expect(JSON.parse(JSON.stringify(monitor.snapshot())).orders.status.name).toBe('orders')
    expect(() => monitor.watch('prices', prices)).toThrow(OptionError)
    stop()
    await prices.run(undefined)
    expect(Object.keys(monitor.snapshot())).toEqual(['orders', 'api', 'graph'])
    monitor.close()
    expect(monitor.snapshot()).toEqual({})
  })
  test('time-outs, bulkheads, adaptive limits and groups tell what they do', async () => {
    const clock = new SimulatedClock()
    const [late, full, adaptive] = [timeout({ ms: 5, clock }), bulkhead({ limit: 1, clock }), adaptiveConcurrency({ initial: 1, min: 1, clock })]
    const group = new CircuitGroup({ db: { breaker: breaker({ name: 'db', consecutiveFailures: 1, clock }) }, api: { dependsOn: ['db'] } })
    const monitor = new Monitor({ late, full, adaptive, group })
    const slow = (): Promise<void> => new Promise((resolve) => { clock.schedule(resolve, 10) })
    const runs = [late.run(slow), full.run(slow), full.run(slow), adaptive.run(slow), adaptive.run(slow)].map((run) => run.catch((error: { code: string }) => error.code))
    await clock.advance(50)
    expect(await Promise.all(runs)).toEqual(['CQL_TIMEOUT_EXCEEDED', undefined, 'CQL_BULKHEAD_FULL', undefined, 'CQL_BULKHEAD_FULL'])
    for (let i = 0; i < 50; i++) {
      const run = adaptive.run(slow)
      await clock.advance(20)
      await run
    }
    group.shutdown('db')
    await expect(group.execute('api', () => 1)).rejects.toMatchObject({ code: 'CQL_DEPENDENCY' })
    group.resetAll()
    const { late: timed, full: bulk, adaptive: limits, group: services } = monitor.snapshot()
    expect([timed!.counts, bulk!.counts, services!.counts]).toEqual([{ timeout: 1 }, { reject: 1 }, { shutdown: 1, reject: 1, reset: 1 }])
    expect(limits!.counts).toMatchObject({ reject: 1, limitChange: expect.any(Number) as number })
    expect(services!.status).toMatchObject({ api: { operational: true } })
  })
})
