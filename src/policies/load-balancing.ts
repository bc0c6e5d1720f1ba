import type { CqlError, Events } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { BreakerState } from '../resilience/index.js'

/** Gives the next node to try, or undefined when there is none left. */
export type QueryPlan = () => NodeInfo | undefined

/**
 * How near a node is: `local` nodes get the usual number of connections, `remote` ones those of `pool.remoteConnections`,
 * and to `ignored` ones there are none.
 */
export type NodeDistance = 'local' | 'remote' | 'ignored'

/** What a policy may know of a request and of the nodes at this moment. */
export interface RoutingContext {
  /** Nodes that are not ignored, in no particular order; the same array until one comes, goes or changes. */
  readonly nodes: readonly NodeInfo[]
  readonly localDataCenter: string | undefined
  /** Replicas of the request's partition in ring order, the primary first, ignored ones included; none when they are not known. */
  readonly replicas: readonly NodeInfo[]
  /** Whether it is a lightweight transaction, as far as is known. */
  readonly conditional: boolean
  /** Whether a connection to the node is open. */
  isUp(node: NodeInfo): boolean
  /** Requests that the node has not answered yet, those that were given up included. */
  inFlight(node: NodeInfo): number
}

/** Decides which nodes a request is sent to, and in which order. A plain object with these methods will do. */
export interface LoadBalancingPolicy {
  /**
   * Makes the plan of one request. It must be quick: it is asked at every request.
   *
   * @returns the nodes in the order in which they are tried, each at most once
   */
  plan(context: RoutingContext): QueryPlan
  /**
   * The node that a plan begins with, where it can be told without making the plan, which most requests need no more of.
   *
   * @param context valid only during the call
   * @returns undefined when there is none; then a plan is made
   */
  first?(context: RoutingContext): NodeInfo | undefined
  /** @default nodes of the local data centre are local, all others ignored */
  distance?(node: NodeInfo, localDataCenter: string | undefined): NodeDistance
  /**
   * Told of each answer, and of each one that did not come.
   *
   * @param latencyMs how long it took, or was waited for, in milliseconds
   * @param error what the node answered in place of a result, or why there was no answer
   */
  observe?(node: NodeInfo, latencyMs: number, error?: CqlError): void
  /** What the client passes on to its own listeners. */
  readonly events?: Events<LoadBalancingEvents>
  /** What it thinks of a node, as plain data for `client.stats()`. */
  status?(node: NodeInfo): unknown
}

/** What a load balancing policy tells. */
export interface LoadBalancingEvents {
  /** Requests are kept away from a node, are let through to see whether it is well, or go there as before. */
  nodeBreaker: { readonly node: NodeInfo; readonly from: BreakerState; readonly to: BreakerState }
}

/** What a policy around another one takes over from it as it is. */
export function inherited(child: LoadBalancingPolicy): Omit<LoadBalancingPolicy, 'plan'> {
  return {
    ...(child.distance && { distance: (node, localDataCenter) => child.distance!(node, localDataCenter) }),
    ...(child.observe && { observe: (node, latencyMs, error) => child.observe!(node, latencyMs, error) }),
    ...(child.events && { events: child.events }),
    ...(child.status && { status: (node) => child.status!(node) }),
  }
}

/** The distance of a node for policies that say nothing of it. */
export function distanceByDataCenter(node: NodeInfo, localDataCenter: string | undefined): NodeDistance {
  return localDataCenter === undefined || node.dataCenter === localDataCenter ? 'local' : 'ignored'
}

/** The nodes of a list in turn, beginning at `start`. */
export function* rotated(nodes: readonly NodeInfo[], start: number): Generator<NodeInfo> {
  for (let i = 0; i < nodes.length; i++) yield nodes[(start + i) % nodes.length]!
}

/** A plan that gives the nodes of an iterable. */
export function planOf(nodes: Iterable<NodeInfo>): QueryPlan {
  const iterator = nodes[Symbol.iterator]()
  return () => {
    const next = iterator.next()
    return next.done === true ? undefined : next.value
  }
}

/** A plan that gives some nodes after all others. @param isLast asked once of each node, when its turn comes */
export function puttingLast(plan: QueryPlan, isLast: (node: NodeInfo) => boolean): QueryPlan {
  const last: NodeInfo[] = []
  return () => {
    for (let node = plan(); node !== undefined; node = plan()) {
      if (!isLast(node)) return node
      last.push(node)
    }
    return last.shift()
  }
}
