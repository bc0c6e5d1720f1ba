import { ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { MAX_TYPE_DEPTH, scalar, typeFromClassName, typeToClassName } from '../codecs/index.js'
import type { CqlType, ScalarKind } from '../codecs/index.js'
import type { ProtocolVersion } from './constants.js'
import { readCount, readString, writeString } from './primitives.js'

// Type ids of [option] in native_protocol_v5.spec section 4.2.5.2. 0x000a is `text`, from before version 3.
const scalarIds: Readonly<Record<ScalarKind, number>> = {
  ascii: 0x01, bigint: 0x02, blob: 0x03, boolean: 0x04, counter: 0x05, decimal: 0x06, double: 0x07, float: 0x08, int: 0x09, timestamp: 0x0b, uuid: 0x0c, text: 0x0d,
  varint: 0x0e, timeuuid: 0x0f, inet: 0x10, date: 0x11, time: 0x12, smallint: 0x13, tinyint: 0x14, duration: 0x15,
}
const scalarsById = new Map<number, ScalarKind>([...Object.entries(scalarIds).map(([kind, id]) => [id, kind as ScalarKind] as const), [0x0a, 'text']])
const CUSTOM = 0x00
const LIST = 0x20
const MAP = 0x21
const SET = 0x22
const UDT = 0x30
const TUPLE = 0x31

/**
 * Reads a type as result metadata carries it. Classes that stand for a CQL type (vectors; several
 * scalars on version 3 and duration on 4) become that type.
 *
 * @throws ProtocolError when the bytes are not a type
 */
export function readType(reader: ByteReader, depth = 0): CqlType {
  if (depth > MAX_TYPE_DEPTH) throw new ProtocolError(`A type of more than ${MAX_TYPE_DEPTH} levels of nesting`)
  const id = reader.u16()
  const kind = scalarsById.get(id)
  if (kind !== undefined) return scalar(kind)
  switch (id) {
    case CUSTOM: {
      const className = readString(reader)
      try {
        return typeFromClassName(className)
      } catch (error) {
        throw new ProtocolError(error instanceof Error ? error.message : String(error), error)
      }
    }
    case LIST:
      return { kind: 'list', element: readType(reader, depth + 1) }
    case SET:
      return { kind: 'set', element: readType(reader, depth + 1) }
    case MAP: {
      const key = readType(reader, depth + 1)
      return { kind: 'map', key, value: readType(reader, depth + 1) }
    }
    case TUPLE: {
      const count = readCount(reader, 2)
      return { kind: 'tuple', elements: Array.from({ length: count }, () => readType(reader, depth + 1)) }
    }
    case UDT: {
      const keyspace = readString(reader)
      const name = readString(reader)
      const count = readCount(reader, 4)
      const fields = Array.from({ length: count }, () => {
        const field = readString(reader)
        return { name: field, type: readType(reader, depth + 1) }
      })
      return { kind: 'udt', keyspace, name, fields }
    }
    default:
      throw new ProtocolError(`Unknown type id 0x${id.toString(16).padStart(4, '0')}`)
  }
}

/** Types that a version cannot name by number, as Cassandra sends them. */
function needsClassName(type: CqlType, version: ProtocolVersion): boolean {
  if (type.kind === 'vector' || type.kind === 'custom') return true
  if (type.kind === 'duration') return version < 5
  return version < 4 && (type.kind === 'smallint' || type.kind === 'tinyint' || type.kind === 'date' || type.kind === 'time')
}

/** Writes a type as a server of that version does. */
export function writeType(writer: ByteWriter, type: CqlType, version: ProtocolVersion): void {
  if (needsClassName(type, version)) {
    writer.u16(CUSTOM)
    writeString(writer, typeToClassName(type))
    return
  }
  switch (type.kind) {
    case 'list':
    case 'set':
      writer.u16(type.kind === 'list' ? LIST : SET)
      writeType(writer, type.element, version)
      break
    case 'map':
      writer.u16(MAP)
      writeType(writer, type.key, version)
      writeType(writer, type.value, version)
      break
    case 'tuple':
      writer.u16(TUPLE)
      writer.u16(type.elements.length)
      for (const element of type.elements) writeType(writer, element, version)
      break
    case 'udt':
      writer.u16(UDT)
      writeString(writer, type.keyspace)
      writeString(writer, type.name)
      writer.u16(type.fields.length)
      for (const field of type.fields) {
        writeString(writer, field.name)
        writeType(writer, field.type, version)
      }
      break
    default:
      writer.u16(scalarIds[type.kind as ScalarKind])
  }
}
