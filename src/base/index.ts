/**
 * base: what every other room stands on, and what knows nothing of CQL.
 *
 * Here: errors and their codes, bytes and text, clock, chance, timer wheel, queues, events.
 * Not here: anything with a socket or a CQL type. Read `errors.ts` first.
 */
export * from './errors.js'
export { nameError } from './name-error.js'
export { ByteReader, checkCount, copyBytes } from './byte-reader.js'
export { ByteWriter } from './byte-writer.js'
export { allocate, latin1Decode, utf8Decode, utf8Encode } from '#bytes'
export { putAscii, SHORT_ASCII } from './short-ascii.js'
export { isReserved, quoteIdentifier, quoteText } from './cql-names.js'
export { md5 } from './md5.js'
export { fromHex, toHex } from './hex.js'
export { SimulatedClock, systemClock, TurnTime } from './clock.js'
export type { Clock, Timer } from './clock.js'
export { SeededRandom, systemRandom } from './random.js'
export type { Random } from './random.js'
export { TimerWheel, WheelEntry } from './timer-wheel.js'
export type { Timers } from './timer-wheel.js'
export { timersOf } from '#timers'
export { RingQueue } from './ring-queue.js'
export { Lru } from './lru.js'
export { Deferred } from './deferred.js'
export { offAbort, onAbort } from './on-abort.js'
export { Events } from './events.js'
export { Histogram, RecentHistogram } from './histogram.js'
export type { LatencySummary } from './histogram.js'
