import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { runs } from '../support/runs.js'
import { describe, expect, test } from 'vitest'
import { ByteWriter, ProtocolError } from '../../src/base/index.js'
import {
  checkedCompressor, crc24, crc32, decodeMessage, encodeBody, FrameDecoder, FrameEncoder, lz4, MAX_PAYLOAD, opcodes, readSegmentHeader, snappy, UnsupportedVersionError, writeSegment,
} from '../../src/protocol/index.js'
import type { Compressor, FrameDecoderOptions, Message, ProtocolVersion } from '../../src/protocol/index.js'
import { loadNativeCompressor } from '../../src/transport/index.js'

interface Setting {
  readonly name: string
  readonly version: ProtocolVersion
  readonly compressor?: Compressor
}

const settings: readonly Setting[] = [
  { name: 'v3', version: 3 }, { name: 'v4', version: 4 }, { name: 'v4 lz4', version: 4, compressor: lz4 }, { name: 'v4 snappy', version: 4, compressor: snappy },
  { name: 'v5', version: 5 }, { name: 'v5 lz4', version: 5, compressor: lz4 },
]

const text = (length: number): string => Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i * 7) % 13) + (i % 11 === 0 ? 5 : 0))).join('')

/** Requests of sizes around every limit. */
const sizes = runs(100).numRuns < 100 ? [0, 1, 30, 300, MAX_PAYLOAD + 1] : [0, 1, 300, 5000, MAX_PAYLOAD - 40, MAX_PAYLOAD, MAX_PAYLOAD + 1, 3, 3 * MAX_PAYLOAD + 17, 20]
const messages: readonly Message[] = sizes.map((length) => ({ type: 'QUERY', query: text(length), parameters: { consistency: 'one' } }))

function encodeAll({ version, compressor }: Setting, list: readonly Message[], perFlush = 3): Uint8Array {
  const encoder = new FrameEncoder({ from: 'client', version })
  encoder.compressor = compressor
  if (version === 5) encoder.startSegments()
  const out = new ByteWriter()
  list.forEach((message, i) => {
    encodeBody(encoder.begin(0, i, opcodes[message.type]), message, version)
    encoder.end()
    if (i % perFlush === perFlush - 1 || i === list.length - 1) {
      const { bytes, buffer } = encoder.flush()
      out.raw(bytes)
      encoder.recycle(buffer)
    }
  })
  return out.toBytes()
}

function decoderOf({ version, compressor }: Setting, options: Partial<FrameDecoderOptions> = {}): FrameDecoder {
  const decoder = new FrameDecoder({ from: 'client', compressor, ...options })
  if (version === 5) decoder.startSegments()
  return decoder
}

function decodeAll(setting: Setting, chunks: Iterable<Uint8Array>): { streamId: number; message: Message }[] {
  const decoder = decoderOf(setting)
  const seen: { streamId: number; message: Message }[] = []
  for (const chunk of chunks) decoder.push(chunk, (header, body) => seen.push({ streamId: header.streamId, message: decodeMessage(header, body).message }))
  return seen
}

function* cut(bytes: Uint8Array, sizes: (at: number) => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, sizes(at))
    // A copy that is overwritten afterwards, as a socket's read buffer is.
    const chunk = bytes.slice(at, at + size)
    yield chunk
    chunk.fill(0xee)
    at += size
  }
}

describe.each(settings)('$name', (setting) => {
  const whole = encodeAll(setting, messages)
  const expected = messages.map((message, streamId) => ({ streamId, message }))

  test('messages of every size come back, in one piece and cut at random', () => {
    expect(decodeAll(setting, [whole])).toStrictEqual(expected)
    fc.assert(fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 })), { minLength: 1, maxLength: 30 }), (sizes) => {
      expect(decodeAll(setting, cut(whole, (at) => sizes[at % sizes.length]!))).toStrictEqual(expected)
    }), runs(12))
  })

  test('cut at every byte: the same messages', () => {
    const short = messages.slice(0, 4)
    const bytes = encodeAll(setting, short)
    for (let at = 0; at <= bytes.length; at++) {
      expect(decodeAll(setting, [bytes.slice(0, at), bytes.slice(at)])).toHaveLength(short.length)
    }
    expect(decodeAll(setting, cut(bytes, () => 1))).toStrictEqual(expected.slice(0, 4))
  })

  test('random and mutated bytes: messages, a ProtocolError, or a wish for more', () => {
    const bytes = encodeAll(setting, messages.slice(0, 4))
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 5 }), fc.uint8Array({ maxLength: 100 }), (changes, random) => {
      const mutated = bytes.slice()
      for (const [at, value] of changes) mutated[at % mutated.length] = value
      for (const input of [mutated, random]) {
        const decoder = decoderOf(setting)
        try {
          decoder.push(input, (header, body) => { decodeMessage(header, body) })
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect(() => decoder.push(Uint8Array.of(1), () => {})).toThrow(ProtocolError)
        }
      }
    }), runs(800))
  })
})

