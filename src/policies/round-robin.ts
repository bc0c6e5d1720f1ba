import { systemRandom } from '../base/index.js'
import type { Random } from '../base/index.js'
import { planOf, rotated } from './load-balancing.js'
import type { LoadBalancingPolicy } from './load-balancing.js'

/**
 * Every node in turn, each request beginning with the next one, whatever partition it is about.
 *
 * @param options `random` chooses where to begin, so that many clients do not all begin with the same node
 */
export function roundRobin({ random = systemRandom }: { readonly random?: Random } = {}): LoadBalancingPolicy {
  let turn = Math.floor(random.next() * 0x1_0000)
  return {
    plan({ nodes }) {
      turn = (turn + 1) % 0x4000_0000
      return planOf(rotated(nodes, turn))
    },
  }
}
