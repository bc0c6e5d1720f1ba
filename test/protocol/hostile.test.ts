// What a peer may send that is meant to hurt: a typed error or the right value, and memory within the limits.
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, CodecError, CqlError, ProtocolError } from '../../src/base/index.js'
import { Codecs, Decimal, parseType, RowDecoder, typeFromClassName } from '../../src/codecs/index.js'
import type { Column, CqlType } from '../../src/codecs/index.js'
import { generateRows } from '../../src/codecs/generators.jit.js'
import { crc32, decodeMessage, FrameDecoder, lz4, opcodes, readType, snappy, writeSegment } from '../../src/protocol/index.js'
import type { Compressor, EnvelopeHeader } from '../../src/protocol/index.js'

const MIB = 1024 * 1024
const codecs = new Codecs()

/** Bytes that a run takes outside of the heap, where buffers are. */
function taken(run: () => void): number {
  const before = process.memoryUsage().arrayBuffers
  run()
  return process.memoryUsage().arrayBuffers - before
}

function decode(opcode: number, body: Uint8Array): unknown {
  const header: EnvelopeHeader = { version: 5, response: true, flags: 0, streamId: 1, opcode, length: body.length }
  return decodeMessage(header, new ByteReader(body)).message
}

function bytes(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  write(writer)
  return writer.toBytes()
}

function envelope(body: Uint8Array, flags: number, length = body.length): Uint8Array {
  return bytes((writer) => {
    for (const byte of [0x84, flags, 0, 1, opcodes.RESULT]) writer.u8(byte)
    writer.i32(length)
    writer.raw(body)
  })
}

function push(chunk: Uint8Array, compressor?: Compressor, segmented = false): void {
  const decoder = new FrameDecoder({ from: 'server', compressor, maxFrameLength: MIB })
  if (segmented) decoder.startSegments()
  decoder.push(chunk, () => {})
}

describe('frames', () => {
  test('a decompression bomb is refused by what it declares, before memory is taken', () => {
    const bomb = Uint8Array.of(0x1f, 0, 1, 0, ...Array.from({ length: 5000 }, () => 255), 0, 0x50, 0, 0, 0, 0, 0)
    expect(taken(() => {
      expect(() => push(envelope(bytes((writer) => { writer.i32(0x7fff_ffff); writer.raw(bomb) }), 1), lz4)).toThrow(ProtocolError)
      expect(() => push(envelope(bytes((writer) => { writer.i32(2 * MIB); writer.raw(bomb) }), 1), lz4)).toThrow('exceeds maxFrameLength')
      expect(() => push(envelope(bytes((writer) => { writer.i32(-1); writer.raw(bomb) }), 1), lz4)).toThrow(ProtocolError)
      expect(() => push(envelope(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 0), 1), snappy)).toThrow('more than')
      expect(() => push(envelope(Uint8Array.of(0xff, 0xff, 0x3f, 0), 1), snappy)).toThrow('cannot become')
    })).toBeLessThan(MIB)
  })

  test('a length of 2 GiB takes no memory, neither whole nor in slices', () => {
    expect(taken(() => {
      expect(() => push(envelope(new Uint8Array(0), 0, 0x7fff_ffff))).toThrow('exceeds maxFrameLength')
      const header = envelope(new Uint8Array(0), 0, 0x7fff_ffff)
      header[0] = 0x85
      expect(() => push(bytes((writer) => writeSegment(header, false, writer, undefined, crc32)), undefined, true)).toThrow('exceeds maxFrameLength')
    })).toBeLessThan(MIB)
  })

  test('a length that is allowed takes memory as its bytes come, not before', () => {
    expect(taken(() => push(envelope(new Uint8Array(10), 0, MIB)))).toBeLessThan(65_536)
  })

  test('slices without end are refused at the limit', () => {
    const decoder = new FrameDecoder({ from: 'server', maxFrameLength: 300_000 })
    decoder.startSegments()
    const first = envelope(new Uint8Array(100_000), 0, 250_000)
    first[0] = 0x85
    const slice = bytes((writer) => writeSegment(new Uint8Array(100_000), false, writer, undefined, crc32))
    decoder.push(bytes((writer) => writeSegment(first, false, writer, undefined, crc32)), () => {})
    decoder.push(slice, () => {})
    expect(() => decoder.push(slice, () => {})).toThrow('more bytes than it has')
  })
})

