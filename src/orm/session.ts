import { OptionError } from '../base/index.js'
import type { Events } from '../base/index.js'
import type { Client, RequestOptions } from '../client/index.js'
import type { Claims, ClaimsOptions } from '../coordination/index.js'
import type { Cursors } from './cursors.js'

/** What repositories tell those who listen, whose errors reach nobody else. Rows that others write, and builders, are not heard of. */
export interface OrmEvents {
  created: { readonly table: string; readonly key: Readonly<Record<string, unknown>> | undefined; readonly values: Readonly<Record<string, unknown>> }
  updated: { readonly table: string; readonly key: Readonly<Record<string, unknown>> | undefined; readonly values: Readonly<Record<string, unknown>> }
  deleted: { readonly table: string; readonly key: Readonly<Record<string, unknown>> }
}

/** What queries are run with. */
export interface Session {
  /** Made when the first unique column is written. */
  claims: Claims | undefined
  readonly claimsOptions: ClaimsOptions
  readonly events: Events<OrmEvents>
  readonly client: Client
  readonly cursors: Cursors
}

/** Options of one query: those of a request that make sense for it. */
export type QueryOptions = Pick<RequestOptions, 'consistency' | 'serialConsistency' | 'pageSize' | 'maxRows' | 'timeoutMs' | 'attemptTimeoutMs' | 'signal' | 'idempotent' | 'timestamp' | 'nowInSeconds' | 'tracing' | 'node' | 'profile' | 'retry' | 'speculation'>

/** @throws OptionError for anything but a whole number of at least so much */
export function checkWholeNumber(option: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw new OptionError(option, `'${option}' must be a whole number, at least ${least}, not ${String(value)}`)
}
