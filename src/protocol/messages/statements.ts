import { OptionError, ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'
import type { ProtocolVersion } from '../constants.js'
import { readCount, readLongString, readShortBytes, writeLongString, writeShortBytes } from '../primitives.js'
import { decodeBatchParameters, decodeQueryParameters, encodeBatchParameters, encodeQueryParameters, readRawValue, writeRawValue } from './query-parameters.js'
import type { BatchParameters, QueryParameters, RawValue, ValueSource } from './query-parameters.js'

/** Runs a statement given as text (section 4.1.4). */
export interface QueryMessage {
  readonly type: 'QUERY'
  readonly query: string
  readonly parameters: QueryParameters
}

/** Runs a prepared statement (section 4.1.6). */
export interface ExecuteMessage {
  readonly type: 'EXECUTE'
  readonly id: Uint8Array
  /** The id of the result columns that the client knows; version 5, where it is required. */
  readonly resultMetadataId?: Uint8Array | undefined
  readonly parameters: QueryParameters
}

/** Kinds of batches. */
export type BatchType = 'logged' | 'unlogged' | 'counter'

/** One statement of a batch: text or the id of a prepared one. */
export interface BatchStatement {
  readonly query?: string | undefined
  readonly id?: Uint8Array | undefined
  readonly values: readonly RawValue[] | ValueSource
}

/** Runs several writes as one (section 4.1.7). */
export interface BatchMessage {
  readonly type: 'BATCH'
  readonly batchType: BatchType
  readonly statements: readonly BatchStatement[]
  readonly parameters: BatchParameters
}

/** Writes the body of QUERY (section 4.1.4). */
export function encodeQuery(writer: ByteWriter, message: Omit<QueryMessage, 'type'>, version: ProtocolVersion): void {
  writeLongString(writer, message.query)
  encodeQueryParameters(writer, message.parameters, version)
}

/** Reads the body of QUERY (section 4.1.4). */
export function decodeQuery(reader: ByteReader, version: ProtocolVersion): QueryMessage {
  return { type: 'QUERY', query: readLongString(reader), parameters: decodeQueryParameters(reader, version) }
}

const NO_BYTES = new Uint8Array(0)

/** Writes the body of EXECUTE (section 4.1.6). */
export function encodeExecute(writer: ByteWriter, { id, resultMetadataId, parameters }: Omit<ExecuteMessage, 'type'>, version: ProtocolVersion): void {
  writeShortBytes(writer, id)
  if (version >= 5) writeShortBytes(writer, resultMetadataId ?? NO_BYTES)
  encodeQueryParameters(writer, parameters, version)
}

/** Reads the body of EXECUTE (section 4.1.6). */
export function decodeExecute(reader: ByteReader, version: ProtocolVersion): ExecuteMessage {
  const id = readShortBytes(reader)
  if (version < 5) return { type: 'EXECUTE', id, parameters: decodeQueryParameters(reader, version) }
  const resultMetadataId = readShortBytes(reader)
  return { type: 'EXECUTE', id, resultMetadataId, parameters: decodeQueryParameters(reader, version) }
}

const batchTypes: readonly BatchType[] = ['logged', 'unlogged', 'counter']

/** Writes the body of BATCH (section 4.1.7). */
export function encodeBatch(writer: ByteWriter, message: BatchMessage, version: ProtocolVersion): void {
  if (message.statements.length > 0xffff) throw new OptionError('statements', `A batch has at most 65,535 statements, not ${message.statements.length}`)
  writer.u8(batchTypes.indexOf(message.batchType))
  writer.u16(message.statements.length)
  for (const { query, id, values } of message.statements) {
    if (id !== undefined) {
      writer.u8(1)
      writeShortBytes(writer, id)
    } else {
      writer.u8(0)
      writeLongString(writer, query ?? '')
    }
    if ('write' in values) {
      writer.u16(values.count)
      values.write(writer, version)
    } else {
      writer.u16(values.length)
      for (const value of values) writeRawValue(writer, value, version)
    }
  }
  encodeBatchParameters(writer, message.parameters, version)
}

/** Reads the body of BATCH (section 4.1.7). */
export function decodeBatch(reader: ByteReader, version: ProtocolVersion): BatchMessage {
  const code = reader.u8()
  const batchType = batchTypes[code]
  if (batchType === undefined) throw new ProtocolError(`Invalid BATCH message type ${code}`)
  const count = reader.u16()
  const statements: BatchStatement[] = []
  for (let i = 0; i < count; i++) {
    const kind = reader.u8()
    if (kind > 1) throw new ProtocolError(`Invalid query kind in BATCH messages. Must be 0 or 1 but got ${kind}`)
    const what = kind === 0 ? { query: readLongString(reader) } : { id: readShortBytes(reader) }
    const values = Array.from({ length: readCount(reader, 4) }, () => readRawValue(reader, version))
    statements.push({ ...what, values })
  }
  return { type: 'BATCH', batchType, statements, parameters: decodeBatchParameters(reader, version) }
}
