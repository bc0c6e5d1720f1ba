import { allocate, ByteReader, nameError, ProtocolError } from '../base/index.js'
import { checkExpansion } from './compression/compressor.js'
import type { Compressor } from './compression/compressor.js'
import { headerFlags } from './constants.js'
import type { ProtocolVersion } from './constants.js'
import { crc32 as plainCrc32, payloadCrc32 } from './crc.js'
import type { Crc32 } from './crc.js'
import { HEADER_LENGTH } from './envelope.js'
import type { EnvelopeHeader } from './envelope.js'
import { MAX_FRAME_LENGTH } from './limits.js'
import type { ProtocolLimits } from './limits.js'
import { MAX_PAYLOAD, readSegmentHeader, segmentHeaderLength } from './segment.js'

/** A peer speaks a version that is not spoken here; a server answers such a client with an ERROR. */
export class UnsupportedVersionError extends ProtocolError {
  /** The version in the header. */
  readonly version: number
  readonly streamId: number
  constructor(version: number, streamId: number) {
    super(`Invalid or unsupported protocol version (${version}); supported versions are (3/v3, 4/v4, 5/v5)`)
    this.version = version
    this.streamId = streamId
  }
  static { nameError(this, 'UnsupportedVersionError') }
}

/** Receives each envelope as it is complete. The body is valid only during the call: it may be overwritten afterwards. */
export type EnvelopeSink = (header: EnvelopeHeader, body: ByteReader) => void

/** Buffers that messages are put together in are kept for the next one up to this size: fresh memory costs more than filling it. */
const KEEP = 1 << 20
const NO_BYTES = new Uint8Array(0)

/** Options of a {@link FrameDecoder}. */
export interface FrameDecoderOptions extends ProtocolLimits {
  /** Which side sent the bytes. */
  readonly from: 'client' | 'server'
  /** Decompresses the bodies of v3 and v4 envelopes that say they are compressed. */
  readonly compressor?: Compressor | undefined
  /** @default the plain TypeScript one */
  readonly crc32?: Crc32
}

/**
 * Turns bytes, cut anywhere, into envelopes. Begins with bare envelopes; in version 5 the connection
 * calls {@link startSegments} when READY or AUTHENTICATE has passed, also from within the sink.
 *
 * @example
 * ```ts
 * import { decodeMessage, FrameDecoder } from 'cqlwire/protocol'
 * const decoder = new FrameDecoder({ from: 'server' })
 * const chunk = Uint8Array.of(0x84, 0, 0, 1, 2, 0, 0, 0, 0) // READY, version 4, stream 1
 * decoder.push(chunk, (header, body) => console.log(header.streamId, decodeMessage(header, body).message.type))
 * ```
 */
export class FrameDecoder {
  readonly #response: boolean
  readonly #maxLength: number
  readonly #crc32: Crc32
  #compressor: Compressor | undefined
  #segmented = false
  /** Bytes of an incomplete header, segment or envelope. */
  #stash: Uint8Array = NO_BYTES
  #stashed = 0
  /** How many bytes the stash needs before it is worth looking at again. */
  #wanted = 0
  /** Slices of a large envelope that came in several segments. */
  #large: Uint8Array = NO_BYTES
  #largeLength = 0
  #failure: ProtocolError | undefined
  readonly #body = new ByteReader(new Uint8Array(0))

  constructor(options: FrameDecoderOptions) {
    this.#response = options.from === 'server'
    this.#maxLength = options.maxFrameLength ?? MAX_FRAME_LENGTH
    this.#crc32 = options.crc32 ?? plainCrc32
    this.#compressor = options.compressor
  }

  /** Uses a compressor from the next envelope or segment on. */
  set compressor(compressor: Compressor | undefined) {
    this.#compressor = compressor
  }

  /** From the next byte on, envelopes come in v5 segments. */
  startSegments(): void {
    this.#segmented = true
  }