test('v5: every single flipped bit is noticed', () => {
  const bytes = encodeAll(settings[4]!, messages.slice(0, 2))
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice()
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    const decoder = decoderOf(settings[4]!)
    let messagesSeen = 0
    expect(() => {
      decoder.push(damaged, () => messagesSeen++)
      // A longer length may leave the decoder waiting: only if nothing was handed over is that right.
      if (messagesSeen < 2) throw new ProtocolError('waiting')
    }).toThrow(ProtocolError)
  }
})

test('the switch to segments comes between READY and the next byte of the same chunk', () => {
  const encoder = new FrameEncoder({ from: 'server', version: 5 })
  const send = (message: Message, streamId: number): void => {
    encodeBody(encoder.begin(0, streamId, opcodes[message.type]), message, 5)
    encoder.end()
  }
  send({ type: 'READY' }, 1)
  const first = encoder.flush().bytes.slice()
  encoder.startSegments()
  send({ type: 'RESULT', kind: 'VOID' }, 2)
  const bytes = Uint8Array.of(...first, ...encoder.flush().bytes)
  for (let at = 0; at <= bytes.length; at++) {
    const decoder = new FrameDecoder({ from: 'server' })
    const seen: number[] = []
    for (const chunk of [bytes.slice(0, at), bytes.slice(at)]) {
      decoder.push(chunk, (header) => {
        seen.push(header.streamId)
        if (header.opcode === opcodes.READY) decoder.startSegments()
      })
    }
    expect(seen).toEqual([1, 2])
  }
})

describe('limits and faults', () => {
  const frame = (length: number, version = 4): Uint8Array => {
    const bytes = new Uint8Array(9)
    bytes[0] = version | 0x80
    bytes[4] = opcodes.RESULT
    new DataView(bytes.buffer).setInt32(5, length)
    return bytes
  }
  const push = (bytes: Uint8Array, options: Partial<FrameDecoderOptions> = {}): void => new FrameDecoder({ from: 'server', ...options }).push(bytes, () => {})

  test('length negative or over the limit', () => {
    expect(() => push(frame(-1))).toThrow(/negative/)
    expect(() => push(frame(0x7fff_ffff))).toThrow(/maxFrameLength/)
    expect(() => push(frame(1001), { maxFrameLength: 1000 })).toThrow(/maxFrameLength \(1000\)/)
  })

  test('a declared length takes no memory before its bytes come', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoder = new FrameDecoder({ from: 'server' })
    decoder.push(frame(200 * 1024 * 1024), () => {})
    decoder.push(new Uint8Array(1000), () => {})
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
  })

  test('unknown versions tell which, and on which stream', () => {
    for (const version of [1, 2, 6, 65, 66]) {
      const bytes = frame(0, version)
      bytes[3] = 9
      expect(() => push(bytes)).toThrow(expect.objectContaining({ version, streamId: 9 }) as Error)
    }
    expect(() => push(frame(0, 6))).toThrow(UnsupportedVersionError)
  })

  test('a request where a response is due', () => {
    expect(() => push(Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(/0x4 is not that of a CQL response/)
    expect(() => push(new TextEncoder().encode('HTTP/1.1 400 Bad Request'))).toThrow(ProtocolError)
  })

  test('compressed although nothing was agreed; bombs of LZ4 and Snappy', () => {
    const bytes = frame(8)
    bytes[1] = 1
    const bomb = Uint8Array.of(...bytes, 0x0f, 0xff, 0xff, 0xff, 0x10, 0, 0, 0)
    expect(() => push(bomb)).toThrow(/no compression was agreed/)
    expect(() => push(bomb, { compressor: lz4 })).toThrow(/4 compressed bytes cannot become/)
    expect(() => push(Uint8Array.of(...bytes, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0), { compressor: snappy })).toThrow(ProtocolError)
  })

  test('slices of a large message: mixed with others, empty, and too long', () => {
    const segments = (...parts: readonly (readonly [bytes: Uint8Array, selfContained: boolean])[]): Uint8Array => {
      const writer = new ByteWriter()
      for (const [bytes, selfContained] of parts) writeSegment(bytes, selfContained, writer, undefined, crc32)
      return writer.toBytes()
    }
    const run = (bytes: Uint8Array, options: Partial<FrameDecoderOptions> = {}): number => {
      const decoder = decoderOf({ name: '', version: 5 }, { from: 'server', ...options })
      let count = 0
      decoder.push(bytes, () => count++)
      return count
    }
    const large = new Uint8Array(20)
    large.set(frame(11, 5))
    expect(run(segments([large.subarray(0, 12), false], [large.subarray(12), false]))).toBe(1)
    expect(run(segments([large.subarray(0, 4), false], [large.subarray(4), false])), 'a header over two segments').toBe(1)
    expect(() => run(segments([large.subarray(0, 12), false], [large, true]))).toThrow(/amid the slices/)
    expect(() => run(segments([large.subarray(0, 12), true]))).toThrow(/ends within a message/)
    expect(() => run(segments([new Uint8Array(0), false]))).toThrow(/empty slice/i)
    expect(() => run(segments([Uint8Array.of(...large, 1), false]))).toThrow(/more bytes/)
    expect(() => run(segments([frame(5000, 5), false]), { maxFrameLength: 1000 })).toThrow(/maxFrameLength/)
  })
})

describe('checksums', () => {
  test('CRC24 of the specification: initial value, polynomial, order', () => {
    const slow = (bytes: Uint8Array): number => {
      let crc = 0x875060
      for (const byte of bytes) {
        crc ^= byte << 16
        for (let i = 0; i < 8; i++) {
          crc <<= 1
          if (crc & 0x1000000) crc ^= 0x1974f0b
        }
      }
      return crc
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 9 }), (bytes) => { expect(crc24(bytes, 0, bytes.length)).toBe(slow(bytes)) }))
  })

  test('CRC32 is that of zlib, also when continued', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffff_ffff), (bytes, value) => { expect(crc32(bytes, value)).toBe(zlibCrc32(bytes, value)) }))
  })

  test('a segment as bytes: little-endian header, flag at bit 17, both checksums', () => {
    const writer = new ByteWriter()
    writeSegment(Uint8Array.of(1, 2, 3), true, writer, undefined, crc32)
    const bytes = writer.toBytes()
    expect([...bytes.subarray(0, 3)]).toEqual([3, 0, 2])
    expect(new DataView(bytes.buffer).getUint32(9, true)).toBe(zlibCrc32(Uint8Array.of(1, 2, 3), zlibCrc32(Uint8Array.of(0xfa, 0x2d, 0x55, 0xca))))
    expect(readSegmentHeader(bytes, 0, false)).toEqual({ length: 3, rawLength: 0, selfContained: true })
  })

  test('LZ4 segments that would grow go uncompressed: raw length 0', () => {
    const random = Uint8Array.from({ length: 64 }, (_, i) => (i * 197 + ((i * i) % 251)) & 255)
    const writer = new ByteWriter()
    writeSegment(random, true, writer, lz4, crc32)
    expect(readSegmentHeader(writer.bytes, 0, true)).toEqual({ length: 64, rawLength: 0, selfContained: true })
    writer.pos = 0
    writeSegment(new Uint8Array(MAX_PAYLOAD), false, writer, lz4, crc32)
    expect(readSegmentHeader(writer.bytes, 0, true)).toMatchObject({ rawLength: MAX_PAYLOAD, selfContained: false })
  })
})

