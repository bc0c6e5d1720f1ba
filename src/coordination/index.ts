/**
 * coordination: what processes share by way of the database.
 *
 * Here: the store of limits that processes share. Not here: the limiters themselves (`resilience/`). Read `cassandra-limit-store.ts` first.
 */
export { CassandraLimitStore, cassandraLimitStore } from './cassandra-limit-store.js'
export type { CassandraLimitStoreOptions } from './cassandra-limit-store.js'
export { ClusterClock } from './cluster-clock.js'
