import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, CodecError, CqlError } from '../../src/base/index.js'
import {
  Codecs, decodeCell, encodeCell, freezeType, jsonReplacer, MAX_TYPE_DEPTH, parseType, RowDecoder, sameType, scalar, typeFromClassName, typeToClassName, typeToCql, unset,
} from '../../src/codecs/index.js'
import type { CqlType, UdtType } from '../../src/codecs/index.js'
import { any } from '../support/arbitraries.js'
import { runs } from '../support/runs.js'
import { equal } from '../conformance/check.js'

const codecs = new Codecs()

function encode(type: CqlType, value: unknown, with_: Codecs = codecs): Uint8Array {
  const writer = new ByteWriter(4)
  encodeCell(with_.of(type), writer, value)
  return writer.toBytes()
}

function decode(type: CqlType, bytes: Uint8Array, with_: Codecs = codecs): unknown {
  return decodeCell(with_.of(type), new ByteReader(bytes))
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const body = (type: string, value: unknown): string => hex(encode(parseType(type), value).subarray(4))

test('values of random types, nested to depth 4, read as they were written', () => {
  fc.assert(fc.property(any.type(4).chain((type) => fc.tuple(fc.constant(type), any.value(type))), ([type, value]) => {
    const bytes = encode(type, value)
    equal(decode(type, bytes), value, typeToCql(type))
    expect(hex(encode(type, decode(type, bytes)))).toBe(hex(bytes))
  }), runs(2000))
})

test('random bytes of any type give a value or a typed error', () => {
  fc.assert(fc.property(any.type(3), fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
    const codec = codecs.of(type)
    try {
      if (bytes.length > 0) codec.decode(new ByteReader(bytes), 0, bytes.length)
    } catch (error) {
      expect(error).toBeInstanceOf(CqlError)
    }
  }), runs(5000))
})

test('types go to CQL text and to class names and back', () => {
  const collect = (type: CqlType, into: UdtType[]): UdtType[] => {
    if (type.kind === 'udt') {
      into.push(type)
      for (const field of type.fields) collect(field.type, into)
    } else if (type.kind === 'map') [type.key, type.value].forEach((inner) => collect(inner, into))
    else if (type.kind === 'tuple') type.elements.forEach((inner) => collect(inner, into))
    else if ('element' in type) collect(type.element, into)
    return into
  }
  fc.assert(fc.property(any.type(3), (type) => {
    expect(sameType(typeFromClassName(typeToClassName(type)), type)).toBe(true)
    const types = collect(type, [])
    const names = new Set(types.map(({ name }) => name))
    if (names.size === types.length) expect(sameType(parseType(typeToCql(type), (name) => types.find((udt) => udt.name === name)), type)).toBe(true)
  }), runs(800))
})

test('class names as servers send them', () => {
  const p = 'org.apache.cassandra.db.marshal.'
  expect(typeFromClassName(`${p}VectorType(${p}FloatType , 3)`)).toEqual({ kind: 'vector', element: scalar('float'), dimension: 3 })
  expect(typeFromClassName(`${p}ReversedType(${p}TimeUUIDType)`)).toEqual(scalar('timeuuid'))
  expect(typeFromClassName(`${p}FrozenType(${p}MapType(${p}UTF8Type,${p}ListType(${p}Int32Type)))`)).toEqual({ kind: 'map', key: scalar('text'), value: { kind: 'list', element: scalar('int') }, frozen: true })
  expect(typeFromClassName(`${p}UserType(ks,61646472,737472656574:${p}UTF8Type,7a6970:${p}Int32Type)`)).toEqual({ kind: 'udt', keyspace: 'ks', name: 'addr', fields: [{ name: 'street', type: scalar('text') }, { name: 'zip', type: scalar('int') }] })
  expect(typeFromClassName('com.example.PointType(2, x)')).toEqual({ kind: 'custom', className: 'com.example.PointType(2, x)' })
  expect(typeFromClassName(`${p}DynamicCompositeType(a=>${p}BytesType)`).kind).toBe('custom')
  expect(() => typeFromClassName(`${p}ListType(`)).toThrow(CodecError)
})

test('type text: frozen, quoted names, blanks, and what is no type', () => {
  expect(parseType(' Map < TEXT , frozen<list<int>> > ')).toEqual({ kind: 'map', key: scalar('text'), value: { kind: 'list', element: scalar('int'), frozen: true } })
  expect(parseType('varchar')).toEqual(scalar('text'))
  expect(parseType('tuple<int, vector<float, 2>>')).toEqual({ kind: 'tuple', elements: [scalar('int'), { kind: 'vector', element: scalar('float'), dimension: 2 }] })
  expect(parseType("'com.example.T'")).toEqual({ kind: 'custom', className: 'com.example.T' })
  for (const wrong of ['', 'list<int', 'list<int>>', 'int x', 'vector<int, 0>', 'nope', '<int>', 'map<int>', `${'list<'.repeat(MAX_TYPE_DEPTH + 2)}int${'>'.repeat(MAX_TYPE_DEPTH + 2)}`]) expect(() => parseType(wrong), wrong).toThrow(CodecError)
  expect(freezeType(parseType('set<int>'))).toEqual({ kind: 'set', element: scalar('int'), frozen: true })
})

