import type { NodeInfo } from '../cluster/index.js'
import { distanceByDataCenter, inherited } from './load-balancing.js'
import type { LoadBalancingPolicy } from './load-balancing.js'

/**
 * Keeps another policy to some of the nodes: to the others no connections are opened.
 *
 * @param allowed addresses, `host:port` or host ids, or a function that says yes or no
 */
export function allowList(child: LoadBalancingPolicy, allowed: readonly string[] | ((node: NodeInfo) => boolean)): LoadBalancingPolicy {
  const isAllowed = typeof allowed === 'function' ? allowed : (node: NodeInfo) => allowed.includes(node.address) || allowed.includes(`${node.address}:${node.port}`) || allowed.includes(node.hostId)
  return {
    ...inherited(child),
    distance: (node, localDataCenter) => (isAllowed(node) ? (child.distance?.(node, localDataCenter) ?? distanceByDataCenter(node, localDataCenter)) : 'ignored'),
    plan: (context) => child.plan(context),
  }
}
