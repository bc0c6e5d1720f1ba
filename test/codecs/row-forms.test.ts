// Rows as objects, arrays and JSON by the fast ways and the plain ones: the same for every type, and the same errors for bytes that are wrong.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, CqlError } from '../../src/base/index.js'
import { Codecs, encodeCell, joinJsonArrays, jsonReplacer, parseType, RowDecoder, unset, ValueWriter } from '../../src/codecs/index.js'
import type { Column, CqlType, EncodingOptions } from '../../src/codecs/index.js'
import { generateRows, generateWrite } from '../../src/codecs/generators.jit.js'
import { any } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'

const codecs = new Codecs()
const columnsOf = (types: readonly CqlType[], names: readonly string[] = types.map((_, i) => `c${i}`)): Column[] => types.map((type, i) => ({ name: names[i]!, type, keyspace: 'k', table: 't' }))

function bytesOf(types: readonly CqlType[], rows: readonly (readonly unknown[])[]): Uint8Array {
  const writer = new ByteWriter()
  for (const row of rows) row.forEach((value, i) => encodeCell(codecs.of(types[i]!), writer, value))
  return writer.toBytes()
}

/** A few types, and rows of values of them, some null. */
const table = fc.array(any.type(3), { minLength: 1, maxLength: 5 }).chain((types) =>
  fc.tuple(fc.constant(types), fc.array(fc.tuple(...types.map((type) => fc.option(any.value(type), { freq: 5 }))), { maxLength: 6 })))

const outcome = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(CqlError)
    return (error as Error).message
  }
}

function generated(columns: readonly Column[], own: Codecs, mode: 'object' | 'array'): (source: ByteReader, count: number) => unknown[] {
  return generateRows(columns.map(({ name }) => name), columns.map(({ type }) => own.of(type)), mode)!
}

describe('generated decoders', () => {
  const encodings: EncodingOptions[] = [{}, { bigint: 'string', timestamp: 'bigint', set: 'array', map: 'object' }, { bigint: 'number' }]
  for (const mode of ['object', 'array'] as const) {
    test(`give the same ${mode}s as the plain one, whatever the encoding`, () => {
      fc.assert(fc.property(table, fc.constantFrom(...encodings), ([types, rows], encoding) => {
        const own = new Codecs(encoding)
        const columns = columnsOf(types)
        const bytes = bytesOf(types, rows)
        const plain = outcome(() => new RowDecoder(columns, own).decodePlainly(new ByteReader(bytes), rows.length, mode))
        const fast = outcome(() => generated(columns, own, mode)(new ByteReader(bytes), rows.length))
        expect(fast).toStrictEqual(plain)
      }), runs(400))
    })
  }

  test('end in the same error, or the same values, for random bytes', () => {
    fc.assert(fc.property(fc.array(any.type(2), { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 3 }), (types, noise, count) => {
      const columns = columnsOf(types)
      // Small lengths, so that many cells are whole.
      const bytes = noise.map((byte, i) => (i % 8 < 3 ? 0 : i % 8 === 3 ? byte % 20 : byte))
      const plain = outcome(() => new RowDecoder(columns, codecs).decodePlainly(new ByteReader(bytes), count, 'array'))
      expect(outcome(() => generated(columns, codecs, 'array')(new ByteReader(bytes), count))).toStrictEqual(plain)
    }), runs(2000))
  })

  test('take over after some hundred rows, leave the reader behind them, and make plain objects', () => {
    const types = [parseType('int'), parseType('text')]
    const decoder = new RowDecoder(columnsOf(types, ['id', 'name']), codecs)
    const bytes = bytesOf(types, Array.from({ length: 300 }, (_, i) => [i, `n${i}`]))
    for (let round = 0; round < 3; round++) {
      const source = new ByteReader(bytes)
      const rows = decoder.decode(source, 300, 'object') as Record<string, unknown>[]
      expect(source.remaining).toBe(0)
      expect(rows[299]).toStrictEqual({ id: 299, name: 'n299' })
      expect(Object.getPrototypeOf(rows[0])).toBe(Object.prototype)
      expect(rows[0]!.constructor).toBe(Object)
    }
  })

  test('names from the network never become code', () => {
    const names = ['"];globalThis.broken=1;//', '__proto__', 'constructor', '`${globalThis.broken=2}`', '7', '']
    const types = names.map(() => parseType('int'))
    const decoder = new RowDecoder(columnsOf(types, names), codecs)
    const bytes = bytesOf(types, Array.from({ length: 600 }, () => names.map((_, i) => i)))
    for (let round = 0; round < 2; round++) {
      const row = (decoder.decode(new ByteReader(bytes), 600, 'object') as Record<string, unknown>[])[599]!
      expect(Object.keys(row).sort()).toEqual(names.toSorted())
      expect(row['constructor']).toBe(2)
      expect(Object.getOwnPropertyDescriptor(row, '__proto__')?.value).toBe(1)
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    }
    expect((globalThis as { broken?: number }).broken).toBeUndefined()
    const safe = names.filter((name) => name !== '__proto__')
    const rows = generated(columnsOf(safe.map(() => parseType('int')), safe), codecs, 'object')(new ByteReader(bytesOf(types.slice(1), [[1, 2, 3, 4, 5]])), 1)
    expect(rows).toEqual([Object.fromEntries(safe.map((name, i) => [name, i + 1]))])
  })
})

