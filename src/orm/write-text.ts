// What INSERT, UPDATE and DELETE have in common: values of columns as they are bound, conditions, and USING.
import { CodecError } from '../base/index.js'
import { unset } from '../codecs/index.js'
import { QueryRefusedError } from './errors.js'
import { boundTo } from './encrypted.js'
import { Placeholder, Slot } from './placeholder.js'
import { isTests, relationsOf, relationToCql } from './relation.js'
import { checkWholeNumber } from './session.js'
import type { TableColumn, TableModel } from './table.js'

/** Under which condition a write is applied. */
export type Conditions =
  | { readonly kind: 'exists' }
  | { readonly kind: 'notExists' }
  | { readonly kind: 'if'; readonly filter: Readonly<Record<string, unknown>> }

/** What is said of when a write was made, and how long it lasts. */
export interface Using {
  /** Seconds. */
  readonly ttl: number | Placeholder | undefined
  /** Microseconds since 1970. */
  readonly timestamp: bigint | number | Placeholder | undefined
}

/** The most seconds of a TTL: 20 years (`Attributes.java`). */
const MAX_TTL = 630_720_000

/** The value of a key column of the row that is written, as it is bound; undefined where it is not one value. */
export type KeyValue = (column: TableColumn) => unknown

/**
 * The value of a column as it is bound.
 *
 * @param keyValue of encrypted columns, which are bound to the key of their row
 * @throws QueryRefusedError for undefined, and for null where there must be a value
 */
export function written(table: TableModel, column: TableColumn, value: unknown, keyValue: KeyValue): unknown {
  const where = column.label
  const { seal } = column.column
  if (value instanceof Placeholder) {
    if (seal) throw new QueryRefusedError(`${where} is encrypted: its value cannot be a placeholder`)
    return new Slot(value, (given) => written(table, column, given, keyValue))
  }
  if (value === undefined) throw new QueryRefusedError(`${where} is undefined: leave it out, or say null to have nothing there`)
  if (value === unset) return value
  if (value === null) {
    if (column.column.mandatory) throw new QueryRefusedError(`${where} is ${column.inKey ? 'in the key' : 'required'}, so it cannot be null`)
    return null
  }
  if (seal) return named(column, () => seal.seal(value, boundTo(table, column, keyValue)))
  return column.encode ? named(column, () => column.encode!(value)) : value
}

/** What a mapping or a seal makes of a value. @throws CodecError naming the column */
function named({ label }: TableColumn, make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    if (error instanceof QueryRefusedError) throw error
    throw new CodecError(`${label}: ${error instanceof Error ? error.message : String(error)}`, '', error)
  }
}

/** `USING TTL ? AND TIMESTAMP ?`, with its values. */
export function usingText({ ttl, timestamp }: Using, values: unknown[]): string {
  const parts: string[] = []
  if (timestamp !== undefined) {
    parts.push('TIMESTAMP ?')
    values.push(timestamp instanceof Placeholder ? new Slot(timestamp, (value) => value) : timestamp)
  }
  if (ttl !== undefined) {
    const seconds = (value: unknown): unknown => {
      checkWholeNumber('ttl', value, 0)
      if ((value as number) > MAX_TTL) throw new QueryRefusedError(`A TTL of ${String(value)} seconds is more than Cassandra's 20 years`)
      return value
    }
    parts.push('TTL ?')
    values.push(ttl instanceof Placeholder ? new Slot(ttl, seconds) : seconds(ttl))
  }
  return parts.length === 0 ? '' : ` USING ${parts.join(' AND ')}`
}

/** ` IF ...`, with its values. */
export function conditionText(table: TableModel, conditions: Conditions | undefined, values: unknown[]): string {
  if (conditions === undefined) return ''
  if (conditions.kind !== 'if') return conditions.kind === 'exists' ? ' IF EXISTS' : ' IF NOT EXISTS'
  const relations = relationsOf(table, conditions.filter, true)
  const inKey = relations.find(({ column }) => column.inKey)
  if (inKey) throw new QueryRefusedError(`${table.name}.${inKey.column.property} is in the key: it can be in .where() only, not in .if()`)
  if (relations.length === 0) throw new QueryRefusedError(`.if() of ${table.name} has no conditions: .ifExists() asks for the row alone`)
  return ` IF ${relations.map((relation) => relationToCql(relation, values)).join(' AND ')}`
}

/** The assignments of an UPDATE, with their values. */
export function assignments(table: TableModel, set: readonly (readonly [column: TableColumn, value: unknown])[], values: unknown[], keyValue: KeyValue): string {
  return set.map(([column, value]) => assignment(table, column, value, values, keyValue)).join(', ')
}

function assignment(table: TableModel, column: TableColumn, value: unknown, values: unknown[], keyValue: KeyValue): string {
  const { quoted, kind, label: where, column: { type, seal } } = column
  if (!isTests(value) || seal) {
    if (kind === 'counter') throw new QueryRefusedError(`${where} is a counter: it takes { $increment: n } or { $decrement: n }`)
    values.push(written(table, column, value, keyValue))
    return `${quoted} = ?`
  }
  const [change, ...more] = Object.keys(value)
  if (change === undefined || more.length > 0) throw new QueryRefusedError(`${where} is changed in one way at a time`)
  const allowed: readonly string[] = kind === 'counter' ? ['$increment', '$decrement'] : ('frozen' in type && type.frozen) ? [] : (changes[type.kind] ?? [])
  if (!allowed.includes(change)) throw new QueryRefusedError(`${where} cannot be changed by '${change}'${allowed.length > 0 ? `, only by ${allowed.join(', ')}` : ': it is written as a whole'}`)
  const given = value[change]
  if (given === undefined || given === null) throw new QueryRefusedError(`${where}: ${change} has no value`)
  values.push(given instanceof Placeholder ? new Slot(given, (each) => changed(column, change, each)) : changed(column, change, given))
  switch (change) {
    case '$increment':
    case '$add':
    case '$append':
    case '$put':
      return `${quoted} = ${quoted} + ?`
    case '$prepend':
      return `${quoted} = ? + ${quoted}`
    default:
      return `${quoted} = ${quoted} - ?`
  }
}

const changes: Readonly<Record<string, readonly string[]>> = { list: ['$append', '$prepend', '$remove'], set: ['$add', '$remove'], map: ['$put', '$remove'] }

/** The value of a change: mapped as the collection is; keys that leave a map are a set of keys. */
function changed(column: TableColumn, change: string, value: unknown): unknown {
  const { encode, column: { type } } = column
  if (type.kind === 'map' && change === '$remove') return new Set(value as Iterable<unknown>)
  return encode && type.kind !== 'counter' ? named(column, () => encode(value)) : value
}
