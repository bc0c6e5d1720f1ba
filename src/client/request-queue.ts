import { QueueFullError, RingQueue } from '../base/index.js'
import type { CqlError } from '../base/index.js'
import type { Waiting } from './execution-settings.js'

/** Requests that wait because every connection is full, in the order in which they came. */
export class RequestQueue {
  readonly #waiting = new RingQueue<Waiting>()
  readonly #maxQueue: number

  constructor(maxQueue: number) {
    this.#maxQueue = maxQueue
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Lets a request wait. @returns the error that it fails with when there is no room */
  push(request: Waiting): CqlError | undefined {
    if (this.#waiting.size >= this.#maxQueue) {
      return new QueueFullError(`${this.#waiting.size} requests wait already (maxQueue): send fewer at a time, or raise maxQueue or maxInFlight`)
    }
    this.#waiting.push(request)
    return undefined
  }

  /** Sends what waits, for as long as there is room. */
  drain(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!next.done && next.trySend() === 'wait') return
      this.#waiting.shift()
    }
  }

  /** Ends all that wait. */
  cancel(error: CqlError): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.cancel(error)
  }
}
