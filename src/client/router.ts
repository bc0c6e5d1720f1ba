import { murmur3Partitioner, TabletMap, TokenMap } from '../cluster/index.js'
import type { CqlToken, KeyspaceMetadata, NodeInfo, Replication, TabletReplica, Token, Topology } from '../cluster/index.js'
import type { Connection } from '../pool/index.js'
import type { BytesMap } from '../protocol/index.js'
import { Codecs, parseType } from '../codecs/index.js'
import { ByteReader } from '../base/index.js'

/** Where a partition is. */
export interface Route {
  /** In ring order, the primary first; none when they are not known. */
  readonly replicas: readonly NodeInfo[]
  /** For the choice of a shard; undefined with partitioners that ScyllaDB does not have. */
  readonly token: Token | undefined
  readonly keyspace: string
  readonly table: string | undefined
  /** The shard on each replica, by host id, where the table is kept in tablets. */
  readonly shards?: ReadonlyMap<string, number> | undefined
}

/** A table whose partitions are routed to. */
export interface RouteTarget {
  readonly keyspace: string
  readonly table: string | undefined
  readonly placement: Replication
}

/** The custom payload that tells where a tablet is. */
const TABLETS_PAYLOAD = 'tablets-routing-v1'
const tabletCodec = new Codecs().of(parseType('tuple<bigint, bigint, list<frozen<tuple<uuid, int>>>>'))

/** Finds the replicas of partitions, from the ring, the keyspaces' replication, and the tablets learned so far. */
export class Router {
  readonly tablets: TabletMap = new TabletMap()
  /** Changes whenever another topology or schema has come to be known. */
  version = 0
  #tokenMap = new TokenMap([], '')
  #nodes: ReadonlyMap<string, NodeInfo> = new Map()
  #keyspaces: ReadonlyMap<string, KeyspaceMetadata> = new Map()

  get keyspaces(): ReadonlyMap<string, KeyspaceMetadata> {
    return this.#keyspaces
  }

  get tokenMap(): TokenMap {
    return this.#tokenMap
  }

  /** Takes over a newer topology. */
  useTopology({ nodes, partitioner }: Topology): void {
    const gone = [...this.#nodes.keys()].filter((hostId) => nodes.every((node) => node.hostId !== hostId))
    for (const hostId of gone) this.tablets.forgetNode(hostId)
    this.version++
    this.#tokenMap = new TokenMap(nodes, partitioner)
    this.#nodes = new Map(nodes.map((node) => [node.hostId, node]))
  }

  /** Takes over a newer schema; the tablets of tables that are no more, or are others by the same name, are forgotten. */
  useKeyspaces(keyspaces: ReadonlyMap<string, KeyspaceMetadata>): void {
    for (const [name, before] of this.#keyspaces) {
      const now = keyspaces.get(name)
      for (const [table, { id }] of before.tables) if (now?.tables.get(table)?.id !== id) this.tablets.forget(name, table)
    }
    this.#keyspaces = keyspaces
    this.version++
  }

  /**
   * What is known of a table before a key is: for callers that keep it until {@link version} changes.
   *
   * @param table undefined when it is not known: then tablets play no part
   * @returns undefined when neither the keyspace nor the partitioner tells where partitions are
   */
  target(keyspace: string, table: string | undefined): RouteTarget | undefined {
    const known = this.#keyspaces.get(keyspace)
    if (!known || !this.#tokenMap.partitioner || (table !== undefined && known.tables.get(table)?.partitioner !== undefined)) return undefined
    return { keyspace, table, placement: known.placement }
  }

  /**
   * Where a partition is.
   *
   * @param key holds the partition key as bytes
   * @param start where it begins
   * @param end where it ends
   */
  route(target: RouteTarget, key: Uint8Array, start = 0, end: number = key.length): Route {
    return this.#route(target, this.#tokenMap.partitioner!.tokenOf(key, start, end))
  }

  /** As {@link route}, of a token as CQL's `token()` gives it. */
  routeOfToken(target: RouteTarget, token: CqlToken): Route {
    return this.#route(target, this.#tokenMap.partitioner!.fromCql(token))
  }

  #route({ keyspace, table, placement }: RouteTarget, hashed: unknown): Route {
    const partitioner = this.#tokenMap.partitioner!
    const token = partitioner === (murmur3Partitioner as unknown) ? (hashed as Token) : undefined
    const tablet = token && table !== undefined ? this.tablets.find(keyspace, table, token) : undefined
    if (tablet) {
      const replicas = tablet.replicas.flatMap(({ hostId }) => this.#nodes.get(hostId) ?? [])
      return { replicas, token, keyspace, table, shards: new Map(tablet.replicas.map(({ hostId, shard }) => [hostId, shard])) }
    }
    return { replicas: this.#tokenMap.replicas(placement, hashed), token, keyspace, table, shards: undefined }
  }

  /** The replicas of a token as CQL's `token()` gives it; none when they cannot be known. */
  replicas(keyspace: string, token: CqlToken): readonly NodeInfo[] {
    const known = this.#keyspaces.get(keyspace)
    return known ? this.#tokenMap.replicasOfCqlToken(known.placement, token) : []
  }

  /** Learns from the answer to a request that went to the wrong node or shard where its tablet is. */
  learn(payload: BytesMap, route: Route, connection: Connection): void {
    const bytes = connection.extensions.tablets ? payload.get(TABLETS_PAYLOAD) : undefined
    if (!bytes || route.table === undefined) return
    const [first, last, replicas] = tabletCodec.decode(new ByteReader(bytes), 0, bytes.length) as [bigint, bigint, [string, number][]]
    this.tablets.add(route.keyspace, route.table, {
      first: murmur3Partitioner.fromCql(first), last: murmur3Partitioner.fromCql(last),
      replicas: replicas.map(([hostId, shard]): TabletReplica => ({ hostId, shard })),
    })
  }
}
