import { ConnectionError, systemRandom } from '../base/index.js'
import type { CqlError, Timer } from '../base/index.js'
import type { NodeInfo, ShardingInfo } from '../cluster/index.js'
import type { Connection, ConnectionListener } from './connection.js'
import { openConnection } from './handshake.js'
import type { NodePoolOptions } from './node-pool.js'
import { reconnectionAttempt } from './reconnection-attempt.js'

/** What a group tells the pool that it is part of. */
export interface GroupOwner {
  node(): NodeInfo
  onOpen(connection: Connection): void
  onLost(connection: Connection, error: CqlError): void
  onError(error: Error): void
  onCapacity(): void
}

/** Ports that a connection may come from to choose its shard: the dynamic ones of RFC 6335. */
const FIRST_PORT = 49_152
const LAST_PORT = 65_535
/** Other ports of this machine that are tried when one is in use, which one in many is on a busy machine. */
const PORT_TRIES = 4

function portIsTaken({ cause }: ConnectionError): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code
  return code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL'
}

/**
 * The connections of a pool that share a keyspace. With ScyllaDB there is one to each shard at least: through the port where
 * the source port chooses the shard, or else by opening connections until each shard has got one.
 */
export class ConnectionGroup {
  readonly connections: Connection[] = []
  readonly #options: NodePoolOptions
  readonly #keyspace: string | undefined
  readonly #owner: GroupOwner
  /** By shard. */
  readonly #shards: (Connection | undefined)[] = []
  #sharding: ShardingInfo | undefined
  /** Set when the source port turned out not to choose the shard: something on the way changes it. */
  #portMisleads = false
  #wanted = 0
  #opening = 0
  #failures = 0
  /** Connections that came to a shard that had one already; they are closed once each shard has got one. */
  #surplus = 0
  #timer: Timer
  #closed = false

  constructor(options: NodePoolOptions, keyspace: string | undefined, owner: GroupOwner) {
    this.#options = options
    this.#keyspace = keyspace
    this.#owner = owner
  }

  /** Opens the first connection and then the others; rejects when the first one cannot be opened. */
  async start(): Promise<void> {
    this.#wanted = this.#options.connections
    await this.#open()
    this.#fill()
  }

  /** Takes over a connection that is open already, in the place of the first one. */
  adopt(connection: Connection): void {
    this.#wanted = this.#options.connections
    connection.listener = this.#listener()
    this.connections.push(connection)
    this.#owner.onOpen(connection)
  }

  /** How the node divides its data; undefined for one that does not. */
  get sharding(): ShardingInfo | undefined {
    return this.#sharding
  }

  /** The connection to a shard if it can take a request, otherwise the least busy one that can. */
  acquire(shard: number | undefined): Connection | undefined {
    const own = shard === undefined ? undefined : this.#shards[shard]
    if (own?.available === true) return own
    let best: Connection | undefined
    for (const connection of this.connections) {
      if (connection.available && (best === undefined || connection.unanswered < best.unanswered)) best = connection
    }
    if (best === undefined && this.#wanted === 0 && !this.#closed) {
      this.#wanted = this.#options.connections
      this.#fill()
    }
    return best
  }

  get unanswered(): number {
    let sum = 0
    for (const connection of this.connections) sum += connection.unanswered
    return sum
  }

