import type { CqlToken, KeyspaceMetadata, NodeInfo, Topology } from '../cluster/index.js'
import type { Router } from './router.js'

/** What is known of the cluster at this moment; each `client.cluster` gives a new one. */
export class ClusterView {
  readonly name: string
  /** Java class of the partitioner. */
  readonly partitioner: string
  /** Nodes of all data centres. */
  readonly nodes: readonly NodeInfo[]
  /** By name, those of the server itself included; their tables as far as the option `schema` says. */
  readonly keyspaces: ReadonlyMap<string, KeyspaceMetadata>
  readonly #router: Router

  constructor({ clusterName, partitioner, nodes }: Topology, router: Router) {
    this.name = clusterName
    this.partitioner = partitioner
    this.nodes = nodes
    this.keyspaces = router.keyspaces
    this.#router = router
  }

  /**
   * The nodes that hold a partition.
   *
   * @param token as CQL's `token()` gives it
   * @returns in ring order, the primary first; none when the keyspace or the partitioner is not known
   */
  replicas(keyspace: string, token: CqlToken): readonly NodeInfo[] {
    return this.#router.replicas(keyspace, token)
  }

  /**
   * The token of a partition key, as CQL's `token()` gives it.
   *
   * @param key its bytes; of several parts as `routingKeyOf` puts them together
   * @returns undefined when the partitioner is not known
   */
  tokenOf(key: Uint8Array): CqlToken | undefined {
    const { partitioner } = this.#router.tokenMap
    return partitioner?.toCql(partitioner.tokenOf(key))
  }
}
