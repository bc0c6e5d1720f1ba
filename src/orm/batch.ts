import type { CasOutcome, Result } from '../client/index.js'
import { runnable } from './compiled.js'
import { QueryRefusedError } from './errors.js'
import type { QueryOptions, Session } from './session.js'
import { WriteQuery } from './write-query.js'
import type { WriteText } from './write-query.js'

/** Options of `orm(client, tables).batch`. */
export interface BatchWriteOptions extends QueryOptions {
  /** A logged batch is applied as a whole, sooner or later; an unlogged one saves round trips where all is of one partition. Counters have their own. @default 'logged' */
  readonly type?: 'logged' | 'unlogged' | 'counter' | undefined
}

/** What a batch takes: writes, and statements of others, such as those of an outbox. */
export type BatchPart = WriteQuery | { readonly query: string; readonly values: readonly unknown[] }

/** What becomes of a batch: where one of its writes is conditional, all of it is. */
export type BatchOutcome<Items extends readonly BatchPart[]> = Extract<Items[number], WriteQuery> extends WriteQuery<false> ? Result : CasOutcome

/**
 * Runs several writes as one batch. This is for what must happen together, not for speed: `bulkWrite` of `cqlwire/streaming` loads.
 *
 * @throws QueryRefusedError for none at all; what the client throws
 */
export async function runBatch<const Items extends readonly BatchPart[]>({ client }: Session, items: Items, { type = 'logged', ...options }: BatchWriteOptions): Promise<BatchOutcome<Items>> {
  if (!Array.isArray(items) || items.length === 0) throw new QueryRefusedError('A batch has at least one write')
  const texts = (items as readonly BatchPart[]).map((item): WriteText => (item instanceof WriteQuery ? runnable(item.text()) : { query: item.query, values: item.values, conditional: false, idempotent: false }))
  const batch = { ...options, type }
  if (texts.some(({ conditional }) => conditional)) return client.cas(texts, undefined, batch) as Promise<BatchOutcome<Items>>
  return client.batch(texts, { ...(type !== 'counter' && texts.every(({ idempotent }) => idempotent) && { idempotent: true }), ...batch }) as Promise<BatchOutcome<Items>>
}
