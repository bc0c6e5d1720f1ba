// Corners of the protocol that generated messages do not come into.
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, OptionError, ProtocolError, SeededRandom } from '../../src/base/index.js'
import { unset } from '../../src/codecs/index.js'
import {
  checkedCompressor, crc32, decodeMessage, encodeBatch, encodeBody, encodeExecute, encodeMessage, FrameDecoder, FrameEncoder, HEADER_LENGTH, lz4, MAX_PAYLOAD, opcodes, readCount, readRowsMetadata,
  skipPlainMetadata, snappy, writeRowsMetadata, writeSegment, writeSegments, writeShortBytes, writeString,
} from '../../src/protocol/index.js'
import type { Message, ProtocolVersion, ValueSource } from '../../src/protocol/index.js'

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(8)
  write(writer)
  return writer.toBytes()
}

const body = (message: Message, version: ProtocolVersion): Uint8Array => written((writer) => encodeBody(writer, message, version))

describe('values that write themselves', () => {
  const source: ValueSource = { count: 2, named: false, write: (writer) => { writer.i32(1); writer.u8(7); writer.i32(-1) } }
  const named: ValueSource = { count: 1, named: true, write: (writer) => { writeString(writer, 'n'); writer.i32(-1) } }
  const read = (opcode: number, bytes: Uint8Array, version: ProtocolVersion): Message => decodeMessage({ version, response: false, flags: 0, streamId: 0, opcode, length: bytes.length }, new ByteReader(bytes)).message

  test('stand in EXECUTE as a list or by name', () => {
    const id = Uint8Array.of(1)
    const list = read(opcodes.EXECUTE, written((writer) => encodeExecute(writer, { id, parameters: { consistency: 'one', values: source } }, 4)), 4)
    expect(list).toEqual({ type: 'EXECUTE', id, parameters: { consistency: 'one', values: [Uint8Array.of(7), null] } })
    const byName = read(opcodes.EXECUTE, written((writer) => encodeExecute(writer, { id, parameters: { consistency: 'one', values: named } }, 5)), 5)
    expect(byName).toEqual({ type: 'EXECUTE', id, resultMetadataId: new Uint8Array(0), parameters: { consistency: 'one', values: new Map([['n', null]]) } })
  })

  test('stand in BATCH', () => {
    const batch = read(opcodes.BATCH, written((writer) => encodeBatch(writer, { type: 'BATCH', batchType: 'logged', statements: [{ query: 'q', values: source }], parameters: { consistency: 'one' } }, 4)), 4)
    expect(batch).toMatchObject({ statements: [{ query: 'q', values: [Uint8Array.of(7), null] }] })
  })
})

describe('what a message cannot hold is refused by name', () => {
  test('texts and bytes of more than 65,535', () => {
    expect(() => written((writer) => writeString(writer, 'é'.repeat(32_768)))).toThrow('65536 bytes is too long')
    expect(written((writer) => writeString(writer, 'a'.repeat(65_535)))).toHaveLength(65_537)
    expect(() => written((writer) => writeShortBytes(writer, new Uint8Array(65_536)))).toThrow(OptionError)
    expect(written((writer) => writeShortBytes(writer, new Uint8Array(65_535)))).toHaveLength(65_537)
  })

  test('batches of more than 65,535 statements', () => {
    const statement = { query: '', values: [] }
    const batch = (count: number): Uint8Array => body({ type: 'BATCH', batchType: 'logged', statements: Array.from({ length: count }, () => statement), parameters: { consistency: 'one' } }, 4)
    expect(() => batch(65_536)).toThrow('at most 65,535 statements, not 65536')
    expect(batch(65_535).length).toBeGreaterThan(65_535 * 7)
    expect(body({ type: 'BATCH', batchType: 'logged', statements: [{ values: [] }], parameters: { consistency: 'one' } }, 4)).toEqual(Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0))
  })

  test('what a version does not have, and nothing of it is written', () => {
    const writer = new ByteWriter()
    writer.u8(1)
    const parameters = { consistency: 'one' } as const
    for (const [message, version, option] of [
      [{ type: 'QUERY', query: 'q', parameters: { ...parameters, values: [unset] } }, 3, 'unset'], [{ type: 'QUERY', query: 'q', parameters: { ...parameters, keyspace: 'k' } }, 4, 'keyspace'],
      [{ type: 'QUERY', query: 'q', parameters: { ...parameters, nowInSeconds: 1 } }, 4, 'nowInSeconds'], [{ type: 'BATCH', batchType: 'logged', statements: [], parameters: { ...parameters, keyspace: 'k' } }, 3, 'keyspace'],
      [{ type: 'PREPARE', query: 'q', keyspace: 'k' }, 4, 'keyspace'],
    ] as const) {
      let error: unknown
      try {
        encodeMessage(writer, message, version, 1)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toMatchObject({ name: 'OptionError', option })
      expect(writer.pos).toBe(1)
    }
    encodeMessage(writer, { type: 'QUERY', query: 'q', parameters: { ...parameters, values: [unset] } }, 4, 1)
    encodeMessage(writer, { type: 'QUERY', query: 'q', parameters: { ...parameters, nowInSeconds: 1, keyspace: 'k' } }, 5, 1)
  })
})

