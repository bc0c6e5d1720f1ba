import fc from 'fast-check'
import { ByteReader, ByteWriter } from '../../src/base/index.js'
import { Codecs, decodeCell, encodeCell, RowDecoder } from '../../src/codecs/index.js'
import type { Column, UdtType } from '../../src/codecs/index.js'
import { generateRows } from '../../src/codecs/generators.jit.js'
import { decodeMessage, encodeBody, encodeMessage, flagsOf, FrameDecoder, FrameEncoder, lz4, opcodes, snappy, writeExtras } from '../../src/protocol/index.js'
import type { Compressor, Message, ProtocolVersion } from '../../src/protocol/index.js'
import { isResponse } from '../../src/protocol/message.js'
import { any } from '../support/arbitraries.js'
import { holds, sameBytes } from './target.js'

/** A rule about generated data, beside those about changed bytes. */
export interface Property {
  readonly name: string
  readonly rule: fc.IProperty<never>
}

const codecs = new Codecs()
const versions: readonly ProtocolVersion[] = [3, 4, 5]
const sideOf = (message: Message): 'client' | 'server' => (isResponse(message.type) ? 'server' : 'client')

function envelope(message: Message, version: ProtocolVersion, streamId: number): Uint8Array {
  const writer = new ByteWriter()
  encodeMessage(writer, message, version, streamId)
  return writer.toBytes()
}

/** Texts longer than what a signed length can say, and parts that compress well. */
const longText = fc.tuple(fc.integer({ min: 30_000, max: 65_535 }), fc.constantFrom('a', 'ab', 'lorem ')).map(([length, part]) => part.repeat(length).slice(0, length))
const long: fc.Arbitrary<Message> = longText.map((text) => ({ type: 'RESULT', kind: 'SET_KEYSPACE', keyspace: text }))

function rule<T>(name: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): Property {
  return { name, rule: fc.property(arbitrary, check) as unknown as fc.IProperty<never> }
}

const oneSide = fc.constantFrom(...versions).chain((version) =>
  fc.tuple(fc.constant(version), fc.array(fc.oneof({ weight: 12, arbitrary: any.message(version) }, { weight: 1, arbitrary: long }), { minLength: 1, maxLength: 4 }).map((messages) => messages.filter((message) => sideOf(message) === sideOf(messages[0]!)))))

/** Reads what a connection brings, and writes each message again, to be compared with what was sent. */
function received(from: 'client' | 'server', version: ProtocolVersion, compressor: Compressor | undefined, chunks: readonly Uint8Array[], segmented = version === 5): Uint8Array[] {
  const decoder = new FrameDecoder({ from, compressor })
  if (segmented) decoder.startSegments()
  const seen: Uint8Array[] = []
  for (const chunk of chunks) decoder.push(chunk, (header, body) => seen.push(envelope(decodeMessage(header, body).message, version, header.streamId)))
  return seen
}

function sameAs(seen: readonly Uint8Array[], sent: readonly Uint8Array[]): void {
  holds(seen.length === sent.length, `${sent.length} messages were sent, ${seen.length} came`)
  seen.forEach((bytes, i) => holds(sameBytes(bytes, sent[i]!), `message ${i} came as another one`))
}

