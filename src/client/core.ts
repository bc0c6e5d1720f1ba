import { ClosedError, OptionError, RecentHistogram, systemClock, TimerWheel, TurnTime } from '../base/index.js'
import type { Clock, CqlError } from '../base/index.js'
import { Codecs } from '../codecs/index.js'
import type { NodeInfo, Topology } from '../cluster/index.js'
import { defaultRetry, distanceByDataCenter, exponentialReconnection, monotonicTimestamps, noSpeculation, RetryBudget, tokenAware } from '../policies/index.js'
import type { LatencyView, LoadBalancingPolicy, NodeDistance, ReconnectionPolicy, RetryPolicy, SpeculationPolicy, TimestampGenerator } from '../policies/index.js'
import type { NodePool } from '../pool/index.js'
import type { ProtocolVersion, SchemaChange } from '../protocol/index.js'
import { connectMayPass } from './connect-failure.js'
import type { ClusterLink } from './cluster-link.js'
import { ControlConnection } from './control-connection.js'
import { addressOf } from './address.js'
import type { NodeCounter } from './node-metrics.js'
import { NodePools } from './node-pools.js'
import { Observers } from './observers.js'
import type { ClientStats } from './client-stats.js'
import type { ClientOptions, ProfileOptions } from './options.js'
import type { Prepared } from './prepared.js'
import { PreparedCache } from './prepared-cache.js'
import { poolOptionsOf } from './pool-options.js'
import { QueryPlanner } from './query-planner.js'
import { RequestQueue } from './request-queue.js'
import { ResultShapes } from './result-shapes.js'
import { Router } from './router.js'
import { SchemaCache } from './schema-cache.js'
import type { SharedData } from './shared-data.js'
import { SingleConnection } from './single-connection.js'

/** Latencies that a percentile is worked out from at least. */
const MIN_LATENCIES = 100
const CONNECT_RETRY_MS = 60_000

/** What all views of one client share: connections, topology, schema, prepared statements, time. */
export class Core {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly turn: TurnTime
  readonly codecs: Codecs
  readonly shapes: ResultShapes
  readonly observers: Observers = new Observers()
  readonly router: Router = new Router()
  readonly planner: QueryPlanner
  readonly waiting: RequestQueue
  readonly retry: RetryPolicy
  readonly speculation: SpeculationPolicy
  readonly timestamps: TimestampGenerator
  readonly profiles: Readonly<Record<string, ProfileOptions>>
  readonly prepared: PreparedCache
  /** Preparations under way, by keyspace and text. */
  readonly preparing: Map<string, Promise<Prepared>> = new Map()
  readonly keyspace: string | undefined
  /**
   * Bounds what is sent again because an answer took long. Without it, nodes that are slow for a moment are sent each request several
   * times over, stay slow for that reason, and never recover.
   */
  readonly resendBudget: RetryBudget = new RetryBudget({ ratio: 0.1, burst: 200 })
  /** For speculation policies. */
  readonly latency: LatencyView
  readonly #recent = new RecentHistogram()
  readonly #loadBalancing: LoadBalancingPolicy
  readonly #reconnection: ReconnectionPolicy
  readonly #pools: NodePools
  readonly #connectRetryMs: number
  readonly #givenDataCenter: string | undefined
  readonly #contactPoints: readonly string[]
  readonly #control: ClusterLink
  /** The only connection, in request mode. */
  readonly #single: SingleConnection | undefined
  readonly shared: SharedData | undefined
  readonly #schema: SchemaCache
  /** Each ends one; policies may live longer than the client. */
  readonly #policyListeners: readonly ((() => void) | undefined)[]
  #topology: Topology = { clusterName: '', partitioner: '', nodes: [] }
  #connecting: Promise<void> | undefined
  #loadingSchema: Promise<void> | undefined
  /** Ends the pause between two tries to connect. */
  #endPause: (() => void) | undefined
  #ready = false
  #closing: Promise<void> | undefined

