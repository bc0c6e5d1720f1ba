/**
 * coordination: what processes share by way of the database.
 *
 * Here: leases, claims of unique values, an outbox, and the store of limits that processes share. Not here: the limiters themselves (`resilience/`). Read `lease.ts` first.
 */
export { CassandraLimitStore, cassandraLimitStore } from './cassandra-limit-store.js'
export type { CassandraLimitStoreOptions } from './cassandra-limit-store.js'
export { ClusterClock } from './cluster-clock.js'
export { acquireLease, Lease } from './lease.js'
export type { LeaseOptions } from './lease.js'
export { Claim, Claims, ClaimTakenError } from './claims.js'
export type { ClaimJudge, ClaimRow, ClaimsOptions } from './claims.js'
export { Outbox } from './outbox.js'
export type { OutboxEvent, OutboxOptions, OutboxStatement } from './outbox.js'
