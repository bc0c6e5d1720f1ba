import { ByteReader, CqlError, nameError } from '../base/index.js'
import { checksum, HEADER, MAGIC, records } from './journal.js'
import type { Table } from './schema.js'
import type { Bound, Cell, Liveness, Partition, Row } from './rows.js'

/** What records are done to. */
export interface ReplayTarget {
  schema(text: string, keyspace: string | undefined, ids: ReadonlyMap<string, string>): void
  table(keyspace: string, name: string): Table
}

/** What was found in a file. */
export interface Replayed {
  /** Bytes that are good; what comes after is half a frame. */
  readonly length: number
  /** Whether the record of the end was there. */
  readonly isWhole: boolean
}

/** A file has a broken place with good ones after it: what was there is not known, and nothing is left out silently. */
export class JournalCorruptError extends CqlError {
  constructor(message: string) {
    super(message, 'CQL_JOURNAL_CORRUPT', 'permanent')
  }
  static { nameError(this, 'JournalCorruptError') }
}

/**
 * Does again what a journal says.
 *
 * @param name of the file, for errors
 * @throws JournalCorruptError for a broken frame with a good one after it
 */
export function replay(bytes: Uint8Array, name: string, target: ReplayTarget): Replayed {
  const reading = new Replay(target)
  let at = 0
  while (at < bytes.length) {
    const payload = frameAt(bytes, at)
    if (!payload) {
      const next = goodFrameAfter(bytes, at)
      if (next !== undefined) throw new JournalCorruptError(`${name} is broken at byte ${at}, and goes on at byte ${next}: bring back a copy of the folder, or cut the file there, which loses what comes after`)
      break
    }
    reading.frame(payload)
    at += HEADER + payload.length
  }
  return { length: at, isWhole: reading.isWhole }
}

function frameAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  if (at + HEADER > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = view.getUint32(at + 4)
  if (view.getUint32(at) !== MAGIC || at + HEADER + length > bytes.length) return undefined
  const payload = bytes.subarray(at + HEADER, at + HEADER + length)
  return checksum(payload) === view.getUint32(at + 8) ? payload : undefined
}

function goodFrameAfter(bytes: Uint8Array, at: number): number | undefined {
  const first = MAGIC >>> 24
  for (let next = bytes.indexOf(first, at + 1); next >= 0; next = bytes.indexOf(first, next + 1)) if (frameAt(bytes, next)) return next
  return undefined
}

class Replay {
  readonly #target: ReplayTarget
  readonly #tables: Table[] = []
  #reader = new ByteReader(new Uint8Array(0))
  #table!: Table
  #row!: Row
  isWhole = false

  constructor(target: ReplayTarget) {
    this.#target = target
  }

  frame(payload: Uint8Array): void {
    this.#reader = new ByteReader(payload)
    while (this.#reader.remaining > 0) this.#record(this.#reader.u8())
  }

  #record(kind: number): void {
    switch (kind) {
      case records.schema: {
        const [text, keyspace] = [this.#text(), this.#text()]
        const ids = new Map(Array.from({ length: this.#reader.u16() }, () => [this.#text(), this.#text()] as const))
        return this.#target.schema(text, keyspace === '' ? undefined : keyspace, ids)
      }
      case records.table: {
        const number = this.#reader.u16()
        this.#tables[number] = this.#target.table(this.#text(), this.#text())
        return
      }
      case records.row:
        return this.#openRow()
      case records.truncate:
        return this.#tables[this.#reader.u16()]!.store.truncate()
      case records.end:
        this.isWhole = true
        return
      case records.deletePartition:
      case records.deleteRange:
        return this.#deleteRows(kind)
      default:
        return this.#change(kind)
    }
  }

  #openRow(): void {
    this.#table = this.#tables[this.#reader.u16()]!
    const partition = this.#table.store.open(this.#list())
    this.#row = this.#reader.u8() === 1 ? partition.staticRow : this.#table.store.openRow(partition, this.#list())
  }

  #deleteRows(kind: number): void {
    const { store } = this.#tables[this.#reader.u16()]!
    const partition: Partition = store.open(this.#list())
    if (kind === records.deletePartition) return store.deletePartition(partition, this.#reader.i64())
    const [from, to] = [this.#bound(), this.#bound()]
    store.deleteRange(partition, from, to, this.#reader.i64())
  }

  #bound(): Bound | undefined {
    const kind = this.#reader.u8()
    return kind === 0 ? undefined : { inclusive: kind === 2, prefix: this.#list() }
  }

  /** A change to the row that was opened last. */
  #change(kind: number): void {
    const { store } = this.#table
    switch (kind) {
      case records.liveness:
        return store.writeLiveness(this.#row, this.#times())
      case records.deleteRow:
        return store.deleteRow(this.#row, this.#reader.i64())
      case records.cell: {
        const column = this.#table.column(this.#text())
        const cell = this.#cell()
        if (column?.type.kind === 'counter') store.setCell(this.#row, column, cell)
        else if (column) store.writeCell(this.#row, column, cell)
        return
      }
      case records.part: {
        const column = this.#table.column(this.#text())
        const [key, cell] = [this.#bytes()!, this.#cell()]
        if (column?.type.kind === 'list') store.noteListPlace(key)
        if (column) store.writePart(this.#row, column, key, cell)
        return
      }
      case records.deleteComplex: {
        const column = this.#table.column(this.#text())
        const timestamp = this.#reader.i64()
        if (column) store.deleteComplex(this.#row, column, timestamp)
        return
      }
      default:
        throw new JournalCorruptError(`There is a record of an unknown kind, ${kind}: the folder is of a later version`)
    }
  }

  #cell(): Cell {
    return { value: this.#bytes(), ...this.#times() }
  }

  #times(): Liveness {
    const [timestamp, ttl, at] = [this.#reader.i64(), this.#reader.i32(), this.#reader.take(8)]
    return { timestamp, ttl, expires: this.#reader.view.getFloat64(at) }
  }

  #list(): Uint8Array[] {
    return Array.from({ length: this.#reader.u16() }, () => this.#bytes()!)
  }

  #bytes(): Uint8Array | null {
    const length = this.#reader.i32()
    return length < 0 ? null : this.#reader.copy(length)
  }

  #text(): string {
    return this.#reader.utf8(this.#reader.i32())
  }
}
