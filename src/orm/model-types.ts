// Models as loadSchema takes them: types of CQL as text, read by the compiler. Types only.
import type { Column, Position } from './column.js'
import type * as makers from './column-types.js'
import type { Containing, ContainingEntry, WholeEquality } from './filter-types.js'
import type { CollectionColumn } from './column-types.js'
import type { Refused } from './query-rules.js'
import type { Relation } from './relations.js'
import type { Table } from './table.js'

type Scalar = 'ascii' | 'bigint' | 'blob' | 'boolean' | 'counter' | 'date' | 'decimal' | 'double' | 'duration' | 'float' | 'inet' | 'int' | 'smallint' | 'text' | 'time' | 'timestamp' | 'timeuuid' | 'tinyint' | 'uuid' | 'varint'

/** Types of an application's own, by name: functions that make columns. */
export type TypeRegistry = Readonly<Record<string, () => Column>>

type Trim<S extends string> = S extends ` ${infer Rest}` | `${infer Rest} ` ? Trim<Rest> : S
type ReadOf<C> = C extends Column ? NonNullable<C['$read']> : never
type WriteOf<C> = C extends Column ? NonNullable<C['$write']> : never

/** The column that a type's text stands for: scalars, lists, sets, maps and vectors of them, frozen or not. */
export type ColumnOfText<S extends string> =
  S extends 'varchar' ? ReturnType<typeof makers.text>
    : S extends Scalar ? ReturnType<(typeof makers)[S]>
      : S extends `frozen<${infer Inner}>` ? FrozenOf<ColumnOfText<Trim<Inner>>>
        : S extends `list<${infer E}>` ? ListOf<ColumnOfText<Trim<E>>>
          : S extends `set<${infer E}>` ? SetOf<ColumnOfText<Trim<E>>>
            : S extends `map<${infer K},${infer V}>` ? MapOf<ColumnOfText<Trim<K>>, ColumnOfText<Trim<V>>>
              : S extends `vector<float,${string}>` ? ReturnType<typeof makers.vector>
                : never

type FrozenOf<C> = C extends Column ? Column<C['$read'] | null, C['$write'], C['$filter'] | WholeEquality<NonNullable<C['$write']>>, 'regular', 'optional', 'none'> : never

type ListOf<E> = [E] extends [never] ? never : CollectionColumn<ReadOf<E>[], readonly WriteOf<E>[], Containing<WriteOf<E>>>
type SetOf<E> = [E] extends [never] ? never : CollectionColumn<Set<ReadOf<E>>, ReadonlySet<WriteOf<E>> | readonly WriteOf<E>[], Containing<WriteOf<E>>>
type MapOf<K, V> = [K] extends [never] ? never : [V] extends [never] ? never : CollectionColumn<Map<ReadOf<K>, ReadOf<V>>, ReadonlyMap<WriteOf<K>, WriteOf<V>>, ContainingEntry<WriteOf<K>, WriteOf<V>>>

/** What a field must be. */
export interface FieldChecks {
  /** @default false */
  readonly required?: boolean | undefined
  /** The form of an e-mail address. @default false */
  readonly isEmail?: boolean | undefined
  /** In characters or elements. @default 0 */
  readonly minLength?: number | undefined
  /** In characters or elements. @default any */
  readonly maxLength?: number | undefined
  /** @default any */
  readonly min?: number | bigint | Date | undefined
  /** @default any */
  readonly max?: number | bigint | Date | undefined
  /** Which is found in it. @default any */
  readonly pattern?: RegExp | undefined
  /** One of these. @default any */
  readonly isIn?: readonly unknown[] | undefined
  /** Says what is wrong with a value, or undefined. @default nothing */
  readonly custom?: ((value: any) => string | undefined | Promise<string | undefined>) | undefined
}

/** A field with more to it than its type. */
export interface FieldOptions {
  /** In CQL, a name of the registry, or a column. */
  readonly type: string | Column
  /** Whether only one row may have a value. @default false */
  readonly unique?: boolean | undefined
  /** One value for all rows of a partition. @default false */
  readonly static?: boolean | undefined
  /** Of an INSERT without it: a value, or a function that makes one. @default none */
  readonly default?: unknown
  /** Makes the value of an UPDATE without one. @default none */
  readonly onUpdate?: (() => unknown) | undefined
  readonly validate?: FieldChecks | undefined
}

/** A field: its type, a column, or more. */
export type Field = string | Column | FieldOptions

