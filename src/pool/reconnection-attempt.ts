import { AuthenticationError } from '../base/index.js'

/**
 * The number of failed tries that a reconnection policy is asked about. Wrong credentials do not become right by haste: they wait as
 * long as the fifth failure would.
 *
 * @param failures in a row so far, from 1
 * @param errors of the last try
 */
export function reconnectionAttempt(failures: number, errors: readonly unknown[]): number {
  return errors.some((error) => error instanceof AuthenticationError) ? Math.max(failures, 5) : failures
}
