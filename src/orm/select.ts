import { OptionError } from '../base/index.js'
import type { Result, TaggedStatement } from '../client/index.js'
import { RowCountError } from '../client/index.js'
import { placeConditions, tokenConditions } from './bounds.js'
import type { Bounds, Place } from './bounds.js'
import { selectOptions, withFurtherPages } from './pages.js'
import { CompiledSelect, runnable } from './compiled.js'
import { count } from './computed.js'
import type { Computed, ComputedRead } from './computed.js'
import { QueryRefusedError } from './errors.js'
import type { Placeholder } from './placeholder.js'
import type { PlaceholdersOf } from './placeholder-types.js'
import { explain } from './explain.js'
import type { Explanation } from './explain.js'
import type { Checked, SelectFault } from './query-rules.js'
import { columnOf, relationsOf } from './relation.js'
import type { ClusteringNames, ColumnsOf, Filter, KeyNames, PartialRow } from './row-types.js'
import { rowShape } from './row-shape.js'
import { selectText } from './select-text.js'
import type { SelectParts, SelectText } from './select-text.js'
import { checkWholeNumber } from './session.js'
import type { QueryOptions, Session } from './session.js'
import type { Table } from './table.js'

/** One page of rows, and the cursor of the next one. */
export interface Page<Out> {
  readonly rows: readonly Out[]
  /** Undefined at the end. */
  readonly cursor: string | undefined
}

/**
 * A SELECT. Immutable: each method returns another one. Awaited, it gives all rows, up to `maxRows`.
 *
 * The type parameters: its table, what its rows are, what it is filtered by, whether filtering is allowed, and its placeholders.
 */
export class Select<T extends Table, Out, F = unknown, Free extends boolean = false, P = unknown> implements PromiseLike<Out[]>, AsyncIterable<Out> {
  readonly #session: Session
  readonly #parts: SelectParts
  readonly #options: QueryOptions | undefined
  #text: SelectText | undefined

  /** @internal */
  constructor(session: Session, parts: SelectParts, options: QueryOptions | undefined) {
    this.#session = session
    this.#parts = parts
    this.#options = options
  }

  /** Another one with one part changed. Copying before changing takes a fifth of the time that spreading a change over a copy takes. */
  #but<K extends keyof SelectParts>(part: K, value: SelectParts[K]): Select<T, any, any, any, any> {
    const parts: { -readonly [P in keyof SelectParts]: SelectParts[P] } = { ...this.#parts }
    parts[part] = value
    return new Select(this.#session, parts, this.#options)
  }

  /**
   * Adds to what rows must have: values, lists of values (any of them), or tests such as `{ $gte: 3, $lt: 5 }`. What Cassandra cannot serve by a key
   * or a declared index does not compile, unless {@link Select.allowFiltering} comes before.
   *
   * @throws QueryRefusedError for values that are null or undefined
   */
  where<const G extends Filter<T>>(filter: G & Checked<Free extends true ? never : SelectFault<T, F & G>>): Select<T, Out, F & G, Free, P & PlaceholdersOf<T, G>> {
    return this.#filtered(filter)
  }

  /** As {@link Select.where}, for a filter put together at run time: whether Cassandra can serve it is found out when it is built, before anything is sent. */
  whereDynamic(filter: Filter<T>): Select<T, Out, F, Free, P> {
    return this.#filtered(filter)
  }

  #filtered(filter: object): Select<T, any, any, any, any> {
    const { table, relations, filtering } = this.#parts
    const added = relationsOf(table, filter as Readonly<Record<string, unknown>>)
    if (added.length === 0 && !filtering) throw new QueryRefusedError(`A filter of ${table.name} without any column finds all there is: leave .where() out to read the whole table`)
    return this.#but('relations', [...relations, ...added])
  }

  /**
   * Adds a condition as CQL, for what filters have no form for: `` cql`labels['a'] = ${label}` ``. Interpolations are bound.
   * Names are those of CQL, and whether Cassandra can serve the query it says itself.
   */
  whereRaw(condition: TaggedStatement): Select<T, Out, F, Free, P> {
    return this.#but('raw', [...this.#parts.raw, condition])
  }

  /** Takes rows of a part of the ring only: partitions whose tokens are in a range. */
  whereToken(range: Bounds<bigint>): Select<T, Out, F, Free, P> {
    return this.#but('raw', [...this.#parts.raw, ...tokenConditions(this.#parts.table, range)])
  }