describe('bytes on the wire', () => {
  test('of scalars', () => {
    expect(body('varint', 0n)).toBe('00')
    expect([127n, 128n, -1n, -128n, -129n, 256n, -(2n ** 63n), 2n ** 64n].map((value) => body('varint', value))).toEqual(['7f', '0080', 'ff', '80', 'ff7f', '0100', '8000000000000000', '010000000000000000'])
    expect(body('decimal', '-12.34')).toBe('00000002fb2e')
    expect(body('date', '1970-01-01')).toBe('80000000')
    expect(body('time', '00:00:01')).toBe('000000003b9aca00')
    expect(body('timestamp', -1)).toBe('ffffffffffffffff')
    expect(body('duration', '1mo2d3ns')).toBe('020406')
    expect(body('duration', '-1mo2d3ns')).toBe('010305')
    expect(body('boolean', true)).toBe('01')
    expect(body('inet', '::ffff:1.2.3.4')).toBe('00000000000000000000ffff01020304')
    expect(body('tinyint', -1)).toBe('ff')
  })
  test('of containers: null fields, fixed and variable vectors', () => {
    expect(body('tuple<int, text>', [null, 'a'])).toBe('ffffffff' + '0000000161')
    expect(body('vector<float, 2>', [1, 2])).toBe('3f80000040000000')
    expect(body('vector<smallint, 2>', [1, 2])).toBe('020001020002')
    expect(body('vector<text, 1>', ['x'.repeat(128)])).toBe(`8080${'78'.repeat(128)}`)
    expect(body('list<int>', [])).toBe('00000000')
  })
  test('null is -1, unset -2, and nothing else of no value is written', () => {
    expect(hex(encode(scalar('int'), null))).toBe('ffffffff')
    expect(hex(encode(scalar('int'), unset))).toBe('fffffffe')
    expect(() => encode(scalar('int'), undefined)).toThrow(/undefined is not a value/)
  })
  test('a value of no bytes is null where the type has no empty form, empty where it has one', () => {
    const empty = new Uint8Array(4)
    for (const kind of ['int', 'uuid', 'timestamp', 'varint', 'boolean', 'inet'] as const) expect(decode(scalar(kind), empty)).toBe(null)
    expect(decode(scalar('text'), empty)).toBe('')
    expect(decode(scalar('blob'), empty)).toEqual(new Uint8Array(0))
    expect(decode(scalar('int'), Uint8Array.of(0xff, 0xff, 0xff, 0x80))).toBe(null)
  })
  test('tuples and UDTs with fewer fields than the type', () => {
    const udt: CqlType = { kind: 'udt', keyspace: 'k', name: 'u', fields: [{ name: 'a', type: scalar('int') }, { name: 'b', type: scalar('int') }] }
    expect(decode(udt, Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 7))).toEqual({ a: 7, b: null })
    expect(decode(parseType('tuple<int, int>'), Uint8Array.of(0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 7))).toEqual([7, null])
    const longer = Uint8Array.of(0, 0, 0, 16, 0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 8)
    expect(decode(parseType('tuple<int>'), longer)).toEqual([7])
  })
})

describe('what is accepted when writing', () => {
  test.each([
    ['int', 5n, 5], ['int', '-7', -7], ['bigint', 5, 5n], ['bigint', '9223372036854775807', 9223372036854775807n], ['double', 5n, 5], ['double', '1e3', 1000], ['varint', 12, 12n],
    ['decimal', 1.5, '1.5'], ['decimal', 10n, '10'], ['timestamp', '2024-01-02T03:04:05Z', new Date('2024-01-02T03:04:05Z')], ['timestamp', 5n, new Date(5)], ['blob', new ArrayBuffer(2), new Uint8Array(2)],
    ['blob', Buffer.from('ab'), Uint8Array.of(97, 98)], ['set<int>', [1, 2], new Set([1, 2])], ['list<int>', new Set([1, 2]), [1, 2]], ['map<text, int>', { a: 1 }, new Map([['a', 1]])],
    ['map<text, int>', [['a', 1]], new Map([['a', 1]])], ['uuid', Buffer.alloc(16), '00000000-0000-0000-0000-000000000000'], ['inet', Uint8Array.of(1, 2, 3, 4), '1.2.3.4'], ['uuid', '6AB09BEC-E68E-48D9-A5F8-97E6FB4C9B47', '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'],
  ] as const)('%s from %s', (type, given, read) => {
    const value = decode(parseType(type), encode(parseType(type), given))
    if (type === 'decimal') expect(String(value)).toBe(read)
    else equal(value, read)
  })

  test.each([
    ['tinyint', 128], ['smallint', -32769], ['int', 2 ** 31], ['int', 1.5], ['int', Number.NaN], ['int', '1.5'], ['int', true], ['bigint', 2 ** 53], ['bigint', 2n ** 63n], ['float', 1e39], ['double', 'x'],
    ['decimal', Number.NaN], ['decimal', '1e99999999999'], ['text', 1], ['ascii', 'ü'], ['boolean', 1], ['uuid', 'x'], ['timeuuid', '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'], ['inet', '1.2.3'], ['inet', ':::'],
    ['date', '2024-13-01'], ['date', '2024-02-30'], ['time', '25:00'], ['time', -1n], ['timestamp', 'yesterday'], ['timestamp', 1.5], ['duration', '1x'], ['duration', ''], ['blob', 'text'], ['list<int>', 5],
    ['list<int>', [null]], ['set<text>', 'ab'], ['map<text, int>', [1]], ['map<int, int>', new Date()], ['tuple<int, int>', [1]], ['vector<float, 2>', [1, 2, 3]], ['vector<float, 2>', [1, null]],
  ] as const)('%s refuses %s', (type, given) => {
    expect(() => encode(parseType(type), given)).toThrow(CodecError)
  })

  test('errors tell the way to the fault and never the value', () => {
    const type = parseType('map<text, frozen<list<tuple<int, int>>>>')
    try {
      encode(type, { a: [[1, 2], [3, 'top-secret']] })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ path: '[value 0][1][1]', code: 'CQL_CODEC' })
      expect((error as Error).message).not.toContain('top-secret')
    }
  })

  test('unknown fields of a UDT are refused, missing ones are null', () => {
    const udt: CqlType = { kind: 'udt', keyspace: 'k', name: 'u', fields: [{ name: 'a', type: scalar('int') }, { name: 'b', type: scalar('int') }] }
    expect(decode(udt, encode(udt, { b: 1 }))).toEqual({ a: null, b: 1 })
    expect(() => encode(udt, { c: 1 })).toThrow(/no field 'c'/)
  })
})

