/**
 * policies: pure decisions, each replaceable by a plain object.
 *
 * Here: which node (`token-aware.ts` and its siblings), whether to retry, whether to ask a second node meanwhile, when to
 * reconnect, which timestamp, which address. Not here: anything that waits or sends. Read `load-balancing.ts` first.
 */
export { distanceByDataCenter, planOf } from './load-balancing.js'
export type { LoadBalancingEvents, LoadBalancingPolicy, NodeDistance, QueryPlan, RoutingContext } from './load-balancing.js'
export { tokenAware } from './token-aware.js'
export type { TokenAwareOptions } from './token-aware.js'
export { roundRobin } from './round-robin.js'
export { leastInFlight } from './least-in-flight.js'
export { latencyAware } from './latency-aware.js'
export type { LatencyAwareOptions } from './latency-aware.js'
export { isNodeFault, nodeGuard } from './node-guard.js'
export type { GuardedNodeStatus, NodeGuardOptions } from './node-guard.js'
export { DatabaseGuard, databaseGuard, isDatabaseFault } from './database-guard.js'
export type { DatabaseGuardOptions } from './database-guard.js'
export { allowList } from './allow-list.js'
export { backoffRetry, defaultRetry, downgradingRetry, fallthroughRetry, isTransient } from './retry.js'
export type { BackoffOptions, RetryContext, RetryDecision, RetryPolicy, RetryWith } from './retry.js'
export { RetryBudget } from '../resilience/index.js'
export type { RetryBudgetOptions } from '../resilience/index.js'
export { constantSpeculation, noSpeculation, percentileSpeculation } from './speculation.js'
export type { LatencyView, SpeculationPolicy } from './speculation.js'
export { constantReconnection, exponentialReconnection } from './reconnection.js'
export type { ExponentialOptions, ReconnectionPolicy } from './reconnection.js'
export { monotonicTimestamps, serverTimestamps } from './timestamps.js'
export type { TimestampGenerator } from './timestamps.js'
export type { AddressTranslator, ReachableAddress } from './address-translation.js'