  /**
   * Takes the next bytes and hands over every envelope that they complete.
   *
   * @throws ProtocolError when the bytes break the protocol; the decoder is of no use afterwards
   */
  push(chunk: Uint8Array, sink: EnvelopeSink): void {
    if (this.#failure) throw this.#failure
    try {
      this.#push(chunk, sink)
    } catch (error) {
      if (error instanceof ProtocolError) this.#failure = error
      throw error
    }
  }

  #push(chunk: Uint8Array, sink: EnvelopeSink): void {
    let at = 0
    // What was cut is completed from the chunk with no more than it wants; the rest is read in place.
    while (this.#stashed > 0 && at < chunk.length) {
      const take = Math.min(this.#wanted - this.#stashed, chunk.length - at)
      this.#append(chunk, at, take)
      at += take
      if (this.#stashed < this.#wanted) return
      const consumed = this.#read(this.#stash, 0, this.#stashed, sink)
      if (consumed === this.#stashed) this.#stashed = 0
      // Otherwise the length in the header has become known, and #read has set how much is wanted.
    }
    if (at === chunk.length) return
    at = this.#read(chunk, at, chunk.length, sink)
    if (at < chunk.length) this.#append(chunk, at, chunk.length - at)
  }

  /** Grows with what has come, not with what a header promises. */
  #append(chunk: Uint8Array, at: number, length: number): void {
    const needed = this.#stashed + length
    if (this.#stash.length < needed) {
      const grown = allocate(Math.max(needed, Math.min(this.#wanted, this.#stash.length * 2), 64))
      grown.set(this.#stash.subarray(0, this.#stashed))
      this.#stash = grown
    } else if (this.#stashed === 0 && this.#stash.length > KEEP) {
      this.#stash = allocate(Math.max(length, 64)) // a large message has gone: give its memory back
    }
    this.#stash.set(chunk.subarray(at, at + length), this.#stashed)
    this.#stashed = needed
  }

  /** Reads whole units from `at`; returns where the first incomplete one begins. */
  #read(bytes: Uint8Array, at: number, end: number, sink: EnvelopeSink): number {
    let pos = at
    for (;;) {
      const next = this.#segmented ? this.#segment(bytes, pos, end, sink) : this.#envelope(bytes, pos, end, sink)
      if (next === pos) return pos
      pos = next
    }
  }

  #segment(bytes: Uint8Array, at: number, end: number, sink: EnvelopeSink): number {
    const compressor = this.#compressor
    const headerLength = segmentHeaderLength(compressor !== undefined)
    if (end - at < headerLength) return this.#want(headerLength, at)
    const header = readSegmentHeader(bytes, at, compressor !== undefined)
    const start = at + headerLength
    const total = headerLength + header.length + 4
    if (end - at < total) return this.#want(total, at)
    const stop = start + header.length
    const stored = (bytes[stop]! | (bytes[stop + 1]! << 8) | (bytes[stop + 2]! << 16) | (bytes[stop + 3]! << 24)) >>> 0
    if (payloadCrc32(bytes, start, stop, this.#crc32) !== stored) throw new ProtocolError('The CRC32 of a segment does not match: the bytes were damaged on their way')
    if (compressor && header.rawLength > 0) {
      if (header.rawLength > MAX_PAYLOAD) throw new ProtocolError(`A segment of ${header.rawLength} bytes, more than ${MAX_PAYLOAD}`)
      const payload = compressor.decompress(bytes.subarray(start, stop), header.rawLength)
      if (header.selfContained) this.#selfContained(payload, 0, payload.length, sink)
      else this.#slice(payload, sink)
    } else if (header.selfContained) this.#selfContained(bytes, start, stop, sink)
    else this.#slice(bytes.subarray(start, stop), sink)
    return at + total
  }

  /** Its envelopes are read where they are: most segments of a server hold one small answer, for which a view of its own would cost more than reading it. */
  #selfContained(bytes: Uint8Array, start: number, end: number, sink: EnvelopeSink): void {
    if (this.#largeLength > 0) throw new ProtocolError('A self-contained segment came amid the slices of a large message')
    let pos = start
    while (pos < end) {
      const next = this.#envelope(bytes, pos, end, sink)
      if (next === pos) throw new ProtocolError('A self-contained segment ends within a message')
      pos = next
    }
  }

  #slice(payload: Uint8Array, sink: EnvelopeSink): void {
    if (payload.length === 0) throw new ProtocolError('An empty slice of a large message')
    const needed = this.#largeLength + payload.length
    if (needed > this.#maxLength + HEADER_LENGTH + MAX_PAYLOAD) throw tooLong(needed, this.#maxLength)
    if (this.#large.length < needed) {
      const grown = allocate(Math.max(needed, this.#large.length * 2))
      grown.set(this.#large.subarray(0, this.#largeLength))
      this.#large = grown
    }
    this.#large.set(payload, this.#largeLength)
    this.#largeLength = needed
    if (needed < HEADER_LENGTH) return
    const length = lengthAt(this.#large, 0)
    if (length >= 0 && needed > HEADER_LENGTH + length) throw new ProtocolError('The slices of a large message hold more bytes than it has')
    if (this.#envelope(this.#large, 0, needed, sink) === 0) return
    this.#largeLength = 0
    if (this.#large.length > KEEP) this.#large = NO_BYTES // its memory is given back
  }

  #envelope(bytes: Uint8Array, at: number, end: number, sink: EnvelopeSink): number {
    if (end - at < HEADER_LENGTH) return this.#want(HEADER_LENGTH, at)
    const first = bytes[at]!
    const streamId = ((bytes[at + 2]! << 24) >> 16) | bytes[at + 3]!
    const version = first & 0x7f
    const response = (first & 0x80) !== 0
    if (response !== this.#response) {
      throw new ProtocolError(`The first byte 0x${first.toString(16)} is not that of a CQL ${this.#response ? 'response' : 'request'}`)
    }
    if (version < 3 || version > 5) throw new UnsupportedVersionError(version, streamId)
    const length = lengthAt(bytes, at)
    if (length < 0) throw new ProtocolError(`A message of negative length ${length}`)
    if (length > this.#maxLength) throw tooLong(length, this.#maxLength)
    const total = HEADER_LENGTH + length
    if (end - at < total) return this.#want(total, at)
    const flags = bytes[at + 1]!
    const start = at + HEADER_LENGTH
    const body = this.#body.reset(bytes, start, start + length)
    if ((flags & headerFlags.compressed) !== 0 && !this.#segmented) this.#decompress(body)
    sink({ version: version as ProtocolVersion, response: this.#response, flags, streamId, opcode: bytes[at + 4]!, length }, body)
    return at + total
  }

  /** Bodies of v3 and v4: LZ4 has the raw length in front, big-endian; Snappy carries its own. */
  #decompress(body: ByteReader): void {
    const compressor = this.#compressor
    if (!compressor) throw new ProtocolError('A compressed message came although no compression was agreed')
    let most = this.#maxLength
    if (compressor.name === 'lz4') {
      most = body.i32()
      if (most > this.#maxLength) throw tooLong(most, this.#maxLength)
      checkExpansion(body.remaining, most)
    }
    const raw = compressor.decompress(body.bytes.subarray(body.pos, body.end), most)
    body.reset(raw, 0, raw.length)
  }

  #want(total: number, at: number): number {
    this.#wanted = total
    return at
  }
}

/** The length in the header at `at`. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at + 5]! << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!
}

function tooLong(length: number, limit: number): ProtocolError {
  return new ProtocolError(`A message of ${length} bytes exceeds maxFrameLength (${limit})`)
}
