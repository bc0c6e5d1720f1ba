import { AbortedError, Events, offAbort, onAbort, OptionError, RingQueue, systemClock, WheelEntry } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { LimitExceededError } from './errors.js'
import { DirectPolicy, invoke } from './policy.js'
import type { Task } from './policy.js'
import type { RunContext } from './run-context.js'
import type { Completion, Step } from './step.js'
import { wheelOf } from './timers.js'

/** How permits come to be: the part in which limiters differ. Times are monotonic milliseconds. */
export interface LimitAlgorithm {
  /** The most permits that can be had at once. */
  readonly capacity: number
  /** Takes permits if they are there. */
  tryTake(cost: number, now: number): boolean
  /** Milliseconds until so many permits could be had; 0 when they are there. */
  waitFor(cost: number, now: number): number
  /** Permits that are there. */
  available(now: number): number
  /** As if none had ever been taken. */
  reset(): void
  /** Plain data that {@link restore} understands, relative to `now`. */
  save(now: number): readonly number[]
  /** Takes a state that `save` has given. @param now in milliseconds */
  restore(state: readonly number[], now: number): void
}

/** Options of waiting for permits. */
export interface AcquireOptions {
  /** Permits to take. @default 1 */
  readonly cost?: number | undefined
  /** Gives up at once when it would take longer, in milliseconds. @default for ever */
  readonly maxWaitMs?: number | undefined
  /** Gives up waiting. @default none */
  readonly signal?: AbortSignal | undefined
}

/** A limiter at one moment, as plain data. */
export interface LimiterStatus {
  readonly limit: number
  readonly available: number
  /** Callers that wait. */
  readonly waiting: number
  /** Milliseconds until one permit can be had, those who wait served before. */
  readonly retryAfterMs: number
}

/** What a limiter tells. */
export interface LimiterEvents {
  /** Permits were refused. */
  reject: LimitExceededError
  /** The store that processes share could not be asked; of shared limiters only. */
  failure: Error
}

/** Permits at a rate. Those who wait are served in the order in which they came; who gives up leaves no gap. */
export class Limiter extends DirectPolicy {
  readonly events: Events<LimiterEvents> = new Events()
  readonly #algorithm: LimitAlgorithm
  readonly #clock: Clock
  readonly #maxWaitMs: number
  readonly #waiting = new RingQueue<Waiter>()
  /** Permits that those who wait ask for, and how many of them have not given up. */
  #queuedCost = 0
  #queued = 0

  /** @param maxWaitMs how long guarded calls wait for a permit, in milliseconds */
  constructor(algorithm: LimitAlgorithm, clock: Clock = systemClock, maxWaitMs = 0) {
    super()
    this.#algorithm = algorithm
    this.#clock = clock
    this.#maxWaitMs = maxWaitMs
  }

  /** Takes permits if they are there and nobody waits for them. */
  tryAcquire(cost = 1): boolean {
    return this.#queued === 0 && this.#algorithm.tryTake(cost, this.#clock.now())
  }

