// Relations of a WHERE clause as tests of a row.
import { utf8Decode } from '../base/index.js'
import { comparatorOf, readCells, typeToCql, unset } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { printTerm } from '../cql/index.js'
import type { Operator, Term } from '../cql/index.js'
import { elementTypeOf, keyTypeOf } from './bind-markers.js'
import { invalid } from './errors.js'
import type { RowView } from './row-view.js'
import { satisfies } from './satisfies.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'
import { decodeValue } from './values.js'

/** A relation with its values evaluated. */
export interface Test {
  readonly columns: readonly TableColumn[]
  readonly operator: Operator
  /** One value per column; for IN one such list per alternative. */
  readonly values: readonly (readonly Uint8Array[])[]
  matches: (view: RowView) => boolean
  readonly multi: boolean
  /** Of an element of a map. */
  readonly isElement: boolean
  used: boolean
}

/** Finds a column, or refuses. */
export function columnOf(table: Table, name: string): TableColumn {
  const column = table.column(name)
  if (!column) throw invalid(`Undefined column name ${name} in table ${table.keyspace}.${table.name}`)
  return column
}

/** The value of a relation: neither null nor unset. */
export function valueOf(term: Term, type: CqlType, env: Env, name: string): Uint8Array {
  const value = evaluate(term, type, env, name)
  if (value === null) throw invalid(`Invalid null value in condition for column ${name}`)
  if (value === unset) throw invalid(`Invalid unset value for column ${name}`)
  return value as Uint8Array
}

/** The values of an IN list, in the order of the type and without repeats. */
function inValues(term: Term, { type, name, kind }: TableColumn, env: Env): Uint8Array[] {
  // Of a column that is in no key null is none of several values.
  const isNull = (item: Term): boolean => (kind === 'regular' || kind === 'static') && evaluate(item, type, env, name) === null
  const values = term.kind === 'tuple'
    ? term.items.filter((item) => !isNull(item)).map((item) => valueOf(item, type, env, name))
    : readCells(valueOf(term, { kind: 'list', element: type }, env, name), true).map((value) => {
        if (value === null) throw invalid(`Invalid null value in condition for column ${name}`)
        return value
      })
  const compare = comparatorOf(type)
  return values.sort(compare).filter((value, i) => i === 0 || compare(value, values[i - 1]!) !== 0)
}

/** A test of one column. */
export function singleColumn(table: Table, column: TableColumn, operator: Operator, term: Term, env: Env): Test {
  refuseOperator(column, operator, term)
  const compare = comparatorOf(column.type)
  const test = (values: readonly Uint8Array[], matches: (value: Uint8Array) => boolean): Test => ({
    columns: [column], operator, values: values.map((value) => [value]), multi: false, isElement: false, used: false,
    matches: (view) => {
      const value = view.get(column)
      return value !== null && matches(value)
    },
  })
  switch (operator) {
    case 'IN': {
      const values = inValues(term, column, env)
      return test(values, (value) => values.some((wanted) => compare(value, wanted) === 0))
    }
    case 'CONTAINS':
    case 'CONTAINS KEY': {
      const type = operator === 'CONTAINS' ? elementTypeOf(column.type) : column.type.kind === 'map' ? column.type.key : undefined
      // In descending order it is no collection to Cassandra (`ReversedType.java`).
      if (!type || column.descending) throw invalid(`Cannot use ${operator} on non-collection column ${column.name}`)
      const wanted = valueOf(term, type, env, column.name)
      return test([wanted], (value) => containsElement(column.type, value, operator, type, wanted))
    }
    case 'LIKE': {
      const index = [...table.indexes.values()].find((each) => each.kind === 'sasi' && each.column === column.name)
      if (!index) throw invalid(`LIKE restriction is only supported on properly indexed columns. ${column.name} LIKE ${printTerm(term)} is not valid.`)
      const wanted = valueOf(term, column.type, env, column.name)
      const pattern = utf8Decode(wanted, 0, wanted.length)
      return test([wanted], likeTest(pattern, index.options['mode'] ?? 'PREFIX', column.name))
    }
    default: {
      if (column.type.kind === 'duration' && operator !== '=') throw invalid(`Slice restrictions are not supported on duration columns`)
      const wanted = valueOf(term, column.type, env, column.name)
      return test([wanted], (value) => satisfies(operator, compare(value, wanted)))
    }
  }
}

/** Whether a serialised collection has an element, map value (CONTAINS) or map key (CONTAINS KEY) equal to `wanted` of type `inner`. */
export function containsElement(type: CqlType, value: Uint8Array, operator: 'CONTAINS' | 'CONTAINS KEY', inner: CqlType, wanted: Uint8Array): boolean {
  const place = operator === 'CONTAINS' && type.kind === 'map' ? 1 : 0
  const step = type.kind === 'map' ? 2 : 1
  const compare = comparatorOf(inner)
  return readCells(value, true).some((cell, i) => i % step === place && cell !== null && compare(cell, wanted) === 0)
}

