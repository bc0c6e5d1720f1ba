import { OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { uuid } from '../codecs/index.js'
import type { EventMessage } from '../protocol/index.js'
import { listen } from '../transport/index.js'
import type { Connect, ListenOptions } from '../transport/index.js'
import { Database } from './database.js'
import type { NodeIdentity } from './database.js'
import { Durable } from './durable.js'
import { FaultRules } from './fault-rules.js'
import { MemoryNetwork } from './memory-network.js'
import { ServerNode } from './server-node.js'
import type { ServerCredentials } from './roles.js'

/** Options of an embedded server. */
export interface CqlServerOptions {
  /** The address to listen on, of the first node. @default '127.0.0.1' */
  readonly host?: string
  /** Of the first node; the others have the next ones. 0 takes free ones. @default 9042 */
  readonly port?: number
  /** How many nodes, or how many in each data centre: `{ dc1: 3, dc2: 2 }`. They share their data, and say that they are replicas as the keyspace's replication has it. @default 1 */
  readonly nodes?: number | Readonly<Record<string, number>>
  /**
   * Where several nodes are: on ports of one address, which clients learn from `system.peers_v2`, or on loopback addresses from 127.0.0.1 on with one port, for clients that
   * read `system.peers` only. macOS has no other loopback address than the first. @default 'ports'
   */
  readonly addresses?: 'ports' | 'loopback'
  /** @default 'cqlwire' */
  readonly clusterName?: string
  /** @default 'datacenter1' */
  readonly dataCenter?: string
  /** Asks clients who they are. This user is a superuser, who can make others by CREATE ROLE; roles and permissions are Cassandra's. @default nobody is asked, and everybody may do everything */
  readonly auth?: ServerCredentials
  /** Certificate and key as PEM, and the authorities whose clients are let in. @default no encryption */
  readonly tls?: ListenOptions['tls']
  /** Bytes of one request. @default 16777216 */
  readonly maxFrameLength?: number
  /** Whether the nodes have sockets, or only clients of this process reach them, by `transport: server.transport`. @default true */
  readonly sockets?: boolean
  /** Keeps the data in a folder, which one server has to itself: what was answered is there after the process was killed. @default memory only */
  readonly directory?: string
  /** How often what was written is brought to the disk, in milliseconds; 0 for before each answer. Only a machine that stops loses what was written since. @default 1000 */
  readonly syncMs?: number
  /** Told when the end of the journal was half a record and was cut off. @default prints it as a warning of the process */
  readonly onCut?: (message: string) => void
  /** Where time comes from; TTLs run in it. @default the system's */
  readonly clock?: Clock
}

// oxlint-disable-next-line no-console -- nobody else hears of it
const warn = (message: string): void => console.warn(message)

/** Places on the ring of each of several nodes. */
const TOKENS = 16

/**
 * A CQL server within this process: keyspaces, tables and data in memory, on real sockets, for any CQL client.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { CqlServer } from 'cqlwire/server'
 * await using server = await CqlServer.start({ nodes: 3, port: 0 })
 * await using client = await Client.connect({ contactPoints: server.contactPoints })
 * server.faults.add({ opcode: 'QUERY', matching: /users/, times: 3, respond: 'overloaded' })
 * await server.node(2).kill()
 * ```
 */
export class CqlServer implements AsyncDisposable {
  readonly database: Database
  /** What is done to requests, whichever node they come to. */
  readonly faults: FaultRules = new FaultRules(0)
  readonly #nodes: ServerNode[] = []
  readonly #network = new MemoryNetwork()

  private constructor(clock: Clock) {
    this.database = new Database(clock)
    this.database.onSchemaChange = (change) => this.broadcast({ type: 'EVENT', event: 'SCHEMA_CHANGE', ...change })
  }

  /**
   * Starts a server.
   *
   * @returns the server, all its nodes listening
   * @throws the platform's error when an address cannot be had, such as EADDRINUSE
   */
  static async start(options: CqlServerOptions = {}): Promise<CqlServer> {
    const { auth, tls, maxFrameLength = 16 * 1024 * 1024, directory, sockets = true, syncMs = 1000, onCut = warn } = options
    const server = new CqlServer(options.clock ?? systemClock)
    const onStatus = (node: ServerNode, isUp: boolean): void => server.#tellStatus(node, isUp)
    const identities: { -readonly [Field in keyof NodeIdentity]: NodeIdentity[Field] }[] = identitiesOf(options)
    identities.forEach((identity, i) => server.#nodes.push(new ServerNode(i + 1, server.database, identity, { tls, maxFrameLength, faults: server.faults, listen: sockets ? listen : server.#network.listen }, onStatus)))
    if (directory !== undefined) {
      server.database.durable = await Durable.open(directory, server.database, syncMs, onCut)
      server.database.durable.hostIds(identities.length).forEach((hostId, i) => { identities[i]!.hostId = hostId })
    }
    if (auth) server.database.roles.enable(auth)
    try {
      for (const node of server.#nodes) await node.listen()
    } catch (error) {
      await server.close()
      throw error
    }
    server.database.publish()
    return server
  }

  /** The nodes, in the order of their numbers. */
  get nodes(): readonly ServerNode[] {
    return this.#nodes
  }

  /** A node. @param number from 1 */
  node(number: number): ServerNode {
    const node = this.#nodes[number - 1]
    if (!node) throw new OptionError('number', `There are nodes 1 to ${this.#nodes.length}, not ${String(number)}`)
    return node
  }

  /** For the option of the same name of clients in this process, where the server has no sockets. */
  get transport(): Connect {
    return this.#network.connect
  }

  /** Of the first node. */
  get port(): number {
    return this.#nodes[0]!.port
  }

  /** For the option of the same name of a client. */
  get contactPoints(): string[] {
    return this.#nodes.map(({ contactPoint }) => contactPoint)
  }

  /** Connections open now. */
  get connections(): number {
    return this.#nodes.reduce((sum, { connections }) => sum + connections, 0)
  }

  /** Sends an event to the clients that have registered for its kind. */
  broadcast(event: EventMessage): void {
    for (const node of this.#nodes) if (node.isUp) node.broadcast(event)
  }

  #tellStatus({ identity: { address, port } }: ServerNode, isUp: boolean): void {
    this.broadcast({ type: 'EVENT', event: 'STATUS_CHANGE', change: isUp ? 'UP' : 'DOWN', node: { address, port } })
  }

  /** Stops listening and ends all connections; without a folder the data is gone. */
  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()))
    this.database.durable?.close()
    this.database.durable = undefined
  }

  /** Closes the server, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function identitiesOf({ host = '127.0.0.1', port = 9042, clusterName = 'cqlwire', dataCenter = 'datacenter1', nodes = 1, addresses = 'ports' }: CqlServerOptions): NodeIdentity[] {
  const counts = typeof nodes === 'number' ? { [dataCenter]: nodes } : nodes
  const places = Object.entries(counts).flatMap(([name, count]) => {
    if (!Number.isInteger(count) || count < 1 || count > 250) throw new OptionError('nodes', `'nodes' must be a whole number from 1 to 250, not ${String(count)}`)
    return Array.from({ length: count }, () => name)
  })
  if (places.length === 0) throw new OptionError('nodes', "'nodes' names no data centre")
  if (addresses === 'loopback' && !host.startsWith('127.')) throw new OptionError('addresses', `Nodes have loopback addresses only when the first one has: 'host' is ${host}`)
  return places.map((name, i) => ({
    hostId: uuid.v4(), address: addresses === 'loopback' && i > 0 ? loopbackAfter(host, i) : host, port: port === 0 || addresses === 'loopback' ? port : port + i,
    clusterName, dataCenter: name, rack: 'rack1', releaseVersion: '5.0.6', tokens: tokensOf(i, places.length),
  }))
}

/** The address so many places later: 127.0.0.3 is two after 127.0.0.1. */
function loopbackAfter(host: string, places: number): string {
  const numbers = host.split('.').map(Number)
  return [...numbers.slice(0, 3), numbers[3]! + places].join('.')
}

/** The tokens of one of several nodes: its share of equal parts of the ring, one after the other. */
function tokensOf(node: number, nodes: number): string[] {
  if (nodes === 1) return ['-9223372036854775808']
  const part = 2n ** 64n / BigInt(nodes * TOKENS)
  return Array.from({ length: TOKENS }, (_, i) => String(-(2n ** 63n) + BigInt(i * nodes + node) * part))
}
