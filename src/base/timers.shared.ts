import type { Clock } from './clock.js'
import { TimerWheel } from './timer-wheel.js'
import type { Timers } from './timer-wheel.js'

/** One timer for all that waits: runtimes whose timers live as long as the process. */
export function timersOf(clock: Clock): Timers {
  return new TimerWheel(clock)
}
