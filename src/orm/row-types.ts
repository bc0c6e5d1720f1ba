// Types of rows and of what is written, from a table's columns. Types only: nothing of this exists at run time.
import type { Column } from './column.js'
import type { Columns, Table } from './table.js'

/** The columns of a table. */
export type ColumnsOf<T extends Table> = T['columns']

/** Names of columns by what they are: `{ p1: 'org', c1: 'id', regular: 'email' | 'name' }`. */
type ByRole<C extends Columns> = { [K in keyof C & string as C[K]['role']]: K }

type Named<C extends Columns, Roles extends string> = ByRole<C>[keyof ByRole<C> & Roles]

/** Names of the columns of the partition key, in any order. */
export type PartitionNames<C extends Columns> = Named<C, `p${number}`>
/** Names of all columns of the primary key. */
export type KeyNames<C extends Columns> = Named<C, `p${number}` | `c${number}`>
/** Names of static columns. */
export type StaticNames<C extends Columns> = Named<C, 'static'>
/** Names of counters. */
export type CounterNames<C extends Columns> = Named<C, 'counter'>
/** Names of the columns of the clustering key, in their order. */
export type ClusteringNames<C extends Columns> = InOrder<ByRole<C>, ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8']>

type InOrder<R, Places extends readonly string[]> = Places extends readonly [infer P extends string, ...infer Rest extends readonly string[]]
  ? P extends keyof R ? [R[P], ...InOrder<R, Rest>] : []
  : []

/** Has editors show what a type has in it, instead of the name that it has here and all that it is made of. */
export type Shown<T> = [T] extends [unknown] ? { [K in keyof T]: T[K] } & {} : never

/** A row as it is read. */
export type Row<T extends Table> = Shown<{ [K in keyof ColumnsOf<T>]: ColumnsOf<T>[K]['$read'] }>

/** Some columns of a row. */
export type PartialRow<T extends Table, K extends keyof ColumnsOf<T>> = Shown<{ [P in K]: ColumnsOf<T>[P]['$read'] }>

type RequiredNames<C extends Columns> = { [K in keyof C]: C[K]['$given'] extends 'required' ? K : never }[keyof C]

/** What an INSERT takes: keys and required columns, and any of the others. A table of counters has none. */
export type Insert<T extends Table> = CounterNames<ColumnsOf<T>> extends never
  ? { readonly [K in RequiredNames<ColumnsOf<T>>]: ColumnsOf<T>[K]['$write'] } & { readonly [K in Exclude<keyof ColumnsOf<T>, RequiredNames<ColumnsOf<T>>>]?: ColumnsOf<T>[K]['$write'] }
  : never

/** The primary key of a row. */
export type Key<T extends Table> = Shown<{ readonly [K in KeyNames<ColumnsOf<T>>]: ColumnsOf<T>[K]['$write'] }>

/** What a list, set, map or counter can be changed by, besides being written as a whole. */
export type Change<C extends Column> =
  C['role'] extends 'counter' ? { readonly $increment: bigint | number } | { readonly $decrement: bigint | number }
    : NonNullable<C['$read']> extends Map<infer K, infer V> ? C['$write'] | { readonly $put: ReadonlyMap<K, V> } | { readonly $remove: readonly K[] | ReadonlySet<K> }
      : NonNullable<C['$read']> extends Set<infer E> ? C['$write'] | { readonly $add: readonly E[] | ReadonlySet<E> } | { readonly $remove: readonly E[] | ReadonlySet<E> }
        : NonNullable<C['$read']> extends (infer E)[] ? C['$write'] | { readonly $append: readonly E[] } | { readonly $prepend: readonly E[] } | { readonly $remove: readonly E[] }
          : C['$write']

/** What an UPDATE sets: anything but keys. */
export type Update<T extends Table> = { readonly [K in Exclude<keyof ColumnsOf<T>, KeyNames<ColumnsOf<T>>>]?: Change<ColumnsOf<T>[K]> }

/** A filter whose columns and values are checked; whether Cassandra can serve it is checked when it is built. */
export type Filter<T extends Table> = { readonly [K in keyof ColumnsOf<T>]?: ColumnsOf<T>[K]['$filter'] }

/** What a column is compared with in an IF clause: as in a filter, and null for nothing there. */
type Condition<C extends Column> = C['$filter'] | C['$write'] | { readonly $ne: C['$write'] } | null

/** The conditions of a lightweight transaction: of any column that is not in the key. */
export type ConditionsOf<T extends Table> = { readonly [K in Exclude<keyof ColumnsOf<T>, KeyNames<ColumnsOf<T>>>]?: Condition<ColumnsOf<T>[K]> }
