import { QueueFullError, RingQueue } from '../base/index.js'
import type { CqlError } from '../base/index.js'
import type { Waiting } from './execution-settings.js'

/** Requests with a wish of their own that are asked at a time whether they can go on. */
const WISHES_AT_A_TIME = 16
/** Requests that have ended while they waited are taken out together, once they are so many and more than half of all. */
const MANY_ENDED = 100

/**
 * Requests that wait until a connection can take them, in the order in which they came. Those that any node may take wait for each
 * other: when the first one finds no room there is none. Those that wait for one node, or for connections of their own keyspace, wait
 * apart, so that they hold up nobody else.
 */
export class RequestQueue {
  readonly #general = new RingQueue<Waiting>()
  readonly #particular = new RingQueue<Waiting>()
  readonly #maxQueue: number
  #ended = 0

  constructor(maxQueue: number) {
    this.#maxQueue = maxQueue
  }

  get size(): number {
    return this.#general.size + this.#particular.size - this.#ended
  }

  /** Whether requests wait that any node may take: who comes after them finds no room either. */
  get holdsUp(): boolean {
    return this.#general.size > 0
  }

  /** Lets a request wait. @returns the error that it fails with when there is no room */
  push(request: Waiting): CqlError | undefined {
    if (this.size >= this.#maxQueue) {
      return new QueueFullError(`${this.size} requests wait already (maxQueue): send fewer at a time, or raise maxQueue or maxInFlight`)
    }
    request.waits = true
    ;(request.particular ? this.#particular : this.#general).push(request)
    return undefined
  }

  /** To be told of each request that ends while it waits. */
  onEnded(): void {
    this.#ended++
    if (this.#ended < MANY_ENDED || this.#ended < this.size) return
    for (const queue of [this.#general, this.#particular]) {
      for (let left = queue.size; left > 0; left--) {
        const request = this.#take(queue)!
        if (request.done) continue
        request.waits = true
        queue.push(request)
      }
    }
  }

  #take(queue: RingQueue<Waiting>): Waiting | undefined {
    const request = queue.shift()
    if (request === undefined) return undefined
    if (request.done) this.#ended--
    request.waits = false
    return request
  }

  /** Sends what waits, for as long as there is room. */
  drain(): void {
    for (let next = this.#general.peek(); next !== undefined; next = this.#general.peek()) {
      if (!next.done && next.trySend() === 'wait') break
      if (this.#general.peek() === next) this.#take(this.#general) // it may have been taken out with others that had ended
    }
    this.#drainParticular(Math.min(this.#particular.size, WISHES_AT_A_TIME))
  }

  /** The same after a connection was opened, was lost or could not be opened, which any of them may have waited for. */
  drainAll(): void {
    this.drain()
    this.#drainParticular(this.#particular.size)
  }

  /** One that must go on waiting goes to the end. */
  #drainParticular(count: number): void {
    for (let i = 0; i < count; i++) {
      const next = this.#take(this.#particular)
      if (next === undefined) return
      if (next.done || next.trySend() !== 'wait') continue
      next.waits = true
      this.#particular.push(next)
    }
  }

  /** Ends all that wait. */
  cancel(error: CqlError): void {
    for (const queue of [this.#general, this.#particular]) for (let next = this.#take(queue); next !== undefined; next = this.#take(queue)) next.cancel(error)
  }
}
