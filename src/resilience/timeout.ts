import { Events, systemClock, WheelEntry } from '../base/index.js'
import type { Clock, Timers } from '../base/index.js'
import { TimeoutExceededError } from './errors.js'
import { DirectPolicy } from './policy.js'
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

/** What a time-out tells. */
export interface TimeoutEvents {
  /** A call took too long. */
  timeout: TimeoutExceededError
}

/** Ends calls that take too long: the caller is told at once, and `context.signal` tells the function. */
export class Timeout extends DirectPolicy {
  readonly events: Events<TimeoutEvents> = new Events()
  readonly #ms: number
  readonly #timers: Timers

  constructor({ ms, clock = systemClock }: TimeoutOptions) {
    super()
    this.#ms = ms
    this.#timers = wheelOf(clock)
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    const call = new TimedCall(this, context, this.#timers, completion)
    this.#timers.add(call, this.#ms)
    step.begin(call.context, call)
  }

  /** @internal a call's time is over */
  expire(): TimeoutExceededError {
    const error = new TimeoutExceededError(this.#ms)
    this.events.emit('timeout', error)
    return error
  }
}

/** See {@link Timeout}. @throws TimeoutExceededError from the guarded call */
export function timeout(options: TimeoutOptions): Timeout {
  return new Timeout(options)
}

/** A call under way, which is its own entry in the timer wheel. */
class TimedCall<T> extends WheelEntry implements Completion<T> {
  readonly context: RunContext
  readonly #timeout: Timeout
  readonly #timers: Timers
  readonly #completion: Completion<T>
  #ended = false

  constructor(owner: Timeout, parent: RunContext, timers: Timers, completion: Completion<T>) {
    super()
    this.context = new TimedContext(parent, this)
    this.#timeout = owner
    this.#timers = timers
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
    this.#timers.remove(this)
    this.context.close()
    return true
  }

  /** The caller has given up: it has been told, and nobody waits any more. */
  giveUp(): void {
    this.#ended = true
    this.#timers.remove(this)
  }

  override onDeadline(): void {
    this.#ended = true
    const error = this.#timeout.expire()
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