describe('values and flags of requests', () => {
  const query = (version: ProtocolVersion, tail: readonly number[]): Message => {
    const bytes = Uint8Array.of(0, 0, 0, 0, 0, 1, ...tail)
    return decodeMessage({ version, response: false, flags: 0, streamId: 0, opcode: opcodes.QUERY, length: bytes.length }, new ByteReader(bytes)).message
  }

  test('a negative length is null, unset from version 4 on, and nothing else', () => {
    expect(query(3, [0x01, 0, 1, 255, 255, 255, 0xfd])).toMatchObject({ parameters: { values: [null] } })
    expect(query(4, [0x01, 0, 2, 255, 255, 255, 255, 255, 255, 255, 254])).toMatchObject({ parameters: { values: [null, unset] } })
    expect(() => query(4, [0x01, 0, 1, 255, 255, 255, 0xfd])).toThrow('A value of length -3')
  })

  test('the serial consistency is one of two, and a timestamp has a lower bound', () => {
    expect(() => query(4, [0x10, 0, 4])).toThrow('Must be one of SERIAL or LOCAL_SERIAL, not quorum')
    expect(() => query(4, [0x20, 0x80, 0, 0, 0, 0, 0, 0, 0])).toThrow('Out of bound timestamp')
    expect(query(4, [0x20, 0x80, 0, 0, 0, 0, 0, 0, 1])).toMatchObject({ parameters: { timestamp: -(2n ** 63n) + 1n } })
  })

  test('the flag of the keyspace means nothing before version 5', () => {
    expect(query(4, [0x80])).toEqual({ type: 'QUERY', query: '', parameters: { consistency: 'one' } })
  })

  test('unknown codes are refused with what they were', () => {
    const read = (opcode: number, bytes: readonly number[], version: ProtocolVersion = 4): unknown => decodeMessage({ version, response: true, flags: 0, streamId: 0, opcode, length: 0 }, new ByteReader(Uint8Array.from(bytes)))
    expect(() => read(0x04, [])).toThrow('No response has the opcode 0x04')
    expect(() => read(opcodes.RESULT, [0, 0, 0, 9])).toThrow('Unknown kind 9')
    expect(() => read(opcodes.BATCH, [3])).toThrow('BATCH message type 3')
    expect(() => read(opcodes.BATCH, [0, 0, 1, 2])).toThrow('Must be 0 or 1 but got 2')
    expect(() => read(opcodes.PREPARE, [0, 0, 0, 0, 0, 0, 0, 2], 5)).toThrow('Unknown flags 0x2 of PREPARE')
    expect(() => read(opcodes.RESULT, [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x77, 0, 0, 0, 0])).toThrow('Unknown type id 0x0077')
    expect(() => read(opcodes.RESULT, [0, 0, 0, 5, 0, 1, 0x43, 0, 1, 0x58, 0, 0, 0, 0])).toThrow("Unknown target 'X'")
    expect(() => read(opcodes.EVENT, [0, 13, ...new TextEncoder().encode('STATUS_CHANGE'), 0, 2, 0x55, 0x50, 5, 1, 2, 3, 4, 5, 0, 0, 0, 1])).toThrow('4 or 16 bytes, not 5')
    expect(() => query(4, [0]).type && read(opcodes.QUERY, [0, 0, 0, 0, 0, 99, 0])).toThrow('Unknown consistency level 0x63')
    expect(read(opcodes.EVENT, [0, 1, 0x58, 9, 9, 9])).toMatchObject({ message: { event: 'UNKNOWN', name: 'X' } })
  })

  test('counts are checked against what is left', () => {
    expect(readCount(new ByteReader(Uint8Array.of(0, 2, 0, 0, 0, 0)), 2)).toBe(2)
    expect(() => readCount(new ByteReader(Uint8Array.of(0, 3, 0, 0, 0, 0)), 2)).toThrow('A count of 3 does not fit 4 bytes')
  })
})

