import { systemClock, WheelEntry } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { TimeoutExceededError } from './errors.js'
import { invoke, Policy } from './policy.js'
import type { Task } from './policy.js'
import { RunContext } from './run-context.js'
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

class Timeout extends Policy {
  readonly #ms: number
  readonly #clock: Clock

  constructor({ ms, clock = systemClock }: TimeoutOptions) {
    super()
    this.#ms = ms
    this.#clock = clock
  }

  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const call = new TimedCall(context, this.#ms, reject)
      const wheel = wheelOf(this.#clock)
      wheel.add(call, this.#ms)
      invoke(task, call.context).then((value) => {
        wheel.remove(call)
        call.context.close()
        resolve(value)
      }, (error: unknown) => {
        wheel.remove(call)
        call.context.close()
        reject(error as Error)
      })
    })
  }
}

/** A call under way, which is its own entry in the timer wheel. */
class TimedCall extends WheelEntry {
  readonly context: RunContext
  readonly #ms: number
  readonly #reject: (error: Error) => void

  constructor(parent: RunContext, ms: number, reject: (error: Error) => void) {
    super()
    this.context = new RunContext(parent)
    this.#ms = ms
    this.#reject = reject
  }

  override onDeadline(): void {
    const error = new TimeoutExceededError(this.#ms)
    this.#reject(error)
    this.context.abort(error)
  }
}
