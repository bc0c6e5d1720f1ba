// The order of values as Cassandra sorts them, and the bytes that it makes of sets and maps.
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/base/index.js'
import { canonicalBytes, Codecs, comparatorOf, compareBytes, Decimal, holdsOrdered, parseType, readCells } from '../../src/codecs/index.js'
import type { CqlType, UdtType } from '../../src/codecs/index.js'

const codecs = new Codecs()
const pair: UdtType = { kind: 'udt', keyspace: 'k', name: 'pair', fields: [{ name: 'a', type: parseType('int') }, { name: 'b', type: parseType('set<int>') }] }
const typeOf = (text: string): CqlType => parseType(text, () => pair)

function bytesOf(type: CqlType, value: unknown): Uint8Array {
  const writer = new ByteWriter()
  codecs.of(type).encode(writer, value)
  return writer.toBytes()
}

/** Values of each type from the least to the greatest. */
const ascending: readonly (readonly [string, readonly unknown[]])[] = [
  ['tinyint', [-128, -1, 0, 127]],
  ['smallint', [-32768, -1, 0, 256, 32767]],
  ['int', [-2147483648, -1, 0, 65536, 2147483647]],
  ['bigint', [-(2n ** 63n), -1n, 0n, 2n ** 40n, 2n ** 63n - 1n]],
  ['counter', [-5n, 0n, 5n]],
  ['timestamp', [new Date(-1), new Date(0), new Date(1e12)]],
  ['time', ['00:00:00', '00:00:00.000000001', '23:59:59']],
  ['date', ['1969-12-31', '1970-01-01', '2024-02-29']],
  ['float', [Number.NEGATIVE_INFINITY, -1.5, -0, 0, 1.5, Number.POSITIVE_INFINITY, Number.NaN]],
  ['double', [Number.NEGATIVE_INFINITY, -1e300, -0, 0, 1e-300, Number.POSITIVE_INFINITY, Number.NaN]],
  ['varint', [-(10n ** 30n), -129n, -128n, -1n, 0n, 127n, 128n, 10n ** 30n]],
  ['decimal', [new Decimal(-15n, 1), new Decimal(-1n, 2), new Decimal(0n, 5), new Decimal(1n, 30), new Decimal(1n, -30)]],
  ['boolean', [false, true]],
  ['text', ['', 'A', 'Z', 'a', 'aa', 'é', '漢']],
  ['ascii', ['', 'A', 'a', 'ab']],
  ['blob', [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(1), Uint8Array.of(1, 0), Uint8Array.of(255)]],
  ['inet', ['1.2.3.4', '1.2.3.5', '200.0.0.1']],
  // By version first; those of version 1 by their time, the others byte by byte.
  ['uuid', ['50554d6e-29bb-11e5-b345-feff819cdc9f', '00000000-29bc-11e5-b345-feff819cdc9f', '00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000001', '123e4567-e89b-42d3-a456-426614174000']],
  // Time: the low part weighs least although it stands first; then the rest as signed bytes.
  ['timeuuid', ['ffffffff-29ba-11e5-8345-feff819cdc9f', '00000000-29bb-11e5-8345-feff819cdc9f', '00000001-29bb-11e5-8345-feff819cdc9f', '00000001-29bb-11e5-b345-feff819cdc9f', '00000001-29bb-11e5-b345-feff819cdc9f'.replace('9f', '01'), '00000000-29bb-11e6-8345-feff819cdc9f']],
  ['list<int>', [[], [-1], [-1, 5], [0], [0, 0], [1]]],
  ['set<int>', [[], [-1], [1], [1, 2]]],
  ['map<int, text>', [new Map(), new Map([[1, 'a']]), new Map([[1, 'b']]), new Map([[1, 'b'], [2, 'a']]), new Map([[2, 'a']])]],
  ['tuple<int, text>', [[null, 'z'], [-1, null], [-1, 'a'], [-1, 'b'], [0, null]]],
  ['vector<int, 2>', [[-1, 5], [0, -1], [0, 0], [1, -5]]],
  ['vector<float, 2>', [[-1, 0], [0, 1], [0.5, -1]]],
  ['vector<text, 2>', [['', 'b'], ['a', ''], ['a', 'a'], ['b', '']]],
]

