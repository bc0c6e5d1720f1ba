import { AuthenticationError, NoNodeAvailableError, OptionError, systemRandom } from '../base/index.js'
import type { FailedAttempt } from '../base/index.js'
import type { NodeInfo, Topology } from '../cluster/index.js'
import type { Connection } from '../pool/index.js'
import type { NodeAddress, ProtocolVersion } from '../protocol/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { addressOf } from './address.js'
import type { ClusterLink } from './cluster-link.js'
import { contactNodes } from './contact-nodes.js'
import { parseContactPoint } from './connection-url.js'
import type { ControlConnectionOptions } from './control-connection.js'
import type { SharedData } from './shared-data.js'
import { openAtBestVersion, SystemTables } from './system-tables.js'

/** The connection that was opened, and where it leads. */
export interface FoundNode {
  readonly connection: Connection
  readonly node: NodeInfo
  readonly topology: Topology
}

/**
 * The only connection of a client in request mode: to one node, known from an earlier request where there was one. It hears of no events, and reads the nodes of the cluster only
 * where nobody has done so before.
 */
export class SingleConnection implements ClusterLink {
  readonly #options: ControlConnectionOptions
  readonly #localDataCenter: string | undefined
  readonly #shared: SharedData | undefined
  readonly #tables: SystemTables
  #found: FoundNode | undefined
  /** Whether a pool has the connection, and closes it. */
  #isAdopted = false

  constructor(options: ControlConnectionOptions, localDataCenter: string | undefined, shared: SharedData | undefined) {
    this.#options = options
    this.#localDataCenter = localDataCenter
    this.#shared = shared
    this.#tables = new SystemTables(options.clock, options.addressTranslation)
    for (const point of options.contactPoints) parseContactPoint(point)
  }

  get version(): ProtocolVersion | undefined {
    return this.#found?.connection.version ?? this.#options.protocolVersion
  }

  get lwtMask(): number {
    return this.#found?.connection.extensions.lwtMask ?? 0
  }

  /** Set once `connect` is done. */
  get found(): FoundNode | undefined {
    return this.#found
  }

  /** Leaves it to a pool to close the connection. */
  release(): void {
    this.#isAdopted = true
  }

  async connect(): Promise<void> {
    const attempts: FailedAttempt[] = []
    for await (const candidate of this.#candidates(attempts)) {
      try {
        this.#found = await this.#open(candidate)
        return
      } catch (error) {
        if (error instanceof OptionError) throw error // it is the same with every node
        attempts.push({ node: addressOf(candidate), error: error as Error })
      }
    }
    const refused = attempts.find(({ error }) => error instanceof AuthenticationError)
    if (refused) throw refused.error
    throw new NoNodeAvailableError('No node could be reached:', attempts)
  }

  /** Nodes of the near data centre that are known, in any order, then the contact points. */
  async *#candidates(attempts: FailedAttempt[]): AsyncGenerator<NodeAddress | NodeInfo> {
    yield* this.#known()
    yield* contactNodes(this.#options, attempts)
  }

  #known(): NodeInfo[] {
    const near = this.#localDataCenter ?? this.#shared?.dataCenter
    const nodes = (this.#shared?.topology?.nodes ?? []).filter(({ dataCenter }) => dataCenter === near)
    const first = Math.floor(systemRandom.next() * nodes.length)
    return [...nodes.slice(first), ...nodes.slice(0, first)]
  }

  async #open(candidate: NodeAddress | NodeInfo): Promise<FoundNode> {
    const shared = this.#shared
    const connection = await openAtBestVersion(candidate, this.#options, this.#options.protocolVersion, shared?.version)
    try {
      if ('hostId' in candidate) return { connection, node: candidate, topology: shared!.topology! }
      const { topology } = await this.#tables.inTime(connection, this.#options.connectTimeoutMs, this.#tables.topology(connection, candidate))
      const [node] = topology.nodes
      shared?.learn(connection.version, connection.extensions.lwtMask, topology, node!)
      return { connection, node: node!, topology }
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  async query(query: string): Promise<Record<string, unknown>[]> {
    if (!this.#found) throw new NoNodeAvailableError('There is no connection', [])
    return this.#tables.query(query, this.#found.connection)
  }

  async refresh(): Promise<void> {
    const { connection, node } = this.#found ?? {}
    if (!connection || !node) return
    const { topology } = await this.#tables.topology(connection, node)
    this.#shared?.learn(connection.version, connection.extensions.lwtMask, topology, topology.nodes[0]!)
  }

  async checkKeyspace(keyspace: string): Promise<void> {
    await this.#found?.connection.request({ type: 'QUERY', query: `USE ${quoteIdentifier(keyspace)}`, parameters: { consistency: 'one' } })
  }

  reset(): void {
    this.close()
  }

  close(): void {
    if (!this.#isAdopted) this.#found?.connection.destroy()
    this.#isAdopted = false
    this.#found = undefined
  }
}
