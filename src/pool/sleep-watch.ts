import type { Clock } from '../base/index.js'

/** What timers may be late by in a process that runs, in milliseconds. */
const LATE_MS = 1000

/** How long a peer may take to show that it is there after this process slept, in milliseconds. */
export const WAKE_MS = 1000

/**
 * Notices that this process has not run for a while: frozen between two calls of a function, stopped, or on a machine that slept. Connections may have been closed meanwhile, and
 * what is written to one of those is lost without an error.
 */
export class SleepWatch {
  readonly #clock: Clock
  readonly #mostMs: number
  #last: number
  #offset: number

  /** @param everyMs how often it is asked at least while the process runs; 0 for not at all */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock
    this.#mostMs = everyMs > 0 ? everyMs + LATE_MS : Number.POSITIVE_INFINITY
    this.#last = clock.now()
    this.#offset = clock.wall() - this.#last
  }

  /** Takes note that the process runs. @param now in the clock's milliseconds */
  awake(now: number): void {
    this.#last = now
  }

  /** Whether the process has slept since the last time. Clocks that stand still meanwhile are seen through by the time of day. */
  slept(): boolean {
    const now = this.#clock.now()
    const offset = this.#clock.wall() - now
    const slept = now - this.#last > this.#mostMs || offset - this.#offset > this.#mostMs
    this.#last = now
    this.#offset = offset
    return slept
  }
}
