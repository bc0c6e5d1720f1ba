import type { CasOutcome, Result } from '../client/index.js'
import { runnable } from './compiled.js'
import { QueryRefusedError } from './errors.js'
import type { QueryOptions, Session } from './session.js'
import type { WriteQuery } from './write-query.js'

/** Options of {@link Orm.batch}. */
export interface BatchWriteOptions extends QueryOptions {
  /** A logged batch is applied as a whole, sooner or later; an unlogged one saves round trips where all is of one partition. Counters have their own. @default 'logged' */
  readonly type?: 'logged' | 'unlogged' | 'counter' | undefined
}

/** What becomes of a batch: where one of its writes is conditional, all of it is. */
export type BatchOutcome<Items extends readonly WriteQuery[]> = Items extends readonly WriteQuery<false>[] ? Result : CasOutcome

/**
 * Runs several writes as one batch. This is for what must happen together, not for speed: `bulkWrite` of `cqlwire/streaming` loads.
 *
 * @throws QueryRefusedError for none at all; what the client throws
 */
export async function runBatch<const Items extends readonly WriteQuery[]>({ client }: Session, items: Items, { type = 'logged', ...options }: BatchWriteOptions): Promise<BatchOutcome<Items>> {
  if (!Array.isArray(items) || items.length === 0) throw new QueryRefusedError('A batch has at least one write')
  const texts = (items as readonly WriteQuery[]).map((item) => runnable(item.text()))
  const batch = { ...options, type }
  if (texts.some(({ conditional }) => conditional)) return client.cas(texts, undefined, batch) as Promise<BatchOutcome<Items>>
  return client.batch(texts, { ...(type !== 'counter' && texts.every(({ idempotent }) => idempotent) && { idempotent: true }), ...batch }) as Promise<BatchOutcome<Items>>
}
