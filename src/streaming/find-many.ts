import { OptionError } from '../base/index.js'
import type { Client, RequestOptions, Values } from '../client/index.js'
import { checkCount, flow } from './flow.js'
import type { Flow } from './flow.js'
import type { Input } from './source.js'

/** Options of {@link findMany}. */
export interface FindManyOptions extends Omit<RequestOptions, 'pageState' | 'node' | 'routingKey' | 'routingToken' | 'autoPage'> {
  /** Requests at a time. @default 64 */
  readonly concurrency?: number | undefined
}

/**
 * Reads the rows of many keys: a request for each, sent to its own replica, instead of one IN for all that a single node would have
 * to put together.
 *
 * @param query a SELECT whose parameters are the key
 * @param keys values of the parameters of each request; a single value stands for a list of one
 * @returns the first row of each key that has one, in the order of the keys; those without are left out. Lazy: nothing is sent before it is iterated
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { findMany } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const users = await findMany(client, 'SELECT * FROM shop.users WHERE id = ?', ['ada', 'grace', 'nobody']).toArray()
 * ```
 */
export function findMany<Row = Record<string, unknown>>(client: Client, query: string, keys: Input<unknown>, { concurrency = 64, ...options }: FindManyOptions = {}): Flow<Row> {
  checkCount('concurrency', concurrency, 1)
  const settings = { ...options, prepare: true }
  return flow(keys)
    .parallelMap(async (key, { signal }) => (await client.execute<Row>(query, valuesOf(key), { ...settings, signal: options.signal ?? signal })).first(), { concurrency })
    .filter((row): row is Row & {} => row !== undefined) as Flow<Row>
}

function valuesOf(key: unknown): Values {
  if (key === undefined || key === null) throw new OptionError('keys', `A key is ${String(key)}`)
  if (Array.isArray(key)) return key as unknown[]
  return typeof key === 'object' && Object.getPrototypeOf(key) === Object.prototype ? (key as Values) : [key]
}
