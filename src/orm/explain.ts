import type { NodeInfo } from '../client/index.js'
import { runnable } from './compiled.js'
import type { Access } from './restrictions.js'
import type { SelectText } from './select-text.js'
import type { Session } from './session.js'
import type { TableModel } from './table.js'

/** How a SELECT would be run. */
export interface Explanation {
  readonly query: string
  readonly values: readonly unknown[]
  /** One partition, several, an index on all nodes, the whole table, or `unknown` where there is a condition as CQL. */
  readonly access: Access
  /** Why rows are read that are then left out; undefined when none are. */
  readonly filtering: string | undefined
  /** `host:port` of the nodes that have the partition; empty for anything but one partition. */
  readonly replicas: readonly string[]
  /** In a sentence. */
  readonly summary: string
}

const ways: Readonly<Record<Access, string>> = {
  partition: 'reads one partition, from its replicas',
  partitions: 'reads several partitions, all by way of one coordinator',
  index: 'asks the index of every node',
  scan: 'reads the whole table, on every node',
  unknown: 'does what Cassandra makes of conditions that are not known here',
}

/** Says how a SELECT would be run, without running it. */
export async function explain({ client }: Session, table: TableModel, text: SelectText): Promise<Explanation> {
  const { query, values, restrictions: { access, filtering } } = text
  const replicas = access === 'partition' ? await replicasOf(client, table, runnable(text)) : []
  return { query, values, access, filtering, replicas, summary: `${ways[access]}${filtering === undefined ? '' : ', and leaves rows out that it has read'}` }
}

async function replicasOf(client: Session['client'], { keyspace }: TableModel, { query, values }: SelectText): Promise<string[]> {
  const statement = await client.prepare(query)
  const key = statement.routingKey(values)
  const from = keyspace ?? statement.keyspace
  if (key === undefined || from === undefined) return []
  const token = client.cluster.tokenOf(key)
  return token === undefined ? [] : client.cluster.replicas(from, token).map(({ address, port }: NodeInfo) => `${address}:${port}`)
}
