import { ByteReader, ByteWriter } from '../../src/base/index.js'
import { Codecs } from '../../src/codecs/index.js'
import { FrameDecoder, HEADER_LENGTH } from '../../src/protocol/index.js'
import { bytesOf, compressors, typeOf, vectorFiles } from '../support/vectors.js'
import type { FramingVector, MessageVector, ValueVector } from '../support/vectors.js'
import { messageTarget } from './message-target.js'
import { holds, sameBytes } from './target.js'

/** Something that others have written, and what must be so with it. */
export interface Captured {
  readonly name: string
  check(): void
}

const codecs = new Codecs({ timestamp: 'bigint' })
const versions = [3, 4, 5]

/** Bytes of real servers and clients, and of an independent generator: where both sides of the codec are wrong alike, these are not. */
export function captured(): Captured[] {
  const messages = vectorFiles<MessageVector>('vectors').flatMap(({ file, vectors }) => vectors.map(({ bytes }) => ({
    name: `${file} ${bytes.slice(0, 40)}`,
    check: () => {
      const input = bytesOf(bytes)
      input[0] = versions.indexOf(input[0]! & 0x7f)
      messageTarget.run(input)
    },
  })))
  const values = vectorFiles<ValueVector>('values').flatMap(({ file, vectors }) => vectors.map(({ type, bytes }) => ({
    name: `${file} ${type} ${bytes}`,
    check: () => {
      const codec = codecs.of(typeOf(type))
      const given = bytesOf(bytes!)
      const writer = new ByteWriter()
      codec.encode(writer, codec.decode(new ByteReader(given), 0, given.length))
      holds(sameBytes(writer.bytes.subarray(0, given.length), given), 'a value of a real server is read as something else')
    },
  })))
  const streams = [...vectorFiles<FramingVector>('framing'), ...vectorFiles<FramingVector>('streams')].flatMap(({ file, vectors }) => vectors.filter(({ error }) => error === undefined).map(({ name, from = 'server', segmented = true, compression, bytes, envelopes }, i) => ({
    name: `${file} ${name ?? i}`,
    check: () => {
      const decoder = new FrameDecoder({ from, compressor: compressors[compression] })
      if (segmented) decoder.startSegments()
      let count = 0
      decoder.push(bytesOf(bytes), (_, body) => holds(body.remaining === bytesOf(envelopes[count++]!).length - HEADER_LENGTH, 'an envelope of another length'))
      holds(count === envelopes.length, `${count} envelopes instead of ${envelopes.length}`)
    },
  })))
  return [...messages, ...values, ...streams]
}
