import { ByteReader, copyBytes, systemClock, toHex } from '../base/index.js'
import type { SeededRandom } from '../base/index.js'
import {
  checkedCompressor, decodeMessage, encodeBody, errorCodes, errorMessage, flagsOf, FrameDecoder, FrameEncoder, headerFlags, lz4, opcodes, readExtras, readLongString, readShortBytes, snappy, UnsupportedVersionError,
  writeExtras,
} from '../protocol/index.js'
import type { EnvelopeHeader, MessageExtras, OpcodeName, ResponseMessage } from '../protocol/index.js'
import { connect, defer, loadNativeCompressor } from '../transport/index.js'
import type { Transport, TransportHandlers } from '../transport/index.js'
import { responseOf } from '../server/index.js'
import type { FaultRule, FaultRules, SeenRequest } from '../server/index.js'

/** Changes a response on its way, or returns it as it is. */
export type Rewrite = (response: ResponseMessage, extras: MessageExtras, request: SeenRequest | undefined, link: { readonly remotePort: number }) => { readonly response: ResponseMessage; readonly extras: MessageExtras } | undefined

/**
 * Changes the body of a response on its way, with what accompanies it.
 *
 * @param place which connection it is, and which answer on it, both from 1
 */
export type RewriteBody = (body: Uint8Array, opcode: OpcodeName, place: { readonly connection: number; readonly answer: number }) => Uint8Array

/** What links share with their proxy. */
export interface LinkOwner {
  readonly rules: FaultRules
  readonly random: SeededRandom
  /** Answers that wait for others to be shuffled with. */
  readonly reorder: number
  readonly bytesPerSecond: number
  /** Chance that a bit of a write is turned. */
  readonly corruption: number
  readonly rewrite: Rewrite | undefined
  readonly rewriteBody: RewriteBody | undefined
  readonly onViolation: ((explanation: string) => void) | undefined
  /** Texts of prepared statements by the hexadecimal form of their ids. */
  readonly statements: Map<string, string>
  onRequest(request: SeenRequest): void
  onEnd(link: ProxyLink): void
}

interface Pending {
  readonly request: SeenRequest
  readonly rule: FaultRule | undefined
}

/** How long answers wait for others to be shuffled with, in milliseconds. */
const REORDER_MS = 5
const names = new Map(Object.entries(opcodes).map(([name, code]) => [code as number, name as OpcodeName]))

/** One direction of a link: bytes come in, envelopes go out on the other side. */
class Side implements TransportHandlers {
  readonly encoder: FrameEncoder
  readonly decoder: FrameDecoder
  transport: Transport | undefined
  onEnvelope!: (header: EnvelopeHeader, body: ByteReader) => void
  onEnd!: () => void
  /** Says whether it has dealt with bytes that cannot be read, so that the link may end by itself. */
  onBroken: ((error: unknown) => boolean) | undefined
  readonly #owner: LinkOwner
  #frozen = false
  #kept: Uint8Array[] = []
  #planned = false
  #freeAt = 0
  #segmented = false

  /** @param peer which side of the protocol is at the other end */
  constructor(owner: LinkOwner, peer: 'client' | 'server') {
    this.#owner = owner
    this.decoder = new FrameDecoder({ from: peer })
    this.encoder = new FrameEncoder({ from: peer === 'client' ? 'server' : 'client', version: 4 })
  }

