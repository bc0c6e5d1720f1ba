/**
 * protocol: the CQL native protocol, versions 3 to 5, both directions, without I/O.
 *
 * Here: bytes to envelopes (`frame-decoder.ts`), envelopes to bytes (`frame-encoder.ts`), v5 segments, checksums,
 * compression, and every message of client and server (`message.ts`, `messages/`).
 * Not here: sockets, timers, connections (`pool/`). Read `message.ts` first.
 */
export { ByteReader, ByteWriter } from '../base/index.js'
export { consistencies, consistencyCode, consistencyName, headerFlags, opcodes, protocolVersions } from './constants.js'
export type { Consistency, OpcodeName, ProtocolVersion } from './constants.js'
export type { ProtocolLimits } from './limits.js'
export { MAX_FRAME_LENGTH } from './limits.js'
export * from './primitives.js'
export { readType, writeType } from './type-options.js'
export { crc24, crc32, CRC32_SEED } from './crc.js'
export type { Crc32 } from './crc.js'
export type { CompressionName, Compressor } from './compression/compressor.js'
export { lz4 } from './compression/lz4.js'
export { snappy } from './compression/snappy.js'
export { checkedCompressor } from './compression/native.js'
export { HEADER_LENGTH } from './envelope.js'
export type { EnvelopeHeader } from './envelope.js'
export { MAX_PAYLOAD, readSegmentHeader, writeSegment, writeSegments } from './segment.js'
export type { SegmentHeader } from './segment.js'
export { FrameDecoder, UnsupportedVersionError } from './frame-decoder.js'
export type { EnvelopeSink, FrameDecoderOptions } from './frame-decoder.js'
export { FrameEncoder } from './frame-encoder.js'
export type { FrameEncoderOptions } from './frame-encoder.js'
export { decodeAnswer, decodeBody, decodeMessage, decodeRequest, decodeResponse, encodeBody, encodeMessage, encodeRequest, encodeResponse, flagsOf, readExtras, writeExtras } from './message.js'
export type { Message, MessageExtras, RequestMessage, ResponseMessage } from './message.js'
export { encodeExecute, encodeQuery, encodeBatch } from './messages/statements.js'
export type { BatchMessage, BatchStatement, BatchType, ExecuteMessage, QueryMessage } from './messages/statements.js'
export type { BatchParameters, QueryParameters, RawValue, ValueSource } from './messages/query-parameters.js'
export type { AuthResponseMessage, OptionsMessage, PrepareMessage, RegisterMessage, StartupMessage } from './messages/requests.js'
export type {
  AuthChallengeMessage, AuthenticateMessage, AuthSuccessMessage, EventMessage, NodeAddress, ReadyMessage, SchemaChange, SupportedMessage,
} from './messages/responses.js'
export { readPrepared, readRowCount, readRowsMetadata, skipPlainMetadata, resultKinds, writeRowsMetadata } from './messages/result.js'
export type { PreparedMessage, ResultMessage, RowsMetadata, VariablesMetadata } from './messages/result.js'
export { decodeError, errorCodes } from './messages/error.js'
export type { ErrorDetails, ErrorMessage, WriteType } from './messages/error.js'
export * from './server-errors.js'
