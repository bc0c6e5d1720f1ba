// Cells straight to JSON: by CQL type, how the bytes of a value become JSON text, with no JavaScript value in between.
import { checkCount, ProtocolError, putAscii, utf8Decode } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { expectLength } from './codec.js'
import type { Codec } from './codec.js'
import { jsonKey, jsonReplacer } from './json.js'
import { base64Room, putBase64, putInstant, putInt, putLong, putNull, putNumber, putText, putUuid, room } from './json-text.js'
import { readMillis } from './time-codecs.js'
import { readLength } from './values/vint.js'

/** How some values are written as JSON. */
export interface JsonOptions {
  /** `bigint`, `counter`, `varint` and `decimal`: 'number' writes their digits bare, which not every reader keeps exact. @default 'string' */
  readonly bigint?: 'string' | 'number' | undefined
}

/** Writes the value between two positions as JSON. */
export type WriteJson = (writer: ByteWriter, source: ByteReader, start: number, end: number) => void

/** A writer of JSON for one type, and how generated writers do the same in line, where that is a simple expression. */
export interface JsonForm {
  readonly write: WriteJson
  /**
   * An expression of where the value ends in `out`, written from `at`, for a value of `length` bytes that takes at most `room`.
   * Undefined for types that are written by a call of `write`.
   */
  readonly inline?: { readonly length: number; readonly room: number; readonly code: string } | undefined
}

const COMMA = 0x2c
const QUOTE = 0x22

/** Writes ASCII that needs no escaping, such as numbers and words of JSON's own. */
function writeAscii(writer: ByteWriter, text: string): void {
  const at = writer.reserve(text.length)
  putAscii(writer.bytes, at, text)
}

/** Writes a string in quotes, escaped where it must be. */
function writeString(writer: ByteWriter, text: string): void {
  writer.utf8(JSON.stringify(text))
}

function writeNull(writer: ByteWriter): void {
  const at = writer.reserve(room.null)
  putNull(writer.bytes, at)
}

const writeText: WriteJson = (writer, { bytes }, start, end) => {
  const at = writer.reserve(end - start + 2)
  if (putText(writer.bytes, at, bytes, start, end) >= 0) return
  writer.pos = at
  writeString(writer, utf8Decode(bytes, start, end))
}

/** Writes the cell where `source` stands: null for a negative length, and for no bytes at all where that is no value. */
export function writeJsonCell(codec: Codec, write: WriteJson, writer: ByteWriter, source: ByteReader): void {
  const length = source.i32()
  if (length < 0) return writeNull(writer)
  const start = source.take(length)
  if (length === 0 && !codec.allowsEmpty) writeNull(writer)
  else write(writer, source, start, start + length)
}

/** Types whose values have one length: what is put, and the same as generated writers say it. */
function fixed(codec: Codec, length: number, most: number, put: (out: Uint8Array, at: number, source: ByteReader, start: number) => number, code: string): JsonForm {
  return {
    inline: { length, room: most, code },
    write(writer, source, start, end) {
      expectLength(codec.type, start, end, length)
      const at = writer.reserve(most)
      writer.pos = put(writer.bytes, at, source, start)
    },
  }
}

/**
 * The JSON of a type: for every value what `JSON.stringify` makes of what the codec decodes, with `jsonReplacer`. Elements of sets and
 * entries of maps are written as the server has sent them.
 */