  set frozen(frozen: boolean) {
    this.#frozen = frozen
    if (frozen) return
    for (const chunk of this.#kept.splice(0)) this.onData(chunk)
    this.flush()
  }

  /** From here on both directions come in segments. */
  startSegments(): void {
    this.#segmented = true
    this.encoder.startSegments()
    this.decoder.startSegments()
  }

  onData(chunk: Uint8Array): void {
    if (this.#frozen) {
      this.#kept.push(copyBytes(chunk, 0, chunk.length))
      return
    }
    try {
      this.decoder.push(chunk, this.onEnvelope)
    } catch (error) {
      if (this.onBroken?.(error) !== true) this.onEnd() // what breaks the protocol is not passed on
    }
  }

  onDrain(): void {}

  onClose(): void {
    this.onEnd()
  }

  /** Sends what the encoder holds once this turn is over. */
  flushSoon(): void {
    if (this.#planned) return
    this.#planned = true
    defer(() => {
      this.#planned = false
      this.flush()
    })
  }

  flush(): void {
    if (this.encoder.size === 0 || !this.transport || this.#frozen) return
    const { bytes, buffer } = this.encoder.flush()
    const { bytesPerSecond, corruption, random } = this.#owner
    if (corruption > 0 && this.#segmented && random.next() < corruption) bytes[random.between(0, bytes.length - 1)]! ^= 1 << random.between(0, 7)
    const send = (): void => void this.transport?.write(bytes, () => this.encoder.recycle(buffer))
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return send()
    const now = systemClock.now()
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes.length * 1000) / bytesPerSecond
    systemClock.schedule(send, this.#freeAt - now)
  }
}

/** One client's connection through the proxy: envelopes are taken apart and put together again on both sides. */
export class ProxyLink {
  readonly remotePort: number
  readonly #owner: LinkOwner
  readonly #client: Side
  readonly #server: Side
  readonly #pending = new Map<number, Pending>()
  #shuffled: (() => void)[] = []
  #early: (() => void)[] | undefined = []
  #ended = false
  readonly #number: number
  #answers = 0

  /** @param number of the connection, from 1 */
  constructor(owner: LinkOwner, client: Transport, remotePort: number, number: number) {
    this.remotePort = remotePort
    this.#owner = owner
    this.#number = number
    this.#client = new Side(owner, 'client')
    this.#server = new Side(owner, 'server')
    this.#client.transport = client
    this.#client.onEnvelope = (header, body) => this.#onRequest(header, body)
    this.#server.onEnvelope = (header, body) => this.#onResponse(header, body)
    this.#client.onBroken = (error) => {
      if (error instanceof UnsupportedVersionError) return this.#refuseVersion(error)
      owner.onViolation?.(`A client's bytes cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
    this.#client.onEnd = this.#server.onEnd = () => this.cut()
  }

  /** What the client's bytes are given to. */
  get handlers(): TransportHandlers {
    return this.#client
  }

  async open(address: string, port: number): Promise<void> {
    try {
      const transport = await connect({ host: address, port, signal: AbortSignal.timeout(5000) }, this.#server)
      this.#server.transport = transport
      if (this.#ended) return transport.destroy()
      for (const send of this.#early!.splice(0)) send()
      this.#early = undefined
      this.#server.flush()
    } catch {
      this.cut()
    }
  }

  set frozen(frozen: boolean) {
    this.#client.frozen = this.#server.frozen = frozen
  }

  /** Breaks both connections. */
  cut(): void {
    if (this.#ended) return
    this.#ended = true
    this.#client.transport?.destroy()
    this.#server.transport?.destroy()
    this.#owner.onEnd(this)
  }

  #onRequest(header: EnvelopeHeader, body: ByteReader): void {
    const { encoder } = this.#server
    encoder.version = this.#client.encoder.version = header.version
    const bytes = copyBytes(body.bytes, body.pos, body.end)
    const request: SeenRequest = { opcode: names.get(header.opcode) ?? 'ERROR', statement: this.#statementOf(header, body), streamId: header.streamId }
    this.#owner.onRequest(request)
    if (this.#pending.has(header.streamId)) this.#owner.onViolation?.(`A client used stream ${header.streamId} again for ${request.opcode} before its answer had come`)
    const rule = this.#owner.rules.match(request)
    if (rule?.cut === 'request') return this.cut()
    if (rule?.drop === 'request') return
    if (rule?.respond !== undefined) return this.#later(rule.delayMs, () => this.#respond(header.streamId, responseOf(rule.respond!, request)))
    this.#pending.set(header.streamId, { request, rule })
    const send = (): void => {
      encoder.begin(header.flags & ~headerFlags.compressed, header.streamId, header.opcode).raw(bytes)
      encoder.end()
      this.#server.flushSoon()
    }
    if (request.opcode === 'STARTUP') return void this.#useCompression(header, bytes).then(send)
    if (this.#early) this.#early.push(send)
    else send()
  }

  /** As a server does, so that the client tries another one. */
  #refuseVersion(error: UnsupportedVersionError): boolean {
    this.#client.encoder.version = 5
    this.#respond(error.streamId, errorMessage(errorCodes.PROTOCOL_ERROR, error.message))
    this.#client.flush()
    this.#client.transport?.close()
    return true
  }

  async #useCompression(header: EnvelopeHeader, bytes: Uint8Array): Promise<void> {
    const { message } = decodeMessage(header, new ByteReader(bytes))
    const name = message.type === 'STARTUP' ? message.options.get('COMPRESSION') : undefined
    if (name !== 'lz4' && name !== 'snappy') return
    const native = await loadNativeCompressor(name)
    const compressor = native ? checkedCompressor(name, native) : name === 'lz4' ? lz4 : snappy
    for (const side of [this.#client, this.#server]) side.decoder.compressor = compressor
    this.#afterReady = () => {
      for (const side of [this.#client, this.#server]) side.encoder.compressor = compressor
    }
  }

  #afterReady: () => void = () => {}

  #statementOf(header: EnvelopeHeader, body: ByteReader): string {
    switch (header.opcode) {
      case opcodes.QUERY:
      case opcodes.PREPARE:
        readExtras(header, body)
        return readLongString(body)
      case opcodes.EXECUTE:
        readExtras(header, body)
        return this.#owner.statements.get(toHex(readShortBytes(body))) ?? ''
      case opcodes.BATCH: {
        const { message } = decodeMessage(header, body)
        return message.type === 'BATCH' ? message.statements.map((statement) => (statement.query ?? this.#owner.statements.get(toHex(statement.id!)) ?? '')).join('; ') : ''
      }
      default:
        return ''
    }
  }

  #onResponse(header: EnvelopeHeader, body: ByteReader): void {
    const pending = this.#pending.get(header.streamId)
    this.#pending.delete(header.streamId)
    const bytes = copyBytes(body.bytes, body.pos, body.end)
    if (header.opcode === opcodes.READY || header.opcode === opcodes.AUTHENTICATE) return this.#onReady(header, bytes)
    if (pending?.request.opcode === 'PREPARE' && header.opcode === opcodes.RESULT) this.#learn(header, bytes, pending.request.statement)
    if (pending?.rule?.cut === 'response') return this.cut()
    if (pending?.rule?.drop === 'response') return
    this.#later(pending?.rule?.delayMs, () => this.#shuffle(() => this.#forward(header, bytes, pending?.request)))
  }

  /** From the answer to STARTUP on, version 5 packs envelopes into segments. */
  #onReady(header: EnvelopeHeader, bytes: Uint8Array): void {
    this.#forward(header, bytes, undefined)
    this.#client.flush()
    this.#afterReady()
    if (header.version < 5) return
    for (const side of [this.#client, this.#server]) side.startSegments()
  }

  #learn(header: EnvelopeHeader, bytes: Uint8Array, statement: string): void {
    const { message } = decodeMessage(header, new ByteReader(bytes))
    if (message.type === 'RESULT' && message.kind === 'PREPARED') this.#owner.statements.set(toHex(message.id), statement)
  }

  #forward(header: EnvelopeHeader, bytes: Uint8Array, request: SeenRequest | undefined): void {
    const { rewrite } = this.#owner
    if (rewrite) {
      const { message, extras } = decodeMessage(header, new ByteReader(bytes))
      const changed = rewrite(message as ResponseMessage, extras, request, this)
      if (changed) return this.#respond(header.streamId, changed.response, changed.extras)
    }
    const { rewriteBody } = this.#owner
    if (rewriteBody) bytes = rewriteBody(bytes, names.get(header.opcode) ?? 'ERROR', { connection: this.#number, answer: ++this.#answers })
    const { encoder } = this.#client
    encoder.version = header.version // a server that refuses a version answers in one of its own
    encoder.begin(header.flags & ~headerFlags.compressed, header.streamId, header.opcode).raw(bytes)
    encoder.end()
    this.#client.flushSoon()
  }

  #respond(streamId: number, response: ResponseMessage, extras: MessageExtras = {}): void {
    const { encoder } = this.#client
    const writer = encoder.begin(flagsOf(extras), streamId, opcodes[response.type])
    writeExtras(writer, extras)
    encodeBody(writer, response, encoder.version)
    encoder.end()
    this.#client.flushSoon()
  }

  #later(ms: number | undefined, action: () => void): void {
    if (ms === undefined) return action()
    systemClock.schedule(() => {
      if (!this.#ended) action()
    }, ms)
  }

  /** Gathers answers and lets them go in another order. */
  #shuffle(action: () => void): void {
    const { reorder } = this.#owner
    if (reorder <= 1) return action()
    this.#shuffled.push(action)
    if (this.#shuffled.length === 1) systemClock.schedule(() => this.#release(), REORDER_MS)
    if (this.#shuffled.length >= reorder) this.#release()
  }

  #release(): void {
    const held = this.#shuffled.splice(0)
    while (held.length > 0) held.splice(this.#owner.random.between(0, held.length - 1), 1)[0]!()
  }
}
