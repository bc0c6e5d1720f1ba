import { ProtocolError } from '../../base/index.js'
import type { ByteReader, ByteWriter } from '../../base/index.js'
import type { Column } from '../../codecs/index.js'
import type { ProtocolVersion } from '../constants.js'
import { readBytes, readShortBytes, readString, writeBytes, writeShortBytes, writeString } from '../primitives.js'
import { readType, writeType } from '../type-options.js'
import { readSchemaChange, writeSchemaChange } from './responses.js'
import type { SchemaChange } from './responses.js'

/** The kinds of RESULT (section 4.2.5). */
export const resultKinds = { VOID: 1, ROWS: 2, SET_KEYSPACE: 3, PREPARED: 4, SCHEMA_CHANGE: 5 } as const

/** What stands before the rows of a result. */
export interface RowsMetadata {
  readonly columnCount: number
  /** Undefined when the request asked to leave them out. */
  readonly columns?: readonly Column[] | undefined
  /** Present exactly when there are more pages. */
  readonly pagingState?: Uint8Array | undefined
  /** Version 5: the columns have changed since PREPARE, and this is their new id. */
  readonly newMetadataId?: Uint8Array | undefined
}

/** The bind markers of a prepared statement. */
export interface VariablesMetadata {
  readonly columns: readonly Column[]
  /** Places of the partition key's parts among the markers; version 4 and later, empty when not all are bound. */
  readonly partitionKey: readonly number[]
  /** Flags beyond those of the specification: ScyllaDB marks lightweight transactions with one. */
  readonly otherFlags?: number | undefined
}

/** The answer to a request that succeeded. */
export type ResultMessage =
  | { readonly type: 'RESULT'; readonly kind: 'VOID' }
  | { readonly type: 'RESULT'; readonly kind: 'ROWS'; readonly metadata: RowsMetadata; readonly rows: readonly (readonly (Uint8Array | null)[])[] }
  | { readonly type: 'RESULT'; readonly kind: 'SET_KEYSPACE'; readonly keyspace: string }
  | PreparedMessage
  | ({ readonly type: 'RESULT'; readonly kind: 'SCHEMA_CHANGE' } & SchemaChange)

/** The answer to PREPARE (section 4.2.5.4). */
export interface PreparedMessage {
  readonly type: 'RESULT'
  readonly kind: 'PREPARED'
  readonly id: Uint8Array
  /** Version 5. */
  readonly resultMetadataId?: Uint8Array | undefined
  readonly variables: VariablesMetadata
  /** Columns undefined: the statement returns none, or the server cannot tell yet. */
  readonly result: RowsMetadata
}

const flag = { globalTableSpec: 0x01, hasMorePages: 0x02, noMetadata: 0x04, metadataChanged: 0x08 } as const

function readColumns(reader: ByteReader, count: number, global: boolean): Column[] {
  // A column takes at least four bytes: a name and a type.
  if (count * 4 > reader.remaining) throw new ProtocolError(`${count} columns do not fit ${reader.remaining} bytes`)
  let keyspace = ''
  let table = ''
  if (global) {
    keyspace = readString(reader)
    table = readString(reader)
  }
  const columns: Column[] = []
  for (let i = 0; i < count; i++) {
    if (!global) {
      keyspace = readString(reader)
      table = readString(reader)
    }
    const name = readString(reader)
    columns.push({ name, type: readType(reader), keyspace, table })
  }
  return columns
}

function isGlobal(columns: readonly Column[]): boolean {
  const first = columns[0]
  return first !== undefined && columns.every((column) => column.keyspace === first.keyspace && column.table === first.table)
}

function writeColumns(writer: ByteWriter, columns: readonly Column[], global: boolean, version: ProtocolVersion): void {
  if (global) {
    writeString(writer, columns[0]!.keyspace)
    writeString(writer, columns[0]!.table)
  }
  for (const column of columns) {
    if (!global) {
      writeString(writer, column.keyspace)
      writeString(writer, column.table)
    }
    writeString(writer, column.name)
    writeType(writer, column.type, version)
  }
}

/** Reads what stands before the rows; the count of rows and the cells follow. */
export function readRowsMetadata(reader: ByteReader): RowsMetadata {
  const flags = reader.i32()
  const columnCount = reader.i32()
  if (columnCount < 0) throw new ProtocolError(`A result of ${columnCount} columns`)
  const pagingState = flags & flag.hasMorePages ? (readBytes(reader) ?? undefined) : undefined
  const newMetadataId = flags & flag.metadataChanged ? readShortBytes(reader) : undefined
  const columns = flags & flag.noMetadata ? undefined : readColumns(reader, columnCount, (flags & flag.globalTableSpec) !== 0)
  return { columnCount, columns, pagingState, newMetadataId }
}

/**
 * Passes over what stands before the rows where it says nothing: the columns were left out, there is no further page, nothing has changed.
 *
 * @param columnCount of the columns that are known
 * @returns false, and leaves the reader where it is, when {@link readRowsMetadata} is needed
 */
export function skipPlainMetadata(reader: ByteReader, columnCount: number): boolean {
  const { pos, view } = reader
  if (reader.end - pos < 8 || (view.getInt32(pos) & ~flag.globalTableSpec) !== flag.noMetadata || view.getInt32(pos + 4) !== columnCount) return false
  reader.pos = pos + 8
  return true
}

