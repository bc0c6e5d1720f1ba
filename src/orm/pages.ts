import type { Client, RequestOptions, Result } from '../client/index.js'
import type { QueryOptions } from './session.js'

type AnyRow = Record<string, unknown>

/** Prepared although it has no values, since the types of its columns are then known from one run to the next. */
const PREPARED = { prepare: true } as const

/** The options of a SELECT: none for most, which take the client's shortest way. */
export function selectOptions(values: readonly unknown[], options: QueryOptions | undefined): RequestOptions | undefined {
  return options ?? (values.length === 0 ? PREPARED : undefined)
}

/**
 * The rows of a first page with those of all others.
 *
 * @throws RowCountError when there are more than `maxRows` after the first page
 */
export async function withFurtherPages(client: Client, query: string, values: readonly unknown[], options: RequestOptions | undefined, { rows, pageState }: Result): Promise<readonly AnyRow[]> {
  const further = await client.execute(query, values, { prepare: true, ...options, pageState, autoPage: true })
  return [...rows, ...further.rows]
}