export function jsonFormOf(codec: Codec, options: JsonOptions): JsonForm {
  const quoted = options.bigint !== 'number'
  if (codec.mapped) return { write: byValue(codec) }
  switch (codec.type.kind) {
    case 'text': case 'ascii': return { write: writeText }
    case 'uuid': case 'timeuuid': return fixed(codec, 16, room.uuid, (out, at, { bytes }, start) => putUuid(out, at, bytes, start), 'putUuid(out, at, bytes, start)')
    case 'int': return fixed(codec, 4, room.int, (out, at, { view }, start) => putInt(out, at, view.getInt32(start)), 'putInt(out, at, view.getInt32(start))')
    case 'smallint': return fixed(codec, 2, room.int, (out, at, { view }, start) => putInt(out, at, view.getInt16(start)), 'putInt(out, at, view.getInt16(start))')
    case 'tinyint': return fixed(codec, 1, room.int, (out, at, { view }, start) => putInt(out, at, view.getInt8(start)), 'putInt(out, at, view.getInt8(start))')
    case 'double': return fixed(codec, 8, room.number, (out, at, { view }, start) => putNumber(out, at, view.getFloat64(start)), 'putNumber(out, at, view.getFloat64(start))')
    case 'float': return fixed(codec, 4, room.number, (out, at, { view }, start) => putNumber(out, at, view.getFloat32(start)), 'putNumber(out, at, view.getFloat32(start))')
    case 'boolean': return fixed(codec, 1, room.boolean, (out, at, { bytes }, start) => putAscii(out, at, bytes[start] === 0 ? 'false' : 'true'), "putAscii(out, at, bytes[start] === 0 ? 'false' : 'true')")
    case 'bigint': case 'counter':
      return codec.inline ? fixed(codec, 8, room.long, (out, at, { view }, start) => putLong(out, at, view, start, quoted), `putLong(out, at, view, start, ${quoted})`) : { write: byDigits(codec, quoted) }
    case 'timestamp':
      return codec.readsDate ? fixed(codec, 8, room.instant, (out, at, { view }, start) => putInstant(out, at, readMillis(view, start)), 'putInstant(out, at, millis(view, start))') : { write: byDigits(codec, quoted) }
    case 'varint': case 'decimal': return { write: byDigits(codec, quoted) }
    case 'blob': case 'custom': return { write: writeBlob }
    case 'list': case 'set': return { write: jsonList(codec.parts![0]!, options) }
    case 'map': return { write: jsonMap(codec.parts![0]!, codec.parts![1]!, options) }
    case 'tuple': return { write: jsonTuple(codec.parts!, options) }
    case 'udt': return { write: jsonUdt(codec.type.fields.map(({ name }) => name), codec.parts!, options) }
    case 'vector': return { write: codec.type.element.kind === 'float' ? jsonFloats(codec) : jsonVector(codec, codec.parts![0]!, codec.type.dimension, options) }
    default: return { write: byValue(codec) }
  }
}

const writeBlob: WriteJson = (writer, { bytes }, start, end) => {
  const at = writer.reserve(base64Room(end - start))
  writer.pos = putBase64(writer.bytes, at, bytes, start, end)
}

/** By way of the value, for types that are rare or whose text is their own class's affair. */
function byValue(codec: Codec): WriteJson {
  return (writer, source, start, end) => {
    writer.utf8(JSON.stringify(codec.decode(source, start, end), jsonReplacer) ?? 'null')
  }
}

/** Numbers that are exact as text: in quotes, or bare. */
function byDigits(codec: Codec, quoted: boolean): WriteJson {
  return (writer, source, start, end) => {
    const value = codec.decode(source, start, end)
    if (!quoted || typeof value === 'number') writeAscii(writer, String(value))
    else writeString(writer, String(value))
  }
}

/** Lets a reader see one value only, whose cells move it on; returns where it ended before. */
function enter(source: ByteReader, start: number, end: number): number {
  const outer = source.end
  source.pos = start
  source.end = end
  return outer
}

/** Puts the reader behind the value. */
function leave(source: ByteReader, end: number, outer: number): void {
  source.pos = end
  source.end = outer
}

function jsonList(element: Codec, options: JsonOptions): WriteJson {
  const { write } = jsonFormOf(element, options)
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    const count = source.i32()
    checkCount(count, 4, source.remaining)
    writer.u8(0x5b)
    for (let i = 0; i < count; i++) {
      if (i > 0) writer.u8(COMMA)
      writeJsonCell(element, write, writer, source)
    }
    writer.u8(0x5d)
    leave(source, end, outer)
  }
}

function jsonMap(key: Codec, value: Codec, options: JsonOptions): WriteJson {
  const writeKey = jsonKeyWriter(key)
  const { write } = jsonFormOf(value, options)
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    const count = source.i32()
    checkCount(count, 8, source.remaining)
    writer.u8(0x7b)
    for (let i = 0; i < count; i++) {
      if (i > 0) writer.u8(COMMA)
      writeKey(writer, source)
      writer.u8(0x3a)
      writeJsonCell(value, write, writer, source)
    }
    writer.u8(0x7d)
    leave(source, end, outer)
  }
}

