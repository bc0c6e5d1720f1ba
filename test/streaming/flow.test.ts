import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { SimulatedClock } from '../../src/base/index.js'
import { flow } from '../../src/streaming/index.js'
import type { Flow } from '../../src/streaming/index.js'

/** Runs something that waits in simulated time. */
async function simulated<T>(run: (wait: (ms: number) => Promise<void>) => Promise<T>): Promise<T> {
  const clock = new SimulatedClock()
  const wait = (ms: number): Promise<void> => new Promise((resolve) => { clock.schedule(resolve, ms) })
  let done = false
  const result = run(wait).finally(() => { done = true })
  result.catch(() => {})
  for (let i = 0; !done && i < 20_000; i++) await clock.advance(5)
  expect(done, 'it hangs').toBe(true)
  return result
}

/** A source that knows what was asked of it. */
class Counted<T> implements AsyncIterable<T> {
  read = 0
  returned = 0
  readonly #values: readonly T[]
  readonly #delays: readonly number[]
  readonly #wait: (ms: number) => Promise<void>
  readonly #failAt: number

  constructor(values: readonly T[], delays: readonly number[], wait: (ms: number) => Promise<void>, failAt = Number.POSITIVE_INFINITY) {
    this.#values = values
    this.#delays = delays
    this.#wait = wait
    this.#failAt = failAt
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    let at = 0
    return {
      next: async () => {
        const delay = this.#delays[at % this.#delays.length] ?? 0
        if (delay > 0) await this.#wait(delay)
        if (at === this.#failAt) throw new Error(`source at ${at}`)
        if (at >= this.#values.length) return { done: true, value: undefined }
        this.read++
        return { done: false, value: this.#values[at++]! }
      },
      return: async () => {
        this.returned++
        return { done: true, value: undefined }
      },
    }
  }
}

type Step =
  | { readonly kind: 'map' | 'filter' | 'tap' | 'flatMap'; readonly async: boolean }
  | { readonly kind: 'take' | 'drop' | 'prefetch'; readonly count: number }
  | { readonly kind: 'parallelMap'; readonly concurrency: number }

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('map', 'filter', 'tap', 'flatMap'), async: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('take', 'drop'), count: fc.nat(30) }),
  fc.record({ kind: fc.constant('prefetch' as const), count: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ kind: fc.constant('parallelMap' as const), concurrency: fc.integer({ min: 1, max: 6 }) }),
)

function apply(on: Flow<number>, step: Step, wait: (ms: number) => Promise<void>): Flow<number> {
  const later = <T>(value: T, isLater: boolean, ms: number): T | Promise<T> => (isLater ? wait(ms % 7).then(() => value) : value)
  switch (step.kind) {
    case 'map': return on.map((n) => later(n * 2 + 1, step.async, n))
    case 'filter': return on.filter((n) => later(n % 3 !== 0, step.async, n))
    case 'tap': return on.tap((n) => later(undefined, step.async, n))
    case 'flatMap': return on.flatMap((n) => later(Array.from({ length: n % 4 }, (_, i) => n + i), step.async, n))
    case 'take': return on.take(step.count)
    case 'drop': return on.drop(step.count)
    case 'prefetch': return on.prefetch(step.count)
    case 'parallelMap': return on.parallelMap((n) => later(n + 5, true, n * 3), { concurrency: step.concurrency })
  }
}

function model(values: readonly number[], step: Step): number[] {
  switch (step.kind) {
    case 'map': return values.map((n) => n * 2 + 1)
    case 'filter': return values.filter((n) => n % 3 !== 0)
    case 'tap': case 'prefetch': return [...values]
    case 'flatMap': return values.flatMap((n) => Array.from({ length: n % 4 }, (_, i) => n + i))
    case 'take': return values.slice(0, step.count)
    case 'drop': return values.slice(step.count)
    case 'parallelMap': return values.map((n) => n + 5)
  }
}

const numbers = fc.array(fc.nat(1000), { maxLength: 60 })
const delays = fc.array(fc.nat(9), { minLength: 1, maxLength: 5 })

