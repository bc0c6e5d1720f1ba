import type { Client } from '../client/index.js'
import type { QueryOptions } from './session.js'

type AnyRow = Record<string, unknown>

/** Prepared although it has no values, since the types of its columns are then known from one run to the next. */
const PREPARED = { prepare: true } as const

/**
 * All rows of a SELECT. Most have one page, and no options: these take the client's shortest way.
 *
 * @throws RowCountError when there are more than `maxRows` after the first page
 */
export async function allRows(client: Client, query: string, values: readonly unknown[], options: QueryOptions | undefined): Promise<AnyRow[]> {
  const given = options ?? (values.length === 0 ? PREPARED : undefined)
  const first = await client.execute(query, values, given)
  if (first.pageState === undefined) return first.rows as AnyRow[]
  const rest = await client.execute(query, values, { ...given, pageState: first.pageState, autoPage: true })
  return [...first.rows, ...rest.rows]
}
