import { Events, RecentHistogram, systemClock, WheelEntry } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { HedgeFailedError } from './errors.js'
import { invoke, Policy, Unguarded } from './policy.js'
import type { RunOptions, Task } from './policy.js'
import type { RetryBudget } from './retry-budget.js'
import { RunContext } from './run-context.js'
import type { AbortListener } from './run-context.js'
import { wheelOf } from './timers.js'

/** Options of {@link hedge}. */
export interface HedgeOptions {
  /** After how many milliseconds another attempt begins: always, or before each further one. @default by `percentile` */
  readonly delayMs?: number | readonly number[] | undefined
  /** In place of `delayMs`: once an attempt takes longer than that percentage of them did of late. @default 95 */
  readonly percentile?: number | undefined
  /** Attempts in all, the first one included. @default 2 */
  readonly attempts?: number | undefined
  /** Bounds further attempts to a share of the traffic. @default none */
  readonly budget?: RetryBudget | undefined
  /** Errors after which the other attempts are not waited for. @default none */
  readonly isFatal?: ((error: unknown) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** What a hedge tells. */
export interface HedgeEvents {
  /** A further attempt begins. */
  hedge: { readonly attempt: number; readonly afterMs: number }
  /** A call has ended well. */
  success: { readonly attempt: number; readonly attempts: number }
}

/** Measurements before a percentile counts. */
const MIN_MEASURED = 100

/**
 * Begins another attempt when one takes long; the first success wins and the others are told to give up (Dean and Barroso, "The Tail at
 * Scale", 2013). An attempt that fails brings the next one forward. For functions that may run twice without harm.
 */
export class Hedge extends Policy {
  readonly events: Events<HedgeEvents> = new Events()
  readonly #options: HedgeOptions
  readonly #clock: Clock
  readonly #recent = new RecentHistogram()

  constructor(options: HedgeOptions = {}) {
    super()
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return this.#race(() => task, this.#options.attempts ?? 2, context)
  }

  /** As `run`, with a function for each attempt: one per replica or back end, each under a breaker of its own if need be. */
  runOver<T>(tasks: readonly Task<T>[], options: RunOptions = {}): Promise<T> {
    return new Unguarded().run((context) => this.#race((attempt) => tasks[attempt]!, tasks.length, context), options)
  }

  #race<T>(taskOf: (attempt: number) => Task<T>, attempts: number, context: RunContext): Promise<T> {
    return new Promise((resolve, reject) => {
      new Race(taskOf, attempts, context, {
        delayMs: (started) => this.#delayMs(started),
        mayBegin: () => this.#options.budget?.withdraw() ?? true,
        isFatal: (error) => this.#options.isFatal?.(error) ?? false,
        onBegin: (attempt, afterMs) => this.events.emit('hedge', { attempt, afterMs }),
        onSuccess: (attempt, begun, ms) => {
          this.#recent.record(ms, this.#clock.now())
          this.#options.budget?.deposit()
          this.events.emit('success', { attempt, attempts: begun })
        },
      }, this.#clock, resolve, reject).begin()
    })
  }

  /** Undefined while too little is known for a percentile. */
  #delayMs(started: number): number | undefined {
    const { delayMs, percentile = 95 } = this.#options
    if (typeof delayMs === 'number') return delayMs
    if (delayMs) return delayMs[Math.min(started - 1, delayMs.length - 1)]
    return this.#recent.percentile(percentile, MIN_MEASURED)
  }
}

interface RaceRules {
  delayMs(started: number): number | undefined
  mayBegin(): boolean
  isFatal(error: unknown): boolean
  onBegin(attempt: number, afterMs: number): void
  onSuccess(attempt: number, begun: number, ms: number): void
}

/** One hedged call: its own timer of the next attempt. */
class Race<T> extends WheelEntry implements AbortListener {
  readonly #taskOf: (attempt: number) => Task<T>
  readonly #attempts: number
  readonly #context: RunContext
  readonly #rules: RaceRules
  readonly #clock: Clock
  readonly #resolve: (value: T) => void
  readonly #reject: (error: Error) => void
  readonly #contexts: RunContext[] = []
  readonly #errors: unknown[] = []
  readonly #started: number
  #failed = 0
  #done = false

  constructor(taskOf: (attempt: number) => Task<T>, attempts: number, context: RunContext, rules: RaceRules, clock: Clock, resolve: (value: T) => void, reject: (error: Error) => void) {
    super()
    this.#taskOf = taskOf
    this.#attempts = attempts
    this.#context = context
    this.#rules = rules
    this.#clock = clock
    this.#resolve = resolve
    this.#reject = reject
    this.#started = clock.now()
  }

  begin(): void {
    this.#context.listen(this)
    this.#attempt()
  }

  override onDeadline(): void {
    this.#another()
  }

  /** The caller has given up: no further attempt begins. */
  onAbort(): void {
    wheelOf(this.#clock).remove(this)
  }

  #another(): boolean {
    if (this.#done || this.#context.aborted || this.#contexts.length >= this.#attempts || !this.#rules.mayBegin()) return false
    this.#rules.onBegin(this.#contexts.length + 1, this.#clock.now() - this.#started)
    this.#attempt()
    return true
  }

  #attempt(): void {
    const attempt = this.#contexts.length
    const context = new RunContext(this.#context)
    this.#contexts.push(context)
    const began = this.#clock.now()
    const delayMs = this.#contexts.length < this.#attempts ? this.#rules.delayMs(this.#contexts.length) : undefined
    if (delayMs !== undefined) wheelOf(this.#clock).add(this, delayMs)
    invoke(this.#taskOf(attempt), context).then((value) => {
      if (this.#done) return
      this.#rules.onSuccess(attempt + 1, this.#contexts.length, this.#clock.now() - began)
      this.#end(attempt)
      this.#resolve(value)
    }, (error: unknown) => this.#onFailure(attempt, error))
  }

  #onFailure(attempt: number, error: unknown): void {
    if (this.#done) return
    this.#errors[attempt] = error
    this.#failed++
    if (!this.#rules.isFatal(error)) {
      // Waiting for the timer would be of no use: the next attempt takes the place of this one.
      wheelOf(this.#clock).remove(this)
      if (this.#another() || this.#failed < this.#contexts.length) return
    }
    this.#end(attempt)
    const errors = this.#errors.filter((one) => one !== undefined)
    this.#reject((errors.length > 1 && !this.#rules.isFatal(error) ? new HedgeFailedError(errors) : error) as Error)
  }

  #end(winner: number): void {
    this.#done = true
    wheelOf(this.#clock).remove(this)
    this.#context.forget(this)
    for (const [attempt, context] of this.#contexts.entries()) {
      if (attempt === winner) context.close()
      else context.abort(new Error('Another attempt has ended first'))
    }
  }
}

/** See {@link Hedge}. */
export function hedge(options?: HedgeOptions): Hedge {
  return new Hedge(options)
}
