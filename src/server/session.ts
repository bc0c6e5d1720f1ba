import { ProtocolError, utf8Decode } from '../base/index.js'
import type { ByteReader } from '../base/index.js'
import { decodeMessage, encodeResponse, errorCodes, errorMessage, flagsOf, FrameDecoder, FrameEncoder, lz4, opcodes, snappy, UnsupportedVersionError, writeExtras } from '../protocol/index.js'
import type { Compressor, EnvelopeHeader, ErrorMessage, EventMessage, MessageExtras, ProtocolVersion, RequestMessage, ResponseMessage, ResultMessage } from '../protocol/index.js'
import { crc32 } from '../transport/index.js'
import type { Transport, TransportHandlers } from '../transport/index.js'
import type { Database, DatabaseNode } from './database.js'
import type { Durable } from './durable.js'
import { Refusal } from './errors.js'
import { responseOf } from './fault-rules.js'
import type { FaultRule, FaultRules } from './fault-rules.js'

/** What all clients of a server share. */
export interface SessionOptions {
  /** Native compressors in place of the plain ones, where they are installed. */
  readonly compressors: ReadonlyMap<string, Compressor>
  readonly maxFrameLength: number
  /** What is done to requests, the first that fits. */
  readonly faults: readonly FaultRules[]
}

/** Bytes of requests that are kept for later of one client, and of answers and events that it does not read. */
const MOST_HELD = 64 * 1024 * 1024
/** Bytes of answers that are not read from which on requests wait. */
const MANY_ANSWERS = 4 * 1024 * 1024

const AUTHENTICATOR = 'org.apache.cassandra.auth.PasswordAuthenticator'

/** One client of the embedded server: its side of the protocol, from the first byte to the last. */
export class Session implements TransportHandlers {
  readonly #transport: Transport
  readonly #database: Database
  readonly #node: DatabaseNode
  readonly #options: SessionOptions
  readonly #client: string
  readonly #decoder: FrameDecoder
  readonly #encoder: FrameEncoder
  readonly #sink = (header: EnvelopeHeader, body: ByteReader): void => this.#onEnvelope(header, body)
  readonly #events = new Set<string>()
  #state: 'new' | 'authenticating' | 'ready' | 'closed' = 'new'
  #version: ProtocolVersion | undefined
  #keyspace: string | undefined
  #user: string | undefined
  #blocked = false
  #warnedOfUse = false
  #paused = false
  /** Requests that wait until the client has read answers, and what came in after them or while the node was paused. */
  #waiting: (() => void)[] = []
  #held: Uint8Array[] = []
  #heldLength = 0
  /** Milliseconds by which answers are late. */
  delayMs = 0
  /** Called once when the stream has ended. */
  onEnd: () => void = () => {}

  constructor(transport: Transport, client: string, database: Database, node: DatabaseNode, options: SessionOptions) {
    this.#node = node
    this.#transport = transport
    this.#database = database
    this.#options = options
    this.#client = client
    const crc = crc32 === undefined ? {} : { crc32 }
    this.#decoder = new FrameDecoder({ from: 'client', maxFrameLength: options.maxFrameLength, ...crc })
    this.#encoder = new FrameEncoder({ from: 'server', version: 5, ...crc })
  }