  constructor(options: ClientOptions) {
    const { policies = {} } = options
    this.clock = options.clock ?? systemClock
    this.wheel = new TimerWheel(this.clock)
    this.codecs = new Codecs(options.encoding, options.codecs)
    this.shapes = new ResultShapes(this.codecs)
    this.retry = policies.retry ?? options.retry ?? defaultRetry
    this.speculation = policies.speculation ?? options.speculation ?? noSpeculation
    this.turn = new TurnTime(this.clock)
    this.timestamps = policies.timestamps ?? monotonicTimestamps(this.turn)
    this.profiles = options.profiles ?? {}
    this.prepared = new PreparedCache(options.maxPrepared ?? 1000)
    this.keyspace = options.keyspace
    this.latency = { percentileMs: (percent) => this.#recent.percentile(percent, MIN_LATENCIES) }
    this.#loadBalancing = policies.loadBalancing ?? tokenAware({ localRack: options.localRack })
    this.#reconnection = policies.reconnection ?? exponentialReconnection()
    this.planner = new QueryPlanner(this.#loadBalancing, {
      isUp: (node) => this.poolOf(node)?.up === true,
      inFlight: (node) => this.poolOf(node)?.unanswered ?? 0,
    })
    this.#givenDataCenter = this.planner.localDataCenter = options.localDataCenter
    this.#contactPoints = options.contactPoints
    this.waiting = new RequestQueue(options.maxQueue ?? 10_000)
    const { connectRetry = false } = options
    this.#connectRetryMs = connectRetry === false ? 0 : connectRetry === true ? CONNECT_RETRY_MS : connectRetry.timeoutMs
    const poolOptions = poolOptionsOf(options, this.clock, this.#reconnection)
    this.#pools = new NodePools(poolOptions, {
      onAdded: (pool) => {
        this.observers.emit('nodeAdded', pool.node)
        if (this.#ready) pool.start(this.connectionKeyspace(this.keyspace)).catch(() => {})
      },
      onRemoved: (node) => this.observers.emit('nodeRemoved', node),
      onCapacity: () => this.waiting.drain(),
      onStateChange: (node, up) => {
        this.observers.emit(up ? 'nodeUp' : 'nodeDown', node)
        this.waiting.drainAll()
      },
      onOpenEnded: () => this.waiting.drainAll(),
      onConnectionOpened: (node) => this.observers.emit('connectionOpened', { node }),
      onConnectionClosed: (node, error) => this.observers.emit('connectionClosed', { node, error }),
    }, options.pool)
    this.shared = options.shared
    const linkOptions = { ...poolOptions, contactPoints: options.contactPoints, protocolVersion: options.protocolVersion, addressTranslation: policies.addressTranslation }
    this.#single = options.mode === 'request' ? new SingleConnection(linkOptions, options.localDataCenter, options.shared) : undefined
    this.#control = this.#single ?? new ControlConnection(linkOptions, {
      onTopology: (topology) => this.#onTopology(topology),
      onNodeStatus: (hostId, up) => {
        const pool = this.#pools.of(hostId)
        if (up) pool?.retryNow()
        else pool?.probe()
      },
      onReconnected: () => {
        this.#loadingSchema = this.#loadSchema()
      },
      onSchemaChange: (change) => {
        this.#schema.onChange(change)
        this.observers.emit('schemaChange', change)
      },
      onWarning: (message, cause) => this.#warn(message, cause),
    })
    this.#policyListeners = [...new Set(this.#loadBalancingPolicies)].map(({ events }) => events?.on('nodeBreaker', (event) => this.observers.emit('nodeBreaker', event)))
    this.#schema = new SchemaCache(options.schema ?? 'all', {
      query: (query) => this.#control.query(query),
      onSchema: (keyspaces) => this.router.useKeyspaces(keyspaces),
      onWarning: (message, cause) => this.#warn(message, cause),
    }, this.clock)
  }

  get ready(): boolean {
    return this.#ready
  }

  get closing(): boolean {
    return this.#closing !== undefined
  }

  /** Nodes that requests may go to. */
  get nodes(): readonly NodeInfo[] {
    return this.planner.nodes
  }

  get topology(): Topology {
    return this.#topology
  }

  /** The version agreed with the first node; undefined before. */
  get version(): ProtocolVersion | undefined {
    return this.#control.version
  }

  get control(): ClusterLink {
    return this.#control
  }

  get anyNodeUp(): boolean {
    return this.nodes.some((node) => this.poolOf(node)?.up === true)
  }

  /** The flag of PREPARED that marks lightweight transactions on this cluster; 0 for none. */
  get lwtMask(): number {
    return this.#control.lwtMask
  }

  /** Connects unless done already; every caller gets the same answer, and after a failure the next call tries again. */
  connect(): Promise<void> {
    if (this.#closing) return Promise.reject(this.closedError())
    this.#connecting ??= this.#connectPatiently().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    return this.#connecting
  }

  /** Resolves once the schema has been read for the first time. */
  async schemaLoaded(): Promise<void> {
    await this.connect()
    await this.#loadingSchema
  }

  /** Tries again for as long as `connectRetry` says, while the database cannot be reached; what is refused stays refused. */
  async #connectPatiently(): Promise<void> {
    const started = this.clock.now()
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connect()
      } catch (error) {
        const left = this.#connectRetryMs - (this.clock.now() - started)
        if (left <= 0 || this.#closing || !connectMayPass(error)) throw error
        await this.#pause(Math.min(left, this.#reconnection.delayMs(attempt)))
        if (this.#closing) throw this.closedError()
      }
    }
  }

  /** Waits, unless the client is closed meanwhile. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.schedule(resolve, ms)
      this.#endPause = () => {
        this.clock.cancel(timer)
        resolve()
      }
    })
  }

  async #connect(): Promise<void> {
    await this.#control.connect()
    if (this.#single) return this.#adopt(this.#single)
    try {
      if (this.keyspace !== undefined) await this.#control.checkKeyspace(this.keyspace)
      if (this.nodes.length === 0) {
        const known = [...new Set(this.#topology.nodes.map((node) => node.dataCenter))].join(', ')
        throw new OptionError('localDataCenter', `No node is in the data centre '${this.planner.localDataCenter}'; the cluster has ${known}`)
      }
      this.#checkDataCenters()
      await Promise.all([this.#pools.open(this.connectionKeyspace(this.keyspace)), this.#schema.loadReplication()])
    } catch (error) {
      this.#dropPools(this.closedError())
      this.#control.reset()
      throw error
    }
    if (this.#closing) throw this.closedError()
    this.#ready = true
    if (!this.#schema.onlyReplication) this.#loadingSchema = this.#loadSchema()
  }

  /** Makes the connection that was opened a pool of one. */
  async #adopt(single: SingleConnection): Promise<void> {
    const { connection, node, topology } = single.found!
    this.#onTopology({ ...topology, nodes: [node] })
    const pool = this.#pools.of(node.hostId)
    try {
      if (!pool) throw new OptionError('localDataCenter', `The node ${addressOf(node)} is in the data centre '${node.dataCenter}', not in '${this.planner.localDataCenter}': name a contact point that is`)
      const keyspace = this.connectionKeyspace(this.keyspace)
      if (keyspace !== undefined) {
        await single.checkKeyspace(keyspace)
        connection.keyspace = keyspace
      }
    } catch (error) {
      this.#dropPools(this.closedError())
      single.reset()
      throw error
    }
    pool.adopt(connection)
    single.release()
    this.#ready = true
    if (this.#closing) throw this.closedError()
  }

  /** Requests do without it: a schema that cannot be read is no reason not to connect. */
  #loadSchema(): Promise<void> {
    return this.#schema.load().catch((error: unknown) => this.#warn('The schema could not be read', error))
  }

  #warn(message: string, cause: unknown): void {
    if (!this.#closing) this.observers.emit('warning', { message, cause })
  }

  /** Contact points in several data centres do not say which one is meant. */
  #checkDataCenters(): void {
    if (this.#givenDataCenter !== undefined) return
    const near = this.#topology.nodes.filter((node) => this.#contactPoints.some((point) => point === node.address || point === addressOf(node)))
    const found = [...new Set(near.map(({ dataCenter }) => dataCenter))]
    if (found.length > 1) throw new OptionError('localDataCenter', `The contact points are in the data centres ${found.join(' and ')}: say with localDataCenter which one is near`)
  }

  /** The keyspace that connections must be in: version 5 names it with each request instead. */
  connectionKeyspace(keyspace: string | undefined): string | undefined {
    return this.version === 5 ? undefined : keyspace
  }

  poolOf(node: NodeInfo): NodePool | undefined {
    return this.#pools.of(node.hostId)
  }

  count(node: NodeInfo, counter: NodeCounter): void {
    this.#pools.metricsOf(node.hostId)?.count(counter)
  }

  /** Takes note of how long an answer took. @param sentAt in the clock's milliseconds, as `cameAt` */
  onAnswer(node: NodeInfo, sentAt: number, cameAt: number, policy: LoadBalancingPolicy = this.#loadBalancing, error?: CqlError): void {
    const ms = Math.max(0, cameAt - sentAt)
    this.#pools.metricsOf(node.hostId)?.latency.record(ms)
    this.#recent.record(ms, cameAt)
    policy.observe?.(node, ms, error)
  }

  /** Takes note of an answer that has not come. @param sentAt in the clock's milliseconds */
  onNoAnswer(node: NodeInfo, sentAt: number, error: CqlError, policy: LoadBalancingPolicy = this.#loadBalancing): void {
    policy.observe?.(node, this.clock.now() - sentAt, error)
  }

  /** Reads the whole schema again. */
  async refreshSchema(): Promise<void> {
    await this.#schema.load()
  }

  /** Reads what a statement of this client has changed, so that it is known when the statement's promise settles. */
  async onOwnSchemaChange(change: SchemaChange): Promise<void> {
    try {
      await this.#schema.refreshKeyspace(change.keyspace)
    } catch (error) {
      this.#warn(`The schema of the keyspace '${change.keyspace}' could not be read`, error)
    }
  }

  get #loadBalancingPolicies(): LoadBalancingPolicy[] {
    return [this.#loadBalancing, ...Object.values(this.profiles).flatMap(({ loadBalancing }) => loadBalancing ?? [])]
  }

  /** The nearest distance that any policy in use gives a node. */
  #distanceOf(node: NodeInfo): NodeDistance {
    const distances = new Set(this.#loadBalancingPolicies.map((policy) => policy.distance?.(node, this.planner.localDataCenter) ?? distanceByDataCenter(node, this.planner.localDataCenter)))
    return distances.has('local') ? 'local' : distances.has('remote') ? 'remote' : 'ignored'
  }

  #onTopology(topology: Topology): void {
    this.#topology = topology
    this.planner.localDataCenter = this.#givenDataCenter ?? this.planner.localDataCenter ?? topology.nodes[0]?.dataCenter
    this.router.useTopology(topology)
    const near = this.#pools.within(topology.nodes.map((node) => ({ node, distance: this.#distanceOf(node) })).filter(({ distance }) => distance !== 'ignored'))
    this.planner.nodes = near.map(({ node }) => node)
    this.#pools.use(near, this.version!)
  }

  get stats(): ClientStats {
    return {
      queued: this.waiting.size,
      prepared: this.prepared.size,
      protocolVersion: this.version,
      nodes: this.#pools.stats((node) => this.#loadBalancing.status?.(node)),
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
    this.waiting.cancel(this.closedError())
    this.#endPause?.()
    await this.#connecting?.catch(() => {})
    for (const stop of this.#policyListeners) stop?.()
    this.#schema.close()
    this.#control.close()
    let late: unknown
    const deadline = new Promise<void>((resolve) => { late = this.clock.schedule(resolve, drainMs) })
    await Promise.race([this.#pools.close(), deadline])
    this.clock.cancel(late)
    this.#dropPools(new ClosedError('The client was closed before the answer came', 'undetermined'))
    this.wheel.close()
  }

  #dropPools(error: CqlError): void {
    this.#pools.destroy(error)
    this.planner.nodes = []
  }
}
