import type { NodeDistance } from '../policies/index.js'
import type { NodePoolStats } from '../pool/index.js'
import type { ProtocolVersion } from '../protocol/index.js'
import type { NodeMetricsSummary } from './node-metrics.js'

/** Numbers of a client at this moment. */
export interface ClientStats {
  /** Requests waiting because every connection is full. */
  readonly queued: number
  /** Statements kept prepared. */
  readonly prepared: number
  readonly protocolVersion: ProtocolVersion | undefined
  /** By `host:port`; `guard` is what the load balancing policy thinks of the node, if it says so. */
  readonly nodes: ReadonlyMap<string, NodePoolStats & NodeMetricsSummary & { readonly up: boolean; readonly distance: NodeDistance; readonly guard: unknown }>
}
