import { systemRandom } from '../base/index.js'
import type { Random } from '../base/index.js'

/** How long to wait before each new try to connect to a node. */
export interface ReconnectionPolicy {
  /** @param attempt failed tries in a row so far, from 1. @returns milliseconds */
  delayMs(attempt: number): number
}

/** Options of {@link exponentialReconnection}. */
export interface ExponentialOptions {
  /** The longest first wait in milliseconds. @default 1000 */
  readonly baseMs?: number | undefined
  /** The longest wait of all in milliseconds. @default 60000 */
  readonly maxMs?: number | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/**
 * Waits a random time below a ceiling that doubles after each failure, so that clients do not return all at once:
 * "full jitter" of Brooker, "Exponential Backoff And Jitter" (2015), though never less than a twentieth of the ceiling.
 */
export function exponentialReconnection({ baseMs = 1000, maxMs = 60_000, random = systemRandom }: ExponentialOptions = {}): ReconnectionPolicy {
  return {
    delayMs(attempt) {
      const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30))
      return ceiling * (0.05 + 0.95 * random.next())
    },
  }
}

/** Always waits `ms` milliseconds. */
export function constantReconnection(ms: number): ReconnectionPolicy {
  return { delayMs: () => ms }
}
