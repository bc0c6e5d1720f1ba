import { Events, isCqlError, systemClock, systemRandom } from '../base/index.js'
import type { Clock, Random } from '../base/index.js'
import { DirectPolicy } from './policy.js'
import type { RetryBudget } from './retry-budget.js'
import type { RunContext } from './run-context.js'
import type { Completion, Step } from './step.js'
import { pause } from './timers.js'

/** Options of {@link retry}. */
export interface RetryOptions {
  /** Calls in all, the first one included. @default 3 */
  readonly attempts?: number | undefined
  /** The longest first pause in milliseconds; it doubles each time. @default 100 */
  readonly baseMs?: number | undefined
  /** The longest pause in milliseconds. @default 10000 */
  readonly maxMs?: number | undefined
  /** Which failures are worth another call. @default errors of cqlwire that say they are retryable, and all others but aborts */
  readonly when?: ((error: unknown) => boolean) | undefined
  /** Shared by all calls that it is to bound together. @default none */
  readonly budget?: RetryBudget | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/** What a retry policy tells. */
export interface RetryEvents {
  /** A call failed and is made again after `delayMs`. */
  retry: { readonly attempt: number; readonly delayMs: number; readonly error: unknown }
  /** A call failed for the last time. */
  giveUp: { readonly attempts: number; readonly error: unknown; readonly why: 'attempts' | 'budget' | 'error' }
}

/** Whether an error says that another try may help. */
export function isRetryable(error: unknown): boolean {
  if (isCqlError(error)) return error.outcome === 'retryable' && error.code !== 'CQL_ABORTED'
  return !(error instanceof Error && error.name === 'AbortError')
}

/** Makes a call again when it fails, after a random pause below a ceiling that doubles ("full jitter"). */
export class Retry extends DirectPolicy {
  readonly events: Events<RetryEvents> = new Events()
  readonly #options: { readonly attempts: number; readonly baseMs: number; readonly maxMs: number; readonly when: (error: unknown) => boolean; readonly clock: Clock; readonly random: Random }
  readonly #budget: RetryBudget | undefined

  constructor({ attempts = 3, baseMs = 100, maxMs = 10_000, when = isRetryable, budget, clock = systemClock, random = systemRandom }: RetryOptions = {}) {
    super()
    this.#options = { attempts, baseMs, maxMs, when, clock, random }
    this.#budget = budget
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    step.begin(context, new RetriedCall(this, step, context, completion))
  }

  /** Takes note of a call that went well. */
  onSuccess(): void {
    this.#budget?.deposit()
  }

  /** The pause before the next call after so many failed ones; undefined when that was the last. */
  delayMs(error: unknown, attempt: number, context: RunContext): number | undefined {
    const why = this.#refusal(error, attempt, context)
    if (why) {
      this.events.emit('giveUp', { attempts: attempt, error, why })
      return undefined
    }
    const { baseMs, maxMs, random } = this.#options
    const delayMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30)) * random.next()
    this.events.emit('retry', { attempt, delayMs, error })
    return delayMs
  }

  #refusal(error: unknown, attempt: number, context: RunContext): RetryEvents['giveUp']['why'] | undefined {
    if (context.aborted || !this.#options.when(error)) return 'error'
    if (attempt >= this.#options.attempts) return 'attempts'
    return this.#budget && !this.#budget.withdraw() ? 'budget' : undefined
  }

  get clock(): Clock {
    return this.#options.clock
  }
}

/** One guarded call, however often it is made. */
class RetriedCall<T> implements Completion<T> {
  readonly #retry: Retry
  readonly #step: Step<T>
  readonly #context: RunContext
  readonly #completion: Completion<T>
  #attempt = 1

  constructor(retrying: Retry, step: Step<T>, context: RunContext, completion: Completion<T>) {
    this.#retry = retrying
    this.#step = step
    this.#context = context
    this.#completion = completion
  }

  onValue(value: T): void {
    this.#retry.onSuccess()
    this.#completion.onValue(value)
  }

  onError(error: unknown): void {
    let delayMs
    try {
      delayMs = this.#retry.delayMs(error, this.#attempt++, this.#context)
    } catch (thrown) {
      return this.#completion.onError(thrown) // by the caller's own `when`
    }
    if (delayMs === undefined) return this.#completion.onError(error)
    pause(delayMs, this.#context, this.#retry.clock).then(() => this.#step.begin(this.#context, this), (aborted: unknown) => this.#completion.onError(aborted))
  }
}

/** See {@link Retry}. */
export function retry(options?: RetryOptions): Retry {
  return new Retry(options)
}
