// One function for each CQL type: text(), int(), set(text()), ...
import { OptionError } from '../base/index.js'
import { freezeType, scalar } from '../codecs/index.js'
import type { CqlType, Decimal, Duration, LocalDate, LocalTime, ScalarKind, UdtType } from '../codecs/index.js'
import { Column } from './column.js'
import type { Mapping } from './column.js'
import type { Containing, ContainingEntry, Equality, Ordered, Textual, WholeEquality } from './filter-types.js'

/** A column that is in no key, may be null, and has no index yet. */
export type NewColumn<Read, Write, Filter> = Column<Read | null, Write | null, Filter, 'regular', 'optional', 'none'>
/** A collection, which is never null: without elements it is empty, for CQL knows no difference. */
export type CollectionColumn<Read, Write, Filter> = Column<Read, Write | null, Filter, 'regular', 'optional', 'none'>

function make<Read, Write, Filter>(kind: ScalarKind): NewColumn<Read, Write, Filter> {
  return Column.of(scalar(kind))
}

/** `ascii`: text of seven bits. */
export const ascii = (): NewColumn<string, string, Textual<string>> => make('ascii')
/** `text`. */
export const text = (): NewColumn<string, string, Textual<string>> => make('text')
/** `tinyint`: one byte. */
export const tinyint = (): NewColumn<number, number, Ordered<number>> => make('tinyint')
/** `smallint`: two bytes. */
export const smallint = (): NewColumn<number, number, Ordered<number>> => make('smallint')
/** `int`: four bytes. */
export const int = (): NewColumn<number, number, Ordered<number>> => make('int')
/** `bigint`: eight bytes. Numbers may be written while they are safe integers. */
export const bigint = (): NewColumn<bigint, bigint | number, Ordered<bigint | number>> => make('bigint')
/** `varint`: an integer of any size. */
export const varint = (): NewColumn<bigint, bigint | number, Ordered<bigint | number>> => make('varint')
/** `float`: four bytes. */
export const float = (): NewColumn<number, number, Ordered<number>> => make('float')
/** `double`: eight bytes. */
export const double = (): NewColumn<number, number, Ordered<number>> => make('double')
/** `decimal`: exact. Texts are read as they are written: `'12.30'`. */
export const decimal = (): NewColumn<Decimal, Decimal | string | number | bigint, Ordered<Decimal | string | number | bigint>> => make('decimal')
/** `boolean`. */
export const boolean = (): NewColumn<boolean, boolean, Ordered<boolean>> => make('boolean')
/** `blob`. */
export const blob = (): NewColumn<Uint8Array, Uint8Array, Ordered<Uint8Array>> => make('blob')
/** `uuid`. */
export const uuid = (): NewColumn<string, string, Ordered<string>> => make('uuid')
/** `timeuuid`: a version 1 UUID, in order of time. */
export const timeuuid = (): NewColumn<string, string, Ordered<string>> => make('timeuuid')
/** `timestamp`: milliseconds since 1970. */
export const timestamp = (): NewColumn<Date, Date | number | string, Ordered<Date | number | string>> => make('timestamp')
/** `date`: a day without a time zone. */
export const date = (): NewColumn<LocalDate, LocalDate | string, Ordered<LocalDate | string>> => make('date')
/** `time`: nanoseconds since midnight. */
export const time = (): NewColumn<LocalTime, LocalTime | string | bigint, Ordered<LocalTime | string | bigint>> => make('time')
/** `duration`: months, days and nanoseconds, which have no order. */
export const duration = (): NewColumn<Duration, Duration | string, Equality<Duration | string>> => make('duration')
/** `inet`: an IPv4 or IPv6 address. */
export const inet = (): NewColumn<string, string, Ordered<string>> => make('inet')
/** `counter`: only ever added to, in a table of nothing but counters and keys. */
export const counter = (): Column<bigint | null, bigint | number, Ordered<bigint | number>, 'counter', 'optional', 'none'> => Column.of(scalar('counter'), 'counter')

/** What a column is without being null: an element of a collection. */
type ReadOf<C extends Column> = NonNullable<C['$read']>
type WriteOf<C extends Column> = NonNullable<C['$write']>

/** `list<element>`: an element is read, changed and removed by its place, at the cost of reading the list first; a set is better where order does not matter. */
export function list<E extends Column>(element: E): CollectionColumn<ReadOf<E>[], readonly WriteOf<E>[], Containing<WriteOf<E>>> {
  return collection({ kind: 'list', element: inside(element) }, element.mappings, (value, each) => Array.from(value as Iterable<unknown>, each), (value, each) => (value as unknown[]).map(each))
}

/** `set<element>`: unique elements, in their order. */
export function set<E extends Column>(element: E): CollectionColumn<Set<ReadOf<E>>, ReadonlySet<WriteOf<E>> | readonly WriteOf<E>[], Containing<WriteOf<E>>> {
  return collection({ kind: 'set', element: inside(element) }, element.mappings, (value, each) => Array.from(value as Iterable<unknown>, each), (value, each) => new Set(Array.from(value as Set<unknown>, each)))
}

/** `map<key, value>`: entries in order of their keys. */
export function map<K extends Column, V extends Column>(key: K, value: V): CollectionColumn<Map<ReadOf<K>, ReadOf<V>>, ReadonlyMap<WriteOf<K>, WriteOf<V>>, ContainingEntry<WriteOf<K>, WriteOf<V>>> {
  const type: CqlType = { kind: 'map', key: inside(key), value: inside(value) }
  if (key.mappings.length === 0 && value.mappings.length === 0) return Column.of(type)
  const [keys, values] = [chained(key.mappings), chained(value.mappings)]
  return mappedColumn(type, {
    encode: (entries) => new Map(Array.from(entries as Iterable<[unknown, unknown]>, ([k, v]) => [keys.encode(k), values.encode(v)])),
    decode: (entries) => new Map(Array.from(entries as Iterable<[unknown, unknown]>, ([k, v]) => [keys.decode(k), values.decode(v)])),
  })
}

