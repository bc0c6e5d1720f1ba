import { systemRandom } from '../base/index.js'
import type { Random } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import { planOf, rotated } from './load-balancing.js'
import type { LoadBalancingPolicy, RoutingContext } from './load-balancing.js'

/**
 * Of two nodes chosen at random, the one with fewer unanswered requests: nearly as good as the best of all, without the
 * herd that runs to it (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 *
 * @param length of the candidates, the first ones of the list
 */
export function betterOfTwo(candidates: readonly NodeInfo[], { inFlight }: Pick<RoutingContext, 'inFlight'>, random: Random, length: number = candidates.length): NodeInfo | undefined {
  if (length < 2) return candidates[0]
  const first = Math.floor(random.next() * length)
  let second = Math.floor(random.next() * (length - 1))
  if (second >= first) second++
  return inFlight(candidates[second]!) < inFlight(candidates[first]!) ? candidates[second] : candidates[first]
}

/** Prefers nodes with few unanswered requests, whatever partition a request is about; the others follow in turn. */
export function leastInFlight({ random = systemRandom }: { readonly random?: Random } = {}): LoadBalancingPolicy {
  return {
    plan(context) {
      const best = betterOfTwo(context.nodes.filter(context.isUp), context, random)
      return planOf(others(context, best, random))
    },
  }
}

function* others({ nodes }: RoutingContext, best: NodeInfo | undefined, random: Random): Generator<NodeInfo> {
  if (best) yield best
  for (const node of rotated(nodes, Math.floor(random.next() * nodes.length))) if (node !== best) yield node
}
