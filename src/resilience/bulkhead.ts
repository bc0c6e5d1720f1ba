import { Events, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { BulkheadFullError, LimitExceededError } from './errors.js'
import { invoke, Policy } from './policy.js'
import type { Task } from './policy.js'
import type { RunContext } from './run-context.js'
import { Semaphore } from './semaphore.js'
import type { Ticket } from './semaphore.js'

/** Options of {@link bulkhead}. */
export interface BulkheadOptions {
  /** Calls that run at a time. */
  readonly limit: number
  /** Calls that wait; more are refused. @default 0 */
  readonly queue?: number | undefined
  /** How long one may wait, in milliseconds. @default for ever */
  readonly maxWaitMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** What a bulkhead tells. */
export interface BulkheadEvents {
  /** A call was not made. */
  reject: BulkheadFullError | LimitExceededError
}

/** Lets only so many calls run at a time. */
export class Bulkhead extends Policy {
  readonly events: Events<BulkheadEvents> = new Events()
  readonly #semaphore: Semaphore
  readonly #maxWaitMs: number | undefined

  constructor({ limit, queue = 0, maxWaitMs, clock = systemClock }: BulkheadOptions) {
    super()
    this.#semaphore = new Semaphore(limit, queue, clock)
    this.#maxWaitMs = maxWaitMs
  }

  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    const ticket = this.#semaphore.tryAcquire()
    if (ticket) return held(ticket, task, context)
    return this.#semaphore.acquire({ timeoutMs: this.#maxWaitMs, signal: context.signal }).then((late) => held(late, task, context), (error: unknown) => {
      if (error instanceof BulkheadFullError || error instanceof LimitExceededError) this.events.emit('reject', error)
      throw error
    })
  }

  /** How many calls run and wait. */
  get status(): { readonly limit: number; readonly running: number; readonly waiting: number } {
    const { capacity, taken, waiting } = this.#semaphore
    return { limit: capacity, running: taken, waiting }
  }
}

/** Runs a function and gives the ticket back whatever comes of it. */
function held<T>(ticket: Ticket, task: Task<T>, context: RunContext): Promise<T> {
  return invoke(task, context).then((value) => {
    ticket.release()
    return value
  }, (error: unknown) => {
    ticket.release()
    throw error
  })
}

/** See {@link Bulkhead}. */
export function bulkhead(options: BulkheadOptions): Bulkhead {
  return new Bulkhead(options)
}
