import { ByteReader, ConnectionError } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { Codecs, RowDecoder } from '../codecs/index.js'
import { localNode, peerNode } from '../cluster/index.js'
import type { NodeInfo, Topology } from '../cluster/index.js'
import type { AddressTranslator } from '../policies/index.js'
import { openConnection, VersionRefusedError } from '../pool/index.js'
import type { Connection, HandshakeOptions } from '../pool/index.js'
import { InvalidQueryError, UnauthorizedError } from '../protocol/index.js'
import type { NodeAddress, ProtocolVersion } from '../protocol/index.js'
import { addressOf } from './address.js'

/** How long a query of system tables may take. */
const QUERY_TIMEOUT_MS = 10_000

type Row = Record<string, unknown>

/** What a node tells of the cluster. */
export interface ReadTopology {
  readonly topology: Topology
  /** Host ids by the addresses that the cluster uses, which are not those used here where they are translated. */
  readonly announced: ReadonlyMap<string, string>
}

/**
 * Opens a connection at the highest version of the protocol that both sides speak.
 *
 * @param fixed the version that it must be
 * @param hint the version that other nodes of the cluster speak
 */
export async function openAtBestVersion(node: NodeAddress, options: Omit<HandshakeOptions, 'version'>, fixed: ProtocolVersion | undefined, hint?: ProtocolVersion): Promise<Connection> {
  let version: ProtocolVersion = fixed ?? hint ?? (options.compression === 'snappy' ? 4 : 5)
  for (;;) {
    try {
      return await openConnection(node, { ...options, version })
    } catch (error) {
      if (fixed !== undefined || !(error instanceof VersionRefusedError) || error.offered === undefined) throw error
      version = error.offered
    }
  }
}

/** Reads the tables in which a node describes its cluster. */
export class SystemTables {
  readonly #clock: Clock
  readonly #translate: AddressTranslator | undefined
  readonly #codecs = new Codecs({ set: 'array' })
  #peersV2 = true

  constructor(clock: Clock, translate: AddressTranslator | undefined) {
    this.#clock = clock
    this.#translate = translate
  }

  /** Runs a query of the driver's own and decodes its rows. */
  async query(query: string, connection: Connection): Promise<Row[]> {
    const answer = await this.inTime(connection, QUERY_TIMEOUT_MS, connection.request({ type: 'QUERY', query, parameters: { consistency: 'one' } }))
    if (answer.type !== 'RESULT' || answer.kind !== 'ROWS' || !answer.metadata.columns) return []
    const decoder = new RowDecoder(answer.metadata.columns, this.#codecs)
    return answer.rows.map((row) => decoder.decode(cellsOf(row), 1, 'object')[0] as Row)
  }

  /** Reads which nodes there are. @param contact where the connection leads to */
  async topology(connection: Connection, contact: NodeAddress): Promise<ReadTopology> {
    const [local] = (await this.#queryIfThere("SELECT * FROM system.local WHERE key='local'", connection)) ?? []
    const peers = await this.#readPeers(connection)
    const row = local ?? {}
    const nodes: NodeInfo[] = [localNode(row, contact)]
    const found = new Map<string, string>()
    for (const announced of [local && peerNode(local, contact.port), ...peers.map((peer) => peerNode(peer, contact.port))]) {
      if (!announced) continue
      found.set(addressOf(announced), announced.hostId)
      const node = this.#translated(announced)
      if (nodes.every(({ hostId }) => hostId !== node.hostId)) nodes.push(node)
    }
    return { topology: { clusterName: String(row['cluster_name'] ?? ''), partitioner: String(row['partitioner'] ?? ''), nodes }, announced: found }
  }

  #translated(node: NodeInfo): NodeInfo {
    const translate = this.#translate
    return translate ? { ...node, ...translate({ address: node.address, port: node.port }, node) } : node
  }

  /** A node that does not answer the driver's own queries is given up: another one takes its place. */
  async inTime<T>(connection: Connection, ms: number, work: Promise<T>): Promise<T> {
    const clock = this.#clock
    const timer = clock.schedule(() => connection.destroy(new ConnectionError(connection.address, `${connection.address} did not answer a query of its tables within ${ms} ms`, 'retryable')), ms)
    clock.unref(timer)
    try {
      return await work
    } finally {
      clock.cancel(timer)
    }
  }

  /** `peers_v2` has the port of each node; servers before 4.0 and ScyllaDB have only `peers`. */
  async #readPeers(connection: Connection): Promise<Row[]> {
    if (this.#peersV2) {
      const rows = await this.#queryIfThere('SELECT * FROM system.peers_v2', connection)
      if (rows) return rows
      this.#peersV2 = false
    }
    return (await this.#queryIfThere('SELECT * FROM system.peers', connection)) ?? []
  }

  /** Gateways that only speak CQL may lack system tables, or forbid them: then the node that answers is the only one known. */
  async #queryIfThere(query: string, connection: Connection): Promise<Row[] | undefined> {
    try {
      return await this.query(query, connection)
    } catch (error) {
      if (error instanceof InvalidQueryError || error instanceof UnauthorizedError) return undefined
      throw error
    }
  }
}

/** The cells of one row as they stand in a response, for the row decoder. */
function cellsOf(row: readonly (Uint8Array | null)[]): ByteReader {
  const bytes = new Uint8Array(row.reduce((sum, cell) => sum + 4 + (cell?.length ?? 0), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const cell of row) {
    view.setInt32(at, cell?.length ?? -1)
    if (cell) bytes.set(cell, at + 4)
    at += 4 + (cell?.length ?? 0)
  }
  return new ByteReader(bytes)
}
