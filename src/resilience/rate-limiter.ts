import { Lru, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { FixedWindow, Gcra, SlidingWindow, TokenBucket } from './limit-algorithms.js'
import { Limiter } from './limiter.js'
import type { LimitAlgorithm } from './limiter.js'

/** Options of {@link rateLimiter}. */
export interface RateLimiterOptions {
  /** Permits per second, or per `windowMs` with windows. */
  readonly limit: number
  /** Permits that can be had at once after a rest. @default the limit, at least 1 */
  readonly burst?: number | undefined
  /** How permits are counted. @default 'gcra' */
  readonly algorithm?: 'gcra' | 'tokenBucket' | 'fixedWindow' | 'slidingWindow' | undefined
  /** Length of the window, in milliseconds; for windows only. @default 1000 */
  readonly windowMs?: number | undefined
  /** How long guarded calls wait for a permit, in milliseconds. @default 0: they are refused */
  readonly maxWaitMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

function algorithmOf({ limit, burst = Math.max(1, limit), algorithm = 'gcra', windowMs = 1000 }: RateLimiterOptions): LimitAlgorithm {
  switch (algorithm) {
    case 'gcra': return new Gcra(limit, burst)
    case 'tokenBucket': return new TokenBucket(limit, burst)
    case 'fixedWindow': return new FixedWindow(limit, windowMs)
    case 'slidingWindow': return new SlidingWindow(limit, windowMs)
  }
}

/** Makes a limiter of calls per time. */
export function rateLimiter(options: RateLimiterOptions): Limiter {
  return new Limiter(algorithmOf(options), options.clock ?? systemClock, options.maxWaitMs ?? 0)
}

/** A limiter for each key, such as each user: those that were used longest ago are forgotten when there are too many. */
export class KeyedLimiter {
  readonly #options: RateLimiterOptions
  readonly #limiters: Lru<string, Limiter>

  /** @param maxKeys limiters kept (default 10,000) */
  constructor(options: RateLimiterOptions, maxKeys = 10_000) {
    this.#options = options
    this.#limiters = new Lru(maxKeys)
  }

  /** The limiter of a key. */
  of(key: string): Limiter {
    let limiter = this.#limiters.get(key)
    if (!limiter) this.#limiters.set(key, (limiter = rateLimiter(this.#options)))
    return limiter
  }

  get size(): number {
    return this.#limiters.size
  }
}
