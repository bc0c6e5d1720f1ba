/**
 * testing: what tests of applications and of cqlwire itself need.
 *
 * Here: time and chance under control, for the `clock` options of client and server; a proxy that understands the protocol and
 * does harm (`fault-proxy.ts`); arbitraries for property tests (`arbitraries/`). Not here: the embedded server itself (`cqlwire/server`).
 */
export { SeededRandom, SimulatedClock } from '../base/index.js'
export type { Clock, Random, Timer } from '../base/index.js'
export { arbitraries } from './arbitraries/arbitraries.js'
export type { Arbitraries } from './arbitraries/arbitraries.js'
export type { Arbitrary, FastCheck } from './arbitraries/fast-check.js'
export type { MessageArbitraries } from './arbitraries/message-arbitraries.js'
export type { SchemaArbitraries } from './arbitraries/schema-arbitraries.js'
export type { TypeArbitraries } from './arbitraries/type-arbitraries.js'
export type { ValueArbitraries, ValueArbitraryOptions } from './arbitraries/value-arbitraries.js'
export type { WireArbitraries } from './arbitraries/wire-arbitraries.js'
export { FaultProxy, throughProxies } from './fault-proxy.js'
export type { FaultProxyOptions } from './fault-proxy.js'
export { FaultRules } from '../server/index.js'
export type { FaultRule, NamedFault, SeenRequest } from '../server/index.js'
export type { FuzzFinding, FuzzReport } from './fuzzing/finding.js'
export { ClientFuzzer } from './fuzzing/client-fuzzer.js'
export type { ClientFuzzerOptions } from './fuzzing/client-fuzzer.js'
export { fuzzServer, replayServer } from './fuzzing/fuzz-server.js'
export type { FuzzServerOptions } from './fuzzing/fuzz-server.js'
export { Mutator } from './mutator.js'
export type { MutatorOptions } from './mutator.js'
export type { Rewrite, RewriteBody } from './proxy-link.js'
