import type { Insert } from './row-types.js'
import { QueryRefusedError } from './errors.js'
import { Placeholder } from './placeholder.js'
import { columnOf } from './relation.js'
import type { QueryOptions, Session } from './session.js'
import type { Table, TableColumn, TableModel } from './table.js'
import { conditionText, usingText, written } from './write-text.js'
import type { Using } from './write-text.js'
import { WriteQuery } from './write-query.js'
import type { WriteText } from './write-query.js'

/** An INSERT without its values yet. */
export class InsertInto<T extends Table> {
  readonly #session: Session
  readonly #table: TableModel

  /** @internal */
  constructor(session: Session, table: TableModel) {
    if (table.isCounter) throw new QueryRefusedError(`${table.name} is a table of counters: they are updated, never inserted`)
    this.#session = session
    this.#table = table
  }

  /**
   * The row. Columns left out get their default, or nothing: null is written only where it is said, for it leaves a tombstone.
   *
   * @throws QueryRefusedError naming a column that is missing, unknown, undefined, or null where it must not be
   */
  values(row: Insert<T>): InsertQuery<T> {
    return new InsertQuery(this.#session, this.#table, completed(this.#table, row as Readonly<Record<string, unknown>>), false, { ttl: undefined, timestamp: undefined }, undefined)
  }
}

/** The columns of a row with their values, defaults filled in. */
export function completed(table: TableModel, row: Readonly<Record<string, unknown>>): (readonly [column: TableColumn, value: unknown])[] {
  for (const property of Object.keys(row)) columnOf(table, property)
  const values: (readonly [TableColumn, unknown])[] = []
  for (const column of table.columns.values()) {
    const { property, column: { fallback, refresh, mandatory } } = column
    if (Object.hasOwn(row, property)) values.push([column, row[property]])
    else if (fallback || refresh) values.push([column, (fallback ?? refresh)!()])
    else if (mandatory) throw new QueryRefusedError(`INSERT into ${table.name}: '${property}' is missing`)
  }
  return values
}

/** An INSERT. Immutable; awaited, it is run. */
export class InsertQuery<T extends Table, Conditional extends boolean = false> extends WriteQuery<Conditional, unknown> {
  readonly #table: TableModel
  readonly #row: readonly (readonly [column: TableColumn, value: unknown])[]
  readonly #ifNotExists: boolean
  readonly #using: Using

  /** @internal */
  constructor(session: Session, table: TableModel, row: readonly (readonly [column: TableColumn, value: unknown])[], ifNotExists: boolean, using: Using, options: QueryOptions | undefined) {
    super(session, table, options)
    this.#table = table
    this.#row = row
    this.#ifNotExists = ifNotExists
    this.#using = using
  }

  /** Inserts only where there is no such row, by a lightweight transaction. */
  ifNotExists(): InsertQuery<T, true> {
    return new InsertQuery(this.session, this.#table, this.#row, true, this.#using, this.options)
  }

  /** Lets the values go after some seconds. */
  ttl(seconds: number | Placeholder): InsertQuery<T, Conditional> {
    return new InsertQuery(this.session, this.#table, this.#row, this.#ifNotExists, { ...this.#using, ttl: seconds }, this.options)
  }

  /** Dates the write, in microseconds since 1970. */
  timestamp(micros: bigint | number | Placeholder): InsertQuery<T, Conditional> {
    return new InsertQuery(this.session, this.#table, this.#row, this.#ifNotExists, { ...this.#using, timestamp: micros }, this.options)
  }

  /** Options of the request, over those given before. */
  with(options: QueryOptions): InsertQuery<T, Conditional> {
    return new InsertQuery(this.session, this.#table, this.#row, this.#ifNotExists, this.#using, { ...this.options, ...options })
  }

  /** @internal */
  override write(): WriteText {
    const table = this.#table
    if (this.#ifNotExists && this.#using.timestamp !== undefined) throw new QueryRefusedError(`INSERT into ${table.name}: a conditional write is dated by its transaction, so .timestamp() cannot be beside .ifNotExists()`)
    const keyValue = (key: TableColumn): unknown => {
      const value = this.#row.find(([column]) => column === key)?.[1]
      return value instanceof Placeholder || value === undefined ? undefined : key.encode ? key.encode(value) : value
    }
    const values = this.#row.map(([column, value]) => written(table, column, value, keyValue))
    const names = this.#row.map(([{ quoted }]) => quoted).join(', ')
    const query = `INSERT INTO ${table.quoted} (${names}) VALUES (${this.#row.map(() => '?').join(', ')})${conditionText(table, this.#ifNotExists ? { kind: 'notExists' } : undefined, values)}${usingText(this.#using, values)}`
    return { query, values, conditional: this.#ifNotExists, idempotent: !this.#ifNotExists }
  }
}
