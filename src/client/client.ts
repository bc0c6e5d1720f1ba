import type { ColumnarOptions, ColumnarResult, Encoding, JsonOptions, JsonPage } from '../codecs/index.js'
import type { Values } from './binding.js'
import { parseConnectionUrl } from './connection-url.js'
import { runCas } from './cas.js'
import type { CasOutcome } from './cas.js'
import { ClusterView } from './cluster-view.js'
import { Core } from './core.js'
import type { ClientStats } from './client-stats.js'
import { addressOf } from './address.js'
import type { Finish } from './executions.js'
import { checkClientOptions, checkViewOptions } from './options.js'
import type { ClientEvents } from './observers.js'
import type { ClientOptions, RequestOptions, ViewOptions } from './options.js'
import { AS_JSON, asColumns, asJson, joiningJson } from './page-forms.js'
import { Requests } from './requests.js'
import type { BatchItem, BatchOptions, Query } from './requests.js'
import type { Result } from './result.js'
import { RowStream } from './row-stream.js'
import { defaultsOf } from './settings.js'
import type { Settings } from './settings.js'
import { Statement } from './statement.js'
import type { Identifier } from './tag.js'
import { cql, TaggedQuery } from './tag.js'
import { fetchTrace } from './trace.js'
import type { Trace } from './trace.js'

/** The tag of a client: what it makes is sent when first awaited. */
export interface ClientTag {
  <Row = Record<string, unknown>>(strings: TemplateStringsArray, ...values: readonly unknown[]): TaggedQuery<Row>
  /** Puts a name into a statement, quoted where it must be. */
  identifier(name: string): Identifier
}

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
  readonly #requests: Requests
  readonly #joinJson: Finish
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
      this.#requests = new Requests(shared.core, shared.defaults)
    } else {
      checkClientOptions(given)
      this.#core = new Core(given)
      this.#requests = new Requests(this.#core, defaultsOf(given, this.#core))
    }
    this.#joinJson = joiningJson(this.#requests)
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
    return this.#requests.run(query, values, options) as Promise<Result<Row>>
  }

  /**
   * Prepares a statement, to run it many times. `execute` with values does so by itself.
   *
   * @throws CqlSyntaxError, InvalidQueryError when the server refuses it
   */
  async prepare<Row = Record<string, unknown>>(query: string, options?: Pick<RequestOptions, 'keyspace' | 'timeoutMs' | 'signal'>): Promise<Statement<Row>> {
    return new Statement<Row>(await this.#requests.prepare(query, options), this.#core, (values, given) => this.execute<Row>(query, values, { ...given, prepare: true }))
  }

  /**
   * Runs several writes as one.
   *
   * @param items texts with or without values, bound statements, or tagged statements
   * @throws OptionError when there are none, or when one is none of these; otherwise as `execute`
   */
  async batch(items: readonly BatchItem[], options: BatchOptions = {}): Promise<Result> {
    return this.#requests.batch(items, options)
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
    const { serialConsistency = this.#requests.defaults.serialConsistency ?? 'serial', signal, timeoutMs } = options
    return runCas({
      send: (retry) => {
        const forced = { idempotent: false, conditional: true, retry }
        return Array.isArray(query) ? this.#requests.batch(query as readonly BatchItem[], options, forced) : (this.#requests.run(query as Query, values, options, forced) as Promise<Result>)
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
    if (options === undefined) return this.#requests.run(query, values, undefined, AS_JSON, this.#joinJson) as Promise<Uint8Array>
    return this.#json(query, values, options)
  }

  async #json(query: Query, values: Values | undefined, { json = {}, ...rest }: RequestOptions & { readonly json?: JsonOptions | undefined }): Promise<Uint8Array> {
    return this.#requests.run(query, values, rest, asJson(json, 'array'), this.#joinJson) as Promise<Uint8Array>
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
    const stream = new RowStream<JsonPage>((page) => this.#requests.run(query, values, page, lines, undefined) as Promise<Result<JsonPage>>, rest)
    for await (const { rows } of stream.pages()) if (rows[0]!.count > 0) yield rows[0]!.bytes
  }

  /**
   * Runs a statement and returns its rows by column, in typed arrays where the type allows: for whoever adds up, sorts or exports.
   * `toArrow` of `cqlwire/arrow` makes an Arrow table of it.
   *
   * @param options also `columnar`: how text is laid out
   * @returns all pages, at most `maxRows` rows
   * @throws as `execute`; RowCountError when there are more rows
   */
  async columnar(query: Query, values?: Values, options: RequestOptions & { readonly columnar?: ColumnarOptions | undefined } = {}): Promise<ColumnarResult> {
    const { columnar = {}, ...rest } = options
    const { forced, finish } = asColumns(this.#requests, columnar)
    return this.#requests.run(query, values, rest, forced, finish) as Promise<ColumnarResult>
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
    views.set(marker, { core: this.#core, defaults: this.#requests.viewed(options) })
    return new Client(marker)
  }

  /** The keyspace of unqualified names. */
  get keyspace(): string | undefined {
    return this.#requests.defaults.keyspace
  }

  /** Which JavaScript values CQL types are read as. */
  get encoding(): Encoding {
    return this.#core.codecs.encoding
  }

  /**
   * The timestamp that a write made now would be dated with, in microseconds since 1970: rising from call to call, for writes that belong together.
   *
   * @returns undefined when the timestamp policy leaves it to the servers
   */
  nextTimestamp(): bigint | undefined {
    return this.#core.timestamps()
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
    return this.#requests.schemaAgreement(addressOf(this.#core.nodes[0]!), options.timeoutMs)
  }

  /**
   * Closes the client and all its views: new requests are refused, those in flight may finish.
   *
   * @param options `drainMs` is how long they may take, in milliseconds (default 2,000); then they fail
   */
  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    await this.#core.close(options.drainMs ?? DRAIN_MS)
  }

  /** Closes the client, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Options objects that stand for a view of an existing client; only `with` makes any. */
const views = new WeakMap<ClientOptions, { readonly core: Core; readonly defaults: Settings }>()
