import type { CqlError } from '../base/index.js'
import { shardOf } from '../cluster/index.js'
import type { NodeInfo, Token } from '../cluster/index.js'
import type { ReconnectionPolicy } from '../policies/index.js'
import { ConnectionGroup } from './connection-group.js'
import type { Connection } from './connection.js'
import type { HandshakeOptions } from './handshake.js'

/** Options of the pool of one node. */
export interface NodePoolOptions extends HandshakeOptions {
  /** Connections to the node; at least one to each shard where there are shards. */
  readonly connections: number
  readonly reconnection: ReconnectionPolicy
}

/** What a pool tells its owner. */
export interface NodePoolListener {
  /** A connection that was full can take a request again. */
  onCapacity(): void
  /** A connection is open, or could not be opened. */
  onOpenEnded(): void
  /** The first connection has come up, or the last one has gone. */
  onStateChange(pool: NodePool, up: boolean): void
  onConnectionOpened?(connection: Connection): void
  onConnectionClosed?(connection: Connection, error: CqlError): void
}

/** Numbers of one pool at this moment. */
export interface NodePoolStats {
  readonly connections: number
  readonly inFlight: number
  /** Streams that wait for answers to requests given up. */
  readonly orphans: number
  /** Connections opened since the start. */
  readonly opened: number
  /** Connections closed since the start, by either side. */
  readonly closed: number
}

/**
 * The connections to one node: keeps as many open as wanted, opens others in the place of those lost,
 * waiting longer after each failure. On protocol v3 and v4, which have no keyspace per request, each
 * keyspace in use has connections of its own.
 */
export class NodePool {
  readonly #options: NodePoolOptions
  readonly #listener: NodePoolListener
  readonly #groups = new Map<string, ConnectionGroup>()
  /** The connections that are in no keyspace: the only ones on version 5. */
  #general: ConnectionGroup | undefined
  #node: NodeInfo
  #closed = false
  #up = false
  #opened = 0
  #closedCount = 0
  /** Why the last try to connect failed. */
  lastError: Error | undefined

  constructor(node: NodeInfo, options: NodePoolOptions, listener: NodePoolListener) {
    this.#node = node
    this.#options = options
    this.#listener = listener
  }

  get node(): NodeInfo {
    return this.#node
  }

  /** Whether at least one connection is open. */
  get up(): boolean {
    return this.#up
  }

  /** Requests that the node has not answered. Those given up count: a node that has stopped would look idle without them. */
  get unanswered(): number {
    let sum = 0
    for (const group of this.#groups.values()) sum += group.unanswered
    return sum
  }

  /** Takes over newer facts; connections follow a changed address as they are replaced. */
  update(node: NodeInfo): void {
    const moved = node.address !== this.#node.address || node.port !== this.#node.port
    this.#node = node
    if (moved) for (const group of this.#groups.values()) group.retryNow()
  }

  /** Opens the first connections; resolves when the first one is open. Rejects when it cannot be opened. */
  async start(keyspace?: string): Promise<void> {
    await this.#group(keyspace).start()
  }

  /** Takes over a connection that is open already, instead of `start`. */
  adopt(connection: Connection): void {
    this.#group(connection.keyspace).adopt(connection)
  }

  /**
   * A connection that can take a request, or undefined when there is none right now.
   *
   * @param keyspace for versions that need one per connection
   * @param token of the request's partition: where there are shards, its shard's connection is taken
   * @param shard where the tablet says which
   */
  acquire(keyspace: string | undefined, token?: Token, shard?: number): Connection | undefined {
    const group = this.#group(keyspace)
    const { sharding } = group
    return group.acquire(sharding && token ? (shard ?? shardOf(token, sharding.shards, sharding.ignoreMsb)) : undefined)
  }

  /** Whether a request should wait for this pool: its connections are full, or the first ones are being opened. */
  mayWait(keyspace: string | undefined): boolean {
    return this.#group(keyspace).mayWait
  }

  /** Tries again at once, when a node is said to be up. */
  retryNow(): void {
    for (const group of this.#groups.values()) group.retryNow()
  }

  /** Has every connection show that it lives, when a node is said to be down. */
  probe(): void {
    for (const group of this.#groups.values()) for (const connection of group.connections) connection.probe()
  }

  get stats(): NodePoolStats {
    const all = [...this.#groups.values()].flatMap((group) => group.connections)
    return {
      connections: all.length,
      inFlight: all.reduce((sum, connection) => sum + connection.inFlight, 0),
      orphans: all.reduce((sum, connection) => sum + connection.orphans, 0),
      opened: this.#opened,
      closed: this.#closedCount,
    }
  }

  /** Lets requests in flight finish, then closes everything. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#groups.values()].map((group) => group.close()))
  }

  /** Closes everything at once; requests in flight fail with `error`. */
  destroy(error: CqlError): void {
    this.#closed = true
    for (const group of this.#groups.values()) group.destroy(error)
  }

  #group(keyspace: string | undefined): ConnectionGroup {
    if (keyspace === undefined && this.#general !== undefined) return this.#general
    const key = keyspace ?? ''
    let group = this.#groups.get(key)
    if (!group) {
      group = new ConnectionGroup(this.#options, keyspace, {
        node: () => this.#node,
        onOpen: (connection) => {
          this.#opened++
          this.lastError = undefined
          this.#settle()
          this.#listener.onConnectionOpened?.(connection)
          this.#listener.onOpenEnded()
        },
        onLost: (connection, error) => {
          this.#closedCount++
          this.#settle()
          this.#listener.onConnectionClosed?.(connection, error)
        },
        onError: (error) => {
          this.lastError = error
          this.#listener.onOpenEnded() // whoever waited for this pool goes on to the next
        },
        onCapacity: () => this.#listener.onCapacity(),
      })
      this.#groups.set(key, group)
      if (keyspace === undefined) this.#general = group
    }
    return group
  }

  #settle(): void {
    const up = [...this.#groups.values()].some((group) => group.connections.length > 0)
    if (up === this.#up || this.#closed) return
    this.#up = up
    this.#listener.onStateChange(this, up)
  }
}
