import type { Random } from '../base/index.js'

/** How long rows that others use are left alone at most, in slices. */
const MAX_BACKOFF = 16

/** What one process knows of one row of a shared limit. Times are those of the store, in milliseconds. */
export class LimitRow {
  readonly number: number
  /** Whether it is the row that this process prefers. */
  readonly #home: boolean
  readonly #sliceMs: number
  readonly #aheadMs: number
  readonly #random: Random
  /** The mark that was last seen; undefined when none has been. */
  mark: number | undefined
  /** Whether it is being claimed now. */
  busy = false
  #lostAt = Number.NEGATIVE_INFINITY
  #notBefore = 0
  /** How many slices long to keep away, since others are quicker. */
  #backoff = 0

  constructor(number: number, home: boolean, sliceMs: number, aheadMs: number, random: Random) {
    this.number = number
    this.#home = home
    this.#sliceMs = sliceMs
    this.#aheadMs = aheadMs
    this.#random = random
  }

  /** When it should be claimed next. */
  get claimableAt(): number {
    return Math.max(this.#notBefore, (this.mark ?? 0) - this.#aheadMs)
  }

  /** Whether it is given away for less than so many times `aheadMs`. */
  isWithin(times: number, now: number): boolean {
    return (this.mark ?? 0) <= now + times * this.#aheadMs
  }

  /** Whether its time passes unused, as far as is known. */
  isIdle(now: number): boolean {
    return (this.mark ?? 0) <= now
  }

  /** Whether another process has just told where the mark is, so that the next swap will most likely succeed. */
  isKnown(now: number): boolean {
    return now - this.#lostAt < this.#sliceMs
  }

  /** This process was the one to move the mark. */
  won(mark: number): void {
    this.mark = mark
    this.#lostAt = Number.NEGATIVE_INFINITY
    this.#approach()
    this.#leaveAlone()
  }

  /**
   * Another one was quicker. Where a row is given away for long, processes that meet at it spread out, as stations on a shared wire do
   * (binary exponential backoff); where there is time left, the next try may come at once.
   */
  lost(mark: number | undefined, now: number): void {
    this.mark = mark
    this.#lostAt = now
    if ((mark ?? 0) <= now + this.#sliceMs) {
      this.#approach()
      return
    }
    this.#backoff = Math.max(1, Math.min(MAX_BACKOFF, this.#backoff * 2))
    this.#leaveAlone()
  }

  #approach(): void {
    this.#backoff = this.#backoff < 1 ? 0 : this.#backoff / 2
  }

  /** Others' rows are left to them a little longer. */
  #leaveAlone(): void {
    const slices = this.#random.next() * this.#backoff + (this.#home ? 0 : 0.2 + 0.5 * this.#random.next())
    this.#notBefore = (this.mark ?? 0) - this.#aheadMs + slices * this.#sliceMs
  }
}
