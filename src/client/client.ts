import { AbortedError, OptionError, ProtocolError } from '../base/index.js'
import { ColumnarResult, joinJsonArrays } from '../codecs/index.js'
import type { ColumnarOptions, JsonLayout, JsonOptions, JsonPage, RowColumns, RowDecoder } from '../codecs/index.js'
import type { BatchType } from '../protocol/index.js'
import { bindPrepared, bindTyped, hasValues } from './binding.js'
import type { Values } from './binding.js'
import { parseConnectionUrl } from './connection-url.js'
import { runCas } from './cas.js'
import type { CasOutcome } from './cas.js'
import { ClusterView } from './cluster-view.js'
import { Core } from './core.js'
import type { ClientStats } from './client-stats.js'
import { addressOf } from './address.js'
import { batchEntry, BatchExecution, ExecuteExecution, QueryExecution } from './executions.js'
import type { BatchEntry, Finish, ReadRows, StatementSettings } from './executions.js'
import { checkClientOptions, checkRequestOptions, checkViewOptions } from './options.js'
import type { ClientEvents } from './observers.js'
import type { ClientOptions, ProfileOptions, RequestOptions, ViewOptions } from './options.js'
import type { Prepared } from './prepared.js'
import { prepareStatement } from './preparing.js'
import { schemaAgreement } from './schema-agreement.js'
import { Result, RowCountError } from './result.js'
import { sameColumns } from './result-shapes.js'
import { RowStream } from './row-stream.js'
import { BoundStatement, Statement } from './statement.js'
import { startsWithSelect, startsWithUse } from './statement-text.js'
import type { Identifier } from './tag.js'
import { cql, TaggedQuery, TaggedStatement } from './tag.js'
import { fetchTrace } from './trace.js'
import type { Trace } from './trace.js'

/** A statement, in any of the forms that the client takes. */
export type Query = string | TaggedStatement | BoundStatement

/** One statement of a batch. */
export type BatchItem = Query | { readonly query: string; readonly values?: Values }

/** Options of a batch. */
export interface BatchOptions extends Omit<RequestOptions, 'pageSize' | 'pageState' | 'autoPage' | 'maxRows' | 'prepare' | 'types'> {
  /** Logged batches are applied as a whole, unlogged ones need not be. @default 'logged' */
  readonly type?: BatchType | undefined
}

/** The tag of a client: what it makes is sent when first awaited. */
export interface ClientTag {
  <Row = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): TaggedQuery<Row>
  /** Puts a name into a statement, quoted where it must be. */
  identifier(name: string): Identifier
}

/** All request options with their defaults filled in. */
type Defaults = StatementSettings & Omit<RequestOptions, 'speculation'> & { readonly maxRows: number }

const AGREEMENT_TIMEOUT_MS = 10_000
const DRAIN_MS = 2000

/**
 * A client of a Cassandra or ScyllaDB cluster: finds its nodes, keeps connections to them, and runs statements.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'], keyspace: 'shop' })
 * const { rows } = await client.execute('SELECT * FROM users WHERE id = ?', ['6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'])
 * ```
 */
export class Client implements AsyncDisposable {
  readonly #core: Core
  readonly #defaults: Defaults
  /** The defaults with what one kind of request forces, by that object. */
  readonly #forced = new WeakMap<Partial<Defaults>, Defaults>()
  /** Makes statements of templates: `` await client.cql`SELECT * FROM users WHERE id = ${id}` ``. */
  readonly cql: ClientTag

  /**
   * Makes a client that connects at its first request.
   *
   * @param options where the cluster is and how to talk to it, or a connection URL
   * @throws OptionError naming the option that is unknown or wrong
   */
  constructor(options: ClientOptions | string) {
    const given = typeof options === 'string' ? parseConnectionUrl(options) : options
    const shared = views.get(given)
    if (shared) {
      this.#core = shared.core
      this.#defaults = shared.defaults
    } else {
      checkClientOptions(given)
      this.#core = new Core(given)
      this.#defaults = defaultsOf(given, this.#core)
    }
    this.cql = Object.assign(<Row>(strings: TemplateStringsArray, ...values: readonly unknown[]) =>
      new TaggedQuery<Row>(cql(strings, ...values), (statement) => this.execute<Row>(statement)), { identifier: cql.identifier })
  }

