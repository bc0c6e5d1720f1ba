// The placeholders of a filter as a type: what a compiled query has to be given. Types only.
import type { Placeholder } from './placeholder.js'
import type { ColumnsOf } from './row-types.js'
import type { Table } from './table.js'

type Value<T extends Table, K> = K extends keyof ColumnsOf<T> ? NonNullable<ColumnsOf<T>[K]['$write']> : never

/** What a test takes of a column: its own value, several, or an element. */
type TestValue<T extends Table, K, Test> = Test extends '$in' ? readonly Value<T, K>[]
  : Test extends '$contains' | '$containsKey' ? K extends keyof ColumnsOf<T> ? ElementOf<ColumnsOf<T>[K]['$filter'], Test> : never
    : Value<T, K>

type ElementOf<Filter, Test> = Filter extends { readonly [X in Test & string]: infer E } ? Exclude<E, Placeholder> : never

type Slots<T extends Table, F> = {
  [K in keyof F]: F[K] extends Placeholder<infer Name> ? [Name, Value<T, K>]
    : F[K] extends { readonly $eq: unknown } | { readonly $in: unknown } | { readonly $gt: unknown } | { readonly $gte: unknown } | { readonly $lt: unknown } | { readonly $lte: unknown } | { readonly $like: unknown } | { readonly $contains: unknown } | { readonly $containsKey: unknown }
      ? { [Test in keyof F[K]]: F[K][Test] extends Placeholder<infer Name> ? [Name, TestValue<T, K, Test>] : never }[keyof F[K]]
      : never
}[keyof F]

/** The values that a filter's placeholders stand for, by their names. */
export type PlaceholdersOf<T extends Table, F> = [Slots<T, F>] extends [never] ? unknown : { readonly [S in Slots<T, F> & [string, unknown] as S[0]]: S[1] }
