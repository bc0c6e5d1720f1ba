import { ConnectionError, Events, RequestTimeoutError, systemClock } from '../base/index.js'
import type { Clock, CqlError } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import { BootstrappingError, InternalServerError, OverloadedError } from '../protocol/index.js'
import { Breaker, GradientLimit, saysOverload } from '../resilience/index.js'
import type { BreakerOptions, BreakerState, GradientLimitOptions } from '../resilience/index.js'
import { inherited, puttingLast } from './load-balancing.js'
import type { LoadBalancingEvents, LoadBalancingPolicy, RoutingContext } from './load-balancing.js'

/** Options of {@link nodeGuard}. */
export interface NodeGuardOptions {
  /** A breaker for each node; false for none. @default { failureRate: 0.5, minimumCalls: 20, window: { ms: 10000 }, openMs: 5000 } */
  readonly breaker?: Omit<BreakerOptions, 'name' | 'counts' | 'clock'> | false | undefined
  /** How many requests at a time each node gets is found out from its latencies beside those of the quickest one; false for no such limit. @default { initial: 50, headroom: 0.5 } */
  readonly concurrency?: GradientLimitOptions | false | undefined
  /** Which errors are the node's own fault. @default {@link isNodeFault} */
  readonly counts?: ((error: CqlError) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** What a guard thinks of a node, as plain data. */
export interface GuardedNodeStatus {
  readonly breaker: BreakerState | undefined
  /** Requests at a time that it is given; undefined without such a limit. */
  readonly limit: number | undefined
}

interface Guarded {
  readonly breaker: Breaker | undefined
  readonly gradient: GradientLimit | undefined
  inFlight: number
  meanMs: number
  answers: number
}

/** The share of a new latency in a node's mean. */
const WEIGHT = 0.1
/** Answers of a node before its mean counts, and between two looks at which node is the quickest. */
const MIN_ANSWERS = 20

const DEFAULT_BREAKER: BreakerOptions = { failureRate: 0.5, minimumCalls: 20, window: { ms: 10_000 }, openMs: 5000 }

/** Nodes stand in for each other, so that a slow one may be left with a single request at a time. */
const DEFAULT_CONCURRENCY: GradientLimitOptions = { initial: 50, headroom: 0.5 }

/**
 * Whether an error is the fault of the node that was asked: it is overloaded, starting or broken, its connection was lost, or it did
 * not answer. A coordinator that tells of other replicas' time-outs and failures is well itself.
 */
export function isNodeFault(error: CqlError): boolean {
  return error instanceof OverloadedError || error instanceof BootstrappingError || error instanceof InternalServerError
    || error instanceof ConnectionError || error instanceof RequestTimeoutError
}

/**
 * Puts nodes that fail, or that have as much to do as does them good, at the end of another policy's plans, and lets a few requests
 * through after a while to see whether they are well again. No node is taken for down, and none is left out: when all are unwell,
 * they are asked as the other policy says.
 *
 * @param child whose plans it reorders
 */
export function nodeGuard(child: LoadBalancingPolicy, options: NodeGuardOptions = {}): LoadBalancingPolicy {
  const { breaker: breakerOptions = DEFAULT_BREAKER, concurrency = DEFAULT_CONCURRENCY, counts = isNodeFault, clock = systemClock } = options
  const events = new Events<LoadBalancingEvents>()
  const guardedNodes = new Map<string, Guarded>()
  const probes = breakerOptions === false ? 0 : (breakerOptions.halfOpenCalls ?? 1)

  const guarded = (node: NodeInfo): Guarded => {
    let entry = guardedNodes.get(node.hostId)
    if (!entry) {
      const breaker = breakerOptions === false ? undefined : new Breaker({ ...breakerOptions, name: `${node.address}:${node.port}`, clock })
      breaker?.events.on('stateChange', ({ from, to }) => events.emit('nodeBreaker', { node, from, to }))
      entry = { breaker, gradient: concurrency === false ? undefined : new GradientLimit(concurrency), inFlight: 0, meanMs: 0, answers: 0 }
      guardedNodes.set(node.hostId, entry)
    }
    return entry
  }

  /** Whether a request should rather go elsewhere. */
  const spared = (node: NodeInfo, context: RoutingContext): boolean => {
    const entry = guarded(node)
    const inFlight = context.inFlight(node)
    entry.inFlight = inFlight + 1
    const state = entry.breaker?.state
    return state === 'open' || (state === 'halfOpen' && inFlight >= probes) || (entry.gradient !== undefined && inFlight >= entry.gradient.limit)
  }

  let quickestMs = Number.POSITIVE_INFINITY
  let untilLook = 0
  /** Requests are of many kinds, so that a latency says little by itself; but all nodes get the same kinds, and the quickest one shows what they take. */
  const learn = (entry: Guarded, latencyMs: number): void => {
    entry.answers++
    entry.meanMs += (latencyMs - entry.meanMs) * Math.max(WEIGHT, 1 / entry.answers)
    if (untilLook-- <= 0) {
      untilLook = MIN_ANSWERS
      quickestMs = Number.POSITIVE_INFINITY
      for (const { answers, meanMs } of guardedNodes.values()) if (answers >= MIN_ANSWERS) quickestMs = Math.min(quickestMs, meanMs)
    }
    if (entry.answers >= MIN_ANSWERS) entry.gradient?.learn(entry.meanMs, entry.inFlight, Math.min(quickestMs, entry.meanMs))
  }

  const forget = (nodes: readonly NodeInfo[]): void => {
    const present = new Set(nodes.map(({ hostId }) => hostId))
    for (const hostId of guardedNodes.keys()) if (!present.has(hostId)) guardedNodes.delete(hostId)
  }

  if (child.events) child.events.on('nodeBreaker', (event) => events.emit('nodeBreaker', event))
  return {
    ...inherited(child),
    events,
    status(node): GuardedNodeStatus {
      const entry = guardedNodes.get(node.hostId)
      return { breaker: entry?.breaker?.state, limit: entry?.gradient?.limit }
    },
    observe(node, latencyMs, error) {
      child.observe?.(node, latencyMs, error)
      const entry = guarded(node)
      entry.breaker?.note(error !== undefined && counts(error), latencyMs)
      if (error === undefined) learn(entry, latencyMs)
      else if (saysOverload(error)) entry.gradient?.overload()
    },
    plan(context) {
      if (guardedNodes.size > context.nodes.length) forget(context.nodes)
      return puttingLast(child.plan(context), (node) => spared(node, context))
    },
  }
}