describe('JSON straight from cells', () => {
  const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

  /** As the client writes it at first, and as it does once a shape has code of its own. */
  const bothWays = (columns: readonly Column[], own: Codecs = codecs): ((bytes: Uint8Array, count: number) => unknown)[] => {
    const json = new RowDecoder(columns, own).json()
    json.write(new ByteReader(new Uint8Array(4 * columns.length * 501).fill(255)), 501, 'lines')
    return [(bytes, count) => text(json.writePlainly(new ByteReader(bytes), count, 'array').bytes), (bytes, count) => text(json.write(new ByteReader(bytes), count, 'array').bytes)]
  }

  test('reads as what JSON.stringify makes of the values', () => {
    fc.assert(fc.property(table, ([types, rows]) => {
      const decoder = new RowDecoder(columnsOf(types), codecs)
      const bytes = bytesOf(types, rows)
      const plain = outcome(() => JSON.parse(JSON.stringify(decoder.decodePlainly(new ByteReader(bytes), rows.length, 'object'), jsonReplacer)))
      // An instant that no Date can hold is an error either way.
      for (const write of bothWays(decoder.columns)) expect(outcome(() => JSON.parse(write(bytes, rows.length) as string))).toEqual(plain)
    }), runs(1000))
  })

  test('is the same text, letter by letter, for values whose order JavaScript does not change', () => {
    const flat = fc.constantFrom('text', 'int', 'smallint', 'tinyint', 'bigint', 'double', 'float', 'boolean', 'uuid', 'timestamp', 'blob', 'varint', 'decimal', 'inet', 'date', 'time', 'list<text>', 'tuple<int, text>', 'vector<float, 3>', 'vector<int, 2>', 'vector<text, 2>').map((type) => parseType(type))
    fc.assert(fc.property(fc.array(flat, { minLength: 1, maxLength: 6 }).chain((types) => fc.tuple(fc.constant(types), fc.array(fc.tuple(...types.map((type) => fc.option(any.value(type), { freq: 5 }))), { maxLength: 4 }))), ([types, rows]) => {
      const decoder = new RowDecoder(columnsOf(types, types.map((_, i) => `"col" ${i} é`)), codecs)
      const bytes = bytesOf(types, rows)
      const plain = outcome(() => JSON.stringify(decoder.decodePlainly(new ByteReader(bytes), rows.length, 'object'), jsonReplacer))
      for (const write of bothWays(decoder.columns)) expect(outcome(() => write(bytes, rows.length))).toBe(plain)
    }), runs(1000))
  })

  test('ends in the same error, or the same JSON, for random bytes', () => {
    fc.assert(fc.property(fc.array(any.type(2), { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 60 }), (types, noise) => {
      const bytes = noise.map((byte, i) => (i % 8 < 3 ? 0 : i % 8 === 3 ? byte % 20 : byte))
      const [plain, fast] = bothWays(columnsOf(types)).map((write) => outcome(() => write(bytes, 2)))
      expect(fast).toBe(plain)
    }), runs(2000))
  })

  test.each([
    ['int', [0, 9, 10, -1, 2147483647, -2147483648, 1_000_000_000, 999_999_999]],
    ['bigint', [0n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 4294967296n]],
    ['double', [0, -0, 0.1, 1e21, 1e-7, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31), 123456789012]],
    ['timestamp', [0, -1, 951_782_400_000, 951_868_799_999, -62_167_219_200_000, -62_167_219_200_001, 253_402_300_799_999, 253_402_300_800_000, 8.64e15, -8.64e15, 4_107_542_400_000]],
    ['text', ['', 'a', '"', '\\', '\n', '\u0000', '\u007f', 'é', '\u2028', '😀', 'x'.repeat(5000)]],
    ['blob', [Uint8Array.of(), Uint8Array.of(1), Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3), Uint8Array.of(255, 255, 255, 255)]],
  ] as const)('%s at its edges', (type, values) => {
    const types = [parseType(type)]
    const decoder = new RowDecoder(columnsOf(types), codecs)
    const bytes = bytesOf(types, values.map((value) => [value]))
    for (const write of bothWays(decoder.columns)) expect(write(bytes, values.length)).toBe(JSON.stringify(decoder.decode(new ByteReader(bytes), values.length, 'object'), jsonReplacer))
  })

  test('every day of four centuries has its date', () => {
    const types = [parseType('timestamp')]
    const days = Array.from({ length: 146_097 }, (_, day) => [-11_676_096_000_000 + day * 86_400_000 + (day % 86_400) * 1000 + (day % 1000)])
    const decoder = new RowDecoder(columnsOf(types), codecs)
    const bytes = bytesOf(types, days)
    expect(text(decoder.json().write(new ByteReader(bytes), days.length, 'lines').bytes)).toBe(days.map(([ms]) => `{"c0":"${new Date(ms!).toISOString()}"}\n`).join(''))
  })

  test('with bare digits, as lines, and of several pages', () => {
    const types = ['bigint', 'varint', 'decimal', 'list<bigint>', 'set<decimal>', 'map<bigint, varint>'].map((type) => parseType(type))
    const decoder = new RowDecoder(columnsOf(types, ['b', 'v', 'd', 'l', 's', 'm']), codecs)
    const bytes = bytesOf(types, [[2n ** 60n, 10n ** 30n, '1.50', [1n], ['2.5'], new Map([[3n, 4n]])]])
    const line = '{"b":1152921504606846976,"v":1000000000000000000000000000000,"d":1.50,"l":[1],"s":[2.5],"m":{"3":4}}'
    expect(text(decoder.json({ bigint: 'number' }).write(new ByteReader(bytes), 1, 'lines').bytes)).toBe(`${line}\n`)
    const page = decoder.json({ bigint: 'number' }).write(new ByteReader(bytes), 1, 'array')
    const empty = decoder.json().write(new ByteReader(bytes), 0, 'array')
    expect(text(joinJsonArrays([page, empty, page]))).toBe(`[${line},${line}]`)
    expect(text(joinJsonArrays([empty, empty]))).toBe('[]')
    expect(text(joinJsonArrays([]))).toBe('[]')
  })

  test('a result stays as it is when others follow it into the same memory', () => {
    const types = [parseType('text')]
    const decoder = new RowDecoder(columnsOf(types, ['t']), codecs)
    const results = Array.from({ length: 2000 }, (_, i) => decoder.json().write(new ByteReader(bytesOf(types, [[`value ${i} ${'é'.repeat(i % 900)}`]])), 1, 'array').bytes)
    results.forEach((bytes, i) => expect(text(bytes)).toBe(`[{"t":"value ${i} ${'é'.repeat(i % 900)}"}]`))
  })
})

