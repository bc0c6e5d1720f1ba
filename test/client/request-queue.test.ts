// The client's queue against a plain list: nothing is lost, nothing is sent twice, and those that any node may take keep their order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QueueFullError } from '../../src/base/index.js'
import type { Waiting } from '../../src/client/execution-settings.js'
import { RequestQueue } from '../../src/client/request-queue.js'

class FakeRequest implements Waiting {
  done = false
  waits = false
  sent = false
  cancelled = false
  readonly number: number
  readonly particular: boolean
  readonly #world: World

  constructor(number: number, particular: boolean, world: World) {
    this.number = number
    this.particular = particular
    this.#world = world
  }

  trySend(): 'sent' | 'wait' | 'ended' {
    expect(this.done || this.sent).toBe(false)
    if (this.#world.failing.has(this.number)) {
      this.end()
      return 'ended'
    }
    if (this.#world.room === 0) return 'wait'
    this.#world.room--
    this.sent = true
    if (!this.particular) this.#world.order.push(this.number)
    return 'sent'
  }

  end(): void {
    if (this.done || this.sent) return
    this.done = true
    if (this.waits) this.#world.queue.onEnded()
  }

  cancel(): void {
    this.cancelled = true
    this.end()
  }
}

interface World {
  queue: RequestQueue
  room: number
  readonly failing: Set<number>
  readonly order: number[]
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), particular: fc.boolean(), failing: fc.integer({ min: 0, max: 9 }), count: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('room' as const), room: fc.integer({ min: 0, max: 60 }), all: fc.boolean() }) },
)

describe('the queue of a client', () => {
  test('loses nothing, sends nothing twice, keeps the order, and counts those that wait', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queue = new RequestQueue(1000)
      const world: World = { queue, room: 0, failing: new Set(), order: [] }
      const all: FakeRequest[] = []
      let seed = 1
      for (const each of steps) {
        if (each.kind === 'push') {
          for (let i = 0; i < each.count; i++) {
            const request = new FakeRequest(all.length, each.particular, world)
            const refusal = queue.push(request)
            if (refusal) {
              expect(refusal).toBeInstanceOf(QueueFullError)
              expect(queue.size).toBe(1000)
              break
            }
            all.push(request)
            if (i % 10 < each.failing / 3) world.failing.add(request.number)
          }
        } else if (each.kind === 'end') {
          for (const request of all) if ((seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 < each.share) request.end()
        } else {
          world.room = each.room
          if (each.all) queue.drainAll()
          else queue.drain()
          world.room = 0
        }
        expect(queue.size).toBe(all.filter(({ done, sent }) => !done && !sent).length)
      }
      world.room = all.length
      for (let i = 0; i < 2; i++) queue.drainAll()
      expect(all.filter(({ done, sent }) => !done && !sent)).toEqual([])
      expect(world.order).toEqual(world.order.toSorted((a, b) => a - b))
      expect(queue.size).toBe(0)
    }), { numRuns: 300 })
  })
  test('a request that ends while it is sent, and has those taken out that had ended before, takes nobody along', () => {
    const queue = new RequestQueue(1000)
    const world: World = { queue, room: 1000, failing: new Set([58]), order: [] }
    const all = Array.from({ length: 300 }, (_, number) => new FakeRequest(number, false, world))
    for (const request of all) queue.push(request)
    for (const request of all.slice(180)) request.end()
    queue.drain()
    expect(all.filter(({ sent }) => sent).map(({ number }) => number)).toEqual(Array.from({ length: 180 }, (_, number) => number).filter((number) => number !== 58))
    expect(queue.size).toBe(0)
  })
  test('those that come while others wait for any node are held up, and by nobody else', () => {
    const queue = new RequestQueue(10)
    const world: World = { queue, room: 0, failing: new Set(), order: [] }
    queue.push(new FakeRequest(0, true, world))
    expect(queue.holdsUp).toBe(false)
    queue.push(new FakeRequest(1, false, world))
    expect(queue.holdsUp).toBe(true)
    world.room = 1
    queue.drain()
    expect(queue.holdsUp).toBe(false)
    expect(queue.size).toBe(1)
  })
  test('what waits is ended when the client is closed', () => {
    const queue = new RequestQueue(10)
    const world: World = { queue, room: 0, failing: new Set(), order: [] }
    const all = [0, 1, 2, 3].map((number) => new FakeRequest(number, number % 2 === 0, world))
    for (const request of all) queue.push(request)
    queue.cancel(new QueueFullError('closed'))
    expect(all.every(({ cancelled }) => cancelled)).toBe(true)
    expect(queue.size).toBe(0)
  })
})
