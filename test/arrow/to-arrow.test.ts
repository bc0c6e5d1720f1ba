// Columns as Arrow, read back by Arrow's own library from its bytes.
import { tableFromIPC, tableToIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { toArrow } from '../../src/arrow/index.js'
import { ByteReader, ByteWriter } from '../../src/base/index.js'
import { Codecs, encodeCell, parseType, RowDecoder } from '../../src/codecs/index.js'

const codecs = new Codecs()
const id = '01020304-0506-0708-090a-0b0c0d0e0f10'
/** By column: its type, two values, and what Arrow makes of them. */
const columns: readonly (readonly [type: string, values: readonly [unknown, unknown], arrow: readonly [unknown, unknown]])[] = [
  ['tinyint', [1, -2], [1, -2]],
  ['smallint', [1, -300], [1, -300]],
  ['int', [1, -70000], [1, -70000]],
  ['bigint', [2n ** 62n, -1n], [2n ** 62n, -1n]],
  ['float', [0.5, -1.5], [0.5, -1.5]],
  ['double', [0.1, -1e300], [0.1, -1e300]],
  ['boolean', [true, false], [true, false]],
  ['text', ['é', ''], ['é', '']],
  ['blob', [Uint8Array.of(1, 2), Uint8Array.of()], [Uint8Array.of(1, 2), Uint8Array.of()]],
  ['uuid', [id, id], [Uint8Array.from({ length: 16 }, (_, i) => i + 1), Uint8Array.from({ length: 16 }, (_, i) => i + 1)]],
  ['timestamp', [0, 1.5e12], [0, 1.5e12]],
  ['date', ['1970-01-02', '2026-11-21'], [86_400_000, Date.UTC(2026, 10, 21)]],
  ['time', ['00:00:00.000000001', '23:00:00'], [1n, 82_800_000_000_000n]],
  ['decimal', ['1.50', '-2'], ['1.50', '-2']],
  ['varint', [10n ** 20n, 0n], ['100000000000000000000', '0']],
  ['inet', ['127.0.0.1', '::1'], ['127.0.0.1', '::1']],
  ['vector<float, 2>', [[1, 2], [3, 4]], [[1, 2], [3, 4]]],
  ['vector<text, 2>', [['a', 'b'], ['', 'c']], ['["a","b"]', '["","c"]']],
  ['list<int>', [[1, 2], [3]], [[1, 2], [3]]],
  ['set<text>', [['a', 'b'], ['c']], [['a', 'b'], ['c']]],
  ['map<text, int>', [new Map([['a', 1], ['b', 2]]), new Map([['c', 3]])], [{ a: 1, b: 2 }, { c: 3 }]],
  ['tuple<int, text>', [[1, 'x'], [2, null]], [{ 0: 1, 1: 'x' }, { 0: 2, 1: null }]],
  ['list<frozen<map<int, frozen<list<text>>>>>', [[new Map([[1, ['a']]])], [new Map(), new Map([[2, ['b', 'c']]])]], [[{ 1: ['a'] }], [{}, { 2: ['b', 'c'] }]]],
]

/** What Arrow's vectors, maps and rows hold, as plain values. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  const { constructor } = value
  if (constructor.name === 'Vector' || Array.isArray(value)) return [...(value as Iterable<unknown>)].map(plain)
  return Object.fromEntries([...(value as Iterable<[unknown, unknown]>)].map(([key, item]) => [String(key), plain(item)]))
}

test.each(['bytes', 'dictionary'] as const)('every type, nulls between, text as %s', (text) => {
  const types = columns.map(([type]) => parseType(type))
  const decoder = new RowDecoder(types.map((type, i) => ({ name: `c${i}`, type, keyspace: 'k', table: 't' })), codecs)
  const writer = new ByteWriter()
  for (const row of [0, -1, 1]) columns.forEach(([, values], i) => encodeCell(codecs.of(types[i]!), writer, row < 0 ? null : values[row]))
  const collected = decoder.columnar({ text })
  collected.read(new ByteReader(writer.toBytes()), 3)
  const table = tableFromIPC(tableToIPC(toArrow(collected.finish())))
  expect(table.numRows).toBe(3)
  columns.forEach(([type, , expected], i) => {
    const vector = table.getChildAt(i)!
    expect([plain(vector.get(0)), vector.get(1), plain(vector.get(2))], type).toEqual([expected[0], null, expected[1]])
    expect(vector.nullCount, type).toBe(1)
  })
})

test('no rows, no nulls, and booleans beyond one byte', () => {
  const decoder = new RowDecoder([{ name: 'b', type: parseType('boolean'), keyspace: 'k', table: 't' }], codecs)
  expect(tableFromIPC(tableToIPC(toArrow(decoder.columnar().finish()))).numRows).toBe(0)
  const values = Array.from({ length: 20 }, (_, i) => i % 3 === 0)
  const writer = new ByteWriter()
  for (const value of values) encodeCell(codecs.of(parseType('boolean')), writer, value)
  const collected = decoder.columnar()
  collected.read(new ByteReader(writer.toBytes()), 20)
  const table = tableFromIPC(tableToIPC(toArrow(collected.finish())))
  expect([...table.getChild('b')!]).toEqual(values)
})
