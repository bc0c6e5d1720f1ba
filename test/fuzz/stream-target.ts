import fc from 'fast-check'
import { ByteReader, ByteWriter, CqlError, ProtocolError, SeededRandom } from '../../src/base/index.js'
import { crc32, decodeMessage, encodeMessage, FrameDecoder, FrameEncoder, encodeBody, lz4, opcodes, snappy, writeSegment } from '../../src/protocol/index.js'
import type { Compressor, ProtocolVersion } from '../../src/protocol/index.js'
import { any } from '../support/arbitraries.js'
import { holds, sameBytes } from './target.js'
import type { Target } from './target.js'

const MAX_FRAME = 65_536
const compressors: readonly (Compressor | undefined)[] = [undefined, lz4, snappy, undefined]
/** Flags of a part of the input. */
const Part = { selfContained: 1, damaged: 2, bare: 4 } as const

/** How a connection is set up: which side sent the bytes, and what was agreed. */
function setupOf(byte: number): { from: 'client' | 'server'; segmented: boolean; compressor: Compressor | undefined } {
  return { from: byte & 1 ? 'server' : 'client', segmented: (byte & 2) !== 0, compressor: compressors[(byte >> 2) & 3] }
}

/**
 * The bytes of a connection: in version 5 the input is a list of parts, each with a byte of `Part` flags and its length in front, so that
 * checksums are right unless they are meant to be wrong. Without that nothing changed would come past them.
 */
function wireBytes(input: Uint8Array): Uint8Array {
  const { segmented, compressor } = setupOf(input[0]!)
  if (!segmented) return input.subarray(2)
  const target = new ByteWriter(4096)
  for (let at = 2; at + 3 <= input.length;) {
    const flags = input[at]!
    const length = Math.min((input[at + 1]! << 8) | input[at + 2]!, input.length - at - 3)
    const start = at + 3
    at = start + length
    const payload = input.subarray(start, at)
    const begin = target.pos
    if (flags & Part.bare) target.raw(payload)
    else writeSegment(payload, (flags & Part.selfContained) !== 0, target, compressor, crc32)
    if (flags & Part.damaged && target.pos > begin) target.bytes[begin + (length % (target.pos - begin))]! ^= 0x10
  }
  return target.written()
}

interface Seen {
  readonly envelopes: { readonly opcode: number; readonly streamId: number; readonly flags: number; readonly body: Uint8Array }[]
  readonly error: string | undefined
}

function receive(input: Uint8Array, chunks: readonly Uint8Array[]): Seen {
  const { from, segmented, compressor } = setupOf(input[0]!)
  const decoder = new FrameDecoder({ from, compressor, maxFrameLength: MAX_FRAME })
  if (segmented) decoder.startSegments()
  const envelopes: Seen['envelopes'] = []
  try {
    for (const chunk of chunks) {
      const own = chunk.slice()
      decoder.push(own, (header, body) => {
        holds(body.remaining <= MAX_FRAME, `a body of ${body.remaining} bytes, more than the limit`)
        envelopes.push({ opcode: header.opcode, streamId: header.streamId, flags: header.flags, body: body.bytes.slice(body.pos, body.end) })
      })
      own.fill(0xaa) // as the next read of the socket overwrites it
    }
    return { envelopes, error: undefined }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { envelopes, error: error.message }
  }
}

/**
 * What a socket brings. However it is cut into chunks, the same envelopes come out, and the same error at the same place; no body is
 * longer than the limit. The second byte of the input is the seed of the cuts.
 */
export const streamTarget: Target = {
  name: 'stream',
  keep: 1,
  seeds: (seed) => [3, 4, 5].flatMap((v, n) => {
    const version = v as ProtocolVersion
    return fc.sample(fc.tuple(fc.array(any.message(version), { minLength: 1, maxLength: 4 }), fc.nat(255), fc.nat(255)), { seed: seed + n, numRuns: 150 }).map(([messages, setup, cuts]) => {
      const first = new ByteWriter()
      encodeMessage(first, messages[0]!, version, 1)
      const from = first.bytes[0]! >= 0x80 ? 1 : 0
      const chosen = (setup & 0x0c) | from | (version === 5 ? 2 : 0)
      const { compressor } = setupOf(chosen)
      const target = new ByteWriter()
      target.u8(chosen)
      target.u8(cuts)
      messages.forEach((message, i) => {
        if (version < 5) {
          const encoder = new FrameEncoder({ from: from === 1 ? 'server' : 'client', version })
          encoder.compressor = compressor
          encodeBody(encoder.begin(0, i, opcodes[message.type]), message, version)
          encoder.end()
          return target.raw(encoder.flush().bytes)
        }
        const envelope = new ByteWriter()
        encodeMessage(envelope, message, 5, i)
        const cut = cuts % 3 === 0 ? 1 + (cuts % Math.max(1, envelope.pos - 1)) : envelope.pos
        for (let start = 0; start < envelope.pos; start += cut) {
          const part = envelope.bytes.subarray(start, Math.min(envelope.pos, start + cut))
          target.u8(cuts % 3 === 0 ? 0 : Part.selfContained)
          target.u16(part.length)
          target.raw(part)
        }
      })
      return target.toBytes()
    })
  }),
  run(input) {
    if (input.length < 3) return 0
    const bytes = wireBytes(input)
    const whole = receive(input, [bytes])
    const random = new SeededRandom(input[1]!)
    const chunks: Uint8Array[] = []
    for (let at = 0; at < bytes.length;) {
      const size = input[1]! % 16 === 0 ? 1 : random.between(1, 40)
      chunks.push(bytes.subarray(at, at + size))
      at += size
    }
    const cut = receive(input, chunks)
    holds(cut.error === whole.error, `in one piece: ${whole.error ?? 'no error'}; cut: ${cut.error ?? 'no error'}`)
    holds(cut.envelopes.length === whole.envelopes.length, `${whole.envelopes.length} messages in one piece, ${cut.envelopes.length} when cut`)
    let reached = 0
    whole.envelopes.forEach((envelope, i) => {
      const other = cut.envelopes[i]!
      holds(envelope.opcode === other.opcode && envelope.streamId === other.streamId && envelope.flags === other.flags && sameBytes(envelope.body, other.body), `message ${i} is another when cut`)
      try {
        decodeMessage({ version: 5, response: input[0]! % 2 === 1, flags: envelope.flags, streamId: 0, opcode: envelope.opcode, length: envelope.body.length }, new ByteReader(envelope.body))
      } catch (error) {
        if (!(error instanceof CqlError)) throw error
      }
      reached = 1
    })
    return reached
  },
}
