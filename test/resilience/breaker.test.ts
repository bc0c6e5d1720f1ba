import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OptionError, SeededRandom, SimulatedClock } from '../../src/base/index.js'
import { breaker, BreakerGraph, BreakerOpenError, policy, retry, timeout, TimeoutExceededError } from '../../src/resilience/index.js'
import type { Breaker, BreakerOptions, BreakerState } from '../../src/resilience/index.js'
import { errorCodes, errorMessage, serverErrorOf } from '../../src/protocol/index.js'

/** A call that a test ends when it likes. */
interface OpenCall {
  readonly finish: (failed: boolean) => void
  readonly done: Promise<string>
}

function begin(guarded: Breaker): OpenCall {
  let finish!: (failed: boolean) => void
  const result = new Promise<void>((resolve, reject) => { finish = (failed) => (failed ? reject(new Error('failed')) : resolve()) })
  result.catch(() => {})
  return { finish, done: guarded.run(() => result).then(() => 'well', (error: Error) => (error instanceof BreakerOpenError ? 'refused' : 'failed')) }
}

/** What a breaker should do, written as plainly as can be: all results of the state in a list, counted anew each time. */
class Reference {
  state: BreakerState = 'closed'
  epoch = 0
  openUntil = 0
  probes = 0
  results: { failed: boolean; slow: boolean; at: number }[] = []
  readonly options: BreakerOptions

  constructor(options: BreakerOptions) {
    this.options = options
  }

  enter(state: BreakerState, now: number): void {
    this.state = state
    this.epoch++
    this.probes = 0
    if (state === 'open') this.openUntil = now + 1000
    if (state !== 'open') this.results = []
  }

  admit(now: number): number | undefined {
    if (this.state === 'open' && now >= this.openUntil) this.enter('halfOpen', now)
    if (this.state === 'open' || (this.state === 'halfOpen' && this.probes >= this.options.halfOpenCalls!)) return undefined
    if (this.state === 'halfOpen') this.probes++
    return this.epoch
  }

  record(epoch: number, failed: boolean, tookMs: number, now: number): void {
    if (epoch !== this.epoch) return
    const slow = this.options.slowCallRate !== undefined && tookMs >= this.options.slowCallMs!
    this.results.push({ failed, slow, at: now })
    if (this.state === 'halfOpen') {
      if (failed || slow) this.enter('open', now)
      else if (this.results.length >= this.options.halfOpenCalls!) this.enter('closed', now)
      return
    }
    const { window, minimumCalls, failureRate, slowCallRate, consecutiveFailures } = this.options
    const seen = 'calls' in window! ? this.results.slice(-window.calls) : this.results.filter(({ at }) => Math.floor(at / (window!.ms / 10)) > Math.floor(now / (window!.ms / 10)) - 10)
    const lastGood = this.results.findLastIndex((result) => !result.failed)
    const run = this.results.length - 1 - lastGood
    const trips = (consecutiveFailures !== undefined && run >= consecutiveFailures) || (seen.length >= minimumCalls! &&
      ((failureRate !== undefined && seen.filter((result) => result.failed).length >= failureRate * seen.length) || (slowCallRate !== undefined && seen.filter((result) => result.slow).length >= slowCallRate * seen.length)))
    if ((failed || slow) && trips) this.enter('open', now)
  }
}

const optionsOf = fc.record({
  halfOpenCalls: fc.integer({ min: 1, max: 3 }), minimumCalls: fc.integer({ min: 1, max: 6 }), slowCallMs: fc.constant(50),
  window: fc.oneof(fc.integer({ min: 3, max: 8 }).map((calls) => ({ calls })), fc.constantFrom({ ms: 400 }, { ms: 1000 })),
  failureRate: fc.option(fc.constantFrom(0.3, 0.5, 1), { nil: undefined }), slowCallRate: fc.option(fc.constantFrom(0.5, 1), { nil: undefined }),
  consecutiveFailures: fc.integer({ min: 2, max: 5 }),
})

