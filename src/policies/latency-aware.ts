import { ConnectionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import { inherited, puttingLast } from './load-balancing.js'
import type { LoadBalancingPolicy } from './load-balancing.js'

/** Options of {@link latencyAware}. */
export interface LatencyAwareOptions {
  /** A node is slow when its mean latency is more than that many times the best one's. @default 2 */
  readonly ratio?: number | undefined
  /** Answers that a node must have given before it is judged. @default 50 */
  readonly minMeasurements?: number | undefined
  /** After that many milliseconds without an answer a slow node is given another chance. @default 10000 */
  readonly retryAfterMs?: number | undefined
  /** Milliseconds after which a measurement counts less than half. @default 1000 */
  readonly halfLifeMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

interface Measured {
  meanMs: number
  count: number
  at: number
}

/**
 * Puts nodes that answer much more slowly than the best one at the end of another policy's plans.
 *
 * @param child whose plans it reorders
 */
export function latencyAware(child: LoadBalancingPolicy, options: LatencyAwareOptions = {}): LoadBalancingPolicy {
  const { ratio = 2, minMeasurements = 50, retryAfterMs = 10_000, halfLifeMs = 1000, clock = systemClock } = options
  const measured = new Map<string, Measured>()

  const current = (node: NodeInfo, now: number): Measured | undefined => {
    const entry = measured.get(node.hostId)
    return entry && entry.count >= minMeasurements && now - entry.at < retryAfterMs ? entry : undefined
  }

  return {
    ...inherited(child),
    observe(node, latencyMs, error) {
      child.observe?.(node, latencyMs, error)
      if (error instanceof ConnectionError) return // when a connection breaks says nothing of how quick the node is
      const now = clock.now()
      const entry = measured.get(node.hostId)
      // A node that was left alone for so long is measured afresh.
      if (!entry || now - entry.at >= retryAfterMs) {
        measured.set(node.hostId, { meanMs: latencyMs, count: 1, at: now })
        return
      }
      const weight = 0.5 ** (Math.max(now - entry.at, 1) / halfLifeMs)
      entry.meanMs = entry.meanMs * weight + latencyMs * (1 - weight)
      entry.count++
      entry.at = now
    },
    plan(context) {
      const plan = child.plan(context)
      const now = clock.now()
      let best = Number.POSITIVE_INFINITY
      for (const node of context.nodes) if (context.isUp(node)) best = Math.min(best, current(node, now)?.meanMs ?? best)
      return puttingLast(plan, (node) => (current(node, now)?.meanMs ?? 0) > best * ratio)
    },
  }
}
