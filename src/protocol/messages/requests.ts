import { OptionError, ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'
import type { ProtocolVersion } from '../constants.js'
import {
  readBytes, readLongString, readString, readStringList, readStringMap, writeBytes, writeLongString, writeString, writeStringList, writeStringMap,
} from '../primitives.js'

/** Opens the conversation (section 4.1.1). */
export interface StartupMessage {
  readonly type: 'STARTUP'
  /** `CQL_VERSION` is required; `COMPRESSION`, `DRIVER_NAME`, `THROW_ON_OVERLOAD` and others may follow. */
  readonly options: ReadonlyMap<string, string>
}

/** Asks what the server supports (section 4.1.3); also the heartbeat. */
export interface OptionsMessage {
  readonly type: 'OPTIONS'
}

/** Answers AUTHENTICATE or AUTH_CHALLENGE (section 4.1.2). */
export interface AuthResponseMessage {
  readonly type: 'AUTH_RESPONSE'
  readonly token: Uint8Array | null
}

/** Asks for events (section 4.1.8). */
export interface RegisterMessage {
  readonly type: 'REGISTER'
  readonly events: readonly string[]
}

/** Has a statement prepared (section 4.1.5). */
export interface PrepareMessage {
  readonly type: 'PREPARE'
  readonly query: string
  /** Version 5 only. */
  readonly keyspace?: string | undefined
}

/** Writes the body of STARTUP (section 4.1.1). */
export function encodeStartup(writer: ByteWriter, message: StartupMessage): void {
  writeStringMap(writer, message.options)
}

/** Reads the body of STARTUP (section 4.1.1). */
export function decodeStartup(reader: ByteReader): StartupMessage {
  return { type: 'STARTUP', options: readStringMap(reader) }
}

/** Writes the body of AUTH_RESPONSE (section 4.1.2). */
export function encodeAuthResponse(writer: ByteWriter, message: AuthResponseMessage): void {
  writeBytes(writer, message.token)
}

/** Reads the body of AUTH_RESPONSE (section 4.1.2). */
export function decodeAuthResponse(reader: ByteReader): AuthResponseMessage {
  return { type: 'AUTH_RESPONSE', token: readBytes(reader) }
}

/** Writes the body of REGISTER (section 4.1.8). */
export function encodeRegister(writer: ByteWriter, message: RegisterMessage): void {
  writeStringList(writer, message.events)
}

/** Reads the body of REGISTER (section 4.1.8). */
export function decodeRegister(reader: ByteReader): RegisterMessage {
  return { type: 'REGISTER', events: readStringList(reader) }
}

const WITH_KEYSPACE = 0x01

/** Writes the body of PREPARE (section 4.1.5). */
export function encodePrepare(writer: ByteWriter, message: PrepareMessage, version: ProtocolVersion): void {
  writeLongString(writer, message.query)
  if (version < 5) {
    if (message.keyspace !== undefined) throw new OptionError('keyspace', `A keyspace per request needs protocol version 5; version ${version} is spoken`)
    return
  }
  writer.i32(message.keyspace === undefined ? 0 : WITH_KEYSPACE)
  if (message.keyspace !== undefined) writeString(writer, message.keyspace)
}

/** Reads the body of PREPARE (section 4.1.5). */
export function decodePrepare(reader: ByteReader, version: ProtocolVersion): PrepareMessage {
  const query = readLongString(reader)
  if (version < 5) return { type: 'PREPARE', query }
  const flags = reader.i32()
  if ((flags & ~WITH_KEYSPACE) !== 0) throw new ProtocolError(`Unknown flags 0x${(flags >>> 0).toString(16)} of PREPARE`)
  return { type: 'PREPARE', query, ...((flags & WITH_KEYSPACE) !== 0 && { keyspace: readString(reader) }) }
}
