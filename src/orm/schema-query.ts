import { OptionError } from '../base/index.js'
import type { Client, Result } from '../client/index.js'
import { indexToCql, mapToCql, optionsToCql, tableToCql, typeDefinitionToCql, viewToCql } from '../cluster/index.js'
import type { KeyspaceMetadata } from '../cluster/index.js'
import { quoteIdentifier, typeToCql } from '../codecs/index.js'
import type { UdtDefinition } from './column-types.js'
import { QueryRefusedError } from './errors.js'
import { columnOf } from './relation.js'
import type { ColumnsOf, KeyNames } from './row-types.js'
import { schemaOf } from './schema-of.js'
import type { QueryOptions } from './session.js'
import type { Table, TableOptions } from './table.js'
import type { View, Writable } from './view.js'

/** A statement that changes the schema. Immutable; awaited, it is run, and the nodes are waited for until they agree. */
export class SchemaQuery implements PromiseLike<Result> {
  protected readonly client: Client
  protected readonly text: string
  protected readonly options: QueryOptions | undefined

  /** @internal */
  constructor(client: Client, text: string, options?: QueryOptions) {
    this.client = client
    this.text = text
    this.options = options
  }

  /** The statement as it is sent. */
  toCQL(): { readonly query: string; readonly values: readonly unknown[] } {
    return { query: this.text, values: [] }
  }

  /** Options of the request, over those given before. */
  with(options: QueryOptions): this {
    return this.#but(this.text, { ...this.options, ...options })
  }

  /** @internal */
  protected but(text: string): this {
    return this.#but(text, this.options)
  }

  #but(text: string, options: QueryOptions | undefined): this {
    return new (this.constructor as new (client: Client, text: string, options?: QueryOptions) => this)(this.client, text, options)
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what it is for
  then<A = Result, B = never>(onDone?: ((result: Result) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.client.execute(this.text, [], this.options ?? {}).then(onDone, onError)
  }
}

/** A CREATE statement. */
export class CreateQuery extends SchemaQuery {
  /** Does nothing where there is one of that name already, whatever it looks like. */
  ifNotExists(): this {
    return this.but(this.text.replace(/^CREATE (?:CUSTOM )?(?:MATERIALIZED VIEW|\w+)/, '$& IF NOT EXISTS'))
  }
}

/** A DROP statement. */
export class DropQuery extends SchemaQuery {
  /** Does nothing where there is none. */
  ifExists(): this {
    return this.but(this.text.replace(/^DROP (?:MATERIALIZED VIEW|\w+)/, '$& IF EXISTS'))
  }
}

/** An ALTER TABLE that does not say yet what changes. Keys and types of columns cannot change. */
export class AlterTable<T extends Table> {
  readonly #client: Client
  readonly #table: T
  readonly #name: string

  /** @internal */
  constructor(client: Client, table: T, name: string) {
    this.#client = client
    this.#table = table
    this.#name = name
  }