/** Rows of another model that belong to a row. */
export interface ModelRelation {
  readonly type: 'hasOne' | 'hasMany' | 'belongsTo'
  /** The other model. */
  readonly model: string
  /** For `belongsTo` a field of this model that is the other's partition key, else a field of the other that is this one's. */
  readonly foreignKey: string
}

/** A model, as {@link loadSchema} takes it. */
export interface Model {
  /** By their names in CQL. */
  readonly fields: Readonly<Record<string, Field>>
  /** The primary key: the first is the partition key, which may be several, the others are the clustering key. */
  readonly key: readonly [string | readonly string[], ...string[]]
  /** The order of clustering columns. @default 'asc' for each */
  readonly order?: Readonly<Record<string, 'asc' | 'desc'>> | undefined
  /** Fields with an index. @default none */
  readonly indexes?: readonly string[] | undefined
  readonly relations?: Readonly<Record<string, ModelRelation>> | undefined
}

type TypeOfField<F, G extends TypeRegistry> = F extends Column ? F : F extends keyof G ? ReturnType<G[F]> : F extends string ? ColumnOfText<F> : F extends { readonly type: infer T } ? TypeOfField<T, G> : never

interface Places { readonly 0: 1; readonly 1: 2; readonly 2: 3; readonly 3: 4; readonly 4: 5; readonly 5: 6; readonly 6: 7; readonly 7: 8 }

/** The place of a name in a list of names, from 1. */
export type PlaceOf<Names extends readonly unknown[], K> = { [I in keyof Names & `${keyof Places}`]: K extends Names[I] ? (I extends `${infer N extends keyof Places}` ? Places[N] : never) : never }[keyof Names & `${keyof Places}`] & Position

type PartitionOf<Key extends readonly unknown[]> = Key[0] extends readonly unknown[] ? Key[0] : readonly [Key[0]]
type ClusteringOf<Key extends readonly unknown[]> = Key extends readonly [unknown, ...infer Rest] ? Rest : []
type Listed<Names> = Names extends readonly (infer N)[] ? N : never

type KeyColumn<C extends Column, R extends `p${Position}` | `c${Position}`> = Column<NonNullable<C['$read']>, NonNullable<C['$write']>, C['$filter'], R, 'required', 'none'>

type OtherColumn<C extends Column, F, Indexed extends boolean> = Column<
  F extends { readonly validate: { readonly required: true } } ? NonNullable<C['$read']> : C['$read'],
  F extends { readonly validate: { readonly required: true } } ? NonNullable<C['$write']> : C['$write'],
  C['$filter'], F extends { readonly static: true } ? 'static' : C['role'],
  F extends { readonly default: unknown } | { readonly onUpdate: unknown } ? 'optional' : F extends { readonly validate: { readonly required: true } } ? 'required' : C['$given'],
  Indexed extends true ? 'secondary' : C['$index']
>

type ColumnsOfModel<M extends Model, G extends TypeRegistry> = {
  readonly [K in keyof M['fields'] & string]: TypeOfField<M['fields'][K], G> extends infer C extends Column
    ? K extends Listed<PartitionOf<M['key']>> ? KeyColumn<C, `p${PlaceOf<PartitionOf<M['key']>, K>}`>
      : K extends Listed<ClusteringOf<M['key']>> ? KeyColumn<C, `c${PlaceOf<ClusteringOf<M['key']>, K>}`>
        : OtherColumn<C, M['fields'][K], K extends Listed<M['indexes']> ? true : false>
    : never
}

/** The tables of models. */
export type TablesOfModels<M extends Readonly<Record<string, Model>>, G extends TypeRegistry> = { readonly [K in keyof M & string]: Table<K, ColumnsOfModel<M[K], G>> }

/** The relations of models. */
export type RelationsOfModels<M extends Readonly<Record<string, Model>>> = {
  readonly [K in keyof M & string as M[K]['relations'] extends Readonly<Record<string, ModelRelation>> ? K : never]: { readonly [N in keyof M[K]['relations'] & string]: M[K]['relations'][N] extends { readonly type: infer Kind; readonly model: infer To extends string } ? Relation<Kind extends 'hasMany' ? 'many' : 'one', To> : never }
}

/** Refuses fields whose type's text means nothing, by name. */
export type CheckedModels<M extends Readonly<Record<string, Model>>, G extends TypeRegistry> = {
  readonly [K in keyof M]: { readonly fields: { readonly [F in keyof M[K]['fields']]: [TypeOfField<M[K]['fields'][F], G>] extends [never] ? Refused<`'${F & string}' has an unknown type: one of CQL, a name of the registry, or a column`> : unknown } }
}
