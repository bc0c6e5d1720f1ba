import { ClosedError, ConnectionError, CqlError, ProtocolError } from '../base/index.js'
import type { ByteReader, Clock, Timer } from '../base/index.js'
import { decodeAnswer, FrameDecoder, FrameEncoder, opcodes, ServerError, serverErrorOf } from '../protocol/index.js'
import type { Compressor, EnvelopeHeader, EventMessage, ProtocolVersion, RequestMessage, ResponseMessage } from '../protocol/index.js'
import { crc32, defer } from '../transport/index.js'
import type { Transport, TransportHandlers } from '../transport/index.js'
import { noExtensions } from './extensions.js'
import type { ServerExtensions } from './extensions.js'
import type { ConnectionRequest } from './request.js'
import { SimpleRequest } from './simple-request.js'
import { SleepWatch, WAKE_MS } from './sleep-watch.js'
import { describeSocketError } from './socket-error.js'
import { MAX_STREAMS, StreamIds } from './stream-ids.js'

/** Options of one connection. */
export interface ConnectionOptions {
  readonly version: ProtocolVersion
  readonly clock: Clock
  /** Silence after which the peer is asked for a sign of life, in milliseconds; 0 for never. */
  readonly heartbeatMs: number
  /** How long to wait for that sign, in milliseconds. */
  readonly heartbeatTimeoutMs: number
  /** Answers outstanding at most. */
  readonly maxInFlight: number
  /** Requests given up whose stream is still reserved; beyond that many the connection is replaced. */
  readonly maxOrphans: number
  readonly maxFrameLength?: number | undefined
}

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** It can send less than `maxInFlight` again, or has become ready. */
  onCapacity?(connection: Connection): void
  /** Too many answers are overdue: open another one, this one only finishes what it has. */
  onExhausted?(connection: Connection): void
  onEvent?(event: EventMessage): void
  onClose?(connection: Connection, error: CqlError): void
}

type State = 'open' | 'draining' | 'closed'

/** Marks the stream of a request that was given up: its answer is still to come. */
const ORPHAN: unique symbol = Symbol('orphan')

/**
 * One connection to one node: multiplexes requests over streams, gathers their bytes into one write per
 * turn of the event loop, and watches that the peer is alive. It knows nothing of retries or timeouts.
 */
export class Connection implements TransportHandlers {
  /** `host:port` of the peer. */
  readonly address: string
  readonly version: ProtocolVersion
  /** The keyspace that `USE` has chosen; protocol v3 and v4 only. */
  keyspace: string | undefined
  /** What the peer speaks beyond the specification; known once STARTUP has been sent. */
  extensions: ServerExtensions = noExtensions
  listener: ConnectionListener = {}
  readonly #options: ConnectionOptions
  readonly #encoder: FrameEncoder
  readonly #decoder: FrameDecoder
  readonly #streams: (ConnectionRequest | typeof ORPHAN | undefined)[] = []
  readonly #ids = new StreamIds()
  readonly #sink = (header: EnvelopeHeader, body: ByteReader): void => this.#onEnvelope(header, body)
  #transport: Transport | undefined
  #compressor: Compressor | undefined
  #state: State = 'open'
  #active = 0
  #orphans = 0
  #flushNumber = 1
  #flushPlanned = false
  #blocked = false
  #lastRead: number
  #heartbeat: Timer
  #probing = false
  #exhausted = false
  #drained: (() => void) | undefined
  readonly #watch: SleepWatch
  /** Nothing is sent until the peer has shown that it still listens. */
  #waking = false

  constructor(address: string, options: ConnectionOptions) {
    this.address = address
    this.version = options.version
    this.#options = options
    const crc = crc32 === undefined ? {} : { crc32 }
    this.#encoder = new FrameEncoder({ from: 'client', version: options.version, ...crc })
    this.#decoder = new FrameDecoder({ from: 'server', ...crc, ...(options.maxFrameLength !== undefined && { maxFrameLength: options.maxFrameLength }) })
    this.#lastRead = options.clock.now()
    this.#watch = new SleepWatch(options.clock, options.heartbeatMs)
  }

