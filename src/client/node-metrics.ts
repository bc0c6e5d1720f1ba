import { Histogram } from '../base/index.js'
import type { LatencySummary } from '../base/index.js'

/** What is counted of each node. */
export type NodeCounter = 'errors' | 'timeouts' | 'retries' | 'speculations'

/** Numbers of one node since the client began. */
export interface NodeMetricsSummary {
  /** Requests that the node answered with an error, or that a lost connection took along. */
  readonly errors: number
  /** Requests that it did not answer in time. */
  readonly timeouts: number
  /** Requests that were tried again after it had failed. */
  readonly retries: number
  /** Requests that were sent to it because another node took long. */
  readonly speculations: number
  /** From sending to answer. */
  readonly latency: LatencySummary
}

/** Counters and latencies of one node. */
export class NodeMetrics {
  readonly latency: Histogram = new Histogram()
  readonly #counts: Record<NodeCounter, number> = { errors: 0, timeouts: 0, retries: 0, speculations: 0 }

  count(counter: NodeCounter): void {
    this.#counts[counter]++
  }

  summary(): NodeMetricsSummary {
    return { ...this.#counts, latency: this.latency.summary() }
  }
}
