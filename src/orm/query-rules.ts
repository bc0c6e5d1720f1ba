// The rules of WHERE as types: what Cassandra refuses without ALLOW FILTERING does not compile. Types only; `restrictions.ts` has the same rules for run time.
import type { ClusteringNames, ColumnsOf, KeyNames, PartitionNames, StaticNames } from './row-types.js'
import type { Table } from './table.js'

/** Why a query does not compile: the message is in the type. */
export interface Refused<Reason extends string> {
  readonly 'this query is refused': Reason
}

/** Columns that an object certainly has: not those that it may have. */
type Sure<F> = { [K in keyof F]-?: undefined extends F[K] ? never : K }[keyof F] & string

type RangeTest = { readonly $gt: unknown } | { readonly $gte: unknown } | { readonly $lt: unknown } | { readonly $lte: unknown }
type OtherTest = { readonly $contains: unknown } | { readonly $containsKey: unknown } | { readonly $entry: unknown } | { readonly $like: unknown }

type Unknown<T extends Table, F> = Exclude<keyof F & string, keyof ColumnsOf<T>>
type Missing<T extends Table, F> = Exclude<PartitionNames<ColumnsOf<T>>, Sure<F>>
type Others<T extends Table, F> = Exclude<keyof F & string, KeyNames<ColumnsOf<T>>>
type NotIndexed<T extends Table, Names extends string> = { [K in Names]: ColumnsOf<T>[K]['$index'] extends 'none' ? K : never }[Names]
type Indexed<T extends Table, F> = { [K in keyof F & string]: ColumnsOf<T>[K]['$index'] extends 'none' ? never : K }[keyof F & string]
type Ranged<F, Names extends string, Test = RangeTest | OtherTest> = { [K in Names & keyof F]: F[K] extends Test ? K : never }[Names & keyof F]

/** The first clustering column that breaks the order: a gap before it, or a range. */
type ClusteringFault<Names extends readonly unknown[], F, Gap extends string = never, After extends string = never> =
  Names extends readonly [infer N extends string, ...infer Rest extends readonly unknown[]]
    ? N extends keyof F
      ? [Gap] extends [never]
        ? [After] extends [never]
          ? F[N] extends RangeTest ? ClusteringFault<Rest, F, never, N> : ClusteringFault<Rest, F>
          : `'${N}' comes after '${After}' in the key, which is asked for by a range: only the last clustering column of a filter can be; or ask for .allowFiltering()`
        : `'${N}' comes after '${Gap}' in the key: give '${Gap}', too, or ask for .allowFiltering()`
      : ClusteringFault<Rest, F, [Gap] extends [never] ? N : Gap, After>
    : never

/** Why a SELECT with a filter would be refused; never when it would not be. */
export type SelectFault<T extends Table, F> =
  [Unknown<T, F>] extends [never]
    ? [Missing<T, F>] extends [never]
      ? [Ranged<F, PartitionNames<ColumnsOf<T>>>] extends [never]
        ? [NotIndexed<T, Others<T, F>>] extends [never]
          ? ClusteringFault<ClusteringNames<ColumnsOf<T>>, F>
          : `'${NotIndexed<T, Others<T, F>>}' is neither in the key nor indexed: declare .indexed(), or ask for .allowFiltering()`
        : `'${Ranged<F, PartitionNames<ColumnsOf<T>>>}' is in the partition key: it can only be equal to a value or to one of several`
      : [Indexed<T, F>] extends [never]
        ? `'${Missing<T, F>}' is missing: a filter has the whole partition key, or an indexed column, or is asked for by .allowFiltering()`
        : [NotIndexed<T, keyof F & string>] extends [never] ? never : `'${NotIndexed<T, keyof F & string>}' beside an index and without the whole partition key: ask for .allowFiltering()`
    : `there is no column '${Unknown<T, F>}' in '${T['name']}'`

/** Why an UPDATE, a conditional statement or a key would be refused: it names one row, or several, by their whole primary key. */
export type KeyFault<T extends Table, F> =
  [Unknown<T, F>] extends [never]
    ? [Exclude<KeyNames<ColumnsOf<T>>, Sure<F>>] extends [never]
      ? NamedFault<T, F>
      : `'${Exclude<KeyNames<ColumnsOf<T>>, Sure<F>>}' is missing: the whole primary key is needed`
    : `there is no column '${Unknown<T, F>}' in '${T['name']}'`

/** As {@link KeyFault}, where only static columns are written: of those there is one value in a partition. */
export type StaticFault<T extends Table, F> =
  [Unknown<T, F>] extends [never]
    ? [Missing<T, F>] extends [never]
      ? NamedFault<T, F>
      : `'${Missing<T, F>}' is missing: the whole partition key is needed`
    : `there is no column '${Unknown<T, F>}' in '${T['name']}'`

type NamedFault<T extends Table, F> =
  [Others<T, F>] extends [never]
    ? [Ranged<F, keyof F & string>] extends [never] ? never : `'${Ranged<F, keyof F & string>}' is in the key: here it can only be equal to a value or to one of several`
    : `'${Others<T, F>}' is not in the key: .if() makes it a condition`

/** Why an UPDATE of some columns would be refused. */
export type UpdateFault<T extends Table, Set extends string, F> = [Exclude<Set, StaticNames<ColumnsOf<T>>>] extends [never] ? StaticFault<T, F> : KeyFault<T, F>

/** Why a DELETE of whole rows would be refused: partition key, and clustering columns in order with a range on the last. */
export type DeleteFault<T extends Table, F> =
  [Unknown<T, F>] extends [never]
    ? [Missing<T, F>] extends [never]
      ? [Others<T, F>] extends [never]
        ? [Ranged<F, PartitionNames<ColumnsOf<T>>>] extends [never]
          ? [Ranged<F, keyof F & string, OtherTest>] extends [never] ? ClusteringFault<ClusteringNames<ColumnsOf<T>>, F> : 'a deletion names rows by equality and ranges'
          : `'${Ranged<F, PartitionNames<ColumnsOf<T>>>}' is in the partition key: it can only be equal to a value or to one of several`
        : `'${Others<T, F>}' is not in the key: .if() makes it a condition`
      : `'${Missing<T, F>}' is missing: the whole partition key is needed`
    : `there is no column '${Unknown<T, F>}' in '${T['name']}'`

/** A filter, if there is nothing wrong with it. */
export type Checked<Fault> = [Fault] extends [never] ? unknown : Fault extends string ? Refused<Fault> : never
