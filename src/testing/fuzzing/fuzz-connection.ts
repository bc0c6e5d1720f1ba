import { ByteWriter, toHex } from '../../base/index.js'
import { crc32, decodeMessage, encodeMessage, errorCodes, FrameDecoder, opcodes, UnsupportedVersionError, writeSegment } from '../../protocol/index.js'
import type { EnvelopeHeader, Message, ProtocolVersion } from '../../protocol/index.js'
import { connect } from '../../transport/index.js'
import type { Transport, TransportHandlers } from '../../transport/index.js'

const CONNECT_MS = 5000
const MOST_KEPT = 65_536
const errorNames = new Map(Object.entries(errorCodes).map(([name, code]) => [code as number, name]))

/** An answer in a word or two. */
export function answerName(message: Message): string {
  if (message.type === 'ERROR') return `ERROR ${errorNames.get(message.code) ?? `0x${message.code.toString(16)}`}`
  return message.type === 'RESULT' ? `RESULT ${message.kind}` : message.type
}

/** One connection to a server that is fuzzed: writes any bytes, reads answers, and notes where they break the protocol. */
export class FuzzConnection implements TransportHandlers {
  readonly version: ProtocolVersion
  readonly answers: Message[] = []
  /** What the server did that the protocol does not allow. */
  readonly violations: string[] = []
  readonly #writes: string[] = []
  readonly #read: Uint8Array[] = []
  readonly #decoder = new FrameDecoder({ from: 'server' })
  /** Stream ids that answers may have, and how many answers are missing on each. */
  readonly #expected = new Map<number, number>()
  #transport!: Transport
  #segmented = false
  #kept = 0
  #closed = false
  #notify: () => void = () => {}

  private constructor(version: ProtocolVersion) {
    this.version = version
  }

  /** @throws whatever the platform says when nobody listens */
  static async open(host: string, port: number, version: ProtocolVersion): Promise<FuzzConnection> {
    const connection = new FuzzConnection(version)
    connection.#transport = await connect({ host, port, signal: AbortSignal.timeout(CONNECT_MS) }, connection)
    return connection
  }

  get closed(): boolean {
    return this.#closed
  }

  get writes(): readonly string[] {
    return this.#writes
  }

  get received(): string {
    return this.#read.map(toHex).join('')
  }

  /** At most 131,071 bytes, right or wrong, as this connection carries them: bare, or in a segment once those have begun. */
  framed(bytes: Uint8Array): Uint8Array {
    if (!this.#segmented) return bytes
    const writer = new ByteWriter()
    writeSegment(bytes, true, writer, undefined, crc32)
    return writer.toBytes()
  }

  /** Writes a message as it should be. */
  send(message: Message, streamId: number): void {
    const writer = new ByteWriter()
    encodeMessage(writer, message, this.version, streamId)
    this.expect(streamId)
    this.write(this.framed(writer.toBytes()))
  }

  /** Writes any bytes. */
  write(bytes: Uint8Array): void {
    if (this.#closed) return
    this.#writes.push(toHex(bytes))
    this.#transport.write(bytes, () => {})
  }

  /** An answer on this stream id is due. */
  expect(streamId: number): void {
    this.#expected.set(streamId, (this.#expected.get(streamId) ?? 0) + 1)
  }

  /** From now on any stream id may come: what was sent may have been understood as something else. */
  allowAnyStream = false

  /** How many answers are still due. */
  get due(): number {
    return [...this.#expected.values()].reduce((sum, count) => sum + Math.max(0, count), 0)
  }

  /** Waits until all answers that are due have come, or the connection has ended. @returns false when neither happens in time */
  async settled(ms: number): Promise<boolean> {
    const until = performance.now() + ms
    while (this.due > 0 && !this.#closed) {
      const left = until - performance.now()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#notify = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return true
  }

  destroy(): void {
    this.#transport.destroy()
  }

  onData(chunk: Uint8Array): void {
    if (this.#kept < MOST_KEPT) this.#read.push(chunk.slice())
    this.#kept += chunk.length
    if (this.violations.length === 0) {
      try {
        this.#decoder.push(chunk, (header, body) => this.#answer(header, decodeMessage(header, body).message))
      } catch (error) {
        // Whoever is addressed in a version of long ago may answer in it.
        if (!(this.allowAnyStream && error instanceof UnsupportedVersionError && error.version < 3)) this.violations.push(`An answer cannot be read: ${(error as Error).message}`)
      }
    }
    this.#notify()
  }

  #answer(header: EnvelopeHeader, message: Message): void {
    this.answers.push(message)
    if (header.version === 5 && !this.#segmented && (header.opcode === opcodes.READY || header.opcode === opcodes.AUTHENTICATE)) {
      this.#segmented = true
      this.#decoder.startSegments()
    }
    if (message.type === 'EVENT') {
      if (header.streamId !== -1) this.violations.push(`An event came on stream ${header.streamId}`)
      return
    }
    const due = this.#expected.get(header.streamId)
    if (due !== undefined) this.#expected.set(header.streamId, due - 1)
    // A frame that cannot be understood is answered on stream 0, whatever its own was.
    else if (message.type === 'ERROR' && header.streamId === 0) this.#settleAny()
    else if (!this.allowAnyStream) this.violations.push(`${answerName(message)} came on stream ${header.streamId}, on which nothing was asked`)
  }

  #settleAny(): void {
    for (const [streamId, count] of this.#expected) {
      if (count > 0) return void this.#expected.set(streamId, count - 1)
    }
  }

  onDrain(): void {}

  onClose(): void {
    this.#closed = true
    this.#notify()
  }
}
