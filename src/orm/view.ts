import { OptionError } from '../base/index.js'
import type { Column, Position } from './column.js'
import type { PlaceOf } from './model-types.js'
import type { Refused } from './query-rules.js'
import type { ColumnsOf, KeyNames } from './row-types.js'
import { modelOf, Table } from './table.js'
import type { Columns, TableOptions } from './table.js'

type Keyed<C extends Column, R extends `p${Position}` | `c${Position}`> = Column<NonNullable<C['$read']>, NonNullable<C['$write']>, C['$filter'], R, 'required', 'none'>

/** The columns of a view: those of its table, with places of their own in the key and without indexes. */
export type ViewColumns<C extends Columns, Pk extends readonly string[], Ck extends readonly string[], Kept extends string> = {
  readonly [K in Kept]: K extends Pk[number] ? Keyed<C[K], `p${PlaceOf<Pk, K>}`> : K extends Ck[number] ? Keyed<C[K], `c${PlaceOf<Ck, K>}`> : Column<C[K]['$read'], C[K]['$write'], C[K]['$filter'], 'regular', 'optional', 'none'>
}

/** Options of {@link view}. */
export interface ViewOptions<C extends Columns, Pk extends readonly string[], Ck extends readonly string[], Kept extends string> {
  /** The columns of its partition key, in order. */
  readonly partitionKey: Pk & readonly (keyof C & string)[]
  /** The columns of its clustering key, in order. With the partition key it has all key columns of the table, and at most one other. @default none */
  readonly clusteringKey?: (Ck & readonly (keyof C & string)[]) | undefined
  /** The order of clustering columns. @default 'asc' for each */
  readonly order?: { readonly [K in Ck[number]]?: 'asc' | 'desc' } | undefined
  /** Those that are in no key. @default all that are not static */
  readonly columns?: readonly (Kept & keyof C & string)[] | undefined
  /** As CREATE MATERIALIZED VIEW has them after WITH. @default none */
  readonly with?: TableOptions['with']
}

/** A materialized view, as {@link view} declares it: a table that is read, and never written. */
export class View<Name extends string = string, C extends Columns = any> extends Table<Name, C> {
  /** For the compiler only: a view is no table that can be written. */
  declare readonly $view: true
}

/** Refuses views where something is written. */
export type Writable<T extends Table> = T extends View ? Refused<`'${T['name']}' is a view: write its table, and it follows`> : unknown

/**
 * Declares a materialized view: the rows of a table by another key, which Cassandra keeps in step by itself. Cassandra calls them experimental, and they are off unless `materialized_views_enabled` is set;
 * {@link keptIn} does the same from here.
 *
 * @param name in CQL
 * @param table whose rows it has
 * @throws OptionError for a key without all key columns of the table, or with more than one other, and for columns that no view can have: static ones, counters, encrypted ones
 * @example
 * ```ts
 * import { table, text, uuid, view } from 'cqlwire/orm'
 * const users = table('users', { id: uuid().partitionKey(), email: text(), name: text() })
 * const usersByEmail = view('users_by_email', users, { partitionKey: ['email'], clusteringKey: ['id'] })
 * ```
 */
export function view<const Name extends string, T extends Table, const Pk extends readonly string[], const Ck extends readonly string[] = [], Kept extends string = keyof ColumnsOf<T> & string>(
  name: Name, table: T, { partitionKey, clusteringKey, order = {}, columns, with: clauses = {} }: ViewOptions<ColumnsOf<T>, Pk, Ck, Kept>,
): View<Name, ViewColumns<ColumnsOf<T>, Pk, Ck, Kept | Pk[number] | Ck[number] | KeyNames<ColumnsOf<T>>>> {
  const base = table.model
  const fault = (message: string): OptionError => new OptionError('columns', `View ${name} of ${base.name}: ${message}`)
  const [first, then] = [partitionKey as readonly string[], (clusteringKey ?? []) as readonly string[]]
  const key = [...first, ...then]
  if (base.view) throw fault(`${base.name} is a view itself`)
  if (base.isCounter) throw fault('counters cannot be in a view')
  const unknown = [...key, ...((columns ?? []) as readonly string[])].find((property) => !base.columns.has(property))
  if (unknown !== undefined) throw fault(`there is no column '${unknown}'`)
  const twice = key.find((property, i) => key.indexOf(property) !== i)
  if (twice !== undefined) throw fault(`'${twice}' is in the key twice`)
  const missing = base.primaryKey.find(({ property }) => !key.includes(property))
  if (missing) throw fault(`'${missing.property}' is missing from its key, which has all key columns of the table`)
  const added = key.filter((property) => !base.columns.get(property)!.inKey)
  if (added.length > 1) throw fault(`'${added[1]}' is one too many in its key, which has at most one column that is not in the key of the table: '${added[0]}'`)
  const kept = [...base.columns.values()].filter(({ property, kind }) => key.includes(property) || (columns ? (columns as readonly string[]).includes(property) : kind !== 'static'))
  const made: Record<string, Column> = {}
  for (const { property, name: cqlName, column, kind } of kept) {
    if (kind === 'static') throw fault(`'${property}' is static, and no view has static columns`)
    if (column.seal) throw fault(`'${property}' is encrypted for ${base.name} and cannot be read elsewhere: name the 'columns' that the view shall have`)
    const place = (names: readonly string[]): Position => (names.indexOf(property) + 1) as Position
    const role = first.includes(property) ? (`p${place(first)}` as const) : then.includes(property) ? (`c${place(then)}` as const) : 'regular'
    made[property] = column.inView(cqlName, role, (order as Record<string, 'asc' | 'desc' | undefined>)[property] ?? 'asc')
  }
  const everyColumn = kept.length === base.columns.size
  return new View(name, made, { ...modelOf(name, made, { keyspace: base.keyspace, with: clauses }), view: { base, everyColumn } }) as never
}
