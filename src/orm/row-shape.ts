// Rows come with the names that the SELECT gave them; what is left is to decode mapped columns, to make null collections empty ones, and to
// miss what is required. Tables without such columns cost nothing here.
import { boundTo } from './encrypted.js'
import { QueryRefusedError, RowError } from './errors.js'
import type { TableColumn, TableModel } from './table.js'

type Fix = (row: Record<string, unknown>) => void

function emptyOf({ column: { type } }: TableColumn): (() => unknown) | undefined {
  if (!('frozen' in type) || type.frozen !== true) {
    if (type.kind === 'list') return () => []
    if (type.kind === 'set') return () => new Set()
    if (type.kind === 'map') return () => new Map()
  }
  return undefined
}

/** Opens an encrypted value, which takes the key of its row. */
function openerOf(table: TableModel, column: TableColumn, read: readonly TableColumn[]): Fix | undefined {
  const { property, label, column: { seal } } = column
  if (!seal) return undefined
  const key = column.kind === 'static' ? table.partitionKey : table.primaryKey
  const missing = key.find((part) => !read.includes(part))
  if (missing) throw new QueryRefusedError(`${label} is encrypted with the key of its row: '${missing.property}' must be among the columns that are read`)
  return (row) => {
    const sealed = row[property] as Uint8Array | null
    if (sealed === null) return
    row[property] = readable(column, () => seal.open(sealed, boundTo(table, column, (part) => row[part.property])))
  }
}

function fixOf(table: TableModel, column: TableColumn): Fix | undefined {
  const { property, decode, kind } = column
  const empty = emptyOf(column)
  const mandatory = column.column.mandatory && (kind === 'regular' || kind === 'static')
  if (!empty && !decode && !mandatory) return undefined
  return (row) => {
    const value = row[property]
    if (value !== null) {
      if (decode) row[property] = readable(column, () => decode(value))
    } else if (empty) row[property] = decode ? decode(empty()) : empty()
    else if (mandatory) {
      const key = table.primaryKey.map((each) => each.property).filter((name) => name in row)
      throw new RowError(property, `${table.name}.${property} is required, but a row${key.length === 0 ? '' : ` (by ${key.join(', ')})`} has none: it was not written by an INSERT of the whole row, or it was deleted`)
    }
  }
}

/** A value that cannot be read is an error that names the column: never what happens to be there instead. */
function readable({ property, label }: TableColumn, read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    throw new RowError(property, `${label} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

/** What makes rows of whole tables. */
const whole = new WeakMap<TableModel, { readonly shape: Fix | undefined }>()

/**
 * What makes a row of a table of a row as the client reads it, in place.
 *
 * @param columns those that were read; all of them when undefined
 * @returns undefined when there is nothing to do
 */
export function rowShape(table: TableModel, columns?: readonly TableColumn[]): Fix | undefined {
  if (columns) return shapeOf(table, columns)
  let known = whole.get(table)
  if (!known) whole.set(table, (known = { shape: shapeOf(table, [...table.columns.values()]) }))
  return known.shape
}

function shapeOf(table: TableModel, columns: readonly TableColumn[]): Fix | undefined {
  // Encrypted values first: their keys are as the client reads them then.
  const fixes = [...columns.flatMap((column) => openerOf(table, column, columns) ?? []), ...columns.flatMap((column) => fixOf(table, column) ?? [])]
  if (fixes.length < 2) return fixes[0]
  return (row) => {
    for (const fix of fixes) fix(row)
  }
}