/** Keys are strings: what JSON writes in quotes as it is, numbers and the like in quotes, the rest by their text. */
function jsonKeyWriter(codec: Codec): (writer: ByteWriter, source: ByteReader) => void {
  const { write } = jsonFormOf(codec, {})
  switch (codec.mapped ? 'mapped' : codec.type.kind) {
    case 'text': case 'ascii': case 'uuid': case 'timeuuid':
      return (writer, source) => {
        const start = writer.pos
        writeJsonCell(codec, write, writer, source)
        if (writer.bytes[start] === QUOTE) return
        writer.pos = start
        writeString(writer, 'null')
      }
    case 'int': case 'smallint': case 'tinyint': case 'boolean':
      return (writer, source) => {
        writer.u8(QUOTE)
        writeJsonCell(codec, write, writer, source)
        writer.u8(QUOTE)
      }
    default:
      return (writer, source) => {
        const length = source.i32()
        const start = length < 0 ? 0 : source.take(length)
        writeString(writer, jsonKey(length < 0 || (length === 0 && !codec.allowsEmpty) ? null : codec.decode(source, start, start + length)))
      }
  }
}

function jsonTuple(elements: readonly Codec[], options: JsonOptions): WriteJson {
  const writers = elements.map((element) => jsonFormOf(element, options).write)
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    writer.u8(0x5b)
    for (let i = 0; i < elements.length; i++) {
      if (i > 0) writer.u8(COMMA)
      if (source.remaining === 0) writeNull(writer)
      else writeJsonCell(elements[i]!, writers[i]!, writer, source)
    }
    writer.u8(0x5d)
    leave(source, end, outer)
  }
}

/** The bytes before each member of an object: the brace or comma, the name and the colon. */
export function memberPrefixes(names: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder()
  return names.map((name, i) => encoder.encode(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`))
}

function jsonUdt(names: readonly string[], fields: readonly Codec[], options: JsonOptions): WriteJson {
  const prefixes = memberPrefixes(names)
  const writers = fields.map((field) => jsonFormOf(field, options).write)
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    for (let i = 0; i < fields.length; i++) {
      writer.raw(prefixes[i]!)
      if (source.remaining === 0) writeNull(writer)
      else writeJsonCell(fields[i]!, writers[i]!, writer, source)
    }
    writeAscii(writer, fields.length === 0 ? '{}' : '}')
    leave(source, end, outer)
  }
}

function jsonFloats({ type, vectorSize }: Codec): WriteJson {
  return (writer, { view }, start, end) => {
    expectLength(type, start, end, vectorSize)
    writer.u8(0x5b)
    for (let at = start; at < end; at += 4) {
      if (at > start) writer.u8(COMMA)
      const place = writer.reserve(room.number)
      writer.pos = putNumber(writer.bytes, place, view.getFloat32(at))
    }
    writer.u8(0x5d)
  }
}

/** Vectors of other types: elements of one size stand side by side, others have their length before them. */
function jsonVector({ type, vectorSize }: Codec, element: Codec, dimension: number, options: JsonOptions): WriteJson {
  const { write } = jsonFormOf(element, options)
  const size = element.vectorSize
  return (writer, source, start, end) => {
    if (size > 0) expectLength(type, start, end, vectorSize)
    else if (end - start < dimension) throw new ProtocolError(`A vector of ${dimension} ${element.type.kind} elements cannot have ${end - start} bytes`)
    const outer = enter(source, start, end)
    writer.u8(0x5b)
    for (let i = 0; i < dimension; i++) {
      if (i > 0) writer.u8(COMMA)
      const length = size > 0 ? size : readLength(source)
      const at = source.take(length)
      if (length === 0 && !element.allowsEmpty) writeNull(writer)
      else write(writer, source, at, at + length)
    }
    if (source.remaining > 0) throw new ProtocolError(`${source.remaining} bytes are left after a vector of ${dimension} elements`)
    writer.u8(0x5d)
    leave(source, end, outer)
  }
}