describe('columns', () => {
  const encodings: EncodingOptions[] = [{}, { bigint: 'string', timestamp: 'bigint', set: 'array', map: 'object' }]

  test('hold the same values as rows, over several pages, whatever the type and encoding', () => {
    fc.assert(fc.property(table, table.map(([, rows]) => rows.length), fc.constantFrom(...encodings), fc.constantFrom('bytes' as const, 'dictionary' as const), ([types, rows], pageSize, encoding, text) => {
      const own = new Codecs(encoding)
      const decoder = new RowDecoder(columnsOf(types), own)
      const whole = outcome(() => decoder.decodePlainly(new ByteReader(bytesOf(types, rows)), rows.length, 'array'))
      const columns = outcome(() => {
        const collected = decoder.columnar({ text })
        for (let at = 0; at < rows.length; at += pageSize + 1) {
          const page = rows.slice(at, at + pageSize + 1)
          const source = new ByteReader(bytesOf(types, page))
          collected.read(source, page.length)
          expect(source.remaining).toBe(0)
        }
        const result = collected.finish()
        expect(result.rowCount).toBe(rows.length)
        for (const column of result.columns) {
          expect(column.length).toBe(rows.length)
          expect([...column].filter((value) => value === null).length).toBe(column.nullCount)
        }
        return rows.map((_, i) => result.columns.map((column) => column.get(i)))
      })
      expect(columns).toStrictEqual(whole)
    }), runs(600))
  })

  test('end in an error, or hold what rows hold, for random bytes', () => {
    fc.assert(fc.property(fc.array(any.type(2), { minLength: 1, maxLength: 3 }), fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 3 }), (types, noise, count) => {
      const bytes = noise.map((byte, i) => (i % 8 < 3 ? 0 : i % 8 === 3 ? byte % 20 : byte))
      const decoder = new RowDecoder(columnsOf(types), codecs)
      const plain = outcome(() => decoder.decodePlainly(new ByteReader(bytes), count, 'array'))
      const columns = outcome(() => {
        const collected = decoder.columnar()
        collected.read(new ByteReader(bytes), count)
        const result = collected.finish()
        return Array.from({ length: count }, (_, i) => result.columns.map((column) => column.get(i)))
      })
      // Which of several errors comes first depends on the way.
      if (typeof plain === 'string') expect(columns).toBeTypeOf('string')
      else expect(columns).toStrictEqual(plain)
    }), runs(2000))
  })

  test('lie in typed arrays, with bitmaps of what is not null', () => {
    const types = ['int', 'bigint', 'text', 'list<int>', 'timestamp', 'uuid', 'vector<float, 2>'].map((type) => parseType(type))
    const names = ['i', 'b', 't', 'l', 'at', 'id', 'v']
    const decoder = new RowDecoder(columnsOf(types, names), codecs)
    const collected = decoder.columnar()
    const rows = [[1, 2n, 'é', [1, 2], 0, '00000000-0000-0000-0000-000000000001', [1, 2]], [null, null, null, null, null, null, null], [3, -(2n ** 63n), 'xy', [3], 1.5e12, '00000000-0000-0000-0000-000000000002', [3, 4]]]
    collected.read(new ByteReader(bytesOf(types, rows)), 3)
    const result = collected.finish()
    expect(result.column('i')!.data).toEqual({ layout: 'fixed', values: Int32Array.of(1, 0, 3), stride: 1 })
    expect(result.column('i')!.validity).toEqual(Uint8Array.of(0b1111_1101))
    expect(result.column('b')!.data).toEqual({ layout: 'fixed', values: BigInt64Array.of(2n, 0n, -(2n ** 63n)), stride: 1 })
    expect(result.column('t')!.data).toEqual({ layout: 'bytes', bytes: Uint8Array.of(0xc3, 0xa9, 0x78, 0x79), offsets: Int32Array.of(0, 2, 2, 4) })
    expect(result.column('l')!.data).toMatchObject({ layout: 'list', offsets: Int32Array.of(0, 2, 2, 3), children: [{ data: { values: Int32Array.of(1, 2, 3) } }] })
    expect(result.column('at')!.data).toMatchObject({ values: Float64Array.of(0, 0, 1.5e12) })
    expect((result.column('id')!.data as { values: Uint8Array }).values.length).toBe(48)
    expect(result.column('v')!.data).toMatchObject({ values: Float32Array.of(1, 2, 0, 0, 3, 4), stride: 2 })
    expect(result.row(1)).toEqual({ i: null, b: null, t: null, l: null, at: null, id: null, v: null })
    expect(result.row(2)).toEqual({ i: 3, b: -(2n ** 63n), t: 'xy', l: [3], at: new Date(1.5e12), id: '00000000-0000-0000-0000-000000000002', v: Float32Array.of(3, 4) })
    expect(() => result.column('i')!.get(3)).toThrow(RangeError)
    expect(result.column('none')).toBeUndefined()
  })

  test('a dictionary holds each text once', () => {
    const types = [parseType('text')]
    const decoder = new RowDecoder(columnsOf(types, ['t']), codecs)
    const collected = decoder.columnar({ text: 'dictionary' })
    const texts = Array.from({ length: 5000 }, (_, i) => `state ${(i * 7) % 3000}`)
    collected.read(new ByteReader(bytesOf(types, texts.map((text) => [text]))), texts.length)
    const column = collected.finish().columns[0]!
    expect([...column]).toEqual(texts)
    expect((column.data as unknown as { dictionary: string[] }).dictionary.length).toBe(3000)
  })
})

