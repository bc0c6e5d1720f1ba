import { ByteWriter, ConnectionError, fromHex } from '../../base/index.js'
import { encodeMessage, HEADER_LENGTH, opcodes } from '../../protocol/index.js'
import type { Message, ProtocolVersion, RequestMessage } from '../../protocol/index.js'
import { Mutator } from '../mutator.js'
import type { FuzzFinding, FuzzReport } from './finding.js'
import { answerName, FuzzConnection } from './fuzz-connection.js'
import { loopbackTarget } from './loopback-target.js'
import { INSERT, KEYSPACE, SELECT, setup, validRequests } from './valid-requests.js'

/** Options of {@link fuzzServer}. */
export interface FuzzServerOptions {
  /** `host:port` of a server on this machine, which may lose what it has. It speaks without TLS. */
  readonly target: string
  /** @default 1 */
  readonly seed?: number
  /** @default 60 */
  readonly seconds?: number
  /** Ends after so many connections, if that is sooner. */
  readonly connections?: number
  /** @default 5 */
  readonly protocolVersion?: ProtocolVersion
  /** User name and password, for servers that ask for them. */
  readonly auth?: { readonly username: string; readonly password: string }
  /** How long an answer may take, in milliseconds. @default 10_000 */
  readonly hangMs?: number
  /** Ends once so much has been found. @default 10 */
  readonly maxFindings?: number
  /** Called every second or so. */
  readonly onProgress?: (report: FuzzReport) => void
  readonly signal?: AbortSignal
}

/** Between two looks at whether the server still serves everybody. */
const PROBE_EVERY = 25
const PER_CONNECTION = 12

