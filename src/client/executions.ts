// The four kinds of requests: text, prepared, batch, and PREPARE itself.
import { ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { RowDecoder } from '../codecs/index.js'
import type { RowMode } from '../codecs/index.js'
import type { Connection } from '../pool/index.js'
import { encodeBatch, encodeBody, encodeExecute, encodeQuery, opcodes, readPrepared, readRowCount, readRowsMetadata, resultKinds, decodeBody } from '../protocol/index.js'
import type { BatchStatement, BatchType, Consistency, MessageExtras, PreparedMessage, PrepareMessage, QueryParameters, ResultMessage, UnpreparedError } from '../protocol/index.js'
import type { Core } from './core.js'
import type { Attempt } from './attempt.js'
import type { BoundValues } from './binding.js'
import { Execution } from './execution.js'
import type { ExecutionSettings } from './execution-settings.js'
import type { Prepared } from './prepared.js'
import { Result } from './result.js'
import type { ExecutionInfo } from './result.js'
import type { Route } from './router.js'
import { looksConditional } from './statement-text.js'

/** Settings of requests that return rows. */
export interface StatementSettings extends ExecutionSettings {
  readonly consistency: Consistency
  readonly rowMode: RowMode
  /** The bytes of the partition key, for statements that are not prepared. */
  readonly routingKey?: Uint8Array | undefined
  /** Set where it is known that the statement is a lightweight transaction, whatever its text looks like. */
  readonly conditional?: boolean | undefined
}

/** Parameters that belong to one request alone. */
export type OwnParameters = { -readonly [Key in keyof QueryParameters]: QueryParameters[Key] }

/** What every statement's RESULT becomes. */
abstract class StatementExecution extends Execution<Result<unknown>> {
  protected readonly statement: StatementSettings
  protected readonly parameters: OwnParameters

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, parameters: OwnParameters) {
    super(core, settings, idempotent)
    this.statement = settings
    this.parameters = parameters
  }

  protected info(extras: MessageExtras, connection: Connection): ExecutionInfo {
    return {
      node: connection.address, attempts: this.attempts, speculative: this.speculativeAttempts, warnings: extras.warnings ?? [], traceId: extras.tracingId, payload: extras.payload,
      consistency: this.parameters.consistency, latencyMs: this.latencyMs,
    }
  }

  /** Called when the columns of a prepared statement's result came with it because they have changed. */
  protected changedShape(metadata: ReturnType<typeof readRowsMetadata>): RowDecoder {
    return new RowDecoder(metadata.columns!, this.core.codecs)
  }

  protected override useConsistency(consistency: Consistency): void {
    this.parameters.consistency = consistency
  }

  protected override emptyResult(connection: Connection): Result<unknown> {
    return new Result([], [], undefined, this.info({}, connection))
  }

  protected override route(): Route | undefined {
    const { routingKey, keyspace } = this.statement
    return routingKey && keyspace !== undefined ? this.core.router.route(keyspace, undefined, routingKey) : undefined
  }

  protected override decodeResult(body: ByteReader, extras: MessageExtras, connection: Connection, attempt: Attempt): Result<unknown> {
    const start = body.pos
    const kind = body.i32()
    const info = this.info(extras, connection)
    if (extras.payload && this.routeTaken) this.core.router.learn(extras.payload, this.routeTaken, connection)
    if (kind === resultKinds.ROWS) {
      const metadata = readRowsMetadata(body)
      const decoder = this.#decoder(metadata, attempt)
      const count = readRowCount(body, decoder.columns.length)
      return new Result(decoder.decode(body, count, this.statement.rowMode), decoder.columns, metadata.pagingState, info)
    }
    if (kind === resultKinds.VOID) return new Result([], [], undefined, info)
    body.pos = start
    const message = decodeBody(opcodes.RESULT, body, connection.version) as ResultMessage
    return new Result([], [], undefined, info, message.kind === 'SCHEMA_CHANGE' ? message : undefined)
  }

  #decoder(metadata: ReturnType<typeof readRowsMetadata>, attempt: Attempt): RowDecoder {
    if (metadata.newMetadataId !== undefined && metadata.columns !== undefined) return this.changedShape(metadata)
    if (metadata.columns !== undefined) return new RowDecoder(metadata.columns, this.core.codecs)
    const known = attempt.shape
    if (!known || known.decoder.columns.length !== metadata.columnCount) throw new ProtocolError('The server left out columns that are not known')
    return known.decoder
  }
}

