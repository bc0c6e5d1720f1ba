/** Options of a {@link GradientLimit}. */
export interface GradientLimitOptions {
  /** Calls at a time to begin with. @default 20 */
  readonly initial?: number | undefined
  /** @default 1 */
  readonly min?: number | undefined
  /** @default 1000 */
  readonly max?: number | undefined
  /** How much longer than at rest calls may take before the limit falls. @default 2 */
  readonly tolerance?: number | undefined
  /** Calls that are tried beyond what latencies suggest: how fast the limit rises, and how low it stays. @default the square root of the limit */
  readonly headroom?: number | undefined
}

const SMOOTHING = 0.2
/** By how much each call raises what counts as "at rest", lest it stay that of a lucky moment. */
const FORGETTING = 1.0005

/**
 * How many calls may run at a time without harm: the number falls as calls take longer than they do at rest, and rises by its headroom
 * while they do not (the gradient algorithm of Netflix's concurrency-limits).
 */
export class GradientLimit {
  readonly #min: number
  readonly #max: number
  readonly #tolerance: number
  readonly #headroom: number | undefined
  #limit: number
  #atRestMs = Number.POSITIVE_INFINITY

  constructor({ initial = 20, min = 1, max = 1000, tolerance = 2, headroom }: GradientLimitOptions = {}) {
    this.#min = min
    this.#max = max
    this.#tolerance = tolerance
    this.#headroom = headroom
    this.#limit = initial
  }

  /** Calls that may run at a time now. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** How long a call takes while there is little to do, in milliseconds. */
  get atRestMs(): number {
    return this.#atRestMs
  }

  /**
   * Takes note of a call that took `ms` milliseconds, while `running` of them ran.
   *
   * @param atRestMs how long it should have taken, from those who know better (default: the least of late)
   */
  learn(ms: number, running: number, atRestMs: number = Math.min(this.#atRestMs * FORGETTING, ms)): void {
    this.#atRestMs = Math.max(atRestMs, 1e-3)
    const gradient = Math.max(0.5, Math.min(1, (this.#tolerance * this.#atRestMs) / Math.max(ms, 1e-3)))
    // While there is less to do than allowed, nothing is learned of what more would do.
    if (gradient === 1 && running < this.#limit / 2) return
    const next = this.#limit * gradient + (this.#headroom ?? Math.sqrt(this.#limit))
    this.#set(this.#limit * (1 - SMOOTHING) + next * SMOOTHING)
  }

  /** Something has said that there is too much to do. */
  overload(): void {
    this.#set(this.#limit * 0.9)
  }

  #set(limit: number): void {
    this.#limit = Math.max(this.#min, Math.min(this.#max, limit))
  }
}