describe('the order of values', () => {
  test.each(ascending)('%s', (text, values) => {
    const type = typeOf(text)
    const compare = comparatorOf(type)
    const all = values.map((value) => bytesOf(type, value))
    all.forEach((a, i) => all.forEach((b, j) => expect(Math.sign(compare(a, b)), `${String(values[i])} and ${String(values[j])}`).toBe(Math.sign(i - j))))
    expect(comparatorOf(type)).toBe(compare)
  })

  test.each(['int', 'double', 'varint', 'decimal', 'timeuuid', 'list<int>', 'tuple<int>', 'map<int, int>'])('an empty %s comes first, and two are equal', (text) => {
    const type = typeOf(text)
    const some = bytesOf(type, ({ decimal: '0', timeuuid: '00000000-29bb-11e5-8345-feff819cdc9f', 'list<int>': [], 'tuple<int>': [1], 'map<int, int>': {}, varint: 0n } as Record<string, unknown>)[text] ?? 0)
    const empty = new Uint8Array(0)
    expect([comparatorOf(type)(empty, some), comparatorOf(type)(some, empty), comparatorOf(type)(empty, empty)]).toEqual([-1, 1, 0])
  })

  test('user-defined types by their fields in order, null before any value, fewer before more', () => {
    const compare = comparatorOf(pair)
    const all = [{ a: null, b: [9] }, { a: 1, b: null }, { a: 1, b: [1] }, { a: 1, b: [2] }, { a: 2, b: null }].map((value) => bytesOf(pair, value))
    all.forEach((a, i) => all.forEach((b, j) => expect(Math.sign(compare(a, b))).toBe(Math.sign(i - j))))
    expect(compare(all[3]!.subarray(0, 8), all[3]!)).toBeLessThan(0)
    // A field more than the type has is compared byte by byte.
    const longer = (byte: number): Uint8Array => Uint8Array.of(...all[3]!, 0, 0, 0, 1, byte)
    expect(compare(longer(1), longer(2))).toBeLessThan(0)
  })

  test('bytes one by one, unsigned, and the shorter first', () => {
    expect(compareBytes(Uint8Array.of(127), Uint8Array.of(128))).toBeLessThan(0)
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(-1)
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1))).toBe(0)
  })
})

describe('the bytes that a server stores', () => {
  const written = (text: string, value: unknown): Uint8Array => bytesOf(typeOf(text), value)
  const canonical = (text: string, value: unknown): Uint8Array => canonicalBytes(typeOf(text), written(text, value))

  test('sets in order, each element once', () => {
    expect(canonical('set<int>', [3, -1, 3, 2])).toEqual(written('set<int>', [-1, 2, 3]))
    expect(canonical('set<text>', ['b', '', 'a'])).toEqual(written('set<text>', ['', 'a', 'b']))
  })

  test('maps by their keys; of equal keys the first stays', () => {
    expect(canonical('map<int, text>', [[2, 'x'], [1, 'y'], [2, 'z']])).toEqual(written('map<int, text>', [[1, 'y'], [2, 'x']]))
  })

  test('whatever they are inside of', () => {
    expect(canonical('list<frozen<set<int>>>', [[2, 1], [4, 3]])).toEqual(written('list<frozen<set<int>>>', [[1, 2], [3, 4]]))
    expect(canonical('map<frozen<set<int>>, frozen<map<int, int>>>', [[[2, 1], [[2, 2], [1, 1]]]])).toEqual(written('map<frozen<set<int>>, frozen<map<int, int>>>', [[[1, 2], [[1, 1], [2, 2]]]]))
    expect(canonical('tuple<frozen<set<int>>, int>', [[2, 1], null])).toEqual(written('tuple<frozen<set<int>>, int>', [[1, 2], null]))
    expect(canonical('pair', { a: 1, b: [2, 1] })).toEqual(written('pair', { a: 1, b: [1, 2] }))
    expect(canonical('pair', { a: null, b: null })).toEqual(written('pair', { a: null, b: null }))
  })

  test('and leaves alone what has no order of its own', () => {
    for (const text of ['list<int>', 'int', 'tuple<int, text>']) expect(holdsOrdered(typeOf(text)), text).toBe(false)
    for (const text of ['set<int>', 'list<frozen<map<int, int>>>', 'tuple<int, frozen<set<int>>>', 'pair']) expect(holdsOrdered(typeOf(text)), text).toBe(true)
    const list = written('list<int>', [3, 1])
    expect(canonicalBytes(typeOf('list<int>'), list)).toBe(list)
    const empty = new Uint8Array(0)
    expect(canonicalBytes(typeOf('set<int>'), empty)).toBe(empty)
  })

  test('cells of a collection, with and without a count', () => {
    expect(readCells(Uint8Array.of(0, 0, 0, 2, 255, 255, 255, 255, 0, 0, 0, 1, 7), true)).toEqual([null, Uint8Array.of(7)])
    expect(readCells(Uint8Array.of(0, 0, 0, 0), false)).toEqual([new Uint8Array(0)])
  })
})
