import { systemRandom } from '../base/index.js'
import type { Random } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import { betterOfTwo } from './least-in-flight.js'
import { distanceByDataCenter, rotated } from './load-balancing.js'
import type { LoadBalancingPolicy, NodeDistance, QueryPlan, RoutingContext } from './load-balancing.js'

/** Options of {@link tokenAware}. */
export interface TokenAwareOptions {
  /** The rack that this process is in: its nodes come before others of the data centre. @default none is preferred */
  readonly localRack?: string | undefined
  /**
   * Data centres to go to when no local node can be used, in this order. Requests keep the consistency that was asked
   * for, and `localQuorum` then means a quorum of that data centre. @default none
   */
  readonly failoverTo?: readonly string[] | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/**
 * The default: a replica of the request's partition in the local rack, else in the local data centre, of two the less busy one;
 * then the other replicas, the other local nodes in turn, and the data centres of `failoverTo`. Nodes that no connection is open
 * to come last. Lightweight transactions go to replicas in ring order, so that those of one partition meet at one coordinator.
 */
export function tokenAware(options: TokenAwareOptions = {}): LoadBalancingPolicy {
  return new TokenAware(options)
}

class TokenAware implements LoadBalancingPolicy {
  readonly #rack: string | undefined
  readonly #failoverTo: readonly string[]
  readonly #random: Random
  #turn: number
  /** Of one request; kept, so that none is made for each. */
  readonly #candidates: NodeInfo[] = []

  constructor({ localRack, failoverTo = [], random = systemRandom }: TokenAwareOptions) {
    this.#rack = localRack
    this.#failoverTo = failoverTo
    this.#random = random
    this.#turn = Math.floor(random.next() * 0x1_0000)
  }

  distance(node: NodeInfo, localDataCenter: string | undefined): NodeDistance {
    return this.#failoverTo.includes(node.dataCenter) && node.dataCenter !== localDataCenter ? 'remote' : distanceByDataCenter(node, localDataCenter)
  }

  first(context: RoutingContext): NodeInfo | undefined {
    this.#turn = (this.#turn + 1) % 0x4000_0000
    return this.#replica(context) ?? this.#inTurn(context, this.#turn)
  }

  /** The first node is found at once; the order of the others is worked out only if they are needed. */
  plan(context: RoutingContext): QueryPlan {
    const first = this.first(context)
    const turn = this.#turn
    let rest: NodeInfo[] | undefined
    let given = -1
    return () => {
      if (given++ < 0 && first !== undefined) return first
      rest ??= this.#others(context, first, turn)
      return rest[first === undefined ? given : given - 1]
    }
  }

  /** How near a node is: 0 the local rack, 1 the local data centre, then data centres to fail over to. */
  #tier(node: NodeInfo, localDataCenter: string | undefined): number {
    if (localDataCenter !== undefined && node.dataCenter !== localDataCenter) return 2 + this.#failoverTo.indexOf(node.dataCenter)
    return this.#rack !== undefined && node.rack !== this.#rack ? 1 : 0
  }

  #replica(context: RoutingContext): NodeInfo | undefined {
    const { replicas, localDataCenter } = context
    if (replicas.length === 0) return undefined
    let nearest = 2
    const candidates = this.#candidates
    let found = 0
    for (const node of replicas) {
      if (!context.isUp(node)) continue
      const tier = this.#tier(node, localDataCenter)
      if (tier > nearest || tier >= 2) continue
      if (tier < nearest) {
        nearest = tier
        found = 0
      }
      candidates[found++] = node
    }
    if (found === 0) return undefined
    return context.conditional ? candidates[0] : betterOfTwo(candidates, context, this.#random, found)
  }

  #inTurn(context: RoutingContext, turn: number): NodeInfo | undefined {
    let best: NodeInfo | undefined
    let nearest = 2
    for (const node of rotated(context.nodes, turn)) {
      const tier = this.#tier(node, context.localDataCenter)
      if (tier >= nearest || !context.isUp(node)) continue
      if (tier === 0) return node
      best = node
      nearest = tier
    }
    return best
  }

  #others(context: RoutingContext, first: NodeInfo | undefined, turn: number): NodeInfo[] {
    const known = new Set(context.nodes)
    const replicas = context.replicas.filter((node) => known.has(node))
    if (!context.conditional) shuffle(replicas, this.#random)
    const holds = new Set(replicas)
    const ranked = [...replicas, ...[...rotated(context.nodes, turn)].filter((node) => !holds.has(node))]
      .filter((node) => node !== first)
      .map((node) => ({ node, rank: this.#rank(node, context, holds.has(node)) }))
    return ranked.sort((a, b) => a.rank - b.rank).map(({ node }) => node)
  }

  /** Local replicas come before all other local nodes, whatever their rack; a node without a connection after all that have one. */
  #rank(node: NodeInfo, context: RoutingContext, replica: boolean): number {
    const tier = this.#tier(node, context.localDataCenter)
    const place = tier < 2 ? tier + (replica ? 0 : 2) : 4 + 2 * (tier - 2) + (replica ? 0 : 1)
    return context.isUp(node) ? place : place + 1000
  }
}

function shuffle(nodes: NodeInfo[], random: Random): void {
  for (let i = nodes.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1))
    const other = nodes[j]!
    nodes[j] = nodes[i]!
    nodes[i] = other
  }
}
