import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, OptionError, ProtocolError } from '../../src/base/index.js'
import { decodeMessage, encodeMessage, FrameDecoder, headerFlags, HEADER_LENGTH, opcodes } from '../../src/protocol/index.js'
import type { EnvelopeHeader, Message, MessageExtras, ProtocolVersion } from '../../src/protocol/index.js'
import { any } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'

function encode(message: Message, version: ProtocolVersion, extras?: MessageExtras): Uint8Array {
  const writer = new ByteWriter(16)
  encodeMessage(writer, message, version, 7, extras)
  return writer.toBytes()
}

function decode(bytes: Uint8Array): { message: Message; extras: MessageExtras; header: EnvelopeHeader } {
  let result: { message: Message; extras: MessageExtras; header: EnvelopeHeader } | undefined
  new FrameDecoder({ from: bytes[0]! & 0x80 ? 'server' : 'client' }).push(bytes, (header, body) => {
    result = { ...decodeMessage(header, body), header }
    expect(body.remaining, 'bytes left over').toBe(0)
  })
  return result!
}

describe.each([3, 4, 5] as const)('version %i', (version) => {
  test('every message decodes to what was encoded, and encodes to the same bytes again', () => {
    fc.assert(fc.property(any.message(version), (message) => {
      const bytes = encode(message, version)
      const decoded = decode(bytes)
      expect(decoded.message).toStrictEqual(message)
      expect(decoded.header).toMatchObject({ version, streamId: 7, opcode: opcodes[message.type], length: bytes.length - HEADER_LENGTH })
      expect(encode(decoded.message, version)).toStrictEqual(bytes)
    }), runs(1500))
  })

  test('any cut of a body is a ProtocolError, never another message or crash', () => {
    fc.assert(fc.property(any.message(version), fc.nat(), (message, cut) => {
      const bytes = encode(message, version)
      const length = bytes.length - HEADER_LENGTH
      if (length === 0) return
      const end = HEADER_LENGTH + (cut % length)
      const header: EnvelopeHeader = { version, response: (bytes[0]! & 0x80) !== 0, flags: 0, streamId: 1, opcode: opcodes[message.type], length: end }
      expect(() => decodeMessage(header, new ByteReader(bytes, HEADER_LENGTH, end))).toThrow(ProtocolError)
    }), runs(1500))
  })

  test('random bodies under every opcode end in a message or a ProtocolError', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0x12 }), fc.uint8Array({ maxLength: 200 }), fc.nat(15), (opcode, body, flags) => {
      const header: EnvelopeHeader = { version, response: true, flags, streamId: 1, opcode, length: body.length }
      try {
        decodeMessage(header, new ByteReader(body))
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }), runs(5000))
  })

  test('mutated bytes of real messages end in a message or a ProtocolError', () => {
    fc.assert(fc.property(any.message(version), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (message, changes) => {
      const bytes = encode(message, version)
      for (const [at, value] of changes) if (bytes.length > HEADER_LENGTH) bytes[HEADER_LENGTH + (at % (bytes.length - HEADER_LENGTH))] = value
      const header: EnvelopeHeader = { version, response: (bytes[0]! & 0x80) !== 0, flags: 0, streamId: 1, opcode: opcodes[message.type], length: 0 }
      try {
        decodeMessage(header, new ByteReader(bytes, HEADER_LENGTH))
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }), runs(3000))
  })
})

test('what accompanies a message comes in the order of the specification: trace id, warnings, payload', () => {
  const extras: MessageExtras = { tracingId: '00112233-4455-6677-8899-aabbccddeeff', warnings: ['w'], payload: new Map([['k', Uint8Array.of(1)], ['n', null]]) }
  const bytes = encode({ type: 'READY' }, 4, extras)
  expect(bytes[1]).toBe(headerFlags.tracing | headerFlags.warning | headerFlags.payload)
  expect(Buffer.from(bytes.subarray(9)).toString('hex')).toBe('00112233445566778899aabbccddeeff' + '0001' + '000177' + '0002' + '00016b' + '0000000101' + '00016e' + 'ffffffff')
  expect(decode(bytes).extras).toStrictEqual({ tracing: undefined, ...extras })
})

test('a request that asks for a trace carries a flag and no id', () => {
  const bytes = encode({ type: 'OPTIONS' }, 4, { tracing: true })
  expect([...bytes]).toEqual([4, headerFlags.tracing, 0, 7, opcodes.OPTIONS, 0, 0, 0, 0])
  expect(decode(bytes).extras.tracing).toBe(true)
})

