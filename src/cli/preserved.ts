// Write times and TTLs of columns, which travel as columns of their own: `writetime(v)` and `ttl(v)`.
import { OptionError } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import type { ColumnMetadata, TableMetadata, ViewMetadata } from '../client/index.js'
import { insertOf } from './insert-of.js'
import type { FileColumn } from '../streaming/index.js'

const BIGINT: CqlType = { kind: 'bigint' }
const INT: CqlType = { kind: 'int' }

/** What is kept of a column besides its value. */
interface Kept {
  readonly column: ColumnMetadata
  readonly writetime: string
  readonly ttl: string
}

/**
 * The columns that write times and TTLs are kept of: all but the key.
 *
 * @throws OptionError naming a column that has one for each of its elements
 */
function keptColumns(table: TableMetadata | ViewMetadata): Kept[] {
  const columns = [...table.columns.values()].filter(({ kind }) => kind === 'regular' || kind === 'static')
  const many = columns.find(({ type }) => ['list', 'set', 'map', 'udt'].includes(type.kind) && (type as { frozen?: boolean }).frozen !== true)
  if (many) throw new OptionError('preserve', `--preserve cannot keep the write times of '${many.name}': each of its elements has its own`)
  return columns.map((column) => ({ column, writetime: `writetime(${quoteIdentifier(column.name)})`, ttl: `ttl(${quoteIdentifier(column.name)})` }))
}

/** Selectors of write times and TTLs, and what they are in a file. */
export function preservedColumns(table: TableMetadata | ViewMetadata): FileColumn[] {
  return keptColumns(table).flatMap(({ writetime, ttl }) => [{ name: writetime, type: BIGINT }, { name: ttl, type: INT }])
}

/** An INSERT whose rows bring their write time and TTL along. */
export function insertPreserving(table: TableMetadata | ViewMetadata): string {
  return `${insertOf(table, [...table.columns.keys()])} USING TIMESTAMP ? AND TTL ?`
}

/**
 * Makes the inserts that a row takes: one for each write time and TTL that its columns have.
 *
 * @param unset what is bound for columns that an insert leaves alone
 */
export function preservingRows(table: TableMetadata | ViewMetadata, unset: unknown): (row: Readonly<Record<string, unknown>>) => unknown[][] {
  const kept = keptColumns(table)
  const names = [...table.columns.keys()]
  const keys = new Set([...table.partitionKey, ...table.clusteringKey].map(({ name }) => name))
  return (row) => {
    const groups = new Map<string, { readonly writetime: unknown; readonly ttl: unknown; readonly columns: Set<string> }>()
    for (const { column, writetime, ttl } of kept) {
      if (row[column.name] === null || row[column.name] === undefined) continue
      const id = `${String(row[writetime])}/${String(row[ttl])}`
      const group = groups.get(id)
      if (group) group.columns.add(column.name)
      else groups.set(id, { writetime: row[writetime], ttl: row[ttl], columns: new Set([column.name]) })
    }
    // A row of nothing but its key.
    if (groups.size === 0) groups.set('', { writetime: unset, ttl: unset, columns: new Set() })
    return Array.from(groups.values(), ({ writetime, ttl, columns }) => [...names.map((name) => (keys.has(name) || columns.has(name) ? row[name] : unset)), writetime ?? unset, ttl ?? unset])
  }
}
