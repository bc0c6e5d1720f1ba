import { ByteReader, ByteWriter, latin1Decode, ProtocolError } from '../base/index.js'
import { errorCodes } from '../protocol/index.js'
import { Refusal } from './errors.js'

/** Where a query goes on: after which row, and what its limits have left. */
export interface PagingPosition {
  readonly partitionId: string
  readonly token: bigint
  readonly clustering: readonly Uint8Array[]
  /** Rows that LIMIT still allows; -1 for any number. */
  readonly remaining: number
  /** Rows of this partition given so far, for PER PARTITION LIMIT. */
  readonly givenInPartition: number
}

const FORMAT = 1

/** A position as the bytes of a paging state. */
export function encodePosition(position: PagingPosition): Uint8Array {
  const writer = new ByteWriter(64)
  writer.u8(FORMAT)
  writer.i64(position.token)
  writer.i32(position.remaining)
  writer.i32(position.givenInPartition)
  writer.i32(position.partitionId.length)
  for (let i = 0; i < position.partitionId.length; i++) writer.u8(position.partitionId.charCodeAt(i))
  writer.u8(position.clustering.length)
  for (const value of position.clustering) {
    writer.i32(value.length)
    writer.raw(value)
  }
  return writer.toBytes()
}

/** @throws Refusal when the bytes are not a paging state of this server */
export function decodePosition(bytes: Uint8Array): PagingPosition {
  try {
    const reader = new ByteReader(bytes)
    if (reader.u8() !== FORMAT) throw new ProtocolError('Unknown format')
    const token = reader.i64()
    const remaining = reader.i32()
    const givenInPartition = reader.i32()
    const length = reader.i32()
    const start = reader.take(length)
    const partitionId = latin1Decode(bytes, start, start + length)
    const clustering = Array.from({ length: reader.u8() }, () => reader.copy(reader.i32()))
    return { partitionId, token, clustering, remaining, givenInPartition }
  } catch {
    throw new Refusal(errorCodes.PROTOCOL_ERROR, 'Invalid value for the paging state')
  }
}
