import fc from 'fast-check'
import { ByteReader, ByteWriter, ProtocolError } from '../../src/base/index.js'
import { decodeMessage, encodeMessage, HEADER_LENGTH, headerFlags, opcodes } from '../../src/protocol/index.js'
import type { EnvelopeHeader, Message, MessageExtras, ProtocolVersion } from '../../src/protocol/index.js'
import { isResponse } from '../../src/protocol/message.js'
import { any } from '../support/arbitraries.js'
import { holds, sameBytes } from './target.js'
import type { Target } from './target.js'

const versions = [3, 4, 5] as const
const writer = new ByteWriter(8192)
const padded = new Uint8Array(16_384)

function encode(message: Message, version: ProtocolVersion, extras: MessageExtras): Uint8Array {
  writer.pos = 0
  encodeMessage(writer, message, version, 7, extras)
  return writer.bytes.slice(0, writer.pos)
}

const requests: ReadonlySet<number> = new Set(Object.entries(opcodes).flatMap(([name, opcode]) => (isResponse(name) ? [] : [opcode])))

/** The header of an input: whatever its first bytes are, it is one of a version that is spoken, of the side that sends such messages, and of as many bytes as there are. */
function headerOf(input: Uint8Array): EnvelopeHeader {
  const version = versions[input[0]! % 3]!
  return { version, response: !requests.has(input[4]!), flags: input[1]! & ~headerFlags.compressed, streamId: 1, opcode: input[4]!, length: input.length - HEADER_LENGTH }
}

/**
 * The body of one message with what accompanies it. What can be read can be written; what was written is read again as the same
 * bytes; it can be cut nowhere, and bytes behind it do not matter.
 */
export const messageTarget: Target = {
  name: 'message',
  keep: 0,
  seeds: (seed) => versions.flatMap((version) =>
    fc.sample(fc.tuple(any.message(version), any.extras(version, 'client'), any.extras(version, 'server')), { seed, numRuns: 400 }).map(([message, asked, answered]) => {
      const plain = encode(message, version, {})
      const bytes = encode(message, version, plain[0]! >= 0x80 ? answered : asked)
      bytes[0] = versions.indexOf(version)
      return bytes
    })),
  run(input) {
    if (input.length < HEADER_LENGTH) return 0
    const header = headerOf(input)
    const { version } = header
    const reader = new ByteReader(input, HEADER_LENGTH)
    let decoded
    try {
      decoded = decodeMessage(header, reader)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return 1
    }
    const { message, extras } = decoded
    holds(reader.pos <= reader.end, 'read beyond the end')
    const once = encode(message, version, extras)
    const again: EnvelopeHeader = { ...header, response: once[0]! >= 0x80, flags: once[1]!, length: once.length - HEADER_LENGTH }
    const cut = HEADER_LENGTH + (input[2]! * 256 + input[3]!) % Math.max(1, again.length)
    const exact = new ByteReader(once, HEADER_LENGTH)
    const second = decodeMessage(again, exact)
    holds(exact.remaining === 0, `${exact.remaining} bytes are left of what was written`)
    holds(sameBytes(encode(second.message, version, second.extras), once), 'what was written is read as something else')
    if (again.length > 0) {
      let read
      try {
        read = decodeMessage({ ...again, length: cut - HEADER_LENGTH }, new ByteReader(once, HEADER_LENGTH, cut))
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
      }
      holds(read === undefined, `a message of ${again.length} bytes can be read from ${cut - HEADER_LENGTH}`)
    }
    padded.set(once)
    padded.fill(input[2]!, once.length, once.length + 5)
    const longer = new ByteReader(padded, HEADER_LENGTH, once.length + 5)
    const third = decodeMessage(again, longer)
    holds(longer.pos === once.length && sameBytes(encode(third.message, version, third.extras), once), 'bytes behind a message change it')
    return 1
  },
}