type Elements<E extends readonly Column[], Of extends '$read' | '$write'> = { -readonly [I in keyof E]: NonNullable<E[I][Of]> | null }

/** `tuple<...>`: a fixed number of values, any of which may be null. */
export function tuple<const E extends readonly Column[]>(...elements: E): NewColumn<Elements<E, '$read'>, Readonly<Elements<E, '$write'>>, WholeEquality<Readonly<Elements<E, '$write'>>>> {
  const mappings = elements.map((element) => chained(element.mappings))
  const type: CqlType = { kind: 'tuple', elements: elements.map(inside) }
  if (elements.every((element) => element.mappings.length === 0)) return Column.of(type)
  const each = (values: unknown, way: 'encode' | 'decode'): unknown[] => (values as unknown[]).map((value, i) => (value === null ? null : mappings[i]![way](value)))
  return mappedColumn(type, { encode: (values) => each(values, 'encode'), decode: (values) => each(values, 'decode') })
}

/** `vector<float, dimension>`, since Cassandra 5.0. */
export function vector(dimension: number): NewColumn<Float32Array, Float32Array | readonly number[], WholeEquality<Float32Array | readonly number[]>> {
  return Column.of(vectorType(scalar('float'), dimension))
}

/** `vector<element, dimension>` of any type: read as an array. */
export function vectorOf<E extends Column>(element: E, dimension: number): NewColumn<ReadOf<E>[], readonly WriteOf<E>[], WholeEquality<readonly WriteOf<E>[]>> {
  const type = vectorType(inside(element), dimension)
  const each: Each = (value, way) => Array.from(value as Iterable<unknown>, way)
  return element.type.kind === 'float' && element.mappings.length === 0
    ? mappedColumn(type, { encode: (value) => value, decode: (value) => Array.from(value as Iterable<unknown>) })
    : collection(type, element.mappings, each, each)
}

function vectorType(element: CqlType, dimension: number): CqlType {
  if (!Number.isInteger(dimension) || dimension < 1) throw new OptionError('dimension', `A vector has a whole number of dimensions, at least 1, not ${dimension}`)
  return { kind: 'vector', element, dimension }
}

/** A user-defined type: called, it makes a column of it. */
export interface UdtDefinition<F extends Readonly<Record<string, Column>> = Readonly<Record<string, Column>>> {
  (): NewColumn<{ -readonly [K in keyof F]: F[K]['$read'] | null }, { readonly [K in keyof F]?: F[K]['$write'] | null }, never>
  /** The type as CQL has it. */
  readonly type: UdtType
  readonly fields: F
}

/**
 * Declares a user-defined type.
 *
 * @param name in CQL
 * @param fields keep their names: no naming strategy changes them
 * @example
 * ```ts
 * import { int, table, text, udt, uuid } from 'cqlwire/orm'
 * const address = udt('address', { street: text(), number: int() })
 * const users = table('users', { id: uuid().partitionKey(), home: address(), work: address().frozen() })
 * ```
 */
export function udt<F extends Readonly<Record<string, Column>>>(name: string, fields: F): UdtDefinition<F> {
  const entries = Object.entries(fields)
  if (entries.length === 0) throw new OptionError('fields', `The type ${name} has no fields`)
  const type: UdtType = { kind: 'udt', keyspace: '', name, fields: entries.map(([field, column]) => ({ name: field, type: inside(column) })) }
  const mappings = new Map(entries.filter(([, column]) => column.mappings.length > 0).map(([field, column]) => [field, chained(column.mappings)]))
  const each = (value: unknown, way: 'encode' | 'decode'): unknown =>
    Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([field, part]) => [field, part === null ? null : (mappings.get(field)?.[way](part) ?? part)]))
  const column = (): Column => (mappings.size === 0 ? Column.of(type) : mappedColumn(type, { encode: (value) => each(value, 'encode'), decode: (value) => each(value, 'decode') }))
  return Object.assign(column, { type, fields }) as UdtDefinition<F>
}

/** The type of what stands inside another one: collections there are frozen, as CQL demands. */
function inside(column: Column): CqlType {
  if (column.type.kind === 'counter') throw new OptionError('element', 'A counter cannot be inside a collection')
  return freezeType(column.type)
}

/** Several mappings as one. */
export function chained(mappings: readonly Mapping<unknown, unknown, unknown>[]): Mapping<unknown, unknown, unknown> {
  return {
    encode: (value) => mappings.reduce((current, { encode }) => encode(current), value),
    decode: (value) => mappings.reduceRight((current, { decode }) => decode(current), value),
  }
}

function mappedColumn(type: CqlType, mapping: Mapping<unknown, unknown, unknown>): any {
  return Column.of(type).mapped(mapping as Mapping<unknown, any, any>)
}

type Each = (value: unknown, each: (element: unknown) => unknown) => unknown

function collection(type: CqlType, mappings: readonly Mapping<unknown, unknown, unknown>[], encode: Each, decode: Each): any {
  if (mappings.length === 0) return Column.of(type)
  const element = chained(mappings)
  return mappedColumn(type, { encode: (value) => encode(value, element.encode), decode: (value) => decode(value, element.decode) })
}