  /**
   * Makes a client and connects it.
   *
   * @param options where the cluster is, or a URL such as `cql://user:secret@host1:9042,host2/shop?dc=dc1&tls=true`
   * @returns the client, with a connection to at least one node
   * @throws OptionError, AuthenticationError, InvalidQueryError for an unknown keyspace, NoNodeAvailableError with every attempt
   */
  static async connect(options: ClientOptions | string): Promise<Client> {
    const client = new Client(options)
    try {
      await client.connect()
    } catch (error) {
      await client.close({ drainMs: 0 })
      throw error
    }
    return client
  }

  /** Connects and reads the schema, unless it is done already. */
  async connect(): Promise<void> {
    await this.#core.schemaLoaded()
  }

  /**
   * Runs a statement and returns one page of its rows.
   *
   * @param query text, or what `cql` or `statement.bind` has made
   * @param values for the markers of a text, in order or by name; with values it is prepared first
   * @param options of this request
   * @returns rows, columns, and where the next page begins
   * @throws CodecError before anything is sent when a value does not fit; ServerError; NoNodeAvailableError; RequestTimeoutError; AbortedError
   */
  execute<Row = Record<string, unknown>>(query: Query, values?: Values, options?: RequestOptions): Promise<Result<Row>> {
    return this.#execute(query, values, options) as Promise<Result<Row>>
  }

  /** Never throws, but rejects. It is no async function, and calls none where the statement is prepared: each would cost as much as encoding a request. */
  #execute(query: Query, values: Values | undefined, options: RequestOptions | undefined, forced?: Partial<Defaults>, finish: Finish = this.#follow): Promise<unknown> {
    try {
      const settings = this.#settings(options, forced)
      if (typeof query === 'string') return this.#page(query, values, settings, hasValues(values), finish)
      if (hasValues(values)) throw new OptionError('values', 'A bound statement or one made by the cql tag has its values already')
      if (query instanceof BoundStatement) return this.#page(query.statement.query, query.values, settings, true, finish)
      if (query instanceof TaggedStatement) return this.#page(query.query, query.values, settings, query.values.length > 0, finish)
      throw new OptionError('query', `A statement is a text, or made by prepare() and bind() or the cql tag, not ${query === null ? 'null' : `of type ${typeof query}`}`)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Waits for the schema to be agreed on, follows empty pages, and with `autoPage` all pages. */
  readonly #follow: Finish = (result, request) => (result.pageState === undefined && result.schemaChange === undefined ? result : this.#followed(result, request))

  async #followed(first: Result<unknown>, request: Parameters<Finish>[1]): Promise<Result<unknown>> {
    if (first.schemaChange) return this.#agreed(first)
    const settings = request.settings as Defaults
    let result = first
    while (result.rows.length === 0 && result.pageState !== undefined) result = await this.#nextPage(request, result.pageState)
    if (!settings.autoPage || result.pageState === undefined) return result
    const rows = [...result.rows]
    while (result.pageState !== undefined) {
      result = await this.#nextPage(request, result.pageState)
      for (const row of result.rows) rows.push(row)
      checkMaxRows(rows.length, settings.maxRows)
    }
    return new Result(rows, result.columns, undefined, result.info)
  }