describe('operators', () => {
  test('any chain of them gives what the same steps on an array give, and stops its source once', async () => {
    await fc.assert(fc.asyncProperty(numbers, delays, fc.array(steps, { maxLength: 5 }), fc.boolean(), async (values, waits, chain, isSync) => {
      await simulated(async (wait) => {
        const source = new Counted(values, waits, wait)
        const out = await chain.reduce((on, step) => apply(on, step, wait), flow<number>(isSync ? values : source)).toArray()
        expect(out).toEqual(chain.reduce<readonly number[]>(model, values))
        expect(source.returned).toBeLessThanOrEqual(1)
      })
    }), { numRuns: 300 })
  })

  test('leaving the loop stops the source, whatever stands between', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 40, maxLength: 60 }), delays, fc.array(steps.filter(({ kind }) => kind !== 'take' && kind !== 'drop'), { maxLength: 4 }), async (values, waits, chain) => {
      await simulated(async (wait) => {
        const source = new Counted(values, waits, wait)
        let given = 0
        for await (const _ of chain.reduce((on, step) => apply(on, step, wait), flow(source))) {
          given++
          break
        }
        if (given === 1 && source.read < values.length) expect(source.returned).toBe(1)
        const { read } = source
        await wait(1000)
        expect(source.read - read, 'read after it was left').toBeLessThanOrEqual(1)
      })
    }), { numRuns: 100 })
  })

  test('an error of the source or of a function comes after what was before it, and is the last thing', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 30 }), delays, fc.integer({ min: 1, max: 8 }), fc.boolean(), async (failAt, waits, concurrency, inFunction) => {
      await simulated(async (wait) => {
        const source = new Counted(Array.from({ length: 40 }, (_, i) => i), waits, wait, inFunction ? undefined : failAt)
        const seen: number[] = []
        const failing = flow(source).parallelMap(async (n) => {
          await wait((n * 7) % 11)
          if (inFunction && n === failAt) throw new Error(`fn at ${n}`)
          return n
        }, { concurrency }).prefetch(3).map((n) => n)
        await expect(failing.forEach((n) => { seen.push(n) })).rejects.toThrow(inFunction ? `fn at ${failAt}` : `source at ${failAt}`)
        expect(seen).toEqual(Array.from({ length: failAt }, (_, i) => i))
        expect(source.returned).toBe(inFunction ? 1 : 0)
      })
    }), { numRuns: 100 })
  })

  test('no more is under way or read ahead than was asked for; unordered results come as they are done', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.boolean(), delays, async (concurrency, ordered, waits) => {
      await simulated(async (wait) => {
        const source = new Counted(Array.from({ length: 50 }, (_, i) => i), waits, wait)
        let running = 0
        let most = 0
        let given = 0
        const out = await flow(source).parallelMap(async (n) => {
          most = Math.max(most, ++running)
          await wait((n * 13) % 17)
          running--
          return n
        }, { concurrency, ordered }).tap(async () => {
          given++
          expect(source.read - given).toBeLessThanOrEqual(concurrency)
          await wait(given % 5)
        }).toArray()
        expect(most).toBeLessThanOrEqual(concurrency)
        expect(ordered ? out : out.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
      })
    }), { numRuns: 60 })
  })

  test('merge gives all values of all, each source in its own order, and waits for none', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), delays), { minLength: 1, maxLength: 4 }), async (shapes) => {
      await simulated(async (wait) => {
        const lists = shapes.map(([length], i) => Array.from({ length }, (_, n) => `${i}/${n}`))
        const [first, ...others] = lists.map((list, i) => new Counted(list, shapes[i]![1], wait))
        const out = await flow(first!).merge(...others).toArray()
        expect(out.length).toBe(lists.flat().length)
        lists.forEach((list, i) => expect(out.filter((value) => value.startsWith(`${i}/`))).toEqual(list))
      })
    }), { numRuns: 60 })
    await simulated(async (wait) => {
      const stuck = new Counted([1], [1e9], wait)
      expect(await flow(stuck).merge([2, 3]).first(2)).toEqual([2, 3])
      expect(stuck.returned).toBe(1)
    })
  })

  test('batches are full but the last; counts that make no sense are refused', async () => {
    expect(await flow([1, 2, 3, 4, 5]).batch(2).toArray()).toEqual([[1, 2], [3, 4], [5]])
    expect(await flow<number>([]).batch(2).toArray()).toEqual([])
    expect(() => flow([1]).batch(0)).toThrow(/'size' must be a whole number from 1, not 0/)
    expect(() => flow([1]).take(-1)).toThrow(/'count'/)
    expect(() => flow([1]).parallelMap((n) => n, { concurrency: 1.5 })).toThrow(/'concurrency'/)
  })

  test('take reads no further than its last value, and nothing at all for none', async () => {
    const source = new Counted([1, 2, 3, 4], [0], async () => {})
    expect(await flow(source).take(2).toArray()).toEqual([1, 2])
    expect([source.read, source.returned]).toEqual([2, 1])
    const untouched = new Counted([1], [0], async () => {})
    expect(await flow(untouched).take(0).toArray()).toEqual([])
    expect(untouched.read).toBe(0)
  })

  test('parallelEach aborts the signals of the others when one fails', async () => {
    const signals: AbortSignal[] = []
    await simulated(async (wait) => {
      const run = flow([1, 2, 3, 4]).parallelEach(3, async (n, { signal }) => {
        signals.push(signal)
        await wait(n * 10)
        if (n === 1) throw new Error('one')
      })
      await expect(run).rejects.toThrow('one')
    })
    expect(signals.length).toBe(3)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, true])
  })

  test('values that are there already take no turn of the event loop each', async () => {
    const source = flow(Array.from({ length: 1000 }, (_, i) => i)).map((n) => n + 1).filter((n) => n % 2 === 0).open()
    expect(source.pull()).toBe(2)
    expect(source.pull()).toBe(4)
  })

  test('thenables of other libraries are awaited', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- what this test is about
    const thenable = { then: (resolve: (value: number) => void) => resolve(7) } as PromiseLike<number>
    expect(await flow([1]).map(() => thenable).parallelMap(() => thenable).toArray()).toEqual([7])
  })
})