describe('values, written by generated code', () => {
  /** What people also pass: other forms of a value, what is out of range, null, unset, and nonsense. */
  const odd = fc.oneof(fc.constantFrom(null, unset, undefined, '', 'é', '😀'.repeat(9), 'x'.repeat(30), '\ud800', -0, 1.5, 2 ** 31, -(2 ** 31) - 1, 300, 40_000, Number.NaN, 2n ** 63n, -(2n ** 63n), 5n, true, new Date(0), new Date(Number.NaN), '2026-01-01', [], {}, '00000000-0000-1000-8000-00000000000g', '0A000000-0000-1000-8000-00000000000b'), fc.anything())

  const written = (write: (writer: ByteWriter) => void): unknown => {
    const writer = new ByteWriter(1)
    try {
      write(writer)
      return writer.toBytes()
    } catch (error) {
      return (error as Error).message
    }
  }

  test('are the same bytes, or the same error, as by the plain loop', () => {
    fc.assert(fc.property(fc.array(any.type(1), { minLength: 1, maxLength: 5 }).chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map((type) => fc.oneof({ weight: 4, arbitrary: any.value(type) }, odd))))), fc.integer({ min: 0, max: 2 }), ([types, values], from) => {
      const list = types.map((type) => codecs.of(type))
      const fast = written((writer) => generateWrite(list)!(writer, values, from))
      expect(fast).toStrictEqual(written((writer) => new ValueWriter(list).writePlainly(writer, values, from)))
    }), runs(3000))
  })

  test('take over after some hundred lists', () => {
    const list = ['uuid', 'text', 'int', 'timestamp', 'double', 'bigint', 'boolean', 'list<int>'].map((type) => codecs.of(parseType(type)))
    const writer = new ValueWriter(list)
    const values = ['0A000000-0000-1000-8000-00000000000b', 'name', 7, new Date(1), 0.5, 5n, true, [1]]
    const bytes = Array.from({ length: 600 }, () => written((target) => writer.write(target, values, 0)))
    expect(bytes[599]).toStrictEqual(bytes[0])
    expect(written((target) => writer.write(target, [...values.slice(0, 2), 'seven', ...values.slice(3)], 0))).toContain('expected int')
  })
})
