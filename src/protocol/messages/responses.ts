import { ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'
import { inetFromString, inetToString } from '../../codecs/index.js'
import {
  readBytes, readInetAddress, readString, readStringList, readStringMultimap, writeBytes, writeInetAddress, writeString, writeStringList, writeStringMultimap,
} from '../primitives.js'

/** The connection is ready for requests (section 4.2.2). */
export interface ReadyMessage {
  readonly type: 'READY'
}

/** The server asks for authentication (section 4.2.3). */
export interface AuthenticateMessage {
  readonly type: 'AUTHENTICATE'
  /** Java class of the server's authenticator. */
  readonly authenticator: string
}

/** What the server supports (section 4.2.4). */
export interface SupportedMessage {
  readonly type: 'SUPPORTED'
  readonly options: ReadonlyMap<string, readonly string[]>
}

/** The next question of an authentication (section 4.2.7). */
export interface AuthChallengeMessage {
  readonly type: 'AUTH_CHALLENGE'
  readonly token: Uint8Array | null
}

/** Authentication has succeeded (section 4.2.8). */
export interface AuthSuccessMessage {
  readonly type: 'AUTH_SUCCESS'
  readonly token: Uint8Array | null
}

/** What a schema change has changed. */
export interface SchemaChange {
  readonly change: 'CREATED' | 'UPDATED' | 'DROPPED'
  readonly target: 'KEYSPACE' | 'TABLE' | 'TYPE' | 'FUNCTION' | 'AGGREGATE'
  readonly keyspace: string
  /** Of the table, type, function or aggregate. */
  readonly name?: string
  /** Of the function or aggregate: CQL types. */
  readonly argumentTypes?: readonly string[]
}

/** The address of a node, as events and tables give it. */
export interface NodeAddress {
  readonly address: string
  readonly port: number
}

/** Something happened that was registered for (section 4.2.6). */
export type EventMessage =
  | { readonly type: 'EVENT'; readonly event: 'TOPOLOGY_CHANGE'; readonly change: 'NEW_NODE' | 'REMOVED_NODE' | 'MOVED_NODE'; readonly node: NodeAddress }
  | { readonly type: 'EVENT'; readonly event: 'STATUS_CHANGE'; readonly change: 'UP' | 'DOWN'; readonly node: NodeAddress }
  | ({ readonly type: 'EVENT'; readonly event: 'SCHEMA_CHANGE' } & SchemaChange)
  /** An event of a newer server; its contents are not read. */
  | { readonly type: 'EVENT'; readonly event: 'UNKNOWN'; readonly name: string }

/** Writes the body of AUTHENTICATE (section 4.2.3). */
export function encodeAuthenticate(writer: ByteWriter, message: AuthenticateMessage): void {
  writeString(writer, message.authenticator)
}

/** Reads the body of AUTHENTICATE (section 4.2.3). */
export function decodeAuthenticate(reader: ByteReader): AuthenticateMessage {
  return { type: 'AUTHENTICATE', authenticator: readString(reader) }
}

/** Writes the body of SUPPORTED (section 4.2.4). */
export function encodeSupported(writer: ByteWriter, message: SupportedMessage): void {
  writeStringMultimap(writer, message.options)
}

/** Reads the body of SUPPORTED (section 4.2.4). */
export function decodeSupported(reader: ByteReader): SupportedMessage {
  return { type: 'SUPPORTED', options: readStringMultimap(reader) }
}

/** Writes the body of AUTH_CHALLENGE or AUTH_SUCCESS (sections 4.2.7 and 4.2.8). */
export function encodeAuthToken(writer: ByteWriter, message: AuthChallengeMessage | AuthSuccessMessage): void {
  writeBytes(writer, message.token)
}

/** Reads the body of AUTH_CHALLENGE (section 4.2.7). */
export function decodeAuthChallenge(reader: ByteReader): AuthChallengeMessage {
  return { type: 'AUTH_CHALLENGE', token: readBytes(reader) }
}

/** Reads the body of AUTH_SUCCESS (section 4.2.8). */
export function decodeAuthSuccess(reader: ByteReader): AuthSuccessMessage {
  return { type: 'AUTH_SUCCESS', token: readBytes(reader) }
}

/** Writes what a schema change has changed. */
export function writeSchemaChange(writer: ByteWriter, change: SchemaChange): void {
  writeString(writer, change.change)
  writeString(writer, change.target)
  writeString(writer, change.keyspace)
  if (change.target !== 'KEYSPACE') writeString(writer, change.name ?? '')
  if (change.target === 'FUNCTION' || change.target === 'AGGREGATE') writeStringList(writer, change.argumentTypes ?? [])
}

/** Reads what a schema change has changed. @throws ProtocolError on an unknown target */
export function readSchemaChange(reader: ByteReader): SchemaChange {
  const change = readString(reader) as SchemaChange['change']
  const target = readString(reader) as SchemaChange['target']
  const keyspace = readString(reader)
  if (target === 'KEYSPACE') return { change, target, keyspace }
  const name = readString(reader)
  if (target === 'TABLE' || target === 'TYPE') return { change, target, keyspace, name }
  if (target === 'FUNCTION' || target === 'AGGREGATE') return { change, target, keyspace, name, argumentTypes: readStringList(reader) }
  throw new ProtocolError(`Unknown target '${String(target)}' of a schema change`)
}

function readNode(reader: ByteReader): NodeAddress {
  const address = inetToString(readInetAddress(reader))
  return { address, port: reader.i32() }
}

/** Writes the body of EVENT (section 4.2.6). */
export function encodeEvent(writer: ByteWriter, message: EventMessage): void {
  if (message.event === 'UNKNOWN') return writeString(writer, message.name)
  writeString(writer, message.event)
  if (message.event === 'SCHEMA_CHANGE') return writeSchemaChange(writer, message)
  writeString(writer, message.change)
  writeInetAddress(writer, inetFromString(message.node.address))
  writer.i32(message.node.port)
}

/** Reads the body of EVENT (section 4.2.6). */
export function decodeEvent(reader: ByteReader): EventMessage {
  const event = readString(reader)
  switch (event) {
    case 'TOPOLOGY_CHANGE': {
      const change = readString(reader) as 'NEW_NODE'
      return { type: 'EVENT', event, change, node: readNode(reader) }
    }
    case 'STATUS_CHANGE': {
      const change = readString(reader) as 'UP'
      return { type: 'EVENT', event, change, node: readNode(reader) }
    }
    case 'SCHEMA_CHANGE':
      return { type: 'EVENT', event, ...readSchemaChange(reader) }
    default:
      return { type: 'EVENT', event: 'UNKNOWN', name: event }
  }
}
