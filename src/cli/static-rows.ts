import type { Client, TableMetadata, ViewMetadata } from '../client/index.js'

type Table = TableMetadata | ViewMetadata
type Row = Readonly<Record<string, unknown>>

/**
 * Makes what takes care of partitions that hold nothing but static columns: a SELECT gives them as a row whose clustering columns are
 * null, which the INSERT of other rows cannot write.
 *
 * @param statementOf makes an INSERT for a table of fewer columns
 * @param rowsOf makes the values of such an INSERT
 * @returns a function that writes such a row and says true, or says false of all others
 */
export function staticRows(client: Client, table: Table, statementOf: (part: Table) => string, rowsOf: (part: Table) => (row: Row) => readonly (readonly unknown[])[]): (row: Row) => false | Promise<true> {
  const clustering = table.clusteringKey.map(({ name }) => name)
  const statics = [...table.columns.values()].filter(({ kind }) => kind === 'static')
  if (clustering.length === 0 || statics.length === 0) return () => false
  const regular = Array.from(table.columns.values()).filter(({ kind }) => kind === 'regular').map(({ name }) => name)
  const part = { ...table, clusteringKey: [], columns: new Map([...table.partitionKey, ...statics].map((column) => [column.name, column])) }
  const statement = statementOf(part)
  const values = rowsOf(part)
  return (row) => {
    if (clustering.some((name) => row[name] !== null) || regular.some((name) => row[name] !== null && row[name] !== undefined)) return false
    return Promise.all(values(row).map((each) => client.execute(statement, each, { idempotent: true }))).then((): true => true)
  }
}
