import { CqlError, nameError } from '../base/index.js'

/** A breaker is open: the call was not made. */
export class BreakerOpenError extends CqlError {
  /** Milliseconds until it may be tried again; undefined when that is not known. */
  readonly retryAfterMs: number | undefined
  /** Name of the breaker. */
  readonly breaker: string
  constructor(breaker: string, retryAfterMs: number | undefined, why = 'is open') {
    super(`The breaker '${breaker}' ${why}`, 'CQL_BREAKER_OPEN', 'retryable')
    this.breaker = breaker
    this.retryAfterMs = retryAfterMs
  }
  static { nameError(this, 'BreakerOpenError') }
}

/** A limiter has no permit, or none soon enough: the call was not made. */
export class LimitExceededError extends CqlError {
  /** Milliseconds until a permit can be had; undefined when that is not known. */
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryAfterMs: number | undefined) {
    super(message, 'CQL_LIMIT_EXCEEDED', 'retryable')
    this.retryAfterMs = retryAfterMs
  }
  static { nameError(this, 'LimitExceededError') }
}

/** Too many calls run and wait already: this one was not made. */
export class BulkheadFullError extends CqlError {
  constructor(running: number, waiting: number) {
    super(`${running} calls run and ${waiting} wait already`, 'CQL_BULKHEAD_FULL', 'retryable')
  }
  static { nameError(this, 'BulkheadFullError') }
}

/** A call took longer than it may; it was told to give up, and may have been executed. */
export class TimeoutExceededError extends CqlError {
  readonly timeoutMs: number
  constructor(timeoutMs: number) {
    super(`The call did not end within ${timeoutMs} ms`, 'CQL_TIMEOUT_EXCEEDED', 'undetermined')
    this.timeoutMs = timeoutMs
  }
  static { nameError(this, 'TimeoutExceededError') }
}

/** All attempts of a hedged call have failed: the cause is the first one's error, `errors` has all of them in order. */
export class HedgeFailedError extends CqlError {
  readonly errors: readonly unknown[]
  constructor(errors: readonly unknown[]) {
    const [first] = errors
    super(`All ${errors.length} attempts failed; the first one: ${first instanceof Error ? first.message : String(first)}`, 'CQL_HEDGE_FAILED', 'undetermined', first)
    this.errors = errors
  }
  static { nameError(this, 'HedgeFailedError') }
}

/** A member of a group cannot be used since another one that it depends on cannot. */
export class DependencyError extends CqlError {
  /** The member that was called. */
  readonly member: string
  /** The one that is at fault. */
  readonly culprit: string
  constructor(member: string, culprit: string, why: string) {
    super(culprit === member ? `'${member}' cannot be used: it ${why}` : `'${member}' cannot be used: '${culprit}', which it depends on, ${why}`, 'CQL_DEPENDENCY', 'retryable')
    this.member = member
    this.culprit = culprit
  }
  static { nameError(this, 'DependencyError') }
}

const refusals: ReadonlySet<string> = new Set(['CQL_BREAKER_OPEN', 'CQL_LIMIT_EXCEEDED', 'CQL_BULKHEAD_FULL', 'CQL_DEPENDENCY', 'CQL_ABORTED', 'CQL_QUEUE_FULL', 'CQL_CODEC', 'CQL_OPTION'])

/** Whether this process itself, or the caller, is why a call was not made or not waited for: it says nothing of what was to be called. */
export function isRefusal(error: CqlError): boolean {
  return refusals.has(error.code)
}