describe('metadata that says nothing is passed over', () => {
  const metadata = (...words: number[]): ByteReader => new ByteReader(written((writer) => { for (const word of words) writer.i32(word) }))

  test.each([[4, 2, true], [5, 2, true], [4, 3, false], [6, 2, false], [12, 2, false], [1, 2, false]])('flags %i of %i columns: %s', (flags, columns, passed) => {
    const reader = metadata(flags, columns, 99)
    expect(skipPlainMetadata(reader, 2)).toBe(passed)
    expect(reader.pos).toBe(passed ? 8 : 0)
  })

  test('not where bytes are missing', () => {
    expect(skipPlainMetadata(new ByteReader(Uint8Array.of(0, 0, 0, 4, 0, 0, 0)), 0)).toBe(false)
    expect(skipPlainMetadata(metadata(4, 0), 0)).toBe(true)
  })

  test('and is written as Cassandra does', () => {
    expect(written((writer) => writeRowsMetadata(writer, { columnCount: 2 }, 4))).toEqual(Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 2))
    expect(written((writer) => writeRowsMetadata(writer, { columnCount: 0 }, 4))).toEqual(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0))
    expect(readRowsMetadata(metadata(6, 1, -1))).toMatchObject({ pagingState: undefined })
  })

  test('a server of version 5 that knows no id writes an empty one', () => {
    const message: Message = { type: 'RESULT', kind: 'PREPARED', id: Uint8Array.of(1), variables: { columns: [], partitionKey: [], otherFlags: 0x80 }, result: { columnCount: 0 } }
    const read = decodeMessage({ version: 5, response: true, flags: 0, streamId: 0, opcode: opcodes.RESULT, length: 0 }, new ByteReader(body(message, 5))).message
    expect(read).toMatchObject({ resultMetadataId: new Uint8Array(0), variables: { otherFlags: 0x80 } })
  })

  test('events and changes with nothing to say', () => {
    expect(body({ type: 'RESULT', kind: 'SCHEMA_CHANGE', change: 'CREATED', target: 'FUNCTION', keyspace: '' }, 4).subarray(-6)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0))
  })
})

