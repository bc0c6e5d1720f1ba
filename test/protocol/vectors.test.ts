// Bytes that others have written: from the specification, recorded from real servers and clients, and framing from a generator of its own.
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, ProtocolError } from '../../src/base/index.js'
import { Codecs } from '../../src/codecs/index.js'
import type { CqlType, Decimal } from '../../src/codecs/index.js'
import { decodeMessage, encodeMessage, FrameDecoder, HEADER_LENGTH } from '../../src/protocol/index.js'
import type { Message, MessageExtras } from '../../src/protocol/index.js'
import { bytesOf, compressors, envelopeOf, fromVectorJson, headerOf, hexOf, toVectorJson, typeOf, vectorFiles } from '../support/vectors.js'
import type { FramingVector, MessageVector, ValueVector } from '../support/vectors.js'

describe.each(vectorFiles<MessageVector>('vectors'))('messages of $file', ({ vectors }) => {
  test('say what they are said to say, and are written as the same bytes', () => {
    expect(vectors.length).toBeGreaterThan(30)
    for (const { name, bytes, message, extras = {} } of vectors) {
      const envelope = bytesOf(bytes)
      const header = headerOf(envelope)
      const body = new ByteReader(envelope, HEADER_LENGTH)
      const decoded = decodeMessage(header, body)
      expect(body.remaining, name ?? bytes).toBe(0)
      expect({ message: toVectorJson(decoded.message), extras: toVectorJson(decoded.extras) }, name ?? bytes).toEqual({ message, extras })
      const writer = new ByteWriter()
      encodeMessage(writer, fromVectorJson(message) as Message, header.version, header.streamId, fromVectorJson(extras) as MessageExtras)
      expect(hexOf(writer.toBytes()), name ?? bytes).toBe(hexOf(envelope))
    }
  })
})

/** An address with all its groups. */
function eightGroups(address: string): string {
  const [left, right] = address.split('::').map((part) => part.split(':').filter((group) => group !== '')) as [string[], string[]]
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right].join(':')
}

/** A value as the server's toJson writes it, numbers as they are. */
function serverJson(type: CqlType, value: unknown): unknown {
  if (value === null) return null
  const items = (element: CqlType): unknown[] => [...(value as Iterable<unknown>)].map((item) => serverJson(element, item))
  switch (type.kind) {
    case 'float': case 'double': return Number.isFinite(value) ? value : null
    case 'bigint': case 'varint': return Number(value)
    case 'decimal': return (value as Decimal).toNumber()
    case 'blob': return `0x${hexOf(value as Uint8Array)}`
    case 'timestamp': return new Date(Number(value)).toISOString().replace('T', ' ')
    case 'list': case 'set': case 'vector': return items(type.element)
    case 'map': return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), serverJson(type.value, item)]))
    case 'tuple': return (value as unknown[]).map((item, i) => serverJson(type.elements[i]!, item))
    case 'udt': return Object.fromEntries(type.fields.map((field) => [field.name, serverJson(field.type, (value as Record<string, unknown>)[field.name])]))
    case 'duration': return String(value) === '0s' ? '' : String(value)
    case 'time': return String(value).padEnd(9, '.').padEnd(18, '0') // all digits, also zeros
    case 'inet': return (value as string).includes('::') ? eightGroups(value as string) : value
    case 'int': case 'smallint': case 'tinyint': case 'boolean': return value
    default: return String(value)
  }
}

describe.each(vectorFiles<ValueVector>('values'))('values of $file', ({ vectors }) => {
  const codecs = new Codecs({ timestamp: 'bigint' })
  test('are read as what the server says they are, and written as the same bytes', () => {
    expect(vectors.length).toBeGreaterThan(50)
    for (const { type: text, bytes, json } of vectors) {
      const type = typeOf(text)
      const codec = codecs.of(type)
      const given = bytesOf(bytes!)
      const value = codec.decode(new ByteReader(given), 0, given.length)
      const writer = new ByteWriter()
      codec.encode(writer, value)
      // A tuple may come with fewer elements than its type has; those that are missing are null, and written so.
      expect(hexOf(writer.toBytes()).slice(0, hexOf(given).length), `${text} ${bytes}`).toBe(hexOf(given))
      const said = serverJson(type, value)
      if (json === null) continue
      const meant: unknown = JSON.parse(json)
      expect(said, `${text} ${bytes}`).toEqual(text === 'float' && meant !== null ? Math.fround(meant as number) : meant)
    }
  })
})

describe.each([...vectorFiles<FramingVector>('framing'), ...vectorFiles<FramingVector>('streams')])('connections of $file', ({ vectors }) => {
  test.each(vectors.map((vector, i) => ({ ...vector, name: vector.name ?? `${vector.from} ${i} (${vector.compression})` })))('$name', ({ from = 'server', compression, segmented = true, maxFrameLength, bytes, envelopes, error }) => {
    const given = bytesOf(bytes)
    for (const size of [given.length, 1, 7, 1000]) {
      const decoder = new FrameDecoder({ from, compressor: compressors[compression], ...(maxFrameLength !== undefined && { maxFrameLength }) })
      if (segmented) decoder.startSegments()
      const seen: string[] = []
      const push = (): void => {
        for (let at = 0; at < given.length; at += size) {
          decoder.push(given.subarray(at, at + size), (header, body) => seen.push(hexOf(envelopeOf(header, header.flags, body))))
        }
      }
      if (error === undefined) push()
      else {
        expect(push).toThrow(error)
        expect(push).toThrow(ProtocolError) // and it stays so
      }
      expect(seen, `in reads of ${size} bytes`).toEqual(envelopes.map((envelope) => hexOf(bytesOf(envelope))))
    }
  })
})
