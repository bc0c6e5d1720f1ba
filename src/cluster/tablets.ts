import { compareTokens } from './murmur3.js'
import type { Token } from './murmur3.js'

/** A replica of a tablet: the node, and the shard within it. */
export interface TabletReplica {
  readonly hostId: string
  readonly shard: number
}

/** A part of a ScyllaDB table that moves as a whole: the tokens in (first, last] and who holds them. */
export interface Tablet {
  readonly first: Token
  readonly last: Token
  readonly replicas: readonly TabletReplica[]
}

/**
 * The tablets that are known, learned one by one from answers of nodes that were asked for a partition they do not hold.
 *
 * @see https://github.com/scylladb/scylladb/blob/master/docs/dev/protocol-extensions.md, TABLETS_ROUTING_V1
 */
export class TabletMap {
  /** By `keyspace.table`, in the order of tokens, none overlapping another. */
  readonly #tables = new Map<string, Tablet[]>()

  /** Tablets of a table that are known. */
  sizeOf(keyspace: string, table: string): number {
    return this.#tables.get(`${keyspace}.${table}`)?.length ?? 0
  }

  /** Learns a tablet; whatever it overlaps was moved, split or merged and is forgotten. */
  add(keyspace: string, table: string, tablet: Tablet): void {
    const key = `${keyspace}.${table}`
    const tablets = this.#tables.get(key) ?? []
    const kept = tablets.filter(({ first, last }) => compareTokens(last, tablet.first) <= 0 || compareTokens(first, tablet.last) >= 0)
    const at = kept.findIndex(({ last }) => compareTokens(last, tablet.last) > 0)
    kept.splice(at < 0 ? kept.length : at, 0, tablet)
    this.#tables.set(key, kept)
  }

  /** The tablet that a token is in, if it is known. */
  find(keyspace: string, table: string, token: Token): Tablet | undefined {
    if (this.#tables.size === 0) return undefined // as on every cluster of Cassandra
    const tablets = this.#tables.get(`${keyspace}.${table}`)
    if (!tablets) return undefined
    let low = 0
    let high = tablets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareTokens(tablets[middle]!.last, token) < 0) low = middle + 1
      else high = middle
    }
    const tablet = tablets[low]
    return tablet && compareTokens(tablet.first, token) < 0 ? tablet : undefined
  }

  /** Forgets the tablets of a table that was dropped or changed, or of all tables of a keyspace. */
  forget(keyspace: string, table?: string): void {
    for (const key of this.#tables.keys()) if (table === undefined ? key.startsWith(`${keyspace}.`) : key === `${keyspace}.${table}`) this.#tables.delete(key)
  }

  /** Forgets the tablets of a node that has left. */
  forgetNode(hostId: string): void {
    for (const [key, tablets] of this.#tables) this.#tables.set(key, tablets.filter(({ replicas }) => replicas.every((replica) => replica.hostId !== hostId)))
  }
}
