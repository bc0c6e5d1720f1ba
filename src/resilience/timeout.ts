import { systemClock, WheelEntry } from '../base/index.js'
import type { Clock, Timers } from '../base/index.js'
import { TimeoutExceededError } from './errors.js'
import { DirectPolicy } from './policy.js'
import type { Policy } from './policy.js'
import { RunContext } from './run-context.js'
import type { Completion, Step } from './step.js'
import { wheelOf } from './timers.js'

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** How long a call may take, in milliseconds. */
  readonly ms: number
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/**
 * Ends calls that take too long: the caller is told at once, and `context.signal` tells the function.
 *
 * @throws TimeoutExceededError from the guarded call
 */
export function timeout(options: TimeoutOptions): Policy {
  return new Timeout(options)
}

class Timeout extends DirectPolicy {
  readonly #ms: number
  readonly #clock: Clock

  constructor({ ms, clock = systemClock }: TimeoutOptions) {
    super()
    this.#ms = ms
    this.#clock = clock
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    const wheel = wheelOf(this.#clock)
    const call = new TimedCall(context, this.#ms, wheel, completion)
    wheel.add(call, this.#ms)
    step.begin(call.context, call)
  }
}

/** A call under way, which is its own entry in the timer wheel. */
class TimedCall<T> extends WheelEntry implements Completion<T> {
  readonly context: RunContext
  readonly #ms: number
  readonly #wheel: Timers
  readonly #completion: Completion<T>
  #ended = false

  constructor(parent: RunContext, ms: number, wheel: Timers, completion: Completion<T>) {
    super()
    this.context = new TimedContext(parent, this)
    this.#ms = ms
    this.#wheel = wheel
    this.#completion = completion
  }

  onValue(value: T): void {
    if (this.#end()) this.#completion.onValue(value)
  }

  onError(error: unknown): void {
    if (this.#end()) this.#completion.onError(error)
  }

  /** Returns false when its time was over before. */
  #end(): boolean {
    if (this.#ended) return false
    this.#ended = true
    this.#wheel.remove(this)
    this.context.close()
    return true
  }

  /** The caller has given up: it has been told, and nobody waits any more. */
  giveUp(): void {
    this.#ended = true
    this.#wheel.remove(this)
  }

  override onDeadline(): void {
    this.#ended = true
    const error = new TimeoutExceededError(this.#ms)
    this.#completion.onError(error)
    this.context.abort(error)
  }
}

/** The context of a timed call, which lets go of the timer when the caller gives up. */
class TimedContext extends RunContext {
  readonly #call: TimedCall<never>

  constructor(parent: RunContext, call: TimedCall<never>) {
    super(parent)
    this.#call = call
  }

  override onAbort(reason: unknown): void {
    super.onAbort(reason)
    this.#call.giveUp()
  }
}
