// Where tests of the ORM run: an embedded server of their own, or a real cluster, in a keyspace of their own.
import { Client } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

/** A cluster to be used instead of embedded servers, one keyspace `app` at a time. */
let given: readonly string[] | undefined

/** Has what follows run on a cluster. */
export function useCluster(contactPoints: readonly string[] | undefined): void {
  given = contactPoints
}

/** A client in an empty keyspace `app`. */
export async function ormClient(options: Partial<ClientOptions> = {}): Promise<{ readonly client: Client; readonly contactPoints: readonly string[]; close(): Promise<void> }> {
  const server = given ? undefined : await CqlServer.start({ port: 0 })
  const contactPoints = given ?? server!.contactPoints
  const admin = await Client.connect({ contactPoints, timeoutMs: 30_000 })
  if (given) await admin.execute('DROP KEYSPACE IF EXISTS app')
  await admin.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await admin.close()
  const client = await Client.connect({ contactPoints, keyspace: 'app', ...(given && { timeoutMs: 30_000, attemptTimeoutMs: 10_000 }), ...options })
  return {
    client, contactPoints,
    async close() {
      await client.close()
      await server?.close()
    },
  }
}