describe('encodings', () => {
  test('numbers, strings, arrays, objects, bigint timestamps', () => {
    const plain = new Codecs({ bigint: 'number', set: 'array', map: 'object', timestamp: 'bigint' })
    expect(decode(scalar('bigint'), encode(scalar('bigint'), 5n), plain)).toBe(5)
    expect(() => decode(scalar('bigint'), encode(scalar('bigint'), 2n ** 60n), plain)).toThrow(/not exact/)
    expect(decode(parseType('set<int>'), encode(parseType('set<int>'), [1]), plain)).toEqual([1])
    expect(decode(parseType('map<int, text>'), encode(parseType('map<int, text>'), [[5, 'x']]), plain)).toEqual({ 5: 'x' })
    expect(decode(scalar('timestamp'), encode(scalar('timestamp'), 2n ** 62n), plain)).toBe(2n ** 62n)
    expect(() => decode(scalar('timestamp'), encode(scalar('timestamp'), 2n ** 62n))).toThrow(/encoding: \{ timestamp: 'bigint' \}/)
    expect(decode(scalar('bigint'), encode(scalar('bigint'), 5n), new Codecs('json'))).toBe('5')
    expect(() => new Codecs({ sets: 'array' } as never)).toThrow(/encoding\.sets/)
    expect(() => new Codecs({ set: 'list' } as never)).toThrow(/encoding\.set/)
  })
  test('mappings of the user', () => {
    const own = new Codecs({}, [{ type: 'decimal', read: (value: { toNumber(): number }) => value.toNumber(), write: (value: number) => value.toFixed(2) }])
    const type = parseType('list<decimal>')
    expect(decode(type, encode(type, [1.005, 2], own), own)).toEqual([1, 2])
  })
})

test('a column called __proto__ is an ordinary property', () => {
  const columns = [{ name: '__proto__', type: scalar('int'), keyspace: '', table: '' }, { name: 'constructor', type: scalar('int'), keyspace: '', table: '' }]
  const row = new RowDecoder(columns, codecs).decode(new ByteReader(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 2)), 1, 'object')[0] as object
  expect(Object.entries(row)).toEqual([['__proto__', 1], ['constructor', 2]])
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
})

test('the JSON form of every kind of value', () => {
  const value = { big: 1n, set: new Set([1]), map: new Map<unknown, unknown>([[1n, 'a'], [new Date(0), 'b']]), blob: Uint8Array.of(255), vector: new Float32Array([0.5]), nan: Number.NaN, nested: [new Map([['k', new Set([2n])]])] }
  expect(JSON.stringify(value, jsonReplacer)).toBe('{"big":"1","set":[1],"map":{"1":"a","1970-01-01T00:00:00.000Z":"b"},"blob":"/w==","vector":[0.5],"nan":null,"nested":[{"k":["2"]}]}')
})

test('the writer keeps every byte wherever its buffer grows', () => {
  for (let capacity = 1; capacity < 40; capacity++) {
    const writer = new ByteWriter(capacity)
    writer.u8(1); writer.u16(2); writer.i32(3); writer.i64(4n); writer.f64(5); writer.f32(6); writer.u32(7); writer.utf8('äb'); writer.i16(-8); writer.raw(Uint8Array.of(9))
    expect(hex(writer.toBytes())).toBe('01' + '0002' + '00000003' + '0000000000000004' + '4014000000000000' + '40c00000' + '00000007' + 'c3a462' + 'fff8' + '09')
  }
})
