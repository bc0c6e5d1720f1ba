import type { NodeInfo } from '../cluster/index.js'
import { planOf } from '../policies/index.js'
import type { LoadBalancingPolicy, QueryPlan, RoutingContext } from '../policies/index.js'
import { addressOf } from './address.js'
import type { ExecutionSettings } from './execution-settings.js'
import type { Route } from './router.js'

const NO_NODES: readonly NodeInfo[] = []

/** Asks load balancing policies where requests go, with what is known of the nodes at this moment. */
export class QueryPlanner {
  readonly #policy: LoadBalancingPolicy
  /** What policies are asked with; `first` with this very object, so that a request needs none of its own. */
  readonly #context: { -readonly [Key in keyof RoutingContext]: RoutingContext[Key] }

  /** @param policy of requests that have none of their own */
  constructor(policy: LoadBalancingPolicy, { isUp, inFlight }: Pick<RoutingContext, 'isUp' | 'inFlight'>) {
    this.#policy = policy
    this.#context = { nodes: NO_NODES, localDataCenter: undefined, replicas: NO_NODES, conditional: false, isUp, inFlight }
  }

  /** Nodes that requests may go to. */
  get nodes(): readonly NodeInfo[] {
    return this.#context.nodes
  }

  set nodes(nodes: readonly NodeInfo[]) {
    this.#context.nodes = nodes
  }

  get localDataCenter(): string | undefined {
    return this.#context.localDataCenter
  }

  set localDataCenter(name: string | undefined) {
    this.#context.localDataCenter = name
  }

  /** The node that a request's plan begins with, when its policy tells without making the plan. */
  firstNode({ node: wanted, loadBalancing = this.#policy }: Pick<ExecutionSettings, 'node' | 'loadBalancing'>, route: Route | undefined, conditional: boolean): NodeInfo | undefined {
    if (wanted !== undefined || loadBalancing.first === undefined) return undefined
    const context = this.#context
    context.replicas = route?.replicas ?? NO_NODES
    context.conditional = conditional
    return loadBalancing.first(context)
  }

  /** A plan of one request: the nodes as its policy orders them, or the one that was asked for. */
  plan({ node: wanted, loadBalancing = this.#policy }: Pick<ExecutionSettings, 'node' | 'loadBalancing'>, route: Route | undefined, conditional: boolean): QueryPlan {
    if (wanted !== undefined) {
      return planOf(this.nodes.filter((node) => node.hostId === wanted || addressOf(node) === wanted || node.address === wanted))
    }
    return loadBalancing.plan({ ...this.#context, replicas: route?.replicas ?? NO_NODES, conditional })
  }
}