  #nextPage({ queryText, given, prepared, settings }: Parameters<Finish>[1], pageState: Uint8Array): Promise<Result<unknown>> {
    return this.#page(queryText, given, { ...(settings as Defaults), pageState, prepare: prepared }, hasValues(given), undefined) as Promise<Result<unknown>>
  }

  /** A schema change is done when all nodes have it: what is sent next may go to any of them. */
  async #agreed(result: Result<unknown>): Promise<Result<unknown>> {
    const schemaInAgreement = await this.#schemaAgreement(result.info.node, AGREEMENT_TIMEOUT_MS).catch(() => false)
    await this.#core.onOwnSchemaChange(result.schemaChange!)
    return new Result(result.rows, result.columns, result.pageState, { ...result.info, schemaInAgreement }, result.schemaChange)
  }

  #schemaAgreement(node: string, timeoutMs: number): Promise<boolean> {
    return schemaAgreement(async (query) => (await this.execute(query, [], { node, consistency: 'one', rowMode: 'object', autoPage: false, prepare: false })).rows, timeoutMs, this.#core.clock)
  }

  /** Sends one request. @param finish what becomes of its result */
  #page(query: string, values: Values | undefined, settings: Defaults, bound: boolean, finish: Finish | undefined): Promise<unknown> {
    if (settings.prepare ?? bound) {
      const prepared = prepareStatement(this.#core, query, settings)
      if (prepared instanceof Promise) return withSignal(prepared, settings.signal).then((ready) => this.#executePrepared(ready, values, settings, finish))
      return this.#executePrepared(prepared, values, settings, finish)
    }
    if (startsWithUse(query)) throw new OptionError('query', 'USE would change one connection of many: write client.with({ keyspace }) instead')
    const send = (): Promise<unknown> =>
      new QueryExecution(this.#core, settings, settings.idempotent ?? startsWithSelect(query), query, values, bound ? bindTyped(this.#core.codecs, values!, settings.types) : undefined, this.#timestamp(settings), finish).start()
    return this.#core.ready ? send() : withSignal(this.#core.connect(), settings.signal).then(send)
  }

  #executePrepared(prepared: Prepared, values: Values | undefined, settings: Defaults, finish: Finish | undefined): Promise<unknown> {
    return new ExecuteExecution(this.#core, settings, settings.idempotent ?? prepared.isSelect, prepared, values, prepared.isSelect ? undefined : this.#timestamp(settings), finish).start()
  }

  /** @param forced what the caller cannot choose */
  #settings(options: RequestOptions | undefined, forced?: Partial<Defaults>): Defaults {
    if (options === undefined) return forced === undefined ? this.#defaults : this.#forcedDefaults(forced)
    checkRequestOptions(options)
    const settings: Record<string, unknown> = { ...this.#defaults, ...(options.profile !== undefined && this.#profile(options.profile)) }
    for (const [name, value] of Object.entries(options)) if (value !== undefined) settings[name] = value
    if (options.keyspace !== undefined && options.keyspace !== this.#defaults.keyspace && this.#core.version !== undefined && this.#core.version < 5) {
      throw new OptionError('keyspace', `A keyspace per request needs protocol version 5, and version ${this.#core.version} is spoken: use client.with({ keyspace })`)
    }
    return Object.assign(settings, forced) as unknown as Defaults
  }

  #forcedDefaults(forced: Partial<Defaults>): Defaults {
    let settings = this.#forced.get(forced)
    if (!settings) this.#forced.set(forced, (settings = { ...this.#defaults, ...forced }))
    return settings
  }

  #profile(name: string): ProfileOptions {
    const { profiles } = this.#core
    if (!Object.hasOwn(profiles, name)) throw new OptionError('profile', `Unknown profile '${name}': the client has ${Object.keys(profiles).join(', ') || 'none'}`)
    return withoutUndefined(profiles[name]!)
  }

  /** Dates writes; reads need no timestamp. */
  #timestamp({ timestamp }: Defaults): bigint | undefined {
    return timestamp === undefined ? this.#core.timestamps() : BigInt(timestamp)
  }

  /**
   * Prepares a statement, to run it many times. `execute` with values does so by itself.
   *
   * @throws CqlSyntaxError, InvalidQueryError when the server refuses it
   */
  async prepare<Row = Record<string, unknown>>(query: string, options?: Pick<RequestOptions, 'keyspace' | 'timeoutMs' | 'signal'>): Promise<Statement<Row>> {
    const settings = this.#settings(options)
    const prepared: Prepared = await withSignal(Promise.resolve(prepareStatement(this.#core, query, settings)), settings.signal)
    return new Statement<Row>(prepared, (values, given) => this.execute<Row>(query, values, { ...given, prepare: true }))
  }

  /**
   * Runs several writes as one.
   *
   * @param items texts with or without values, bound statements, or tagged statements
   * @throws OptionError when there are none, or when one is none of these; otherwise as `execute`
   */
  async batch(items: readonly BatchItem[], options: BatchOptions = {}): Promise<Result> {
    return this.#batch(items, options)
  }

  async #batch(items: readonly BatchItem[], options: BatchOptions, forced?: Partial<Defaults>): Promise<Result> {
    const { type = 'logged', ...rest } = options
    if (!['logged', 'unlogged', 'counter'].includes(type)) throw new OptionError('type', "Option 'type' must be one of logged, unlogged, counter")
    if (!Array.isArray(items) || items.length === 0) throw new OptionError('items', 'A batch needs a list of at least one statement')
    const settings = this.#settings(rest, forced)
    const entries = await this.#batchEntries(items, settings)
    if (!this.#core.ready) await withSignal(this.#core.connect(), settings.signal)
    return new BatchExecution(this.#core, settings, settings.idempotent ?? false, type, entries, this.#timestamp(settings)).start() as Promise<Result>
  }

  #batchEntries(items: readonly BatchItem[], settings: Defaults): BatchEntry[] | Promise<BatchEntry[]> {
    const parts = items.map(batchParts)
    const prepared: (Prepared | Promise<Prepared> | undefined)[] = []
    let waits = false
    for (let i = 0; i < parts.length; i++) {
      const { query, values } = parts[i]!
      // Most batches repeat one statement.
      const last = i > 0 && parts[i - 1]!.query === query ? prepared[i - 1] : undefined
      const own = hasValues(values) ? (last ?? prepareStatement(this.#core, query, settings)) : undefined
      waits ||= own instanceof Promise
      prepared.push(own)
    }
    const bind = (ready: readonly (Prepared | undefined)[]): BatchEntry[] => parts.map(({ query, values }, i) => batchEntry(query, ready[i], ready[i] && bindPrepared(ready[i].parameters, values)))
    return waits ? withSignal(Promise.all(prepared), settings.signal).then(bind) : bind(prepared as (Prepared | undefined)[])
  }

  /**
   * Runs a lightweight transaction and says whether it was applied, rejected, or may have been either.
   * It is sent once: only what certainly has not begun is tried on another node.
   *
   * @param query a conditional statement, or the items of a conditional batch
   * @returns the outcome; when it is unknown, `resolve` looks at the row
   * @throws what says that nothing was executed, as `execute` does
   */
  cas(query: Query | readonly BatchItem[], values?: Values, options: RequestOptions = {}): Promise<CasOutcome> {
    const { serialConsistency = this.#defaults.serialConsistency ?? 'serial', signal, timeoutMs } = options
    return runCas({
      send: (retry) => {
        const forced = { idempotent: false, conditional: true, retry }
        return Array.isArray(query) ? this.#batch(query as readonly BatchItem[], options, forced) : (this.#execute(query as Query, values, options, forced) as Promise<Result>)
      },
      read: (text, given) => this.execute(text, given, { consistency: serialConsistency, idempotent: true, signal, timeoutMs, keyspace: options.keyspace }),
    })
  }

  /**
   * All rows of a statement, fetched page by page while they are consumed, one page ahead.
   *
   * @returns an async iterable of rows; its `pages()` gives them a page at a time
   */
  stream<Row = Record<string, unknown>>(query: Query, values?: Values, options: RequestOptions = {}): RowStream<Row> {
    return new RowStream<Row>((page) => this.execute<Row>(query, values, { ...page, autoPage: false }), options)
  }

  /**
   * Runs a statement and returns its rows as JSON text in UTF-8: an array of objects, made from the answer's bytes without any row in between.
   *
   * @param options also `json`: how big numbers are written
   * @returns all pages, at most `maxRows` rows; values as `jsonReplacer` writes them
   * @throws as `execute`; RowCountError when there are more rows
   */
  json(query: Query, values?: Values, options?: RequestOptions & { readonly json?: JsonOptions | undefined }): Promise<Uint8Array> {
    if (options === undefined) return this.#execute(query, values, undefined, AS_JSON, this.#joinJson) as Promise<Uint8Array>
    const { json, ...rest } = options
    return this.#execute(query, values, rest, json === undefined ? AS_JSON : asJson(json, 'array'), this.#joinJson) as Promise<Uint8Array>
  }

  readonly #joinJson: Finish = (result, request) => {
    const page = result.rows[0] as JsonPage | undefined
    return page !== undefined && result.pageState === undefined ? page.bytes : this.#pagesOf<JsonPage>(result, request).then(joinJsonArrays)
  }

  /** What the rows of all pages were read as. */
  async #pagesOf<Page extends { readonly count: number }>(first: Result<unknown>, request: Parameters<Finish>[1]): Promise<Page[]> {
    const pages: Page[] = []
    let count = 0
    for (let result = first; ; result = await this.#nextPage(request, result.pageState)) {
      for (const page of result.rows as readonly Page[]) {
        pages.push(page)
        count += page.count
      }
      if (result.pageState === undefined) return pages
      checkMaxRows(count, (request.settings as Defaults).maxRows)
    }
  }

  /**
   * All rows of a statement as JSON Lines: an object in each line, a chunk of UTF-8 for each page, fetched one page ahead.
   *
   * @param options also `json`: how big numbers are written
   * @returns an async iterable; `ReadableStream.from` makes a response's body of it
   */
  async *jsonLines(query: Query, values?: Values, options: RequestOptions & { readonly json?: JsonOptions | undefined } = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const { json = {}, ...rest } = options
    const lines = asJson(json, 'lines')
    const stream = new RowStream<JsonPage>((page) => this.#execute(query, values, page, lines, undefined) as Promise<Result<JsonPage>>, rest)
    for await (const { rows } of stream.pages()) if (rows[0]!.count > 0) yield rows[0]!.bytes
  }

  /**
   * Runs a statement and returns its rows by column, in typed arrays where the type allows: several times cheaper than an object per row for
   * whoever adds up, sorts or exports. `toArrow` of `cqlwire/arrow` makes an Arrow table of it.
   *
   * @param options also `columnar`: how text is laid out
   * @returns all pages, at most `maxRows` rows
   * @throws as `execute`; RowCountError when there are more rows
   */
  columnar(query: Query, values?: Values, options: RequestOptions & { readonly columnar?: ColumnarOptions | undefined } = {}): Promise<ColumnarResult> {
    const { columnar, ...rest } = options
    let columns: RowColumns | undefined
    let shape: RowDecoder | undefined
    const readRows: ReadRows = (decoder, body, count) => {
      if (shape !== undefined && !sameColumns(shape.columns, decoder.columns)) throw new ProtocolError('The columns of the result have changed from one page to the next')
      shape ??= decoder
      columns ??= decoder.columnar(columnar)
      columns.read(body, count)
      return [{ count }]
    }
    const finish: Finish = async (result, request) => {
      if (result.pageState !== undefined) await this.#pagesOf(result, request)
      return columns?.finish() ?? new ColumnarResult(0, [])
    }
    return this.#execute(query, values, rest, { readRows, autoPage: false }, finish) as Promise<ColumnarResult>
  }

  /** Fetches the trace of a request that was sent with `tracing: true`. @param id the result's `info.traceId` */
  trace(id: string): Promise<Trace> {
    return fetchTrace(this, id, (ms) => new Promise((resolve) => { this.#core.clock.schedule(resolve, ms) }))
  }

  /**
   * A view on the same connections with other defaults, such as another keyspace.
   *
   * @throws OptionError naming the option that is unknown or wrong
   */
  with(options: ViewOptions): Client {
    checkViewOptions(options)
    const marker = {} as ClientOptions
    views.set(marker, { core: this.#core, defaults: { ...this.#defaults, ...(options.profile !== undefined && this.#profile(options.profile)), ...withoutUndefined(options) } as Defaults })
    return new Client(marker)
  }

  /** Nodes, keyspaces and replicas as they are known now. */
  get cluster(): ClusterView {
    return new ClusterView(this.#core.topology, this.#core.router)
  }

  /** Calls `listener` at each event of that name; returns a function that stops it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#core.observers.events.on(name, listener)
  }

  /** Numbers of connections, requests and prepared statements at this moment. */
  stats(): ClientStats {
    return this.#core.stats
  }

  /** Reads the schema again, at once: changes are heard of by themselves, a moment later. */
  async refreshSchema(): Promise<void> {
    await this.#core.connect()
    await this.#core.refreshSchema()
  }

  /** Reads the nodes of the cluster again. */
  async refreshNodes(): Promise<void> {
    await this.#core.connect()
    await this.#core.control.refresh()
  }

  /** Whether all nodes have the same schema, asked for at most `timeoutMs` milliseconds. */
  async checkSchemaAgreement(options: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    await this.#core.connect()
    return this.#schemaAgreement(addressOf(this.#core.nodes[0]!), options.timeoutMs ?? AGREEMENT_TIMEOUT_MS)
  }

  /**
   * Closes the client and all its views: new requests are refused, those in flight may finish.
   *
   * @param options `drainMs` is how long they may take, in milliseconds (default 2,000); then they fail
   */
  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    await this.#core.close(options.drainMs ?? DRAIN_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Options objects that stand for a view of an existing client; only `with` makes any. */
const views = new WeakMap<ClientOptions, { readonly core: Core; readonly defaults: Defaults }>()

function defaultsOf(options: ClientOptions, core: Core): Defaults {
  return {
    consistency: options.consistency ?? 'localQuorum',
    serialConsistency: options.serialConsistency ?? 'serial',
    pageSize: options.pageSize ?? 5000,
    maxRows: options.maxRows ?? 100_000,
    autoPage: options.autoPage ?? false,
    timeoutMs: options.timeoutMs ?? 10_000,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 2000,
    tracing: options.tracing ?? false,
    rowMode: options.rowMode ?? 'object',
    retry: core.retry,
    speculation: core.speculation,
    keyspace: options.keyspace,
    idempotent: options.idempotent,
    prepare: options.prepare,
  }
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>
}

function batchParts(item: BatchItem, at: number): { readonly query: string; readonly values: Values | undefined } {
  if (typeof item === 'string') return { query: item, values: undefined }
  if (item instanceof BoundStatement) return { query: item.statement.query, values: item.values }
  if (typeof item === 'object' && item !== null && typeof item.query === 'string') return { query: item.query, values: item.values }
  throw new OptionError('items', `Statement ${at + 1} of the batch is neither a text, nor { query, values }, nor a bound or tagged statement`)
}

/** Settings of requests whose rows become JSON. */
function asJson(options: JsonOptions, layout: JsonLayout): Partial<Defaults> {
  return { readRows: (decoder, body, count) => [decoder.json(options).write(body, count, layout)], autoPage: false }
}
const AS_JSON = asJson({}, 'array')

function checkMaxRows(count: number, maxRows: number): void {
  if (count > maxRows) throw new RowCountError(`More than maxRows (${maxRows}) rows were collected: use stream(), or raise maxRows`)
}

/** Stops waiting for work shared with others when the caller's signal is aborted. */
async function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  if (signal.aborted) throw new AbortedError(signal.reason, 'retryable')
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(new AbortedError(signal.reason, 'retryable'))
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
