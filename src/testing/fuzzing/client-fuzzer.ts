import { toHex } from '../../base/index.js'
import { Client } from '../../client/index.js'
import { CqlServer } from '../../server/index.js'
import { FaultProxy } from '../fault-proxy.js'
import { Mutator } from '../mutator.js'
import type { FuzzFinding, FuzzReport } from './finding.js'

/** Options of a {@link ClientFuzzer}. */
export interface ClientFuzzerOptions {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** Which answers are changed, and how: the same for the same answer of the same connection. @default 1 */
  readonly seed?: number
  /** Share of the answers that are changed, from 0 to 1. @default 0.3 */
  readonly probability?: number
  /** Statements that are run before clients come, such as those that make their tables. */
  readonly setup?: readonly string[]
}

/** Of the answers that were changed, the last so many are kept for findings. */
const KEPT = 50
/** Changed answers are not much longer than they were. */
const GROWTH = 4096

/**
 * A server for clients that are to be tested: it understands them, and of its answers some are changed on their way. What clients do
 * with them is for their owner to watch; what they send that breaks the protocol is found here.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { ClientFuzzer } from 'cqlwire/testing'
 * await using fuzzer = await ClientFuzzer.start({ seed: 7 })
 * await using client = new Client({ contactPoints: [fuzzer.address] })
 * await client.execute('SELECT * FROM system.local').catch((error) => console.log(error.code))
 * console.log(fuzzer.report.findings)
 * ```
 */
export class ClientFuzzer implements AsyncDisposable {
  readonly #seed: number
  readonly #probability: number
  readonly #server: CqlServer
  readonly #findings: FuzzFinding[] = []
  readonly #answers: Record<string, number> = {}
  #proxy!: FaultProxy
  #changed: string[] = []

  private constructor(server: CqlServer, { seed = 1, probability = 0.3 }: ClientFuzzerOptions) {
    this.#server = server
    this.#seed = seed
    this.#probability = probability
  }

  /** Starts to listen. */
  static async start(options: ClientFuzzerOptions = {}): Promise<ClientFuzzer> {
    const server = await CqlServer.start({ port: 0 })
    if (options.setup) {
      await using client = await Client.connect({ contactPoints: server.contactPoints })
      for (const statement of options.setup) await client.execute(statement)
    }
    const fuzzer = new ClientFuzzer(server, options)
    fuzzer.#proxy = await FaultProxy.start({
      target: server.contactPoints[0]!, host: options.host ?? '127.0.0.1', port: options.port ?? 0,
      rewriteBody: (body, opcode, { connection, answer }) => fuzzer.#change(body, opcode, connection, answer),
      onViolation: (explanation) => fuzzer.found('violation', explanation),
    })
    return fuzzer
  }

  /** `host:port` that clients connect to. */
  get address(): string {
    return this.#proxy.address
  }

  /** Connections open now. */
  get connections(): number {
    return this.#proxy.connections
  }

  /** What has been done and found so far; `messages` are answers. */
  get report(): FuzzReport {
    const messages = Object.values(this.#answers).reduce((sum, count) => sum + count, 0)
    return { seed: this.#seed, connections: this.#proxy.accepted, messages, answers: this.#answers, findings: this.#findings }
  }

  /** Notes something that the owner of a client has seen, with the answers that may have led to it. */
  found(kind: FuzzFinding['kind'], explanation: string): void {
    this.#findings.push({ kind, explanation, version: 0, writes: this.#changed, answers: '' })
    this.#changed = []
  }

  #change(body: Uint8Array, opcode: string, connection: number, answer: number): Uint8Array {
    const mutator = new Mutator({ seed: this.#seed * 1_000_003 + connection * 1009 + answer, maxLength: body.length + GROWTH })
    const change = mutator.random.next() < this.#probability
    const name = change ? `${opcode} changed` : opcode
    this.#answers[name] = (this.#answers[name] ?? 0) + 1
    if (!change) return body
    const changed = mutator.mutate(body).slice()
    this.#changed.push(`${opcode} ${toHex(changed)}`)
    if (this.#changed.length > KEPT) this.#changed.shift()
    return changed
  }

  /** Closes the fuzzer and every connection to it. */
  async close(): Promise<void> {
    await this.#proxy.close()
    await this.#server.close()
  }

  /** Closes the fuzzer, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
