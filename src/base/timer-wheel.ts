import type { Clock, Timer } from './clock.js'

/** Something that can wait in a {@link TimerWheel}: a link in a ring, so that waiting allocates nothing. */
export abstract class WheelEntry {
  /** @internal */
  wheelNext: WheelEntry | undefined
  /** @internal */
  wheelPrevious: WheelEntry | undefined
  /** @internal */
  wheelDeadline = 0

  /** Called once the deadline has passed, unless removed before. */
  abstract onDeadline(): void
}

/** Where entries wait for their time. */
export interface Timers {
  /** Lets an entry wait for `ms` milliseconds. */
  add(entry: WheelEntry, ms: number): void
  /** Takes an entry out; harmless when it is not in. */
  remove(entry: WheelEntry): void
}

class Head extends WheelEntry {
  override onDeadline(): void {}
}

const SLOTS = 512

/**
 * One timer for all timeouts of a client (a hashed wheel after Varghese and Lauck, 1987): adding and
 * removing cost a few assignments, and the clock is asked to call back only while something waits.
 */
export class TimerWheel implements Timers {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #slots: Head[]
  #size = 0
  #tick = 0
  #timer: Timer

  /** @param tickMs how far apart deadlines are looked at; one may fire that much late, never early */
  constructor(clock: Clock, tickMs = 10) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#slots = Array.from({ length: SLOTS }, () => {
      const head = new Head()
      head.wheelNext = head.wheelPrevious = head
      return head
    })
  }

  /** Entries waiting. */
  get size(): number {
    return this.#size
  }

  /**
   * Lets an entry wait for `ms` milliseconds.
   *
   * @param now the clock's time, from a caller that has just asked: asking costs as much as waiting
   */
  add(entry: WheelEntry, ms: number, now: number = this.#clock.now()): void {
    if (entry.wheelNext !== undefined) this.remove(entry)
    if (this.#size === 0) this.#tick = Math.floor(now / this.#tickMs)
    entry.wheelDeadline = now + ms
    // A slot is looked at once its whole tick has passed, hence the ceiling.
    const tick = Math.max(Math.ceil(entry.wheelDeadline / this.#tickMs), this.#tick + 1)
    const head = this.#slots[tick % SLOTS]!
    const last = head.wheelPrevious!
    entry.wheelPrevious = last
    entry.wheelNext = head
    last.wheelNext = entry
    head.wheelPrevious = entry
    this.#size++
    if (this.#timer === undefined) this.#arm()
  }

  /** Takes an entry out; harmless when it is not in. */
  remove(entry: WheelEntry): void {
    if (entry.wheelNext === undefined) return
    entry.wheelNext.wheelPrevious = entry.wheelPrevious
    entry.wheelPrevious!.wheelNext = entry.wheelNext
    entry.wheelNext = entry.wheelPrevious = undefined
    this.#size--
  }

  /** Stops calling back; entries left in never fire. */
  close(): void {
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    this.#timer = this.#clock.schedule(() => this.#turn(), this.#tickMs)
  }

  #turn(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    const target = Math.floor(now / this.#tickMs)
    // After a long pause every slot is due once; going round more often finds nothing new.
    const first = Math.max(this.#tick + 1, target - SLOTS + 1)
    this.#tick = target
    for (let tick = first; tick <= target; tick++) {
      const head = this.#slots[tick % SLOTS]!
      let entry = head.wheelNext!
      while (entry !== head) {
        const next = entry.wheelNext!
        if (entry.wheelDeadline <= now) {
          this.remove(entry)
          entry.onDeadline()
          // The callback may have removed `next`: start again from the head.
          if (next !== head && next.wheelNext === undefined) {
            entry = head.wheelNext!
            continue
          }
        }
        entry = next
      }
    }
    if (this.#size > 0 && this.#timer === undefined) this.#arm()
  }
}
