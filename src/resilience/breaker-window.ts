/** Calls that a breaker judges by. */
export interface WindowCounts {
  calls: number
  failures: number
  slow: number
}

/** Remembers the results of recent calls. */
export interface BreakerWindow {
  record(failed: boolean, slow: boolean, now: number): void
  /** What is remembered now; the object is reused. */
  counts(now: number): Readonly<WindowCounts>
  clear(): void
}

const FAILED = 1
const SLOW = 2

/** The last so many calls. */
export class CountWindow implements BreakerWindow {
  readonly #results: Uint8Array
  readonly #counts: WindowCounts = { calls: 0, failures: 0, slow: 0 }
  #at = 0

  constructor(size: number) {
    this.#results = new Uint8Array(size)
  }

  record(failed: boolean, slow: boolean): void {
    const counts = this.#counts
    if (counts.calls === this.#results.length) {
      const old = this.#results[this.#at]!
      if (old & FAILED) counts.failures--
      if (old & SLOW) counts.slow--
    } else counts.calls++
    this.#results[this.#at] = (failed ? FAILED : 0) | (slow ? SLOW : 0)
    if (failed) counts.failures++
    if (slow) counts.slow++
    this.#at = (this.#at + 1) % this.#results.length
  }

  counts(): Readonly<WindowCounts> {
    return this.#counts
  }

  clear(): void {
    this.#at = this.#counts.calls = this.#counts.failures = this.#counts.slow = 0
  }
}

const BUCKETS = 10

/** The calls of the last while, to a tenth of it. */
export class TimeWindow implements BreakerWindow {
  readonly #bucketMs: number
  readonly #buckets: WindowCounts[] = Array.from({ length: BUCKETS }, () => ({ calls: 0, failures: 0, slow: 0 }))
  readonly #total: WindowCounts = { calls: 0, failures: 0, slow: 0 }
  /** Number of the newest bucket since the clock began. */
  #newest = Number.NEGATIVE_INFINITY

  constructor(ms: number) {
    this.#bucketMs = ms / BUCKETS
  }

  record(failed: boolean, slow: boolean, now: number): void {
    this.#advance(now)
    for (const counts of [this.#buckets[((this.#newest % BUCKETS) + BUCKETS) % BUCKETS]!, this.#total]) {
      counts.calls++
      if (failed) counts.failures++
      if (slow) counts.slow++
    }
  }

  counts(now: number): Readonly<WindowCounts> {
    this.#advance(now)
    return this.#total
  }

  clear(): void {
    for (const counts of [...this.#buckets, this.#total]) counts.calls = counts.failures = counts.slow = 0
  }

  /** Forgets buckets whose time is over. */
  #advance(now: number): void {
    const newest = Math.floor(now / this.#bucketMs)
    for (let gone = Math.max(this.#newest + 1, newest - BUCKETS + 1); gone <= newest; gone++) {
      const bucket = this.#buckets[((gone % BUCKETS) + BUCKETS) % BUCKETS]!
      this.#total.calls -= bucket.calls
      this.#total.failures -= bucket.failures
      this.#total.slow -= bucket.slow
      bucket.calls = bucket.failures = bucket.slow = 0
    }
    this.#newest = Math.max(this.#newest, newest)
  }
}
