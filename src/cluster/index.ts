/**
 * cluster: what a cluster looks like, as plain data.
 *
 * Here: nodes and schema from rows of the system tables, the ring of tokens and its replicas, ScyllaDB's shards and tablets.
 * Not here: anything that opens a connection. Read `node-info.ts`, then `token-map.ts` and `schema.ts`.
 */
export { localNode, peerNode } from './node-info.js'
export type { NodeInfo, Topology } from './node-info.js'
export { compareTokens, murmur3Token, tokenToBigInt } from './murmur3.js'
export type { Token } from './murmur3.js'
export { byteOrderedPartitioner, murmur3Partitioner, partitionerOf, randomPartitioner } from './partitioner.js'
export type { CqlToken, Partitioner } from './partitioner.js'
export { replicasOfRing, replicationOf } from './replication.js'
export type { Replication } from './replication.js'
export { routingKeyOf } from './routing-key.js'
export { TokenMap } from './token-map.js'
export { shardingOf, shardOf } from './sharding.js'
export type { ShardingInfo } from './sharding.js'
export { TabletMap } from './tablets.js'
export type { Tablet, TabletReplica } from './tablets.js'
export type { AggregateMetadata, ColumnMetadata, FunctionMetadata, IndexMetadata, KeyspaceMetadata, RelationMetadata, TableMetadata, ViewMetadata } from './schema.js'
export { schemaOf, schemaTables, signatureOf } from './schema-rows.js'
export type { SchemaRow, SchemaRows } from './schema-rows.js'
export { aggregateToCql, contentsToCql, functionToCql, indexToCql, inOrderOfUse, keyspaceToCql, mapToCql, optionsToCql, tableToCql, typeDefinitionToCql, viewToCql } from './schema-to-cql.js'
