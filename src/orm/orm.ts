import { Events, OptionError } from '../base/index.js'
import type { Client } from '../client/index.js'
import { contentsToCql } from '../cluster/index.js'
import type { KeyspaceMetadata } from '../cluster/index.js'
import type { ClaimsOptions } from '../coordination/index.js'
import { RelationReader } from './along.js'
import { runBatch } from './batch.js'
import type { BatchOutcome, BatchPart, BatchWriteOptions } from './batch.js'
import { Cursors } from './cursors.js'
import { DeleteFrom } from './delete.js'
import type { Tables } from './find-types.js'
import { Hooks } from './hooks.js'
import type { Hook, HookOptions } from './hooks.js'
import { InsertInto } from './insert.js'
import { keptTables } from './query-tables.js'
import type { QueryTable } from './query-tables.js'
import { checkRelations } from './relations.js'
import type { CheckedRelations, Relations } from './relations.js'
import { readRows } from './read-rows.js'
import { Repository } from './repository.js'
import type { Row } from './row-types.js'
import { missingToCql, schemaOf } from './schema-of.js'
import { SchemaBuilder } from './schema-query.js'
import { Select } from './select.js'
import { everythingOf } from './select-text.js'
import type { OrmEvents, Session } from './session.js'
import { Table } from './table.js'
import { UpdateTable } from './update.js'
import type { View, Writable } from './view.js'

/** Options of {@link orm}. */
export interface OrmOptions<R, S extends Tables = Tables> {
  /** What `with` reads along, by table and name. @default none */
  readonly relations?: R | undefined
  /** Tables that hold the rows of others again, by other keys: repositories write them together. @default none */
  readonly queryTables?: { readonly [K in keyof S]?: readonly QueryTable[] } | undefined
  /** Where claims of unique columns are kept, and for how long nobody looks into those that are not confirmed. @default the table `claims` of the client's keyspace, a minute */
  readonly claims?: ClaimsOptions | undefined
  /** Signs the cursors of `page()`: at least 16 bytes, the same in all processes that read each other's. @default one that this process makes up */
  readonly cursorSecret?: string | Uint8Array | undefined
}

/** The hooks around connecting and closing. */
export interface ConnectionHooks {
  beforeConnect: { readonly client: Client }
  afterConnect: { readonly client: Client }
  beforeDisconnect: { readonly client: Client }
  afterDisconnect: { readonly client: Client }
}

/** Builders of statements, and what goes for all tables. */
export class Database {
  readonly client: Client
  readonly #session: Session
  readonly #tables: Tables
  readonly #hooks = new Hooks<ConnectionHooks>()

  /** @internal */
  constructor(session: Session, tables: Tables) {
    this.client = session.client
    this.#session = session
    this.#tables = tables
  }

  /** Builders of the statements that change the schema. */
  get schema(): SchemaBuilder {
    return new SchemaBuilder(this.client)
  }

  /** Calls `listener` at each event of that name; returns a function that stops it. */
  on<Name extends keyof OrmEvents>(name: Name, listener: (event: OrmEvents[Name]) => void): () => void {
    return this.#session.events.on(name, listener)
  }

  /** Has a function called before or after the client connects or closes by {@link Database.connect} and {@link Database.close}. @returns a function that removes it */
  hook<Name extends keyof ConnectionHooks>(name: Name, hook: Hook<ConnectionHooks[Name]>, options?: HookOptions): () => void {
    return this.#hooks.add(name, hook, options)
  }

  /** Connects the client, unless it is connected, with the hooks around. */
  async connect(): Promise<void> {
    await this.#hooks.run('beforeConnect', { client: this.client })
    await this.client.connect()
    await this.#hooks.run('afterConnect', { client: this.client })
  }

  /** Closes the client, with the hooks around. */
  async close(): Promise<void> {
    await this.#hooks.run('beforeDisconnect', { client: this.client })
    await this.client.close()
    await this.#hooks.run('afterDisconnect', { client: this.client })
  }

