import type { Breaker } from './breaker.js'
import { TimeoutExceededError } from './errors.js'
import type { AbortListener, RunContext } from './run-context.js'
import type { Completion } from './step.js'

/** A call under way. Time that runs out around it is a failure at once, for the function may never end; other aborts say nothing. */
export class BreakerCall implements AbortListener {
  readonly #breaker: Breaker
  readonly #context: RunContext
  readonly #epoch: number
  readonly #started: number
  #settled = false

  constructor(owner: Breaker, context: RunContext, epoch: number, started: number) {
    this.#breaker = owner
    this.#context = context
    this.#epoch = epoch
    this.#started = started
    context.listen(this)
  }

  succeed(): void {
    this.#context.forget(this)
    this.#settle(false)
  }

  /** @returns what the caller is told */
  fail(error: unknown): unknown {
    this.#context.forget(this)
    try {
      this.#settle(this.#breaker.counts(error) ? true : undefined)
      return error
    } catch (thrown) {
      return thrown // by the caller's own `counts` or `openMs`
    }
  }

  onAbort(reason: unknown): void {
    try {
      this.#settle(reason instanceof TimeoutExceededError ? true : undefined)
    } catch {
      // The caller's own `openMs` has thrown, and who is aborting must not suffer for it.
    }
  }

  #settle(failed: boolean | undefined): void {
    if (this.#settled) return
    this.#settled = true
    this.#breaker.settle(this.#epoch, this.#started, failed)
  }
}

/** A call as part of a composition. */
export class BreakerStepCall<T> extends BreakerCall implements Completion<T> {
  readonly #completion: Completion<T>

  constructor(owner: Breaker, context: RunContext, epoch: number, started: number, completion: Completion<T>) {
    super(owner, context, epoch, started)
    this.#completion = completion
  }

  onValue(value: T): void {
    try {
      this.succeed()
    } catch (thrown) {
      return this.#completion.onError(thrown) // a slow call can open it, and ask the caller's own `openMs`
    }
    this.#completion.onValue(value)
  }

  onError(error: unknown): void {
    this.#completion.onError(this.fail(error))
  }
}
