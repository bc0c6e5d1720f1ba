import { AuthenticationError, CqlError, NoNodeAvailableError, OptionError } from '../base/index.js'
import type { FailedAttempt, Timer } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import type { Topology } from '../cluster/index.js'
import type { AddressTranslator } from '../policies/index.js'
import { reconnectionAttempt } from '../pool/index.js'
import type { Connection, NodePoolOptions } from '../pool/index.js'
import type { EventMessage, NodeAddress, ProtocolVersion, SchemaChange } from '../protocol/index.js'
import { parseContactPoint } from './connection-url.js'
import { addressOf } from './address.js'
import type { ClusterLink } from './cluster-link.js'
import { contactNodes } from './contact-nodes.js'
import { openAtBestVersion, SystemTables } from './system-tables.js'

/** Options of a {@link ControlConnection}: those of pools, and where to find the cluster. */
export interface ControlConnectionOptions extends Omit<NodePoolOptions, 'version'> {
  readonly contactPoints: readonly string[]
  readonly protocolVersion?: ProtocolVersion | undefined
  readonly addressTranslation?: AddressTranslator | undefined
}

/** What the control connection tells the client. */
export interface ControlListener {
  onTopology(topology: Topology): void
  /** A node is said to be up, or down. It is a hint: the server that says so may be wrong. */
  onNodeStatus(hostId: string, up: boolean): void
  /** It is connected to another node than before and may have missed events. */
  onReconnected(): void
  onSchemaChange(change: SchemaChange): void
  onWarning(message: string, cause: unknown): void
}

/** Events of one restart come in bursts; the tables are read once they have calmed down. */
const DEBOUNCE_MS = 1000
/** UP may come before the port listens. */
const UP_MS = 1000

/**
 * A connection of its own that reads which nodes there are, and hears of changes. When it is lost, it
 * goes on to another node, and to the contact points when none of those answers.
 */
export class ControlConnection implements ClusterLink {
  readonly #options: ControlConnectionOptions
  readonly #listener: ControlListener
  readonly #tables: SystemTables
  #connection: Connection | undefined
  #version: ProtocolVersion | undefined
  #topology: Topology | undefined
  #refreshTimer: Timer
  /** Nodes said to be up that are tried in a moment, by host id. */
  readonly #upTimers = new Map<string, Timer>()
  /** Host ids by the addresses that the cluster uses, which are not those used here where they are translated. */
  #announced: ReadonlyMap<string, string> = new Map()
  #reconnectTimer: Timer
  #failures = 0
  /** What goes on from one `connect` to the next `reset` or `close`; undefined when closed. A try that outlives its own must not become the connection of the next. */
  #life: object | undefined = {}

  constructor(options: ControlConnectionOptions, listener: ControlListener) {
    this.#options = options
    this.#listener = listener
    this.#version = options.protocolVersion
    this.#tables = new SystemTables(options.clock, options.addressTranslation)
    for (const point of options.contactPoints) parseContactPoint(point)
  }

  /** The version of the protocol that was agreed on, or fixed by the user. */
  get version(): ProtocolVersion | undefined {
    return this.#version
  }

  /** The flag of PREPARED that marks lightweight transactions; 0 for none. */
  get lwtMask(): number {
    return this.#connection?.extensions.lwtMask ?? 0
  }

