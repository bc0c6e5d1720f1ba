// An embedded server with a keyspace for each test that asks for one.
import { Client } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

/** A client of an embedded server of its own, in a keyspace of its own. */
export async function ormClient(options: Partial<ClientOptions> = {}): Promise<{ readonly client: Client; readonly server: CqlServer; close(): Promise<void> }> {
  const server = await CqlServer.start({ port: 0 })
  const admin = await Client.connect({ contactPoints: server.contactPoints })
  await admin.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await admin.close()
  const client = await Client.connect({ contactPoints: server.contactPoints, keyspace: 'app', ...options })
  return {
    client, server,
    async close() {
      await client.close()
      await server.close()
    },
  }
}
