/**
 * testing: what tests of applications and of cqlwire itself need.
 *
 * Here: time and chance under control, for the `clock` options of client and server. Next to come: the fault proxy.
 * Not here: the embedded server itself (`cqlwire/server`).
 */
export { SeededRandom, SimulatedClock } from '../base/index.js'
export type { Clock, Random, Timer } from '../base/index.js'
