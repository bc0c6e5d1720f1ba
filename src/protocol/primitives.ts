// The notations of native_protocol_v5.spec section 3, read from a ByteReader and written to a ByteWriter.
import { checkCount, OptionError, ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { consistencyCode, consistencyName } from './constants.js'
import type { Consistency } from './constants.js'

/** [string] */
export function readString(reader: ByteReader): string {
  return reader.utf8(reader.u16())
}

/** Writes a [string]. */
export function writeString(writer: ByteWriter, text: string): void {
  const at = writer.reserve(2)
  const length = writer.utf8(text)
  if (length > 0xffff) throw new OptionError('string', `A text of ${length} bytes is too long: at most 65,535 fit here`)
  writer.view.setUint16(at, length)
}

/** [long string] */
export function readLongString(reader: ByteReader): string {
  return reader.utf8(reader.i32())
}

/** Writes a [long string]. */
export function writeLongString(writer: ByteWriter, text: string): void {
  const at = writer.reserve(4)
  const length = writer.utf8(text)
  writer.view.setInt32(at, length)
}

/** `[bytes]`: null for any negative length. */
export function readBytes(reader: ByteReader): Uint8Array | null {
  const length = reader.i32()
  return length < 0 ? null : reader.copy(length)
}

/** Writes a [bytes]; null is a length of -1. */
export function writeBytes(writer: ByteWriter, bytes: Uint8Array | null): void {
  if (bytes === null) return writer.i32(-1)
  writer.i32(bytes.length)
  writer.raw(bytes)
}

/** [short bytes] */
export function readShortBytes(reader: ByteReader): Uint8Array {
  return reader.copy(reader.u16())
}

/** Writes a [short bytes]. */
export function writeShortBytes(writer: ByteWriter, bytes: Uint8Array): void {
  if (bytes.length > 0xffff) throw new OptionError('bytes', `${bytes.length} bytes are too many: at most 65,535 fit here`)
  writer.u16(bytes.length)
  writer.raw(bytes)
}

/** A [short] that counts what follows. It is checked against the bytes that are there before memory is taken for so many. */
export function readCount(reader: ByteReader, bytesEach: number): number {
  const count = reader.u16()
  checkCount(count, bytesEach, reader.remaining)
  return count
}

/** [string list] */
export function readStringList(reader: ByteReader): string[] {
  const count = readCount(reader, 2)
  return Array.from({ length: count }, () => readString(reader))
}

/** Writes a [string list]. */
export function writeStringList(writer: ByteWriter, list: readonly string[]): void {
  writer.u16(list.length)
  for (const text of list) writeString(writer, text)
}

/** [string map] */
export function readStringMap(reader: ByteReader): Map<string, string> {
  const map = new Map<string, string>()
  for (let count = reader.u16(); count > 0; count--) {
    const key = readString(reader)
    map.set(key, readString(reader))
  }
  return map
}

/** Writes a [string map]. */
export function writeStringMap(writer: ByteWriter, map: ReadonlyMap<string, string>): void {
  writer.u16(map.size)
  for (const [key, value] of map) {
    writeString(writer, key)
    writeString(writer, value)
  }
}

/** [string multimap] */
export function readStringMultimap(reader: ByteReader): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (let count = reader.u16(); count > 0; count--) {
    const key = readString(reader)
    map.set(key, readStringList(reader))
  }
  return map
}

/** Writes a [string multimap]. */
export function writeStringMultimap(writer: ByteWriter, map: ReadonlyMap<string, readonly string[]>): void {
  writer.u16(map.size)
  for (const [key, list] of map) {
    writeString(writer, key)
    writeStringList(writer, list)
  }
}

/** [bytes map], as custom payloads are. */
export type BytesMap = ReadonlyMap<string, Uint8Array | null>

/** Reads a [bytes map]. */
export function readBytesMap(reader: ByteReader): Map<string, Uint8Array | null> {
  const map = new Map<string, Uint8Array | null>()
  for (let count = reader.u16(); count > 0; count--) {
    const key = readString(reader)
    map.set(key, readBytes(reader))
  }
  return map
}

/** Writes a [bytes map]. */
export function writeBytesMap(writer: ByteWriter, map: BytesMap): void {
  writer.u16(map.size)
  for (const [key, value] of map) {
    writeString(writer, key)
    writeBytes(writer, value)
  }
}

/** `[inetaddr]`: 4 or 16 bytes behind a length of one byte. */
export function readInetAddress(reader: ByteReader): Uint8Array {
  const length = reader.u8()
  if (length !== 4 && length !== 16) throw new ProtocolError(`An address has 4 or 16 bytes, not ${length}`)
  return reader.copy(length)
}

/** Writes a [inetaddr]. */
export function writeInetAddress(writer: ByteWriter, address: Uint8Array): void {
  writer.u8(address.length)
  writer.raw(address)
}

/** [consistency] */
export function readConsistency(reader: ByteReader): Consistency {
  const code = reader.u16()
  const name = consistencyName(code)
  if (name === undefined) throw new ProtocolError(`Unknown consistency level 0x${code.toString(16)}`)
  return name
}

/** Writes a [consistency]. */
export function writeConsistency(writer: ByteWriter, name: Consistency): void {
  writer.u16(consistencyCode(name))
}
