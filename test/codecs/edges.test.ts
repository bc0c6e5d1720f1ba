// Corners of types and values: what is refused, what is read of odd bytes, and the forms that only some values have.
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, CodecError, CqlError, OptionError, ProtocolError } from '../../src/base/index.js'
import {
  Codecs, Decimal, Duration, encodeCell, inetFromString, inetToString, joinJsonArrays, LocalDate, LocalTime, parseType, quoteIdentifier, quoteText, readUnsignedVint, readVint, resolveEncoding, RowDecoder, sameType, typeFromClassName,
  typeToClassName, typeToCql, unset, uuidBytes, ValueWriter, writeUnsignedVint, writeVint,
} from '../../src/codecs/index.js'
import type { Column, CqlType, ValueMapping } from '../../src/codecs/index.js'
import * as none from '../../src/codecs/generators.none.js'
import { generateJson, generateRows, generateWrite } from '../../src/codecs/generators.jit.js'

const codecs = new Codecs()
const written = (type: string | CqlType, value: unknown, own = codecs): Uint8Array => {
  const writer = new ByteWriter()
  own.of(typeof type === 'string' ? parseType(type) : type).encode(writer, value)
  return writer.toBytes()
}
const read = (type: string | CqlType, bytes: readonly number[], own = codecs): unknown => {
  const source = Uint8Array.from(bytes)
  return own.of(typeof type === 'string' ? parseType(type) : type).decode(new ByteReader(source), 0, source.length)
}
const columns = (...types: readonly (string | CqlType)[]): Column[] => types.map((type, i) => ({ name: `c${i}`, type: typeof type === 'string' ? parseType(type) : type, keyspace: 'k', table: 't' }))

