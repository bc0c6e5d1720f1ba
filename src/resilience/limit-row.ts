import type { Random } from '../base/index.js'

/** How long rows that others use are left alone at most, in slices. */
const MAX_BACKOFF = 4

/** Marks are as exact as that, in milliseconds. */
const EXACT_MS = 0.001

/** Permits for a time of a row, which ends where its mark was set. */
export interface Claim {
  readonly permits: number
  readonly from: number
  readonly to: number
}

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
  /** Whether this process was the last to move the mark, as far as it knows. */
  isOwn = false
  /** A claim of which it is not known what has become. */
  unsettled: Claim | undefined
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

  /** Whether one that has gone short may claim it, though others would have to wait: it is given away for less than a slice and some. */
  isWithinReach(now: number): boolean {
    return (this.mark ?? 0) <= now + this.#sliceMs + 2 * this.#aheadMs
  }

  /** Whether its time passes unused, as far as is known. */
  isIdle(now: number): boolean {
    return (this.mark ?? 0) <= now
  }

  /** This process has moved the mark. */
  won(mark: number): void {
    this.mark = mark
    this.isOwn = true
    this.#backoff = this.#notBefore = 0
  }

  /**
   * This is where the mark is now. Where a row is given away for long, processes that meet at it spread out, as stations on a shared
   * wire do (binary exponential backoff); where there is time left, the next try may come at once.
   *
   * @returns a claim of this process's own whose outcome was unknown, if it turns out to have been made
   */
  see(mark: number | undefined, now: number): Claim | undefined {
    const { unsettled } = this
    this.unsettled = undefined
    this.mark = mark
    this.isOwn = false
    if ((mark ?? 0) <= now + this.#aheadMs) this.#notBefore = 0
    else {
      this.#backoff = Math.max(1, Math.min(MAX_BACKOFF, this.#backoff * 2))
      this.#leaveAlone()
    }
    return unsettled !== undefined && mark !== undefined && Math.abs(mark - unsettled.to) < EXACT_MS ? unsettled : undefined
  }

  /** Nobody knows who has won: so many have met here that all of them must spread out. */
  contended(claim: Claim, now: number): void {
    this.unsettled = claim
    this.isOwn = false
    this.#backoff = Math.max(1, Math.min(MAX_BACKOFF, this.#backoff * 2))
    this.delay(now)
  }

  /** Leaves it alone for a random time. */
  delay(now: number): void {
    this.#notBefore = now + this.#random.next() * Math.max(0.05, this.#backoff) * this.#sliceMs
  }

  /** Others' rows are left to them a little longer. */
  #leaveAlone(): void {
    const slices = this.#random.next() * this.#backoff + (this.#home ? 0 : 0.2 + 0.5 * this.#random.next())
    this.#notBefore = (this.mark ?? 0) - this.#aheadMs + slices * this.#sliceMs
  }
}