describe('other forms', () => {
  test('web streams, both ways, and what cancelling them does', async () => {
    const source = new Counted([1, 2, 3], [0], async () => {})
    const stream = flow(source).map((n) => n * 2).toReadableStream()
    const reader = stream.getReader()
    expect(source.read).toBe(0)
    expect(await reader.read()).toEqual({ done: false, value: 2 })
    expect(source.read).toBe(1)
    await reader.cancel()
    expect(source.returned).toBe(1)
    expect(await flow(flow([4, 5]).toReadableStream()).toArray()).toEqual([4, 5])
    const bare = { getReader: () => flow([6]).toReadableStream().getReader() } as ReadableStream<number>
    expect(await flow(bare).toArray()).toEqual([6])
  })

  test('streams of Node', async () => {
    const source = new Counted([1, 2, 3], [0], async () => {})
    const readable = flow(source).toNodeStream()
    const got: number[] = []
    for await (const value of readable) {
      got.push(value)
      if (got.length === 2) break
    }
    expect(got).toEqual([1, 2])
    await vi.waitFor(() => expect(source.returned).toBe(1))
  })

  test('events: data, batches, statistics and the end; paused it reads nothing; stopped it ends', async () => {
    const clock = new SimulatedClock()
    const wait = (ms: number): Promise<void> => new Promise((resolve) => { clock.schedule(resolve, ms) })
    const source = new Counted([1, 2, 3, 4, 5], [10], wait)
    const data: number[] = []
    const batches: (readonly number[])[] = []
    const stats: number[] = []
    const events = flow(source).events({ batchSize: 2, statsEveryMs: 25, clock }).on('data', (n) => data.push(n)).on('batch', (batch) => batches.push(batch)).on('stats', ({ count }) => stats.push(count))
    const finished = events.start()
    await clock.advance(32)
    events.pause()
    await clock.advance(500)
    expect(source.read).toBeLessThanOrEqual(4)
    events.resume()
    await clock.advance(100)
    expect((await finished).count).toBe(5)
    expect(data).toEqual([1, 2, 3, 4, 5])
    expect(batches).toEqual([[1, 2], [3, 4], [5]])
    expect(stats[0]).toBe(2)
    const stuck = flow(new Counted([1], [1e9], wait)).events({ clock })
    const over = stuck.start()
    await clock.advance(1)
    stuck.stop()
    expect((await over).count).toBe(0)
  })

  test('events: an error is told to listeners, or by the promise when there are none', async () => {
    const failing = flow([1]).map(() => { throw new Error('no') })
    await expect(failing.events().start()).rejects.toThrow('no')
    const heard: string[] = []
    const run = failing.events().on('error', ({ message }) => heard.push(message)).start()
    await run.catch(() => {})
    expect(heard).toEqual(['no'])
  })

  test('next() called many times before the first answer', async () => {
    const iterator = flow(new Counted([1, 2], [0], async () => {}))[Symbol.asyncIterator]()
    expect(await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()])).toEqual([
      { done: false, value: 1 }, { done: false, value: 2 }, { done: true, value: undefined }, { done: true, value: undefined },
    ])
  })
})