// Facts that implementers get wrong, each from the specification or from servers.
test('query flags are one byte before version 5 and four from then on; fields follow in the order of their flags', () => {
  const message: Message = {
    type: 'QUERY', query: 'q', parameters: { consistency: 'one', values: [Uint8Array.of(9)], pageSize: 5, pagingState: Uint8Array.of(8), serialConsistency: 'localSerial', timestamp: 1n },
  }
  const hex = (version: ProtocolVersion): string => Buffer.from(encode(message, version).subarray(9)).toString('hex')
  const rest = '0001' + '0000000109' + '00000005' + '0000000108' + '0009' + '0000000000000001'
  expect(hex(4)).toBe('0000000171' + '0001' + '3d' + rest)
  expect(hex(5)).toBe('0000000171' + '0001' + '0000003d' + rest)
})

test('EXECUTE of version 5 has the result metadata id between statement id and parameters, also when it is empty', () => {
  const message: Message = { type: 'EXECUTE', id: Uint8Array.of(1), parameters: { consistency: 'one' } }
  expect(Buffer.from(encode(message, 5).subarray(9)).toString('hex')).toBe('000101' + '0000' + '0001' + '00000000')
  expect(Buffer.from(encode(message, 4).subarray(9)).toString('hex')).toBe('000101' + '0001' + '00')
})

test('what a version cannot express is refused by name and leaves nothing behind', () => {
  const writer = new ByteWriter()
  const parameters = { consistency: 'one' as const }
  expect(() => encodeMessage(writer, { type: 'QUERY', query: '', parameters: { ...parameters, keyspace: 'k' } }, 4, 1)).toThrow(OptionError)
  expect(() => encodeMessage(writer, { type: 'QUERY', query: '', parameters: { ...parameters, nowInSeconds: 1 } }, 3, 1)).toThrow(/nowInSeconds/)
  expect(() => encodeMessage(writer, { type: 'PREPARE', query: '', keyspace: 'k' }, 4, 1)).toThrow(/protocol version 5/)
  expect(writer.pos).toBe(0)
})

test('counts and lengths are checked before memory is taken', () => {
  const header: EnvelopeHeader = { version: 4, response: true, flags: 0, streamId: 1, opcode: opcodes.RESULT, length: 0 }
  const rows = (columns: number, count: number, flags = 4): ByteReader => {
    const writer = new ByteWriter()
    for (const value of [2, flags, columns]) writer.i32(value)
    if (flags === 4) writer.i32(count)
    return new ByteReader(writer.toBytes())
  }
  for (const reader of [rows(2, 2 ** 31 - 1), rows(0, 2 ** 31 - 1), rows(-1, 0), rows(2 ** 31 - 1, 0, 0), rows(1_000_000, 0, 1)]) expect(() => decodeMessage(header, reader)).toThrow(ProtocolError)
})

test('types nested beyond measure are refused', () => {
  const writer = new ByteWriter()
  for (const value of [2, 1, 1]) writer.i32(value)
  for (let i = 0; i < 3; i++) writer.u16(0)
  for (let i = 0; i < 100_000; i++) writer.u16(0x20)
  const header: EnvelopeHeader = { version: 4, response: true, flags: 0, streamId: 1, opcode: opcodes.RESULT, length: 0 }
  expect(() => decodeMessage(header, new ByteReader(writer.toBytes()))).toThrow(/levels of nesting/)
})

test('bytes after a message are legal', () => {
  const bytes = encode({ type: 'READY' }, 4)
  const header: EnvelopeHeader = { version: 4, response: true, flags: 0, streamId: 1, opcode: opcodes.READY, length: 3 }
  expect(decodeMessage(header, new ByteReader(Uint8Array.of(1, 2, 3))).message).toEqual({ type: 'READY' })
  expect(bytes.length).toBe(9)
})

test('an event of an unknown kind is told as such; an unknown error code keeps its number', () => {
  const writer = new ByteWriter()
  encodeMessage(writer, { type: 'EVENT', event: 'UNKNOWN', name: 'CLIENT_ROUTES_CHANGE' }, 4, -1)
  const seen = decode(writer.toBytes())
  expect(seen.header.streamId).toBe(-1)
  expect(seen.message).toEqual({ type: 'EVENT', event: 'UNKNOWN', name: 'CLIENT_ROUTES_CHANGE' })
})

test('on version 3 small numbers, dates and times go as classes, on version 4 durations do', () => {
  const rows = (kind: 'smallint' | 'date' | 'duration', version: ProtocolVersion): string =>
    Buffer.from(encode({ type: 'RESULT', kind: 'ROWS', metadata: { columnCount: 1, columns: [{ name: 'c', type: { kind }, keyspace: '', table: '' }] }, rows: [] }, version)).toString('latin1')
  expect(rows('smallint', 3)).toContain('org.apache.cassandra.db.marshal.ShortType')
  expect(rows('date', 3)).toContain('org.apache.cassandra.db.marshal.SimpleDateType')
  expect(rows('smallint', 4)).not.toContain('marshal')
  expect(rows('duration', 4)).toContain('org.apache.cassandra.db.marshal.DurationType')
  expect(rows('duration', 5)).not.toContain('marshal')
})
