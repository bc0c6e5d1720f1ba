import { ByteWriter } from '../base/index.js'
import { crc32 } from '../protocol/index.js'
import type { AppendFile } from '../transport/index.js'
import type { Table } from './schema.js'
import type { Bound, Cell, Liveness, Partition, Row } from './rows.js'
import type { StoreJournal } from './table-store.js'

/** What records are about. */
export const records = { schema: 1, table: 2, row: 3, cell: 4, liveness: 5, part: 6, deleteComplex: 7, deleteRow: 8, deletePartition: 9, deleteRange: 10, truncate: 11, end: 12 } as const

/** What a frame begins with, so that one can be found after another that is broken. */
export const MAGIC = 0xc517_0b0b
/** Magic, length, checksum. */
export const HEADER = 12

/** Bytes as frames are checked. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes) >>> 0
}

/**
 * Writes down what is done to the data, in frames: what one answer stands for is in one frame, and so there as a whole or not at all.
 */
export class Journal implements StoreJournal {
  readonly #file: AppendFile
  readonly #writer = new ByteWriter(4096)
  readonly #tables = new Map<Table, number>()
  /** The row that the next records are about. */
  #row: Row | undefined
  /** Bytes in the file. */
  size = 0

  constructor(file: AppendFile, size = 0) {
    this.#file = file
    this.size = size
  }

  /** A statement that changes the schema, with the ids of what it makes. */
  schema(text: string, keyspace: string | undefined, ids: ReadonlyMap<string, string>): void {
    const writer = this.#writer
    this.#row = undefined
    writer.u8(records.schema)
    this.#text(text)
    this.#text(keyspace ?? '')
    writer.u16(ids.size)
    for (const [name, id] of ids) {
      this.#text(name)
      this.#text(id)
    }
  }

  cell(table: Table, row: Row, column: string, cell: Cell): void {
    this.#open(table, row)
    this.#writer.u8(records.cell)
    this.#text(column)
    this.#cell(cell)
  }

  liveness(table: Table, row: Row, liveness: Liveness): void {
    this.#open(table, row)
    this.#writer.u8(records.liveness)
    this.#times(liveness)
  }

  part(table: Table, row: Row, column: string, key: Uint8Array, cell: Cell): void {
    this.#open(table, row)
    this.#writer.u8(records.part)
    this.#text(column)
    this.#bytes(key)
    this.#cell(cell)
  }

  deleteComplex(table: Table, row: Row, column: string, timestamp: bigint): void {
    this.#open(table, row)
    this.#writer.u8(records.deleteComplex)
    this.#text(column)
    this.#writer.i64(timestamp)
  }

  deleteRow(table: Table, row: Row, timestamp: bigint): void {
    this.#open(table, row)
    this.#writer.u8(records.deleteRow)
    this.#writer.i64(timestamp)
  }

  deletePartition(table: Table, partition: Partition, timestamp: bigint): void {
    const number = this.#numberOf(table)
    this.#writer.u8(records.deletePartition)
    this.#writer.u16(number)
    this.#list(partition.key)
    this.#writer.i64(timestamp)
  }

  deleteRange(table: Table, partition: Partition, from: Bound | undefined, to: Bound | undefined, timestamp: bigint): void {
    const number = this.#numberOf(table)
    this.#writer.u8(records.deleteRange)
    this.#writer.u16(number)
    this.#list(partition.key)
    for (const bound of [from, to]) {
      this.#writer.u8(bound ? (bound.inclusive ? 2 : 1) : 0)
      if (bound) this.#list(bound.prefix)
    }
    this.#writer.i64(timestamp)
  }

  truncate(table: Table): void {
    const number = this.#numberOf(table)
    this.#writer.u8(records.truncate)
    this.#writer.u16(number)
  }

  /** Says that a snapshot is whole. */
  end(): void {
    this.#writer.u8(records.end)
  }

  #numberOf(table: Table): number {
    let number = this.#tables.get(table)
    if (number === undefined) {
      number = this.#tables.size
      this.#tables.set(table, number)
      this.#writer.u8(records.table)
      this.#writer.u16(number)
      this.#text(table.keyspace)
      this.#text(table.name)
    }
    return number
  }

  #open(table: Table, row: Row): void {
    if (row === this.#row) return
    const number = this.#numberOf(table)
    this.#row = row
    this.#writer.u8(records.row)
    this.#writer.u16(number)
    this.#list(row.partition.key)
    const isStatic = row === row.partition.staticRow
    this.#writer.u8(isStatic ? 1 : 0)
    if (!isStatic) this.#list(row.clustering)
  }

  #cell(cell: Cell): void {
    this.#bytes(cell.value)
    this.#times(cell)
  }

  #times({ timestamp, ttl, expires }: Liveness): void {
    this.#writer.i64(timestamp)
    this.#writer.i32(ttl)
    this.#writer.f64(expires)
  }

  #list(items: readonly Uint8Array[]): void {
    this.#writer.u16(items.length)
    for (const item of items) this.#bytes(item)
  }

  #bytes(value: Uint8Array | null): void {
    this.#writer.i32(value?.length ?? -1)
    if (value) this.#writer.raw(value)
  }

  #text(text: string): void {
    const at = this.#writer.reserve(4)
    const length = this.#writer.utf8(text)
    this.#writer.view.setInt32(at, length)
  }

  /** Writes what was done since the last time into the file, as one frame. */
  commit(): void {
    if (this.#writer.pos === 0) return
    const payload = this.#writer.written()
    const frame = new Uint8Array(HEADER + payload.length)
    const view = new DataView(frame.buffer)
    view.setUint32(0, MAGIC)
    view.setUint32(4, payload.length)
    view.setUint32(8, checksum(payload))
    frame.set(payload, HEADER)
    // What is begun must be whole in the next frame, too.
    this.#row = undefined
    this.#writer.pos = 0
    this.#file.write(frame)
    this.size += frame.length
  }

  /** Returns when all that was committed is on the disk. */
  sync(): void {
    this.#file.sync()
  }

  close(): void {
    this.#file.close()
  }
}
