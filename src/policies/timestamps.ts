import type { Clock } from '../base/index.js'

/** Gives the microseconds since 1970 that a request's writes are dated with, or undefined to let the coordinator choose. */
export type TimestampGenerator = () => bigint | undefined

/** Timestamps that never repeat or go back within one client, whatever the clock does. */
export function monotonicTimestamps(clock: Pick<Clock, 'wall'>): TimestampGenerator {
  // Kept as milliseconds and a count below 1,000, because numbers are far cheaper than big integers.
  let lastMs = 0
  let count = 0
  return () => {
    const ms = clock.wall()
    if (ms > lastMs) {
      lastMs = ms
      count = 0
    } else if (++count === 1000) {
      lastMs++
      count = 0
    }
    return BigInt(lastMs) * 1000n + BigInt(count)
  }
}

/** Lets the coordinator date writes. */
export const serverTimestamps: TimestampGenerator = () => undefined