describe('frames', () => {
  const envelope = (length: number): Uint8Array => written((writer) => encodeMessage(writer, { type: 'QUERY', query: 'x'.repeat(length), parameters: { consistency: 'one' } }, 5, 1))

  test('an envelope that is cancelled was never there', () => {
    const encoder = new FrameEncoder({ from: 'client', version: 4 })
    encodeBody(encoder.begin(0, 1, opcodes.OPTIONS), { type: 'OPTIONS' }, 4)
    encoder.end()
    const { size } = encoder
    encoder.begin(0, 2, opcodes.QUERY).raw(new Uint8Array(1000))
    expect(encoder.size).toBe(size + HEADER_LENGTH + 1000)
    encoder.cancel()
    expect(encoder.size).toBe(size)
    const seen: number[] = []
    new FrameDecoder({ from: 'client' }).push(encoder.flush().bytes, (header) => seen.push(header.streamId))
    expect(seen).toEqual([1])
  })

  test('bodies that compression would make longer stay as they are', () => {
    for (const compressor of [lz4, snappy]) {
      const encoder = new FrameEncoder({ from: 'client', version: 4 })
      encoder.compressor = compressor
      const noise = new SeededRandom(1).fill(new Uint8Array(600))
      encoder.begin(0, 1, opcodes.QUERY).raw(noise)
      encoder.end()
      const { bytes } = encoder.flush()
      expect([bytes[1], bytes.length]).toEqual([0, HEADER_LENGTH + 600])
      encoder.begin(0, 1, opcodes.QUERY).raw(new Uint8Array(600))
      encoder.end()
      const short = encoder.flush().bytes
      expect(short[1]).toBe(1)
      expect(short.length).toBeLessThan(100)
    }
  })

  test('a compressor may be agreed on between two envelopes', () => {
    const encoder = new FrameEncoder({ from: 'server', version: 4 })
    const decoder = new FrameDecoder({ from: 'server' })
    const lengths: number[] = []
    for (const compressor of [undefined, lz4]) {
      encoder.compressor = compressor
      decoder.compressor = compressor
      encoder.begin(0, 1, opcodes.RESULT).raw(new Uint8Array(5000))
      encoder.end()
      decoder.push(encoder.flush().bytes, (_, read) => lengths.push(read.remaining))
    }
    expect(lengths).toEqual([5000, 5000])
  })

  test('memory of a large message is given back', () => {
    const decoder = new FrameDecoder({ from: 'client' })
    const large = envelope(3 << 20)
    const small = envelope(10)
    const lengths: number[] = []
    for (const bytes of [large, small, small]) for (const part of [bytes.subarray(0, 20), bytes.subarray(20)]) decoder.push(part, (header) => lengths.push(header.length))
    expect(lengths).toEqual([large.length - 9, small.length - 9, small.length - 9])
    const segmented = new FrameDecoder({ from: 'client' })
    segmented.startSegments()
    for (const bytes of [large, small]) segmented.push(written((writer) => writeSegments(bytes, writer, undefined, crc32)), (header) => lengths.push(header.length))
    expect(lengths.slice(3)).toEqual([large.length - 9, small.length - 9])
  })

  test('a large message of which no end comes is refused at the limit', () => {
    const decoder = new FrameDecoder({ from: 'client', maxFrameLength: 100 })
    decoder.startSegments()
    // The header says little, so that only what comes tells.
    const liar = envelope(10)
    expect(() => decoder.push(written((writer) => writeSegment(new Uint8Array([...liar, ...new Uint8Array(131_000)]), false, writer, undefined, crc32)), () => {})).toThrow(ProtocolError)
    expect(() => decoder.push(new Uint8Array(1), () => {}), 'and the decoder stays broken').toThrow(ProtocolError)
  })

  test('a segment may not say that it is longer than segments are', () => {
    const huge = checkedCompressor('lz4', { compress: (bytes) => bytes, decompress: (_, length) => new Uint8Array(length) })
    expect(MAX_PAYLOAD).toBe(131_071)
    const decoder = new FrameDecoder({ from: 'client', compressor: { ...huge, decompress: () => new Uint8Array(0) } })
    decoder.startSegments()
    expect(() => decoder.push(written((writer) => writeSegment(envelope(10), true, writer, huge, crc32)), () => {})).not.toThrow()
  })

  test('segments are made of whole envelopes only', () => {
    const whole = envelope(10)
    for (const broken of [whole.subarray(0, 12), whole.subarray(0, 5), Uint8Array.of(...whole.subarray(0, 5), 255, 255, 255, 255, 0)]) {
      expect(() => written((writer) => writeSegments(broken, writer, undefined, crc32))).toThrow('whole envelopes')
    }
  })
})

