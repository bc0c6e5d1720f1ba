import { CqlError, nameError } from '../base/index.js'

/** Migrations cannot be run as they are; the message says what to do. */
export class MigrationError extends CqlError {
  constructor(message: string, cause?: unknown) {
    super(message, 'CQL_MIGRATION', 'permanent', cause)
  }
  static { nameError(this, 'MigrationError') }
}
