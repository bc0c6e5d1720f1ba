import { ByteWriter } from '../base/index.js'
import type { Compressor } from './compression/compressor.js'
import { headerFlags } from './constants.js'
import type { ProtocolVersion } from './constants.js'
import { crc32 as plainCrc32 } from './crc.js'
import type { Crc32 } from './crc.js'
import { beginEnvelope, endEnvelope, HEADER_LENGTH } from './envelope.js'
import { writeSegments } from './segment.js'

/** Bodies shorter than this are not compressed in v3 and v4: it would cost more than it saves. */
const COMPRESS_FROM = 256
/** A buffer that grew beyond this for one flush is not kept. */
const KEEP = 1 << 20

/** Options of a {@link FrameEncoder}. */
export interface FrameEncoderOptions {
  /** Which side sends. */
  readonly from: 'client' | 'server'
  readonly version: ProtocolVersion
  /** @default the plain TypeScript one */
  readonly crc32?: Crc32
}

/**
 * Gathers envelopes until they are flushed in one piece: bare, compressed one by one (v3, v4), or
 * packed into as few segments as possible (v5). Bodies are encoded straight into its buffer.
 */
export class FrameEncoder {
  version: ProtocolVersion
  compressor: Compressor | undefined
  readonly #response: boolean
  readonly #crc32: Crc32
  #segmented = false
  #pending = new ByteWriter(16_384)
  #spare: ByteWriter | undefined
  #start = 0

  constructor(options: FrameEncoderOptions) {
    this.#response = options.from === 'server'
    this.version = options.version
    this.#crc32 = options.crc32 ?? plainCrc32
  }

  /** Bytes waiting to be flushed. */
  get size(): number {
    return this.#pending.pos
  }

  /** From the next flush on, envelopes go in v5 segments. Flush what went before it first. */
  startSegments(): void {
    this.#segmented = true
  }

  /** Begins an envelope; its body is written to the returned writer, then {@link end} or {@link cancel} is called. */
  begin(flags: number, streamId: number, opcode: number): ByteWriter {
    this.#start = beginEnvelope(this.#pending, this.version, this.#response, flags, streamId, opcode)
    return this.#pending
  }

  /** Completes the envelope begun last. */
  end(): void {
    const writer = this.#pending
    const { compressor } = this
    if (compressor && !this.#segmented && writer.pos - this.#start - HEADER_LENGTH >= COMPRESS_FROM) this.#compressBody(compressor)
    endEnvelope(writer, this.#start)
  }

  /** Drops the envelope begun last, as if it had never been. */
  cancel(): void {
    this.#pending.pos = this.#start
  }

  #compressBody(compressor: Compressor): void {
    const writer = this.#pending
    const start = this.#start + HEADER_LENGTH
    const length = writer.pos - start
    const compressed = compressor.compress(writer.bytes.subarray(start, writer.pos))
    const prefix = compressor.name === 'lz4' ? 4 : 0
    if (compressed.length + prefix >= length) return
    writer.pos = start
    if (prefix > 0) writer.i32(length)
    writer.raw(compressed)
    writer.bytes[this.#start + 1]! |= headerFlags.compressed
  }

  /**
   * Takes everything gathered, ready for the socket.
   *
   * @returns the bytes, and the buffer to hand back through {@link recycle} once the socket has taken them
   */
  flush(): { readonly bytes: Uint8Array; readonly buffer: ByteWriter } {
    const full = this.#pending
    if (!this.#segmented) {
      this.#pending = this.#take()
      return { bytes: full.written(), buffer: full }
    }
    const segments = this.#take()
    writeSegments(full.bytes, segments, this.compressor, this.#crc32, full.pos)
    full.pos = 0
    if (full.bytes.length > KEEP) this.#pending = new ByteWriter(16_384)
    return { bytes: segments.written(), buffer: segments }
  }

  #take(): ByteWriter {
    const spare = this.#spare
    this.#spare = undefined
    return spare ?? new ByteWriter(16_384)
  }

  /** Gives a flushed buffer back for reuse; nobody may read it any more. */
  recycle(buffer: ByteWriter): void {
    if (buffer.bytes.length > KEEP) return
    buffer.pos = 0
    this.#spare = buffer
  }
}
