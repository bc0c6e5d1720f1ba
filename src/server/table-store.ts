import type { Comparator } from '../codecs/index.js'
import { comparatorOf, compareBytes } from '../codecs/index.js'
import { ByteWriter, latin1Decode } from '../base/index.js'
import { compareTokens, murmur3Token } from '../cluster/index.js'
import { ColumnLists } from './column-lists.js'
import { isLive, NEVER, Partition, Row } from './rows.js'
import type { Bound, Cell, ComplexCell, Liveness, RangeDeletion } from './rows.js'
import type { Table, TableColumn } from './schema.js'
import { SharedValues } from './shared-values.js'

/** Bytes of a partition key as they are hashed: single parts bare, several each with a length and a zero byte. */
export function serializeKey(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const writer = new ByteWriter(64)
  for (const part of parts) {
    writer.u16(part.length)
    writer.raw(part)
    writer.u8(0)
  }
  return writer.toBytes()
}

/** What is done to a store, to be done again. */
export interface StoreJournal {
  cell(table: Table, row: Row, column: string, cell: Cell): void
  liveness(table: Table, row: Row, liveness: Liveness): void
  part(table: Table, row: Row, column: string, key: Uint8Array, cell: Cell): void
  deleteComplex(table: Table, row: Row, column: string, timestamp: bigint): void
  deleteRow(table: Table, row: Row, timestamp: bigint): void
  deletePartition(table: Table, partition: Partition, timestamp: bigint): void
  deleteRange(table: Table, partition: Partition, from: Bound | undefined, to: Bound | undefined, timestamp: bigint): void
  truncate(table: Table): void
}

/** The data of one table: partitions by token, rows by clustering key, cells with timestamps. */
export class TableStore {
  /** Writes down what is done, where data is kept. */
  journal: StoreJournal | undefined
  readonly #table: Table
  /** Another one after each write. */
  version = 0
  #partitions = new Map<string, Partition>()
  #sorted: Partition[] | undefined
  readonly #lists = new ColumnLists()
  #lastPlace = 0
  #values = new SharedValues()

  constructor(table: Table) {
    this.#table = table
  }

  /** All partitions in the order of the ring. */
  get partitions(): readonly Partition[] {
    this.#sorted ??= [...this.#partitions.values()].sort((a, b) => compareTokens(a.token, b.token) || (a.id < b.id ? -1 : 1))
    return this.#sorted
  }

  partition(key: readonly Uint8Array[]): Partition | undefined {
    return this.#partitions.get(idOf(serializeKey(key)))
  }

  /** The partition of a key, made if it is not there. */
  open(key: readonly Uint8Array[]): Partition {
    this.version++
    const bytes = serializeKey(key)
    const id = idOf(bytes)
    let partition = this.#partitions.get(id)
    if (!partition) {
      partition = new Partition(key.map((part) => this.#values.keep(part)), id, murmur3Token(bytes), this.#lists.empty)
      this.#partitions.set(id, partition)
      this.#sorted = undefined
    }
    return partition
  }

  /** Order of two clustering keys; one may be the beginning of one only. */
  compareClustering(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
    const columns = this.#table.clusteringKey
    for (let i = 0; i < a.length && i < b.length; i++) {
      const column = columns[i]!
      const difference = comparatorOf(column.type)(a[i]!, b[i]!)
      if (difference !== 0) return column.descending ? -difference : difference
    }
    return 0
  }

  /** The first place in `rows` at or after the bound. */
  lowerPlace(partition: Partition, bound: Bound | undefined): number {
    if (!bound) return 0
    return this.#search(partition.rows, (row) => {
      const difference = this.compareClustering(row.clustering, bound.prefix)
      return difference < 0 || (difference === 0 && !bound.inclusive)
    })
  }