  onData(chunk: Uint8Array): void {
    if (this.#state === 'closed') return
    if (this.#paused || this.#waiting.length > 0 || this.#held.length > 0) this.#hold(chunk)
    else this.#read(chunk)
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk, this.#sink)
      this.#flush()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Keeps what cannot be read yet: as much as sockets would. */
  #hold(chunk: Uint8Array): void {
    this.#heldLength += chunk.length
    if (this.#heldLength > MOST_HELD) return this.close()
    this.#held.push(chunk.slice())
  }

  /** Reads nothing, or what has come in meanwhile. */
  pause(paused: boolean): void {
    this.#paused = paused
    this.#goOn()
  }

  /** Handles what waits, as far as the client reads the answers. */
  #goOn(): void {
    while (!this.#paused && this.#state !== 'closed' && !this.#isFull()) {
      const request = this.#waiting.shift()
      const chunk = request ? undefined : this.#held.shift()
      if (request) request()
      else if (chunk) {
        this.#heldLength -= chunk.length
        this.#read(chunk)
      } else break
    }
    this.#flush()
  }

  /** Whether so many answers wait that no more should be made. */
  #isFull(): boolean {
    if (this.#encoder.size > MANY_ANSWERS) this.#flush()
    return this.#encoder.size > MANY_ANSWERS
  }

  onDrain(): void {
    this.#blocked = false
    this.#goOn()
  }

  onClose(): void {
    this.#forget()
    this.onEnd()
  }

  /** Ends the stream. */
  close(): void {
    this.#forget()
    this.#transport.destroy()
  }

  #forget(): void {
    this.#state = 'closed'
    this.#waiting = []
    this.#held = []
  }

  /** Tells the client of an event if it has asked for such. */
  notify(event: EventMessage): void {
    if (this.#state !== 'ready' || !this.#events.has(event.event)) return
    if (this.#encoder.size > MOST_HELD) return this.close()
    this.#send(-1, event, {})
    this.#flush()
  }

  #flush(): void {
    if (this.#database.durable && !this.#commit(this.#database.durable)) return
    if (this.#blocked || this.#encoder.size === 0 || this.#state === 'closed') return
    const { bytes, buffer } = this.#encoder.flush()
    this.#blocked = !this.#transport.write(bytes, () => this.#encoder.recycle(buffer))
  }

  /** Bytes that cannot be read end the connection, after an answer that names no request. */
  #fail(error: unknown): void {
    const streamId = error instanceof UnsupportedVersionError ? error.streamId : 0
    if (error instanceof UnsupportedVersionError) this.#encoder.version = this.#version ?? 5
    this.#send(streamId, answerOf(error), {})
    this.#flush()
    this.#state = 'closed'
    this.#transport.close()
  }

  /** Writes down what was done before anybody hears of it. @returns whether that went well: else nobody does */
  #commit(durable: Durable): boolean {
    try {
      durable.commit()
      return true
    } catch {
      this.close()
      return false
    }
  }

  #send(streamId: number, message: ResponseMessage, extras: MessageExtras): void {
    const writer = this.#encoder.begin(flagsOf(extras), streamId, opcodes[message.type])
    try {
      writeExtras(writer, extras)
      encodeResponse(writer, message, this.#encoder.version)
    } catch (error) {
      this.#encoder.cancel() // half an answer would spoil all that follow
      throw error
    }
    this.#encoder.end()
  }

  #onEnvelope(header: EnvelopeHeader, body: ByteReader): void {
    if (this.#state === 'closed') return
    if (this.#version === undefined) {
      this.#version = header.version
      this.#encoder.version = header.version
    }
    const { streamId } = header
    if (header.version !== this.#version) {
      throw new ProtocolError(`Invalid message version. Got ${header.version}/v${header.version} but previous messages on this connection had version ${this.#version}/v${this.#version}`)
    }
    try {
      // What it holds may wait, and be kept: it must not be the buffer that the next bytes come into.
      const { message, extras } = decodeMessage(header, body.detached())
      if (this.#waiting.length === 0 && !this.#isFull()) this.#receive(streamId, message as RequestMessage, extras)
      else this.#waiting.push(() => this.#receive(streamId, message as RequestMessage, extras))
    } catch (error) {
      this.#send(streamId, answerOf(error), {})
    }
  }

  /** Does what a fault says, or handles the request, at once or later. */
  #receive(streamId: number, message: RequestMessage, extras: MessageExtras): void {
    const rule = this.#faultOf(streamId, message)
    const late = (rule?.delayMs ?? 0) + this.delayMs
    const answer = (): void => {
      if (this.#state === 'closed') return
      try {
        this.#answer(streamId, message, extras, rule)
      } catch (error) {
        this.#send(streamId, answerOf(error), {})
      }
    }
    if (late <= 0) return answer()
    this.#database.clock.schedule(() => {
      answer()
      this.#flush()
    }, late)
  }

  #faultOf(streamId: number, message: RequestMessage): FaultRule | undefined {
    const { faults } = this.#options
    if (faults.every(({ size }) => size === 0)) return undefined
    const request = { opcode: message.type, statement: this.#statementOf(message), streamId }
    for (const rules of faults) {
      const rule = rules.match(request)
      if (rule) return rule
    }
    return undefined
  }

  #statementOf(message: RequestMessage): string {
    switch (message.type) {
      case 'QUERY':
      case 'PREPARE':
        return message.query
      case 'EXECUTE':
        return this.#database.prepared.textOf(message.id)
      case 'BATCH':
        return message.statements.map(({ query, id }) => query ?? this.#database.prepared.textOf(id!)).join('; ')
      default:
        return ''
    }
  }

  #answer(streamId: number, message: RequestMessage, extras: MessageExtras, rule: FaultRule | undefined): void {
    if (rule?.drop === 'request') return
    if (rule?.cut === 'request') return this.close()
    if (rule?.respond !== undefined) return this.#send(streamId, responseOf(rule.respond, { opcode: message.type, statement: this.#statementOf(message), streamId }), {})
    if (rule?.drop !== 'response' && rule?.cut !== 'response') return this.#handle(streamId, message, extras)
    // It is done, and nobody hears of it.
    if (message.type === 'QUERY' || message.type === 'EXECUTE' || message.type === 'BATCH' || message.type === 'PREPARE') this.#execute(message)
    if (rule.cut === 'response') this.close()
  }

