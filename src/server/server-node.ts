import { checkedCompressor } from '../protocol/index.js'
import type { Compressor, EventMessage } from '../protocol/index.js'
import { loadNativeCompressor } from '../transport/index.js'
import type { Listen, Listener, ListenOptions } from '../transport/index.js'
import type { Database, DatabaseNode, NodeIdentity } from './database.js'
import { FaultRules } from './fault-rules.js'
import { Session } from './session.js'

/** What the nodes of a server have in common. */
export interface NodeOptions {
  readonly tls: ListenOptions['tls']
  readonly maxFrameLength: number
  readonly listen: Listen
  /** The faults of all nodes. */
  readonly faults: FaultRules
}

/** One node of an embedded server: it can be told to misbehave. */
export class ServerNode {
  /** From 1. */
  readonly number: number
  /** Faults of this node's answers alone; those of `server.faults` come first. */
  readonly faults: FaultRules
  readonly #database: Database
  readonly #entry: DatabaseNode
  readonly #options: NodeOptions
  readonly #sessions = new Set<Session>()
  readonly #onStatus: (node: ServerNode, isUp: boolean) => void
  #listener: Listener | undefined
  #paused = false
  #delayMs = 0

  /** @internal */
  constructor(number: number, database: Database, identity: NodeIdentity, options: NodeOptions, onStatus: (node: ServerNode, isUp: boolean) => void) {
    this.number = number
    this.#database = database
    this.#entry = database.addNode(identity)
    this.#options = options
    this.#onStatus = onStatus
    this.faults = new FaultRules(number)
  }

  /** Who it is, as `system.local` tells. */
  get identity(): NodeIdentity {
    return this.#entry.identity
  }

  get port(): number {
    return this.identity.port
  }

  /** For the option `contactPoints` of a client. */
  get contactPoint(): string {
    const { address, port } = this.identity
    return `${address.includes(':') ? `[${address}]` : address}:${port}`
  }

  get isUp(): boolean {
    return this.#entry.isUp
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sessions.size
  }

  /** @internal */
  async listen(): Promise<void> {
    const { tls, maxFrameLength, faults, listen } = this.#options
    const compressors = await nativeCompressors()
    this.#listener = await listen({ host: this.identity.address, port: this.port, tls }, (transport, remote) => {
      const session = new Session(transport, remote.address, this.#database, this.#entry, { compressors, maxFrameLength, faults: [faults, this.faults] })
      session.pause(this.#paused)
      session.delayMs = this.#delayMs
      this.#sessions.add(session)
      session.onEnd = () => this.#sessions.delete(session)
      return session
    })
    this.#entry.identity = { ...this.identity, port: this.#listener.port }
  }

  /** Reads nothing more from its clients, as a process that is stopped: connections stay open, and are accepted. */
  pause(): void {
    this.#setPaused(true)
  }

  /** Reads what has come in meanwhile, and goes on. */
  resume(): void {
    this.#setPaused(false)
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    for (const session of this.#sessions) session.pause(paused)
  }

  /** Answers this much later, from now on. @param ms 0 for at once */
  delay(ms: number): void {
    this.#delayMs = ms
    for (const session of this.#sessions) session.delayMs = ms
  }

  /** Takes no new connections; those that are open stay so. {@link ServerNode.start} takes some again. */
  refuse(): void {
    void this.#stopListening()
  }

  /** @returns when all connections have ended, too */
  async #stopListening(): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    await listener?.close()
  }

  /** Is gone at once, with all its connections; the others tell their clients, and count one replica less. */
  async kill(): Promise<void> {
    const wasUp = this.isUp
    this.#entry.isUp = false
    const closing = this.#stopListening()
    for (const session of this.#sessions) session.close()
    this.#database.publish()
    if (wasUp) this.#onStatus(this, false)
    await closing
  }

  /** Is there again, at the address that it had. */
  async start(): Promise<void> {
    if (!this.#listener) await this.listen()
    const wasUp = this.isUp
    this.#entry.isUp = true
    this.#database.publish()
    if (!wasUp) this.#onStatus(this, true)
  }

  /** @internal Sends an event to the clients that have registered for its kind. */
  broadcast(event: EventMessage): void {
    for (const session of this.#sessions) session.notify(event)
  }

  /** @internal */
  async close(): Promise<void> {
    const closing = this.#stopListening()
    for (const session of this.#sessions) session.close()
    await closing
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