describe('breaker', () => {
  test('does what the reference does, whatever calls begin and end in whatever order', async () => {
    await fc.assert(fc.asyncProperty(optionsOf, fc.array(fc.tuple(fc.constantFrom('begin', 'begin', 'well', 'fail', 'fail', 'wait'), fc.nat(9), fc.constantFrom(0, 10, 60, 500, 1001)), { maxLength: 60 }), async (options, steps) => {
      const clock = new SimulatedClock()
      const guarded = breaker({ ...options, openMs: 1000, clock })
      const reference = new Reference(options)
      const calls: (OpenCall & { readonly epoch: number; readonly began: number })[] = []
      for (const [step, which, ms] of steps) {
        if (step === 'begin') {
          const epoch = reference.admit(clock.now())
          const call = begin(guarded)
          if (epoch === undefined) expect(await call.done).toBe('refused')
          else calls.push({ ...call, epoch, began: clock.now() })
        } else if (step === 'wait') await clock.advance(ms)
        else if (calls.length > 0) {
          const [call] = calls.splice(which % calls.length, 1)
          reference.record(call!.epoch, step === 'fail', clock.now() - call!.began, clock.now())
          call!.finish(step === 'fail')
          expect(await call!.done).toBe(step === 'fail' ? 'failed' : 'well')
        }
        if (reference.state === 'open' && clock.now() >= reference.openUntil) reference.enter('halfOpen', clock.now())
        expect(guarded.state).toBe(reference.state)
        expect(guarded.status.blocked).toBe(reference.state === 'open' || (reference.state === 'halfOpen' && reference.probes >= options.halfOpenCalls))
      }
      for (const call of calls) call.finish(false)
    }), { numRuns: 500 })
  })
  test('half open, never more than its quota run at a time, also when callers give up', async () => {
    const clock = new SimulatedClock()
    const guarded = breaker({ consecutiveFailures: 1, halfOpenCalls: 2, openMs: 100, clock })
    await guarded.run(() => Promise.reject(new Error('x'))).catch(() => {})
    const random = new SeededRandom(4)
    let running = 0
    for (let round = 0; round < 50; round++) {
      await clock.advance(100)
      const controllers = Array.from({ length: 5 }, () => new AbortController())
      const outcomes = controllers.map((controller) => guarded.run(() => {
        running++
        expect(running).toBeLessThanOrEqual(2)
        return new Promise<never>(() => {})
      }, { signal: controller.signal }).catch((error: Error) => error.name))
      await clock.advance(0) // those that are refused are told
      for (const controller of controllers) if (random.next() < 0.9) controller.abort()
      running = 0
      await clock.advance(1)
      for (const controller of controllers) controller.abort()
      expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['AbortError', 'BreakerOpenError']))
      expect(guarded.state).toBe('halfOpen')
      expect(guarded.blocked).toBe(false)
    }
  })
  test('a call of before it opened moves nothing', async () => {
    const clock = new SimulatedClock()
    const guarded = breaker({ consecutiveFailures: 2, openMs: 100, clock })
    const late = begin(guarded)
    for (let i = 0; i < 2; i++) await guarded.run(() => Promise.reject(new Error('x'))).catch(() => {})
    await clock.advance(100)
    expect(guarded.state).toBe('halfOpen')
    late.finish(false)
    await late.done
    expect(guarded.state).toBe('halfOpen')
    const probe = begin(guarded)
    probe.finish(false)
    expect(await probe.done).toBe('well')
    expect(guarded.state).toBe('closed')
  })
  test('what counts: overload does, syntax never, nor aborts of the caller, nor refusals of other policies; time that runs out around it does at once', async () => {
    const clock = new SimulatedClock()
    const server = (code: keyof typeof errorCodes): Error => serverErrorOf(errorMessage(errorCodes[code], code, { consistency: 'one' }), 'n')
    for (const [error, counts] of [[server('OVERLOADED'), 1], [server('UNAVAILABLE'), 1], [server('SYNTAX_ERROR'), 0], [server('UNAUTHORIZED'), 0], [new DOMException('x', 'AbortError'), 0], [new BreakerOpenError('b', 1), 0], [new Error('x'), 1]] as const) {
      const guarded = breaker({ failureRate: 0.5, clock })
      await guarded.run(() => Promise.reject(error)).catch(() => {})
      expect([error.name, guarded.status.window.failures]).toEqual([error.name, counts])
    }
    const guarded = breaker({ failureRate: 0.5, clock })
    const call = policy(timeout({ ms: 100, clock }), guarded).run(() => new Promise<never>(() => {})).catch((error: unknown) => error)
    await clock.advance(120)
    expect(await call).toBeInstanceOf(TimeoutExceededError)
    expect(guarded.status.window).toEqual({ calls: 1, failures: 1, slow: 0 })
  })
  test('forced open, forced closed, metrics only; fire and forget; saved and restored; longer each time', async () => {
    const clock = new SimulatedClock()
    const guarded = breaker({ consecutiveFailures: 1, openMs: (times) => 100 * times, clock, name: 'db' })
    guarded.setMode('forcedOpen')
    await expect(guarded.run(() => 1)).rejects.toThrow("The breaker 'db' is forced open")
    for (const mode of ['forcedClosed', 'metricsOnly'] as const) {
      guarded.setMode(mode)
      await guarded.run(() => Promise.reject(new Error('x'))).catch(() => {})
      expect(await guarded.run(() => 1)).toBe(1)
    }
    guarded.setMode('automatic')
    guarded.reset()
    const errors: unknown[] = []
    guarded.fire(() => { throw new Error('thrown') }, (error) => errors.push(error))
    await clock.advance(1)
    expect([String(errors[0]), guarded.state]).toEqual(['Error: thrown', 'open'])
    await expect(guarded.run(() => 1)).rejects.toMatchObject({ breaker: 'db', retryAfterMs: 99, outcome: 'retryable' })
    const twin = breaker({ consecutiveFailures: 1, clock })
    twin.restore(JSON.parse(JSON.stringify(guarded)) as Breaker['status'])
    expect([twin.state, twin.status.openForMs]).toEqual(['open', 99])
    await clock.advance(100)
    await guarded.run(() => Promise.reject(new Error('x'))).catch(() => {})
    expect(guarded.status.openForMs).toBe(200)
    expect(() => breaker({})).toThrow(OptionError)
  })
})