/** A statement sent as text. */
export class QueryExecution extends StatementExecution {
  readonly opcode: number = opcodes.QUERY
  readonly #query: string

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, query: string, parameters: OwnParameters) {
    super(core, settings, idempotent, parameters)
    this.#query = query
  }

  protected override get conditional(): boolean {
    return this.statement.conditional ?? looksConditional(this.#query)
  }

  override get queryText(): string {
    return this.#query
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeQuery(writer, { type: 'QUERY', query: this.#query, parameters: this.parameters }, connection.version)
  }
}

/** A prepared statement. */
export class ExecuteExecution extends StatementExecution {
  readonly opcode: number = opcodes.EXECUTE
  readonly #prepared: Prepared
  readonly #values: BoundValues | undefined

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, prepared: Prepared, parameters: OwnParameters, values: BoundValues | undefined) {
    super(core, settings, idempotent, parameters)
    this.#prepared = prepared
    this.#values = values
    parameters.values = values
  }

  protected override get conditional(): boolean {
    return this.statement.conditional ?? this.#prepared.conditional
  }

  override get queryText(): string {
    return this.#prepared.metadata.query
  }

  protected override route(): Route | undefined {
    return routeOf(this.core, this.#prepared, this.#values) ?? super.route()
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection, attempt: Attempt): void {
    const { version } = connection
    attempt.shape = this.#prepared.shapeFor(version)
    const { id } = this.#prepared.metadata
    this.parameters.skipMetadata = attempt.shape !== undefined
    encodeExecute(writer, { type: 'EXECUTE', id, resultMetadataId: this.#prepared.metadataId, parameters: this.parameters }, version)
  }

  protected override changedShape(metadata: ReturnType<typeof readRowsMetadata>): RowDecoder {
    return this.#prepared.columnsChanged(metadata)
  }

  protected override reprepare(_error: UnpreparedError, connection: Connection): Promise<void> {
    return this.#prepared.prepareOn(connection)
  }
}

/** Where the partition of a prepared statement's values is. */
function routeOf(core: Core, prepared: Prepared, values: BoundValues | undefined): Route | undefined {
  const places = values && prepared.partitionKeyPlaces(core.router)
  const key = places && values.routingKey(places)
  if (!key) return undefined
  const { keyspace, table } = prepared.metadata.variables[0]!
  return core.router.route(keyspace, table, key)
}

/** One statement of a batch, ready to be sent. */
export interface BatchEntry {
  readonly prepared?: Prepared | undefined
  readonly query?: string | undefined
  readonly values: BoundValues | undefined
}

const NO_VALUES: readonly never[] = []

/** Several writes as one. */
export class BatchExecution extends StatementExecution {
  readonly opcode: number = opcodes.BATCH
  readonly #batchType: BatchType
  readonly #entries: readonly BatchEntry[]

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, batchType: BatchType, entries: readonly BatchEntry[], parameters: OwnParameters) {
    super(core, settings, idempotent, parameters)
    this.#batchType = batchType
    this.#entries = entries
  }

  protected override get conditional(): boolean {
    return this.statement.conditional ?? this.#entries.some(({ query, prepared }) => (prepared ? prepared.conditional : looksConditional(query!)))
  }

  override get queryText(): string {
    return this.#entries.map(({ query, prepared }) => query ?? prepared!.metadata.query).join('; ')
  }

  /** Goes to a replica of the first statement whose partition is known. */
  protected override route(): Route | undefined {
    for (const { prepared, values } of this.#entries) {
      const route = prepared && routeOf(this.core, prepared, values)
      if (route) return route
    }
    return super.route()
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    const statements = this.#entries.map(({ prepared, query, values }): BatchStatement =>
      prepared ? { id: prepared.metadata.id, values: values ?? NO_VALUES } : { query: query!, values: values ?? NO_VALUES })
    encodeBatch(writer, { type: 'BATCH', batchType: this.#batchType, statements, parameters: this.parameters }, connection.version)
  }

  /** The node names one statement that it does not know; it may know none of the others either, so all are prepared. */
  protected override reprepare(_error: UnpreparedError, connection: Connection): Promise<void> {
    const all = new Set(this.#entries.flatMap(({ prepared }) => (prepared ? [prepared] : [])))
    return Promise.all([...all].map((prepared) => prepared.prepareOn(connection))).then(() => {})
  }
}

/** PREPARE, on whichever node the plan gives. */
export class PrepareExecution extends Execution<PreparedMessage> {
  readonly opcode: number = opcodes.PREPARE
  readonly #message: PrepareMessage

  constructor(core: Core, settings: ExecutionSettings, message: PrepareMessage) {
    super(core, settings, true)
    this.#message = message
  }

  protected override get conditional(): boolean {
    return false
  }

  override get queryText(): string {
    return this.#message.query
  }

  protected override emptyResult(): never {
    throw new ProtocolError('A preparation cannot be ignored')
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeBody(writer, this.#message, connection.version)
  }

  protected override decodeResult(body: ByteReader, _extras: MessageExtras, connection: Connection): PreparedMessage {
    const kind = body.i32()
    if (kind !== resultKinds.PREPARED) throw new ProtocolError(`PREPARE was answered by a result of kind ${kind}`)
    return readPrepared(body, connection.version)
  }
}
