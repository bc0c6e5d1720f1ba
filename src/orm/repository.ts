import type { CasOutcome, Result } from '../client/index.js'
import { Claims } from '../coordination/index.js'
import type { AnyRow, Reading, RelationReader } from './along.js'
import { DeleteQuery } from './delete.js'
import { QueryRefusedError, StaleRowError } from './errors.js'
import type { ExactOptions, FindOptions, Found, Tables } from './find-types.js'
import { Keeper } from './keeper.js'
import type { KeptReport } from './keeper.js'
import type { KeptTable } from './query-tables.js'
import { hookContext, Hooks } from './hooks.js'
import type { Hook, HookContexts, HookOptions } from './hooks.js'
import { completed, InsertQuery } from './insert.js'
import type { Checked, SelectFault } from './query-rules.js'
import { columnOf } from './relation.js'
import { readRows, readUndeleted } from './read-rows.js'
import type { Relations } from './relations.js'
import type { ConditionsOf, Filter, Insert, Key, Row, Update } from './row-types.js'
import { keyOf } from './row-key.js'
import { Select } from './select.js'
import { everythingOf } from './select-text.js'
import type { QueryOptions, Session } from './session.js'
import type { TableColumn, TableModel } from './table.js'
import { Tracking } from './tracking.js'
import { judgeOf, UniqueWrite } from './unique.js'
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
  /** What it is a repository of: for the builders, such as `db.select(db.users.table)`. */
  readonly table: S[K]
  readonly #session: Session
  readonly #name: K
  readonly #table: TableModel
  readonly #reader: RelationReader
  readonly #tracking = new Tracking()
  /** Of tables that are kept in others, too. */
  readonly #keeper: Keeper | undefined
  readonly #hooks = new Hooks<HookContexts<S[K]>>()
  /** Rows whose save is under way: a hook that saves its own row would never end. */
  readonly #saving = new WeakSet<object>()

  /** @internal */
  constructor(session: Session, name: K, table: S[K], reader: RelationReader, kept: readonly KeptTable[]) {
    this.#keeper = kept.length === 0 ? undefined : new Keeper(session, table.model, kept)
    this.table = table
    this.#session = session
    this.#name = name
    this.#table = table.model
    this.#reader = reader
  }

  /**
   * Has a function called before or after calls of this repository; builders and batches call none. Effects that must not be lost do not belong into a hook:
   * the process may die between the write and the hook.
   *
   * @returns a function that removes it
   */
  hook<Name extends keyof HookContexts<S[K]>>(name: Name, hook: Hook<HookContexts<S[K]>[Name]>, options?: HookOptions): () => void {
    return this.#hooks.add(name, hook, options)
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
    if (this.#hooks.has('beforeFind', 'afterFind')) return this.#findHooked(filter, options ?? {})
    return options === undefined ? readRows(this.#session, this.#table, filter) : this.#reader.rows(this.#name, filter, options)
  }

  async #findHooked(filter: Readonly<Record<string, unknown>>, options: Reading & QueryOptions): Promise<AnyRow[]> {
    const context = hookContext(this.#table.name, { filter: { ...filter }, rows: [] as AnyRow[] })
    await this.#hooks.run('beforeFind', context as never)
    context.rows = await this.#reader.rows(this.#name, context.filter, options)
    await this.#hooks.run('afterFind', context as never)
    return context.rows
  }

  /** The first row that a filter finds, or undefined. */
  findOne<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> & { readonly allowFiltering: true }>(filter: F, options: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O> | undefined>
  findOne<const F extends Filter<S[K]>, const O extends FindOptions<S, R, K> = Record<never, never>>(filter: F & Checked<SelectFault<S[K], F>>, options?: O & ExactOptions<S, R, K, O>): Promise<Found<S, R, K, O> | undefined>
  async findOne(filter: Readonly<Record<string, unknown>>, options: Reading & QueryOptions = {}): Promise<AnyRow | undefined> {
    return (await this.find(filter as never, { ...options, limit: 1 } as never))[0] as AnyRow | undefined
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
    const { name, primaryKey: columns } = this.#table
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
    const { deletion, partitionKey } = this.#table
    if (deletion) return readUndeleted(this.#session, this.#table, deletion, filter as AnyRow, { ...options, columns: [partitionKey[0]!.property] }).then((rows) => rows.length)
    return (new Select(this.#session, everythingOf(this.#table), options).whereDynamic(filter as never) as Select<S[K], unknown>).count()
  }

  /**
   * Inserts a row. As every write in CQL it replaces what a row of the same key has in these columns, unless `ifNotExists` is asked for.
   *
   * @returns the row as it was written, with its defaults
   * @throws ValidationError; QueryRefusedError for columns that are missing or unknown
   */
  async create(row: Insert<S[K]>, options: WriteOptions = {}): Promise<Insert<S[K]>> {
    const keeper = this.#keeper
    const { ttl, ...rest } = options
    const { values } = await this.#insert(row, options, (query, given, timestamp) =>
      keeper ? keeper.write((dated) => query.timestamp(dated).text(), keyOf(this.#table, given), Keeper.inserted(given), rest, ttl, timestamp) : query.run())
    return values as Insert<S[K]>
  }

  /** As {@link Repository.create}, but only where there is no such row, by a lightweight transaction; hooks after it are called when it was applied. @returns what became of it */
  async createIfNotExists(row: Insert<S[K]>, options: WriteOptions = {}): Promise<CasOutcome> {
    this.#refuseConditions()
    return (await this.#insert(row, options, (query) => query.ifNotExists().run())).outcome
  }

  #insert<Outcome extends Result | CasOutcome>(row: object, { ttl, ...options }: WriteOptions, run: (query: InsertQuery<S[K]>, given: AnyRow, timestamp: bigint | undefined) => Promise<Outcome>): Promise<{ readonly values: AnyRow; readonly outcome: Outcome }> {
    const values = Object.fromEntries(completed(this.#table, row as AnyRow).map(([{ property }, value]) => [property, value]))
    return this.#write('create', undefined, values, (given, timestamp) => run(new InsertQuery<S[K]>(this.#session, this.#table, completed(this.#table, given), false, { ttl, timestamp }, options), given, timestamp))
  }

  /**
   * Writes some columns of a row, which is made if there is none. In a table with a `.version()` column, the values name the version that they are made of.
   *
   * @throws ValidationError; QueryRefusedError for keys that are not whole; StaleRowError when the row has another version by now
   */
  async update(key: Key<S[K]>, values: Update<S[K]>, options: WriteOptions = {}): Promise<void> {
    const { version } = this.#table
    const keeper = this.#keeper
    const { ttl, ...rest } = options
    await this.#update(key, values, options, async (query, given, timestamp) => {
      if (keeper) return keeper.write((dated) => query.timestamp(dated).text(), key as AnyRow, keeper.updated(key as AnyRow, given), rest, ttl, timestamp)
      if (version === undefined) return query.run()
      const outcome = await query.if({ [version.property]: given[version.property] } as ConditionsOf<S[K]>).run()
      if (outcome.status === 'unknown') throw outcome.error!
      if (outcome.status === 'rejected') throw new StaleRowError(this.#table.name, outcome.row)
      return outcome
    })
  }

  /** As {@link Repository.update}, but only where the row is as the conditions say, by a lightweight transaction; hooks after it are called when it was applied. @returns what became of it */
  async updateIf(key: Key<S[K]>, values: Update<S[K]>, conditions: ConditionsOf<S[K]>, options: WriteOptions = {}): Promise<CasOutcome> {
    this.#refuseConditions()
    return this.#update(key, values, options, (query, given) => {
      const { version } = this.#table
      return query.if(version === undefined ? conditions : { ...conditions, [version.property]: given[version.property] }).run()
    })
  }

  async #update<Outcome extends Result | CasOutcome>(key: object, values: object, { ttl, ...options }: WriteOptions, run: (query: UpdateQuery<S[K]>, given: AnyRow, timestamp: bigint | undefined) => Promise<Outcome>): Promise<Outcome> {
    this.#checkKey(key)
    const { version } = this.#table
    const { outcome } = await this.#write('update', key, { ...this.#refreshed(values), ...values }, (given, timestamp) => {
      const next = version === undefined ? given : { ...given, [version.property]: this.#nextVersion(given[version.property]) }
      let query = new UpdateTable<any>(this.#session, this.#table).set(next as never).where(key as never).with(options) as UpdateQuery<S[K]>
      if (ttl !== undefined) query = query.ttl(ttl)
      return run(timestamp === undefined ? query : query.timestamp(timestamp), given, timestamp)
    })
    return outcome
  }

  /** What columns with `onUpdate` become by an update that sets others. */
  #refreshed(values: object): AnyRow {
    const sets = (kind: TableColumn['kind']): boolean => Object.keys(values).some((property) => columnOf(this.#table, property).kind === kind)
    if (!sets('regular')) return {}
    const due = [...this.#table.columns.values()].filter(({ property, kind, column }) => column.refresh && kind === 'regular' && !Object.hasOwn(values, property))
    return Object.fromEntries(due.map(({ property, column }) => [property, column.refresh!()]))
  }

  #nextVersion(version: unknown): number {
    if (!Number.isSafeInteger(version)) throw new QueryRefusedError(`An update of ${this.#table.name} names the version of the row that it is made of: '${this.#table.version!.property}'`)
    return (version as number) + 1
  }

  /** Validates and writes, with the hooks around. */
  async #write<Outcome extends Result | CasOutcome>(operation: 'create' | 'update', key: object | undefined, values: AnyRow, run: Run<Outcome>): Promise<{ readonly values: AnyRow; readonly outcome: Outcome }> {
    const check = (given: AnyRow): Promise<void> => validate(this.#table, Object.entries(given).map(([property, value]) => [columnOf(this.#table, property), value]))
    const [before, after] = operation === 'create' ? (['beforeCreate', 'afterCreate'] as const) : (['beforeUpdate', 'afterUpdate'] as const)
    const { events } = this.#session
    let outcome: Outcome
    let written = values
    if (!this.#hooks.has('beforeValidate', 'afterValidate', 'beforeSave', before, after, 'afterSave')) {
      await check(values)
      outcome = await this.#uniquely(key ?? values, values, run)
    } else {
      const context = hookContext(this.#table.name, { operation, key, values })
      await this.#hooks.run('beforeValidate', context as never)
      await check(context.values)
      for (const name of ['afterValidate', 'beforeSave', before] as const) await this.#hooks.run(name, context as never)
      outcome = await this.#uniquely(key ?? context.values, context.values, run)
      if (!('status' in outcome) || outcome.status === 'applied') for (const name of [after, 'afterSave'] as const) await this.#hooks.run(name, context as never)
      written = context.values
    }
    const event = operation === 'create' ? 'created' : 'updated'
    if (events.has(event) && (!('status' in outcome) || outcome.status === 'applied')) events.emit(event, { table: this.#name, key: key as AnyRow | undefined, values: written })
    return { values: written, outcome }
  }

  /** Writes, and where a column is unique claims its value before. */
  async #uniquely<Outcome extends Result | CasOutcome>(key: object, values: AnyRow, run: Run<Outcome>): Promise<Outcome> {
    const { unique } = this.#table
    if (unique.every(({ property }) => !Object.hasOwn(values, property))) return run(values, undefined)
    const claims = this.#claims()
    await claims.create()
    const [before] = await this.#uniqueValues(key)
    const write = new UniqueWrite(this.#table, claims, key as AnyRow)
    await write.claim(values, before)
    let outcome: Outcome
    try {
      outcome = await run(values, write.timestamp)
    } catch (error) {
      await write.failed(error)
      throw error
    }
    await write.settle()
    return outcome
  }

  /** The unique columns of a row, as they are. */
  #uniqueValues(key: object): Promise<AnyRow[]> {
    return readRows(this.#session, this.#table, keyOf(this.#table, key as AnyRow), { columns: this.#table.unique.map(({ property }) => property), consistency: 'quorum' })
  }

  #claims(): Claims {
    return (this.#session.claims ??= new Claims(this.#session.client, this.#session.claimsOptions))
  }

  /**
   * Clears up what processes have left that died while they wrote a unique column: values that no row has become free, and those that a row has are its own. For a
   * timer of one process, or a nightly job.
   *
   * @returns how many claims were confirmed, and how many given back
   */
  async reapClaims(): Promise<{ readonly confirmed: number; readonly released: number }> {
    const claims = this.#claims()
    await claims.create()
    return claims.reap(judgeOf(this.#session.client, this.#table))
  }

  /** Writes a whole row by UPDATE: as {@link Repository.update}, with the key among the values. */
  async upsert(row: Key<S[K]> & Update<S[K]>, options: WriteOptions = {}): Promise<void> {
    const [key, values] = this.#apart(row as AnyRow)
    await this.update(key as Key<S[K]>, values as Update<S[K]>, options)
  }

  #apart(row: Readonly<AnyRow>): [key: AnyRow, values: AnyRow] {
    const [key, values]: [AnyRow, AnyRow] = [{}, {}]
    for (const [property, value] of Object.entries(row)) {
      const { inKey } = columnOf(this.#table, property)
      ;(inKey ? key : values)[property] = value
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
    const inKey = changed.find((column) => column.inKey)
    if (inKey) throw new QueryRefusedError(`'${inKey.property}' is in the key of ${this.#table.name}, and keys do not change: create another row, and delete this one`)
    if (changed.length === 0) return []
    if (this.#saving.has(row as AnyRow)) throw new QueryRefusedError(`This row of ${this.#table.name} is being saved: a hook that saves its own row would call itself`)
    this.#saving.add(row as AnyRow)
    try {
      await this.#saveChanged(row as AnyRow, changed, options)
    } finally {
      this.#saving.delete(row as AnyRow)
    }
    return changed.map(({ property }) => property)
  }

  async #saveChanged(row: AnyRow, changed: readonly TableColumn[], options: WriteOptions): Promise<void> {
    const { version } = this.#table
    const [key] = this.#apart(row)
    const names = [...changed.map(({ property }) => property), ...(version ? [version.property] : [])]
    const values = Object.fromEntries(names.map((property) => [property, row[property]]))
    const refreshed = this.#refreshed(values)
    await this.update(key as Key<S[K]>, { ...refreshed, ...values } as Update<S[K]>, options)
    Object.assign(row, refreshed)
    if (version) row[version.property] = (row[version.property] as number) + 1
    this.#tracking.remember(this.#table, row)
  }

  /** Deletes a row by its key, whether it is there or not. With a `.deletedAt()` column it is only said to be deleted. */
  async delete(key: Key<S[K]>, options: QueryOptions = {}): Promise<void> {
    this.#checkKey(key)
    const context = this.#hooks.has('beforeDestroy', 'afterDestroy') ? hookContext(this.#table.name, { key }) : undefined
    if (context) await this.#hooks.run('beforeDestroy', context)
    await this.#remove(key as AnyRow, options)
    if (context) await this.#hooks.run('afterDestroy', context)
    if (this.#session.events.has('deleted')) this.#session.events.emit('deleted', { table: this.#name, key: key as AnyRow })
  }

  async #remove(key: AnyRow, options: QueryOptions): Promise<void> {
    const { deletion, unique } = this.#table
    if (deletion) {
      // A row that is not there is not made: only one that is can be said to be deleted.
      await new UpdateTable<any>(this.#session, this.#table).set({ [deletion.property]: new Date() } as never).where(key as never).with(options).ifExists().run()
      return
    }
    const query = new DeleteQuery(this.#session, { table: this.#table, columns: [], filter: key, conditions: undefined, timestamp: undefined }, options)
    const keeper = this.#keeper
    const remove = (): Promise<Result> => (keeper ? keeper.write((dated) => query.timestamp(dated).text(), key, () => undefined, options, undefined, undefined) : query.run())
    if (unique.length === 0) await remove()
    else await this.#deleteUnique(key, remove)
  }

  /** Takes back that a row is deleted, in a table with a `.deletedAt()` column. */
  async restore(key: Key<S[K]>, options: QueryOptions = {}): Promise<void> {
    const { deletion, name } = this.#table
    if (!deletion) throw new QueryRefusedError(`${name} has no .deletedAt() column: what is deleted is gone`)
    await this.update(key, { [deletion.property]: null } as Update<S[K]>, options)
  }

  #refuseConditions(): void {
    if (this.#keeper) throw new QueryRefusedError(`${this.#table.name} is kept in other tables, too, and a condition cannot be of several tables`)
  }

  /**
   * Compares the table with those that it is kept in, row by row: for when two have changed one row at once, or somebody has written past the repository.
   *
   * @param options `repair` mends what is found
   * @returns what was found, for each of the other tables
   */
  async compareQueryTables({ repair = false, ...options }: QueryOptions & { readonly repair?: boolean | undefined } = {}): Promise<KeptReport[]> {
    return this.#keeper ? this.#keeper.compare(repair, options) : []
  }

  /** What the row had is free when it is gone. */
  async #deleteUnique(key: AnyRow, remove: () => Promise<Result>): Promise<void> {
    const claims = this.#claims()
    await claims.create()
    const [before] = await this.#uniqueValues(key)
    const write = new UniqueWrite(this.#table, claims, key)
    await write.claim(Object.fromEntries(this.#table.unique.map(({ property }) => [property, null])), before)
    await remove()
    await write.settle()
  }
}

/** Sends a write. @param timestamp what it is dated with, when that is not the client's own */
type Run<Outcome> = (values: AnyRow, timestamp: bigint | undefined) => Promise<Outcome>