  /**
   * Takes rows between two places of a partition, each given by the first clustering columns, which are compared one after the other: `{ $gt: { day: 3, id } }` is what comes after
   * that row in CQL's order, `(day, id) > (?, ?)`.
   */
  wherePlace(range: Bounds<Place<T>>): Select<T, Out, F, Free, P> {
    return this.#but('raw', [...this.#parts.raw, ...placeConditions(this.#parts.table, range)])
  }

  /** Lets Cassandra read rows that it then leaves out, at a cost that grows with the table. */
  allowFiltering(): Select<T, Out, F, true, P> {
    return this.#but('filtering', true)
  }

  /** Reads some columns only; none, when only something computed is wanted. */
  columns<const K extends keyof ColumnsOf<T> & string>(...names: readonly K[]): Select<T, PartialRow<T, K>, F, Free, P> {
    return this.#but('columns', names.map((name) => columnOf(this.#parts.table, name)))
  }

  /** Adds what the server computes, by the names that it has in the rows: `.compute({ n: count(), last: max('at') })`. */
  compute<const X extends Readonly<Record<string, Computed>>>(computed: X & { readonly [K in keyof X]: X[K] extends Computed<infer N> ? [N] extends [never] ? unknown : N extends keyof ColumnsOf<T> ? unknown : never : never }): Select<T, Out & { [K in keyof X]: ComputedRead<T, X[K]> }, F, Free, P> {
    return this.#but('computed', [...this.#parts.computed, ...Object.entries(computed as Record<string, Computed>)])
  }

