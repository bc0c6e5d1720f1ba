import type { ByteReader, ByteWriter } from '../../base/index.js'
import { inetFromString, inetToString } from '../../codecs/index.js'
import type { Consistency, ProtocolVersion } from '../constants.js'
import { readConsistency, readInetAddress, readShortBytes, readString, readStringList, writeConsistency, writeInetAddress, writeShortBytes, writeString, writeStringList } from '../primitives.js'

/** Error codes (section 8). */
export const errorCodes = {
  SERVER_ERROR: 0x0000, PROTOCOL_ERROR: 0x000a, BAD_CREDENTIALS: 0x0100, UNAVAILABLE: 0x1000, OVERLOADED: 0x1001, IS_BOOTSTRAPPING: 0x1002, TRUNCATE_ERROR: 0x1003,
  WRITE_TIMEOUT: 0x1100, READ_TIMEOUT: 0x1200, READ_FAILURE: 0x1300, FUNCTION_FAILURE: 0x1400, WRITE_FAILURE: 0x1500, CDC_WRITE_FAILURE: 0x1600, CAS_WRITE_UNKNOWN: 0x1700,
  SYNTAX_ERROR: 0x2000, UNAUTHORIZED: 0x2100, INVALID: 0x2200, CONFIG_ERROR: 0x2300, ALREADY_EXISTS: 0x2400, UNPREPARED: 0x2500,
} as const

/** What kind of write timed out or failed. */
export type WriteType = 'SIMPLE' | 'BATCH' | 'UNLOGGED_BATCH' | 'COUNTER' | 'BATCH_LOG' | 'CAS' | 'VIEW' | 'CDC'

/** Fields of the errors that have any, in the terms of the specification. */
export interface ErrorDetails {
  readonly consistency?: Consistency
  /** Replicas alive (UNAVAILABLE). */
  readonly alive?: number
  /** Replicas the consistency level asks for. */
  readonly required?: number
  /** Replicas that answered. */
  readonly received?: number
  readonly dataPresent?: boolean
  readonly writeType?: WriteType
  /** Contending Paxos rounds; version 5, write type CAS. */
  readonly contentions?: number
  /** Replicas that failed. */
  readonly failures?: number
  /** Why, by replica address; version 5. */
  readonly reasons?: ReadonlyMap<string, number>
  readonly keyspace?: string
  readonly table?: string
  readonly function?: string
  readonly argumentTypes?: readonly string[]
  /** The prepared statement that the node does not know. */
  readonly id?: Uint8Array
  /** What was refused for its rate (ScyllaDB's rate limit error). */
  readonly operation?: 'read' | 'write'
  /** Whether the coordinator refused it, and no replica was asked (ScyllaDB's rate limit error). */
  readonly rejectedByCoordinator?: boolean
}

