import type { NodeInfo } from './node-info.js'
import type { Token } from './murmur3.js'
import { Murmur3Ring } from './murmur3-ring.js'
import { murmur3Partitioner, partitionerOf } from './partitioner.js'
import type { CqlToken, Partitioner } from './partitioner.js'
import { replicasOfRing } from './replication.js'
import type { Replication } from './replication.js'

/**
 * Which nodes hold which partitions: the ring of one topology. Replicas are worked out once per replication, when first asked for.
 */
export class TokenMap {
  /** Undefined when the cluster's partitioner is not known here: then nobody's replicas are known. */
  readonly partitioner: Partitioner | undefined
  readonly #tokens: unknown[] = []
  readonly #owners: NodeInfo[] = []
  /** Finds places among the tokens of the default partitioner. */
  readonly #ring: Murmur3Ring | undefined
  /** By the object, so that those of a schema that is no more go with it. */
  readonly #replicas = new WeakMap<Replication, readonly (readonly NodeInfo[])[]>()

  /** @param partitioner Java class of the cluster's partitioner */
  constructor(nodes: readonly NodeInfo[], partitioner: string) {
    this.partitioner = partitionerOf(partitioner)
    if (!this.partitioner) return
    const { compare, parse } = this.partitioner
    const ring = nodes.flatMap((node) => node.tokens.map((text) => ({ token: parse(text), node })))
    ring.sort((a, b) => compare(a.token, b.token))
    for (const { token, node } of ring) {
      this.#tokens.push(token)
      this.#owners.push(node)
    }
    if (this.partitioner === (murmur3Partitioner as unknown)) this.#ring = new Murmur3Ring(this.#tokens as Token[])
  }

  /** Places on the ring. */
  get size(): number {
    return this.#tokens.length
  }

  /** All tokens on the ring, in order, in the partitioner's own form. */
  get tokens(): readonly unknown[] {
    return this.#tokens
  }

  /**
   * The nodes that hold a token's partition.
   *
   * @param replication of the keyspace; the same object each time, which is what the answers are kept by
   * @param token in the partitioner's own form
   * @returns the replicas in ring order, the primary first; none when they cannot be known
   */
  replicas(replication: Replication, token: unknown): readonly NodeInfo[] {
    if (this.#tokens.length === 0) return []
    let table = this.#replicas.get(replication)
    if (!table) this.#replicas.set(replication, (table = replicasOfRing(this.#owners, replication)))
    return table[this.#placeOf(token)]!
  }

  /** As {@link replicas}, of a token as CQL's `token()` gives it. */
  replicasOfCqlToken(replication: Replication, token: CqlToken): readonly NodeInfo[] {
    return this.partitioner ? this.replicas(replication, this.partitioner.fromCql(token)) : []
  }

  /** The first place whose token is not smaller: ranges are (previous, token]. */
  #placeOf(token: unknown): number {
    if (this.#ring) return this.#ring.placeOf(token as Token)
    const tokens = this.#tokens
    const { compare } = this.partitioner!
    let low = 0
    let high = tokens.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(tokens[middle], token) < 0) low = middle + 1
      else high = middle
    }
    return low === tokens.length ? 0 : low
  }
}
