import { checkCount, CodecError, ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { decodeCell, encodeCell, errorWithin, mismatch } from './codec.js'
import type { Codec } from './codec.js'
import type { Encoding } from './encoding.js'
import { jsonKey } from './json.js'
import type { ListType, MapType, SetType, TupleType, UdtType, VectorType } from './types.js'
import { readLength, writeUnsignedVint } from './values/vint.js'

/** Assigns a property whose name came from data: `__proto__` becomes an ordinary property. */
export function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  else target[name] = value
}

/** Elements that a `Set` or `Map` can hold. */
export const MOST_KEYS: number = 2 ** 24

/** Refuses what would not fit, before time is spent on it. */
function checkKeys(type: SetType | MapType, count: number, form: string): void {
  if (count > MOST_KEYS) throw new CodecError(`A ${type.kind} of ${count} elements: JavaScript's hold at most ${MOST_KEYS}. Read it with encoding: { ${form} }`)
}

function encodeElement(codec: Codec, writer: ByteWriter, value: unknown, step: string | number): void {
  try {
    if (value === null || value === undefined || typeof value === 'symbol') throw mismatch(codec.type, value, 'a collection cannot hold it')
    encodeCell(codec, writer, value)
  } catch (error) {
    throw errorWithin(error, `[${step}]`)
  }
}

function iterate(type: ListType | SetType, value: unknown): Iterable<unknown> {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value && !(value instanceof Map)) return value as Iterable<unknown>
  throw mismatch(type, value)
}

/** The codec of lists, and of sets read as arrays or as `Set`. */
export function listCodec(type: ListType | SetType, element: Codec, encoding: Encoding): Codec {
  const asSet = type.kind === 'set' && encoding.set === 'set'
  return {
    type,
    vectorSize: 0,
    allowsEmpty: false,
    collects: asSet ? 'set' : 'array',
    parts: [element],
    decode(source: ByteReader, start: number, end: number): unknown[] | Set<unknown> {
      const reader = source.within(start, end)
      const count = reader.i32()
      checkCount(count, 4, reader.remaining)
      if (asSet) {
        checkKeys(type as SetType, count, "set: 'array'")
        const set = new Set<unknown>()
        for (let i = 0; i < count; i++) set.add(decodeCell(element, reader))
        return set
      }
      const list = new Array<unknown>(count)
      for (let i = 0; i < count; i++) list[i] = decodeCell(element, reader)
      return list
    },
    encode(writer: ByteWriter, value: unknown): void {
      const at = writer.reserve(4)
      let count = 0
      for (const item of iterate(type, value)) encodeElement(element, writer, item, count++)
      writer.view.setInt32(at, count)
    },
  }
}

function entriesOf(type: MapType, value: unknown): Iterable<readonly [unknown, unknown]> {
  if (typeof value === 'object' && value !== null) {
    if (Symbol.iterator in value) return value as Iterable<[unknown, unknown]>
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return Object.entries(value)
  }
  throw mismatch(type, value)
}

/** The codec of maps, read as `Map` or as objects. */
export function mapCodec(type: MapType, key: Codec, value: Codec, encoding: Encoding): Codec {
  const asObject = encoding.map === 'object'
  return {
    type,
    vectorSize: 0,
    allowsEmpty: false,
    collects: asObject ? undefined : 'map',
    parts: [key, value],
    decode(source: ByteReader, start: number, end: number): Map<unknown, unknown> | Record<string, unknown> {
      const reader = source.within(start, end)
      const count = reader.i32()
      checkCount(count, 8, reader.remaining)
      if (asObject) {
        const object: Record<string, unknown> = {}
        for (let i = 0; i < count; i++) {
          const name = decodeCell(key, reader)
          setOwn(object, jsonKey(name), decodeCell(value, reader))
        }
        return object
      }
      checkKeys(type, count, "map: 'object'")
      const map = new Map<unknown, unknown>()
      for (let i = 0; i < count; i++) {
        const name = decodeCell(key, reader)
        map.set(name, decodeCell(value, reader))
      }
      return map
    },
    encode(writer: ByteWriter, given: unknown): void {
      const at = writer.reserve(4)
      let count = 0
      for (const entry of entriesOf(type, given)) {
        if (!Array.isArray(entry) || entry.length !== 2) throw mismatch(type, given, 'its entries are not pairs of key and value')
        encodeElement(key, writer, entry[0], `key ${count}`)
        encodeElement(value, writer, entry[1], `value ${count}`)
        count++
      }
      writer.view.setInt32(at, count)
    },
  }
}

