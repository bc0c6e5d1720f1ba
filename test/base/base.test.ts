import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as node from '../../src/base/bytes.node.js'
import * as web from '../../src/base/bytes.web.js'
import { CodecError, CqlError, Events, fromHex, isCqlError, Lru, offAbort, onAbort, RingQueue, SeededRandom, SimulatedClock, systemClock, TimerWheel, toHex, WheelEntry } from '../../src/base/index.js'
import { OwnTimers } from '../../src/base/timers.workers.js'

test('both leaves of bytes agree, and with TextEncoder', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.nat(7), (text, offset) => {
    const expected = new TextEncoder().encode(text)
    for (const leaf of [node, web]) {
      const target = new Uint8Array(offset + text.length * 3)
      const written = leaf.utf8Encode(target, text, offset)
      expect(Buffer.compare(target.subarray(offset, offset + written), expected)).toBe(0)
      expect(leaf.utf8Decode(target, offset, offset + written)).toBe(text)
    }
    expect(web.latin1Decode(expected, 0, expected.length)).toBe(node.latin1Decode(expected, 0, expected.length))
  }))
  expect(node.allocate(8).slice(0, 4).buffer).not.toBe(node.allocate(8).buffer)
  expect(Object.getPrototypeOf(node.allocate(8))).toBe(Uint8Array.prototype)
})

test('invalid UTF-8 becomes U+FFFD in both leaves', () => {
  const bytes = Uint8Array.of(97, 0xff, 98)
  for (const leaf of [node, web]) expect(leaf.utf8Decode(bytes, 0, 3)).toBe('a\ufffdb')
})

test('hexadecimal text', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => { expect([...fromHex(toHex(bytes))!]).toEqual([...bytes]) }))
  expect(fromHex('abc')).toBe(undefined)
  expect(fromHex('zz')).toBe(undefined)
})

test('errors are recognised across copies of the package, and carry their cause', () => {
  const error = new CodecError('x', '[1]', new Error('why'))
  expect(error).toBeInstanceOf(CqlError)
  expect([error.name, error.code, error.path, (error.cause as Error).message]).toEqual(['CodecError', 'CQL_CODEC', '[1]', 'why'])
  expect(isCqlError(error)).toBe(true)
  expect(isCqlError(Object.assign(new Error('other'), { [Symbol.for('cqlwire.error')]: true }))).toBe(true)
  for (const other of [new Error('x'), null, 'x', {}]) expect(isCqlError(other)).toBe(false)
})

test('a ring queue is a queue', () => {
  fc.assert(fc.property(fc.array(fc.option(fc.integer()), { maxLength: 200 }), (steps) => {
    const ring = new RingQueue<number>()
    const model: number[] = []
    for (const step of steps) {
      if (step === null) expect(ring.shift()).toBe(model.shift())
      else {
        ring.push(step)
        model.push(step)
      }
      expect([ring.size, ring.peek()]).toEqual([model.length, model[0]])
    }
  }))
})

test('an LRU map drops what was used longest ago', () => {
  const map = new Lru<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.get('a')
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2])
})

test("a listener's error reaches neither the emitter nor the other listeners", () => {
  const events = new Events<{ tick: number }>()
  const seen: number[] = []
  const log = console.error
  const printed: unknown[] = []
  console.error = (...args: unknown[]) => { printed.push(args[0]) }
  try {
    events.on('tick', () => { throw new Error('mine') })
    const stop = events.on('tick', (n) => seen.push(n))
    events.emit('tick', 1)
    stop()
    events.emit('tick', 2)
  } finally {
    console.error = log
  }
  expect([seen, printed.length, events.has('tick')]).toEqual([[1], 2, true])
})

test('seeded chance repeats and fills its range', () => {
  const [a, b] = [new SeededRandom(7), new SeededRandom(7)]
  expect(Array.from({ length: 5 }, () => a.next())).toEqual(Array.from({ length: 5 }, () => b.next()))
  const counts = Array.from({ length: 6 }, () => 0)
  for (let i = 0; i < 6000; i++) counts[a.between(0, 5)]!++
  for (const count of counts) expect(count).toBeGreaterThan(800)
})

