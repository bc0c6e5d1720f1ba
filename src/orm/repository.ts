import type { CasOutcome, Result } from '../client/index.js'
import type { AnyRow, Reading, RelationReader } from './along.js'
import { DeleteQuery } from './delete.js'
import { QueryRefusedError } from './errors.js'
import type { ExactOptions, FindOptions, Found, Tables } from './find-types.js'
import { completed, InsertQuery } from './insert.js'
import type { Checked, SelectFault } from './query-rules.js'
import { columnOf } from './relation.js'
import type { Relations } from './relations.js'
import type { ConditionsOf, Filter, Insert, Key, Row, Update } from './row-types.js'
import { Select } from './select.js'
import type { QueryOptions, Session } from './session.js'
import type { Table, TableColumn, TableModel } from './table.js'
import { Tracking } from './tracking.js'
import { UpdateTable } from './update.js'
import type { UpdateQuery } from './update.js'
import { validate } from './validation.js'

/** Options of writes. */
export interface WriteOptions extends QueryOptions {
  /** Seconds after which the values go. @default the table's */
  readonly ttl?: number | undefined
}

/** Reads of `findMany` that are under way at once. */
const AT_ONCE = 256

/**
 * Reads and writes the rows of one table: what most of an application needs, without statements. For everything else there are the builders,
 * `db.select(table)` and the like.
 */
export class Repository<S extends Tables, R extends Relations, K extends keyof S & string> {
  readonly #session: Session
  readonly #name: K
  readonly #table: TableModel
  readonly #reader: RelationReader
  readonly #tracking = new Tracking()

  /** @internal */
  constructor(session: Session, name: K, table: TableModel, reader: RelationReader) {
    this.#session = session
    this.#name = name
    this.#table = table
    this.#reader = reader
  }

