import type { Clock } from '../base/index.js'

/** Gives the microseconds since 1970 that a request's writes are dated with, or undefined to let the coordinator choose. */
export type TimestampGenerator = () => bigint | undefined

/** What is added to the microseconds of a millisecond's beginning: made once, since a big integer costs as much as encoding a value. */
const counts = Array.from({ length: 1000 }, (_, count) => BigInt(count))

/** Timestamps that never repeat or go back within one client, whatever the clock does. */
export function monotonicTimestamps(clock: Pick<Clock, 'wall'>): TimestampGenerator {
  let lastMs = 0
  let begin = 0n
  let count = 0
  return () => {
    const ms = clock.wall()
    if (ms <= lastMs && ++count < counts.length) return begin + counts[count]!
    lastMs = Math.max(ms, lastMs + 1)
    begin = BigInt(lastMs) * 1000n
    count = 0
    return begin
  }
}

/** Lets the coordinator date writes. */
export const serverTimestamps: TimestampGenerator = () => undefined
