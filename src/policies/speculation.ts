import type { RetryBudget } from '../resilience/index.js'

/** What a speculation policy knows of recent requests. */
export interface LatencyView {
  /** The latency that `percent` of the recent requests stayed below, in milliseconds; undefined while there are too few. */
  percentileMs(percent: number): number | undefined
}

/**
 * Decides whether an idempotent request that is not answered yet is sent to another node, too: the first answer counts.
 * All attempts of a request share one plan, one deadline and one budget of retries.
 */
export interface SpeculationPolicy {
  /**
   * @param started attempts under way or ended, from 1
   * @returns after how many milliseconds another one begins, or undefined for no more
   */
  delayMs(started: number, latency: LatencyView): number | undefined
  /** Asked when the time of another attempt has come; it begins unless this says no. */
  mayBegin?(): boolean
  /** Told that a request has been answered, whether or not it had further attempts. */
  onAnswer?(): void
}

function boundedBy(budget: RetryBudget | undefined): Pick<SpeculationPolicy, 'mayBegin' | 'onAnswer'> {
  return budget ? { mayBegin: () => budget.withdraw(), onAnswer: () => budget.deposit() } : {}
}

/**
 * Another attempt every `delayMs` milliseconds.
 *
 * @param options `maxAttempts` counts the first one, too (default 2); `budget` bounds further attempts to a share of the requests
 */
export function constantSpeculation(options: { readonly delayMs: number; readonly maxAttempts?: number; readonly budget?: RetryBudget }): SpeculationPolicy {
  const { delayMs, maxAttempts = 2, budget } = options
  return { ...boundedBy(budget), delayMs: (started) => (started < maxAttempts ? delayMs : undefined) }
}

/**
 * Another attempt once a request takes longer than most did of late.
 *
 * @param options `percentile` of recent latencies to wait for (default 99), `maxAttempts` with the first one (default 2), and
 *   `minMs`, below which no second attempt begins (default 1); `budget` bounds further attempts to a share of the requests
 */
export function percentileSpeculation(options: { readonly percentile?: number; readonly maxAttempts?: number; readonly minMs?: number; readonly budget?: RetryBudget } = {}): SpeculationPolicy {
  const { percentile = 99, maxAttempts = 2, minMs = 1, budget } = options
  return {
    ...boundedBy(budget),
    delayMs(started, latency) {
      if (started >= maxAttempts) return undefined
      const usual = latency.percentileMs(percentile)
      return usual === undefined ? undefined : Math.max(usual, minMs)
    },
  }
}

/** Never a second attempt at the same time: the default. */
export const noSpeculation: SpeculationPolicy = { delayMs: () => undefined }