describe('a graph of breakers', () => {
  const trip = { consecutiveFailures: 1, openMs: 1000 }
  test('circles and unknown names are refused when it is made', () => {
    const member = (cascadesTo: string[]) => ({ breaker: breaker(trip), cascadesTo })
    expect(() => new BreakerGraph({ a: member(['b']), b: member(['c']), c: member(['a']) })).toThrow('a -> b -> c -> a')
    expect(() => new BreakerGraph({ a: member(['a']) })).toThrow(/circle/)
    expect(() => new BreakerGraph({ a: member(['x']) })).toThrow("'a' cascades to 'x'")
  })
  test('random graphs: blocked if and only if it or something that it depends on is not closed; every cascade has one release', async () => {
    const random = new SeededRandom(9)
    for (let round = 0; round < 100; round++) {
      const clock = new SimulatedClock()
      const names = Array.from({ length: random.between(2, 8) }, (_, i) => `m${i}`)
      const edges = names.map((_, i) => names.slice(i + 1).filter(() => random.next() < 0.4))
      const members = Object.fromEntries(names.map((name, i) => [name, { breaker: breaker({ ...trip, name, clock }), cascadesTo: edges[i]! }]))
      const graph = new BreakerGraph(members)
      const ancestors = new Map(names.map((name) => [name, new Set<string>()]))
      for (const [i, name] of names.entries()) for (const dependent of edges[i]!) for (const ancestor of [name, ...ancestors.get(name)!]) ancestors.get(dependent)!.add(ancestor)
      const held = new Set<string>()
      graph.events.on('cascade', ({ cause, member, held: begins }) => {
        const key = `${cause} ${member}`
        expect(held.has(key)).toBe(!begins)
        if (begins) held.add(key)
        else held.delete(key)
      })
      for (let step = 0; step < 40; step++) {
        const target = members[random.pick(names)]!.breaker
        switch (random.between(0, 3)) {
          case 0: target.trip(); break
          case 1: target.reset(); break
          case 2: await clock.advance(random.between(1, 700)); break
          default: await target.run(() => { if (random.next() < 0.5) throw new Error('x') }).catch(() => {})
        }
        for (const name of names) {
          const above = [...ancestors.get(name)!].filter((ancestor) => members[ancestor]!.breaker.state !== 'closed')
          expect(new Set(members[name]!.breaker.status.causes)).toEqual(new Set(above))
          expect(members[name]!.breaker.blocked).toBe(above.length > 0 || members[name]!.breaker.state === 'open')
        }
      }
      for (const name of names) graph.reset(name)
      expect(held.size).toBe(0)
    }
  })
  test('in a diamond one parent may close while the other holds; reset with and without those that depend; what a dependent has seen stays', async () => {
    const make = (name: string) => breaker({ ...trip, name })
    const [top, left, right, bottom] = ['top', 'left', 'right', 'bottom'].map(make)
    const graph = new BreakerGraph({ top: { breaker: top!, cascadesTo: ['left', 'right'] }, left: { breaker: left!, cascadesTo: ['bottom'] }, right: { breaker: right!, cascadesTo: ['bottom'] }, bottom: { breaker: bottom! } })
    left!.trip()
    right!.trip()
    left!.reset()
    expect([bottom!.blocked, bottom!.status.causes, bottom!.state]).toEqual([true, ['right'], 'closed'])
    await expect(bottom!.run(() => 1)).rejects.toThrow("The breaker 'bottom' is held open by right")
    bottom!.trip()
    graph.reset('right')
    expect([bottom!.state, bottom!.status.causes]).toEqual(['open', []])
    graph.reset('top', { cascade: true })
    expect(bottom!.state).toBe('closed')
    expect(graph.status.map(({ name, dependents }) => [name, dependents.map((dependent) => dependent.name)])).toEqual([['top', ['left', 'right']]])
  })
})