  /**
   * The rows that a filter finds: by the whole partition key and clustering columns in order, or by an indexed column.
   *
   * @param options also `with`, which reads relations along
   * @returns all of them, up to `maxRows`
   * @throws QueryRefusedError before anything is sent
   */
  find<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> & { readonly allowFiltering: true }>(filter: F, options: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O>[]>
  find<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> = Record<never, never>>(filter: F & Checked<SelectFault<S[K], F>>, options?: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O>[]>
  async find(filter: Readonly<Record<string, unknown>>, options?: Reading & QueryOptions): Promise<AnyRow[]> {
    return options === undefined ? readRows(this.#session, this.#table, filter) : this.#reader.rows(this.#name, filter, options)
  }

  /** The first row that a filter finds, or undefined. */
  findOne<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> & { readonly allowFiltering: true }>(filter: F, options: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O> | undefined>
  findOne<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> = Record<never, never>>(filter: F & Checked<SelectFault<S[K], F>>, options?: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O> | undefined>
  async findOne(filter: Readonly<Record<string, unknown>>, options: Reading & QueryOptions = {}): Promise<AnyRow | undefined> {
    return (await this.#reader.rows(this.#name, filter, { ...options, limit: 1 }))[0]
  }

  /**
   * The rows of many keys, each asked for at its own replicas, concurrently: one IN list of them all would be one coordinator's burden.
   *
   * @returns in the order of the keys, undefined where there is no row
   */
  async findMany(keys: readonly Key<S[K]>[], options: QueryOptions = {}): Promise<(Row<S[K]> | undefined)[]> {
    const found: (Row<S[K]> | undefined)[] = keys.map(() => undefined)
    const waiting = keys.entries()
    const work = async (): Promise<void> => {
      for (const [i, key] of waiting) found[i] = (await this.#byKey(key, options)) as Row<S[K]> | undefined
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.length) }, work))
    return found
  }

  async #byKey(key: object, options: QueryOptions): Promise<AnyRow | undefined> {
    this.#checkKey(key)
    return (await readRows(this.#session, this.#table, key as AnyRow, { ...options, limit: 1 }))[0]
  }

  /** A key has every key column, and nothing else. */
  #checkKey(key: object): void {
    const { name, partitionKey, clusteringKey } = this.#table
    const columns = [...partitionKey, ...clusteringKey]
    for (const { property } of columns) if (!Object.hasOwn(key, property)) throw new QueryRefusedError(`A key of ${name} has '${property}', which is missing`)
    for (const property of Object.keys(key)) if (!columns.some((column) => column.property === property)) throw new QueryRefusedError(`A key of ${name} has ${columns.map((column) => column.property).join(', ')}, and no '${property}'`)
  }

  /** The row of a key, remembered so that {@link Repository.save} knows what has changed. */
  async load(key: Key<S[K]>, options: QueryOptions = {}): Promise<Row<S[K]> | undefined> {
    const row = await this.#byKey(key, options)
    if (row) this.#tracking.remember(this.#table, row)
    return row as Row<S[K]> | undefined
  }

  /** How many rows a filter finds. Cassandra reads them all to count them. */
  count<const F extends Filter<S[K]>>(filter: F & Checked<SelectFault<S[K], F>>, options: QueryOptions = {}): Promise<number> {
    return (new Select(this.#session, { ...whole, table: this.#table }, options).whereDynamic(filter as never) as Select<S[K], unknown>).count()
  }

  /**
   * Inserts a row. As every write in CQL it replaces what a row of the same key has in these columns, unless `ifNotExists` is asked for.
   *
   * @returns the row as it was written, with its defaults
   * @throws ValidationError; QueryRefusedError for columns that are missing or unknown
   */
  async create(row: Insert<S[K]>, options: WriteOptions = {}): Promise<Insert<S[K]>> {
    const { values, query } = await this.#insert(row, options)
    await query
    return Object.fromEntries(values.map(([{ property }, value]) => [property, value])) as Insert<S[K]>
  }

  /** As {@link Repository.create}, but only where there is no such row, by a lightweight transaction. @returns what became of it */
  async createIfNotExists(row: Insert<S[K]>, options: WriteOptions = {}): Promise<CasOutcome> {
    return (await this.#insert(row, options)).query.ifNotExists().run()
  }

  async #insert(row: object, { ttl, ...options }: WriteOptions): Promise<{ readonly values: ReturnType<typeof completed>; readonly query: InsertQuery<S[K]> }> {
    const values = completed(this.#table, row as AnyRow)
    await validate(this.#table, values)
    return { values, query: new InsertQuery<S[K]>(this.#session, this.#table, values, false, { ttl, timestamp: undefined }, options) }
  }

  /**
   * Writes some columns of a row, which is made if there is none.
   *
   * @throws ValidationError; QueryRefusedError for keys that are not whole
   */
  async update(key: Key<S[K]>, values: Update<S[K]>, options: WriteOptions = {}): Promise<Result> {
    return (await this.#update(key, values, options)).query.run()
  }

  /** As {@link Repository.update}, but only where the row is as the conditions say, by a lightweight transaction. @returns what became of it */
  async updateIf(key: Key<S[K]>, values: Update<S[K]>, conditions: ConditionsOf<S[K]>, options: WriteOptions = {}): Promise<CasOutcome> {
    return (await this.#update(key, values, options)).query.if(conditions).run()
  }

  async #update(key: object, values: object, { ttl, ...options }: WriteOptions): Promise<{ readonly query: UpdateQuery<S[K]> }> {
    this.#checkKey(key)
    await validate(this.#table, Object.entries(values).map(([property, value]) => [columnOf(this.#table, property), value]))
    const query = new UpdateTable<any>(this.#session, this.#table).set(values as never).where(key as never).with(options) as UpdateQuery<S[K]>
    return { query: ttl === undefined ? query : query.ttl(ttl) } // in an object, since a promise would run what is awaitable
  }

  /** Writes a whole row by UPDATE: as {@link Repository.update}, with the key among the values. */
  async upsert(row: Key<S[K]> & Update<S[K]>, options: WriteOptions = {}): Promise<void> {
    const [key, values] = this.#apart(row as AnyRow)
    await this.update(key as Key<S[K]>, values as Update<S[K]>, options)
  }

  #apart(row: Readonly<AnyRow>): [key: AnyRow, values: AnyRow] {
    const [key, values]: [AnyRow, AnyRow] = [{}, {}]
    for (const [property, value] of Object.entries(row)) {
      const { kind } = columnOf(this.#table, property)
      ;(kind === 'partition' || kind === 'clustering' ? key : values)[property] = value
    }
    return [key, values]
  }

  /**
   * Writes what has changed of a row since {@link Repository.load} or the last save, and nothing when nothing has.
   *
   * @returns the columns that were written
   * @throws QueryRefusedError for a row that was not loaded, or whose key has changed
   */
  async save(row: Row<S[K]>, options: WriteOptions = {}): Promise<string[]> {
    const changed = this.#tracking.changes(this.#table, row as AnyRow)
    if (!changed) throw new QueryRefusedError(`This row of ${this.#table.name} was not loaded: .load() remembers what a row was; .upsert() writes all of it`)
    const inKey = changed.find(({ kind }) => kind === 'partition' || kind === 'clustering')
    if (inKey) throw new QueryRefusedError(`'${inKey.property}' is in the key of ${this.#table.name}, and keys do not change: create another row, and delete this one`)
    if (changed.length === 0) return []
    const [key] = this.#apart(row as AnyRow)
    await this.update(key as Key<S[K]>, Object.fromEntries(changed.map(({ property }) => [property, (row as AnyRow)[property]])) as Update<S[K]>, options)
    this.#tracking.remember(this.#table, row as AnyRow)
    return changed.map(({ property }) => property)
  }

  /** Deletes a row by its key, whether it is there or not. */
  async delete(key: Key<S[K]>, options: QueryOptions = {}): Promise<void> {
    this.#checkKey(key)
    await new DeleteQuery(this.#session, { table: this.#table, columns: [], filter: key as AnyRow, conditions: undefined, timestamp: undefined }, options)
  }
}

const whole = { columns: undefined, computed: [], relations: [], order: [], nearest: undefined, groups: [], limit: undefined, perPartition: undefined, distinct: false, filtering: false } as const

/** Reads rows of a table as a find says. */
export async function readRows(session: Session, table: TableModel, filter: Readonly<AnyRow>, reading?: Reading & QueryOptions): Promise<AnyRow[]> {
  if (reading === undefined) return new Select<Table, AnyRow>(session, { ...whole, table }, undefined).whereDynamic(filter as never).all()
  const { columns, where: _where, orderBy, limit, perPartitionLimit, allowFiltering = false, with: _with, ...options } = reading
  return new Select<Table, AnyRow>(session, {
    ...whole, table, filtering: allowFiltering, limit, perPartition: perPartitionLimit,
    columns: columns?.map((name) => columnOf(table, name)),
    order: Object.entries(orderBy ?? {}).map(([name, direction]): [TableColumn, 'asc' | 'desc'] => [columnOf(table, name), direction]),
  }, Object.keys(options).length > 0 ? options : undefined).whereDynamic(filter as never).all()
}