/** A request failed (section 4.2.1). */
export interface ErrorMessage {
  readonly type: 'ERROR'
  /** One of `errorCodes`, or another that newer servers and ScyllaDB send. */
  readonly code: number
  readonly message: string
  readonly details: ErrorDetails
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/**
 * Reads the body of ERROR (section 4.2.1).
 *
 * @param rateLimitCode the code that a ScyllaDB node has chosen for its rate limit error, from its SUPPORTED
 */
export function decodeError(reader: ByteReader, version: ProtocolVersion, rateLimitCode?: number): ErrorMessage {
  const code = reader.i32()
  const message = readString(reader)
  const details: Mutable<ErrorDetails> = {}
  if (code === rateLimitCode) {
    details.operation = reader.u8() === 0 ? 'read' : 'write'
    details.rejectedByCoordinator = reader.u8() !== 0
    return { type: 'ERROR', code, message, details }
  }
  switch (code) {
    case errorCodes.UNAVAILABLE:
      details.consistency = readConsistency(reader)
      details.required = reader.i32()
      details.alive = reader.i32()
      break
    case errorCodes.WRITE_TIMEOUT:
      readProgress(reader, details)
      details.writeType = readString(reader) as WriteType
      if (version >= 5 && details.writeType === 'CAS') details.contentions = reader.u16()
      break
    case errorCodes.READ_TIMEOUT:
      readProgress(reader, details)
      details.dataPresent = reader.u8() !== 0
      break
    case errorCodes.READ_FAILURE:
      readProgress(reader, details)
      readFailures(reader, details, version)
      details.dataPresent = reader.u8() !== 0
      break
    case errorCodes.WRITE_FAILURE:
      readProgress(reader, details)
      readFailures(reader, details, version)
      details.writeType = readString(reader) as WriteType
      break
    case errorCodes.CAS_WRITE_UNKNOWN:
      readProgress(reader, details)
      break
    case errorCodes.FUNCTION_FAILURE:
      details.keyspace = readString(reader)
      details.function = readString(reader)
      details.argumentTypes = readStringList(reader)
      break
    case errorCodes.ALREADY_EXISTS:
      details.keyspace = readString(reader)
      details.table = readString(reader)
      break
    case errorCodes.UNPREPARED:
      details.id = readShortBytes(reader)
  }
  return { type: 'ERROR', code, message, details }
}

function readProgress(reader: ByteReader, details: Mutable<ErrorDetails>): void {
  details.consistency = readConsistency(reader)
  details.received = reader.i32()
  details.required = reader.i32()
}

function readFailures(reader: ByteReader, details: Mutable<ErrorDetails>, version: ProtocolVersion): void {
  details.failures = reader.i32()
  if (version < 5) return
  const reasons = new Map<string, number>()
  for (let i = 0; i < details.failures; i++) {
    const address = inetToString(readInetAddress(reader))
    reasons.set(address, reader.u16())
  }
  details.reasons = reasons
}

/** Writes the body of ERROR (section 4.2.1). */
export function encodeError(writer: ByteWriter, error: ErrorMessage, version: ProtocolVersion): void {
  const { code, details } = error
  writer.i32(code)
  writeString(writer, error.message)
  if (details.operation !== undefined) {
    writer.u8(details.operation === 'read' ? 0 : 1)
    writer.u8(details.rejectedByCoordinator === true ? 1 : 0)
    return
  }
  switch (code) {
    case errorCodes.UNAVAILABLE:
      writeConsistency(writer, details.consistency ?? 'one')
      writer.i32(details.required ?? 0)
      writer.i32(details.alive ?? 0)
      break
    case errorCodes.WRITE_TIMEOUT:
      writeProgress(writer, details)
      writeString(writer, details.writeType ?? 'SIMPLE')
      if (version >= 5 && details.writeType === 'CAS') writer.u16(details.contentions ?? 0)
      break
    case errorCodes.READ_TIMEOUT:
      writeProgress(writer, details)
      writer.u8(details.dataPresent ? 1 : 0)
      break
    case errorCodes.READ_FAILURE:
      writeProgress(writer, details)
      writeFailures(writer, details, version)
      writer.u8(details.dataPresent ? 1 : 0)
      break
    case errorCodes.WRITE_FAILURE:
      writeProgress(writer, details)
      writeFailures(writer, details, version)
      writeString(writer, details.writeType ?? 'SIMPLE')
      break
    case errorCodes.CAS_WRITE_UNKNOWN:
      writeProgress(writer, details)
      break
    case errorCodes.FUNCTION_FAILURE:
      writeString(writer, details.keyspace ?? '')
      writeString(writer, details.function ?? '')
      writeStringList(writer, details.argumentTypes ?? [])
      break
    case errorCodes.ALREADY_EXISTS:
      writeString(writer, details.keyspace ?? '')
      writeString(writer, details.table ?? '')
      break
    case errorCodes.UNPREPARED:
      writeShortBytes(writer, details.id ?? new Uint8Array(0))
  }
}

function writeProgress(writer: ByteWriter, details: ErrorDetails): void {
  writeConsistency(writer, details.consistency ?? 'one')
  writer.i32(details.received ?? 0)
  writer.i32(details.required ?? 0)
}

function writeFailures(writer: ByteWriter, details: ErrorDetails, version: ProtocolVersion): void {
  if (version < 5) return writer.i32(details.failures ?? 0)
  const reasons = details.reasons ?? new Map<string, number>()
  writer.i32(reasons.size)
  for (const [address, reason] of reasons) {
    writeInetAddress(writer, inetFromString(address))
    writer.u16(reason)
  }
}