  /** A SELECT of all columns; `.where()`, `.columns()` and others narrow it. */
  select<T extends Table>(table: T): Select<T, Row<T>> {
    return new Select<T, Row<T>>(this.#session, everythingOf(table.model), undefined)
  }

  /** An INSERT; `.values()` gives the row. */
  insert<T extends Table>(table: T & Writable<T>): InsertInto<T> {
    return new InsertInto<T>(this.#session, table.model)
  }

  /** An UPDATE; `.set()` says what, `.where()` which rows. */
  update<T extends Table>(table: T & Writable<T>): UpdateTable<T> {
    return new UpdateTable<T>(this.#session, table.model)
  }

  /** A DELETE; `.where()` says which rows. */
  delete<T extends Table>(table: T & Writable<T>): DeleteFrom<T> {
    return new DeleteFrom<T>(this.#session, table.model)
  }

  /** Runs several writes as one batch: for what must happen together, not for speed. */
  batch<const Items extends readonly BatchPart[]>(items: Items, options: BatchWriteOptions = {}): Promise<BatchOutcome<Items>> {
    return runBatch(this.#session, items, options)
  }

  /**
   * The statements that create the declared tables, their types and indexes, in an order in which they can be run.
   *
   * @throws OptionError when a table has no keyspace, and the client none either
   */
  toCQL(): string[] {
    return this.#schemas().flatMap((schema) => contentsToCql(schema))
  }

  /**
   * Creates the declared tables, types and indexes that are not there. Nothing that is there is changed: that is what migrations are for.
   *
   * @returns the statements that were run
   */
  async createTables(): Promise<string[]> {
    await this.client.refreshSchema()
    const run: string[] = []
    for (const statement of this.#missing()) {
      try {
        await this.client.execute(statement)
        run.push(statement)
      } catch (error) {
        await this.client.refreshSchema()
        if (this.#missing().includes(statement)) throw error // else somebody has made it in between
      }
    }
    return run
  }

  #missing(): string[] {
    return this.#schemas().flatMap((schema) => missingToCql(schema, this.client.cluster.keyspaces.get(schema.name)))
  }

  #schemas(): KeyspaceMetadata[] {
    const { keyspace } = this.client
    const names = new Set(Object.values(this.#tables).map(({ model }) => model.keyspace ?? keyspace))
    if (names.has(undefined)) throw new OptionError('keyspace', "Tables without a keyspace need the client's: connect with the option 'keyspace'")
    const of = (name: string): Tables => Object.fromEntries(Object.entries(this.#tables).filter(([, { model }]) => (model.keyspace ?? keyspace) === name))
    return [...names].map((name) => schemaOf(name!, of(name!)))
  }
}

/** A database with its tables: a {@link Repository} for each by its name, beside the builders of {@link Database}. */
export type Orm<S extends Tables, R extends Relations = Record<never, never>> = Database & { readonly [K in keyof S & string]: S[K] extends View ? ViewRepository<S, R, K> : Repository<S, R, K> }

/** What a repository of a view has: views are read, and never written. */
export type ViewRepository<S extends Tables, R extends Relations, K extends keyof S & string> = Pick<Repository<S, R, K>, 'find' | 'findOne' | 'findMany' | 'count' | 'hook' | 'table'>

/**
 * Ties tables to a client.
 *
 * @param tables by the names that they shall have here
 * @returns a repository for each table, and builders for every statement
 * @throws OptionError for names that are taken, relations that would need a scan, and a client that reads values in other forms than the tables' types say
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { hasMany, orm, table, text, timestamp, uuid } from 'cqlwire/orm'
 *
 * const users = table('users', { id: uuid().partitionKey(), name: text().required() })
 * const posts = table('posts', { author: uuid().partitionKey(), at: timestamp().clusteringKey('desc'), title: text() })
 *
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'], keyspace: 'blog' })
 * const db = orm(client, { users, posts }, { relations: { users: { posts: hasMany('posts', { author: 'id' }) } } })
 * await db.createTables()
 * const [user] = await db.users.find({ id: '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47' }, { with: { posts: { limit: 5 } } })
 * const titles = user?.posts.map((post) => post.title)
 * ```
 */
export function orm<const S extends Tables, const R extends Relations = Record<never, never>>(client: Client, tables: S, { relations, cursorSecret, claims, queryTables = {} }: OrmOptions<R & CheckedRelations<S, R>, S> = {}): Orm<S, R> {
  const { bigint, timestamp, set, map } = client.encoding
  if (bigint !== 'bigint' || timestamp !== 'date' || set !== 'set' || map !== 'map') throw new OptionError('encoding', "The types of tables are those of the client's default encoding: connect without the option 'encoding'")
  const session: Session = { client, claims: undefined, claimsOptions: claims ?? {}, cursors: new Cursors(cursorSecret), events: new Events<OrmEvents>() }
  const database = new Database(session, tables)
  const named = (relations ?? {}) as Relations
  for (const [name, each] of Object.entries(tables)) {
    if (!(each instanceof Table)) throw new OptionError('tables', `'${name}' is no table: table() makes one`)
    if (name in database) throw new OptionError('tables', `A table cannot be named '${name}' here: that is a builder's name`)
  }
  checkRelations(tables, named)
  const reader = new RelationReader(named, (name, filter, reading) => readRows(session, tables[name]!.model, filter, reading))
  const kept = new Map(Object.entries(queryTables).map(([name, declared]) => [name, keptTables(tables, name, declared as readonly QueryTable[])]))
  for (const [name, each] of Object.entries(tables)) {
    const { model } = each
    if (kept.has(name) && model.deletion) throw new OptionError('queryTables', `queryTables.${name}: a table whose rows are only said to be deleted cannot be kept in others`)
    if (kept.has(name) && model.version) throw new OptionError('queryTables', `queryTables.${name}: a table with a version cannot be kept in others, since its updates are transactions of one table`)
    Object.defineProperty(database, name, { value: new Repository(session, name, each, reader, kept.get(name) ?? []), enumerable: true })
  }
  return database as Orm<S, R>
}