  /** Gives it the stream that was opened for it. */
  attach(transport: Transport): void {
    this.#transport = transport
    if (this.#state === 'closed') transport.destroy()
  }

  /** When bytes came last, in the clock's milliseconds: while an answer is handled, when it came. */
  get lastRead(): number {
    return this.#lastRead
  }

  /** Requests sent and not yet answered or given up. */
  get inFlight(): number {
    return this.#active
  }

  /** Streams reserved for answers that nobody waits for any more. */
  get orphans(): number {
    return this.#orphans
  }

  /** Requests that the node has not answered, whether somebody still waits for them or not. */
  get unanswered(): number {
    return this.#active + this.#orphans
  }

  /** Whether another request may be sent. */
  get available(): boolean {
    return this.#state === 'open' && !this.#exhausted && this.#active < this.#options.maxInFlight && this.unanswered < MAX_STREAMS
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  /** Asks the peer for a sign of life now, as when another node takes it for dead; without one it is closed. */
  probe(): void {
    const { clock, heartbeatMs } = this.#options
    if (this.#state !== 'open' || this.#probing || heartbeatMs <= 0) return
    if (this.#heartbeat !== undefined) clock.cancel(this.#heartbeat)
    this.#askForLife()
  }

  /** Compresses from the answer to STARTUP on: STARTUP itself is never compressed, the answer to it may be. */
  useCompression(compressor: Compressor): void {
    this.#compressor = compressor
    this.#decoder.compressor = compressor
  }

  /** Begins to watch for silence, once the handshake is over. */
  startHeartbeat(): void {
    this.#armHeartbeat(this.#options.heartbeatMs)
  }

  /**
   * Sends a request at the end of this turn of the event loop.
   *
   * @throws CqlError when the request cannot be encoded; nothing is sent then. The caller has checked `available`
   */
  send(request: ConnectionRequest): void {
    if (this.#state !== 'open') throw new ConnectionError(this.address, `The connection to ${this.address} is closed`, 'retryable')
    const id = this.#ids.take()
    if (id === 0) throw new ConnectionError(this.address, `All streams of the connection to ${this.address} are taken`, 'retryable')
    const writer = this.#encoder.begin(request.flags, id, request.opcode)
    try {
      request.encode(writer, this)
    } catch (error) {
      this.#encoder.cancel()
      this.#ids.give(id)
      throw error
    }
    this.#encoder.end()
    request.streamId = id
    request.flushNumber = this.#flushNumber
    this.#streams[id] = request
    this.#active++
    if (!this.#flushPlanned && !this.#blocked) this.#planFlush()
  }

  /** Sends a message and returns the answer as it is decoded by `protocol/`; ERROR answers reject. */
  request(message: RequestMessage): Promise<ResponseMessage> {
    return new Promise((resolve, reject) => {
      try {
        this.send(new SimpleRequest(message, resolve, reject))
      } catch (error) {
        reject(error as Error)
      }
    })
  }

  /** Whether a request sent here may have reached the peer. */
  wasFlushed(request: ConnectionRequest): boolean {
    return request.flushNumber < this.#flushNumber
  }

  /** Forgets a request. Its stream stays reserved until the late answer comes, so that no other request gets it. */
  abandon(request: ConnectionRequest): void {
    if (this.#streams[request.streamId] !== request) return
    const full = this.#active === this.#options.maxInFlight
    this.#streams[request.streamId] = ORPHAN
    this.#active--
    this.#orphans++
    if (this.#orphans > this.#options.maxOrphans && !this.#exhausted) {
      this.#exhausted = true
      this.listener.onExhausted?.(this)
    }
    this.#settleDrain()
    if (full && this.available) this.listener.onCapacity?.(this)
  }

  /** Takes no more requests and closes when those in flight are answered. */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve()
    this.#state = 'draining'
    return new Promise((resolve) => {
      const before = this.#drained
      this.#drained = () => {
        before?.()
        resolve()
      }
      this.#settleDrain()
    })
  }

  /** Closes at once; requests in flight fail with `error`. */
  destroy(error: CqlError = new ClosedError()): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    if (this.#heartbeat !== undefined) this.#options.clock.cancel(this.#heartbeat)
    this.#transport?.destroy()
    for (let id = 1; id < this.#streams.length; id++) {
      const request = this.#streams[id]
      this.#streams[id] = undefined
      if (request === undefined || request === ORPHAN) continue
      this.#active--
      const sent = this.wasFlushed(request)
      // A server that could not read what it was sent names no request: it says nothing about any of these but that the connection is gone.
      const aboutConnection = error instanceof ConnectionError || error instanceof ProtocolError || error instanceof ServerError
      const cause = aboutConnection ? new ConnectionError(this.address, error.message, sent ? 'undetermined' : 'retryable', error.cause ?? error) : error
      request.onFailure(cause, this)
    }
    this.#orphans = 0
    this.#drained?.()
    this.listener.onClose?.(this, error)
  }

  onData(chunk: Uint8Array): void {
    this.#watch.awake((this.#lastRead = this.#options.clock.now()))
    try {
      this.#decoder.push(chunk, this.#sink)
    } catch (error) {
      this.destroy(answerError(error))
    }
  }

  onDrain(): void {
    this.#blocked = false
    if (this.#encoder.size > 0) this.#flush()
  }

  onClose(error: Error | undefined): void {
    const reason = error === undefined ? 'closed by the peer' : describeSocketError(error)
    this.destroy(new ConnectionError(this.address, `The connection to ${this.address} was ${error === undefined ? reason : `lost: ${reason}`}`, 'undetermined', error))
  }

  #planFlush(): void {
    this.#flushPlanned = true
    defer(() => {
      this.#flushPlanned = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#blocked || this.#waking || this.#state === 'closed' || this.#encoder.size === 0) return
    if (this.#watch.slept()) return this.#wake()
    const { bytes, buffer } = this.#encoder.flush()
    this.#flushNumber++
    this.#blocked = !this.#transport!.write(bytes, () => this.#encoder.recycle(buffer))
  }

  /**
   * Sends nothing until it is known that the peer is there: what is written to a stream that the peer has closed, or that a router has forgotten, is lost, and nobody can say
   * whether it was executed. One turn of the event loop tells of the former, a sign of life of the latter.
   */
  #wake(): void {
    const { clock, heartbeatTimeoutMs } = this.#options
    this.#waking = true
    clock.schedule(() => {
      if (this.#state === 'closed') return
      const timer = clock.schedule(() => this.destroy(new ConnectionError(this.address, `${this.address} has not answered since this process slept`, 'undetermined')), Math.min(heartbeatTimeoutMs, WAKE_MS))
      clock.unref(timer)
      const answered = (): void => {
        clock.cancel(timer)
        this.#waking = false
        this.#flush()
      }
      this.#sendAlone(new SimpleRequest({ type: 'OPTIONS' }, answered, answered))
    }, 1)
  }

  /** Sends a request before those that wait to be sent. */
  #sendAlone(request: SimpleRequest): void {
    const id = this.#ids.take()
    if (id === 0) return // no stream is left to ask by: the connection is given up
    const encoder = new FrameEncoder({ from: 'client', version: this.version, ...(crc32 && { crc32 }) })
    encoder.compressor = this.#compressor
    if (this.version >= 5) encoder.startSegments()
    request.encode(encoder.begin(request.flags, id, request.opcode), this)
    encoder.end()
    request.streamId = id
    request.flushNumber = this.#flushNumber - 1
    this.#streams[id] = request
    this.#active++
    this.#transport!.write(encoder.flush().bytes, () => {})
  }

  #onEnvelope(header: EnvelopeHeader, body: ByteReader): void {
    const { streamId } = header
    if (streamId < 0) return streamId === -1 ? this.#onEvent(header, body) : undefined
    const request = this.#streams[streamId]
    if (request === undefined) return this.#onUnasked(header, body)
    if (header.version !== this.version && header.opcode !== opcodes.ERROR) {
      throw new ProtocolError(`A response of version ${header.version} came on a connection of version ${this.version}`)
    }
    this.#streams[streamId] = undefined
    this.#ids.give(streamId)
    if (header.opcode === opcodes.READY || header.opcode === opcodes.AUTHENTICATE) this.#onStarted()
    if (request === ORPHAN) this.#orphans--
    else {
      const full = this.#active === this.#options.maxInFlight
      this.#active--
      try {
        request.onResponse(header, body, this)
      } catch (error) {
        const failure = answerError(error)
        request.onFailure(failure, this) // it is in no table any more: nobody else would tell it
        throw failure
      }
      if (full) this.listener.onCapacity?.(this)
    }
    this.#settleDrain()
  }

  /** Framing and compression begin between this envelope and the next byte, which may be in the same chunk (v5 section 2.1). */
  #onStarted(): void {
    this.#encoder.compressor = this.#compressor
    if (this.version < 5) return
    this.#decoder.startSegments()
    this.#encoder.startSegments()
  }

  #onEvent(header: EnvelopeHeader, body: ByteReader): void {
    const message = decodeAnswer(header, body)
    if (message.type === 'EVENT') this.listener.onEvent?.(message)
  }

  /** Servers name no request when they cannot read one; anything else on a free stream means that answers are mixed up. */
  #onUnasked(header: EnvelopeHeader, body: ByteReader): void {
    if (header.opcode === opcodes.ERROR) {
      const message = decodeAnswer(header, body)
      if (message.type === 'ERROR') throw serverErrorOf(message, this.address)
    }
    throw new ProtocolError(`A response came on stream ${header.streamId}, which no request of this connection uses`)
  }

  #settleDrain(): void {
    // A connection that is being replaced does not wait for answers that nobody wants.
    if (this.#state === 'draining' && this.#active === 0) {
      this.#transport?.close()
      this.destroy(new ClosedError(`The connection to ${this.address} is closed`, 'retryable'))
    }
  }

  #armHeartbeat(ms: number): void {
    const { clock, heartbeatMs } = this.#options
    if (heartbeatMs <= 0 || this.#state === 'closed') return
    this.#heartbeat = clock.schedule(() => this.#beat(), ms)
    clock.unref(this.#heartbeat)
  }

  #beat(): void {
    const { clock, heartbeatMs, heartbeatTimeoutMs } = this.#options
    const silence = clock.now() - this.#lastRead
    // A heartbeat that was missed while this process did not run is nobody's failure.
    if (this.#watch.slept()) {
      if (!this.#waking) this.#wake()
      this.#armHeartbeat(heartbeatMs)
    } else if (this.#probing) {
      if (silence < heartbeatTimeoutMs) return this.#armHeartbeat(heartbeatTimeoutMs - silence)
      this.destroy(new ConnectionError(this.address, `${this.address} has not answered a heartbeat within ${heartbeatTimeoutMs} ms`, 'undetermined'))
    } else if (silence < heartbeatMs) this.#armHeartbeat(heartbeatMs - silence)
    else this.#askForLife()
  }

  #askForLife(): void {
    if (this.#state === 'open') {
      this.#probing = true
      this.request({ type: 'OPTIONS' }).catch(() => {}).finally(() => { this.#probing = false })
    }
    this.#armHeartbeat(this.#options.heartbeatTimeoutMs)
  }
}

/** What an answer that cannot be handled is to those who wait for it. */
function answerError(error: unknown): CqlError {
  return error instanceof CqlError ? error : new ProtocolError(`A response could not be handled: ${error instanceof Error ? error.message : String(error)}`, error)
}
