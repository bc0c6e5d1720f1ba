import type { Client, CqlToken, NodeInfo } from '../client/index.js'
import { Ring } from './token-ranges.js'
import type { TokenRange } from './token-ranges.js'

/** How a table is cut into ranges. */
export interface SplitOptions {
  /** Bytes that a range should hold. */
  readonly splitBytes: number
  /** Ranges for each node of the data centre, at least. */
  readonly perNode: number
  readonly signal?: AbortSignal | undefined
}

/** A range, and a token whose replicas hold it. */
export interface RoutedRange extends TokenRange {
  readonly routingToken: CqlToken | undefined
}

/** The ranges that a table is read by. */
export interface TableSplit {
  /** Neighbours in the list are held by different nodes where that can be. */
  readonly ranges: readonly RoutedRange[]
  /** Bytes of the table on disk, one copy, as far as the nodes have an estimate. */
  readonly estimatedBytes: number | undefined
}

/** Cuts a table into ranges that are each held by the same nodes as a whole, and of about the same size. */
export async function splitTable(client: Client, keyspace: string, table: string, { splitBytes, perNode, signal }: SplitOptions): Promise<TableSplit> {
  const { cluster } = client
  const { partitioner, nodes } = cluster
  const ring = new Ring(partitioner)
  const [tablets, estimatedBytes] = await Promise.all([tabletEnds(client, keyspace, table, signal), estimateBytes(client, ring, keyspace, table, signal)])
  const local = nodes.filter(({ dataCenter }) => dataCenter === nodes[0]?.dataCenter)
  const least = perNode * Math.max(1, local.length)
  const natural = tablets ? ring.between(tablets) : ring.rangesOf(nodes)
  const wanted = Math.max(least, Math.ceil((estimatedBytes ?? 0) / splitBytes))
  // Neighbours are never put together: one node has the one, another the other.
  const ranges = natural.flatMap((range) => ring.split(range, Math.max(1, Math.round(range.share * wanted))))
  // What comes after the last token belongs to the first one.
  const routed = ranges.map((range) => ({ ...range, routingToken: range.end ?? natural[0]!.end }))
  return { ranges: byTurns(routed, ({ routingToken }) => (routingToken === undefined ? undefined : cluster.replicas(keyspace, routingToken)[0]?.hostId)), estimatedBytes }
}

/** Orders ranges so that readers of neighbours ask different nodes. */
function byTurns<Range extends TokenRange>(ranges: readonly Range[], ownerOf: (range: Range) => string | undefined): Range[] {
  const owners = new Map<string | undefined, Range[]>()
  for (const range of ranges) {
    const owner = ownerOf(range)
    const own = owners.get(owner)
    if (own) own.push(range)
    else owners.set(owner, [range])
  }
  const lists = [...owners.values()]
  return Array.from({ length: Math.max(0, ...lists.map((list) => list.length)) }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat()
}

interface EstimateRow {
  readonly range_start: string
  readonly range_end: string
  readonly mean_partition_size: bigint
  readonly partitions_count: bigint
}

/**
 * What the nodes estimate the table's size to be. Each knows only of the ranges that it is the first owner of, and tells of them minutes
 * after they were written, so that what is known is taken to be like the rest.
 */
async function estimateBytes(client: Client, ring: Ring, keyspace: string, table: string, signal: AbortSignal | undefined): Promise<number | undefined> {
  const query = 'SELECT range_start, range_end, mean_partition_size, partitions_count FROM system.size_estimates WHERE keyspace_name = ? AND table_name = ?'
  const ask = async ({ hostId }: NodeInfo): Promise<readonly EstimateRow[]> => (await client.execute<EstimateRow>(query, [keyspace, table], { node: hostId, consistency: 'one', rowMode: 'object', autoPage: true, signal })).rows
  const answers = await Promise.allSettled(client.cluster.nodes.map(ask))
  let bytes = 0
  let share = 0
  for (const answer of answers) {
    if (answer.status === 'rejected') continue
    for (const { range_start: start, range_end: end, mean_partition_size: size, partitions_count: count } of answer.value) {
      bytes += Number(size) * Number(count)
      share += shareOf(ring, start, end)
    }
  }
  return share === 0 ? undefined : bytes / Math.min(1, share)
}

function shareOf(ring: Ring, start: string, end: string): number {
  if (!ring.divisible || !/^-?\d+$/.test(start) || !/^-?\d+$/.test(end)) return 0
  const [from, to] = [BigInt(start), BigInt(end)]
  if (from < to) return ring.between([from, to]).find((range) => range.start === from || (range.start === undefined && range.end === to))!.share
  // It goes on at the beginning of the ring: all but what is between its end and its start.
  return from === to ? 1 : 1 - (ring.between([to, from]).find((range) => range.end === from)?.share ?? 0)
}

/**
 * Where the tablets of a table end: ScyllaDB moves such parts of a table by themselves, so that it has no ring of its own.
 *
 * @returns undefined where there are none, as on Cassandra, or where the server does not tell
 */
async function tabletEnds(client: Client, keyspace: string, table: string, signal: AbortSignal | undefined): Promise<bigint[] | undefined> {
  const system = client.cluster.keyspaces.get('system')
  const id = client.cluster.keyspaces.get(keyspace)?.tables.get(table)?.id
  if (id === undefined || !system?.tables.has('tablets')) return undefined
  try {
    const { rows } = await client.execute<{ last_token: bigint }>('SELECT last_token FROM system.tablets WHERE table_id = ?', [id], { consistency: 'one', rowMode: 'object', autoPage: true, signal })
    return rows.length === 0 ? undefined : rows.map((row) => BigInt(row.last_token))
  } catch {
    return undefined // not everyone may read it
  }
}