describe('the timer wheel, in simulated time', () => {
  class Entry extends WheelEntry {
    firedAt: number | undefined
    constructor(readonly clock: SimulatedClock, readonly then?: () => void) { super() }
    override onDeadline(): void {
      this.firedAt = this.clock.now()
      this.then?.()
    }
  }

  test('no entry fires early, and none later than two ticks', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 40 }), async (plan) => {
      const clock = new SimulatedClock()
      const wheel = new TimerWheel(clock, 10)
      const waiting: { entry: Entry; due: number }[] = []
      for (const [ms, pause] of plan) {
        const entry = new Entry(clock)
        wheel.add(entry, ms)
        waiting.push({ entry, due: clock.now() + ms })
        await clock.advance(pause)
      }
      await clock.advance(21_000)
      for (const { entry, due } of waiting) {
        expect(entry.firedAt).toBeGreaterThanOrEqual(due)
        expect(entry.firedAt).toBeLessThanOrEqual(due + 20)
      }
      expect([wheel.size, clock.pending]).toEqual([0, 0])
    }), { numRuns: 40 })
  })

  test('removed entries never fire, also when another removes them as it fires', async () => {
    const clock = new SimulatedClock()
    const wheel = new TimerWheel(clock, 10)
    const second = new Entry(clock)
    const first = new Entry(clock, () => wheel.remove(second))
    const third = new Entry(clock)
    for (const entry of [first, second, third]) wheel.add(entry, 50)
    await clock.advance(100)
    expect([first.firedAt, second.firedAt, third.firedAt]).toEqual([50, undefined, 50])
  })

  test('an entry may be added again from its own callback', async () => {
    const clock = new SimulatedClock()
    const wheel = new TimerWheel(clock, 10)
    let left = 3
    const entry: Entry = new Entry(clock, () => { if (--left > 0) wheel.add(entry, 100) })
    wheel.add(entry, 100)
    await clock.advance(1000)
    expect([left, entry.firedAt]).toEqual([0, 300])
  })
})

test('the system clock schedules and cancels', async () => {
  let fired = 0
  systemClock.cancel(systemClock.schedule(() => fired++, 1))
  await new Promise<void>((resolve) => { systemClock.schedule(resolve, 15) })
  expect(fired).toBe(0)
})

test('timers of their own, for runtimes where requests cannot share one: each fires once, or never when it is taken out', async () => {
  const clock = new SimulatedClock()
  const timers = new OwnTimers(clock)
  const fired: string[] = []
  class Entry extends WheelEntry {
    readonly name: string
    constructor(name: string) {
      super()
      this.name = name
    }
    override onDeadline(): void {
      fired.push(`${this.name} at ${clock.now()}`)
      if (this.name === 'again' && fired.length < 3) timers.add(this, 5)
    }
  }
  const [again, gone, moved] = ['again', 'gone', 'moved'].map((name) => new Entry(name))
  timers.add(again!, 10)
  timers.add(gone!, 10)
  timers.add(moved!, 10)
  timers.add(moved!, 12)
  timers.remove(gone!)
  timers.remove(gone!)
  await clock.advance(100)
  expect(fired).toEqual(['again at 10', 'moved at 12', 'again at 15'])
  expect(clock.pending).toBe(0)
})

describe('onAbort', () => {
  test('many listeners of one signal are one to the platform; each is called once, and none that was taken back', () => {
    const controller = new AbortController()
    const added: string[] = []
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => { added.push(args[0]); add(...args) }
    const called: number[] = []
    const listeners = Array.from({ length: 50 }, (_, i) => () => { called.push(i) })
    for (const listener of listeners) onAbort(signal, listener)
    offAbort(signal, listeners[7]!)
    expect(added).toEqual(['abort'])
    controller.abort()
    expect(called).toEqual(listeners.map((_, i) => i).filter((i) => i !== 7))
    const other = new AbortController()
    onAbort(other.signal, listeners[0]!)
    offAbort(other.signal, listeners[0]!)
    other.abort()
    expect(called.length).toBe(49)
  })
})
