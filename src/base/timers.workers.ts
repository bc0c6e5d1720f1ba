import type { Clock, Timer } from './clock.js'
import type { Timers, WheelEntry } from './timer-wheel.js'

/** A timer for each entry. In a Worker timers belong to the request that set them, so that requests cannot share one. */
export class OwnTimers implements Timers {
  readonly #clock: Clock
  readonly #timers = new WeakMap<WheelEntry, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(entry: WheelEntry, ms: number): void {
    this.remove(entry)
    entry.wheelNext = entry
    this.#timers.set(entry, this.#clock.schedule(() => {
      entry.wheelNext = undefined
      entry.onDeadline()
    }, ms))
  }

  remove(entry: WheelEntry): void {
    if (entry.wheelNext === undefined) return
    entry.wheelNext = undefined
    this.#clock.cancel(this.#timers.get(entry))
  }
}

/** A timer for each entry: runtimes whose timers end with the request. */
export function timersOf(clock: Clock): Timers {
  return new OwnTimers(clock)
}