  /** The first place in `rows` after the bound. */
  upperPlace(partition: Partition, bound: Bound | undefined): number {
    if (!bound) return partition.rows.length
    return this.#search(partition.rows, (row) => {
      const difference = this.compareClustering(row.clustering, bound.prefix)
      return difference < 0 || (difference === 0 && bound.inclusive)
    })
  }

  #search(rows: readonly Row[], before: (row: Row) => boolean): number {
    let low = 0
    let high = rows.length
    // Rows mostly come in order: look at the end first.
    if (high > 0 && before(rows[high - 1]!)) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(rows[middle]!)) low = middle + 1
      else high = middle
    }
    return low
  }

  row(partition: Partition, clustering: readonly Uint8Array[]): Row | undefined {
    const last = this.#lastRow(partition, clustering)
    if (last !== undefined) return last
    const row = partition.rows[this.lowerPlace(partition, { prefix: clustering, inclusive: true })]
    return row && this.compareClustering(row.clustering, clustering) === 0 ? row : undefined
  }

  /** The last row if it is the one: most partitions have one row, and most rows come in order. */
  #lastRow({ rows }: Partition, clustering: readonly Uint8Array[]): Row | undefined {
    const last = rows.length > 0 ? rows[rows.length - 1]! : undefined
    return last !== undefined && this.compareClustering(last.clustering, clustering) === 0 ? last : undefined
  }

  /** The row of a clustering key, made if it is not there. */
  openRow(partition: Partition, clustering: readonly Uint8Array[]): Row {
    const last = this.#lastRow(partition, clustering)
    if (last !== undefined) return last
    const place = this.lowerPlace(partition, { prefix: clustering, inclusive: true })
    const found = partition.rows[place]
    if (found && this.compareClustering(found.clustering, clustering) === 0) return found
    const row = new Row(partition, clustering.map((value) => this.#values.keep(value)), this.#lists.empty)
    if (place === partition.rows.length) partition.rows.push(row)
    else partition.rows.splice(place, 0, row)
    return row
  }

  /** What was written to the row until then is gone. */
  deletedUntil(partition: Partition, row: Row): bigint {
    let until = partition.deletion > row.deletion ? partition.deletion : row.deletion
    if (row === partition.staticRow) return until
    for (const range of partition.ranges) {
      if (range.timestamp > until && this.#inRange(row.clustering, range)) until = range.timestamp
    }
    return until
  }

  #inRange(clustering: readonly Uint8Array[], { from, to }: RangeDeletion): boolean {
    if (from) {
      const difference = this.compareClustering(clustering, from.prefix)
      if (difference < 0 || (difference === 0 && !from.inclusive)) return false
    }
    if (to) {
      const difference = this.compareClustering(clustering, to.prefix)
      if (difference > 0 || (difference === 0 && !to.inclusive)) return false
    }
    return true
  }

  deletePartition(partition: Partition, timestamp: bigint): void {
    if (timestamp > partition.deletion) partition.deletion = timestamp
    this.journal?.deletePartition(this.#table, partition, timestamp)
  }

  deleteRange(partition: Partition, from: Bound | undefined, to: Bound | undefined, timestamp: bigint): void {
    const kept = (bound: Bound | undefined): Bound | undefined => bound && { inclusive: bound.inclusive, prefix: bound.prefix.map((value) => this.#values.keep(value)) }
    partition.ranges.push({ from: kept(from), to: kept(to), timestamp })
    this.journal?.deleteRange(this.#table, partition, from, to, timestamp)
  }

  deleteRow(row: Row, timestamp: bigint): void {
    if (timestamp > row.deletion) row.deletion = timestamp
    this.journal?.deleteRow(this.#table, row, timestamp)
  }

  #kept(cell: Cell): Cell {
    return cell.value === null ? cell : { value: this.#values.keep(cell.value), timestamp: cell.timestamp, ttl: cell.ttl, expires: cell.expires }
  }

  /** Writes a cell; of two the later one stays, at the same time a deletion, then the greater value. */
  writeCell(row: Row, column: TableColumn, cell: Cell): void {
    const before = row.cell(column.name)
    if (before && !supersedes(cell, before)) return
    row.setCell(column.name, this.#kept(cell), this.#lists)
    this.journal?.cell(this.#table, row, column.name, cell)
  }

  /** Writes a cell whatever was there: counters are added to, and of two sums the last one is right. */
  setCell(row: Row, column: TableColumn, cell: Cell): void {
    row.setCell(column.name, this.#kept(cell), this.#lists)
    this.journal?.cell(this.#table, row, column.name, cell)
  }

  writeLiveness(row: Row, liveness: Liveness): void {
    if (row.liveness && liveness.timestamp < row.liveness.timestamp) return
    row.liveness = liveness
    this.journal?.liveness(this.#table, row, liveness)
  }

  complexOf(row: Row, column: TableColumn): ComplexCell {
    let complex = row.complex.get(column.name)
    if (!complex) row.complex = new Map([...row.complex, [column.name, (complex = { deletion: NEVER, parts: new Map() })]])
    return complex
  }

  writePart(row: Row, column: TableColumn, key: Uint8Array, cell: Cell): void {
    const { parts } = this.complexOf(row, column)
    const id = idOf(key)
    const before = parts.get(id)
    if (before && !supersedes(cell, before.cell)) return
    parts.set(id, { key: this.#values.keep(key), cell: this.#kept(cell) })
    this.journal?.part(this.#table, row, column.name, key, cell)
  }

  deleteComplex(row: Row, column: TableColumn, timestamp: bigint): void {
    const complex = this.complexOf(row, column)
    if (timestamp > complex.deletion) complex.deletion = timestamp
    for (const [id, { cell }] of complex.parts) if (cell.timestamp <= timestamp) complex.parts.delete(id)
    this.journal?.deleteComplex(this.#table, row, column.name, timestamp)
  }

  /** Takes note of a place that is taken, so that no other is given out for it. */
  noteListPlace(key: Uint8Array): void {
    const place = new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0) - 0x4000_0000_0000_0000n
    this.#lastPlace = Math.max(this.#lastPlace, Number(place < 0n ? -place : place))
  }

  /** A key that comes after (or before) all others of lists: the place of an appended (or prepended) element. */
  listPlace(atEnd: boolean): Uint8Array {
    const bytes = new Uint8Array(8)
    const place = ++this.#lastPlace
    new DataView(bytes.buffer).setBigInt64(0, BigInt(atEnd ? place : -place) + 0x4000_0000_0000_0000n)
    return bytes
  }

  /** Parts that live, in the order in which they are read. */
  liveParts(partition: Partition, row: Row, column: TableColumn, nowSeconds: number): { readonly key: Uint8Array; readonly cell: Cell }[] {
    const complex = row.complex.get(column.name)
    if (!complex) return []
    const deleted = this.deletedUntil(partition, row)
    const until = complex.deletion > deleted ? complex.deletion : deleted
    const parts = [...complex.parts.values()].filter(({ cell }) => cell.value !== null && cell.timestamp > until && isLive(cell, nowSeconds))
    const { type } = column
    const compare: Comparator = type.kind === 'set' ? comparatorOf(type.element) : type.kind === 'map' ? comparatorOf(type.key) : compareBytes
    return parts.sort((a, b) => compare(a.key, b.key))
  }

  /** The cell of a column if it lives. */
  liveCell(partition: Partition, row: Row, column: TableColumn, nowSeconds: number): (Cell & { readonly value: Uint8Array }) | undefined {
    const cell = row.cell(column.name)
    if (!cell || cell.value === null || !isLive(cell, nowSeconds) || cell.timestamp <= this.deletedUntil(partition, row)) return undefined
    return cell as Cell & { value: Uint8Array }
  }

  /** Whether a row exists: it was inserted, or has a value. */
  rowExists(partition: Partition, row: Row, nowSeconds: number): boolean {
    if (this.wasInserted(partition, row, nowSeconds)) return true
    const until = this.deletedUntil(partition, row)
    for (const cell of row.cells) if (cell.value !== null && cell.timestamp > until && isLive(cell, nowSeconds)) return true
    for (const complex of row.complex.values()) {
      const since = complex.deletion > until ? complex.deletion : until
      for (const { cell } of complex.parts.values()) if (cell.value !== null && cell.timestamp > since && isLive(cell, nowSeconds)) return true
    }
    return false
  }

  /** Whether a row is there by itself, and not only for what is in its cells: UPDATE makes such rows. */
  wasInserted(partition: Partition, row: Row, nowSeconds: number): boolean {
    return row.liveness !== undefined && row.liveness.timestamp > this.deletedUntil(partition, row) && isLive(row.liveness, nowSeconds)
  }

  truncate(): void {
    this.version++
    this.#partitions = new Map()
    this.#sorted = undefined
    this.#values = new SharedValues()
    this.journal?.truncate(this.#table)
  }

  /** Forgets the values of a column that was dropped. */
  dropColumn(name: string): void {
    this.version++
    for (const partition of this.#partitions.values()) {
      for (const row of [partition.staticRow, ...partition.rows]) {
        row.dropCell(name)
        if (row.complex.has(name)) row.complex = new Map([...row.complex].filter(([column]) => column !== name))
      }
    }
  }
}

function idOf(bytes: Uint8Array): string {
  return latin1Decode(bytes, 0, bytes.length)
}

function supersedes(cell: Cell, before: Cell): boolean {
  if (cell.timestamp !== before.timestamp) return cell.timestamp > before.timestamp
  if (cell.value === null || before.value === null) return cell.value === null
  // Of two live values of one moment the greater one wins everywhere, so that replicas agree.
  return compareBytes(cell.value, before.value) >= 0
}
