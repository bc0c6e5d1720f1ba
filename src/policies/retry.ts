import type { CqlError } from '../base/index.js'
import { ConnectionError } from '../base/index.js'
import {
  BootstrappingError, InternalServerError, OverloadedError, ReadTimeoutError, TruncateError, UnavailableError, WriteTimeoutError,
} from '../protocol/index.js'

/** What to do after a failed attempt: throw the error, or try the same node or the next one. */
export type RetryDecision = 'throw' | 'same' | 'next'

/** What a retry policy knows of the request. */
export interface RetryContext {
  /** Whether running it twice does no harm. */
  readonly idempotent: boolean
  /** How often this policy has already said `same` or `next` for the request. */
  readonly retries: number
  /** Whether it is a lightweight transaction, as far as its text tells. */
  readonly conditional: boolean
}

/** Decides about errors of single attempts. Errors that say a statement was not executed are asked about, too. */
export interface RetryPolicy {
  decide(error: CqlError, context: RetryContext): RetryDecision
}

/**
 * The default: retries what was certainly not executed, or may be executed twice, and only where
 * another try can help. The rules are those of the Java driver's default policy.
 */
export const defaultRetry: RetryPolicy = {
  decide(error, { idempotent, retries, conditional }) {
    if (error instanceof UnavailableError) return retries === 0 ? 'next' : 'throw'
    if (error instanceof OverloadedError || error instanceof BootstrappingError) return 'next'
    if (error instanceof ReadTimeoutError) {
      // Enough replicas answered, only the one asked for the data did not: the coordinator will choose another.
      return !conditional && retries === 0 && error.received >= error.required && !error.dataPresent ? 'same' : 'throw'
    }
    if (error instanceof WriteTimeoutError) {
      return idempotent && !conditional && retries === 0 && error.writeType === 'BATCH_LOG' ? 'same' : 'throw'
    }
    if (error instanceof ConnectionError) return error.outcome === 'retryable' || (idempotent && !conditional) ? 'next' : 'throw'
    if (error instanceof InternalServerError || error instanceof TruncateError) return idempotent && !conditional ? 'next' : 'throw'
    return 'throw'
  },
}

/** Never retries what reached a node. */
export const fallthroughRetry: RetryPolicy = {
  decide: () => 'throw',
}