  /**
   * Tries the contact points in turn.
   *
   * @throws AuthenticationError when a node refuses the credentials, NoNodeAvailableError with every attempt when none can be reached
   */
  async connect(): Promise<void> {
    const life = (this.#life = {})
    const attempts: FailedAttempt[] = []
    for await (const node of contactNodes(this.#options, attempts)) {
      if (await this.#tryNode(node, attempts, life)) return
    }
    const refused = attempts.find(({ error }) => error instanceof AuthenticationError)
    if (refused) throw refused.error
    throw new NoNodeAvailableError('None of the contact points could be used:', attempts)
  }

  async #tryNode(node: NodeAddress, attempts: FailedAttempt[], life: object): Promise<boolean> {
    let connection: Connection | undefined
    try {
      connection = await this.#open(node)
      // Without answers in time the next node is tried: connecting is not over before its tables are read.
      const topology = await this.#tables.inTime(connection, this.#options.connectTimeoutMs, this.#readTopology(connection, node))
      await connection.request({ type: 'REGISTER', events: ['TOPOLOGY_CHANGE', 'STATUS_CHANGE', 'SCHEMA_CHANGE'] })
      if (this.#life !== life) throw new CqlError('The client was closed', 'CQL_CLOSED', 'retryable')
      const before = this.#topology !== undefined
      this.#connection = connection
      this.#failures = 0
      connection.listener = { onEvent: (event) => this.#onEvent(event), onClose: () => this.#onLost() }
      if (connection.closed) this.#onLost()
      this.#publish(topology)
      if (before) this.#listener.onReconnected()
      return true
    } catch (error) {
      if (connection && this.#connection === connection) {
        this.#connection = undefined
        connection.listener = {} // whoever tries goes on to the next node: it is not lost
      }
      connection?.destroy()
      if (error instanceof OptionError && this.#topology === undefined) throw error // it is the same with every node
      attempts.push({ node: addressOf(node), error: error as Error })
      return false
    }
  }

  /** Speaks the highest version that the first node speaks too; later connections keep to it. */
  async #open(node: NodeAddress): Promise<Connection> {
    const connection = await openAtBestVersion(node, this.#options, this.#version)
    this.#version = connection.version
    return connection
  }

  /** Runs a query of the driver's own and decodes its rows. */
  query(query: string): Promise<Record<string, unknown>[]> {
    if (!this.#connection) return Promise.reject(new NoNodeAvailableError('The control connection is down', []))
    return this.#tables.query(query, this.#connection)
  }

  async #readTopology(connection: Connection, contact: NodeAddress): Promise<Topology> {
    const { topology, announced } = await this.#tables.topology(connection, contact)
    this.#announced = announced
    return topology
  }

  #publish(topology: Topology): void {
    this.#topology = topology
    this.#listener.onTopology(topology)
  }

  /** Reads the nodes again. */
  async refresh(): Promise<void> {
    const connection = this.#connection
    if (!connection) return
    const { host, port } = parseContactPoint(connection.address)
    this.#publish(await this.#readTopology(connection, { address: host, port }))
  }

  /** @throws InvalidQueryError when there is no such keyspace */
  async checkKeyspace(keyspace: string): Promise<void> {
    await this.#connection?.request({ type: 'QUERY', query: `USE ${quoteIdentifier(keyspace)}`, parameters: { consistency: 'one' } })
  }

  #onEvent(event: EventMessage): void {
    if (event.event === 'SCHEMA_CHANGE') return this.#listener.onSchemaChange(event)
    if (event.event === 'UNKNOWN') return
    if (event.change === 'UP' || event.change === 'DOWN') this.#onStatus(event.node, event.change === 'UP')
    this.#refreshSoon()
  }

  /** Of the events of one node in a burst only the last one counts. */
  #onStatus(node: NodeAddress, up: boolean): void {
    const hostId = this.#announced.get(addressOf(node))
    if (hostId === undefined) return
    const { clock } = this.#options
    const waiting = this.#upTimers.get(hostId)
    if (waiting !== undefined) clock.cancel(waiting)
    this.#upTimers.delete(hostId)
    if (!up) return this.#listener.onNodeStatus(hostId, false)
    const timer = clock.schedule(() => {
      this.#upTimers.delete(hostId)
      this.#listener.onNodeStatus(hostId, true)
    }, UP_MS)
    clock.unref(timer)
    this.#upTimers.set(hostId, timer)
  }

  #refreshSoon(): void {
    if (this.#life === undefined || this.#refreshTimer !== undefined) return
    this.#refreshTimer = this.#options.clock.schedule(() => {
      this.#refreshTimer = undefined
      this.refresh().catch((error: unknown) => this.#listener.onWarning('The nodes of the cluster could not be read', error))
    }, DEBOUNCE_MS)
    this.#options.clock.unref(this.#refreshTimer)
  }

  #onLost(): void {
    this.#connection = undefined
    if (this.#life) void this.#reconnect(this.#life)
  }

  async #reconnect(life: object): Promise<void> {
    const attempts: FailedAttempt[] = []
    const tried = new Set<string>()
    for (const node of this.#topology?.nodes ?? []) {
      tried.add(addressOf(node))
      if (this.#life !== life || (await this.#tryNode(node, attempts, life))) return
    }
    for await (const node of contactNodes(this.#options, attempts)) {
      if (tried.has(addressOf(node))) continue
      if (this.#life !== life || (await this.#tryNode(node, attempts, life))) return
    }
    if (this.#life !== life) return
    this.#failures++
    this.#reconnectTimer = this.#options.clock.schedule(() => void this.#reconnect(life), this.#options.reconnection.delayMs(reconnectionAttempt(this.#failures, attempts.map(({ error }) => error))))
    this.#options.clock.unref(this.#reconnectTimer)
    this.#listener.onWarning('The control connection is lost and no node could be reached; it is tried again', new NoNodeAvailableError('No node could be reached:', attempts))
  }

  /** Forgets everything, so that `connect` can begin anew. */
  reset(): void {
    this.close()
    this.#version = this.#options.protocolVersion
    this.#topology = undefined
  }

  close(): void {
    this.#life = undefined
    for (const timer of [this.#refreshTimer, this.#reconnectTimer, ...this.#upTimers.values()]) if (timer !== undefined) this.#options.clock.cancel(timer)
    this.#upTimers.clear()
    this.#refreshTimer = this.#reconnectTimer = undefined
    this.#connection?.destroy()
    this.#connection = undefined
  }
}
