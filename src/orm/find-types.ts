// What a find takes and gives, following its `with`. Types only.
import type { Relation, Relations } from './relations.js'
import type { ClusteringNames, ColumnsOf, Filter, PartialRow, Row, Shown } from './row-types.js'
import type { QueryOptions } from './session.js'
import type { Table } from './table.js'

/** Tables by the names that they have in the ORM. */
export type Tables = Readonly<Record<string, Table>>

/** The relations of one table. */
type Of<R, K> = K extends keyof R ? R[K] : Record<never, never>

/** The order of rows: clustering columns with directions, in the order of the key. */
export type Order<T extends Table> = { readonly [K in ClusteringNames<ColumnsOf<T>>[number] & string]?: 'asc' | 'desc' }

/** Which relations are read along with rows, and how. */
export type With<S extends Tables, R extends Relations, K> = {
  readonly [Name in keyof Of<R, K>]?: Of<R, K>[Name] extends Relation<'one' | 'many', infer To> ? true | Along<S, R, To & keyof S> : never
}

/** How the rows of a relation are read: limits are per row that they belong to. */
export interface Along<S extends Tables, R extends Relations, To extends keyof S> {
  readonly columns?: readonly (keyof ColumnsOf<S[To]> & string)[] | undefined
  /** Beside what the relation asks for. */
  readonly where?: Filter<S[To]> | undefined
  readonly orderBy?: Order<S[To]> | undefined
  readonly limit?: number | undefined
  readonly allowFiltering?: boolean | undefined
  /** Also rows that are deleted, where rows are only said to be. @default false */
  readonly withDeleted?: boolean | undefined
  readonly with?: With<S, R, To> | undefined
}

/** Options of `find`. */
export interface FindOptions<S extends Tables, R extends Relations, K extends keyof S> extends QueryOptions {
  /** @default all columns */
  readonly columns?: readonly (keyof ColumnsOf<S[K]> & string)[] | undefined
  /** @default the order of the table */
  readonly orderBy?: Order<S[K]> | undefined
  /** The most rows. @default all, up to `maxRows` */
  readonly limit?: number | undefined
  /** The most rows of each partition. @default all */
  readonly perPartitionLimit?: number | undefined
  /** Also rows that are deleted, where rows are only said to be. @default false */
  readonly withDeleted?: boolean | undefined
  /** Relations to read along, each level of them in one wave of concurrent reads. @default none */
  readonly with?: With<S, R, K> | undefined
}

/** Refuses what a type has no name for: the compiler does so by itself only where no type is inferred. */
type Exactly<O, Shape> = { readonly [K in Exclude<keyof O, keyof Shape>]: never }

type ExactWith<S extends Tables, R extends Relations, K, W> = {
  readonly [Name in keyof W]: Name extends keyof Of<R, K>
    ? Of<R, K>[Name] extends Relation<'one' | 'many', infer To>
      ? W[Name] extends true ? unknown : Exactly<W[Name], Along<S, R, To & keyof S>> & (W[Name] extends { readonly with: infer Next } ? { readonly with: ExactWith<S, R, To, Next> } : unknown)
      : never
    : never
}

/** Options without any that do not exist. */
export type ExactOptions<S extends Tables, R extends Relations, K extends keyof S, O> =
  Exactly<O, FindOptions<S, R, K> & { allowFiltering: unknown }> & (O extends { readonly with: infer W } ? { readonly with: ExactWith<S, R, K, W> } : unknown)

type Chosen<T extends Table, O> = O extends { readonly columns: readonly (infer C extends keyof ColumnsOf<T>)[] } ? PartialRow<T, C> : Row<T>

type WithRows<S extends Tables, R extends Relations, K, W> = {
  [Name in keyof W & keyof Of<R, K>]: Of<R, K>[Name] extends Relation<infer Kind, infer To>
    ? Kind extends 'many' ? Found<S, R, To & keyof S, W[Name]>[] : Found<S, R, To & keyof S, W[Name]> | undefined
    : never
}

/** A row as a find gives it: its columns, and the relations that were asked for. */
export type Found<S extends Tables, R extends Relations, K extends keyof S, O> = O extends { readonly with: infer W } ? Shown<Chosen<S[K], O> & WithRows<S, R, K, W>> : Chosen<S[K], O>