describe('values that do not fit', () => {
  test.each<[string, unknown, RegExp]>([
    ['int', undefined, /expected int, got undefined/], ['int', null, /got null/], ['int', 1.5, /a number with a fraction: not a whole number/], ['int', 2 ** 31, /outside -2147483648 to 2147483647/], ['int', '12x', /got a string/],
    ['tinyint', 128n, /outside -128 to 127/], ['smallint', '-32769', /outside/], ['bigint', 2 ** 53, /beyond 2\^53 a number is not exact/], ['bigint', 0.5, /not a whole number/], ['bigint', 2n ** 63n, /range of 64 bits/],
    ['bigint', 'x', /got a string/], ['varint', {}, /got an object/], ['float', 1e300, /range of 32 bits/], ['double', 'x', /got a string/], ['double', [], /class Array/], ['decimal', Number.NaN, /got a number/], ['decimal', true, /got a boolean/],
    ['text', '\ud800', /half of a surrogate pair/], ['text', 1, /got a number/], ['ascii', 'é', /expected ascii/], ['boolean', 1, /got a number/], ['blob', 'x', /got a string/], ['uuid', 'x', /expected uuid/], ['uuid', new Uint8Array(15), /not 16 bytes/],
    ['uuid', 7, /expected uuid/], ['inet', 'x', /expected inet/], ['inet', new Uint8Array(5), /not 4 or 16 bytes/], ['inet', 7, /expected inet/], ['date', new Date(Number.NaN), /expected date/], ['date', 'x', /./], ['date', 5n, /expected date/],
    ['timestamp', new Date(Number.NaN), /not a valid date/], ['timestamp', 2n ** 63n, /range of 64 bits/], ['timestamp', 'x', /not an ISO 8601 date/], ['timestamp', {}, /expected timestamp/], ['time', -1n, /not within one day/],
    ['time', 86_400_000_000_000n, /not within one day/], ['time', 5, /expected time/], ['duration', 5, /expected duration/], ['list<int>', 5, /expected list<int>/], ['list<int>', new Map(), /class Map/], ['list<int>', [1, null], /\[1\]|a collection cannot hold it/],
    ['set<int>', [undefined], /a collection cannot hold it/], ['map<int, int>', [[1]], /pairs of key and value/], ['map<int, int>', 5, /expected map/], ['map<int, int>', new Date(), /expected map/], ['tuple<int, int>', [1], /it has 1 elements, not 2/],
    ['tuple<int>', 5, /expected frozen<tuple/], ['tuple<int>', [unset], /only a whole bind value can be unset/], ['vector<int, 2>', [1], /it has 1 elements, not 2/], ['vector<int, 2>', 'ab', /expected vector/], ['vector<int, 1>', [null], /a vector cannot hold it/],
    ['vector<int, 8>', new DataView(new ArrayBuffer(8)), /expected vector/], ['vector<text, 1>', [5], /expected text/],
  ])('%s: %o', (type, value, message) => {
    expect(() => written(type, value)).toThrow(CodecError)
    expect(() => written(type, value)).toThrow(message)
  })

  test('say where inside the value the fault is', () => {
    const place = (type: string, value: unknown): string | undefined => {
      try {
        written(type, value)
        return undefined
      } catch (error) {
        return (error as CodecError).path
      }
    }
    expect(place('list<frozen<list<int>>>', [[1], [2, 'x']])).toBe('[1][1]')
    expect(place('map<text, int>', { a: 1, b: 'x' })).toBe('[value 1]')
    expect(place('map<int, int>', [['x', 1]])).toBe('[key 0]')
    expect(place('tuple<int, frozen<list<text>>>', [1, ['a', 5]])).toBe('[1][1]')
    expect(place('vector<int, 2>', [1, 'x'])).toBe('[1]')
    const mapped = new Codecs({}, [{ type: 'int', read: (value) => value, write: () => { throw new RangeError('mine') } }])
    expect(() => written('list<int>', [1], mapped), 'errors of a mapping pass').toThrow(RangeError)
  })

  test('a cell may be null or unset, never undefined', () => {
    const cell = (value: unknown): number[] => {
      const writer = new ByteWriter()
      encodeCell(codecs.of(parseType('int')), writer, value)
      return [...writer.toBytes()]
    }
    expect([cell(null), cell(unset), cell(1)]).toEqual([[255, 255, 255, 255], [255, 255, 255, 254], [0, 0, 0, 4, 0, 0, 0, 1]])
    expect(() => cell(undefined)).toThrow('undefined is not a value')
  })

  test('objects of a user-defined type', () => {
    const type: CqlType = { kind: 'udt', keyspace: 'k', name: 'u', fields: [{ name: 'a', type: parseType('int') }] }
    for (const value of [null, [], 5, new Map(), new Set(), new Date(), new Uint8Array(1)]) expect(() => written(type, value)).toThrow(CodecError)
    expect(() => written(type, { b: 1 })).toThrow("has no field 'b'; it has a")
    expect(() => written(type, { a: unset })).toThrow('only a whole bind value can be unset')
    expect(written(type, {})).toEqual(Uint8Array.of(255, 255, 255, 255))
  })
})

describe('other forms that are accepted', () => {
  test.each<[string, unknown, readonly number[]]>([
    ['int', '+7', [0, 0, 0, 7]], ['int', 7n, [0, 0, 0, 7]], ['bigint', '-1', [255, 255, 255, 255, 255, 255, 255, 255]], ['double', 'Infinity', [0x7f, 0xf0, 0, 0, 0, 0, 0, 0]], ['double', '-1.5e0', [0xbf, 0xf8, 0, 0, 0, 0, 0, 0]],
    ['double', 2n, [0x40, 0, 0, 0, 0, 0, 0, 0]], ['blob', new ArrayBuffer(2), [0, 0]], ['blob', new DataView(Uint8Array.of(1, 2).buffer), [1, 2]], ['uuid', new Uint8Array(16), Array.from({ length: 16 }, () => 0)],
    ['inet', Uint8Array.of(1, 2, 3, 4), [1, 2, 3, 4]], ['date', new Date('1970-01-02T23:00:00Z'), [0x80, 0, 0, 1]], ['date', '1970-01-01', [0x80, 0, 0, 0]], ['timestamp', 5n, [0, 0, 0, 0, 0, 0, 0, 5]], ['timestamp', 5, [0, 0, 0, 0, 0, 0, 0, 5]],
    ['timestamp', '1970-01-01T00:00:00.005Z', [0, 0, 0, 0, 0, 0, 0, 5]], ['time', '00:00:00.000000005', [0, 0, 0, 0, 0, 0, 0, 5]], ['time', 5n, [0, 0, 0, 0, 0, 0, 0, 5]], ['map<int, int>', {}, [0, 0, 0, 0]],
    ['vector<float, 1>', Float32Array.of(1), [0x3f, 0x80, 0, 0]], ['set<int>', [1], [0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1]],
  ])('%s of %o', (type, value, bytes) => expect([...written(type, value)]).toEqual(bytes))
})

