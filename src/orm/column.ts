import { OptionError } from '../base/index.js'
import { freezeType } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import type { Check } from './checks.js'
import type { Seal } from './encrypted.js'
import type { Equality, WholeEquality } from './filter-types.js'

/** Where a column stands in its table's key, from 1. */
export type Position = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** What a column is in its table: `p1` is the first of the partition key, `c1` the first of the clustering key. */
export type Role = 'regular' | 'static' | 'counter' | `p${Position}` | `c${Position}`

/** Whether an INSERT must give a column. */
export type Given = 'required' | 'optional'

/**
 * What serves a filter on a column that is in no key: an index of Cassandra's own kind (`secondary`), a storage-attached one (`sai`, since 5.0), or SASI.
 */
export type IndexKind = 'none' | 'secondary' | 'sai' | 'sasi'

/** An index of a column. */
export interface IndexOptions<Kind extends IndexKind = Exclude<IndexKind, 'none'>> {
  /** @default 'secondary' */
  readonly using?: Kind | undefined
  /** @default table_column_idx, as Cassandra names it */
  readonly name?: string | undefined
  /** What of a collection is indexed: with `keys` a map serves `$containsKey`, with `entries` `$entry`, and `full` serves equality of a frozen one. @default 'values' */
  readonly of?: 'values' | 'keys' | 'entries' | 'full' | undefined
  /** Of the index, such as `{ case_sensitive: 'false' }`. @default none */
  readonly options?: Readonly<Record<string, string>> | undefined
}

/** How values of an application's own type become values of a CQL type. */
export interface Mapping<App, Read, Write = Read> {
  /** To what is written. */
  encode(value: App): Write
  /** From what is read. */
  decode(value: Read): App
}

/** What a {@link Column} holds besides its types. */
interface Parts {
  readonly type: CqlType
  readonly role: Role
  readonly order: 'asc' | 'desc'
  readonly mandatory: boolean
  readonly isVersion: boolean
  readonly isUnique: boolean
  readonly isDeletion: boolean
  readonly seal: Seal | undefined
  readonly rename: string | undefined
  readonly indexes: readonly IndexOptions[]
  readonly mappings: readonly Mapping<unknown, unknown, unknown>[]
  readonly checks: readonly Check[]
  readonly fallback: (() => unknown) | undefined
  readonly refresh: (() => unknown) | undefined
}

const plain: Omit<Parts, 'type'> = { role: 'regular', order: 'asc', mandatory: false, isVersion: false, isUnique: false, isDeletion: false, seal: undefined, rename: undefined, indexes: [], mappings: [], checks: [], fallback: undefined, refresh: undefined }

/**
 * A column of a table. Immutable: each method returns another one.
 *
 * The type parameters are what the compiler knows of it: what is read and written, what a filter may ask of it, its place
 * in the key, whether an INSERT must give it, and its index.
 */
export class Column<Read = any, Write = any, Filter = any, R extends Role = Role, G extends Given = Given, I extends IndexKind = IndexKind> {
  /** For the compiler only, as the next four: there is nothing at run time. */
  declare readonly $read: Read
  declare readonly $write: Write
  declare readonly $filter: Filter
  declare readonly $given: G
  declare readonly $index: I
  readonly role: R
  /** Whether every row has a value. */
  readonly mandatory: boolean
  /** Whether it is the row's version. */
  readonly isVersion: boolean
  /** Whether only one row may have a value. */
  readonly isUnique: boolean
  /** Whether it is the time at which the row was deleted. */
  readonly isDeletion: boolean
  /** What encrypts it, if anything does. */
  readonly seal: Seal | undefined
  /** The CQL type. */
  readonly type: CqlType
  /** Of a clustering column. */
  readonly order: 'asc' | 'desc'
  /** Its name in CQL, where the naming strategy is not to choose it. */
  readonly rename: string | undefined
  /** What serves filters on it; several of a map that is asked for its keys, its values and its entries. */
  readonly indexes: readonly IndexOptions[]
  /** From the application's type to the one of CQL, in the order in which they encode. */
  readonly mappings: readonly Mapping<unknown, unknown, unknown>[]
  readonly checks: readonly Check[]
  /** Makes the value of an INSERT that has none. */
  readonly fallback: (() => unknown) | undefined
  /** Makes the value of an UPDATE that has none. */
  readonly refresh: (() => unknown) | undefined

  private constructor(parts: Parts) {
    this.role = parts.role as R
    this.mandatory = parts.mandatory
    this.isVersion = parts.isVersion
    this.isUnique = parts.isUnique
    this.isDeletion = parts.isDeletion
    this.seal = parts.seal
    this.type = parts.type
    this.order = parts.order
    this.rename = parts.rename
    this.indexes = parts.indexes
    this.mappings = parts.mappings
    this.checks = parts.checks
    this.fallback = parts.fallback
    this.refresh = parts.refresh
  }

  /** @internal */
  static of<Read, Write, Filter, R extends Role = 'regular'>(type: CqlType, role?: R): Column<Read, Write, Filter, R, 'optional', 'none'> {
    return new Column({ ...plain, type, role: role ?? 'regular' })
  }

