// Nodes that answer as a test says, in simulated time: load-balancing policies are run against them without a client.
import { SeededRandom, SimulatedClock } from '../../src/base/index.js'
import type { NodeInfo } from '../../src/cluster/index.js'
import type { LoadBalancingPolicy, RoutingContext } from '../../src/policies/index.js'

/** A node of a made-up cluster. */
export function nodeOf(hostId: string, dataCenter = 'dc1', rack = 'r1', tokens: readonly string[] = []): NodeInfo {
  return { hostId, address: `10.0.0.${hostId.length}`, port: 9042, dataCenter, rack, releaseVersion: '5.0.0', schemaVersion: undefined, tokens }
}

export class PolicySimulator {
  readonly clock: SimulatedClock = new SimulatedClock()
  readonly random: SeededRandom
  readonly nodes: readonly NodeInfo[]
  readonly down: Set<string> = new Set()
  /** Milliseconds that each node takes to answer. */
  readonly latencyMs: Map<string, number> = new Map()
  /** Requests that each node was sent. */
  readonly sent: Map<string, number> = new Map()
  readonly #inFlight = new Map<string, number>()

  constructor(nodes: readonly NodeInfo[], seed = 1) {
    this.nodes = nodes
    this.random = new SeededRandom(seed)
  }

  context(replicas: readonly NodeInfo[] = [], conditional = false): RoutingContext {
    return {
      nodes: this.nodes, localDataCenter: 'dc1', replicas, conditional,
      isUp: ({ hostId }) => !this.down.has(hostId),
      inFlight: ({ hostId }) => this.#inFlight.get(hostId) ?? 0,
    }
  }

  /** The whole plan of one request, as host ids. */
  plan(policy: LoadBalancingPolicy, replicas: readonly NodeInfo[] = [], conditional = false): string[] {
    const plan = policy.plan(this.context(replicas, conditional))
    const given: string[] = []
    for (let node = plan(); node !== undefined && given.length < 100; node = plan()) given.push(node.hostId)
    return given
  }

  /** Sends requests, one every `everyMs`, each to the first node of its plan. */
  async run(policy: LoadBalancingPolicy, requests: number, everyMs: number, replicas: readonly NodeInfo[] = []): Promise<void> {
    for (let i = 0; i < requests; i++) {
      const node = policy.plan(this.context(replicas))()!
      this.sent.set(node.hostId, (this.sent.get(node.hostId) ?? 0) + 1)
      this.#inFlight.set(node.hostId, (this.#inFlight.get(node.hostId) ?? 0) + 1)
      const ms = this.latencyMs.get(node.hostId) ?? 1
      this.clock.schedule(() => {
        this.#inFlight.set(node.hostId, this.#inFlight.get(node.hostId)! - 1)
        policy.observe?.(node, ms)
      }, ms)
      await this.clock.advance(everyMs)
    }
  }

  share(hostId: string): number {
    const all = [...this.sent.values()].reduce((sum, count) => sum + count, 0)
    return (this.sent.get(hostId) ?? 0) / all
  }
}
