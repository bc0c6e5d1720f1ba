import type { AnyRow, Reading } from './along.js'
import { QueryRefusedError } from './errors.js'
import { columnOf } from './relation.js'
import { Select } from './select.js'
import { everythingOf } from './select-text.js'
import type { QueryOptions, Session } from './session.js'
import type { Table, TableColumn, TableModel } from './table.js'

/** Reads rows of a table as a find says. */
export async function readRows(session: Session, table: TableModel, filter: Readonly<AnyRow>, reading?: Reading & QueryOptions): Promise<AnyRow[]> {
  if (table.deletion && reading?.withDeleted !== true) return readUndeleted(session, table, table.deletion, filter, reading ?? {})
  return selectOf(session, table, filter, reading).all()
}

function selectOf(session: Session, table: TableModel, filter: Readonly<AnyRow>, reading?: Reading & QueryOptions): Select<Table, AnyRow> {
  if (reading === undefined) return new Select<Table, AnyRow>(session, everythingOf(table), undefined).whereDynamic(filter as never)
  const { columns, where: _where, orderBy, limit, perPartitionLimit, allowFiltering = false, withDeleted: _withDeleted, with: _with, ...options } = reading
  return new Select<Table, AnyRow>(session, {
    ...everythingOf(table), filtering: allowFiltering, limit, perPartition: perPartitionLimit,
    columns: columns?.map((name) => columnOf(table, name)),
    order: Object.entries(orderBy ?? {}).map(([name, direction]): [TableColumn, 'asc' | 'desc'] => [columnOf(table, name), direction]),
  }, Object.keys(options).length > 0 ? options : undefined).whereDynamic(filter as never)
}

/** Rows that are not deleted, as many as were asked for: page by page, for nobody knows how many are left out. */
export async function readUndeleted(session: Session, table: TableModel, { property }: TableColumn, filter: Readonly<AnyRow>, { limit, perPartitionLimit, ...reading }: Reading & QueryOptions): Promise<AnyRow[]> {
  if (perPartitionLimit !== undefined) throw new QueryRefusedError(`${table.name}: rows that are deleted are left out here, so that Cassandra cannot limit those of a partition; read .withDeleted, or limit them yourself`)
  const hidden = reading.columns !== undefined && !reading.columns.includes(property)
  const rows: AnyRow[] = []
  for await (const row of selectOf(session, table, filter, { ...reading, ...(hidden && { columns: [...reading.columns!, property] }) }).stream()) {
    if (row[property] !== null) continue
    if (hidden) delete row[property]
    rows.push(row)
    if (rows.length === limit) break
  }
  return rows
}