describe('compression', () => {
  test('literals of every length', () => {
    for (const length of [0, 1, 14, 15, 59, 60, 61, 62, 255, 256, 269, 270, 271, 5000, 65_535, 65_536, 70_000]) {
      const noise = new SeededRandom(length).fill(new Uint8Array(length))
      for (const compressor of [lz4, snappy]) expect(compressor.decompress(compressor.compress(noise), length), `${compressor.name} of ${length}`).toEqual(noise)
    }
  })

  test('matches of every length', () => {
    for (const length of [4, 18, 19, 20, 63, 64, 65, 66, 273, 274, 275, 1000, 70_000]) {
      const bytes = new Uint8Array(length + 40).fill(7, 10, length + 10)
      for (const compressor of [lz4, snappy]) expect(compressor.decompress(compressor.compress(bytes), bytes.length), `${compressor.name} of ${length}`).toEqual(bytes)
    }
  })

  test.each([
    ['nothing at all', []], ['an end within the literals', [0x50, 1, 2]], ['an end within a length', [0xf0]], ['an end within a longer length', [0xf0, 255]], ['an end within a distance', [0x14, 1, 1]],
    ['a distance of nothing', [0x14, 1, 0, 0, 0]], ['an end within the length of a match', [0x1f, 1, 1, 0]], ['an end within a longer length of a match', [0x1f, 1, 1, 0, 255]], ['a match over the end', [0x1f, 1, 1, 0, 200, 0]],
    ['too few bytes', [0x10, 1]],
  ])('LZ4: %s', (_, block) => expect(() => lz4.decompress(Uint8Array.from(block), 20)).toThrow(ProtocolError))

  test.each([
    ['no length', []], ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]], ['an end within the literals', [8, 0x1c, 1]], ['an end within a length', [8, 0xf4, 1]], ['an end within a distance', [8, 0x00, 1, 0x02, 1]],
    ['a copy before the beginning', [8, 0x00, 1, 0x02, 9, 0]], ['a copy over the end', [2, 0x00, 1, 0x12, 1, 0]], ['too few bytes', [8, 0x00, 1]], ['a copy of four bytes that ends early', [8, 0x00, 1, 0x03, 1, 0]],
  ])('Snappy: %s', (_, block) => expect(() => snappy.decompress(Uint8Array.from(block), 20)).toThrow(ProtocolError))

  test('Snappy: copies with distances of one, two and four bytes', () => {
    expect(snappy.decompress(Uint8Array.of(5, 0x00, 7, 0x01, 1), 5)).toEqual(new Uint8Array(5).fill(7))
    expect(snappy.decompress(Uint8Array.of(5, 0x00, 7, 0x0e, 1, 0), 5)).toEqual(new Uint8Array(5).fill(7))
    expect(snappy.decompress(Uint8Array.of(5, 0x00, 7, 0x0f, 1, 0, 0, 0), 5)).toEqual(new Uint8Array(5).fill(7))
  })

  test('of a native package nothing is believed', () => {
    const broken = checkedCompressor('lz4', { compress: (bytes) => bytes, decompress: () => { throw 'out of luck' } })
    expect(() => broken.decompress(new Uint8Array(10), 10)).toThrow('Broken lz4 block: out of luck')
    expect(() => checkedCompressor('lz4', { compress: (bytes) => bytes, decompress: () => { throw new Error('bad input') } }).decompress(new Uint8Array(10), 10)).toThrow('bad input')
    const short = checkedCompressor('snappy', { compress: (bytes) => bytes, decompress: () => new Uint8Array(3) })
    expect(() => short.decompress(Uint8Array.of(4, 1, 2), 100)).toThrow('holds 3 bytes, not 4')
    expect(() => short.decompress(Uint8Array.of(200, 1, 2), 100)).toThrow('more than the 100 allowed')
    expect(() => short.decompress(Uint8Array.of(0x80), 100)).toThrow('it has no length')
    expect(short.decompress(Uint8Array.of(3, 1, 2), 100)).toEqual(new Uint8Array(3))
  })
})