describe.each(['lz4', 'snappy'] as const)('%s in plain TypeScript and native', async (name) => {
  const plain = name === 'lz4' ? lz4 : snappy
  const native = checkedCompressor(name, (await loadNativeCompressor(name))!)
  const blocks = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.constantFrom('row ', 'value', '12', 'aaaaaaaaaaaaaaaaaaaaaa', '\u0000\u0000\u0000\u0004'), { maxLength: 3000 }).map((words) => new TextEncoder().encode(words.join(''))),
    fc.tuple(fc.nat(200_000), fc.nat(255)).map(([length, value]) => new Uint8Array(length).fill(value)),
  )

  test('each reads what either has written', () => {
    fc.assert(fc.property(blocks, (block) => {
      for (const writer of [plain, native]) for (const reader of [plain, native]) expect(Buffer.compare(reader.decompress(writer.compress(block), block.length), block)).toBe(0)
    }), runs(150))
  })

  test('broken blocks are ProtocolErrors in both', () => {
    fc.assert(fc.property(blocks, fc.nat(), fc.nat(255), (block, at, value) => {
      const compressed = Uint8Array.from(plain.compress(block))
      compressed[at % compressed.length] = value
      for (const reader of [plain, native]) {
        try {
          expect(reader.decompress(compressed, block.length).length).toBeLessThanOrEqual(block.length)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }
    }), runs(500))
  })

  test('nothing compresses to one byte and back', () => {
    expect(plain.compress(new Uint8Array(0))).toHaveLength(1)
    expect(plain.decompress(plain.compress(new Uint8Array(0)), 0)).toHaveLength(0)
  })

  test('a wrong length is an error', () => {
    const compressed = lz4.compress(new Uint8Array(100))
    if (name === 'lz4') for (const reader of [plain, native]) for (const length of [99, 101]) expect(() => reader.decompress(compressed, length)).toThrow(ProtocolError)
  })
})