/** A server went away, did not answer or said what it may not while it was asked for nothing strange. */
class ProbeFailure extends Error {
  readonly kind: FuzzFinding['kind']
  constructor(kind: FuzzFinding['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * Changes conversations that a server understands and watches what it makes of them: whether it is still there, still answers, and
 * answers by the protocol. It makes the keyspace `cqlwire_fuzz`, and drops it when it is done.
 *
 * @returns what was sent, how it was answered, and what was found, each with the bytes that led to it
 * @throws OptionError when the target is not on this machine; ConnectionError when it does not serve in the first place
 * @example
 * ```ts
 * import { fuzzServer } from 'cqlwire/testing'
 * import { CqlServer } from 'cqlwire/server'
 * await using server = await CqlServer.start({ port: 0 })
 * const { findings } = await fuzzServer({ target: server.contactPoints[0]!, seconds: 5 })
 * console.log(findings.length)
 * ```
 */
export async function fuzzServer(options: FuzzServerOptions): Promise<FuzzReport> {
  const run = new ServerFuzz(options)
  return run.run()
}

/** Writes what a finding's connection wrote once more, and tells what became of it. @returns the finding again, or undefined when all is well now */
export async function replayServer(target: string, finding: FuzzFinding, hangMs = 10_000): Promise<FuzzFinding | undefined> {
  const { host, port } = loopbackTarget(target)
  const connection = await FuzzConnection.open(host, port, finding.version as ProtocolVersion)
  connection.allowAnyStream = true
  for (const text of finding.writes) {
    connection.write(fromHex(text)!)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
  if (finding.kind === 'hang') connection.expect(0)
  const settled = await connection.settled(finding.kind === 'hang' ? hangMs : 1000)
  connection.destroy()
  const [violation] = connection.violations
  if (violation !== undefined) return { ...finding, kind: 'violation', explanation: violation, answers: connection.received }
  try {
    await new ServerFuzz({ target, hangMs, protocolVersion: finding.version as ProtocolVersion }).probe()
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error
    return { ...finding, kind: error.kind, explanation: error.message, answers: connection.received }
  }
  return finding.kind === 'hang' && !settled ? { ...finding, answers: connection.received } : undefined
}

class ServerFuzz {
  readonly #options: FuzzServerOptions
  readonly #host: string
  readonly #port: number
  readonly #version: ProtocolVersion
  readonly #hangMs: number
  readonly #seed: number
  readonly #mutator: Mutator
  readonly #findings: FuzzFinding[] = []
  readonly #answers: Record<string, number> = {}
  #connections = 0
  #messages = 0
  #last: FuzzConnection | undefined

  constructor(options: FuzzServerOptions) {
    const { host, port } = loopbackTarget(options.target)
    this.#options = options
    this.#host = host
    this.#port = port
    this.#version = options.protocolVersion ?? 5
    this.#hangMs = options.hangMs ?? 10_000
    this.#seed = options.seed ?? 1
    this.#mutator = new Mutator({ seed: this.#seed, maxLength: 8192 })
  }

  get #report(): FuzzReport {
    return { seed: this.#seed, connections: this.#connections, messages: this.#messages, answers: this.#answers, findings: this.#findings }
  }

  async run(): Promise<FuzzReport> {
    const { seconds = 60, connections = Number.POSITIVE_INFINITY, maxFindings = 10, signal, onProgress } = this.#options
    const ids = await this.#prepare().catch((error: unknown) => {
      throw error instanceof ProbeFailure ? new ConnectionError(this.#options.target, `${this.#options.target} cannot be fuzzed: ${error.message}`, 'retryable', error) : error
    })
    const until = performance.now() + seconds * 1000
    let reportAt = 0
    while (performance.now() < until && this.#connections < connections && this.#findings.length < maxFindings && signal?.aborted !== true) {
      if (!(await this.#conversation(ids))) break
      if (this.#connections % PROBE_EVERY === 0 && !(await this.#stillServes())) break
      if (performance.now() >= reportAt) {
        reportAt = performance.now() + 1000
        onProgress?.(this.#report)
      }
    }
    if (await this.#stillServes()) await this.#runAll([`DROP KEYSPACE IF EXISTS ${KEYSPACE}`])
    return this.#report
  }

  /** Opens a connection as it should be. @throws ProbeFailure */
  async #open(): Promise<FuzzConnection> {
    let connection
    try {
      connection = await FuzzConnection.open(this.#host, this.#port, this.#version)
    } catch (error) {
      throw new ProbeFailure('crash', `Nobody listens any more: ${(error as Error).message}`)
    }
    await this.#ask(connection, { type: 'STARTUP', options: new Map([['CQL_VERSION', '3.0.0']]) }, ['READY', 'AUTHENTICATE'])
    if (connection.answers.at(-1)!.type === 'AUTHENTICATE') {
      const { username, password } = this.#options.auth ?? { username: 'cassandra', password: 'cassandra' }
      await this.#ask(connection, { type: 'AUTH_RESPONSE', token: new TextEncoder().encode(`\0${username}\0${password}`) }, ['AUTH_SUCCESS'])
    }
    return connection
  }

  /** @throws ProbeFailure when the answer does not come, or is another one */
  async #ask(connection: FuzzConnection, message: RequestMessage, wanted: readonly string[]): Promise<Message> {
    connection.send(message, 1)
    const settled = await connection.settled(this.#hangMs)
    const [violation] = connection.violations
    if (violation !== undefined) throw new ProbeFailure('violation', violation)
    if (!settled) throw new ProbeFailure('hang', `${message.type} is not answered within ${this.#hangMs} ms`)
    const answer = connection.answers.at(-1)
    if (connection.due > 0 || answer === undefined) throw new ProbeFailure('violation', `The connection was closed upon a ${message.type} as it should be`)
    const name = answerName(answer)
    if (!wanted.some((each) => name.startsWith(each))) throw new ProbeFailure('violation', `${message.type} is answered by ${name}${answer.type === 'ERROR' ? `: ${answer.message}` : ''}`)
    return answer
  }

  async #runAll(statements: readonly string[]): Promise<void> {
    const connection = await this.#open()
    for (const query of statements) await this.#ask(connection, { type: 'QUERY', query, parameters: { consistency: 'one' } }, ['RESULT'])
    connection.destroy()
  }

  /** @returns ids of the statements that EXECUTE and BATCH use */
  async #prepare(): Promise<Uint8Array[]> {
    await this.#runAll(setup)
    const connection = await this.#open()
    const ids: Uint8Array[] = []
    for (const query of [SELECT, INSERT]) {
      const answer = await this.#ask(connection, { type: 'PREPARE', query }, ['RESULT PREPARED'])
      if (answer.type === 'RESULT' && answer.kind === 'PREPARED') ids.push(answer.id)
    }
    connection.destroy()
    return ids
  }

  /** Somebody who asks for nothing strange is served. @throws ProbeFailure */
  async probe(): Promise<void> {
    const connection = await this.#open()
    try {
      await this.#ask(connection, { type: 'OPTIONS' }, ['SUPPORTED'])
      await this.#ask(connection, { type: 'QUERY', query: 'SELECT key FROM system.local', parameters: { consistency: 'one' } }, ['RESULT ROWS'])
    } finally {
      connection.destroy()
    }
  }

  async #stillServes(): Promise<boolean> {
    try {
      await this.probe()
      return true
    } catch (error) {
      if (!(error instanceof ProbeFailure)) throw error
      this.#found(this.#last, error.kind, `After this connection: ${error.message}`)
      return false
    }
  }

  /** One connection, whose messages are changed. @returns whether it makes sense to go on */
  async #conversation(ids: readonly Uint8Array[]): Promise<boolean> {
    const { random } = this.#mutator
    this.#connections++
    // Some are not started as they should be; Cassandra answers one message then, and is silent.
    const started = random.between(0, 9) > 0
    let connection: FuzzConnection
    try {
      connection = started ? await this.#open() : await FuzzConnection.open(this.#host, this.#port, this.#version)
    } catch (error) {
      this.#found(this.#last, error instanceof ProbeFailure ? error.kind : 'crash', (error as Error).message)
      return false
    }
    this.#last = connection
    const requests = validRequests(this.#version, ids)
    const plain = requests.map((message) => {
      const writer = new ByteWriter()
      encodeMessage(writer, message, this.#version, 1)
      return writer.toBytes()
    })
    let mustAnswer = true
    for (let i = 0; i < PER_CONNECTION && mustAnswer && !connection.closed; i++) {
      this.#messages++
      mustAnswer = this.#send(connection, random.pick(plain), random.pick(plain), i + 1)
    }
    mustAnswer &&= started
    const settled = await connection.settled(mustAnswer ? this.#hangMs : 50)
    for (const message of connection.answers) this.#count(answerName(message))
    if (connection.closed) this.#count('closed')
    const [violation] = connection.violations
    if (violation !== undefined) this.#found(connection, 'violation', violation)
    else if (!settled && mustAnswer) this.#found(connection, 'hang', `${connection.due} requests are not answered within ${this.#hangMs} ms, and the connection is open`)
    connection.destroy()
    return true
  }

  /** Sends a request that is changed: its body, its header, or the bytes that carry it. @returns whether an answer can be told from others, and must come */
  #send(connection: FuzzConnection, request: Uint8Array, other: Uint8Array, streamId: number): boolean {
    const { random } = this.#mutator
    const what = random.between(0, 19)
    if (what < 15) {
      const body = what < 2 ? request.subarray(HEADER_LENGTH) : this.#mutator.mutate(request.subarray(HEADER_LENGTH), other.subarray(HEADER_LENGTH))
      const envelope = new Uint8Array(HEADER_LENGTH + body.length)
      envelope.set(request.subarray(0, HEADER_LENGTH))
      envelope.set(body, HEADER_LENGTH)
      const view = new DataView(envelope.buffer)
      view.setInt16(2, streamId)
      view.setInt32(5, body.length)
      if (what < 4) envelope[4] = random.between(0, opcodes.AUTH_SUCCESS + 2)
      if (what === 4) envelope[1] = random.between(0, 31) & ~1
      connection.expect(streamId)
      connection.write(connection.framed(envelope))
      return true
    }
    connection.allowAnyStream = true
    if (what < 18) connection.write(connection.framed(this.#mutator.mutate(request, other).slice()))
    else connection.write(this.#mutator.mutate(connection.framed(request), other).slice())
    return false
  }

  #count(name: string): void {
    this.#answers[name] = (this.#answers[name] ?? 0) + 1
  }

  #found(connection: FuzzConnection | undefined, kind: FuzzFinding['kind'], explanation: string): void {
    this.#findings.push({ kind, explanation, version: this.#version, writes: connection?.writes ?? [], answers: connection?.received ?? '' })
  }
}
