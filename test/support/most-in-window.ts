/** The most events that any stretch of `ms` milliseconds holds, both ends included. @param times in order */
export function mostInWindow(times: readonly number[], ms: number): number {
  let best = 0
  for (let from = 0, to = 0; to < times.length; to++) {
    while (times[to]! - times[from]! > ms) from++
    best = Math.max(best, to - from + 1)
  }
  return best
}
