/** Parts that each power of two is divided into: values are kept to about 6 %. */
const PARTS = 16
const PARTS_BITS = 4
const BUCKETS = (31 - PARTS_BITS) * PARTS + PARTS

/** What a {@link Histogram} has seen, in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly meanMs: number
  readonly maxMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/**
 * Counts durations in buckets that grow with the value, from microseconds to half an hour: recording is one increment, and
 * nothing is allocated (the idea of HdrHistogram).
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  record(ms: number): void {
    this.#counts[bucketOf(ms)]!++
    this.#count++
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
  }

  /** The value that `percent` of those recorded do not exceed, in milliseconds; undefined when there are none. */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) return undefined
    let left = Math.max(1, Math.ceil((this.#count * percent) / 100))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return Math.min(upperBoundOf(bucket), this.#max)
    }
    return this.#max
  }

  summary(): LatencySummary {
    return {
      count: this.#count, meanMs: this.#count === 0 ? 0 : this.#sum / this.#count, maxMs: this.#max,
      p50Ms: this.percentile(50) ?? 0, p95Ms: this.percentile(95) ?? 0, p99Ms: this.percentile(99) ?? 0,
    }
  }

  clear(): void {
    this.#counts.fill(0)
    this.#count = this.#sum = this.#max = 0
  }
}

function bucketOf(ms: number): number {
  const micros = Math.min(Math.max(ms * 1000, 0), 0x7fff_ffff) | 0
  if (micros < PARTS) return micros
  const exponent = 31 - Math.clz32(micros)
  return (exponent - PARTS_BITS + 1) * PARTS + ((micros >>> (exponent - PARTS_BITS)) & (PARTS - 1))
}

function upperBoundOf(bucket: number): number {
  if (bucket < PARTS) return (bucket + 1) / 1000
  const shift = Math.floor(bucket / PARTS) - 1
  return ((PARTS + (bucket % PARTS) + 1) * 2 ** shift) / 1000
}

/** A histogram of the last while: what is older than two windows is forgotten. */
export class RecentHistogram {
  readonly #windowMs: number
  #current = new Histogram()
  #previous = new Histogram()
  #since = 0

  constructor(windowMs = 10_000) {
    this.#windowMs = windowMs
  }

  /** @param now monotonic milliseconds */
  record(ms: number, now: number): void {
    if (now - this.#since >= this.#windowMs) {
      const old = this.#previous
      this.#previous = this.#current
      old.clear()
      if (now - this.#since >= 2 * this.#windowMs) this.#previous.clear()
      this.#current = old
      this.#since = now
    }
    this.#current.record(ms)
  }

  /** As {@link Histogram.percentile}, of the window before this one, or of this one while it has more. */
  percentile(percent: number, minCount = 1): number | undefined {
    const fuller = this.#previous.count >= this.#current.count ? this.#previous : this.#current
    return fuller.count >= minCount ? fuller.percentile(percent) : undefined
  }
}
