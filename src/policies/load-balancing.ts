import type { NodeInfo } from '../cluster/index.js'

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
   * @param plan must be quick: it is asked at every request
   * @returns the plan of one request; each node at most once
   */
  plan(context: RoutingContext): QueryPlan
  /** @default nodes of the local data centre are local, all others ignored */
  distance?(node: NodeInfo, localDataCenter: string | undefined): NodeDistance
  /** Told how long each answer took, in milliseconds, if it is there. */
  observe?(node: NodeInfo, latencyMs: number): void
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
