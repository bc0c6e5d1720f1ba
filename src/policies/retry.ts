import { ConnectionError, RequestTimeoutError, systemRandom } from '../base/index.js'
import type { CqlError, Random } from '../base/index.js'
import {
  BootstrappingError, CasWriteUnknownError, InternalServerError, OverloadedError, RateLimitError, ReadFailureError, ReadTimeoutError, TruncateError, UnavailableError, WriteFailureError, WriteTimeoutError,
} from '../protocol/index.js'
import type { Consistency } from '../protocol/index.js'

/** Another try: where, after how many milliseconds, and at which consistency if not the one asked for. */
export interface RetryWith {
  readonly on: 'same' | 'next'
  readonly afterMs?: number | undefined
  readonly consistency?: Consistency | undefined
}

/** What to do after a failed attempt: throw the error, try the same node or the next one, or return an empty result in place of the error. */
export type RetryDecision = 'throw' | 'same' | 'next' | 'ignore' | RetryWith

/** What a retry policy knows of the request. */
export interface RetryContext {
  /** Whether running it twice does no harm. */
  readonly idempotent: boolean
  /** How often this policy has already decided for another try of the request, over all its attempts. */
  readonly retries: number
  /** Whether it is a lightweight transaction, as far as its text tells. */
  readonly conditional: boolean
  readonly consistency: Consistency | undefined
}

/** Decides about errors of single attempts. Errors that say a statement was not executed are asked about, too. */
export interface RetryPolicy {
  /** What is done about an error of one attempt. Must be quick, and must not throw. */
  decide(error: CqlError, context: RetryContext): RetryDecision
}

/** Reasons of replicas that may pass (Cassandra's `RequestFailureReason`): unknown, timed out, and a schema that is older than the coordinator's. */
const PASSING: ReadonlySet<number> = new Set([0, 2, 3])
/** Where what stands in the way will be gone in a moment: a schema that spreads, a ballot of somebody else. */
const MAX_PAUSES = 4
const FIRST_PAUSE_MS = 50

function afterPause(retries: number): RetryDecision {
  return retries < MAX_PAUSES ? { on: 'next', afterMs: FIRST_PAUSE_MS * 2 ** retries } : 'throw'
}

/** Right after a change of the schema replicas that have not heard of it yet refuse what the coordinator asks of them. */
function failedInPassing(error: Error): boolean {
  if (!(error instanceof ReadFailureError || error instanceof WriteFailureError)) return false
  return error.reasons !== undefined && error.reasons.size > 0 && [...error.reasons.values()].every((reason) => PASSING.has(reason))
}

/** Reads at a serial level meet the ballots of transactions, too. */
function lostBallot(error: Error): boolean {
  return error instanceof CasWriteUnknownError || (error instanceof WriteTimeoutError && error.writeType === 'CAS')
}

/**
 * The default: retries what was certainly not executed, or may be executed twice, and only where another try can help.
 * Reads and idempotent writes that timed out on one coordinator are tried once on another, which may know better replicas;
 * where replicas lag behind a change of the schema, or a serial read has met a ballot, they are tried again after a pause.
 */
export const defaultRetry: RetryPolicy = {
  decide(error, { idempotent, retries, conditional }) {
    const repeatable = idempotent && !conditional
    // At SERIAL it was refused before anything was proposed; otherwise it may be the commit that found too few replicas.
    if (error instanceof UnavailableError) return retries === 0 && (!conditional || isSerial(error.consistency)) ? 'next' : 'throw'
    // A commit that meets too many hints is refused as overload, too: then the transaction has taken place.
    if (error instanceof OverloadedError) return conditional ? 'throw' : 'next'
    if (error instanceof BootstrappingError) return 'next'
    if (failedInPassing(error) || lostBallot(error)) return repeatable ? afterPause(retries) : 'throw'
    if (error instanceof RateLimitError) return 'throw'
    if (error instanceof ReadTimeoutError) {
      if (!repeatable || retries > 0) return 'throw'
      // Enough replicas answered, only the one asked for the data did not: the coordinator will choose another.
      return error.received >= error.required && !error.dataPresent ? 'same' : 'next'
    }
    if (error instanceof WriteTimeoutError) {
      if (!repeatable || retries > 0) return 'throw'
      return error.writeType === 'BATCH_LOG' ? 'same' : 'next'
    }
    if (error instanceof ConnectionError) return error.outcome === 'retryable' || repeatable ? 'next' : 'throw'
    if (error instanceof InternalServerError || error instanceof TruncateError) return repeatable ? 'next' : 'throw'
    return 'throw'
  },
}

/** Never retries what reached a node. */
export const fallthroughRetry: RetryPolicy = {
  decide: () => 'throw',
}

/**
 * As another policy, but gives up consistency for an answer: after a refusal or time-out it asks for as many replicas as there
 * were. What it returns may be stale and what it writes may be lost with the one replica that has it: use it knowingly.
 *
 * @see the Java driver's `ConsistencyDowngradingRetryPolicy`
 */
export function downgradingRetry(child: RetryPolicy = defaultRetry): RetryPolicy {
  return {
    decide(error, context) {
      if (context.conditional || context.retries > 0 || isSerial(context.consistency)) return child.decide(error, context)
      if (error instanceof UnavailableError) return downTo(error.alive, 'next')
      if (error instanceof ReadTimeoutError && context.idempotent) {
        if (error.received < error.required) return downTo(error.received, 'same')
        return error.dataPresent ? 'throw' : 'same'
      }
      if (error instanceof WriteTimeoutError && context.idempotent) {
        if (error.writeType === 'UNLOGGED_BATCH') return downTo(error.received, 'same')
        if ((error.writeType === 'SIMPLE' || error.writeType === 'BATCH') && error.received > 0) return 'ignore'
      }
      return child.decide(error, context)
    },
  }
}

function isSerial(consistency: Consistency | undefined): boolean {
  return consistency === 'serial' || consistency === 'localSerial'
}

function downTo(replicas: number, on: 'same' | 'next'): RetryDecision {
  return replicas < 1 ? 'throw' : { on, consistency: replicas >= 3 ? 'three' : replicas === 2 ? 'two' : 'one' }
}

/** Options of {@link backoffRetry}. */
export interface BackoffOptions {
  /** The longest first pause in milliseconds. @default 50 */
  readonly baseMs?: number | undefined
  /** The longest pause in milliseconds. @default 1000 */
  readonly maxMs?: number | undefined
  /** @default 5 */
  readonly maxRetries?: number | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/** As another policy, but pauses before each retry, for a random time below a ceiling that doubles. */
export function backoffRetry(child: RetryPolicy = defaultRetry, { baseMs = 50, maxMs = 1000, maxRetries = 5, random = systemRandom }: BackoffOptions = {}): RetryPolicy {
  return {
    decide(error, context) {
      if (context.retries >= maxRetries) return 'throw'
      const decision = child.decide(error, context)
      if (decision === 'throw' || decision === 'ignore') return decision
      const afterMs = Math.min(maxMs, baseMs * 2 ** Math.min(context.retries, 30)) * random.next()
      return typeof decision === 'string' ? { on: decision, afterMs } : { afterMs, ...decision }
    },
  }
}

/** Whether an attempt's failure may pass by itself, so that the plan is worth going through again while there is time. */
export function isTransient(error: Error): boolean {
  return error instanceof RequestTimeoutError || error instanceof ConnectionError || error instanceof OverloadedError || error instanceof UnavailableError ||
    error instanceof BootstrappingError || error instanceof ReadTimeoutError || error instanceof WriteTimeoutError || failedInPassing(error) || lostBallot(error)
}
