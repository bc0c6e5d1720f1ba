import { AbortedError, offAbort, onAbort, RingQueue, systemClock, WheelEntry } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { BulkheadFullError, LimitExceededError } from './errors.js'
import { wheelOf } from './timers.js'

/** Permits held; giving them back twice changes nothing. */
export interface Ticket extends Disposable {
  /** Gives the permit back; a second time does nothing. */
  release(): void
}

/** Options of {@link Semaphore.acquire}. */
export interface TicketOptions {
  /** @default 1 */
  readonly count?: number | undefined
  /** Gives up after so many milliseconds. @default never */
  readonly timeoutMs?: number | undefined
  /** Gives up waiting. @default none */
  readonly signal?: AbortSignal | undefined
}

/** A number of permits, handed out in the order in which they are asked for: nobody who asks for many is passed by those who ask for few. */
export class Semaphore {
  readonly #clock: Clock
  readonly #maxWaiting: number
  readonly #waiting = new RingQueue<Waiter>()
  #capacity: number
  #taken = 0
  #queued = 0

  /** @param maxWaiting callers that may wait; more are refused with BulkheadFullError */
  constructor(capacity: number, maxWaiting: number = Number.POSITIVE_INFINITY, clock: Clock = systemClock) {
    this.#capacity = capacity
    this.#maxWaiting = maxWaiting
    this.#clock = clock
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Changes the number of permits; those that are out stay out. */
  set capacity(capacity: number) {
    this.#capacity = capacity
    this.#serve()
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#queued
  }

  /** Takes permits if they are there and nobody waits. */
  tryAcquire(count = 1): Ticket | undefined {
    if (this.#queued > 0 || this.#taken + count > this.#capacity) return undefined
    this.#taken += count
    return new HeldTicket(count, this.#release)
  }

  /**
   * Waits for permits.
   *
   * @returns a ticket, for `using` or `release()`
   * @throws BulkheadFullError when too many wait already, LimitExceededError after `timeoutMs`, AbortedError
   */
  acquire({ count = 1, timeoutMs, signal }: TicketOptions = {}): Promise<Ticket> {
    if (signal?.aborted === true) return Promise.reject(new AbortedError(signal.reason, 'retryable'))
    const ticket = this.tryAcquire(count)
    if (ticket) return Promise.resolve(ticket)
    if (this.#queued >= this.#maxWaiting) return Promise.reject(new BulkheadFullError(this.#taken, this.#queued))
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(count, (given) => {
        if (signal) offAbort(signal, abort)
        resolve(given)
      }, () => giveUp(new LimitExceededError(`No permit was free within ${timeoutMs} ms`, undefined)))
      const giveUp = (error: Error): void => {
        if (waiter.ended) return
        waiter.ended = true
        this.#queued--
        wheelOf(this.#clock).remove(waiter)
        if (signal) offAbort(signal, abort)
        reject(error)
        this.#serve()
      }
      const abort = (): void => giveUp(new AbortedError(signal!.reason, 'retryable'))
      if (signal) onAbort(signal, abort)
      if (timeoutMs !== undefined) wheelOf(this.#clock).add(waiter, timeoutMs)
      this.#waiting.push(waiter)
      this.#queued++
    })
  }

  readonly #release = (count: number): void => {
    this.#taken -= count
    this.#serve()
  }

  #serve(): void {
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      if (!head.ended) {
        if (this.#taken + head.count > this.#capacity) return
        head.ended = true
        this.#queued--
        this.#taken += head.count
        wheelOf(this.#clock).remove(head)
        this.#waiting.shift()
        head.give(new HeldTicket(head.count, this.#release))
      } else this.#waiting.shift()
    }
  }
}

class HeldTicket implements Ticket {
  #count: number
  readonly #giveBack: (count: number) => void

  constructor(count: number, giveBack: (count: number) => void) {
    this.#count = count
    this.#giveBack = giveBack
  }

  release(): void {
    const count = this.#count
    this.#count = 0
    if (count > 0) this.#giveBack(count)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

class Waiter extends WheelEntry {
  readonly count: number
  readonly give: (ticket: Ticket) => void
  readonly #onTimeout: () => void
  ended = false

  constructor(count: number, give: (ticket: Ticket) => void, onTimeout: () => void) {
    super()
    this.count = count
    this.give = give
    this.#onTimeout = onTimeout
  }

  override onDeadline(): void {
    this.#onTimeout()
  }
}
