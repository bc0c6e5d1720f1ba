import type { Core } from './core.js'
import type { StatementSettings } from './executions.js'
import type { ClientOptions, RequestOptions } from './options.js'

/** All request options with their defaults filled in, and what single calls force. */
export type Settings = StatementSettings & Omit<RequestOptions, 'speculation'> & { readonly maxRows: number }

/** What requests are sent with when nothing else is said. */
export function defaultsOf(options: ClientOptions, core: Core): Settings {
  return overridden({
    consistency: 'localQuorum', serialConsistency: 'serial', pageSize: 5000, maxRows: 100_000, autoPage: false, timeoutMs: 10_000, attemptTimeoutMs: 2000, tracing: false, rowMode: 'object',
    retry: core.retry, speculation: core.speculation, keyspace: undefined,
  }, options)
}

/** Options of a request, a profile or a view; also what the caller cannot choose. */
type Overrides = { readonly [Name in keyof Settings]?: Settings[Name] | undefined }

/**
 * Settings with some of them replaced; what is undefined replaces nothing.
 *
 * Written out, so that all of them have the same members in the same order: spread and assigned as they come, they made requests with
 * options half as expensive again as those without.
 */
export function overridden(base: Settings, over: Overrides): Settings {
  return {
    consistency: over.consistency ?? base.consistency,
    serialConsistency: over.serialConsistency ?? base.serialConsistency,
    pageSize: over.pageSize ?? base.pageSize,
    pageState: over.pageState ?? base.pageState,
    autoPage: over.autoPage ?? base.autoPage,
    maxRows: over.maxRows ?? base.maxRows,
    timeoutMs: over.timeoutMs ?? base.timeoutMs,
    attemptTimeoutMs: over.attemptTimeoutMs ?? base.attemptTimeoutMs,
    signal: over.signal ?? base.signal,
    idempotent: over.idempotent ?? base.idempotent,
    timestamp: over.timestamp ?? base.timestamp,
    keyspace: over.keyspace ?? base.keyspace,
    nowInSeconds: over.nowInSeconds ?? base.nowInSeconds,
    tracing: over.tracing ?? base.tracing,
    payload: over.payload ?? base.payload,
    node: over.node ?? base.node,
    retry: over.retry ?? base.retry,
    speculation: over.speculation ?? base.speculation,
    routingKey: over.routingKey ?? base.routingKey,
    routingToken: over.routingToken ?? base.routingToken,
    rowMode: over.rowMode ?? base.rowMode,
    prepare: over.prepare ?? base.prepare,
    types: over.types ?? base.types,
    loadBalancing: over.loadBalancing ?? base.loadBalancing,
    readRows: over.readRows ?? base.readRows,
    conditional: over.conditional ?? base.conditional,
  }
}
