import { AbortedError, systemClock, timersOf, WheelEntry } from '../base/index.js'
import type { Clock, Timers } from '../base/index.js'
import type { RunContext } from './run-context.js'

const wheels = new WeakMap<Clock, Timers>()

/** Where a clock's policies wait: one timer for all of them, where the runtime allows that. */
export function wheelOf(clock: Clock = systemClock): Timers {
  let wheel = wheels.get(clock)
  if (!wheel) wheels.set(clock, (wheel = timersOf(clock)))
  return wheel
}

class Pause extends WheelEntry {
  readonly #context: RunContext
  readonly #wheel: Timers
  readonly #resolve: () => void
  readonly #reject: (error: Error) => void

  constructor(context: RunContext, wheel: Timers, resolve: () => void, reject: (error: Error) => void) {
    super()
    this.#context = context
    this.#wheel = wheel
    this.#resolve = resolve
    this.#reject = reject
  }

  override onDeadline(): void {
    this.#context.forget(this)
    this.#resolve()
  }

  onAbort(reason: unknown): void {
    this.#wheel.remove(this)
    this.#reject(new AbortedError(reason, 'retryable'))
  }
}

/** Waits; rejects with AbortedError at once when the context is aborted. */
export function pause(ms: number, context: RunContext, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const wheel = wheelOf(clock)
    const entry = new Pause(context, wheel, resolve, reject)
    wheel.add(entry, ms)
    context.listen(entry)
  })
}
