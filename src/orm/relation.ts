// Filters as objects, taken apart: one relation for each test of a column.
import { unset } from '../codecs/index.js'
import { QueryRefusedError } from './errors.js'
import { Placeholder, Slot } from './placeholder.js'
import type { TableColumn, TableModel } from './table.js'

/** How a column is compared. `ENTRY` is `column[key] = value`. */
export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'IN' | 'CONTAINS' | 'CONTAINS KEY' | 'ENTRY' | 'LIKE'

/** One test of one column. */
export interface Relation {
  readonly column: TableColumn
  readonly operator: Operator
  /** As it is bound: mapped to the CQL type's own. */
  readonly value: unknown
  /** Of `ENTRY`. */
  readonly key: unknown
}

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$eq', '='], ['$ne', '!='], ['$gt', '>'], ['$gte', '>='], ['$lt', '<'], ['$lte', '<='], ['$in', 'IN'], ['$contains', 'CONTAINS'], ['$containsKey', 'CONTAINS KEY'], ['$entry', 'ENTRY'], ['$like', 'LIKE'],
])

/** Types whose values are arrays: an array is one value of them, not several. */
const arrays: ReadonlySet<string> = new Set(['list', 'tuple', 'vector'])

/** Whether a value is an object of tests, such as `{ $gt: 3 }`, rather than a value. */
export function isTests(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key in value) return key.startsWith('$')
  return false
}

/** The column of a property. @throws QueryRefusedError when there is none */
export function columnOf(table: TableModel, property: string): TableColumn {
  const column = table.columns.get(property)
  if (!column) throw new QueryRefusedError(`${table.name} has no column '${property}': it has ${[...table.columns.keys()].join(', ')}`)
  return column
}

/**
 * The relations of a filter.
 *
 * @param filter values and tests by property
 * @param conditions whether they are of an IF clause, where null and `$ne` have a meaning
 * @throws QueryRefusedError naming the column: unknown, undefined, null, or tested in a way that does not exist
 */
export function relationsOf(table: TableModel, filter: Readonly<Record<string, unknown>>, conditions = false): Relation[] {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) throw new QueryRefusedError(`A filter of ${table.name} is an object of columns`)
  const relations: Relation[] = []
  for (const property of Object.keys(filter)) {
    const column = columnOf(table, property)
    const value = filter[property]
    if (isTests(value)) for (const test of Object.keys(value)) relations.push(relation(column, test, value[test], conditions))
    else if (Array.isArray(value) && !arrays.has(column.column.type.kind)) relations.push(relation(column, '$in', value, conditions))
    else relations.push(relation(column, '$eq', value, conditions))
  }
  return relations
}

function relation(column: TableColumn, test: string, value: unknown, conditions: boolean): Relation {
  const { label: where } = column
  if (column.column.seal) throw new QueryRefusedError(`${where} is encrypted: nothing can be asked of it; a blind index in a column beside it can be`)
  const operator = operators.get(test)
  if (operator === undefined || (operator === '!=' && !conditions)) {
    throw new QueryRefusedError(operator === '!=' ? `${where}: CQL has no != in WHERE; .if() has it` : `${where}: there is no test '${test}', only ${[...operators.keys()].filter((each) => conditions || each !== '$ne').join(', ')}`)
  }
  checkOperator(column, operator, conditions)
  if (operator === 'ENTRY') {
    if (!Array.isArray(value) || value.length !== 2) throw new QueryRefusedError(`${where}: $entry takes a key and a value`)
    return { column, operator, key: bound(where, undefined, value[0], false), value: bound(where, undefined, value[1], false) }
  }
  if (operator !== 'IN') return { column, operator, key: undefined, value: bound(where, operator === 'CONTAINS' || operator === 'CONTAINS KEY' ? undefined : column.encode, value, conditions && (operator === '=' || operator === '!=')) }
  const several = (given: unknown): unknown => {
    if (!Array.isArray(given)) throw new QueryRefusedError(`${where}: $in takes an array`)
    return given.map((each) => bound(where, column.encode, each, false))
  }
  return { column, operator, key: undefined, value: value instanceof Placeholder ? new Slot(value, several) : several(value) }
}

/** A value as it is bound. @param nullable whether null means something here */
function bound(where: string, encode: TableColumn['encode'], value: unknown, nullable: boolean): unknown {
  if (value instanceof Placeholder) return new Slot(value, (given) => bound(where, encode, given, nullable))
  if (value === undefined) throw new QueryRefusedError(`${where} is undefined: leave it out of the filter, or give a value`)
  if (value === unset) throw new QueryRefusedError(`${where} is unset: a filter needs a value`)
  if (value === null && !nullable) throw new QueryRefusedError(`${where} is null: WHERE cannot ask for what is not there, for Cassandra keeps no such thing`)
  return encode === undefined || value === null ? value : encode(value)
}

/** Refuses tests that the column's type does not have, whatever index or filtering there is. */
function checkOperator({ label: where, column: { type, indexes } }: TableColumn, operator: Operator, conditions: boolean): void {
  const whole = !(type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'udt') || type.frozen === true
  switch (operator) {
    case 'CONTAINS':
      if (type.kind !== 'list' && type.kind !== 'set' && type.kind !== 'map') throw new QueryRefusedError(`${where}: only collections can contain something, not ${type.kind}`)
      return
    case 'CONTAINS KEY':
    case 'ENTRY':
      if (type.kind !== 'map') throw new QueryRefusedError(`${where}: only maps have keys and entries, not ${type.kind}`)
      if (operator === 'ENTRY' && type.frozen === true) throw new QueryRefusedError(`${where}: a frozen map is one value, and cannot be asked for an entry`)
      return
    case 'LIKE':
      if (!indexes.some(({ using }) => using === 'sasi')) throw new QueryRefusedError(`${where}: LIKE needs an index declared .indexed({ using: 'sasi' })`)
      return
    default:
      if (!whole && !conditions) throw new QueryRefusedError(`${where}: a ${type.kind} that is not frozen can be asked for what it contains only`)
      if (type.kind === 'duration' && operator !== '=' && operator !== 'IN' && operator !== '!=') throw new QueryRefusedError(`${where}: durations have no order`)
  }
}

/** ` WHERE ...`, with its values; nothing for no relations. */
export function whereText(relations: readonly Relation[], values: unknown[]): string {
  let text = ''
  for (const relation of relations) text += (text === '' ? ' WHERE ' : ' AND ') + relationToCql(relation, values)
  return text
}

/** A relation as CQL, its values appended to a list. */
export function relationToCql({ column: { quoted }, operator, value, key }: Relation, values: unknown[]): string {
  if (operator === 'ENTRY') {
    values.push(key, value)
    return `${quoted}[?] = ?`
  }
  values.push(value)
  return `${quoted} ${operator} ?`
}