describe('bytes that do not fit a type', () => {
  test.each<[string, readonly number[]]>([
    ['int', [1]], ['tinyint', []], ['smallint', [1]], ['bigint', [1]], ['float', [1]], ['double', [1]], ['boolean', [1, 2]], ['uuid', [1]], ['timeuuid', [1]], ['date', [1]], ['time', [1]], ['timestamp', [1]], ['decimal', [0, 0, 0, 1]],
    ['vector<int, 2>', [1, 2, 3]], ['vector<text, 2>', [1]], ['vector<text, 1>', [1, 65, 66]], ['vector<float, 1>', [1]], ['list<int>', [0, 0, 0, 1, 0, 0, 0, 9]], ['duration', [0, 0]],
  ])('%s of %o is a ProtocolError', (type, bytes) => expect(() => read(type, bytes)).toThrow(ProtocolError))

  test('an address of five bytes, a time of another day', () => {
    expect(() => read('inet', [1, 2, 3, 4, 5])).toThrow(CqlError)
    expect(() => read('time', [0x7f, 255, 255, 255, 255, 255, 255, 255])).toThrow(CqlError)
  })

  test('an integer that no number holds, where numbers are wanted', () => {
    const numbers = new Codecs({ bigint: 'number' })
    expect(read('bigint', [0, 0, 0, 0, 0, 0, 0, 9], numbers)).toBe(9)
    expect(() => read('bigint', [0x7f, 0, 0, 0, 0, 0, 0, 9], numbers)).toThrow("encoding: { bigint: 'bigint' }")
    expect(read('varint', [], numbers)).toBe(0)
  })
})

