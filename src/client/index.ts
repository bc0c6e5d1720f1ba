/**
 * client: what users hold.
 *
 * Here: `Client` and its options, execution of statements with retries and timeouts, prepared statements, paging,
 * batches, the `cql` tag, the control connection. Not here: sockets and streams (`pool/`), bytes (`protocol/`).
 * Read `client.ts`, then `execution.ts`.
 */
export { Client } from './client.js'
export type { ClientTag } from './client.js'
export type { BatchItem, BatchOptions, Query } from './requests.js'
export type { CasOutcome, Resolution, ResolveQuestion } from './cas.js'
export type { ClusterView } from './cluster-view.js'
export type { ClientStats } from './client-stats.js'
export type { NodeMetricsSummary } from './node-metrics.js'
export type { ClientEvents, RequestEvent } from './observers.js'
export type { ClientOptions, ProfileOptions, RequestOptions, ViewOptions } from './options.js'
export { logRequests } from './request-logger.js'
export type { RequestLoggerOptions } from './request-logger.js'
export { SharedData } from './shared-data.js'
export type { SchemaScope } from './schema-cache.js'
export type { Values } from './binding.js'
export { Result, RowCountError } from './result.js'
export type { ExecutionInfo } from './result.js'
export { RowStream } from './row-stream.js'
export { BoundStatement, Statement } from './statement.js'
export { cql, Identifier, TaggedQuery, TaggedStatement } from './tag.js'
export type { CqlTag } from './tag.js'
export type { Trace, TraceEvent } from './trace.js'
export { version } from './version.js'

// Everything that people need beside the client comes with it.
export * from '../base/errors.js'
export * from '../protocol/server-errors.js'
export { ColumnarResult, ColumnVector, Decimal, Duration, jsonReplacer, LocalDate, LocalTime, timeuuid, unset, uuid } from '../codecs/index.js'
export type { Column, ColumnarOptions, ColumnData, CqlType, Encoding, EncodingOptions, FixedArray, JsonOptions, RowMode, ValueMapping } from '../codecs/index.js'
export { keyspaceToCql, routingKeyOf, tableToCql } from '../cluster/index.js'
export type { AggregateMetadata, ColumnMetadata, CqlToken, FunctionMetadata, IndexMetadata, KeyspaceMetadata, NodeInfo, RelationMetadata, Replication, TableMetadata, ViewMetadata } from '../cluster/index.js'
export type { AuthOption, AuthProvider, Authenticator, Credentials, NodePoolStats } from '../pool/index.js'
export type { BatchType, BytesMap, CompressionName, Consistency, ProtocolVersion, SchemaChange } from '../protocol/index.js'
export { webSocketTransport } from '../transport/index.js'
export type { Connect, ConnectOptions, TlsOptions, Transport, TransportHandlers, WebSocketTransportOptions } from '../transport/index.js'
