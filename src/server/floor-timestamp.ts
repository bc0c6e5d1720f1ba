import type { Duration } from '../codecs/index.js'
import { invalid } from './errors.js'

const DAY = 86_400_000n

/** A moment that is so many months, days and nanoseconds later, or earlier. */
export function plusDuration(ms: bigint, { months, days, nanoseconds }: Duration, times: number): bigint {
  const date = new Date(Number(ms))
  if (months !== 0) {
    const day = date.getUTCDate()
    date.setUTCDate(1)
    date.setUTCMonth(date.getUTCMonth() + months * times)
    // The last day of a month that is shorter.
    date.setUTCDate(Math.min(day, new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()))
  }
  return BigInt(date.getTime()) + (BigInt(days) * DAY + nanoseconds / 1_000_000n) * BigInt(times)
}

/**
 * The beginning of the interval that a moment is in, of intervals of one length from `start` on (`floor()`, `Duration.java`).
 *
 * @param ms since 1970, as `start`
 */
export function floorTimestamp(ms: bigint, unit: Duration, start: bigint): bigint {
  if (start > ms) throw invalid(`The floor function starting time is greater than the provided time`)
  if (unit.months < 0 || unit.days < 0 || unit.nanoseconds < 0n) throw invalid('Negative durations are not supported by the floor function')
  const length = BigInt(unit.days) * DAY + unit.nanoseconds / 1_000_000n
  if (unit.months === 0) {
    if (length === 0n) throw invalid('The floor cannot be computed for durations of less than a millisecond')
    return ms - ((ms - start) % length)
  }
  const average = unit.months * 30.436875 * Number(DAY) + Number(length)
  let times = Math.max(0, Math.floor(Number(ms - start) / average) - 1)
  while (plusDuration(start, unit, times + 1) <= ms) times++
  return plusDuration(start, unit, times)
}