  /** One row for each group of rows with the same values of these columns, which are the rows' columns then. */
  groupBy<const K extends KeyNames<ColumnsOf<T>>>(...names: readonly K[]): Select<T, PartialRow<T, K>, F, Free, P> {
    const groups = names.map((name) => columnOf(this.#parts.table, name))
    return this.#but('groups', groups).#but('columns', groups)
  }

  /** One row for each partition, of its key and its static columns. */
  distinct(): Select<T, Out, F, Free, P> {
    return this.#but('distinct', true)
  }

  /** Orders rows by a clustering column; called again, by the next one. */
  orderBy(name: ClusteringNames<ColumnsOf<T>>[number] & string, direction: 'asc' | 'desc' = 'asc'): Select<T, Out, F, Free, P> {
    return this.#but('order', [...this.#parts.order, [columnOf(this.#parts.table, name), direction]])
  }

  /** The rows whose vectors are nearest to one, nearest first: needs a storage-attached index on the column, and a limit. */
  nearest(name: keyof ColumnsOf<T> & string, vector: Float32Array | readonly number[]): Select<T, Out, F, Free, P> {
    const column = columnOf(this.#parts.table, name)
    if (column.column.type.kind !== 'vector' || !column.column.indexes.some(({ using }) => using === 'sai')) throw new OptionError('name', `${this.#parts.table.name}.${name} is no vector with a storage-attached index: .indexed({ using: 'sai' })`)
    return this.#but('nearest', [column, vector])
  }

  /** The most rows. */
  limit<const N extends number | Placeholder>(rows: N): Select<T, Out, F, Free, P & (N extends Placeholder<infer Name> ? { readonly [K in Name]: number } : unknown)> {
    if (typeof rows === 'number') checkWholeNumber('limit', rows, 1)
    return this.#but('limit', rows)
  }

  /** The most rows of each partition. */
  perPartitionLimit<const N extends number | Placeholder>(rows: N): Select<T, Out, F, Free, P & (N extends Placeholder<infer Name> ? { readonly [K in Name]: number } : unknown)> {
    if (typeof rows === 'number') checkWholeNumber('perPartitionLimit', rows, 1)
    return this.#but('perPartition', rows)
  }

  /** Options of the request, over those given before. */
  with(options: QueryOptions): Select<T, Out, F, Free, P> {
    return new Select(this.#session, this.#parts, { ...this.#options, ...options })
  }

  /** Applies a scope: a function that adds to a query, to be used by several. */
  scope<Scoped>(scope: (query: this) => Scoped): Scoped {
    return scope(this)
  }

  /**
   * The statement as it is sent.
   *
   * @throws QueryRefusedError for what Cassandra would refuse
   */
  toCQL(): { readonly query: string; readonly values: readonly unknown[] } {
    const { query, values } = this.#written()
    return { query, values }
  }

  #written(): SelectText {
    return (this.#text ??= selectText(this.#parts))
  }

  /** Fixes the query, to be run many times with values for its placeholders. */
  compile(): CompiledSelect<P, Out> {
    const { query, values } = this.#written()
    return new CompiledSelect<P, Out>(this.#session, query, values, this.#shape(), this.#options)
  }

  /** How it would be run: which way rows are found, and on which nodes. Nothing is run. */
  explain(): Promise<Explanation> {
    return explain(this.#session, this.#parts.table, this.#written())
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
  then<A = Out[], B = never>(onRows?: ((rows: Out[]) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.all().then(onRows, onError)
  }

  /** All rows, up to `maxRows`: what awaiting the query does, too. */
  async all(): Promise<Out[]> {
    const { query, values } = runnable(this.#written())
    const { client } = this.#session
    const shape = this.#shape()
    const result = await client.execute(query, values, selectOptions(values, this.#options))
    const rows = result.pageState === undefined ? result.rows : await withFurtherPages(client, query, values, this.#options, result)
    if (shape) for (const row of rows) shape(row)
    return rows as Out[]
  }

  /** The first row, or undefined when there is none. */
  async first(): Promise<Out | undefined> {
    const { limit } = this.#parts
    const one = limit === undefined ? (this.#but('limit', 1) as this) : this
    return (await one.#page()).rows[0]
  }

  /** The only row. @throws RowCountError when there is none, or more than one */
  async one(): Promise<Out> {
    const { rows } = await (this.#but('limit', 2) as this).#page()
    if (rows.length !== 1) throw new RowCountError(`Exactly one row of ${this.#parts.table.name} was expected, there are ${rows.length === 0 ? 'none' : 'more'}`)
    return rows[0]!
  }

  /** How many rows there are. Cassandra reads them all to count them. */
  async count(): Promise<number> {
    const counting = this.#but('columns', []).#but('order', []).#but('computed', [['n', count()]]) as Select<T, { n: bigint }>
    return Number((await counting.#page()).rows[0]!.n)
  }

  /** One page, as the client has it: `pageState`, `info` and all. */
  result({ pageState, ...options }: QueryOptions & { readonly pageState?: Uint8Array | undefined } = {}): Promise<Result<Out>> {
    return this.with(options).#page(pageState)
  }

  /**
   * One page, for people who turn pages.
   *
   * @param page its `size` in rows, and the `cursor` that the page before it came with
   * @throws QueryRefusedError when the cursor is not of this query
   */
  async page({ size, cursor }: { readonly size?: number | undefined; readonly cursor?: string | undefined } = {}): Promise<Page<Out>> {
    if (size !== undefined) checkWholeNumber('size', size, 1)
    const { query, values } = runnable(this.#written())
    const pageState = cursor === undefined ? undefined : await this.#session.cursors.read(query, values, cursor)
    const result = await (size === undefined ? this : this.with({ pageSize: size })).#page(pageState)
    return { rows: result.rows, cursor: result.pageState && (await this.#session.cursors.write(query, values, result.pageState)) }
  }

  /** All rows, page by page, without keeping them. */
  async *stream(): AsyncGenerator<Out, void, undefined> {
    const { query, values } = runnable(this.#written())
    const shape = this.#shape()
    const rows = this.#session.client.stream<Record<string, unknown>>(query, values, this.#options ?? {})
    for await (const row of rows) {
      shape?.(row)
      yield row as Out
    }
  }

  /** Sends the query, and gives row after row of all pages. */
  [Symbol.asyncIterator](): AsyncIterator<Out, void, undefined> {
    return this.stream()
  }

  #shape(): ((row: Record<string, unknown>) => void) | undefined {
    return rowShape(this.#parts.table, this.#parts.columns)
  }

  async #page(pageState?: Uint8Array): Promise<Result<Out>> {
    const { query, values } = runnable(this.#written())
    const shape = this.#shape()
    const result = await this.#session.client.execute<Record<string, unknown>>(query, values, { prepare: true, ...this.#options, ...(pageState && { pageState }) })
    if (shape) for (const row of result.rows) shape(row)
    return result as Result<Out>
  }
}
