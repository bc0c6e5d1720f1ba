// The four kinds of requests: text, prepared, batch, and PREPARE itself.
import { ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import type { CqlToken } from '../cluster/index.js'
import { RowDecoder } from '../codecs/index.js'
import type { RowMode } from '../codecs/index.js'
import type { Connection } from '../pool/index.js'
import { decodeResponse, encodeBatch, encodeExecute, encodeQuery, encodeRequest, opcodes, readPrepared, readRowCount, readRowsMetadata, resultKinds, skipPlainMetadata } from '../protocol/index.js'
import type { BatchStatement, BatchType, Consistency, MessageExtras, PreparedMessage, PrepareMessage, QueryParameters, ResultMessage, RowsMetadata, UnpreparedError, ValueSource } from '../protocol/index.js'
import type { Core } from './core.js'
import type { Attempt } from './attempt.js'
import { bindPrepared } from './binding.js'
import type { BoundValues, Values } from './binding.js'
import { Execution } from './execution.js'
import type { ExecutionSettings } from './execution-settings.js'
import type { Prepared } from './prepared.js'
import { Result } from './result.js'
import type { ExecutionInfo } from './result.js'
import { sameColumns } from './result-shapes.js'
import type { Route } from './router.js'
import { looksConditional } from './statement-text.js'

/** Settings of requests that return rows. */
export interface StatementSettings extends ExecutionSettings {
  readonly consistency: Consistency
  readonly serialConsistency?: QueryParameters['serialConsistency']
  readonly pageSize?: number | undefined
  readonly pageState?: Uint8Array | undefined
  readonly nowInSeconds?: number | undefined
  readonly rowMode: RowMode
  readonly readRows?: ReadRows | undefined
  /** The bytes of the partition key, for statements that are not prepared. */
  readonly routingKey?: Uint8Array | undefined
  /** A token that the statement is about. */
  readonly routingToken?: CqlToken | undefined
  /** Set where it is known that the statement is a lightweight transaction, whatever its text looks like. */
  readonly conditional?: boolean | undefined
}

/** Reads the rows of a page as something else than `rowMode` says: what it returns are the result's rows. */
export type ReadRows = (decoder: RowDecoder, body: ByteReader, count: number) => readonly unknown[]

/** A request that has been answered, as far as another one for its next page needs it. */
export interface AnsweredRequest {
  readonly queryText: string
  readonly given: Values | undefined
  readonly prepared: boolean
  readonly settings: StatementSettings
}

/** What the caller gets for a result: itself, or what becomes of it. */
export type Finish = (result: Result<unknown>, request: AnsweredRequest) => unknown

/**
 * What every statement's RESULT becomes. It is what its own message is encoded from, so that a request needs no other objects:
 * what all requests of a client have in common stands in its settings.
 */
abstract class StatementExecution extends Execution<Result<unknown>> implements QueryParameters {
  declare readonly settings: StatementSettings
  /** Values as the caller gave them. */
  readonly given: Values | undefined
  readonly timestamp: bigint | undefined
  consistency: Consistency
  readonly #finishing: Finish | undefined

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, given: Values | undefined, timestamp: bigint | undefined, finish: Finish | undefined) {
    super(core, settings, idempotent)
    this.given = given
    this.timestamp = timestamp
    this.consistency = settings.consistency
    this.#finishing = finish
  }

  get serialConsistency(): QueryParameters['serialConsistency'] {
    return this.settings.serialConsistency
  }

  get pageSize(): number | undefined {
    return this.settings.pageSize
  }

  get pagingState(): Uint8Array | undefined {
    return this.settings.pageState
  }

  get nowInSeconds(): number | undefined {
    return this.settings.nowInSeconds
  }

  /** Whether it was prepared. */
  get prepared(): boolean {
    return false
  }

  /** Prepared statements have theirs from PREPARE. */
  get keyspace(): string | undefined {
    return undefined
  }

  protected override settled(result: Result<unknown>): unknown {
    return this.#finishing === undefined ? result : this.#finishing(result, this)
  }

  protected info(extras: MessageExtras, connection: Connection, bytes = 0): ExecutionInfo {
    return {
      node: connection.address, attempts: this.attempts, speculative: this.speculativeAttempts, warnings: extras.warnings ?? [], traceId: extras.tracingId, payload: extras.payload,
      consistency: this.consistency, latencyMs: connection.lastRead - this.startedAt, bytes,
    }
  }

  /** Called when the columns of a prepared statement's result came with it because they have changed. */
  protected changedShape(metadata: RowsMetadata): RowDecoder {
    return new RowDecoder(metadata.columns!, this.core.codecs)
  }

  protected override useConsistency(consistency: Consistency): void {
    this.consistency = consistency
  }

  protected override emptyResult(connection: Connection): Result<unknown> {
    return new Result(NONE, NONE, undefined, this.info({}, connection))
  }

  protected override route(): Route | undefined {
    const { routingKey, routingToken, keyspace } = this.settings
    if (keyspace === undefined || (routingKey === undefined && routingToken === undefined)) return undefined
    const { router } = this.core
    const target = router.target(keyspace, undefined)
    return target && (routingKey ? router.route(target, routingKey) : router.routeOfToken(target, routingToken!))
  }

  protected override decodeResult(body: ByteReader, extras: MessageExtras, connection: Connection, attempt: Attempt): Result<unknown> {
    const start = body.pos
    const info = this.info(extras, connection, body.remaining)
    const kind = body.i32()
    if (extras.payload && this.routeTaken) this.core.router.learn(extras.payload, this.routeTaken, connection)
    if (kind === resultKinds.ROWS) {
      const known = attempt.shape?.decoder
      // Nothing but rows of the shape that was asked for: what nearly all answers to prepared statements are.
      const metadata = known !== undefined && skipPlainMetadata(body, known.columns.length) ? undefined : readRowsMetadata(body)
      const decoder = metadata === undefined ? known! : this.#decoder(metadata, known)
      const count = readRowCount(body, decoder.columns.length)
      const { readRows, rowMode } = this.settings
      return new Result(readRows === undefined ? decoder.decode(body, count, rowMode) : readRows(decoder, body, count), decoder.columns, metadata?.pagingState, info)
    }
    if (kind === resultKinds.VOID) return new Result(NONE, NONE, undefined, info)
    body.pos = start
    const message = decodeResponse(opcodes.RESULT, body, connection.version) as ResultMessage
    return new Result(NONE, NONE, undefined, info, message.kind === 'SCHEMA_CHANGE' ? message : undefined)
  }

  #decoder(metadata: RowsMetadata, known: RowDecoder | undefined): RowDecoder {
    if (metadata.newMetadataId !== undefined && metadata.columns !== undefined) return this.changedShape(metadata)
    if (metadata.columns !== undefined) return known && sameColumns(known.columns, metadata.columns) ? known : this.core.shapes.decoderOf(this.queryText, metadata.columns)
    if (!known || known.columns.length !== metadata.columnCount) throw new ProtocolError('The server left out columns that are not known')
    return known
  }
}