describe('types as text', () => {
  const udt = { kind: 'udt', keyspace: 'k', name: 'My"Type', fields: [{ name: 'f', type: { kind: 'int' } }] } as const satisfies CqlType
  const lookup = (name: string, keyspace: string | undefined): typeof udt | undefined => (name === 'My"Type' && (keyspace ?? 'k') === 'k' ? udt : undefined)

  test.each(['foo<int>', 'list<int', 'list int', 'map<int>', 'tuple<>', 'vector<int>', 'vector<int, 0>', 'vector<int, 4294967296>', 'int x', '', '<', 'k.', 'k."x', "'"])('%s is none', (text) => {
    expect(() => parseType(text, lookup)).toThrow(CodecError)
  })

  test('user-defined types by name, quoted and with their keyspace', () => {
    expect(parseType('"My""Type"', lookup)).toBe(udt)
    expect(parseType('k."My""Type"', lookup)).toBe(udt)
    expect(parseType('frozen< "My""Type" >', lookup)).toEqual({ ...udt, frozen: true })
    expect(() => parseType('other."My""Type"', lookup)).toThrow('Unknown type other.My"Type')
    expect(() => parseType('nothing', lookup)).toThrow("Unknown type nothing in 'nothing'")
    expect(() => parseType('k.Nothing')).toThrow('Unknown type k.nothing')
    expect(parseType('VARCHAR')).toEqual({ kind: 'text' })
  })

  test('classes', () => {
    const custom: CqlType = { kind: 'custom', className: 'com.example.Odd(a,(b))' }
    expect(typeFromClassName(' com.example.Odd(a,(b)) ')).toEqual(custom)
    expect([typeToClassName(custom), typeToCql(custom)]).toEqual(['com.example.Odd(a,(b))', "'com.example.Odd(a,(b))'"])
    expect(parseType("'com.example.Odd(a,(b))'")).toEqual(custom)
    expect(typeFromClassName('ListType(Int32Type) and more')).toEqual({ kind: 'custom', className: 'ListType(Int32Type) and more' })
    expect(typeFromClassName('Unheard')).toEqual({ kind: 'custom', className: 'Unheard' })
    expect(typeFromClassName('ReversedType(DateType)')).toEqual({ kind: 'timestamp' })
    expect(typeFromClassName('LexicalUUIDType')).toEqual({ kind: 'uuid' })
    for (const broken of ['', '(', 'ListType', 'ListType(', 'ListType(Int32Type', 'MapType(Int32Type)', 'VectorType(Int32Type, x)', 'VectorType(Int32Type, 0)', 'UserType(k)', 'UserType(k,6', 'UserType(k,61,62)', 'com.x.Y(']) expect(() => typeFromClassName(broken), broken).toThrow(CodecError)
    for (const type of [parseType('frozen<list<int>>'), parseType('frozen<set<int>>'), parseType('frozen<map<int, text>>'), { ...udt, frozen: true }, parseType('vector<frozen<list<int>>, 3>')]) {
      expect(typeToClassName(type).includes('FrozenType('), typeToCql(type)).toBe(true)
      expect(typeFromClassName(typeToClassName(type))).toEqual(type)
    }
  })

  test('the same on the wire, frozen or not', () => {
    const same = (a: string, b: string): boolean => sameType(parseType(a, lookup), parseType(b, lookup))
    for (const text of ['int', 'list<int>', 'set<int>', 'map<int, text>', 'tuple<int, text>', 'vector<int, 2>', '"My""Type"', "'com.x.Y'"]) expect(same(text, text), text).toBe(true)
    expect(same('list<int>', 'frozen<list<int>>')).toBe(true)
    for (const [a, b] of [['int', 'bigint'], ['list<int>', 'set<int>'], ['list<int>', 'list<text>'], ['map<int, int>', 'map<int, text>'], ['map<int, int>', 'map<text, int>'], ['tuple<int>', 'tuple<int, int>'], ['tuple<int>', 'tuple<text>'], ['vector<int, 2>', 'vector<int, 3>'], ['vector<int, 2>', 'vector<float, 2>'], ["'a.B'", "'a.C'"]] as const) expect(same(a, b), `${a} ${b}`).toBe(false)
    for (const other of [{ ...udt, keyspace: 'x' }, { ...udt, name: 'x' }, { ...udt, fields: [] }, { ...udt, fields: [{ name: 'g', type: { kind: 'int' } }] }, { ...udt, fields: [{ name: 'f', type: { kind: 'text' } }] }] as CqlType[]) expect(sameType(udt, other)).toBe(false)
  })

  test('names and texts as CQL', () => {
    expect([quoteIdentifier('abc_1'), quoteIdentifier('Abc'), quoteIdentifier('a"b'), quoteIdentifier('select'), quoteIdentifier('1a'), quoteIdentifier('')]).toEqual(['abc_1', '"Abc"', '"a""b"', '"select"', '"1a"', '""'])
    expect(quoteText("it's")).toBe("'it''s'")
    expect(typeToCql({ ...udt, frozen: true })).toBe('frozen<"My""Type">')
  })
})