  /** Whether a request should wait: connections are full, or the first ones are being opened. */
  get mayWait(): boolean {
    return this.connections.length > 0 || (this.#opening > 0 && this.#failures === 0)
  }

  /** Tries again at once where it waits after a failure. */
  retryNow(): void {
    if (this.#timer === undefined) return
    this.#options.clock.cancel(this.#timer)
    this.#timer = undefined
    this.#failures = 0
    this.#fill()
  }

  async close(): Promise<void> {
    this.#stop()
    await Promise.all(this.connections.map((connection) => connection.close()))
  }

  destroy(error: CqlError): void {
    this.#stop()
    for (const connection of this.connections.slice()) connection.destroy(error)
  }

  #stop(): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer)
    this.#timer = undefined
  }

  #fill(): void {
    if (this.#closed || this.#timer !== undefined) return
    const missing = this.#missingShards()
    while (this.connections.length - this.#surplus + this.#opening < this.#wanted) this.#open(missing.shift()).catch(() => {})
  }

  #missingShards(): number[] {
    return Array.from({ length: this.#sharding?.shards ?? 0 }, (_, shard) => shard).filter((shard) => this.#shards[shard] === undefined)
  }

  async #open(shard?: number): Promise<void> {
    this.#opening++
    let opened = false
    try {
      const connection = await this.#connect(shard)
      if (this.#closed || connection.closed) {
        connection.destroy()
        throw new ConnectionError(connection.address, `The connection to ${connection.address} was closed as soon as it was open`, 'retryable')
      }
      this.#failures = 0
      opened = true
      this.connections.push(connection)
      this.#placeOnShard(connection)
      this.#owner.onOpen(connection)
    } catch (error) {
      this.#retryLater(error as Error)
      this.#owner.onError(error as Error)
      throw error
    } finally {
      this.#opening--
      if (opened && this.#sharding) this.#fill()
    }
  }

  #connect(shard: number | undefined): Promise<Connection> {
    const node = this.#owner.node()
    const sharding = this.#sharding
    const port = this.#options.tls === undefined ? sharding?.shardAwarePort : sharding?.shardAwarePortTls
    const listener = this.#listener()
    if (shard === undefined || port === undefined || this.#portMisleads) return openConnection(node, this.#options, this.#keyspace, listener)
    const { shards } = sharding!
    const open = (triesLeft: number): Promise<Connection> => {
      const first = FIRST_PORT + Math.floor(systemRandom.next() * (LAST_PORT - FIRST_PORT - shards))
      const localPort = first + ((shard - (first % shards) + shards) % shards)
      return openConnection(node, this.#options, this.#keyspace, listener, { port, localPort }).then((connection) => {
        if (connection.extensions.sharding?.shard !== shard) this.#portMisleads = true
        return connection
      }, (error: unknown) => {
        if (!(error instanceof ConnectionError)) throw error
        if (triesLeft > 0 && portIsTaken(error)) return open(triesLeft - 1)
        // The node's port may be closed by a firewall: the usual one leads to some shard.
        return openConnection(node, this.#options, this.#keyspace, listener)
      })
    }
    return open(PORT_TRIES)
  }

  #listener(): ConnectionListener {
    return {
      onCapacity: () => this.#owner.onCapacity(),
      onExhausted: (exhausted: Connection) => {
        // It finishes what it has; another takes its place.
        this.#remove(exhausted)
        void exhausted.close()
      },
      onClose: (closed: Connection, error: CqlError) => {
        this.#remove(closed)
        this.#owner.onLost(closed, error)
      },
    }
  }

  #placeOnShard(connection: Connection): void {
    const { sharding } = connection.extensions
    if (!sharding) return
    if (this.#sharding?.shards !== sharding.shards) this.#shards.length = 0
    this.#sharding = sharding
    this.#wanted = Math.max(this.#options.connections, sharding.shards)
    if (this.#shards[sharding.shard] === undefined) this.#shards[sharding.shard] = connection
    else if (this.#missingShards().length > 0) this.#surplus++
    // A node that will not give a connection to some shard must not be asked for ever: requests for that one go through the others.
    if (this.#surplus > 0 && (this.#missingShards().length === 0 || this.#surplus >= 4 * sharding.shards)) this.#closeSurplus()
  }

  #closeSurplus(): void {
    this.#surplus = 0
    const wanted = new Set(this.#shards.filter((connection) => connection !== undefined))
    const extra = this.connections.filter((connection) => !wanted.has(connection)).slice(Math.max(0, this.#wanted - wanted.size))
    for (const connection of extra) {
      this.connections.splice(this.connections.indexOf(connection), 1)
      void connection.close()
    }
  }

  #remove(connection: Connection): void {
    const at = this.connections.indexOf(connection)
    if (at < 0) return
    this.connections.splice(at, 1)
    const shard = this.#shards.indexOf(connection)
    if (shard >= 0) this.#shards[shard] = this.connections.find(({ extensions }) => extensions.sharding?.shard === shard)
    this.#fill()
  }

  #retryLater(error: Error): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#failures++
    this.#timer = this.#options.clock.schedule(() => {
      this.#timer = undefined
      this.#fill()
    }, this.#options.reconnection.delayMs(reconnectionAttempt(this.#failures, [error])))
    this.#options.clock.unref(this.#timer)
  }
}
