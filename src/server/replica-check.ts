import { murmur3Token, replicationOf, TokenMap } from '../cluster/index.js'
import type { NodeInfo, Replication } from '../cluster/index.js'
import { errorCodes } from '../protocol/index.js'
import type { Consistency } from '../protocol/index.js'
import type { DatabaseNode } from './database.js'
import { Refusal } from './errors.js'
import { serializeKey } from './table-store.js'

/** Whether enough replicas are up for what is asked. */
export class ReplicaCheck {
  readonly #ring: TokenMap
  readonly #up: ReadonlySet<string>
  readonly #replications = new Map<string, Replication>()

  constructor(nodes: readonly DatabaseNode[]) {
    const infos = nodes.map(({ identity }): NodeInfo => ({ ...identity, schemaVersion: undefined }))
    this.#ring = new TokenMap(infos, 'org.apache.cassandra.dht.Murmur3Partitioner')
    this.#up = new Set(nodes.filter(({ isUp }) => isUp).map(({ identity }) => identity.hostId))
  }

  /**
   * @param keys partitions, or undefined for all of them
   * @throws Refusal with code UNAVAILABLE
   */
  check(options: Readonly<Record<string, string>>, keys: readonly (readonly Uint8Array[])[] | undefined, consistency: Consistency, dataCenter: string): void {
    const name = JSON.stringify(options)
    let replication = this.#replications.get(name)
    if (!replication) this.#replications.set(name, (replication = replicationOf(options)))
    // Of a whole table it is the partitions of each node that must be there.
    const tokens = keys ? keys.map((key) => murmur3Token(serializeKey(key))) : this.#ring.tokens
    for (const token of tokens) this.#checkOne(this.#ring.replicas(replication, token), consistency, dataCenter)
  }

  #checkOne(replicas: readonly NodeInfo[], consistency: Consistency, dataCenter: string): void {
    if (consistency === 'eachQuorum') {
      for (const name of new Set(replicas.map((node) => node.dataCenter))) this.#checkOne(replicas.filter((node) => node.dataCenter === name), 'quorum', name)
      return
    }
    const local = consistency === 'localOne' || consistency === 'localQuorum' || consistency === 'localSerial'
    const counted = local ? replicas.filter((node) => node.dataCenter === dataCenter) : replicas
    const alive = counted.filter(({ hostId }) => this.#up.has(hostId)).length
    const required = requiredOf(consistency, counted.length)
    if (alive < required) throw new Refusal(errorCodes.UNAVAILABLE, `Cannot achieve consistency level ${nameOf(consistency)}`, { consistency, required, alive })
  }
}

function requiredOf(consistency: Consistency, replicas: number): number {
  switch (consistency) {
    case 'any':
      return 0
    case 'one':
    case 'localOne':
      return 1
    case 'two':
      return 2
    case 'three':
      return 3
    case 'all':
      return replicas
    default:
      return Math.floor(replicas / 2) + 1
  }
}

/** As Cassandra writes it: `LOCAL_QUORUM`. */
function nameOf(consistency: Consistency): string {
  return consistency.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}
