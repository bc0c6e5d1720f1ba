import { QueryRefusedError } from './errors.js'
import type { Placeholder } from './placeholder.js'
import type { PlaceholdersOf } from './placeholder-types.js'
import type { Checked, DeleteFault, UpdateFault } from './query-rules.js'
import { columnOf, relationsOf, whereText } from './relation.js'
import { checkKey } from './restrictions.js'
import type { ConditionsOf, Filter, KeyNames, ColumnsOf } from './row-types.js'
import type { QueryOptions, Session } from './session.js'
import type { Table, TableColumn, TableModel } from './table.js'
import { checkConditional } from './update.js'
import { conditionText, usingText } from './write-text.js'
import type { Conditions } from './write-text.js'
import { WriteQuery } from './write-query.js'
import type { WriteText } from './write-query.js'

/** Everything that a DELETE says. */
interface DeleteParts {
  readonly table: TableModel
  /** Whole rows when there are none. */
  readonly columns: readonly TableColumn[]
  readonly filter: Readonly<Record<string, unknown>>
  readonly conditions: Conditions | undefined
  readonly timestamp: bigint | number | Placeholder | undefined
}

/** A DELETE that does not say yet of which rows. */
export class DeleteFrom<T extends Table> {
  readonly #session: Session
  readonly #table: TableModel

  /** @internal */
  constructor(session: Session, table: TableModel) {
    this.#session = session
    this.#table = table
  }

  /** Deletes some columns of a row, not the row. */
  columns<const K extends Exclude<keyof ColumnsOf<T> & string, KeyNames<ColumnsOf<T>>>>(...names: readonly [K, ...K[]]): DeleteColumns<T, K> {
    const columns = names.map((name) => columnOf(this.#table, name))
    const inKey = columns.find((column) => column.inKey)
    if (inKey) throw new QueryRefusedError(`DELETE from ${this.#table.name}: '${inKey.property}' is in the key: without it there is no row`)
    return new DeleteColumns(this.#session, this.#table, columns)
  }

  /** The rows: by the whole partition key, and clustering columns in order with a range on the last. */
  where<const F extends Filter<T>>(filter: F & Checked<DeleteFault<T, F>>): DeleteQuery<T, false, PlaceholdersOf<T, F>> {
    return new DeleteQuery(this.#session, { table: this.#table, columns: [], filter: filter as Readonly<Record<string, unknown>>, conditions: undefined, timestamp: undefined }, undefined)
  }
}

/** A DELETE of columns that does not say yet of which row. */
export class DeleteColumns<T extends Table, Names extends string> {
  readonly #session: Session
  readonly #table: TableModel
  readonly #columns: readonly TableColumn[]

  /** @internal */
  constructor(session: Session, table: TableModel, columns: readonly TableColumn[]) {
    this.#session = session
    this.#table = table
    this.#columns = columns
  }

  /** The rows, by their whole primary key; of static columns, by the partition key. */
  where<const F extends Filter<T>>(filter: F & Checked<UpdateFault<T, Names, F>>): DeleteQuery<T, false, PlaceholdersOf<T, F>> {
    return new DeleteQuery(this.#session, { table: this.#table, columns: this.#columns, filter: filter as Readonly<Record<string, unknown>>, conditions: undefined, timestamp: undefined }, undefined)
  }
}

/** A DELETE. Immutable; awaited, it is run. */
export class DeleteQuery<T extends Table, Conditional extends boolean = false, P = unknown> extends WriteQuery<Conditional, P> {
  readonly #parts: DeleteParts

  /** @internal */
  constructor(session: Session, parts: DeleteParts, options: QueryOptions | undefined) {
    super(session, parts.table, options)
    this.#parts = parts
  }

  /** Deletes only a row that is there, by a lightweight transaction. */
  ifExists(): DeleteQuery<T, true, P> {
    return new DeleteQuery(this.session, { ...this.#parts, conditions: { kind: 'exists' } }, this.options)
  }

  /** Deletes only a row that has these values, by a lightweight transaction. Null stands for nothing there. */
  if(conditions: ConditionsOf<T>): DeleteQuery<T, true, P> {
    return new DeleteQuery(this.session, { ...this.#parts, conditions: { kind: 'if', filter: conditions as Readonly<Record<string, unknown>> } }, this.options)
  }

  /** Dates the deletion, in microseconds since 1970: what was written later stays. */
  timestamp(micros: bigint | number | Placeholder): DeleteQuery<T, Conditional, P> {
    return new DeleteQuery(this.session, { ...this.#parts, timestamp: micros }, this.options)
  }

  /** Options of the request, over those given before. */
  with(options: QueryOptions): DeleteQuery<T, Conditional, P> {
    return new DeleteQuery(this.session, this.#parts, { ...this.options, ...options })
  }

  /** @internal */
  override write(): WriteText {
    const { table, columns, filter, conditions, timestamp } = this.#parts
    const relations = relationsOf(table, filter)
    const statics = columns.length > 0 && columns.every(({ kind }) => kind === 'static')
    checkKey(table, relations, statics ? 'partition' : columns.length > 0 || conditions ? 'rows' : 'prefix', 'DELETE from')
    if (conditions) checkConditional(table, relations.some(({ operator }) => operator === 'IN'), { timestamp }, 'DELETE from')
    if (table.isCounter && timestamp !== undefined) throw new QueryRefusedError(`DELETE from ${table.name}: counters have no timestamp`)
    const values: unknown[] = []
    const names = columns.map(({ quoted }) => quoted).join(', ')
    const query = `DELETE ${names === '' ? '' : `${names} `}FROM ${table.quoted}${usingText({ ttl: undefined, timestamp }, values)}${whereText(relations, values)}${conditionText(table, conditions, values)}`
    return { query, values, conditional: conditions !== undefined, idempotent: conditions === undefined }
  }
}
