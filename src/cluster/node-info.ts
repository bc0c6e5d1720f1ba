import { inetToString } from '../codecs/index.js'

/** What is known of a node: plain data. */
export interface NodeInfo {
  /** What identifies the node; addresses may change. */
  readonly hostId: string
  readonly address: string
  readonly port: number
  readonly dataCenter: string
  readonly rack: string
  readonly releaseVersion: string
  readonly schemaVersion: string | undefined
  readonly tokens: readonly string[]
}

/** What is known of a cluster: plain data that another process or request can start from. */
export interface Topology {
  readonly clusterName: string
  /** Java class of the partitioner. */
  readonly partitioner: string
  readonly nodes: readonly NodeInfo[]
}

type Row = Readonly<Record<string, unknown>>

function text(row: Row, name: string): string | undefined {
  const value = row[name]
  return typeof value === 'string' ? value : undefined
}

function tokens(row: Row): string[] {
  const value = row['tokens']
  return value instanceof Set || Array.isArray(value) ? [...(value as Iterable<string>)] : []
}

/** An address that a client can reach; 0.0.0.0 stands for "all my addresses", so the one that peers use is taken. */
function reachable(row: Row, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name]
    const address = value instanceof Uint8Array ? inetToString(value) : text(row, name)
    if (address !== undefined && address !== '0.0.0.0' && address !== '::') return address
  }
  return undefined
}

/**
 * The node that answers the query itself, from its row of `system.local`.
 *
 * @param contact where it was reached, which is how it is known to be reachable
 */
export function localNode(row: Row, contact: { readonly address: string; readonly port: number }): NodeInfo {
  return {
    hostId: text(row, 'host_id') ?? `${contact.address}:${contact.port}`,
    address: contact.address,
    port: contact.port,
    dataCenter: text(row, 'data_center') ?? '',
    rack: text(row, 'rack') ?? '',
    releaseVersion: text(row, 'release_version') ?? '',
    schemaVersion: text(row, 'schema_version'),
    tokens: tokens(row),
  }
}

/**
 * Another node, from its row of `system.peers_v2` or `system.peers`.
 *
 * @param defaultPort the port where the row has none
 * @returns undefined when the row is half filled, as happens while a node joins or after it has gone
 */
export function peerNode(row: Row, defaultPort: number): NodeInfo | undefined {
  const hostId = text(row, 'host_id')
  const address = reachable(row, ['native_address', 'rpc_address', 'peer'])
  const dataCenter = text(row, 'data_center')
  if (hostId === undefined || address === undefined || dataCenter === undefined || tokens(row).length === 0) return undefined
  const port = row['native_port']
  return {
    hostId, address, dataCenter,
    port: typeof port === 'number' && port > 0 ? port : defaultPort,
    rack: text(row, 'rack') ?? '',
    releaseVersion: text(row, 'release_version') ?? '',
    schemaVersion: text(row, 'schema_version'),
    tokens: tokens(row),
  }
}