describe('metadata', () => {
  test('a type nested 100,000 deep ends in an error, not in the end of the stack', () => {
    const nested = bytes((writer) => { for (let i = 0; i < 100_000; i++) writer.u16(0x20) })
    expect(() => readType(new ByteReader(nested))).toThrow('levels of nesting')
    const text = `${'ListType('.repeat(7000)}Int32Type${')'.repeat(7000)}`
    expect(() => typeFromClassName(text)).toThrow('levels of nesting')
    expect(() => parseType(`${'list<'.repeat(100_000)}int${'>'.repeat(100_000)}`)).toThrow('levels of nesting')
    let type: CqlType = { kind: 'int' }
    for (let i = 0; i < 100_000; i++) type = { kind: 'list', element: type }
    expect(() => codecs.of(type)).toThrow(CodecError)
  })

  test('a million columns, and more than there are bytes for', () => {
    const rows = (columns: number, more = 0): Uint8Array => bytes((writer) => {
      for (const word of [2, 0, columns]) writer.i32(word)
      writer.raw(new Uint8Array(more))
    })
    expect(() => decode(opcodes.RESULT, rows(1_000_000))).toThrow('do not fit')
    expect(() => decode(opcodes.RESULT, rows(0x7fff_ffff))).toThrow('do not fit')
    expect(() => decode(opcodes.RESULT, rows(-1))).toThrow(ProtocolError)
    const million = bytes((writer) => {
      for (const word of [2, 1, 1_000_000]) writer.i32(word)
      for (const name of [0, 0]) writer.u16(name)
      for (let i = 0; i < 1_000_000; i++) { writer.u16(0); writer.u16(9) }
      writer.i32(1)
      for (let i = 0; i < 1_000_000; i++) writer.i32(-1)
    })
    const message = decode(opcodes.RESULT, million) as { metadata: { columns: readonly Column[] }; rows: readonly unknown[][] }
    expect([message.metadata.columns.length, message.rows[0]!.length]).toEqual([1_000_000, 1_000_000])
  })

  test('negative counts, and counts beyond the bytes there are', () => {
    const result = (...words: number[]): Uint8Array => bytes((writer) => { for (const word of words) writer.i32(word) })
    expect(() => decode(opcodes.RESULT, result(2, 4, 1, -1)), 'rows').toThrow(ProtocolError)
    expect(() => decode(opcodes.RESULT, result(2, 4, 1, 0x7fff_ffff)), 'rows').toThrow('do not fit')
    expect(() => decode(opcodes.RESULT, result(2, 4, 0, 1_000_000)), 'rows of no columns').toThrow('do not fit')
    expect(() => decode(opcodes.SUPPORTED, Uint8Array.of(255, 255))).toThrow(ProtocolError)
    expect(() => decode(opcodes.REGISTER, Uint8Array.of(255, 255, 0, 0))).toThrow('does not fit')
    expect(() => readType(new ByteReader(Uint8Array.of(0, 0x31, 255, 255, 0, 9))), 'a tuple').toThrow('does not fit')
    expect(() => readType(new ByteReader(Uint8Array.of(0, 0x30, 0, 0, 0, 0, 255, 255, 0, 9))), 'a user-defined type').toThrow('does not fit')
    for (const text of ['list<int>', 'set<int>', 'map<int, int>']) {
      const codec = codecs.of(parseType(text))
      for (const count of [-1, 0x7fff_ffff, 2]) {
        const value = result(count, -1)
        expect(() => codec.decode(new ByteReader(value), 0, value.length), `${text} of ${count}`).toThrow(ProtocolError)
      }
    }
  })

  test('a dimension beyond all numbers', () => {
    const vector = codecs.of(typeFromClassName(`VectorType(UTF8Type, ${'9'.repeat(400)})`))
    expect(() => vector.decode(new ByteReader(new Uint8Array(100)), 0, 100)).toThrow(ProtocolError)
  })
})

