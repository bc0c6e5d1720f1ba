import type { CqlType } from '../codecs/index.js'
import { cells } from './cells.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import type { Partition, Row } from './rows.js'

/** One row as a statement sees it at one moment: keys, static columns and its own. */
export class RowView {
  readonly table: Table
  readonly partition: Partition
  /** Undefined when the partition has static columns only. */
  readonly row: Row | undefined
  readonly nowSeconds: number

  constructor(table: Table, partition: Partition, row: Row | undefined, nowSeconds: number) {
    this.table = table
    this.partition = partition
    this.row = row
    this.nowSeconds = nowSeconds
  }

  /** The bytes of a column's value, or null. */
  get(column: TableColumn): Uint8Array | null {
    if (column.kind === 'partition_key') return this.partition.key[column.position]!
    if (column.kind === 'clustering') return this.row?.clustering[column.position] ?? null
    const row = this.rowOf(column)
    if (!row) return null
    if (isComplex(column.type)) return this.#complex(column, row)
    return this.table.store.liveCell(this.partition, row, column, this.nowSeconds)?.value ?? null
  }

  /** Where the cells of a column are kept. */
  rowOf(column: TableColumn): Row | undefined {
    return column.kind === 'static' ? this.partition.staticRow : this.row
  }

  #complex(column: TableColumn, row: Row): Uint8Array | null {
    const parts = this.table.store.liveParts(this.partition, row, column, this.nowSeconds)
    if (parts.length === 0) return null
    return assemble(column.type, parts.map(({ key, cell }) => ({ key, value: cell.value! })))
  }
}

/** The serialised value of a collection or UDT that is kept part by part. */
export function assemble(type: CqlType, parts: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]): Uint8Array {
  switch (type.kind) {
    case 'set':
      return cells(parts.map(({ key }) => key), true)
    case 'map':
      return cells(parts.flatMap(({ key, value }) => [key, value]), true, parts.length)
    case 'udt': {
      const byPlace = new Map(parts.map(({ key, value }) => [(key[0]! << 8) | key[1]!, value]))
      return cells(type.fields.map((_, i) => byPlace.get(i) ?? null), false)
    }
    default:
      return cells(parts.map(({ value }) => value), true)
  }
}
