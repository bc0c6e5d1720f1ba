import type { Clock, Timer } from '../base/index.js'

/**
 * Calls a function again and again; the process may end meanwhile.
 *
 * @param onError told of what it throws
 * @returns a function that ends it
 */
export function repeat(clock: Clock, everyMs: number, fn: () => void, onError: (error: Error) => void): () => void {
  let timer: Timer
  const schedule = (): void => {
    timer = clock.schedule(tick, everyMs)
    clock.unref(timer)
  }
  const tick = (): void => {
    schedule()
    try {
      fn()
    } catch (error) {
      onError(error as Error)
    }
  }
  schedule()
  return () => clock.cancel(timer)
}
