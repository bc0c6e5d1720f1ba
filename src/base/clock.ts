/** A timer that can be cleared; what it holds is the clock's own affair. */
export type Timer = unknown

/**
 * Where time comes from. Everything that waits or dates takes one, so that pools, policies and the
 * server's TTLs run in simulated time in tests.
 */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Milliseconds since 1970 by the wall, whole. */
  wall(): number
  /** Calls back once after `ms` milliseconds. */
  schedule(callback: () => void, ms: number): Timer
  /** Forgets a timer; harmless when it has fired. */
  cancel(timer: Timer): void
  /** Lets the process end although the timer is pending, where the runtime knows of such a thing. */
  unref(timer: Timer): void
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  schedule: (callback, ms) => setTimeout(callback, ms),
  cancel: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  unref: (timer) => (timer as { unref?: () => void }).unref?.(),
}

/**
 * The time at which this turn of the event loop first asked for it: asking a clock takes about as long as encoding a value, and whatever
 * is sent within one turn leaves together.
 */
export class TurnTime {
  readonly #clock: Clock
  #fresh = false
  #now = 0
  #wall = 0
  readonly #expire = (): void => { this.#fresh = false }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** As {@link Clock.now}. */
  now(): number {
    if (!this.#fresh) this.#ask()
    return this.#now
  }

  /** As {@link Clock.wall}. */
  wall(): number {
    if (!this.#fresh) this.#ask()
    return this.#wall
  }

  #ask(): void {
    this.#fresh = true
    this.#now = this.#clock.now()
    this.#wall = this.#clock.wall()
    void settled.then(this.#expire)
  }
}

const settled = Promise.resolve()

interface Scheduled {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** Time that moves only when told to: the twin of the system's clock for tests and simulators. */
export class SimulatedClock implements Clock {
  #now = 0
  #order = 0
  readonly #start: number
  readonly #timers = new Set<Scheduled>()

  /** @param start the wall time at which it begins, in milliseconds since 1970 */
  constructor(start = 1_700_000_000_000) {
    this.#start = start
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#start + Math.floor(this.#now)
  }

  schedule(callback: () => void, ms: number): Timer {
    const timer: Scheduled = { at: this.#now + Math.max(0, ms), order: this.#order++, callback }
    this.#timers.add(timer)
    return timer
  }

  cancel(timer: Timer): void {
    this.#timers.delete(timer as Scheduled)
  }

  unref(): void {}

  /** Timers waiting. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves on by `ms`, firing timers in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settle()
      let next: Scheduled | undefined
      for (const timer of this.#timers) {
        if (timer.at <= until && (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order))) next = timer
      }
      if (!next) break
      this.#timers.delete(next)
      this.#now = next.at
      next.callback()
    }
    this.#now = until
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
