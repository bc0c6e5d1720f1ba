import { isCqlError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { RateLimitError, ReadFailureError, WriteFailureError } from '../protocol/index.js'
import { AdaptiveConcurrency, Breaker, countsAsFailure, isRefusal, isRetryable, policy, Policy, Retry, RetryBudget } from '../resilience/index.js'
import type { AdaptiveConcurrencyOptions, BreakerOptions, RetryOptions, RunContext, Task } from '../resilience/index.js'

/** Options of {@link databaseGuard}. */
export interface DatabaseGuardOptions {
  /** Shown in errors and status. @default 'database' */
  readonly name?: string | undefined
  /** When whatever is asked fails; false for no breaker. @default { failureRate: 0.5, minimumCalls: 50, window: { ms: 10000 }, openMs: 5000, halfOpenCalls: 3 } */
  readonly breaker?: Omit<BreakerOptions, 'name' | 'counts' | 'clock'> | false | undefined
  /** How many requests run at a time is found out; false for no limit. @default { initial: 100, max: 10000, queue: 1000 } */
  readonly concurrency?: Omit<AdaptiveConcurrencyOptions, 'clock'> | false | undefined
  /** What is certainly not executed is tried again after a pause; false for never. @default { attempts: 2, baseMs: 50 }, and one retry for ten successes */
  readonly retry?: Omit<RetryOptions, 'when' | 'clock'> | false | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** Cassandra's `RequestFailureReason` for a read that met too many tombstones: what was asked for is at fault. */
const TOO_MANY_TOMBSTONES = 1
/**
 * Whether an error of a client says that the database is unwell: overload, time that ran out, replicas or nodes that are not there.
 * Statements that are wrong, rights that are missing, a partition that is asked for too often, reads of too many tombstones, values
 * that do not fit and what the caller gave up say nothing.
 */
export function isDatabaseFault(error: unknown): boolean {
  if (error instanceof RateLimitError) return false
  if (error instanceof ReadFailureError || error instanceof WriteFailureError) {
    return error.reasons === undefined || [...error.reasons.values()].some((reason) => reason !== TOO_MANY_TOMBSTONES)
  }
  return countsAsFailure(error)
}

/** Whether a request may be sent again as it is: it was not executed, or may be executed twice, and nothing of this process refused it. */
function isWorthAnother(error: unknown): boolean {
  return isCqlError(error) && isRetryable(error) && !isRefusal(error) && error.code !== 'CQL_CLOSED'
}

const BREAKER = { failureRate: 0.5, minimumCalls: 50, window: { ms: 10_000 }, openMs: 5000, halfOpenCalls: 3 } as const
const CONCURRENCY = { initial: 100, max: 10_000, queue: 1000 } as const

/** See {@link databaseGuard}. Its parts are there to be watched. */
export class DatabaseGuard extends Policy {
  readonly breaker: Breaker | undefined
  readonly concurrency: AdaptiveConcurrency | undefined
  readonly retry: Retry | undefined
  readonly #whole: Policy

  constructor({ name = 'database', breaker = BREAKER, concurrency = CONCURRENCY, retry = {}, clock = systemClock }: DatabaseGuardOptions = {}) {
    super()
    this.retry = retry === false ? undefined : new Retry({ attempts: 2, baseMs: 50, budget: new RetryBudget(), ...retry, when: isWorthAnother, clock })
    this.breaker = breaker === false ? undefined : new Breaker({ ...breaker, name, counts: isDatabaseFault, clock })
    this.concurrency = concurrency === false ? undefined : new AdaptiveConcurrency({ ...concurrency, clock })
    const [first, ...others] = [this.retry, this.breaker, this.concurrency].filter((part) => part !== undefined)
    this.#whole = policy(first ?? new Retry({ attempts: 1 }), ...others)
  }

  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return this.#whole.execute(task, context)
  }
}

/**
 * A policy around a client's calls that knows what each of Cassandra's errors means: as many at a time as the database takes, none
 * while it fails, and another try of what was not executed. The client's own retries come first, and time is its matter.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { databaseGuard } from 'cqlwire/policies'
 * const client = await Client.connect({ contactPoints: ['127.0.0.1'] })
 * const guard = databaseGuard()
 * await guard.run(({ signal }) => client.execute('SELECT name FROM shop.users WHERE id = ?', [7], { signal }))
 * ```
 */
export function databaseGuard(options?: DatabaseGuardOptions): DatabaseGuard {
  return new DatabaseGuard(options)
}
