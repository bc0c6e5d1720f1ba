import type { NodeInfo } from '../cluster/index.js'
import type { Random } from '../base/index.js'

/** Gives the next node to try, or undefined when there is none left. */
export type QueryPlan = () => NodeInfo | undefined

/** Decides which nodes a request is sent to, and in which order. */
export interface LoadBalancingPolicy {
  /**
   * @param nodes all nodes known, those believed down included
   * @returns the plan of one request; each node at most once
   */
  plan(nodes: readonly NodeInfo[]): QueryPlan
}

/**
 * Every node in turn, each request beginning with the next one.
 *
 * @param random where to begin, so that many clients do not all begin with the same node
 */
export function roundRobin(random: Random): LoadBalancingPolicy {
  let turn = Math.floor(random.next() * 0x1_0000)
  return {
    plan(nodes) {
      const first = turn
      turn = (turn + 1) % 0x4000_0000
      let given = 0
      return () => (given < nodes.length ? nodes[(first + given++) % nodes.length] : undefined)
    },
  }
}
