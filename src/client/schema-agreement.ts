import { CqlError } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { InvalidQueryError, ServerError } from '../protocol/index.js'

const POLL_MS = 100

type Row = Readonly<Record<string, unknown>>

/**
 * Waits until all nodes have the same schema.
 *
 * @param read runs a query, always on the same node: after a schema change the one that coordinated it, for the
 *   others may not have heard of the change yet and would agree about the old schema
 * @param timeoutMs how long to wait, in milliseconds
 * @returns whether they agree
 */
export async function schemaAgreement(read: (query: string) => Promise<readonly Row[]>, timeoutMs: number, clock: Clock): Promise<boolean> {
  const deadline = clock.now() + timeoutMs
  let peers = 'system.peers_v2'
  for (;;) {
    try {
      const local = await read("SELECT schema_version FROM system.local WHERE key='local'")
      const others = await read(`SELECT host_id, schema_version FROM ${peers}`)
      // Rows without a host id are of nodes that have left, or have only begun to join.
      const versions = [...local, ...others.filter((row) => row['host_id'] !== null)].map((row) => row['schema_version'])
      if (new Set(versions).size <= 1) return true
    } catch (error) {
      if (error instanceof InvalidQueryError && peers === 'system.peers_v2') {
        peers = 'system.peers' // before Cassandra 4.0, and ScyllaDB
        continue
      }
      if (!(error instanceof CqlError) || error instanceof ServerError) throw error
    }
    if (clock.now() >= deadline) return false
    await new Promise<void>((resolve) => { clock.schedule(resolve, POLL_MS) })
  }
}
