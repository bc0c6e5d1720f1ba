import { systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { invoke, Policy } from './policy.js'
import type { Task } from './policy.js'
import type { RunContext } from './run-context.js'
import { Semaphore } from './semaphore.js'

/** Options of {@link adaptiveConcurrency}. */
export interface AdaptiveConcurrencyOptions {
  /** Calls at a time to begin with. @default 20 */
  readonly initial?: number | undefined
  /** @default 1 */
  readonly min?: number | undefined
  /** @default 1000 */
  readonly max?: number | undefined
  /** How much longer than at rest calls may take before the limit falls. @default 2 */
  readonly tolerance?: number | undefined
  /** Calls that wait; more are refused. @default 0 */
  readonly queue?: number | undefined
  /** Errors that say there is too much to do: the limit falls at once. @default those with the code CQL_OVERLOADED, and time-outs */
  readonly isOverload?: ((error: unknown) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

const SMOOTHING = 0.2
/** Calls after which what counts as "at rest" is measured anew a little, lest it stay that of a lucky moment. */
const FORGETTING = 1.0005

function saysOverload(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'CQL_OVERLOADED' || code === 'CQL_REQUEST_TIMEOUT' || code === 'CQL_TIMEOUT_EXCEEDED'
}

/**
 * Finds out how many calls may run at a time: the limit falls as calls take longer than they do at rest, and rises by its square root
 * while they do not (the gradient algorithm of Netflix's concurrency-limits).
 */
export class AdaptiveConcurrency extends Policy {
  readonly #options: { readonly min: number; readonly max: number; readonly tolerance: number; readonly isOverload: (error: unknown) => boolean; readonly clock: Clock }
  readonly #semaphore: Semaphore
  #limit: number
  #atRestMs = Number.POSITIVE_INFINITY

  constructor({ initial = 20, min = 1, max = 1000, tolerance = 2, queue = 0, isOverload = saysOverload, clock = systemClock }: AdaptiveConcurrencyOptions = {}) {
    super()
    this.#options = { min, max, tolerance, isOverload, clock }
    this.#limit = initial
    this.#semaphore = new Semaphore(initial, queue, clock)
  }

  /** Calls that may run at a time now. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  get status(): { readonly limit: number; readonly running: number; readonly waiting: number; readonly atRestMs: number } {
    return { limit: this.limit, running: this.#semaphore.taken, waiting: this.#semaphore.waiting, atRestMs: this.#atRestMs }
  }

  override async execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    const ticket = this.#semaphore.tryAcquire() ?? (await this.#semaphore.acquire({ signal: context.signal }))
    const { clock, isOverload } = this.#options
    const running = this.#semaphore.taken
    const started = clock.now()
    try {
      const value = await invoke(task, context)
      this.#learn(clock.now() - started, running)
      return value
    } catch (error) {
      if (isOverload(error)) this.#set(this.#limit * 0.9)
      throw error
    } finally {
      ticket.release()
    }
  }

  #learn(ms: number, running: number): void {
    this.#atRestMs = Math.max(Math.min(this.#atRestMs * FORGETTING, ms), 1e-3)
    const gradient = Math.max(0.5, Math.min(1, (this.#options.tolerance * this.#atRestMs) / Math.max(ms, 1e-3)))
    // While there is less to do than allowed, nothing is learned of what more would do.
    if (gradient === 1 && running < this.#limit / 2) return
    const next = this.#limit * gradient + Math.sqrt(this.#limit)
    this.#set(this.#limit * (1 - SMOOTHING) + next * SMOOTHING)
  }

  #set(limit: number): void {
    this.#limit = Math.max(this.#options.min, Math.min(this.#options.max, limit))
    this.#semaphore.capacity = Math.floor(this.#limit)
  }
}

/** See {@link AdaptiveConcurrency}. @throws BulkheadFullError from guarded calls that can neither run nor wait */
export function adaptiveConcurrency(options?: AdaptiveConcurrencyOptions): AdaptiveConcurrency {
  return new AdaptiveConcurrency(options)
}
