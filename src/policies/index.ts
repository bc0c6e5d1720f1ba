/**
 * policies: pure decisions, each replaceable by a plain object.
 *
 * Here: which node, whether to retry, when to reconnect, which timestamp.
 * Not here: anything that waits or sends. Read `load-balancing.ts` first.
 */
export { roundRobin } from './load-balancing.js'
export type { LoadBalancingPolicy, QueryPlan } from './load-balancing.js'
export { defaultRetry, fallthroughRetry } from './retry.js'
export type { RetryContext, RetryDecision, RetryPolicy } from './retry.js'
export { constantReconnection, exponentialReconnection } from './reconnection.js'
export type { ReconnectionPolicy } from './reconnection.js'
export { monotonicTimestamps, serverTimestamps } from './timestamps.js'
export type { TimestampGenerator } from './timestamps.js'
