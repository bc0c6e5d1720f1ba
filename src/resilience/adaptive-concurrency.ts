import { Events, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { BulkheadFullError } from './errors.js'
import { GradientLimit } from './gradient-limit.js'
import type { GradientLimitOptions } from './gradient-limit.js'
import { invoke, Policy } from './policy.js'
import type { Task } from './policy.js'
import type { RunContext } from './run-context.js'
import { Semaphore } from './semaphore.js'
import type { Ticket } from './semaphore.js'

/** Options of {@link adaptiveConcurrency}. */
export interface AdaptiveConcurrencyOptions extends GradientLimitOptions {
  /** Calls that wait; more are refused. @default 0 */
  readonly queue?: number | undefined
  /** Errors that say there is too much to do: the limit falls at once. @default those with the code CQL_OVERLOADED, and time-outs */
  readonly isOverload?: ((error: unknown) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** What adaptive concurrency tells. */
export interface AdaptiveConcurrencyEvents {
  /** More or fewer calls may run at a time. */
  limitChange: { readonly from: number; readonly to: number }
  /** A call was not made. */
  reject: BulkheadFullError
}

/** Whether an error says that there is too much to do: overload, and time that ran out. */
export function saysOverload(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'CQL_OVERLOADED' || code === 'CQL_REQUEST_TIMEOUT' || code === 'CQL_TIMEOUT_EXCEEDED'
}

/** Lets as many calls run at a time as do no harm, which it finds out by {@link GradientLimit}. */
export class AdaptiveConcurrency extends Policy {
  readonly events: Events<AdaptiveConcurrencyEvents> = new Events()
  readonly #isOverload: (error: unknown) => boolean
  readonly #clock: Clock
  readonly #gradient: GradientLimit
  readonly #semaphore: Semaphore

  constructor({ queue = 0, isOverload = saysOverload, clock = systemClock, ...options }: AdaptiveConcurrencyOptions = {}) {
    super()
    this.#isOverload = isOverload
    this.#clock = clock
    this.#gradient = new GradientLimit(options)
    this.#semaphore = new Semaphore(this.#gradient.limit, queue, clock)
  }

  /** Calls that may run at a time now. */
  get limit(): number {
    return this.#gradient.limit
  }

  get status(): { readonly limit: number; readonly running: number; readonly waiting: number; readonly atRestMs: number } {
    return { limit: this.limit, running: this.#semaphore.taken, waiting: this.#semaphore.waiting, atRestMs: this.#gradient.atRestMs }
  }

  override async execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    const ticket = this.#semaphore.tryAcquire() ?? (await this.#wait(context))
    const running = this.#semaphore.taken
    const started = this.#clock.now()
    try {
      const value = await invoke(task, context)
      this.#gradient.learn(this.#clock.now() - started, running)
      return value
    } catch (error) {
      if (this.#isOverload(error)) this.#gradient.overload()
      throw error
    } finally {
      ticket.release()
      this.#adapt()
    }
  }

  async #wait(context: RunContext): Promise<Ticket> {
    try {
      return await this.#semaphore.acquire({ signal: context.signal })
    } catch (error) {
      if (error instanceof BulkheadFullError) this.events.emit('reject', error)
      throw error
    }
  }

  #adapt(): void {
    const from = this.#semaphore.capacity
    const to = this.#gradient.limit
    if (from === to) return
    this.#semaphore.capacity = to
    this.events.emit('limitChange', { from, to })
  }
}

/** See {@link AdaptiveConcurrency}. @throws BulkheadFullError from guarded calls that can neither run nor wait */
export function adaptiveConcurrency(options?: AdaptiveConcurrencyOptions): AdaptiveConcurrency {
  return new AdaptiveConcurrency(options)
}
