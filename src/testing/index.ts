/**
 * testing: what tests of applications and of cqlwire itself need.
 *
 * Here: time and chance under control, for the `clock` options of client and server; a proxy that understands the protocol and
 * does harm (`fault-proxy.ts`). Not here: the embedded server itself (`cqlwire/server`).
 */
export { SeededRandom, SimulatedClock } from '../base/index.js'
export type { Clock, Random, Timer } from '../base/index.js'
export { FaultProxy, throughProxies } from './fault-proxy.js'
export type { FaultProxyOptions } from './fault-proxy.js'
export { FaultRules } from './fault-rules.js'
export type { FaultRule, NamedFault, SeenRequest } from './fault-rules.js'
export type { Rewrite } from './proxy-link.js'