describe('options of reading', () => {
  test('are checked by name and value', () => {
    expect(resolveEncoding({ bigint: undefined as never, set: 'array' })).toEqual({ bigint: 'bigint', timestamp: 'date', set: 'array', map: 'map' })
    expect(resolveEncoding('json')).toEqual({ bigint: 'string', timestamp: 'date', set: 'array', map: 'object' })
    expect(() => resolveEncoding({ sets: 'array' } as never)).toThrow("Unknown option 'encoding.sets'")
    expect(() => resolveEncoding({ set: 'list' } as never)).toThrow(OptionError)
    expect(() => resolveEncoding({ set: 'list' } as never)).toThrow("'encoding.set' must be one of set, array")
  })

  test('mappings stand for a type, as text or data, at any depth', () => {
    const mapping: ValueMapping = { type: parseType('int'), read: (value: number) => `#${value}`, write: (value: string) => Number(value.slice(1)) }
    const own = new Codecs({ map: 'object' }, [mapping, { type: 'list<text>', read: (value: string[]) => value.join(), write: (value: string) => value.split(',') }])
    expect(read('map<int, int>', [...written('map<int, int>', { 1: 2 })], own)).toEqual({ '#1': '#2' })
    expect(read('list<text>', [...written('list<text>', 'a,b', own)], own)).toBe('a,b')
    const decoder = new RowDecoder(columns('int', 'map<int, int>'), own)
    const row = written('tuple<int, frozen<map<int, int>>>', [7, { 1: 2 }])
    expect(new TextDecoder().decode(decoder.json().write(new ByteReader(row), 1, 'array').bytes)).toBe('[{"c0":"#7","c1":{"#1":"#2"}}]')
    const collected = decoder.columnar()
    collected.read(new ByteReader(row), 1)
    expect(collected.finish().row(0)).toEqual({ c0: '#7', c1: { '#1': '#2' } })
  })

  test('a type that is none', () => expect(() => codecs.of({ kind: 'nothing' } as never)).toThrow("Unknown type 'nothing'"))

  test('custom types are their bytes', () => expect(read({ kind: 'custom', className: 'a.B' }, [1, 2])).toEqual(Uint8Array.of(1, 2)))
})

