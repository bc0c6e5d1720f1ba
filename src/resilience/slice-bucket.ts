import type { LimitAlgorithm } from './limiter.js'

/** Permits that were claimed for a stretch of time, in monotonic milliseconds. */
export interface Slice {
  permits: number
  readonly from: number
  /** From then on what is left of it is lost. */
  readonly until: number
}

/** Time that it may take to claim a slice: what begins later is of no use to those who wait now. */
const SOON_MS = 200

/** How soon whoever waits for permits that nobody knows of looks again, in milliseconds. */
const LOOK_AGAIN_MS = 50

/** Permits that come in slices from elsewhere. */
export class SliceBucket implements LimitAlgorithm {
  readonly capacity: number
  readonly #onLow: (low: boolean) => void
  readonly #onWaste: () => void
  #slices: Slice[] = []
  /** Whether all that is to come counts as being there, rather than only what begins in a moment: for those who want little. */
  thrifty = false
  /** When permits may come, as far as is known. */
  nextAt = 0

  /**
   * @param capacity permits that can be had at once
   * @param onLow called when somebody asks for permits and few are left, or with `false` when they come more slowly than they are asked for
   * @param onWaste called when permits are lost since nobody has wanted them in time
   */
  constructor(capacity: number, onLow: (low: boolean) => void, onWaste: () => void) {
    this.capacity = capacity
    this.#onLow = onLow
    this.#onWaste = onWaste
  }

  add(slice: Slice): void {
    this.#slices.push(slice)
    this.#slices.sort((a, b) => a.from - b.from)
  }

  /** Permits that are left, those of slices that are to begin in a moment included. */
  left(now: number): number {
    let sum = 0
    let ended = false
    for (const { permits, from, until } of this.#slices) {
      if (permits === 0 || until <= now) ended = true
      else if (this.thrifty || from <= now + SOON_MS) sum += permits
    }
    if (ended) this.#drop(now)
    return sum
  }

  #drop(now: number): void {
    const wasted = this.#slices.some(({ permits, until }) => permits > 0 && until <= now)
    this.#slices = this.#slices.filter(({ permits, until }) => permits > 0 && until > now)
    if (wasted) this.#onWaste()
  }

  tryTake(cost: number, now: number): boolean {
    const left = this.left(now)
    const low = this.thrifty ? left < cost : left <= Math.max(cost, this.capacity / 4)
    const there = this.available(now) >= cost
    if (low || (!there && !this.thrifty)) this.#onLow(low)
    if (!there) return false
    let owed = cost
    for (const slice of this.#slices) {
      const taken = Math.min(owed, slice.permits)
      slice.permits -= taken
      owed -= taken
      if (owed === 0) break
    }
    return true
  }

  available(now: number): number {
    return this.#slices.reduce((sum, { from, until, permits }) => (from <= now && until > now ? sum + permits : sum), 0)
  }

  /** When a slice begins that is there, or may be there; more is not known. */
  waitFor(cost: number, now: number): number {
    if (this.available(now) >= cost) return 0
    const begins = this.#slices.find(({ from }) => from > now)?.from
    // Whoever waits is served when a slice comes: without one this is a guess, and there is no sense in looking often.
    return begins === undefined ? Math.max(LOOK_AGAIN_MS, this.nextAt - now) : begins - now
  }

  /** What was claimed is given up. */
  reset(): void {
    this.#slices = []
  }

  save(now: number): readonly number[] {
    return this.#slices.flatMap(({ permits, from, until }) => [permits, from - now, until - now])
  }

  restore(state: readonly number[], now: number): void {
    this.#slices = []
    for (let i = 0; i + 2 < state.length; i += 3) this.add({ permits: state[i]!, from: state[i + 1]! + now, until: state[i + 2]! + now })
  }
}
