import { OptionError, ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'
import { unset } from '../../codecs/index.js'
import type { Consistency, ProtocolVersion } from '../constants.js'
import { readBytes, readConsistency, readCount, readString, writeBytes, writeConsistency, writeString } from '../primitives.js'

/** A bind value as bytes; null, or `unset` to leave a column as it is. */
export type RawValue = Uint8Array | null | typeof unset

/** Writes bind values straight into a request, each as a [value] and, where `named`, behind its name. */
export interface ValueSource {
  readonly count: number
  readonly named: boolean
  /** Writes each value as `[value]`, its length first (section 3). */
  write(writer: ByteWriter, version: ProtocolVersion): void
}

/** What goes with a QUERY or EXECUTE (section 4.1.4). */
export interface QueryParameters {
  readonly consistency: Consistency
  /** Bytes in order, bytes by name, or a source that writes itself. */
  readonly values?: readonly RawValue[] | ReadonlyMap<string, RawValue> | ValueSource | undefined
  /** Asks the server to leave out the result's columns, which must be known from PREPARE. */
  readonly skipMetadata?: boolean | undefined
  /** Rows. */
  readonly pageSize?: number | undefined
  readonly pagingState?: Uint8Array | undefined
  readonly serialConsistency?: 'serial' | 'localSerial' | undefined
  /** Microseconds since 1970. */
  readonly timestamp?: bigint | undefined
  /** Version 5 only. */
  readonly keyspace?: string | undefined
  /** Version 5 only: seconds since 1970 that TTLs are counted from. */
  readonly nowInSeconds?: number | undefined
}

const flag = { values: 0x01, skipMetadata: 0x02, pageSize: 0x04, pagingState: 0x08, serialConsistency: 0x10, timestamp: 0x20, names: 0x40, keyspace: 0x80, nowInSeconds: 0x100 } as const

function isSource(values: NonNullable<QueryParameters['values']>): values is ValueSource {
  return 'write' in values
}

/** Writes a [value]: bytes, null (-1) or unset (-2). */
export function writeRawValue(writer: ByteWriter, value: RawValue, version: ProtocolVersion): void {
  if (value !== unset) return writeBytes(writer, value)
  if (version < 4) throw new OptionError('unset', 'Unset values need protocol version 4; version 3 is spoken')
  writer.i32(-2)
}

function readRawValue(reader: ByteReader, version: ProtocolVersion): RawValue {
  const length = reader.i32()
  if (length >= 0) return reader.copy(length)
  if (length === -1 || version < 4) return null // before there were unset values, any negative length was null
  if (length === -2) return unset
  throw new ProtocolError(`A value of length ${length}`)
}

function writeValues(writer: ByteWriter, values: NonNullable<QueryParameters['values']>, version: ProtocolVersion): void {
  if (isSource(values)) {
    writer.u16(values.count)
    values.write(writer, version)
  } else if (Array.isArray(values)) {
    writer.u16(values.length)
    for (const value of values as readonly RawValue[]) writeRawValue(writer, value, version)
  } else {
    const map = values as ReadonlyMap<string, RawValue>
    writer.u16(map.size)
    for (const [name, value] of map) {
      writeString(writer, name)
      writeRawValue(writer, value, version)
    }
  }
}

/** Refuses what only version 5 knows. */
function checkVersion(parameters: Pick<QueryParameters, 'keyspace' | 'nowInSeconds'>, version: ProtocolVersion): void {
  if (version >= 5 || (parameters.keyspace === undefined && parameters.nowInSeconds === undefined)) return
  const name = parameters.keyspace === undefined ? 'nowInSeconds' : 'keyspace'
  throw new OptionError(name, `${name} per request needs protocol version 5; version ${version} is spoken`)
}

/** Writes what goes with QUERY and EXECUTE (section 4.1.4). */
export function encodeQueryParameters(writer: ByteWriter, parameters: QueryParameters, version: ProtocolVersion): void {
  checkVersion(parameters, version)
  const { values, pageSize, pagingState, serialConsistency, timestamp, keyspace, nowInSeconds } = parameters
  let flags = 0
  if (values !== undefined) {
    flags |= flag.values
    if (isSource(values) ? values.named : !Array.isArray(values)) flags |= flag.names
  }
  if (parameters.skipMetadata) flags |= flag.skipMetadata
  if (pageSize !== undefined) flags |= flag.pageSize
  if (pagingState !== undefined) flags |= flag.pagingState
  if (serialConsistency !== undefined) flags |= flag.serialConsistency
  if (timestamp !== undefined) flags |= flag.timestamp
  if (keyspace !== undefined) flags |= flag.keyspace
  if (nowInSeconds !== undefined) flags |= flag.nowInSeconds
  writeConsistency(writer, parameters.consistency)
  if (version >= 5) writer.i32(flags)
  else writer.u8(flags)
  if (values !== undefined) writeValues(writer, values, version)
  if (pageSize !== undefined) writer.i32(pageSize)
  if (pagingState !== undefined) writeBytes(writer, pagingState)
  writeTail(writer, parameters)
}

/** The fields that BATCH has too. */
function writeTail(writer: ByteWriter, parameters: Pick<QueryParameters, 'serialConsistency' | 'timestamp' | 'keyspace' | 'nowInSeconds'>): void {
  if (parameters.serialConsistency !== undefined) writeConsistency(writer, parameters.serialConsistency)
  if (parameters.timestamp !== undefined) writer.i64(parameters.timestamp)
  if (parameters.keyspace !== undefined) writeString(writer, parameters.keyspace)
  if (parameters.nowInSeconds !== undefined) writer.i32(parameters.nowInSeconds)
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

function readTail(reader: ByteReader, flags: number, target: Mutable<Partial<QueryParameters>>): void {
  if (flags & flag.serialConsistency) {
    const level = readConsistency(reader)
    if (level !== 'serial' && level !== 'localSerial') throw new ProtocolError(`Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL, not ${level}`)
    target.serialConsistency = level
  }
  if (flags & flag.timestamp) {
    target.timestamp = reader.i64()
    if (target.timestamp === -0x8000_0000_0000_0000n) throw new ProtocolError('Out of bound timestamp, must be in [-9223372036854775807, 9223372036854775807]')
  }
  if (flags & flag.keyspace) target.keyspace = readString(reader)
  if (flags & flag.nowInSeconds) target.nowInSeconds = reader.i32()
}

/** Reads what goes with QUERY and EXECUTE (section 4.1.4). */
export function decodeQueryParameters(reader: ByteReader, version: ProtocolVersion): QueryParameters {
  const parameters: Mutable<QueryParameters> = { consistency: readConsistency(reader) }
  const flags = version >= 5 ? reader.i32() : reader.u8()
  if (flags & flag.values) {
    const count = readCount(reader, 4)
    if (flags & flag.names) {
      const map = new Map<string, RawValue>()
      for (let i = 0; i < count; i++) {
        const name = readString(reader)
        map.set(name, readRawValue(reader, version))
      }
      parameters.values = map
    } else {
      const values: RawValue[] = []
      for (let i = 0; i < count; i++) values.push(readRawValue(reader, version))
      parameters.values = values
    }
  }
  if (flags & flag.skipMetadata) parameters.skipMetadata = true
  if (flags & flag.pageSize) parameters.pageSize = reader.i32()
  if (flags & flag.pagingState) parameters.pagingState = readBytes(reader) ?? undefined
  readTail(reader, version >= 5 ? flags : flags & 0x7f, parameters)
  return parameters
}

/** What goes with a BATCH after its statements (section 4.1.7). */
export type BatchParameters = Pick<QueryParameters, 'consistency' | 'serialConsistency' | 'timestamp' | 'keyspace' | 'nowInSeconds'>

/** Writes what goes with BATCH after its statements (section 4.1.7). */
export function encodeBatchParameters(writer: ByteWriter, parameters: BatchParameters, version: ProtocolVersion): void {
  checkVersion(parameters, version)
  let flags = 0
  if (parameters.serialConsistency !== undefined) flags |= flag.serialConsistency
  if (parameters.timestamp !== undefined) flags |= flag.timestamp
  if (parameters.keyspace !== undefined) flags |= flag.keyspace
  if (parameters.nowInSeconds !== undefined) flags |= flag.nowInSeconds
  writeConsistency(writer, parameters.consistency)
  if (version >= 5) writer.i32(flags)
  else writer.u8(flags)
  writeTail(writer, parameters)
}

/** Reads what goes with BATCH after its statements (section 4.1.7). */
export function decodeBatchParameters(reader: ByteReader, version: ProtocolVersion): BatchParameters {
  const parameters: Mutable<BatchParameters> = { consistency: readConsistency(reader) }
  const flags = version >= 5 ? reader.i32() : reader.u8()
  // The flag for names exists but cannot work, the names being read before it (CASSANDRA-10246).
  if (flags & flag.names) throw new ProtocolError('Named values are not possible in a BATCH')
  readTail(reader, version >= 5 ? flags : flags & 0x7f, parameters)
  return parameters
}

export { readRawValue }
