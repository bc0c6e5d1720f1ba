import { errorCodes, errorMessage } from '../protocol/index.js'
import type { ErrorDetails, ErrorMessage } from '../protocol/index.js'

/** A statement is refused: becomes the ERROR message that Cassandra would send. */
export class Refusal extends Error {
  readonly answer: ErrorMessage
  constructor(code: number, message: string, details: ErrorDetails = {}) {
    super(message)
    this.answer = errorMessage(code, message, details)
  }
}

/** The statement is CQL but cannot be executed. */
export function invalid(message: string): Refusal {
  return new Refusal(errorCodes.INVALID, message)
}