/** A statement sent as text. */
export class QueryExecution extends StatementExecution {
  readonly opcode: number = opcodes.QUERY
  readonly queryText: string
  readonly values: ValueSource | undefined

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, query: string, given: Values | undefined, values: ValueSource | undefined, timestamp: bigint | undefined, finish: Finish | undefined) {
    super(core, settings, idempotent, given, timestamp, finish)
    this.queryText = query
    this.values = values
  }

  override get keyspace(): string | undefined {
    return this.core.version === 5 ? this.settings.keyspace : undefined
  }

  protected override get conditional(): boolean {
    return this.settings.conditional ?? looksConditional(this.queryText)
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeQuery(writer, { query: this.queryText, parameters: this }, connection.version)
  }
}

/** A prepared statement. */
export class ExecuteExecution extends StatementExecution {
  readonly opcode: number = opcodes.EXECUTE
  readonly values: BoundValues | undefined
  skipMetadata = false
  readonly #prepared: Prepared

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, prepared: Prepared, given: Values | undefined, timestamp: bigint | undefined, finish: Finish | undefined) {
    super(core, settings, idempotent, given, timestamp, finish)
    this.#prepared = prepared
    this.values = bindPrepared(prepared.parameters, given)
  }

  protected override get conditional(): boolean {
    return this.settings.conditional ?? this.#prepared.conditional
  }

  override get queryText(): string {
    return this.#prepared.metadata.query
  }

  override get prepared(): boolean {
    return true
  }

  get id(): Uint8Array {
    return this.#prepared.metadata.id
  }

  get resultMetadataId(): Uint8Array | undefined {
    return this.#prepared.metadataId
  }

  get parameters(): QueryParameters {
    return this
  }

  protected override route(): Route | undefined {
    const { routingToken } = this.settings
    const target = routingToken === undefined ? undefined : this.#prepared.target(this.core.router)
    return target ? this.core.router.routeOfToken(target, routingToken!) : (routeOf(this.core, this.#prepared, this.values) ?? super.route())
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection, attempt: Attempt): void {
    const { version } = connection
    attempt.shape = this.#prepared.shapeFor(version)
    this.skipMetadata = attempt.shape !== undefined
    encodeExecute(writer, this, version)
  }

  protected override changedShape(metadata: RowsMetadata): RowDecoder {
    return this.#prepared.columnsChanged(metadata)
  }

  protected override reprepare(_error: UnpreparedError, connection: Connection): Promise<void> {
    return this.#prepared.prepareOn(connection)
  }
}

/** Where the partition of a prepared statement's values is. */
function routeOf(core: Core, prepared: Prepared, values: BoundValues | undefined): Route | undefined {
  const routing = values && prepared.routing(core.router)
  const key = routing && values.routingKey(routing.places)
  return key && core.router.route(routing.target, key.bytes, key.start, key.end)
}

/** One statement of a batch, ready to be sent: as it is encoded, and what it was prepared as. */
export interface BatchEntry extends BatchStatement {
  readonly prepared: Prepared | undefined
  readonly values: BoundValues | readonly never[]
}

/** A statement of a batch. @param prepared undefined for a text without values */
export function batchEntry(query: string, prepared: Prepared | undefined, values: BoundValues | undefined): BatchEntry {
  return { query: prepared ? undefined : query, id: prepared?.metadata.id, prepared, values: values ?? NO_VALUES }
}

const NO_VALUES: readonly never[] = []
/** Rows and columns of results that have none. */
const NONE: readonly never[] = Object.freeze([])

/** Several writes as one. */
export class BatchExecution extends StatementExecution {
  readonly opcode: number = opcodes.BATCH
  readonly #batchType: BatchType
  readonly #entries: readonly BatchEntry[]

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, batchType: BatchType, entries: readonly BatchEntry[], timestamp: bigint | undefined) {
    super(core, settings, idempotent, undefined, timestamp, undefined)
    this.#batchType = batchType
    this.#entries = entries
  }

  protected override get conditional(): boolean {
    return this.settings.conditional ?? this.#entries.some(({ query, prepared }) => (prepared ? prepared.conditional : looksConditional(query!)))
  }

  override get keyspace(): string | undefined {
    return this.core.version === 5 ? this.settings.keyspace : undefined
  }

  override get queryText(): string {
    return this.#entries.map(({ query, prepared }) => query ?? prepared!.metadata.query).join('; ')
  }

  /** Goes to a replica of the first statement whose partition is known. */
  protected override route(): Route | undefined {
    for (const { prepared, values } of this.#entries) {
      const route = prepared && 'write' in values ? routeOf(this.core, prepared, values) : undefined
      if (route) return route
    }
    return super.route()
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeBatch(writer, { type: 'BATCH', batchType: this.#batchType, statements: this.#entries, parameters: this }, connection.version)
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
    encodeRequest(writer, this.#message, connection.version)
  }

  protected override decodeResult(body: ByteReader, _extras: MessageExtras, connection: Connection): PreparedMessage {
    const kind = body.i32()
    if (kind !== resultKinds.PREPARED) throw new ProtocolError(`PREPARE was answered by a result of kind ${kind}`)
    return readPrepared(body, connection.version)
  }
}
