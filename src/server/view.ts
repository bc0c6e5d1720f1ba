import type { CreateViewStatement, OptionValue } from '../cql/index.js'
import { isComplex, Table } from './schema.js'
import type { TableColumn } from './schema.js'
import { RowView } from './row-view.js'
import { TableStore } from './table-store.js'
import type { Liveness, Partition, Row } from './rows.js'

/** What a view is made of. */
export interface ViewDefinition {
  readonly base: Table
  /** Whether it has all columns of the table, also those to come. */
  readonly includesAll: boolean
  readonly where: CreateViewStatement['where']
  readonly whereText: string
  /** Whether it has a row of the table, apart from the columns of its own key, which are never null. */
  readonly passes: (view: RowView) => boolean
}

/** A materialized view: the rows of a table by another key, made anew from the table when that has changed. */
export class View extends Table {
  readonly definition: ViewDefinition
  #built = -1
  #store: TableStore

  constructor(name: string, columns: readonly TableColumn[], definition: ViewDefinition, options: Readonly<Record<string, OptionValue>>) {
    super(definition.base.keyspace, name, columns, options)
    this.definition = definition
    this.#store = new TableStore(this)
  }

  /** As of the last write to the table. */
  override get store(): TableStore {
    const { base } = this.definition
    if (this.#built !== base.store.version) {
      this.#built = base.store.version
      this.#store = new TableStore(this)
      this.#fill(base)
    }
    return this.#store
  }

  /** Has it made anew at the next read. */
  stale(): void {
    this.#built = -1
  }

  #fill(base: Table): void {
    for (const partition of base.store.partitions) {
      // Whatever has a time to live has it here, too: so all that was not deleted is taken over, whether it still lives or not.
      for (const row of partition.rows) if (base.store.rowExists(partition, row, 0)) this.#add(base, partition, row)
    }
  }

  #add(base: Table, partition: Partition, row: Row): void {
    const view = new RowView(base, partition, row, 0)
    const valueOf = (column: TableColumn): Uint8Array | null => view.get(base.column(column.name)!)
    const [partitionKey, clustering] = [this.partitionKey.map(valueOf), this.clusteringKey.map(valueOf)]
    if (partitionKey.includes(null) || clustering.includes(null) || !this.definition.passes(view)) return
    const own = this.#store.open(partitionKey as Uint8Array[])
    const copy = this.#store.openRow(own, clustering as Uint8Array[])
    const until = base.store.deletedUntil(partition, row)
    this.#store.writeLiveness(copy, this.#liveness(base, row, until))
    for (const column of this.columns) {
      if (column.kind !== 'regular') continue
      const from = base.column(column.name)!
      if (isComplex(column.type)) for (const { key, cell } of base.store.liveParts(partition, row, from, 0)) this.#store.writePart(copy, column, key, cell)
      else {
        const cell = base.store.liveCell(partition, row, from, 0)
        if (cell) this.#store.writeCell(copy, column, cell)
      }
    }
  }

  /** A row of a view lives as long as the column that it has in its key and the table has not. */
  #liveness(base: Table, row: Row, until: bigint): Liveness {
    const added = [...this.partitionKey, ...this.clusteringKey].find(({ name }) => base.column(name)!.kind === 'regular')
    const cell = added && row.cell(added.name)
    if (cell) return cell
    return row.liveness && row.liveness.timestamp > until ? row.liveness : { timestamp: until + 1n, ttl: 0, expires: 0 }
  }
}
