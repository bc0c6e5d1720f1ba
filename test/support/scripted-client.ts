// A scripted server and the clients of one test, which are gone when the test is over.
import { afterEach, beforeEach } from 'vitest'
import { Client } from '../../src/client/index.js'
import type { ClientOptions, CqlError } from '../../src/client/index.js'
import { ScriptedServer } from './scripted-server.js'

export let server: ScriptedServer
/** Clients to be closed after the test. */
export const clients: Client[] = []

/** To be called once in a test file. */
export function eachWithScriptedServer(): void {
  beforeEach(async () => { server = await ScriptedServer.start() })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close({ drainMs: 0 })))
    await server.close()
  })
}

/** Puts another server in the place of the one that was started. */
export function useServer(other: ScriptedServer): void {
  server = other
}

export async function connect(options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = await Client.connect({ contactPoints: server.contactPoints, ...options })
  clients.push(client)
  return client
}

/** What a promise rejects with. */
export const failure = (promise: Promise<unknown>): Promise<CqlError> => promise.then(() => { throw new Error('it succeeded') }, (error: unknown) => error as CqlError)
