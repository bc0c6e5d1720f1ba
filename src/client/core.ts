import { ClosedError, Events, Lru, NoNodeAvailableError, OptionError, QueueFullError, RingQueue, systemClock, systemRandom, TimerWheel } from '../base/index.js'
import type { Clock, FailedAttempt , CqlError } from '../base/index.js'
import { Codecs } from '../codecs/index.js'
import type { NodeInfo, Topology } from '../cluster/index.js'
import { defaultRetry, exponentialReconnection, monotonicTimestamps, roundRobin } from '../policies/index.js'
import type { LoadBalancingPolicy, QueryPlan, RetryPolicy, TimestampGenerator } from '../policies/index.js'
import { NodePool } from '../pool/index.js'
import type { NodePoolOptions, NodePoolStats } from '../pool/index.js'
import type { ProtocolVersion, SchemaChange } from '../protocol/index.js'
import { ControlConnection } from './control-connection.js'
import { addressOf } from './execution.js'
import type { Waiting } from './execution.js'
import type { ClientOptions } from './options.js'
import type { Prepared } from './prepared.js'
import { version as packageVersion } from './version.js'

/** What a client tells those who listen. */
export interface ClientEvents {
  /** A node was found. */
  nodeAdded: NodeInfo
  /** A node has left the cluster. */
  nodeRemoved: NodeInfo
  /** The first connection to a node is open. */
  nodeUp: NodeInfo
  /** The last connection to a node is gone. */
  nodeDown: NodeInfo
  /** The schema was changed, by whomever. */
  schemaChange: SchemaChange
  /** Something that needs no answer but should be known. */
  warning: { readonly message: string; readonly cause?: unknown }
}

/** Numbers of a client at this moment. */
export interface ClientStats {
  /** Requests waiting because every connection is full. */
  readonly queued: number
  /** Statements kept prepared. */
  readonly prepared: number
  readonly protocolVersion: ProtocolVersion | undefined
  /** By `host:port`. */
  readonly nodes: ReadonlyMap<string, NodePoolStats & { readonly up: boolean }>
}