  #but(change: Partial<Parts>): any {
    return new Column({ ...(this as Parts), ...change })
  }

  /** Makes it the partition key, or its first part. */
  partitionKey(): Column<NonNullable<Read>, NonNullable<Write>, Filter, 'p1', 'required', 'none'>
  /** Makes it a part of the partition key. @param position its place there, from 1 */
  partitionKey<P extends Position>(position: P): Column<NonNullable<Read>, NonNullable<Write>, Filter, `p${P}`, 'required', 'none'>
  partitionKey(position?: Position): any {
    return this.#but({ role: `p${position ?? 1}`, mandatory: true })
  }

  /**
   * Makes it the clustering key, or its first part.
   *
   * @param order of the rows of a partition
   */
  clusteringKey(order?: 'asc' | 'desc'): Column<NonNullable<Read>, NonNullable<Write>, Filter, 'c1', 'required', 'none'>
  /**
   * Makes it a part of the clustering key.
   *
   * @param order of the rows of a partition
   * @param position its place in the clustering key, from 1
   */
  clusteringKey<P extends Position>(order: 'asc' | 'desc', position: P): Column<NonNullable<Read>, NonNullable<Write>, Filter, `c${P}`, 'required', 'none'>
  clusteringKey(order: 'asc' | 'desc' = 'asc', position?: Position): any {
    return this.#but({ role: `c${position ?? 1}`, order, mandatory: true })
  }

  /** Makes it one value for all rows of a partition. */
  static(): Column<Read, Write, Filter, 'static', G, I> {
    return this.#but({ role: 'static' })
  }

  /**
   * Says that every row has a value: an INSERT must give one, null cannot be written, and a row that is read without
   * one is an error, since CQL itself enforces nothing of this.
   */
  required(): Column<NonNullable<Read>, NonNullable<Write>, Filter, R, 'required', I> {
    return this.#but({ mandatory: true })
  }

  /** Gives an INSERT without a value this one. @param value or a function that makes it, each time anew */
  default(value: NonNullable<Write> | (() => NonNullable<Write>)): Column<Read, Write, Filter, R, 'optional', I> {
    return this.#but({ fallback: typeof value === 'function' ? (value as () => unknown) : () => value })
  }

  /** Gives every UPDATE and INSERT without a value the one that a function makes, such as the time. */
  onUpdate(make: () => NonNullable<Write>): Column<Read, Write, Filter, R, 'optional', I> {
    return this.#but({ refresh: make })
  }

  /**
   * Makes it the version of the row: created as 1, and counted up by each update of the repository, which is refused when the row has another version by
   * then. Updates are lightweight transactions; nothing else may write the table then.
   */
  version(): Column<NonNullable<Read>, NonNullable<Write>, Filter, R, 'optional', I> {
    if (this.type.kind !== 'int') throw new OptionError('version', `A version is an int, not ${this.type.kind}`)
    return this.#but({ isVersion: true, mandatory: true, fallback: () => 1 })
  }

  /**
   * Makes it the time at which a row was deleted: the repository writes it instead of deleting, and leaves such rows out when it reads, unless `withDeleted` is asked for. They
   * are read and left out here, since Cassandra has no index of what is not there: for tables in which few rows are deleted.
   */
  deletedAt(): Column<Read, Write, Filter, R, G, I> {
    if (this.type.kind !== 'timestamp') throw new OptionError('deletedAt', `The time of deletion is a timestamp, not ${this.type.kind}`)
    return this.#but({ isDeletion: true })
  }

  /**
   * Lets only one row have a value: the repository claims it by a lightweight transaction before it writes, in the table `claims`. Nothing else may write the
   * column. See {@link Repository.reapClaims} for what remains of processes that died.
   */
  unique(): Column<Read, Write, Filter, R, G, I> {
    return this.#but({ isUnique: true })
  }

  /** Names it in CQL, instead of the naming strategy. */
  named(name: string): Column<Read, Write, Filter, R, G, I> {
    return this.#but({ rename: name })
  }

  /** Declares an index, which lets filters ask for it without a key. Called again, it declares another one: of the keys of a map beside its values. */
  indexed(options?: Omit<IndexOptions, 'using'>): Column<Read, Write, Filter, R, G, 'secondary'>
  indexed<K extends Exclude<IndexKind, 'none'>>(options: IndexOptions<K> & { readonly using: K }): Column<Read, Write, Filter, R, G, K>
  indexed(options: IndexOptions = {}): any {
    return this.#but({ indexes: [...this.indexes, options] })
  }

  /**
   * Reads and writes values of another type than the CQL type's own. Mappings may follow each other: the last one is next to the application.
   *
   * @param mapping is not asked about null
   */
  mapped<App>(mapping: Mapping<App, NonNullable<Read>, NonNullable<Write>>): Column<null extends Read ? App | null : App, null extends Write ? App | null : App, Equality<App>, R, G, I> {
    return this.#but({ mappings: [mapping as Mapping<unknown, unknown, unknown>, ...this.mappings] })
  }

  /** @internal Has it in a materialized view, where it has another place, and nothing that is about writing. */
  inView(name: string, role: Role, order: 'asc' | 'desc'): Column {
    return this.#but({ rename: name, role, order, indexes: [], mandatory: role !== 'regular' || this.mandatory, isVersion: false, isUnique: false, fallback: undefined, refresh: undefined })
  }

  /** @internal Encrypts it: see `encrypted`. */
  sealed(seal: Seal): Column<any, any, never, R, G, I> {
    return this.#but({ seal })
  }

  /** Validates values before the repository writes them. @param checks of this package (`lengthBetween`, `email`), your own, or any Standard Schema */
  check(...checks: readonly Check<NonNullable<Write>>[]): Column<Read, Write, Filter, R, G, I> {
    return this.#but({ checks: [...this.checks, ...(checks as readonly Check[])] })
  }

  /** Makes a collection or user-defined type one value, which is written as a whole, can be empty or null, and can be compared. */
  frozen(): Column<Read | null, Write, Filter | WholeEquality<NonNullable<Write>>, R, G, I> {
    if (!('frozen' in this.type) && !['list', 'set', 'map', 'udt'].includes(this.type.kind)) throw new OptionError('frozen', `Only collections and user-defined types can be frozen, not ${this.type.kind}`)
    return this.#but({ type: freezeType(this.type) })
  }
}
