import type { Placeholder } from './placeholder.js'

/** A value, or the place where a compiled query puts one. */
export type Given<W> = W | Placeholder

/** What can be asked of a value that can only be equal or not. */
export interface EqualityTests<W> {
  readonly $eq?: Given<W>
  /** One of these. An empty list finds nothing. */
  readonly $in?: readonly W[] | Placeholder
}

/** What can be asked of a value that has an order. */
export interface OrderTests<W> extends EqualityTests<W> {
  readonly $gt?: Given<W>
  readonly $gte?: Given<W>
  readonly $lt?: Given<W>
  readonly $lte?: Given<W>
}

/** What can be asked of a text. */
export interface TextTests<W> extends OrderTests<W> {
  /** Of a column with a SASI index: `%` stands for anything, at the beginning and the end only. */
  readonly $like?: Given<W>
}

/** A filter by a value, by several (any of them), or by tests. */
export type Equality<W> = Given<W> | readonly W[] | EqualityTests<W>
/** A filter by a value, by several (any of them), or by tests of order. */
export type Ordered<W> = Given<W> | readonly W[] | OrderTests<W>
/** A filter of a text. */
export type Textual<W> = Given<W> | readonly W[] | TextTests<W>
/** A filter of a type whose values are arrays themselves: a list of several needs `$in`. */
export type WholeEquality<W> = Given<W> | EqualityTests<W>
/** A filter by what a list or set has among its elements. */
export interface Containing<E> {
  readonly $contains: Given<E>
}
/** A filter by a value, a key or an entry of a map. */
export type ContainingEntry<K, V> = Containing<V> | { readonly $containsKey: Given<K> } | { readonly $entry: readonly [key: Given<K>, value: Given<V>] }
