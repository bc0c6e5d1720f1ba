import { NoNodeAvailableError } from '../base/index.js'
import type { CqlError, FailedAttempt } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { NodeDistance } from '../policies/index.js'
import { NodePool } from '../pool/index.js'
import type { NodePoolOptions } from '../pool/index.js'
import type { ProtocolVersion } from '../protocol/index.js'
import { socketLimit } from '../transport/index.js'
import { addressOf } from './address.js'
import type { ClientStats } from './client-stats.js'
import { NodeMetrics } from './node-metrics.js'
import type { ClientOptions } from './options.js'

/** A node, and how far away it is. */
export interface NearNode {
  readonly node: NodeInfo
  readonly distance: NodeDistance
}

interface NodeState {
  readonly pool: NodePool
  readonly metrics: NodeMetrics
  readonly distance: NodeDistance
}

/** What the pools of a client tell it. */
export interface NodePoolsListener {
  onAdded(pool: NodePool): void
  onRemoved(node: NodeInfo): void
  /** A connection has room again. */
  onCapacity(): void
  onStateChange(node: NodeInfo, up: boolean): void
  /** Opening a pool has ended, well or not. */
  onOpenEnded(): void
  onConnectionOpened(node: string): void
  onConnectionClosed(node: string, error: CqlError): void
}

/** The pools of the nodes that requests may go to, by host id, and what is counted of each. */
export class NodePools {
  readonly #options: Omit<NodePoolOptions, 'version'>
  readonly #listener: NodePoolsListener
  readonly #remoteConnections: number
  readonly #warmUp: boolean
  /** Nodes that connections are opened to at most. */
  readonly #mostNodes: number
  readonly #states = new Map<string, NodeState>()

  constructor(options: Omit<NodePoolOptions, 'version'>, listener: NodePoolsListener, given: ClientOptions['pool'] = {}) {
    this.#options = options
    this.#listener = listener
    this.#remoteConnections = given.remoteConnections ?? 1
    this.#warmUp = given.warmUp ?? false
    this.#mostNodes = Math.max(1, Math.floor(((given.maxConnections ?? socketLimit ?? Number.POSITIVE_INFINITY) - 1) / (given.connections ?? 1)))
  }

  of(hostId: string): NodePool | undefined {
    return this.#states.get(hostId)?.pool
  }

  metricsOf(hostId: string): NodeMetrics | undefined {
    return this.#states.get(hostId)?.metrics
  }

  /** As many nodes as there may be connections to: first those that have some, then others, the near ones before. */
  within(near: readonly NearNode[]): readonly NearNode[] {
    if (near.length <= this.#mostNodes) return near
    const rank = ({ node, distance }: NearNode): number => (this.#states.has(node.hostId) ? 0 : distance === 'local' ? 1 : 2)
    return [...near].sort((a, b) => rank(a) - rank(b)).slice(0, this.#mostNodes)
  }

  /** Makes pools of nodes that are new, tells the others what is new of theirs, and lets go of those that have left. */
  use(near: readonly NearNode[], version: ProtocolVersion): void {
    const known = new Set(near.map(({ node }) => node.hostId))
    for (const { node, distance } of near) {
      const pool = this.of(node.hostId)
      if (pool) pool.update(node)
      else this.#add(node, distance, version)
    }
    for (const [hostId, { pool }] of this.#states) {
      if (known.has(hostId)) continue
      this.#states.delete(hostId)
      void pool.close()
      this.#listener.onRemoved(pool.node)
    }
  }

  #add(node: NodeInfo, distance: NodeDistance, version: ProtocolVersion): void {
    const listener = this.#listener
    const connections = distance === 'remote' ? this.#remoteConnections : this.#options.connections
    const pool = new NodePool(node, { ...this.#options, connections, version }, {
      onCapacity: () => listener.onCapacity(),
      onStateChange: (changed, up) => listener.onStateChange(changed.node, up),
      onOpenEnded: () => listener.onOpenEnded(),
      onConnectionOpened: ({ address }) => listener.onConnectionOpened(address),
      onConnectionClosed: ({ address }, error) => listener.onConnectionClosed(address, error),
    })
    this.#states.set(node.hostId, { pool, distance, metrics: new NodeMetrics() })
    listener.onAdded(pool)
  }

  /** Resolves when the first pool is up, and with `pool.warmUp` when all have been tried; the others go on by themselves. @throws NoNodeAvailableError */
  async open(keyspace: string | undefined): Promise<void> {
    const attempts: FailedAttempt[] = []
    const starts = [...this.#states.values()].map(({ pool }) => pool.start(keyspace).catch((error: unknown) => {
      attempts.push({ node: addressOf(pool.node), error: error as Error })
      throw error
    }))
    try {
      await Promise.any(starts)
    } catch {
      throw new NoNodeAvailableError('No connection pool could be opened:', attempts)
    }
    if (this.#warmUp) await Promise.allSettled(starts)
  }

  /** @param guard what the load-balancing policy says of a node */
  stats(guard: (node: NodeInfo) => unknown): ClientStats['nodes'] {
    return new Map([...this.#states.values()].map(({ pool, metrics, distance }) => [addressOf(pool.node), { ...pool.stats, ...metrics.summary(), up: pool.up, distance, guard: guard(pool.node) }]))
  }

  /** Lets requests in flight finish, then closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#states.values()].map(({ pool }) => pool.close()))
  }

  /** Closes all connections at once; requests in flight end with `error`. */
  destroy(error: CqlError): void {
    for (const { pool } of this.#states.values()) pool.destroy(error)
    this.#states.clear()
  }
}