/** What all views of one client share: connections, topology, prepared statements, time. */
export class Core {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly codecs: Codecs
  readonly events: Events<ClientEvents> = new Events()
  readonly retry: RetryPolicy
  readonly timestamps: TimestampGenerator
  readonly prepared: Lru<string, Prepared>
  /** Preparations under way, by keyspace and text. */
  readonly preparing: Map<string, Promise<Prepared>> = new Map()
  readonly keyspace: string | undefined
  readonly #loadBalancing: LoadBalancingPolicy
  readonly #poolOptions: Omit<NodePoolOptions, 'version'>
  readonly #localDataCenter: string | undefined
  readonly #maxQueue: number
  readonly #control: ControlConnection
  readonly #pools = new Map<string, NodePool>()
  readonly #waiting = new RingQueue<Waiting>()
  #nodes: readonly NodeInfo[] = []
  #topology: Topology = { clusterName: '', partitioner: '', nodes: [] }
  #connecting: Promise<void> | undefined
  #ready = false
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    this.clock = options.clock ?? systemClock
    this.wheel = new TimerWheel(this.clock)
    this.codecs = new Codecs(options.encoding, options.codecs)
    this.retry = options.policies?.retry ?? options.retry ?? defaultRetry
    this.timestamps = options.policies?.timestamps ?? monotonicTimestamps(this.clock)
    this.prepared = new Lru(options.maxPrepared ?? 1000)
    this.keyspace = options.keyspace
    this.#loadBalancing = options.policies?.loadBalancing ?? roundRobin(systemRandom)
    this.#localDataCenter = options.localDataCenter
    this.#maxQueue = options.maxQueue ?? 10_000
    const { tls, compression, connectTimeoutMs = 5000, heartbeatMs = 30_000 } = options
    this.#poolOptions = {
      clock: this.clock,
      auth: options.auth,
      tls: tls === true ? {} : tls === false ? undefined : tls,
      compression: compression === 'none' ? undefined : compression,
      connectTimeoutMs,
      heartbeatMs,
      heartbeatTimeoutMs: Math.min(5000, Math.max(heartbeatMs, 1)),
      maxInFlight: options.maxInFlight ?? 2048,
      maxOrphans: 1024,
      maxFrameLength: options.maxFrameLength,
      identity: identityOf(options),
      transport: options.transport,
      connections: options.pool?.connections ?? 1,
      reconnection: options.policies?.reconnection ?? exponentialReconnection(systemRandom),
    }
    this.#control = new ControlConnection({ ...this.#poolOptions, contactPoints: options.contactPoints, protocolVersion: options.protocolVersion }, {
      onTopology: (topology) => this.#onTopology(topology),
      onNodeUp: (node) => this.#poolAt(node.address, node.port)?.retryNow(),
      onSchemaChange: (change) => this.events.emit('schemaChange', change),
      onWarning: (message, cause) => this.events.emit('warning', { message, cause }),
    })
  }

  get ready(): boolean {
    return this.#ready
  }

  get closing(): boolean {
    return this.#closing !== undefined
  }

  /** Nodes that requests may go to. */
  get nodes(): readonly NodeInfo[] {
    return this.#nodes
  }

  get topology(): Topology {
    return this.#topology
  }

  /** The version agreed with the first node; undefined before. */
  get version(): ProtocolVersion | undefined {
    return this.#control.version
  }

  get control(): ControlConnection {
    return this.#control
  }

  /** Connects unless done already; every caller gets the same answer, and after a failure the next call tries again. */
  connect(): Promise<void> {
    if (this.#closing) return Promise.reject(this.closedError())
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  async #connect(): Promise<void> {
    await this.#control.connect()
    try {
      if (this.keyspace !== undefined) await this.#control.checkKeyspace(this.keyspace)
      if (this.#nodes.length === 0) {
        const known = [...new Set(this.#topology.nodes.map((node) => node.dataCenter))].join(', ')
        throw new OptionError('localDataCenter', `No node is in the data centre '${this.#localDataCenter}'; the cluster has ${known}`)
      }
      await this.#firstPool()
    } catch (error) {
      this.#dropPools(this.closedError())
      this.#control.reset()
      throw error
    }
    if (this.#closing) throw this.closedError()
    this.#ready = true
  }

  /** Resolves when the first pool is up; the others go on by themselves. */
  async #firstPool(): Promise<void> {
    const keyspace = this.connectionKeyspace(this.keyspace)
    const attempts: FailedAttempt[] = []
    try {
      await Promise.any([...this.#pools.values()].map((pool) => pool.start(keyspace).catch((error: unknown) => {
        attempts.push({ node: addressOf(pool.node), error: error as Error })
        throw error
      })))
    } catch {
      throw new NoNodeAvailableError('No connection pool could be opened:', attempts)
    }
  }

  /** The keyspace that connections must be in: version 5 names it with each request instead. */
  connectionKeyspace(keyspace: string | undefined): string | undefined {
    return this.version === 5 ? undefined : keyspace
  }

  /** A plan of one request: all nodes as the policy orders them, or the one that was asked for. */
  plan(wanted: string | undefined): QueryPlan {
    if (wanted === undefined) return this.#loadBalancing.plan(this.#nodes)
    const matching = this.#nodes.filter((node) => node.hostId === wanted || addressOf(node) === wanted || node.address === wanted)
    let given = 0
    return () => matching[given++]
  }

  poolOf(node: NodeInfo): NodePool | undefined {
    return this.#pools.get(node.hostId)
  }

  nodeAt(address: string): NodeInfo | undefined {
    return this.#nodes.find((node) => addressOf(node) === address)
  }

  #poolAt(address: string, port: number): NodePool | undefined {
    return [...this.#pools.values()].find(({ node }) => node.address === address && node.port === port)
  }

  get queueLength(): number {
    return this.#waiting.size
  }

  /** Lets a request wait for a free stream. @returns the error that it fails with when there is no room */
  enqueue(execution: Waiting): CqlError | undefined {
    if (this.#waiting.size >= this.#maxQueue) {
      return new QueueFullError(`${this.#waiting.size} requests wait already (maxQueue): send fewer at a time, or raise maxQueue or maxInFlight`)
    }
    this.#waiting.push(execution)
    return undefined
  }

  /** Sends what waits, for as long as there is room. */
  #drain(): void {
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!next.done && next.trySend() === 'wait') return
      this.#waiting.shift()
    }
  }

  #onTopology(topology: Topology): void {
    this.#topology = topology
    const local = this.#localDataCenter ?? topology.nodes[0]?.dataCenter
    const nodes = topology.nodes.filter((node) => node.dataCenter === local)
    const known = new Set(nodes.map((node) => node.hostId))
    this.#nodes = nodes
    for (const node of nodes) {
      const pool = this.#pools.get(node.hostId)
      if (pool) pool.update(node)
      else this.#addPool(node)
    }
    for (const [hostId, pool] of this.#pools) {
      if (known.has(hostId)) continue
      this.#pools.delete(hostId)
      void pool.close()
      this.events.emit('nodeRemoved', pool.node)
    }
  }

  #addPool(node: NodeInfo): void {
    const pool = new NodePool(node, { ...this.#poolOptions, version: this.version! }, {
      onCapacity: () => this.#drain(),
      onStateChange: (changed, up) => {
        this.events.emit(up ? 'nodeUp' : 'nodeDown', changed.node)
        this.#drain()
      },
    })
    this.#pools.set(node.hostId, pool)
    this.events.emit('nodeAdded', node)
    if (this.#ready) pool.start(this.connectionKeyspace(this.keyspace)).catch(() => {})
  }

  get stats(): ClientStats {
    return {
      queued: this.#waiting.size,
      prepared: this.prepared.size,
      protocolVersion: this.version,
      nodes: new Map([...this.#pools.values()].map((pool) => [addressOf(pool.node), { ...pool.stats, up: pool.up }])),
    }
  }

  closedError(): ClosedError {
    return new ClosedError('The client is closed', 'retryable')
  }

  /** Refuses new requests, gives those in flight `drainMs` milliseconds, then closes everything. */
  close(drainMs: number): Promise<void> {
    this.#closing ??= this.#close(drainMs)
    return this.#closing
  }

  async #close(drainMs: number): Promise<void> {
    await Promise.resolve() // lets `closing` be true from here on
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) next.cancel(this.closedError())
    await this.#connecting?.catch(() => {})
    this.#control.close()
    let late: unknown
    const deadline = new Promise<void>((resolve) => { late = this.clock.schedule(resolve, drainMs) })
    await Promise.race([Promise.all([...this.#pools.values()].map((pool) => pool.close())), deadline])
    this.clock.cancel(late)
    this.#dropPools(new ClosedError('The client was closed before the answer came', 'undetermined'))
    this.wheel.close()
  }

  #dropPools(error: CqlError): void {
    for (const pool of this.#pools.values()) pool.destroy(error)
    this.#pools.clear()
    this.#nodes = []
  }
}

function identityOf(options: ClientOptions): ReadonlyMap<string, string> {
  const identity = new Map([['DRIVER_NAME', 'cqlwire'], ['DRIVER_VERSION', packageVersion]])
  if (options.applicationName !== undefined) identity.set('APPLICATION_NAME', options.applicationName)
  if (options.applicationVersion !== undefined) identity.set('APPLICATION_VERSION', options.applicationVersion)
  return identity
}
