import type { CqlError } from '../base/index.js'
import type { LoadBalancingPolicy, RetryPolicy, SpeculationPolicy } from '../policies/index.js'
import type { BytesMap, Consistency } from '../protocol/index.js'

/** What every execution needs of its request's options. */
export interface ExecutionSettings {
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly retry: RetryPolicy
  readonly speculation: SpeculationPolicy
  readonly loadBalancing?: LoadBalancingPolicy | undefined
  readonly consistency?: Consistency | undefined
  readonly keyspace: string | undefined
  readonly tracing: boolean
  readonly payload?: BytesMap | undefined
  readonly node?: string | undefined
}

/** What the client's queue needs of a request that waits in it. */
export interface Waiting {
  /** Whether it has ended, so that the queue can drop it. */
  readonly done: boolean
  /** Whether it is in the queue; set by the queue. */
  waits: boolean
  /** Whether it waits for something that others may not need: one node, or the connections of a keyspace of its own. */
  readonly particular: boolean
  /** Goes on along the plan. Returns 'wait' when nodes are up but all their connections are full. */
  trySend(): 'sent' | 'wait' | 'ended'
  /** Ends it from outside. */
  cancel(error: CqlError): void
}
