import { AuthenticationError, ConnectionError } from '../base/index.js'
import type { Timer , CqlError } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { ReconnectionPolicy } from '../policies/index.js'
import type { Connection } from './connection.js'
import { openConnection } from './handshake.js'
import type { HandshakeOptions } from './handshake.js'

/** Options of the pool of one node. */
export interface NodePoolOptions extends HandshakeOptions {
  /** Connections to each node. */
  readonly connections: number
  readonly reconnection: ReconnectionPolicy
}

/** What a pool tells its owner. */
export interface NodePoolListener {
  /** A connection has become ready, can take requests again, or could not be opened. */
  onCapacity(): void
  /** The first connection has come up, or the last one has gone. */
  onStateChange(pool: NodePool, up: boolean): void
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
  readonly #groups = new Map<string, Group>()
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

  /** Takes over newer facts; connections follow a changed address as they are replaced. */
  update(node: NodeInfo): void {
    const moved = node.address !== this.#node.address || node.port !== this.#node.port
    this.#node = node
    if (moved) for (const group of this.#groups.values()) group.retryNow()
  }

  /** Opens the first connections; resolves when they are open. Rejects when the first of them cannot be opened. */
  async start(keyspace?: string): Promise<void> {
    await this.#group(keyspace).start()
  }

  /**
   * A connection that can take a request, or undefined when there is none right now.
   *
   * @param keyspace for versions that need one per connection
   */
  acquire(keyspace: string | undefined): Connection | undefined {
    return this.#group(keyspace).acquire()
  }

  /** Whether a request should wait for this pool: its connections are full, or the first ones are being opened. */
  mayWait(keyspace: string | undefined): boolean {
    return this.#group(keyspace).mayWait
  }

  /** Tries again at once, when a node is said to be up. */
  retryNow(): void {
    for (const group of this.#groups.values()) group.retryNow()
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

  #group(keyspace: string | undefined): Group {
    const key = keyspace ?? ''
    let group = this.#groups.get(key)
    if (!group) {
      group = new Group(this.#options, keyspace, {
        node: () => this.#node,
        onOpen: () => {
          this.#opened++
          this.lastError = undefined
          this.#settle()
          this.#listener.onCapacity()
        },
        onLost: () => {
          this.#closedCount++
          this.#settle()
        },
        onError: (error) => {
          this.lastError = error
          this.#listener.onCapacity() // whoever waited for this pool goes on to the next
        },
        onCapacity: () => this.#listener.onCapacity(),
      })
      this.#groups.set(key, group)
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

interface GroupOwner {
  node(): NodeInfo
  onOpen(): void
  onLost(): void
  onError(error: Error): void
  onCapacity(): void
}

/** The connections of a pool that share a keyspace. */
class Group {
  readonly connections: Connection[] = []
  readonly #options: NodePoolOptions
  readonly #keyspace: string | undefined
  readonly #owner: GroupOwner
  #wanted = 0
  #opening = 0
  #failures = 0
  #timer: Timer
  #closed = false

  constructor(options: NodePoolOptions, keyspace: string | undefined, owner: GroupOwner) {
    this.#options = options
    this.#keyspace = keyspace
    this.#owner = owner
  }

  async start(): Promise<void> {
    this.#wanted = this.#options.connections
    await this.#open()
    this.#fill()
  }

  acquire(): Connection | undefined {
    let best: Connection | undefined
    for (const connection of this.connections) {
      if (connection.available && (best === undefined || connection.inFlight < best.inFlight)) best = connection
    }
    if (best === undefined && this.#wanted === 0 && !this.#closed) {
      this.#wanted = this.#options.connections
      this.#fill()
    }
    return best
  }

  get mayWait(): boolean {
    return this.connections.length > 0 || (this.#opening > 0 && this.#failures === 0)
  }


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
    while (this.connections.length + this.#opening < this.#wanted) this.#open().catch(() => {})
  }

  async #open(): Promise<void> {
    this.#opening++
    try {
      const connection = await openConnection(this.#owner.node(), this.#options, this.#keyspace, {
        onCapacity: () => this.#owner.onCapacity(),
        onExhausted: (exhausted) => {
          // It finishes what it has; another takes its place.
          this.#remove(exhausted)
          void exhausted.close()
        },
        onClose: (closed) => {
          this.#remove(closed)
          this.#owner.onLost()
        },
      })
      if (this.#closed || connection.closed) {
        connection.destroy()
        throw new ConnectionError(connection.address, `The connection to ${connection.address} was closed as soon as it was open`, 'retryable')
      }
      this.#failures = 0
      this.connections.push(connection)
      this.#owner.onOpen()
    } catch (error) {
      this.#retryLater(error as Error)
      this.#owner.onError(error as Error)
      throw error
    } finally {
      this.#opening--
    }
  }

  #remove(connection: Connection): void {
    const at = this.connections.indexOf(connection)
    if (at < 0) return
    this.connections.splice(at, 1)
    this.#fill()
  }

  #retryLater(error: Error): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#failures++
    // Wrong credentials do not become right by haste: they wait as long as the fifth failure would.
    const attempt = error instanceof AuthenticationError ? Math.max(this.#failures, 5) : this.#failures
    this.#timer = this.#options.clock.schedule(() => {
      this.#timer = undefined
      this.#fill()
    }, this.#options.reconnection.delayMs(attempt))
    this.#options.clock.unref(this.#timer)
  }
}