/** Writes what stands before the rows, the inverse of {@link readRowsMetadata}. */
export function writeRowsMetadata(writer: ByteWriter, metadata: RowsMetadata, version: ProtocolVersion): void {
  const { columns, pagingState, newMetadataId } = metadata
  // Cassandra leaves the flag when it leaves the columns out; it says nothing then.
  const global = columns === undefined ? metadata.columnCount > 0 : isGlobal(columns)
  writer.i32((global ? flag.globalTableSpec : 0) | (pagingState ? flag.hasMorePages : 0) | (columns ? 0 : flag.noMetadata) | (newMetadataId ? flag.metadataChanged : 0))
  writer.i32(metadata.columnCount)
  if (pagingState) writeBytes(writer, pagingState)
  if (newMetadataId) writeShortBytes(writer, newMetadataId)
  if (columns) writeColumns(writer, columns, global, version)
}

/** Reads the count of rows and checks it against the bytes that are there: each cell takes at least four. */
export function readRowCount(reader: ByteReader, columnCount: number): number {
  const count = reader.i32()
  if (count < 0 || (columnCount > 0 ? count * columnCount * 4 > reader.remaining : count > 0)) {
    throw new ProtocolError(`${count} rows of ${columnCount} columns do not fit ${reader.remaining} bytes`)
  }
  return count
}

function readVariables(reader: ByteReader, version: ProtocolVersion): VariablesMetadata {
  const flags = reader.i32()
  const count = reader.i32()
  if (count < 0) throw new ProtocolError(`A statement of ${count} bind markers`)
  const partitionKey: number[] = []
  if (version >= 4) {
    const keys = reader.i32()
    if (keys < 0 || keys * 2 > reader.remaining) throw new ProtocolError(`A partition key of ${keys} parts`)
    for (let i = 0; i < keys; i++) partitionKey.push(reader.u16())
  }
  const columns = readColumns(reader, count, (flags & flag.globalTableSpec) !== 0)
  const otherFlags = flags & ~flag.globalTableSpec
  return otherFlags === 0 ? { columns, partitionKey } : { columns, partitionKey, otherFlags }
}

function writeVariables(writer: ByteWriter, variables: VariablesMetadata, version: ProtocolVersion): void {
  const global = isGlobal(variables.columns)
  writer.i32((global ? flag.globalTableSpec : 0) | (variables.otherFlags ?? 0))
  writer.i32(variables.columns.length)
  if (version >= 4) {
    writer.i32(variables.partitionKey.length)
    for (const place of variables.partitionKey) writer.u16(place)
  }
  writeColumns(writer, variables.columns, global, version)
}

/** Reads a PREPARED result, after its kind. */
export function readPrepared(reader: ByteReader, version: ProtocolVersion): PreparedMessage {
  const id = readShortBytes(reader)
  const resultMetadataId = version >= 5 ? readShortBytes(reader) : undefined
  const variables = readVariables(reader, version)
  return { type: 'RESULT', kind: 'PREPARED', id, resultMetadataId, variables, result: readRowsMetadata(reader) }
}

/** Reads the body of RESULT (section 4.2.5). */
export function decodeResult(reader: ByteReader, version: ProtocolVersion): ResultMessage {
  const kind = reader.i32()
  switch (kind) {
    case resultKinds.VOID:
      return { type: 'RESULT', kind: 'VOID' }
    case resultKinds.ROWS: {
      const metadata = readRowsMetadata(reader)
      const rows: (Uint8Array | null)[][] = []
      for (let count = readRowCount(reader, metadata.columnCount); count > 0; count--) {
        rows.push(Array.from({ length: metadata.columnCount }, () => readBytes(reader)))
      }
      return { type: 'RESULT', kind: 'ROWS', metadata, rows }
    }
    case resultKinds.SET_KEYSPACE:
      return { type: 'RESULT', kind: 'SET_KEYSPACE', keyspace: readString(reader) }
    case resultKinds.PREPARED:
      return readPrepared(reader, version)
    case resultKinds.SCHEMA_CHANGE:
      return { type: 'RESULT', kind: 'SCHEMA_CHANGE', ...readSchemaChange(reader) }
    default:
      throw new ProtocolError(`Unknown kind ${kind} of RESULT`)
  }
}

/** Writes the body of RESULT (section 4.2.5). */
export function encodeResult(writer: ByteWriter, message: ResultMessage, version: ProtocolVersion): void {
  writer.i32(resultKinds[message.kind])
  switch (message.kind) {
    case 'VOID':
      break
    case 'ROWS':
      writeRowsMetadata(writer, message.metadata, version)
      writer.i32(message.rows.length)
      for (const row of message.rows) for (const cell of row) writeBytes(writer, cell)
      break
    case 'SET_KEYSPACE':
      writeString(writer, message.keyspace)
      break
    case 'PREPARED':
      writeShortBytes(writer, message.id)
      if (version >= 5) writeShortBytes(writer, message.resultMetadataId ?? new Uint8Array(0))
      writeVariables(writer, message.variables, version)
      writeRowsMetadata(writer, message.result, version)
      break
    case 'SCHEMA_CHANGE':
      writeSchemaChange(writer, message)
  }
}
