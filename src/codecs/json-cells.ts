// Cells straight to JSON: by CQL type, how the bytes of a value become JSON text, with no JavaScript value in between.
import { ProtocolError, utf8Decode } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { checkCount, expectLength } from './codec.js'
import type { Codec } from './codec.js'
import { jsonKey, jsonReplacer } from './json.js'
import { writeAscii, writeJsonBase64, writeJsonInstant, writeJsonInt, writeJsonLong, writeJsonNumber, writeJsonString, writeJsonText, writeJsonUuid } from './json-text.js'
import { readDate } from './time-codecs.js'
import { readLength } from './values/vint.js'

/** How some values are written as JSON. */
export interface JsonOptions {
  /** `bigint`, `counter`, `varint` and `decimal`: 'number' writes their digits bare, which not every reader keeps exact. @default 'string' */
  readonly bigint?: 'string' | 'number' | undefined
}

/** Writes the value between two positions as JSON. */
export type WriteJson = (writer: ByteWriter, source: ByteReader, start: number, end: number) => void

const COMMA = 0x2c
const QUOTE = 0x22

/** Writes the cell where `source` stands: null for a negative length, and for no bytes at all where that is no value. */
export function writeJsonCell(codec: Codec, write: WriteJson, writer: ByteWriter, source: ByteReader): void {
  const length = source.i32()
  if (length < 0) return writeAscii(writer, 'null')
  const start = source.take(length)
  if (length === 0 && !codec.allowsEmpty) writeAscii(writer, 'null')
  else write(writer, source, start, start + length)
}

/**
 * The writer of a type: for every value the JSON that `JSON.stringify` makes of what the codec decodes, with `jsonReplacer`. Elements of sets and
 * entries of maps are written as the server has sent them.
 */
export function jsonWriterOf(codec: Codec, options: JsonOptions): WriteJson {
  const bare = options.bigint === 'number'
  const text: WriteJson = (writer, source, start, end) => writeJsonText(writer, source.bytes, start, end, utf8Decode)
  const fixed = (length: number, write: WriteJson): WriteJson => (writer, source, start, end) => {
    expectLength(codec.type, start, end, length)
    write(writer, source, start, end)
  }
  if (codec.mapped) return byValue(codec)
  switch (codec.type.kind) {
    case 'text': case 'ascii': return text
    case 'uuid': case 'timeuuid': return fixed(16, (writer, { bytes }, start) => writeJsonUuid(writer, bytes, start))
    case 'int': return fixed(4, (writer, { view }, start) => writeJsonInt(writer, view.getInt32(start)))
    case 'smallint': return fixed(2, (writer, { view }, start) => writeJsonInt(writer, view.getInt16(start)))
    case 'tinyint': return fixed(1, (writer, { view }, start) => writeJsonInt(writer, view.getInt8(start)))
    case 'double': return fixed(8, (writer, { view }, start) => writeJsonNumber(writer, view.getFloat64(start)))
    case 'float': return fixed(4, (writer, { view }, start) => writeJsonNumber(writer, view.getFloat32(start)))
    case 'boolean': return fixed(1, (writer, { bytes }, start) => writeAscii(writer, bytes[start] === 0 ? 'false' : 'true'))
    case 'bigint': case 'counter': return codec.inline ? fixed(8, (writer, { view }, start) => writeJsonLong(writer, view, start, !bare)) : byDigits(codec, bare)
    case 'varint': case 'decimal': return byDigits(codec, bare)
    case 'timestamp': return codec.inline!.code.startsWith('date') ? fixed(8, (writer, { view }, start) => writeJsonInstant(writer, readDate(view, start).getTime())) : byDigits(codec, bare)
    case 'blob': case 'custom': return (writer, { bytes }, start, end) => writeJsonBase64(writer, bytes, start, end)
    case 'list': case 'set': return jsonList(codec.parts![0]!, options)
    case 'map': return jsonMap(codec.parts![0]!, codec.parts![1]!, options)
    case 'tuple': return jsonTuple(codec.parts!, options)
    case 'udt': return jsonUdt(codec.type.fields.map(({ name }) => name), codec.parts!, options)
    case 'vector': return codec.type.element.kind === 'float' ? jsonFloats(codec) : jsonVector(codec, codec.parts![0]!, codec.type.dimension, options)
    default: return byValue(codec)
  }
}

/** By way of the value, for types that are rare or whose text is their own class's affair. */
function byValue(codec: Codec): WriteJson {
  return (writer, source, start, end) => {
    writer.utf8(JSON.stringify(codec.decode(source, start, end), jsonReplacer) ?? 'null')
  }
}

/** Numbers that are exact as text: in quotes, or bare. */
function byDigits(codec: Codec, bare: boolean): WriteJson {
  return (writer, source, start, end) => {
    const value = codec.decode(source, start, end)
    if (bare || typeof value === 'number') writeAscii(writer, String(value))
    else writeJsonString(writer, String(value))
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
  const write = jsonWriterOf(element, options)
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
  const write = jsonWriterOf(value, options)
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
  const write = jsonWriterOf(codec, {})
  switch (codec.mapped ? 'mapped' : codec.type.kind) {
    case 'text': case 'ascii': case 'uuid': case 'timeuuid':
      return (writer, source) => {
        const start = writer.pos
        writeJsonCell(codec, write, writer, source)
        if (writer.bytes[start] === QUOTE) return
        writer.pos = start
        writeJsonString(writer, 'null')
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
        writeJsonString(writer, jsonKey(length < 0 || (length === 0 && !codec.allowsEmpty) ? null : codec.decode(source, start, start + length)))
      }
  }
}

function jsonTuple(elements: readonly Codec[], options: JsonOptions): WriteJson {
  const writers = elements.map((element) => jsonWriterOf(element, options))
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    writer.u8(0x5b)
    for (let i = 0; i < elements.length; i++) {
      if (i > 0) writer.u8(COMMA)
      if (source.remaining === 0) writeAscii(writer, 'null')
      else writeJsonCell(elements[i]!, writers[i]!, writer, source)
    }
    writer.u8(0x5d)
    leave(source, end, outer)
  }
}

/** The text before each member of an object: the brace or comma, the name and the colon. */
export function memberPrefixes(names: readonly string[]): readonly Uint8Array[] {
  const encoder = new TextEncoder()
  return names.map((name, i) => encoder.encode(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`))
}

function jsonUdt(names: readonly string[], fields: readonly Codec[], options: JsonOptions): WriteJson {
  const prefixes = memberPrefixes(names)
  const writers = fields.map((field) => jsonWriterOf(field, options))
  return (writer, source, start, end) => {
    const outer = enter(source, start, end)
    for (let i = 0; i < fields.length; i++) {
      writer.raw(prefixes[i]!)
      if (source.remaining === 0) writeAscii(writer, 'null')
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
      writeJsonNumber(writer, view.getFloat32(at))
    }
    writer.u8(0x5d)
  }
}

/** Vectors of other types: elements of one size stand side by side, others have their length before them. */
function jsonVector({ type, vectorSize }: Codec, element: Codec, dimension: number, options: JsonOptions): WriteJson {
  const write = jsonWriterOf(element, options)
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
      if (length === 0 && !element.allowsEmpty) writeAscii(writer, 'null')
      else write(writer, source, at, at + length)
    }
    if (source.remaining > 0) throw new ProtocolError(`${source.remaining} bytes are left after a vector of ${dimension} elements`)
    writer.u8(0x5d)
    leave(source, end, outer)
  }
}