  /** Adds columns that are declared, and not there yet. */
  add<const K extends Exclude<keyof ColumnsOf<T>, KeyNames<ColumnsOf<T>>> & string>(...names: readonly [K, ...K[]]): SchemaQuery {
    const added = names.map((name) => columnOf(this.#table.model, name))
    const inKey = added.find((column) => column.inKey)
    if (inKey) throw new QueryRefusedError(`ALTER TABLE ${this.#table.name}: '${inKey.property}' is in the key, and keys cannot change`)
    return this.#alter(`ADD ${inBrackets(added.map(({ quoted, column, kind }) => `${quoted} ${typeToCql(column.type)}${kind === 'static' ? ' static' : ''}`))}`)
  }

  /** Drops columns, with what is in them. @param names in CQL, since what is dropped is no longer declared */
  drop(...names: readonly [string, ...string[]]): SchemaQuery {
    return this.#alter(`DROP ${inBrackets(names.map(quoteIdentifier))}`)
  }

  /** Renames a column of the clustering key; others have the names that they have. @param from in CQL @param to in CQL */
  rename(from: string, to: string): SchemaQuery {
    return this.#alter(`RENAME ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`)
  }

  /** Changes options of the table, such as `{ default_time_to_live: 3600 }`. */
  options(options: NonNullable<TableOptions['with']>): SchemaQuery {
    const clauses = optionsToCql(options)
    if (clauses.length === 0) throw new QueryRefusedError(`ALTER TABLE ${this.#table.name} changes no option`)
    return this.#alter(`WITH ${clauses.join(' AND ')}`)
  }

  #alter(change: string): SchemaQuery {
    return new SchemaQuery(this.#client, `ALTER TABLE ${this.#name} ${change}`)
  }
}

function inBrackets(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `(${names.join(', ')})`
}

/** Options of {@link SchemaBuilder.createKeyspace}. */
export interface KeyspaceOptions {
  /** Copies of each row by data centre, `{ dc1: 3 }`, or in all of a cluster that has one. */
  readonly replication: number | Readonly<Record<string, number>>
  /** Whether writes go through the commit log. @default true */
  readonly durableWrites?: boolean | undefined
}

/** Builders of the statements that change the schema: `db.schema.createTable(users).ifNotExists()`. What is declared is created by `db.createTables()`, and changed by migrations. */
export class SchemaBuilder {
  readonly #client: Client

  /** @internal */
  constructor(client: Client) {
    this.#client = client
  }

  /** `CREATE KEYSPACE`. */
  createKeyspace(name: string, { replication, durableWrites = true }: KeyspaceOptions): CreateQuery {
    const factors = typeof replication === 'number' ? { replication_factor: replication } : replication
    const wrong = Object.entries(factors).find(([, factor]) => !Number.isSafeInteger(factor) || factor < 1)
    if (wrong || Object.keys(factors).length === 0) throw new OptionError('replication', wrong ? `'${wrong[0]}' must be a whole number of copies, at least 1, not ${String(wrong[1])}` : 'A keyspace has copies in one data centre at least')
    const strategy = typeof replication === 'number' ? 'SimpleStrategy' : 'NetworkTopologyStrategy'
    return new CreateQuery(this.#client, `CREATE KEYSPACE ${quoteIdentifier(name)} WITH replication = ${mapToCql({ class: strategy, ...factors })}${durableWrites ? '' : ' AND durable_writes = false'}`)
  }

  /** `DROP KEYSPACE`, with all that is in it. */
  dropKeyspace(name: string): DropQuery {
    return new DropQuery(this.#client, `DROP KEYSPACE ${quoteIdentifier(name)}`)
  }

  /** `CREATE TABLE`; its indexes and types are statements of their own. */
  createTable<T extends Table>(table: T & Writable<T>): CreateQuery {
    this.#refuseView(table)
    return new CreateQuery(this.#client, tableToCql(this.#declared(table).tables.get(table.name)!))
  }

  /** `DROP TABLE`, with all rows. */
  dropTable<T extends Table>(table: T & Writable<T>): DropQuery {
    this.#refuseView(table)
    return new DropQuery(this.#client, `DROP TABLE ${this.#nameOf(table, table.name)}`)
  }

  /** `TRUNCATE`: deletes all rows, at once and for good. */
  truncate<T extends Table>(table: T & Writable<T>): SchemaQuery {
    this.#refuseView(table)
    return new SchemaQuery(this.#client, `TRUNCATE ${this.#nameOf(table, table.name)}`)
  }

  /** `ALTER TABLE`; what changes is said next. */
  alterTable<T extends Table>(table: T & Writable<T>): AlterTable<T> {
    this.#refuseView(table)
    return new AlterTable<T>(this.#client, table, this.#nameOf(table, table.name))
  }

  /** `CREATE INDEX`, of a column that is declared `.indexed()`. */
  createIndex<T extends Table>(table: T & Writable<T>, column: keyof ColumnsOf<T> & string): CreateQuery {
    return new CreateQuery(this.#client, indexToCql(this.#indexOf(table, column), { keyspace: this.#keyspaceOf(table), name: table.name }))
  }

  /** `DROP INDEX`, of a column that is declared `.indexed()`. */
  dropIndex<T extends Table>(table: T & Writable<T>, column: keyof ColumnsOf<T> & string): DropQuery {
    return new DropQuery(this.#client, `DROP INDEX ${this.#nameOf(table, this.#indexOf(table, column).name)}`)
  }

  /** `CREATE MATERIALIZED VIEW`. */
  createView(view: View): CreateQuery {
    const declared = this.#declared(view).views.get(view.name)
    if (!declared) throw new QueryRefusedError(`${view.name} is no view: view() makes one`)
    return new CreateQuery(this.#client, viewToCql(declared))
  }

  /** `DROP MATERIALIZED VIEW`. */
  dropView(view: View): DropQuery {
    return new DropQuery(this.#client, `DROP MATERIALIZED VIEW ${this.#nameOf(view, view.name)}`)
  }

  /** `CREATE TYPE`, in the client's keyspace. */
  createType({ type }: UdtDefinition): CreateQuery {
    return new CreateQuery(this.#client, typeDefinitionToCql(type, this.#keyspaceOf(undefined)))
  }

  /** `DROP TYPE`. */
  dropType({ type }: UdtDefinition): DropQuery {
    return new DropQuery(this.#client, `DROP TYPE ${quoteIdentifier(this.#keyspaceOf(undefined))}.${quoteIdentifier(type.name)}`)
  }

  #declared(table: Table): KeyspaceMetadata {
    return schemaOf(this.#keyspaceOf(table), { table })
  }

  #keyspaceOf(table: Table | undefined): string {
    const keyspace = table?.model.keyspace ?? this.#client.keyspace
    if (keyspace === undefined) throw new OptionError('keyspace', "What has no keyspace of its own needs the client's: connect with the option 'keyspace'")
    return keyspace
  }

  #nameOf(table: Table, name: string): string {
    return `${quoteIdentifier(this.#keyspaceOf(table))}.${quoteIdentifier(name)}`
  }

  #indexOf(table: Table, property: string) {
    const column = columnOf(table.model, property)
    const index = [...(this.#declared(table).tables.get(table.name)?.indexes.values() ?? [])].find(({ target }) => target === column.quoted || target.endsWith(`(${column.quoted})`))
    if (!index) throw new QueryRefusedError(`'${property}' of ${table.name} is not declared .indexed()`)
    return index
  }

  #refuseView({ name, model }: Table): void {
    if (model.view) throw new QueryRefusedError(`${name} is a view of ${model.view.base.name}, and no table`)
  }
}
