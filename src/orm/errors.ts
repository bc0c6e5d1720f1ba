import { CqlError, nameError } from '../base/index.js'
import type { Issue } from './checks.js'

/** A query that Cassandra would refuse, or that says nothing certain; nothing was sent. */
export class QueryRefusedError extends CqlError {
  constructor(message: string) {
    super(message, 'CQL_QUERY_REFUSED', 'permanent')
  }
  static { nameError(this, 'QueryRefusedError') }
}

/** Values that the checks of their columns refuse; nothing was sent. */
export class ValidationError extends CqlError {
  /** Each fault, with the column first in its path. */
  readonly issues: readonly Issue[]
  constructor(table: string, issues: readonly Issue[]) {
    super(`${table}: ${issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`).join('; ')}`, 'CQL_VALIDATION', 'permanent')
    this.issues = issues
  }
  static { nameError(this, 'ValidationError') }
}

/** A row that the table's definition says cannot be: a required column without a value, or one that its mapping cannot read. */
export class RowError extends CqlError {
  /** The column at fault. */
  readonly column: string
  constructor(column: string, message: string, cause?: unknown) {
    super(message, 'CQL_ROW', 'permanent', cause)
    this.column = column
  }
  static { nameError(this, 'RowError') }
}

/** The row was changed since it was read: its version is another one. */
export class StaleRowError extends CqlError {
  /** What the transaction saw of the row; undefined when there is none any more. */
  readonly row: Readonly<Record<string, unknown>> | undefined
  constructor(table: string, row: Readonly<Record<string, unknown>> | undefined) {
    super(`The row of ${table} ${row === undefined ? 'is there no more' : 'was changed since it was read'}: read it again, and decide again`, 'CQL_STALE_ROW', 'permanent')
    this.row = row
  }
  static { nameError(this, 'StaleRowError') }
}
