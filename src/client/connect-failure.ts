import { AuthenticationError, ConnectionError, CqlError, NoNodeAvailableError } from '../base/index.js'

/** Whether a failure to connect may pass while the database starts: nobody listens yet, or the node is not yet ready. */
export function connectMayPass(error: unknown): boolean {
  if (error instanceof NoNodeAvailableError) return error.attempts.every((attempt) => connectMayPass(attempt.error))
  if (error instanceof AuthenticationError) return false
  return error instanceof ConnectionError ? error.outcome !== 'permanent' : error instanceof CqlError && error.outcome !== 'permanent'
}