export const properties: readonly Property[] = [
  rule('what FrameEncoder writes, FrameDecoder reads, with any compression and however it is cut',
    oneSide.chain(([version, messages]) => fc.tuple(fc.constant(version), fc.constant(messages), fc.constantFrom(undefined, lz4, ...(version === 5 ? [] : [snappy])), fc.nat())), ([version, messages, compressor, seed]) => {
      const from = sideOf(messages[0]!)
      const encoder = new FrameEncoder({ from, version })
      encoder.compressor = compressor
      if (version === 5) encoder.startSegments()
      messages.forEach((message, i) => {
        encodeBody(encoder.begin(0, i, opcodes[message.type]), message, version)
        encoder.end()
      })
      const bytes = encoder.flush().bytes
      const chunks = fc.sample(any.chunks(bytes), { seed, numRuns: 1 })[0]!
      sameAs(received(from, version, compressor, chunks), messages.map((message, i) => envelope(message, version, i)))
    }),
  rule('envelopes in any legal segments come as they were sent',
    fc.tuple(fc.array(any.message(5), { minLength: 1, maxLength: 4 }), fc.constantFrom(undefined, lz4)).chain(([list, compressor]) => {
      const from = sideOf(list[0]!)
      const sent = list.filter((message) => sideOf(message) === from).map((message, i) => envelope(message, 5, i))
      return fc.tuple(fc.constant({ from, sent, compressor }), any.segments(sent, compressor).chain((bytes) => any.chunks(bytes)))
    }), ([{ from, sent, compressor }, chunks]) => sameAs(received(from, 5, compressor, chunks), sent)),
  rule('segments may follow READY within one read', fc.tuple(any.message(5).filter((message) => sideOf(message) === 'server'), fc.nat()), ([message, seed]) => {
    const sent = [envelope({ type: 'READY' }, 5, 0), envelope(message, 5, 1)]
    const segments = fc.sample(any.segments([sent[1]!]), { seed, numRuns: 1 })[0]!
    const bytes = new Uint8Array([...sent[0]!, ...segments])
    const decoder = new FrameDecoder({ from: 'server' })
    const seen: Uint8Array[] = []
    decoder.push(bytes, (header, body) => {
      if (seen.length === 0) decoder.startSegments()
      seen.push(envelope(decodeMessage(header, body).message, 5, header.streamId))
    })
    sameAs(seen, sent)
  }),
  rule('what accompanies a message is read as it was written', fc.constantFrom(...versions).chain((version) => fc.tuple(fc.constant(version), any.extras(version, 'client'), any.extras(version, 'server'))), ([version, asked, answered]) => {
    for (const [type, extras] of [['OPTIONS', asked], ['READY', answered]] as const) {
      const writer = new ByteWriter()
      encodeMessage(writer, { type }, version, -1, extras)
      const bytes = writer.toBytes()
      new FrameDecoder({ from: type === 'READY' ? 'server' : 'client' }).push(bytes, (header, body) => {
        holds(header.streamId === -1, 'a stream id lost its sign')
        const again = new ByteWriter()
        const read = decodeMessage(header, body).extras
        writeExtras(again, read)
        holds(flagsOf(read) === header.flags && sameBytes(again.toBytes(), bytes.subarray(9)), 'what accompanies a message is read as something else')
      })
    }
  }),
  rule('values read as they were written, by all decoders', fc.array(any.type(3), { minLength: 1, maxLength: 3 }).chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => any.value(type))))), ([types, values]) => {
    const columns: Column[] = types.map((type, i) => ({ name: `c${i}`, type, keyspace: 'k', table: 't' }))
    const write = (row: readonly unknown[]): Uint8Array => {
      const writer = new ByteWriter()
      row.forEach((value, i) => encodeCell(codecs.of(types[i]!), writer, value))
      return writer.toBytes()
    }
    const bytes = write(values)
    const decoder = new RowDecoder(columns, codecs)
    const plain = decoder.decodePlainly(new ByteReader(bytes), 1, 'array')[0] as unknown[]
    holds(sameBytes(write(plain), bytes), 'a value is read as another one')
    const fast = generateRows(columns.map(({ name }) => name), types.map((type) => codecs.of(type)), 'array')!(new ByteReader(bytes), 1)[0] as unknown[]
    holds(sameBytes(write(fast), bytes), 'a value is read as another one by the generated decoder')
  }),
  rule('a value of no bytes is null, to all decoders, unless its type can be empty', any.scalarType, (type) => {
    const empty = new Uint8Array(4)
    const columns: Column[] = [{ name: 'c', type, keyspace: 'k', table: 't' }]
    const plain = new RowDecoder(columns, codecs).decodePlainly(new ByteReader(empty), 1, 'array')[0] as unknown[]
    const fast = generateRows(['c'], [codecs.of(type)], 'array')!(new ByteReader(empty), 1)[0] as unknown[]
    for (const row of [plain, fast]) holds(codecs.of(type).allowsEmpty ? row[0] !== null : row[0] === null, `an empty ${type.kind} is read as ${String(row[0])}`)
  }),
  rule('fields that are not given are null, and the others keep their places', any.type(2).filter((type): type is UdtType => type.kind === 'udt').chain((type) => fc.tuple(fc.constant(type), any.value(type), fc.nat())), ([type, value, which]) => {
    const given = { ...(value as Record<string, unknown>) }
    const { name } = type.fields[which % type.fields.length]!
    delete given[name]
    const [left, right] = [given, { ...(value as object), [name]: null }].map((object) => {
      const writer = new ByteWriter()
      encodeCell(codecs.of(type), writer, object)
      return writer.toBytes()
    })
    holds(sameBytes(left!, right!), `a field that is not given is not written as null`)
    decodeCell(codecs.of(type), new ByteReader(left!))
  }),
]