/** What no value of a type can be asked for. */
function refuseOperator({ name, type }: TableColumn, operator: Operator, term: Term): void {
  if (operator === '!=') throw invalid(`Unsupported "!=" relation: ${name} != ${printTerm(term)}`)
  if (!isComplex(type) || operator === 'CONTAINS' || operator === 'CONTAINS KEY') return
  if (type.kind === 'udt') throw invalid(`Non-frozen UDT column '${name}' (${typeToCql(type)}) cannot be restricted by any relation`)
  throw invalid(`Collection column '${name}' (${typeToCql(type)}) cannot be restricted by a '${operator}' relation`)
}

/** `%` at the beginning or the end of a pattern stands for anything. */
function likeTest(pattern: string, mode: string, name: string): (value: Uint8Array) => boolean {
  const [open, end] = [pattern.startsWith('%'), pattern.length > 1 && pattern.endsWith('%')]
  const text = pattern.slice(open ? 1 : 0, end ? -1 : undefined)
  if (text === '' || text.includes('%')) throw invalid(`LIKE value can't be empty.`)
  if (open && mode !== 'CONTAINS') throw invalid(`${name} LIKE '%<term>${end ? '%' : ''}' abort. Index is not of mode CONTAINS`)
  return (value) => {
    const own = utf8Decode(value, 0, value.length)
    return open ? (end ? own.includes(text) : own.endsWith(text)) : end ? own.startsWith(text) : own === text
  }
}

/** A test of several clustering columns, compared one after the other. */
export function multiColumn(table: Table, names: readonly string[], operator: Operator, term: Term, env: Env): Test {
  const columns = names.map((name) => columnOf(table, name))
  for (const column of columns) if (column.kind !== 'clustering') throw invalid(`Multi-column relations can only be applied to clustering columns but was applied to: ${column.name}`)
  const type: CqlType = { kind: 'tuple', elements: columns.map((column) => column.type) }
  const tupleOf = (item: Term): Uint8Array[] => {
    if (item.kind === 'tuple') {
      if (item.items.length > columns.length) throw invalid(`Too many elements in value for tuple of ${columns.length} columns`)
      return item.items.map((part, i) => valueOf(part, columns[i]!.type, env, columns[i]!.name))
    }
    return readCells(valueOf(item, type, env, `(${names.join(', ')})`), false).map((value) => value ?? new Uint8Array(0))
  }
  const values = operator === 'IN'
    ? term.kind === 'tuple' ? term.items.map(tupleOf) : readCells(valueOf(term, { kind: 'list', element: type }, env, names.join()), true).map((tuple) => readCells(tuple!, false).map((value) => value!))
    : [tupleOf(term)]
  const compare = (view: RowView, wanted: readonly Uint8Array[]): number => {
    for (let i = 0; i < wanted.length; i++) {
      const value = view.get(columns[i]!)
      if (value === null) return Number.NaN
      const difference = comparatorOf(columns[i]!.type)(value, wanted[i]!)
      if (difference !== 0) return difference
    }
    return 0
  }
  return {
    columns, operator, values, multi: true, isElement: false, used: false,
    matches: (view) => values.some((wanted) => satisfies(operator === 'IN' ? '=' : operator, compare(view, wanted))),
  }
}

/** A test of an element of a collection. */
export function elementTest(column: TableColumn, key: Term, operator: Operator, term: Term, env: Env): Test {
  const keyType = keyTypeOf(column.type)
  const type = elementTypeOf(column.type)
  if (!keyType || !type) throw invalid(`Invalid operator for column ${column.name} of type ${typeToCql(column.type)}`)
  const wantedKey = valueOf(key, keyType, env, column.name)
  const wanted = valueOf(term, type, env, column.name)
  const compare = comparatorOf(type)
  return {
    columns: [column], operator, values: [], multi: false, isElement: true, used: false,
    matches: (view) => {
      const value = view.get(column)
      const found = value === null ? null : elementOf(column.type, value, wantedKey)
      return found !== null && satisfies(operator, compare(found, wanted))
    },
  }
}

/** The element of a serialised collection under a key (map), or at a place (list). */
export function elementOf(type: CqlType, value: Uint8Array, key: Uint8Array): Uint8Array | null {
  const items = readCells(value, true)
  if (type.kind === 'list') {
    const place = decodeValue({ kind: 'int' }, key) as number
    return items[place] ?? null
  }
  if (type.kind === 'set') return items.find((item) => item !== null && comparatorOf(type.element)(item, key) === 0) ?? null
  if (type.kind !== 'map') return null
  for (let i = 0; i < items.length; i += 2) if (comparatorOf(type.key)(items[i]!, key) === 0) return items[i + 1]!
  return null
}