  /**
   * Waits for permits.
   *
   * @throws LimitExceededError at once when they cannot be had in time, AbortedError
   */
  acquire({ cost = 1, maxWaitMs = Number.POSITIVE_INFINITY, signal }: AcquireOptions = {}): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new AbortedError(signal.reason, 'retryable'))
    if (this.tryAcquire(cost)) return Promise.resolve()
    if (cost > this.#algorithm.capacity) return Promise.reject(new OptionError('cost', `${cost} permits can never be had at once: the limit is ${this.#algorithm.capacity}`))
    const waitMs = this.#algorithm.waitFor(this.#queuedCost + cost, this.#clock.now())
    if (waitMs > maxWaitMs) return Promise.reject(this.refuse(waitMs))
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(cost, resolve, reject, () => this.serve())
      this.#waiting.push(waiter)
      this.#queued++
      this.#queuedCost += cost
      if (signal) {
        const abort = (): void => {
          this.#giveUp(waiter)
          reject(new AbortedError(signal.reason, 'retryable'))
        }
        onAbort(signal, abort)
        waiter.onEnd = () => offAbort(signal, abort)
      }
      this.serve()
    })
  }

  /** Tells of a refusal. @returns the error that the caller gets */
  protected refuse(retryAfterMs: number): LimitExceededError {
    const error = new LimitExceededError(`The limit is reached; a permit can be had in ${Math.ceil(retryAfterMs)} ms`, retryAfterMs)
    this.events.emit('reject', error)
    return error
  }

  #giveUp(waiter: Waiter): void {
    if (waiter.ended) return
    this.#end(waiter)
    this.serve()
  }

  #end(waiter: Waiter): void {
    waiter.ended = true
    this.#queued--
    this.#queuedCost -= waiter.cost
    wheelOf(this.#clock).remove(waiter)
    waiter.onEnd?.()
  }

  /** Ends the waiting of all: there will be no more permits. */
  protected dismiss(error: Error): void {
    for (let head = this.#waiting.shift(); head !== undefined; head = this.#waiting.shift()) {
      if (head.ended) continue
      this.#end(head)
      head.reject(error)
    }
  }

  /** Serves whoever's turn it is, and sets the timer of the next one. */
  protected serve(): void {
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      if (!head.ended) {
        const now = this.#clock.now()
        if (!this.#algorithm.tryTake(head.cost, now)) {
          if (head.wheelNext === undefined) wheelOf(this.#clock).add(head, Math.max(this.#algorithm.waitFor(head.cost, now), 0.01))
          return
        }
        this.#end(head)
        head.resolve()
      }
      this.#waiting.shift()
    }
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    if (this.tryAcquire()) return step.begin(context, completion)
    this.acquire({ maxWaitMs: this.#maxWaitMs, ...(this.#maxWaitMs > 0 && { signal: context.signal }) })
      .then(() => step.begin(context, completion), (error: unknown) => completion.onError(error))
  }

  /** By itself, and with a permit there, it adds nothing to the function's promise. */
  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return this.tryAcquire() ? invoke(task, context) : super.execute(task, context)
  }

  /** A function that waits for a permit each time it is called. */
  throttle<Arguments extends readonly unknown[], T>(fn: (...args: Arguments) => T | Promise<T>, options?: AcquireOptions): (...args: Arguments) => Promise<T> {
    return async (...args) => {
      await this.acquire(options)
      return fn(...args)
    }
  }

  get status(): LimiterStatus {
    const now = this.#clock.now()
    return { limit: this.#algorithm.capacity, available: this.#queued > 0 ? 0 : this.#algorithm.available(now), waiting: this.#queued, retryAfterMs: this.#algorithm.waitFor(this.#queuedCost + 1, now) }
  }

  /** HTTP headers that tell a client where it stands (draft-ietf-httpapi-ratelimit-headers). */
  headers(): Record<string, string> {
    const { limit, available, retryAfterMs } = this.status
    return {
      'RateLimit-Limit': String(limit), 'RateLimit-Remaining': String(Math.floor(available)), 'RateLimit-Reset': String(Math.ceil(retryAfterMs / 1000)),
      ...(available < 1 && { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
    }
  }

  /** As if no permit had been taken; those who wait are served as far as it goes. */
  reset(): void {
    this.#algorithm.reset()
    this.serve()
  }

  /** What another process can go on from. */
  toJSON(): readonly number[] {
    return this.#algorithm.save(this.#clock.now())
  }

  /** Goes on from what {@link toJSON} gave. */
  restore(state: readonly number[]): void {
    this.#algorithm.restore(state, this.#clock.now())
  }
}

class Waiter extends WheelEntry {
  readonly cost: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  readonly #onDue: () => void
  ended = false
  /** Lets go of the caller's signal. */
  onEnd: (() => void) | undefined

  constructor(cost: number, resolve: () => void, reject: (error: Error) => void, onDue: () => void) {
    super()
    this.cost = cost
    this.resolve = resolve
    this.reject = reject
    this.#onDue = onDue
  }

  override onDeadline(): void {
    this.#onDue()
  }
}