/** The codec of tuples: arrays with null for missing elements. */
export function tupleCodec(type: TupleType, elements: readonly Codec[]): Codec {
  return {
    type,
    vectorSize: 0,
    allowsEmpty: elements.length === 0,
    parts: elements,
    decode(source: ByteReader, start: number, end: number): unknown[] {
      const reader = source.within(start, end)
      const list: unknown[] = []
      while (list.length < elements.length && reader.remaining > 0) list.push(decodeCell(elements[list.length]!, reader))
      if (list.length < elements.length) reader.missing(elements.length - list.length)
      while (list.length < elements.length) list.push(null)
      return list
    },
    encode(writer: ByteWriter, value: unknown): void {
      if (!Array.isArray(value)) throw mismatch(type, value)
      if (value.length !== elements.length) throw mismatch(type, value, `it has ${value.length} elements, not ${elements.length}`)
      elements.forEach((element, i) => encodePart(element, writer, value[i], `[${i}]`))
    },
  }
}

function encodePart(codec: Codec, writer: ByteWriter, value: unknown, step: string): void {
  try {
    if (typeof value === 'symbol') throw mismatch(codec.type, value, 'only a whole bind value can be unset')
    encodeCell(codec, writer, value)
  } catch (error) {
    throw errorWithin(error, step)
  }
}

/** The codec of user-defined types: objects by field name. Fields added to the type later read as null. */
export function udtCodec(type: UdtType, fields: readonly Codec[]): Codec {
  const names = type.fields.map((field) => field.name)
  const known = new Set(names)
  return {
    type,
    vectorSize: 0,
    allowsEmpty: fields.length === 0, // no server has such a type, yet its value is no null
    parts: fields,
    decode(source: ByteReader, start: number, end: number): Record<string, unknown> {
      const reader = source.within(start, end)
      const object: Record<string, unknown> = {}
      let i = 0
      for (; i < fields.length && reader.remaining > 0; i++) setOwn(object, names[i]!, decodeCell(fields[i]!, reader))
      if (i < fields.length) reader.missing(fields.length - i)
      for (; i < fields.length; i++) setOwn(object, names[i]!, null)
      return object
    },
    encode(writer: ByteWriter, value: unknown): void {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set || value instanceof Date) {
        throw mismatch(type, value)
      }
      const object = value as Record<string, unknown>
      for (const name of Object.keys(object)) {
        if (!known.has(name)) throw new CodecError(`the type ${type.name} has no field '${name}'; it has ${names.join(', ')}`)
      }
      for (let i = 0; i < fields.length; i++) {
        const name = names[i]!
        encodePart(fields[i]!, writer, Object.hasOwn(object, name) ? object[name] : null, `.${name}`)
      }
    },
  }
}

/** The codec of vectors: `Float32Array` for floats, arrays for the rest. */
export function vectorCodec(type: VectorType, element: Codec): Codec {
  const { dimension } = type
  const size = element.vectorSize
  const floats = element.type.kind === 'float'
  return {
    type,
    vectorSize: size * dimension,
    allowsEmpty: false,
    parts: [element],
    decode(source: ByteReader, start: number, end: number): Float32Array | unknown[] {
      if (size > 0 ? end - start !== size * dimension : end - start < dimension) {
        throw new ProtocolError(`A vector of ${dimension} ${element.type.kind} elements cannot have ${end - start} bytes`)
      }
      if (floats) {
        const vector = new Float32Array(dimension)
        for (let i = 0; i < dimension; i++) vector[i] = source.view.getFloat32(start + 4 * i)
        return vector
      }
      const list: unknown[] = []
      if (size > 0) {
        for (let i = 0, at = start; i < dimension; i++, at += size) list.push(element.decode(source, at, at + size))
        return list
      }
      const reader = source.within(start, end)
      for (let i = 0; i < dimension; i++) {
        const length = readLength(reader)
        const at = reader.take(length)
        list.push(length === 0 && !element.allowsEmpty ? null : element.decode(reader, at, at + length))
      }
      if (reader.remaining > 0) throw new ProtocolError(`${reader.remaining} bytes are left after a vector of ${dimension} elements`)
      return list
    },
    encode(writer: ByteWriter, value: unknown): void {
      if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && !(value instanceof DataView))) throw mismatch(type, value)
      const items = value as ArrayLike<unknown>
      if (items.length !== dimension) throw mismatch(type, value, `it has ${items.length} elements, not ${dimension}`)
      for (let i = 0; i < dimension; i++) {
        try {
          const item = items[i]
          if (item === null || item === undefined || typeof item === 'symbol') throw mismatch(element.type, item, 'a vector cannot hold it')
          const start = writer.pos
          element.encode(writer, item)
          if (size === 0) insertLength(writer, start)
        } catch (error) {
          throw errorWithin(error, `[${i}]`)
        }
      }
    },
  }
}

/** Puts the length of what was written since `start` before it. */
function insertLength(writer: ByteWriter, start: number): void {
  const length = writer.pos - start
  const end = writer.pos
  writeUnsignedVint(writer, BigInt(length))
  const prefix = writer.bytes.slice(end, writer.pos)
  writer.bytes.copyWithin(start + prefix.length, start, end)
  writer.bytes.set(prefix, start)
}
