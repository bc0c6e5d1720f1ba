// The four kinds of requests: text, prepared, batch, and PREPARE itself.
import { ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { RowDecoder } from '../codecs/index.js'
import type { RowMode } from '../codecs/index.js'
import type { Connection } from '../pool/index.js'
import { encodeBatch, encodeBody, encodeExecute, encodeQuery, opcodes, readPrepared, readRowCount, readRowsMetadata, resultKinds, decodeBody } from '../protocol/index.js'
import type { BatchStatement, BatchType, Consistency, MessageExtras, PreparedMessage, PrepareMessage, QueryParameters, ResultMessage, UnpreparedError, ValueSource } from '../protocol/index.js'
import type { Core } from './core.js'
import { Execution } from './execution.js'
import type { ExecutionSettings } from './execution.js'
import type { Prepared, ResultShape } from './prepared.js'
import { Result } from './result.js'
import type { ExecutionInfo } from './result.js'
import { looksConditional } from './statement-text.js'

/** Settings of requests that return rows. */
export interface StatementSettings extends ExecutionSettings {
  readonly consistency: Consistency
  readonly rowMode: RowMode
}

/** What every statement's RESULT becomes. */
abstract class StatementExecution extends Execution<Result<unknown>> {
  protected readonly statement: StatementSettings

  constructor(core: Core, settings: StatementSettings, idempotent: boolean) {
    super(core, settings, idempotent)
    this.statement = settings
  }

  protected info(extras: MessageExtras, connection: Connection): ExecutionInfo {
    return {
      node: connection.address, attempts: this.attempts, warnings: extras.warnings ?? [], traceId: extras.tracingId, payload: extras.payload,
      consistency: this.statement.consistency, latencyMs: this.latencyMs,
    }
  }

  /** The decoder of rows whose columns the server has left out. */
  protected knownShape(): ResultShape | undefined {
    return undefined
  }

  /** Called when the columns of a prepared statement's result came with it because they have changed. */
  protected changedShape(metadata: ReturnType<typeof readRowsMetadata>): RowDecoder {
    return new RowDecoder(metadata.columns!, this.core.codecs)
  }

  protected override decodeResult(body: ByteReader, extras: MessageExtras, connection: Connection): Result<unknown> {
    const start = body.pos
    const kind = body.i32()
    const info = this.info(extras, connection)
    if (kind === resultKinds.ROWS) {
      const metadata = readRowsMetadata(body)
      const decoder = this.#decoder(metadata)
      const count = readRowCount(body, decoder.columns.length)
      return new Result(decoder.decode(body, count, this.statement.rowMode), decoder.columns, metadata.pagingState, info)
    }
    if (kind === resultKinds.VOID) return new Result([], [], undefined, info)
    body.pos = start
    const message = decodeBody(opcodes.RESULT, body, connection.version) as ResultMessage
    return new Result([], [], undefined, info, message.kind === 'SCHEMA_CHANGE' ? message : undefined)
  }

  #decoder(metadata: ReturnType<typeof readRowsMetadata>): RowDecoder {
    if (metadata.newMetadataId !== undefined && metadata.columns !== undefined) return this.changedShape(metadata)
    if (metadata.columns !== undefined) return new RowDecoder(metadata.columns, this.core.codecs)
    const known = this.knownShape()
    if (!known || known.decoder.columns.length !== metadata.columnCount) throw new ProtocolError('The server left out columns that are not known')
    return known.decoder
  }
}

/** A statement sent as text. */
export class QueryExecution extends StatementExecution {
  readonly opcode: number = opcodes.QUERY
  readonly #query: string
  readonly #parameters: QueryParameters

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, query: string, parameters: QueryParameters) {
    super(core, settings, idempotent)
    this.#query = query
    this.#parameters = parameters
  }

  protected override get conditional(): boolean {
    return looksConditional(this.#query)
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeQuery(writer, { type: 'QUERY', query: this.#query, parameters: this.#parameters }, connection.version)
  }
}

/** Parameters that belong to one request alone. */
export type OwnParameters = { -readonly [Key in keyof QueryParameters]: QueryParameters[Key] }

/** A prepared statement. */
export class ExecuteExecution extends StatementExecution {
  readonly opcode: number = opcodes.EXECUTE
  readonly #prepared: Prepared
  readonly #parameters: OwnParameters
  /** The shape whose columns the server was told to leave out: the answer is decoded with this one, whatever came to be known since. */
  #shape: ResultShape | undefined

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, prepared: Prepared, parameters: OwnParameters) {
    super(core, settings, idempotent)
    this.#prepared = prepared
    this.#parameters = parameters
  }

  protected override get conditional(): boolean {
    return looksConditional(this.#prepared.metadata.query)
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    const { version } = connection
    this.#shape = this.#prepared.shapeFor(version)
    const { id } = this.#prepared.metadata
    this.#parameters.skipMetadata = this.#shape !== undefined
    encodeExecute(writer, { type: 'EXECUTE', id, resultMetadataId: this.#prepared.metadataId, parameters: this.#parameters }, version)
  }

  protected override knownShape(): ResultShape | undefined {
    return this.#shape
  }

  protected override changedShape(metadata: ReturnType<typeof readRowsMetadata>): RowDecoder {
    return this.#prepared.columnsChanged(metadata)
  }

  protected override reprepare(_error: UnpreparedError, connection: Connection): Promise<void> {
    return this.#prepared.prepareOn(connection)
  }
}

/** One statement of a batch, ready to be sent. */
export interface BatchEntry {
  readonly prepared?: Prepared | undefined
  readonly query?: string | undefined
  readonly values: ValueSource | undefined
}

const NO_VALUES: readonly never[] = []

/** Several writes as one. */
export class BatchExecution extends StatementExecution {
  readonly opcode: number = opcodes.BATCH
  readonly #batchType: BatchType
  readonly #entries: readonly BatchEntry[]
  readonly #parameters: QueryParameters

  constructor(core: Core, settings: StatementSettings, idempotent: boolean, batchType: BatchType, entries: readonly BatchEntry[], parameters: QueryParameters) {
    super(core, settings, idempotent)
    this.#batchType = batchType
    this.#entries = entries
    this.#parameters = parameters
  }

  protected override get conditional(): boolean {
    return this.#entries.some(({ query, prepared }) => looksConditional(query ?? prepared!.metadata.query))
  }

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    const statements = this.#entries.map(({ prepared, query, values }): BatchStatement =>
      prepared ? { id: prepared.metadata.id, values: values ?? NO_VALUES } : { query: query!, values: values ?? NO_VALUES })
    encodeBatch(writer, { type: 'BATCH', batchType: this.#batchType, statements, parameters: this.#parameters }, connection.version)
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

  protected override encodeBody(writer: ByteWriter, connection: Connection): void {
    encodeBody(writer, this.#message, connection.version)
  }

  protected override decodeResult(body: ByteReader, _extras: MessageExtras, connection: Connection): PreparedMessage {
    const kind = body.i32()
    if (kind !== resultKinds.PREPARED) throw new ProtocolError(`PREPARE was answered by a result of kind ${kind}`)
    return readPrepared(body, connection.version)
  }
}
