import { CqlError, nameError } from '../base/index.js'
import type { Column } from '../codecs/index.js'
import type { BytesMap, Consistency, SchemaChange } from '../protocol/index.js'

/** How a result came about. */
export interface ExecutionInfo {
  /** `host:port` of the node that coordinated it. */
  readonly node: string
  /** How often it was sent, retries included. */
  readonly attempts: number
  /** How many of these attempts began because an earlier one took long. */
  readonly speculative: number
  /** Warnings of the server. */
  readonly warnings: readonly string[]
  /** The id of the trace, when it was asked for. */
  readonly traceId: string | undefined
  /** Custom payload of the server. */
  readonly payload: BytesMap | undefined
  readonly consistency: Consistency
  /** From the call to the answer, in milliseconds. */
  readonly latencyMs: number
  /** Length of the answer's body, decompressed. */
  readonly bytes: number
  /** After a schema change: whether all nodes had the new schema within 10 seconds. */
  readonly schemaInAgreement?: boolean | undefined
}

/** A result that should have had exactly one row. */
export class RowCountError extends CqlError {
  constructor(message: string) {
    super(message, 'CQL_ROW_COUNT', 'permanent')
  }
  static { nameError(this, 'RowCountError') }
}

/** The rows of one page, and what came with them. Iterating goes over these rows, not further pages. */
export class Result<Row = Record<string, unknown>> implements Iterable<Row> {
  /** Empty for statements that return none. */
  readonly rows: readonly Row[]
  readonly columns: readonly Column[]
  /** Where the next page begins, or undefined at the end. */
  readonly pageState: Uint8Array | undefined
  readonly info: ExecutionInfo
  /** What a DDL statement has changed. */
  readonly schemaChange: SchemaChange | undefined

  constructor(rows: readonly Row[], columns: readonly Column[], pageState: Uint8Array | undefined, info: ExecutionInfo, schemaChange?: SchemaChange) {
    this.rows = rows
    this.columns = columns
    this.pageState = pageState
    this.info = info
    this.schemaChange = schemaChange
  }

  /** Whether there may be more rows: pages end where the server says, not where one is short. */
  get hasMorePages(): boolean {
    return this.pageState !== undefined
  }

  /** Whether a lightweight transaction was applied; undefined for other statements. */
  get applied(): boolean | undefined {
    const at = this.columns.findIndex((column) => column.name === '[applied]' && column.type.kind === 'boolean')
    if (at < 0 || this.rows.length === 0) return undefined
    const row = this.rows[0] as Record<string, unknown> | unknown[]
    return (Array.isArray(row) ? row[at] : row['[applied]']) as boolean
  }

  /** The first row, or undefined when there is none. */
  first(): Row | undefined {
    return this.rows[0]
  }

  /** The only row. @throws RowCountError unless there is exactly one row and no further page */
  one(): Row {
    if (this.rows.length !== 1 || this.hasMorePages) {
      throw new RowCountError(`Exactly one row was expected, there ${this.hasMorePages ? `are ${this.rows.length} and more pages` : `are ${this.rows.length}`}`)
    }
    return this.rows[0]!
  }

  /** Goes over the rows of this page. */
  [Symbol.iterator](): Iterator<Row> {
    return this.rows[Symbol.iterator]()
  }
}
