import { ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { uuidBytes, uuidToString } from '../codecs/index.js'
import { headerFlags, opcodes } from './constants.js'
import type { ProtocolVersion } from './constants.js'
import { beginEnvelope, endEnvelope } from './envelope.js'
import type { EnvelopeHeader } from './envelope.js'
import { decodeError, encodeError } from './messages/error.js'
import type { ErrorMessage } from './messages/error.js'
import { decodeAuthResponse, decodePrepare, decodeRegister, decodeStartup, encodeAuthResponse, encodePrepare, encodeRegister, encodeStartup } from './messages/requests.js'
import type { AuthResponseMessage, OptionsMessage, PrepareMessage, RegisterMessage, StartupMessage } from './messages/requests.js'
import { decodeAuthChallenge, decodeAuthenticate, decodeAuthSuccess, decodeEvent, decodeSupported, encodeAuthenticate, encodeAuthToken, encodeEvent, encodeSupported } from './messages/responses.js'
import type { AuthChallengeMessage, AuthenticateMessage, AuthSuccessMessage, EventMessage, ReadyMessage, SupportedMessage } from './messages/responses.js'
import { decodeResult, encodeResult } from './messages/result.js'
import type { ResultMessage } from './messages/result.js'
import { decodeBatch, decodeExecute, decodeQuery, encodeBatch, encodeExecute, encodeQuery } from './messages/statements.js'
import type { BatchMessage, ExecuteMessage, QueryMessage } from './messages/statements.js'
import { readBytesMap, readStringList, writeBytesMap, writeStringList } from './primitives.js'
import type { BytesMap } from './primitives.js'

/** What a client sends. */
export type RequestMessage = StartupMessage | OptionsMessage | QueryMessage | PrepareMessage | ExecuteMessage | RegisterMessage | BatchMessage | AuthResponseMessage

/** What a server sends. */
export type ResponseMessage =
  | ErrorMessage | ReadyMessage | AuthenticateMessage | SupportedMessage | ResultMessage | EventMessage | AuthChallengeMessage | AuthSuccessMessage

/** Any message. */
export type Message = RequestMessage | ResponseMessage

/** What may accompany any message. */
export interface MessageExtras {
  /** Request: asks for a trace. */
  readonly tracing?: boolean | undefined
  /** Response: the id of the trace. */
  readonly tracingId?: string | undefined
  /** Response; version 4 and later. */
  readonly warnings?: readonly string[] | undefined
  /** Version 4 and later. */
  readonly payload?: BytesMap | undefined
}

/** Writes the body of what a client sends, without what accompanies it. */
export function encodeRequest(writer: ByteWriter, message: RequestMessage, version: ProtocolVersion): void {
  switch (message.type) {
    case 'STARTUP': return encodeStartup(writer, message)
    case 'OPTIONS': return
    case 'QUERY': return encodeQuery(writer, message, version)
    case 'PREPARE': return encodePrepare(writer, message, version)
    case 'EXECUTE': return encodeExecute(writer, message, version)
    case 'REGISTER': return encodeRegister(writer, message)
    case 'BATCH': return encodeBatch(writer, message, version)
    case 'AUTH_RESPONSE': return encodeAuthResponse(writer, message)
  }
}

/** Writes the body of what a server sends, without what accompanies it. */
export function encodeResponse(writer: ByteWriter, message: ResponseMessage, version: ProtocolVersion): void {
  switch (message.type) {
    case 'ERROR': return encodeError(writer, message, version)
    case 'READY': return
    case 'AUTHENTICATE': return encodeAuthenticate(writer, message)
    case 'SUPPORTED': return encodeSupported(writer, message)
    case 'RESULT': return encodeResult(writer, message, version)
    case 'EVENT': return encodeEvent(writer, message)
    case 'AUTH_CHALLENGE': case 'AUTH_SUCCESS': return encodeAuthToken(writer, message)
  }
}

/** Reads the body of what a client sent, after what accompanies it. @throws ProtocolError, also for what only servers send */
export function decodeRequest(opcode: number, reader: ByteReader, version: ProtocolVersion): RequestMessage {
  switch (opcode) {
    case opcodes.STARTUP: return decodeStartup(reader)
    case opcodes.OPTIONS: return { type: 'OPTIONS' }
    case opcodes.QUERY: return decodeQuery(reader, version)
    case opcodes.PREPARE: return decodePrepare(reader, version)
    case opcodes.EXECUTE: return decodeExecute(reader, version)
    case opcodes.REGISTER: return decodeRegister(reader)
    case opcodes.BATCH: return decodeBatch(reader, version)
    case opcodes.AUTH_RESPONSE: return decodeAuthResponse(reader)
    default: throw unknownOpcode(opcode, 'request')
  }
}

/** Reads the body of what a server sent, after what accompanies it. @throws ProtocolError, also for what only clients send */
export function decodeResponse(opcode: number, reader: ByteReader, version: ProtocolVersion): ResponseMessage {
  switch (opcode) {
    case opcodes.ERROR: return decodeError(reader, version)
    case opcodes.READY: return { type: 'READY' }
    case opcodes.AUTHENTICATE: return decodeAuthenticate(reader)
    case opcodes.SUPPORTED: return decodeSupported(reader)
    case opcodes.RESULT: return decodeResult(reader, version)
    case opcodes.EVENT: return decodeEvent(reader)
    case opcodes.AUTH_CHALLENGE: return decodeAuthChallenge(reader)
    case opcodes.AUTH_SUCCESS: return decodeAuthSuccess(reader)
    default: throw unknownOpcode(opcode, 'response')
  }
}

function unknownOpcode(opcode: number, kind: string): ProtocolError {
  return new ProtocolError(`No ${kind} has the opcode 0x${opcode.toString(16).padStart(2, '0')}`)
}

/** Writes the body of a message of either side, without what accompanies it. */
export function encodeBody(writer: ByteWriter, message: Message, version: ProtocolVersion): void {
  if (isResponse(message.type)) encodeResponse(writer, message as ResponseMessage, version)
  else encodeRequest(writer, message as RequestMessage, version)
}

/** Reads the body of a message of either side, after what accompanies it. @throws ProtocolError */
export function decodeBody(opcode: number, reader: ByteReader, version: ProtocolVersion): Message {
  return requestOpcodes.has(opcode) ? decodeRequest(opcode, reader, version) : decodeResponse(opcode, reader, version)
}

/** Flags of a header for what accompanies its message. */
export function flagsOf(extras: MessageExtras): number {
  return (extras.tracing === true || extras.tracingId !== undefined ? headerFlags.tracing : 0) | (extras.payload ? headerFlags.payload : 0) | (extras.warnings ? headerFlags.warning : 0)
}

/** Writes what accompanies a message, in the order of section 2.2: trace id, warnings, payload. */
export function writeExtras(writer: ByteWriter, extras: MessageExtras): void {
  if (extras.tracingId !== undefined) writer.raw(uuidBytes(extras.tracingId))
  if (extras.warnings) writeStringList(writer, extras.warnings)
  if (extras.payload) writeBytesMap(writer, extras.payload)
}

/** Reads what accompanies a message and leaves the reader at its body. */
export function readExtras(header: Pick<EnvelopeHeader, 'flags' | 'response'>, reader: ByteReader): MessageExtras {
  const { flags } = header
  if ((flags & (headerFlags.tracing | headerFlags.warning | headerFlags.payload)) === 0) return NO_EXTRAS
  const traced = (flags & headerFlags.tracing) !== 0
  const tracingId = traced && header.response ? uuidToString(reader.bytes, reader.take(16)) : undefined
  const warnings = flags & headerFlags.warning ? readStringList(reader) : undefined
  const payload = flags & headerFlags.payload ? readBytesMap(reader) : undefined
  return { tracing: traced && !header.response ? true : undefined, tracingId, warnings, payload }
}

const NO_EXTRAS: MessageExtras = Object.freeze({})

const responses: ReadonlySet<string> = new Set<ResponseMessage['type']>(['ERROR', 'READY', 'AUTHENTICATE', 'SUPPORTED', 'RESULT', 'EVENT', 'AUTH_CHALLENGE', 'AUTH_SUCCESS'])

const requestOpcodes: ReadonlySet<number> = new Set(Object.entries(opcodes).flatMap(([type, opcode]) => (responses.has(type) ? [] : [opcode])))

/** Whether it is a server that sends messages of this type. */
export function isResponse(type: string): boolean {
  return responses.has(type)
}

/**
 * Appends a whole envelope: a request as a client sends it, or a response as a server does.
 *
 * @param streamId ties a response to its request; -1 for events
 * @throws CqlError when the version cannot express the message; the writer is then as it was
 */
export function encodeMessage(writer: ByteWriter, message: Message, version: ProtocolVersion, streamId: number, extras: MessageExtras = NO_EXTRAS): void {
  const start = writer.pos
  try {
    beginEnvelope(writer, version, isResponse(message.type), flagsOf(extras), streamId, opcodes[message.type])
    writeExtras(writer, extras)
    encodeBody(writer, message, version)
    endEnvelope(writer, start)
  } catch (error) {
    writer.pos = start
    throw error
  }
}

/**
 * Decodes what a `FrameDecoder` hands over. Bytes after the message are legal and ignored.
 *
 * @returns the message and what accompanies it
 * @throws ProtocolError when the body is not a message of that opcode
 */
export function decodeMessage(header: EnvelopeHeader, body: ByteReader): { readonly message: Message; readonly extras: MessageExtras } {
  const extras = readExtras(header, body)
  return { message: decodeBody(header.opcode, body, header.version), extras }
}

/** As `decodeMessage`, of what a server sent and without what accompanies it: all that a client needs. @throws ProtocolError */
export function decodeAnswer(header: EnvelopeHeader, body: ByteReader): ResponseMessage {
  readExtras(header, body)
  return decodeResponse(header.opcode, body, header.version)
}
