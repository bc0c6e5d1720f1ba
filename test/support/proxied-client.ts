// The embedded server behind a fault proxy, and the clients of one test, which are gone when the test is over.
import { afterEach, beforeEach } from 'vitest'
import { Client } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { FaultProxy } from '../../src/testing/index.js'

export let server: CqlServer
export let proxy: FaultProxy
/** Clients to be closed after the test. */
export const clients: Client[] = []

/** To be called once in a test file. */
export function eachWithProxiedServer(): void {
  beforeEach(async () => {
    server = await CqlServer.start({ port: 0 })
    proxy = await FaultProxy.start({ target: server.contactPoints[0]! })
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close({ drainMs: 0 })))
    await proxy.close()
    await server.close()
  })
}

/** A client that sees the server through the proxy only. */
export async function connect(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await Client.connect({ contactPoints: [proxy.address], ...options })
  clients.push(client)
  return client
}