test('retries end at their number, at their budget, and at errors that will not change', async () => {
  const { RetryBudget } = await import('../../src/resilience/index.js')
  const clock = new SimulatedClock()
  let calls = 0
  const failing = (error: Error) => () => { calls++; throw error }
  const run = async (guard: ReturnType<typeof retry>, error: Error): Promise<number> => {
    calls = 0
    const call = guard.run(failing(error)).catch((failure: unknown) => failure)
    await clock.advance(60_000)
    expect(await call).toBe(error)
    return calls
  }
  expect(await run(retry({ attempts: 4, clock }), new Error('x'))).toBe(4)
  expect(await run(retry({ clock }), serverErrorOf(errorMessage(errorCodes.SYNTAX_ERROR, 'x'), 'n'))).toBe(1)
  const budget = new RetryBudget({ ratio: 0.1, burst: 3 })
  const bounded = retry({ attempts: 10, clock, budget })
  expect(await run(bounded, new Error('x'))).toBe(4)
  expect(await run(bounded, new Error('x'))).toBe(1)
  for (let i = 0; i < 10; i++) await bounded.run(() => 1)
  expect([budget.balance, await run(bounded, new Error('x'))]).toEqual([1, 2])
  const controller = new AbortController()
  calls = 0
  const aborted = retry({ attempts: 9, baseMs: 1000, clock }).run(failing(new Error('x')), { signal: controller.signal }).catch((error: Error) => error.name)
  await clock.advance(1)
  controller.abort()
  expect([await aborted, calls, clock.pending <= 1]).toEqual(['AbortError', 1, true])
})
