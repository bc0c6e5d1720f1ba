// Tables that hold the rows of another one again, by other keys, for queries that its own key does not serve: what has to be written to them.
import { OptionError } from '../base/index.js'
import { jsonReplacer } from '../codecs/index.js'
import type { AnyRow } from './along.js'
import { QueryRefusedError } from './errors.js'
import type { Tables } from './find-types.js'
import { isTests } from './relation.js'
import { keyText } from './row-key.js'
import type { Table, TableModel } from './table.js'

/** A table that holds the rows of another one again, as {@link keptIn} declares it. */
export interface QueryTable {
  /** By its name among the tables of the ORM. */
  readonly table: string
  /** Columns that there is a row for each element of: `{ tag: 'tags' }`. */
  readonly each: Readonly<Record<string, string>>
}

/**
 * Keeps the rows of a table in another one, too, whose columns have the same names. Its key has all key columns of the first one, so that rows stay apart;
 * a row that lacks one of its key columns is not in it.
 *
 * @param table by its name among the tables of the ORM
 * @param options `each` names columns of which there is one row for each element of a set or list: `{ each: { tag: 'tags' } }`
 */
export function keptIn(table: string, { each = {} }: { readonly each?: Readonly<Record<string, string>> } = {}): QueryTable {
  return { table, each }
}

/** A query table with its model. */
export interface KeptTable {
  readonly name: string
  readonly model: TableModel
  readonly each: Readonly<Record<string, string>>
}

/** The query tables of one table. @throws OptionError when one cannot hold its rows */
export function keptTables(tables: Tables, from: string, declared: readonly QueryTable[]): KeptTable[] {
  const source = (tables[from] as Table | undefined)?.model
  if (!source) throw new OptionError('queryTables', `queryTables.${from}: there is no table '${from}'`)
  return declared.map(({ table, each }) => {
    const where = `queryTables.${from}: ${table}`
    const model = (tables[table] as Table | undefined)?.model
    if (!model) throw new OptionError('queryTables', `${where}: there is no such table`)
    for (const { property, column } of model.columns.values()) {
      const other = source.columns.get(Object.hasOwn(each, property) ? each[property]! : property)
      if (!other) throw new OptionError('queryTables', `${where} has a column '${property}', which ${from} has not`)
      if (Object.hasOwn(each, property) && other.column.type.kind !== 'set' && other.column.type.kind !== 'list') throw new OptionError('queryTables', `${where}: '${other.property}' is neither a set nor a list`)
      if (column.seal || other.column.seal || other.kind === 'static' || other.kind === 'counter') throw new OptionError('queryTables', `${where}: '${property}' is encrypted, static or a counter, and cannot be kept twice`)
    }
    for (const { property } of source.primaryKey) if (!model.primaryKey.some((column) => column.property === property)) throw new OptionError('queryTables', `${where} needs '${property}' in its key: without it, rows of ${from} would replace each other`)
    return { name: table, model, each }
  })
}

/** The rows of a query table that a row stands for, by their keys as text. @param row undefined when there is none */
export function keptRows({ model, each }: KeptTable, row: Readonly<AnyRow> | undefined): Map<string, AnyRow> {
  let rows: AnyRow[] = row ? [Object.fromEntries([...model.columns.keys()].filter((property) => !Object.hasOwn(each, property)).map((property) => [property, row[property]]))] : []
  for (const [property, from] of Object.entries(each)) {
    const elements = [...((row?.[from] ?? []) as Iterable<unknown>)]
    rows = rows.flatMap((base) => elements.map((element) => ({ ...base, [property]: element })))
  }
  const whole = rows.filter((kept) => model.primaryKey.every(({ property }) => kept[property] !== null && kept[property] !== undefined))
  return new Map(whole.map((kept) => [keyText(model, kept), kept]))
}

/** A row after an update: what collections become is worked out here, for their elements may be keys elsewhere. */
export function afterUpdate(table: TableModel, before: Readonly<AnyRow>, values: Readonly<AnyRow>): AnyRow {
  const after: AnyRow = { ...before }
  for (const [property, value] of Object.entries(values)) after[property] = isTests(value) ? changed(table, property, before[property], value) : value
  return after
}

function changed(table: TableModel, property: string, before: unknown, change: Readonly<Record<string, unknown>>): unknown {
  const { kind } = table.columns.get(property)!.column.type
  const text = (value: unknown): string => JSON.stringify([value], jsonReplacer)
  const [name] = Object.keys(change)
  const given = change[name!] as Iterable<unknown>
  const list = [...((before ?? []) as Iterable<unknown>)]
  const removed = new Set([...given].map(text))
  switch (`${kind} ${name}`) {
    case 'set $add':
      return new Set([...list, ...[...given].filter((value) => !list.some((each) => text(each) === text(value)))])
    case 'set $remove':
      return new Set(list.filter((value) => !removed.has(text(value))))
    case 'list $append':
      return [...list, ...given]
    case 'list $prepend':
      return [...given, ...list]
    case 'list $remove':
      return list.filter((value) => !removed.has(text(value)))
    case 'map $put':
      return new Map([...(list as [unknown, unknown][]), ...(given as Iterable<[unknown, unknown]>)])
    case 'map $remove':
      return new Map((list as [unknown, unknown][]).filter(([key]) => !removed.has(text(key))))
    default:
      throw new QueryRefusedError(`${table.name}.${property} cannot be changed by '${name}'`)
  }
}

/** What has to be written to a query table when a row becomes another. */
export function keptChanges(kept: KeptTable, before: Readonly<AnyRow> | undefined, after: Readonly<AnyRow> | undefined): { readonly removed: AnyRow[]; readonly written: AnyRow[] } {
  const [old, wanted] = [keptRows(kept, before), keptRows(kept, after)]
  return { removed: [...old].filter(([key]) => !wanted.has(key)).map(([, row]) => row), written: [...wanted.values()] }
}

/** Whether two rows of a query table say the same. */
export function sameRow({ model }: KeptTable, a: Readonly<AnyRow>, b: Readonly<AnyRow>): boolean {
  const text = (row: Readonly<AnyRow>): string => JSON.stringify([...model.columns.values()].map(({ property, encode }) => {
    const value = row[property] ?? null
    const plain = value !== null && encode ? encode(value) : value
    const size = plain instanceof Set || plain instanceof Map ? plain.size : Array.isArray(plain) ? plain.length : 1
    // An empty collection is none, and sets and maps come in the order of the server.
    if (size === 0) return null
    return plain instanceof Set || plain instanceof Map ? Array.from<unknown, string>(plain, (each) => JSON.stringify(each, jsonReplacer)).sort() : plain
  }), jsonReplacer)
  return text(a) === text(b)
}