  #handle(streamId: number, message: RequestMessage, extras: MessageExtras): void {
    switch (message.type) {
      case 'OPTIONS':
        return this.#send(streamId, {
          type: 'SUPPORTED',
          options: new Map([['PROTOCOL_VERSIONS', ['3/v3', '4/v4', '5/v5']], ['COMPRESSION', this.#version === 5 ? ['lz4'] : ['snappy', 'lz4']], ['CQL_VERSION', ['3.4.7']]]),
        }, {})
      case 'STARTUP':
        return this.#startUp(streamId, message.options)
      case 'AUTH_RESPONSE':
        return this.#authenticate(streamId, message.token)
      case 'QUERY': case 'PREPARE': case 'EXECUTE': case 'BATCH': case 'REGISTER':
        break
      default:
        throw new ProtocolError(`Wrong protocol direction (expected REQUEST, got RESPONSE) for ${(message as ResponseMessage).type}`)
    }
    if (this.#state !== 'ready') {
      throw new ProtocolError(this.#state === 'new' ? `Unexpected message ${message.type}, expecting STARTUP or OPTIONS` : `Unexpected message ${message.type}, expecting ${this.#version === 3 ? 'CREDENTIALS' : 'AUTH_RESPONSE'}`)
    }
    if (message.type === 'REGISTER') {
      for (const event of message.events) this.#events.add(event)
      return this.#send(streamId, { type: 'READY' }, {})
    }
    const started = this.#database.clock.now()
    this.#database.takeWarnings() // of a statement that was refused
    const result = this.#execute(message)
    if (result.kind === 'SET_KEYSPACE') this.#keyspace = result.keyspace
    const tracingId = extras.tracing ? this.#trace(message, started) : undefined
    const warnings = [...this.#useWarning(message), ...this.#database.takeWarnings()]
    this.#send(streamId, result, { tracingId, warnings: warnings.length > 0 && this.#version !== 3 ? warnings : undefined })
  }

  /** Said once on each connection. */
  #useWarning(message: RequestMessage): string[] {
    if (this.#warnedOfUse || message.type !== 'EXECUTE') return []
    const warning = this.#database.prepared.useWarning(message.id, this.#keyspace)
    this.#warnedOfUse = warning !== undefined
    return warning === undefined ? [] : [warning]
  }

  #execute(message: Extract<RequestMessage, { type: 'QUERY' | 'PREPARE' | 'EXECUTE' | 'BATCH' }>): ResultMessage {
    const caller = { node: this.#node, keyspace: this.#keyspace, user: this.#user }
    switch (message.type) {
      case 'QUERY':
        return this.#database.query(message.query, message.parameters, caller)
      case 'PREPARE':
        return this.#database.prepare(message.query, message.keyspace ?? this.#keyspace)
      case 'EXECUTE':
        return this.#database.execute(message.id, message.parameters, message.resultMetadataId, caller)
      case 'BATCH':
        return this.#database.batch(message, caller)
    }
  }

  #trace(message: RequestMessage, started: number): string {
    const request: Readonly<Record<string, string>> = { QUERY: 'Execute CQL3 query', PREPARE: 'Preparing CQL3 query', EXECUTE: 'Execute CQL3 prepared query', BATCH: 'Execute batch of CQL3 queries' }
    const parameters = 'query' in message ? { query: message.query } : {}
    return this.#database.trace(request[message.type] ?? message.type, parameters, this.#client, Math.max(1, Math.round((this.#database.clock.now() - started) * 1000)), this.#node)
  }

  #startUp(streamId: number, options: ReadonlyMap<string, string>): void {
    if (this.#state !== 'new') throw new ProtocolError('Unexpected message STARTUP, the connection has been started already')
    const compressor = this.#compressorOf(options.get('COMPRESSION'))
    if (!options.has('CQL_VERSION')) throw new ProtocolError('Missing value CQL_VERSION in STARTUP message')
    const { isEnabled } = this.#database.roles
    this.#state = isEnabled ? 'authenticating' : 'ready'
    this.#send(streamId, isEnabled ? { type: 'AUTHENTICATE', authenticator: AUTHENTICATOR } : { type: 'READY' }, {})
    // This answer is still bare and uncompressed; everything after it is not (v5 section 2.1).
    this.#flush()
    this.#encoder.compressor = compressor
    this.#decoder.compressor = compressor
    if (this.#version !== 5) return
    this.#encoder.startSegments()
    this.#decoder.startSegments()
  }

  #compressorOf(wanted: string | undefined): Compressor | undefined {
    if (wanted === undefined) return undefined
    const name = wanted.toLowerCase()
    if ((name !== 'lz4' && name !== 'snappy') || (name === 'snappy' && this.#version === 5)) throw new ProtocolError(`Unknown compression algorithm: ${wanted}`)
    return this.#options.compressors.get(name) ?? (name === 'lz4' ? lz4 : snappy)
  }

  #authenticate(streamId: number, token: Uint8Array | null): void {
    if (this.#state !== 'authenticating') throw new ProtocolError('Unexpected message AUTH_RESPONSE')
    const [, username = '', password = ''] = token ? utf8Decode(token, 0, token.length).split('\0') : []
    this.#database.roles.logIn(username, password)
    this.#user = username
    this.#state = 'ready'
    this.#send(streamId, { type: 'AUTH_SUCCESS', token: null }, {})
  }
}

/** Error texts quote what they refuse, which may be longer than a [string] can be. */
const MOST_TEXT = 16_000

function answerOf(error: unknown): ErrorMessage {
  if (error instanceof Refusal) return { ...error.answer, message: error.answer.message.slice(0, MOST_TEXT) }
  const text = error instanceof Error ? error.message.slice(0, MOST_TEXT) : String(error)
  return errorMessage(error instanceof ProtocolError ? errorCodes.PROTOCOL_ERROR : errorCodes.SERVER_ERROR, text)
}