describe('value classes', () => {
  test('days', () => {
    const day = new LocalDate(19_782)
    expect([day.year, day.month, day.day, day.toString(), JSON.stringify(day)]).toEqual([2024, 2, 29, '2024-02-29', '"2024-02-29"'])
    expect(day.plusDays(1).toString()).toBe('2024-03-01')
    expect([day.compare(day.plusDays(1)), day.equals(new LocalDate(19_782)), day.equals(day.plusDays(1))]).toEqual([-1, true, false])
    expect(day.toDate()).toEqual(new Date('2024-02-29T00:00:00Z'))
    expect(() => new LocalDate(0.5)).toThrow('Days since 1970 are a 32-bit integer, not 0.5')
    expect(() => new LocalDate(2 ** 31)).toThrow(CodecError)
  })

  test('times of day', () => {
    const time = new LocalTime(13n * 3_600_000_000_000n + 4n * 60_000_000_000n + 5n * 1_000_000_000n + 6n)
    expect([time.hour, time.minute, time.second, time.nanosecond, time.toString(), JSON.stringify(time)]).toEqual([13, 4, 5, 6, '13:04:05.000000006', '"13:04:05.000000006"'])
    const later = new LocalTime(time.nanoseconds + 1n)
    expect([time.compare(later), later.compare(time), time.compare(time), time.equals(later), time.equals(new LocalTime(time.nanoseconds))]).toEqual([-1, 1, 0, false, true])
    expect(() => new LocalTime(-1n)).toThrow(CodecError)
  })

  test('decimals', () => {
    expect(() => new Decimal(1n, 0.5)).toThrow("A decimal's scale is a 32-bit integer, not 0.5")
    expect(() => new Decimal(1n, 2 ** 31)).toThrow(CodecError)
    for (const text of ['', '.', 'x', '1e', 'e5', '--1']) expect(() => Decimal.from(text), text).toThrow(CodecError)
    expect(['.5', '5.', '+1.50', '-1e3', '1.5E-2'].map((text) => { const { unscaled, scale } = Decimal.from(text); return [unscaled, scale] })).toEqual([[5n, 1], [5n, 0], [150n, 2], [-1n, -3], [15n, 3]])
    const divide = (a: string, b: string, scale: number): string => Decimal.from(a).divide(b, scale).toString()
    expect([divide('1', '3', 3), divide('2', '3', 3), divide('-2', '3', 3), divide('2', '-3', 3), divide('-2', '-3', 0), divide('1', '-2', 0), divide('1000', '3', -2), divide('0.1', '0.001', 0)]).toEqual(['0.333', '0.667', '-0.667', '-0.667', '1', '-1', '3E+2', '100'])
    expect(() => Decimal.from(1).divide(0, 2)).toThrow('Division by zero')
    expect([Decimal.from('1.005').rescale(2).toString(), Decimal.from('1.5').rescale(3).toString(), Decimal.from('-1.5').rescale(0).toString()]).toEqual(['1.01', '1.500', '-2'])
    expect([Decimal.from('1.50').compare('1.5'), Decimal.from('-1').compare(1), Decimal.from(2).compare(1n), Decimal.from(0).compare('0.00')].map(Math.sign)).toEqual([0, -1, 1, 0])
  })

  test('durations', () => {
    for (const [text, expected] of [['1y2mo3w4d5h6m7s8ms9us10ns', [14, 25, 18_367_008_009_010n]], ['-2d', [0, -2, 0n]], ['P1Y2M3DT4H5M6S', [14, 3, 14_706_000_000_000n]], ['P2W', [0, 14, 0n]], ['PT1.5S', [0, 0, 1_500_000_000n]], ['P0001-02-03T04:05:06', [14, 3, 14_706_000_000_000n]]] as const) {
      const { months, days, nanoseconds } = Duration.parse(text)
      expect([months, days, nanoseconds], text).toEqual(expected)
    }
    for (const text of ['', 'P', '1', 'x', '1y1y']) expect(() => Duration.parse(text), text).toThrow(CodecError)
    expect(() => new Duration(1, -1, 0n)).toThrow(CodecError)
  })

  test('addresses and identifiers', () => {
    for (const text of ['1.2.3', '1.2.3.4.5', '256.1.1.1', ':', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', 'g::', '::1.2.3', '12345::']) {
      expect(() => inetFromString(text), text).toThrow('Not an IP address')
      expect(() => written('inet', text), text).toThrow(CodecError)
    }
    expect([...written('inet', '::ffff:1.2.3.4')].slice(10)).toEqual([255, 255, 1, 2, 3, 4])
    expect(() => inetToString(new Uint8Array(5))).toThrow('4 or 16 bytes, not 5')
    expect(() => uuidBytes('not one')).toThrow("Not a UUID: 'not one'")
  })

  test('integers of variable length', () => {
    const unsigned = (value: bigint): number[] => { const writer = new ByteWriter(); writeUnsignedVint(writer, value); return [...writer.toBytes()] }
    expect([unsigned(0n), unsigned(127n), unsigned(128n), unsigned(16_383n), unsigned(16_384n), unsigned(2n ** 56n - 1n), unsigned(2n ** 56n), unsigned(2n ** 64n - 1n)])
      .toEqual([[0], [127], [0x80, 128], [0xbf, 255], [0xc0, 64, 0], [0xfe, 255, 255, 255, 255, 255, 255, 255], [0xff, 1, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255, 255]])
    for (const value of [0n, 127n, 128n, 2n ** 56n, 2n ** 64n - 1n]) expect(readUnsignedVint(new ByteReader(Uint8Array.from(unsigned(value))))).toBe(value)
    for (const value of [0n, -1n, 1n, -(2n ** 63n), 2n ** 63n - 1n]) {
      const writer = new ByteWriter()
      writeVint(writer, value)
      expect(readVint(new ByteReader(writer.toBytes()))).toBe(value)
    }
    const lengths = codecs.of(parseType('vector<text, 1>'))
    const tooLong = Uint8Array.of(0xf0, 0x80, 0, 0, 0)
    expect(() => lengths.decode(new ByteReader(tooLong), 0, tooLong.length)).toThrow('beyond 2 GiB')
    const most = Uint8Array.of(0xf0, 0x7f, 255, 255, 255)
    expect(() => lengths.decode(new ByteReader(most), 0, most.length)).toThrow('Truncated')
  })
})

describe('code made from text', () => {
  const many = columns(...Array.from({ length: 65 }, () => 'int'))
  const of = (some: readonly Column[]): ReturnType<typeof codecs.of>[] => some.map(({ type }) => codecs.of(type))

  test('is not made of too many columns, of none where there is nothing to do, nor where it is forbidden', () => {
    expect(generateRows(many.map(({ name }) => name), of(many), 'array')).toBeUndefined()
    expect(generateJson(many.map(() => new Uint8Array(1)), of(many), [])).toBeUndefined()
    expect(generateWrite(of(many))).toBeUndefined()
    expect([generateJson([], [], []), generateWrite([])]).toEqual([undefined, undefined])
    expect(generateRows([], [], 'array')!(new ByteReader(new Uint8Array(0)), 2)).toEqual([[], []])
    const { Function: real } = globalThis
    globalThis.Function = function forbidden() { throw new EvalError('Code generation from strings disallowed for this context') } as never
    try {
      expect([generateRows(['c'], of(columns('int')), 'array'), generateJson([new Uint8Array(1)], of(columns('int')), [{ write: () => {} }]), generateWrite(of(columns('int')))]).toEqual([undefined, undefined, undefined])
    } finally {
      globalThis.Function = real
    }
  })

  test('other runtimes generate nothing', () => expect({ ...none }).toEqual({ generateRows: undefined, generateJson: undefined, generateWrite: undefined }))

  test('rows of very many columns go by the loop, at any number', () => {
    const decoder = new RowDecoder(many, codecs)
    const row = new Uint8Array(65 * 4).fill(255)
    for (let i = 0; i < 600; i++) decoder.decode(new ByteReader(row), 1, 'array')
    expect(decoder.decode(new ByteReader(row), 1, 'array')).toEqual([Array.from({ length: 65 }, () => null)])
    const json = decoder.json()
    for (let i = 0; i < 600; i++) json.write(new ByteReader(row), 1, 'lines')
    expect(JSON.parse(new TextDecoder().decode(json.write(new ByteReader(row), 1, 'array').bytes))[0]).toMatchObject({ c0: null, c64: null })
    const writer = new ValueWriter(of(many))
    for (let i = 0; i < 600; i++) writer.write(new ByteWriter(), Array.from({ length: 65 }, () => null), 0)
    const target = new ByteWriter()
    writer.write(target, Array.from({ length: 65 }, () => null), 0)
    expect(target.toBytes()).toEqual(row)
  })

  test('JSON of no columns, of one page, and of what is missing', () => {
    const nothing = new RowDecoder([], codecs).json()
    expect(new TextDecoder().decode(nothing.write(new ByteReader(new Uint8Array(0)), 2, 'array').bytes)).toBe('[{},{}]')
    const page = { bytes: new TextEncoder().encode('[1]'), count: 1 }
    expect(joinJsonArrays([page])).toBe(page.bytes)
    const udt: CqlType = { kind: 'udt', keyspace: 'k', name: 'u', fields: [{ name: 'a', type: parseType('int') }, { name: 'b', type: parseType('int') }] }
    const decoder = new RowDecoder(columns('tuple<int, int>', udt, 'map<text, int>', 'vector<text, 2>', 'vector<varint, 1>', { kind: 'udt', keyspace: 'k', name: 'e', fields: [] }), codecs)
    const row = new ByteWriter()
    for (const cell of [[0, 0, 0, 4, 0, 0, 0, 1], [0, 0, 0, 4, 0, 0, 0, 2], [0, 0, 0, 1, 255, 255, 255, 255, 0, 0, 0, 4, 0, 0, 0, 3], [0, 0], [0], []]) {
      row.i32(cell.length)
      row.raw(Uint8Array.from(cell))
    }
    expect(JSON.parse(new TextDecoder().decode(decoder.json().write(new ByteReader(row.toBytes()), 1, 'array').bytes))).toEqual([{ c0: [1, null], c1: { a: 2, b: null }, c2: { null: 3 }, c3: ['', ''], c4: [null], c5: {} }])
    const left = new RowDecoder(columns('vector<text, 1>'), codecs)
    const bytes = Uint8Array.of(0, 0, 0, 3, 1, 65, 66)
    expect(() => left.json().write(new ByteReader(bytes), 1, 'array')).toThrow('are left after a vector')
  })
})
