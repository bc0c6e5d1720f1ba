import type { Clock } from '../base/index.js'
import type { Client } from '../client/index.js'
import { indexNameOf, parsedOrNot } from './effect.js'

const POLL_MS = 250

/** The name of the index that a statement makes. */
export function indexMadeBy(statement: string): string | undefined {
  const parsed = parsedOrNot(statement)
  return parsed?.kind === 'create index' ? indexNameOf(parsed) : undefined
}

/**
 * Waits until an index is built: it is made at once, and filled afterwards, by each node for itself.
 *
 * @returns whether all nodes that answer have it within `timeoutMs`
 */
export async function indexesBuilt(client: Client, keyspace: string, index: string, timeoutMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.now() + timeoutMs
  // A node that does not answer builds the index when it is back.
  for (;;) {
    const built = await Promise.all(client.cluster.nodes.map(({ hostId }) =>
      client.execute('SELECT index_name FROM system."IndexInfo" WHERE table_name = ? AND index_name = ?', [keyspace, index], { node: hostId, consistency: 'one' }).then(({ rows }) => rows.length > 0, () => true)))
    if (built.every(Boolean)) return true
    if (clock.now() > deadline) return false
    await new Promise<void>((resolve) => { clock.schedule(resolve, POLL_MS) })
  }
}
