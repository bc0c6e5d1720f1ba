/** Options of a {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Extra calls allowed as a share of calls that went well. @default 0.1 */
  readonly ratio?: number | undefined
  /** Extra calls that may have been saved up, and that are there at the start. @default 10 */
  readonly burst?: number | undefined
}

/**
 * Bounds retries and hedges to a share of the traffic, so that they cannot multiply the load of what is failing already
 * (Beyer et al., "Site Reliability Engineering", 2016, chapter 21).
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #burst: number
  #balance: number

  constructor({ ratio = 0.1, burst = 10 }: RetryBudgetOptions = {}) {
    this.#ratio = ratio
    this.#burst = burst
    this.#balance = burst
  }

  /** Extra calls that could be made now. */
  get balance(): number {
    return Math.floor(this.#balance + 1e-9)
  }

  /** A call has gone well. */
  deposit(): void {
    this.#balance = Math.min(this.#burst, this.#balance + this.#ratio)
  }

  /** Asks for an extra call. @returns whether it may be made */
  withdraw(): boolean {
    if (this.#balance + 1e-9 < 1) return false
    this.#balance -= 1
    return true
  }
}
