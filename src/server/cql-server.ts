import { systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { uuid } from '../codecs/index.js'
import { checkedCompressor } from '../protocol/index.js'
import type { Compressor, EventMessage } from '../protocol/index.js'
import { listen, loadNativeCompressor } from '../transport/index.js'
import type { Listener, ListenOptions } from '../transport/index.js'
import { Database } from './database.js'
import { Session } from './session.js'
import type { ServerCredentials } from './session.js'

/** Options of an embedded server. */
export interface CqlServerOptions {
  /** The address to listen on. @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @default 9042 */
  readonly port?: number
  /** @default 'cqlwire' */
  readonly clusterName?: string
  /** @default 'datacenter1' */
  readonly dataCenter?: string
  /** Asks clients for this user name and password. @default nobody is asked */
  readonly auth?: ServerCredentials
  /** Certificate and key as PEM, and the authorities whose clients are let in. @default no encryption */
  readonly tls?: ListenOptions['tls']
  /** Bytes of one request. @default 16777216 */
  readonly maxFrameLength?: number
  /** Where time comes from; TTLs run in it. @default the system's */
  readonly clock?: Clock
}

/**
 * A CQL server within this process: keyspaces, tables and data in memory, on a real socket, for any CQL client.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { CqlServer } from 'cqlwire/server'
 * await using server = await CqlServer.start({ port: 0 })
 * await using client = await Client.connect({ contactPoints: server.contactPoints })
 * ```
 */
export class CqlServer implements AsyncDisposable {
  readonly database: Database
  readonly #host: string
  readonly #sessions = new Set<Session>()
  #listener: Listener | undefined

  private constructor(host: string, database: Database) {
    this.#host = host
    this.database = database
    database.onSchemaChange = (change) => this.broadcast({ type: 'EVENT', event: 'SCHEMA_CHANGE', ...change })
  }

  /**
   * Starts a server.
   *
   * @returns the server, listening
   * @throws the platform's error when the address cannot be had, such as EADDRINUSE
   */
  static async start(options: CqlServerOptions = {}): Promise<CqlServer> {
    const { host = '127.0.0.1', port = 9042, clusterName = 'cqlwire', dataCenter = 'datacenter1', maxFrameLength = 16 * 1024 * 1024, auth, tls } = options
    const database = new Database({ hostId: uuid.v4(), address: host, port, clusterName, dataCenter, rack: 'rack1', releaseVersion: '5.0.6', tokens: ['-9223372036854775808'] }, options.clock ?? systemClock)
    const server = new CqlServer(host, database)
    const compressors = await nativeCompressors()
    server.#listener = await listen({ host, port, tls }, (transport, remote) => {
      const session = new Session(transport, remote.address, database, { auth, compressors, maxFrameLength })
      server.#sessions.add(session)
      session.onEnd = () => server.#sessions.delete(session)
      return session
    })
    database.node = { ...database.node, port: server.port }
    database.publish()
    return server
  }

  get port(): number {
    return this.#listener!.port
  }

  /** For the option of the same name of a client. */
  get contactPoints(): string[] {
    return [`${this.#host.includes(':') ? `[${this.#host}]` : this.#host}:${this.port}`]
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sessions.size
  }

  /** Sends an event to the clients that have registered for its kind. */
  broadcast(event: EventMessage): void {
    for (const session of this.#sessions) session.notify(event)
  }

  /** Stops listening and ends all connections; the data is gone. */
  async close(): Promise<void> {
    const closing = this.#listener?.close()
    for (const session of this.#sessions) session.close()
    await closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function nativeCompressors(): Promise<ReadonlyMap<string, Compressor>> {
  const compressors = new Map<string, Compressor>()
  for (const name of ['lz4', 'snappy'] as const) {
    const native = await loadNativeCompressor(name)
    if (native) compressors.set(name, checkedCompressor(name, native))
  }
  return compressors
}
