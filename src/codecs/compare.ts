import { ByteReader } from '../base/index.js'
import type { CqlType } from './types.js'
import { Decimal } from './values/decimal.js'
import { readVarint } from './values/varint.js'
import { readUnsignedVint } from './values/vint.js'

/** Order of two serialised values of a type, as Cassandra sorts them. */
export type Comparator = (a: Uint8Array, b: Uint8Array) => number

/** Byte by byte, unsigned. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function order<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Doubles as Java compares them: -0 before 0, NaN last. */
function orderDouble(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0)
  if (a === 0 && b === 0) return order(Object.is(a, -0) ? 0 : 1, Object.is(b, -0) ? 0 : 1)
  return order(a, b)
}

/** Empty values come first; the rest by `compare`. */
function emptyFirst(compare: Comparator): Comparator {
  return (a, b) => (a.length === 0 || b.length === 0 ? Math.sign(a.length - b.length) : compare(a, b))
}

/** Whole numbers of the same width: the first bit is the sign, and what follows rises. */
function compareSigned(a: Uint8Array, b: Uint8Array): number {
  let difference = (a[0]! ^ 0x80) - (b[0]! ^ 0x80)
  for (let i = 1; difference === 0 && i < a.length; i++) difference = a[i]! - b[i]!
  return difference
}

/** Version 1 UUIDs by their time, then by the rest as signed bytes (TimeUUIDType). */
function compareTimeUuid(a: Uint8Array, b: Uint8Array): number {
  for (const at of [6, 7, 4, 5, 0, 1, 2, 3]) {
    const mask = at === 6 ? 0x0f : 0xff
    const difference = (a[at]! & mask) - (b[at]! & mask)
    if (difference !== 0) return difference
  }
  const left = viewOf(a)
  const right = viewOf(b)
  for (let at = 8; at < 16; at++) {
    const difference = left.getInt8(at) - right.getInt8(at)
    if (difference !== 0) return difference
  }
  return 0
}

/** UUIDs by version, then time for version 1, else byte by byte (UUIDType). */
function compareUuid(a: Uint8Array, b: Uint8Array): number {
  const versions = (a[6]! >> 4) - (b[6]! >> 4)
  if (versions !== 0) return versions
  return a[6]! >> 4 === 1 ? compareTimeUuid(a, b) : compareBytes(a, b)
}

/** Cells of a collection, tuple or UDT: [int] length and bytes. */
export function readCells(bytes: Uint8Array, counted: boolean): (Uint8Array | null)[] {
  const reader = new ByteReader(bytes)
  if (counted) reader.i32()
  const cells: (Uint8Array | null)[] = []
  while (reader.remaining > 0) {
    const length = reader.i32()
    if (length < 0) cells.push(null)
    else {
      const start = reader.take(length)
      cells.push(bytes.subarray(start, start + length))
    }
  }
  return cells
}

function compareCells(left: readonly (Uint8Array | null)[], right: readonly (Uint8Array | null)[], comparators: (i: number) => Comparator): number {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const a = left[i]!
    const b = right[i]!
    if (a === null || b === null) {
      if (a !== b) return a === null ? -1 : 1
      continue
    }
    const difference = comparators(i)(a, b)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function vectorElements(bytes: Uint8Array, dimension: number, size: number): Uint8Array[] {
  if (size > 0) return Array.from({ length: dimension }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  const reader = new ByteReader(bytes)
  return Array.from({ length: dimension }, () => {
    const length = Number(readUnsignedVint(reader))
    const start = reader.take(length)
    return bytes.subarray(start, start + length)
  })
}

const fixedSizes: Readonly<Record<string, number>> = { boolean: 1, int: 4, float: 4, bigint: 8, double: 8, timestamp: 8, uuid: 16, timeuuid: 16 }

const comparators = new WeakMap<CqlType, Comparator>()

/** The order of a type's values. */
export function comparatorOf(type: CqlType): Comparator {
  let comparator = comparators.get(type)
  if (!comparator) comparators.set(type, (comparator = make(type)))
  return comparator
}

function make(type: CqlType): Comparator {
  switch (type.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'counter':
    case 'timestamp':
    case 'time':
      return emptyFirst(compareSigned)
    case 'float':
      return emptyFirst((a, b) => orderDouble(viewOf(a).getFloat32(0), viewOf(b).getFloat32(0)))
    case 'double':
      return emptyFirst((a, b) => orderDouble(viewOf(a).getFloat64(0), viewOf(b).getFloat64(0)))
    case 'varint':
      return emptyFirst((a, b) => order(readVarint(a, 0, a.length), readVarint(b, 0, b.length)))
    case 'decimal':
      return emptyFirst((a, b) => decimalOf(a).compare(decimalOf(b)))
    case 'uuid':
      return emptyFirst(compareUuid)
    case 'timeuuid':
      return emptyFirst(compareTimeUuid)
    case 'list':
    case 'set': {
      const element = comparatorOf(type.element)
      return emptyFirst((a, b) => compareCells(readCells(a, true), readCells(b, true), () => element))
    }
    case 'map': {
      const key = comparatorOf(type.key)
      const value = comparatorOf(type.value)
      return emptyFirst((a, b) => compareCells(readCells(a, true), readCells(b, true), (i) => (i % 2 === 0 ? key : value)))
    }
    case 'tuple': {
      const elements = type.elements.map(comparatorOf)
      return emptyFirst((a, b) => compareCells(readCells(a, false), readCells(b, false), (i) => elements[i] ?? compareBytes))
    }
    case 'udt': {
      const fields = type.fields.map((field) => comparatorOf(field.type))
      return emptyFirst((a, b) => compareCells(readCells(a, false), readCells(b, false), (i) => fields[i] ?? compareBytes))
    }
    case 'vector': {
      const element = comparatorOf(type.element)
      const size = fixedSizes[type.element.kind] ?? 0
      return (a, b) => compareCells(vectorElements(a, type.dimension, size), vectorElements(b, type.dimension, size), () => element)
    }
    default:
      return compareBytes // text, ascii, blob, boolean, date, inet, duration, custom
  }
}

function decimalOf(bytes: Uint8Array): Decimal {
  return new Decimal(readVarint(bytes, 4, bytes.length), viewOf(bytes).getInt32(0))
}
