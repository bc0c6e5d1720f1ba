import type { Random } from '../base/index.js'

/** How long to wait before each new try to connect to a node. */
export interface ReconnectionPolicy {
  /** @param attempt failed tries in a row so far, from 1. @returns milliseconds */
  delayMs(attempt: number): number
}

/**
 * Waits twice as long after each failure, up to a limit, less a random part so that clients do not return all at once.
 *
 * @param options `baseMs` is the first wait (default 1,000) and `maxMs` the longest (default 60,000)
 */
export function exponentialReconnection(random: Random, options: { readonly baseMs?: number; readonly maxMs?: number } = {}): ReconnectionPolicy {
  const { baseMs = 1000, maxMs = 60_000 } = options
  return {
    delayMs(attempt) {
      const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30))
      return ceiling * (0.85 + 0.15 * random.next())
    },
  }
}

/** Always waits `ms` milliseconds. */
export function constantReconnection(ms: number): ReconnectionPolicy {
  return { delayMs: () => ms }
}