describe('values', () => {
  const column = (name: string, text: string): Column => ({ name, type: parseType(text), keyspace: 'k', table: 't' })

  test('names that mean something to JavaScript are names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__']
    const row = bytes((writer) => names.forEach((_, i) => { writer.i32(4); writer.i32(i) }))
    const decoder = new RowDecoder(names.map((name) => column(name, 'int')), codecs)
    const [object] = decoder.decodePlainly(new ByteReader(row), 1, 'object') as Record<string, unknown>[]
    expect(Object.keys(object!)).toEqual(names)
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(object, '__proto__')!.value).toBe(0)
    const udt = codecs.of({ kind: 'udt', keyspace: 'k', name: 'u', fields: names.map((name) => ({ name, type: parseType('int') })) })
    expect(Object.getPrototypeOf(udt.decode(new ByteReader(row), 0, row.length))).toBe(Object.prototype)
    const map = new Codecs({ map: 'object' }).of(parseType('map<text, int>'))
    const polluting = bytes((writer) => {
      writer.i32(1)
      writer.i32(9)
      writer.raw(new TextEncoder().encode('__proto__'))
      writer.i32(4)
      writer.i32(7)
    })
    const read = map.decode(new ByteReader(polluting), 0, polluting.length) as object
    expect([Object.getPrototypeOf(read), Object.keys(read)]).toEqual([Object.prototype, ['__proto__']])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('invalid UTF-8 is read with replacement characters', () => {
    const text = codecs.of(parseType('text'))
    for (const invalid of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff], [0xe2, 0x82]]) {
      const value = text.decode(new ByteReader(Uint8Array.from([0x61, ...invalid])), 0, invalid.length + 1) as string
      expect([value[0], value.includes('\ufffd'), value.isWellFormed()]).toEqual(['a', true, true])
    }
  })

  test('an integer of a megabyte, a scale of two thousand million', () => {
    const huge = new Uint8Array(MIB).fill(0x7f)
    expect(() => codecs.of(parseType('varint')).decode(new ByteReader(huge), 0, huge.length)).toThrow('at most 65536')
    expect(() => codecs.of(parseType('decimal')).decode(new ByteReader(huge), 0, huge.length)).toThrow(CodecError)
    expect(() => codecs.of(parseType('varint')).encode(new ByteWriter(), 1n << 1_000_000n)).toThrow('at most 65536')
    const limit = new Uint8Array(65_536).fill(0x7f)
    const writer = new ByteWriter()
    codecs.of(parseType('varint')).encode(writer, codecs.of(parseType('varint')).decode(new ByteReader(limit), 0, limit.length))
    expect(writer.toBytes()).toEqual(limit)
    for (const scale of [2 ** 31 - 1, -(2 ** 31)]) {
      const decimal = new Decimal(7n, scale)
      expect(decimal.toString().length).toBeLessThan(100)
      expect(Number.isNaN(decimal.toNumber())).toBe(false)
      expect(() => decimal.add(1)).toThrow(CodecError)
    }
  })

  test('sets and maps that no Set or Map can hold are refused before they are begun', () => {
    const count = 2 ** 24 + 1
    const value = new Uint8Array(4 + 8 * count).fill(255)
    new DataView(value.buffer).setInt32(0, count)
    for (const [text, form] of [['set<int>', "set: 'array'"], ['map<int, int>', "map: 'object'"]] as const) {
      expect(() => codecs.of(parseType(text)).decode(new ByteReader(value), 0, value.length)).toThrow(form)
      const cell = new Uint8Array(4 + value.length)
      cell.set(value, 4)
      new DataView(cell.buffer).setInt32(0, value.length)
      expect(() => generateRows(['c'], [codecs.of(parseType(text))], 'array')!(new ByteReader(cell), 1)).toThrow(form)
    }
  })

  test('a few bytes that claim to be a tuple of thousands of elements, row after row', () => {
    const wide: CqlType = { kind: 'tuple', elements: Array.from({ length: 20_000 }, () => ({ kind: 'int' as const })) }
    const udt: CqlType = { kind: 'udt', keyspace: 'k', name: 'u', fields: wide.elements.map((type, i) => ({ name: `f${i}`, type })) }
    const nested: CqlType = { kind: 'list', element: wide }
    const rows = (cell: (writer: ByteWriter) => void, count: number): Uint8Array => bytes((writer) => { for (let i = 0; i < count; i++) cell(writer) })
    const one = (writer: ByteWriter): void => { for (const word of [8, 4, 1]) writer.i32(word) }
    const inList = (writer: ByteWriter): void => { for (const word of [16, 1, 8, 4, 1]) writer.i32(word) }
    for (const [type, cell] of [[wide, one], [udt, one], [nested, inList]] as const) {
      const page = rows(cell, 200)
      const decoder = new RowDecoder([{ name: 'c', type, keyspace: 'k', table: 't' }], codecs)
      expect(() => decoder.decodePlainly(new ByteReader(page), 200, 'array'), type.kind).toThrow('lack more than')
      // A page of rows that are a few fields short is as it always was.
      expect(decoder.decodePlainly(new ByteReader(page), 20, 'array')).toHaveLength(20)
    }
  })

  test('every error is one of ours', () => {
    for (const text of ['int', 'uuid', 'inet', 'date', 'time', 'duration', 'decimal', 'boolean', 'timestamp', 'vector<int, 2>', 'vector<text, 2>']) {
      for (const length of [1, 3, 5, 17]) {
        try {
          codecs.of(parseType(text)).decode(new ByteReader(new Uint8Array(length).fill(255)), 0, length)
        } catch (error) {
          expect(error, text).toBeInstanceOf(CqlError)
        }
      }
    }
  })
})
