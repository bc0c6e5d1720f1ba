import { comparatorOf, readCells, scalar, unset } from '../codecs/index.js'
import type { Column, CqlType } from '../codecs/index.js'
import type { Condition, Conditions } from '../cql/index.js'
import { elementTypeOf, keyTypeOf } from './bind-markers.js'
import { invalid } from './errors.js'
import { columnOf, containsElement, elementOf } from './relation-tests.js'
import type { RowView } from './row-view.js'
import { satisfies } from './satisfies.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'

/** The condition of one lightweight write. */
export interface ConditionCheck {
  /** Whether it holds for the row as it is now. */
  holds(): boolean
  /** The columns that the answer shows when it does not hold. */
  readonly shown: readonly TableColumn[]
  /** What the answer shows of a column; undefined when there is no row to show. */
  current(): ((column: TableColumn) => Uint8Array | null) | undefined
}

/** Where a condition looks: the row as it is now, and whether it is about a row, not only about what is static. */
export interface ConditionTarget {
  readonly view: () => RowView | undefined
  /** The first row of the partition, which says whether there is one where only what is static is asked about (`CQL3CasRequest.java`). */
  readonly first: () => RowView | undefined
  readonly ofRow: boolean
  /** Whether the statement writes what is static, and so reads it, too. */
  readonly writesStatic: boolean
}

/** The column that says whether a lightweight transaction was applied. */
export function appliedColumn(table: Table): Column {
  return { name: '[applied]', type: scalar('boolean'), keyspace: table.keyspace, table: table.name }
}

/** Understands IF; the row is looked at when the condition is tested. @throws Refusal */
export function conditionOf(conditions: Conditions, table: Table, env: Env): (target: ConditionTarget) => ConditionCheck {
  if (table.isCounter) throw invalid('Conditions on counters are not supported')
  if (conditions.kind !== 'conditions') {
    const wanted = conditions.kind === 'exists'
    return ({ view, first, ofRow, writesStatic }) => {
      const exists = (): boolean => {
        const now = view()
        return now !== undefined && (!ofRow || now.row !== undefined)
      }
      return { holds: () => exists() === wanted, shown: table.ordered, current: () => (ofRow ? shownOf(view(), ofRow, writesStatic) : shownOf(first(), false, true)) }
    }
  }
  const tests = conditions.list.map((condition) => testOf(condition, table, env))
  const columns = conditions.list.map((condition) => table.column(condition.column.name)!)
  const readsStatic = columns.some(({ kind }) => kind === 'static')
  const onlyStatic = columns.every(({ kind }) => kind === 'static')
  return ({ view, first, ofRow, writesStatic }) => ({
    holds: () => {
      const now = view()
      return tests.every((test) => test(now))
    },
    shown: columns.filter((column, i) => columns.indexOf(column) === i),
    current: () => (onlyStatic ? shownOf((ofRow ? view() : undefined) ?? first(), false, true) : shownOf(view(), ofRow, writesStatic || readsStatic)),
  })
}

/** What an answer shows: of a row that is not there what is static, if that was read. */
function shownOf(view: RowView | undefined, ofRow: boolean, readsStatic: boolean): ReturnType<ConditionCheck['current']> {
  if (!view || (ofRow && !view.row && !readsStatic)) return undefined
  return (column) => ((column.kind === 'static' && !readsStatic) || (column.kind === 'regular' && !ofRow) ? null : view.get(column))
}

function testOf(condition: Condition, table: Table, env: Env): (view: RowView | undefined) => boolean {
  const column = columnOf(table, condition.column.name)
  if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`PRIMARY KEY column '${column.name}' cannot have IF conditions`)
  const { type, read } = partOf(condition, column, env)
  const { operator, value: term } = condition
  if (operator === 'IN') {
    const wanted = term.kind === 'tuple'
      ? term.items.map((item) => evaluate(item, type, env, column.name)).filter((value) => value !== unset)
      : readCells(evaluate(term, { kind: 'list', element: type }, env, column.name) as Uint8Array, true)
    return (view) => {
      const value = view ? read(view) : null
      return wanted.some((item) => (item === null || value === null ? item === value : comparatorOf(type)(value, item as Uint8Array) === 0))
    }
  }
  if (operator === 'CONTAINS' || operator === 'CONTAINS KEY') {
    const inner = operator === 'CONTAINS' ? elementTypeOf(type) : keyTypeOf(type)
    if (!inner) throw invalid(`Cannot use ${operator} on non-collection column ${column.name}`)
    const wanted = evaluate(term, inner, env, column.name) as Uint8Array
    return (view) => {
      const value = view ? read(view) : null
      return value !== null && containsElement(type, value, operator, inner, wanted)
    }
  }
  const wanted = evaluate(term, type, env, column.name)
  if (wanted === unset) throw invalid(`Invalid 'unset' value in condition`)
  // A collection without elements is none, unless it is frozen.
  const bytes = wanted !== null && isComplex(type) && type.kind !== 'udt' && readCells(wanted as Uint8Array, true).length === 0 ? null : (wanted as Uint8Array | null)
  if (bytes === null && operator !== '=' && operator !== '!=') throw invalid(`Invalid comparison with null for operator "${operator}"`)
  const compare = comparatorOf(type)
  return (view) => {
    const value = view ? read(view) : null
    if (bytes === null || value === null) return operator === '=' ? bytes === value : operator === '!=' ? bytes !== value : false
    return satisfies(operator, compare(value, bytes))
  }
}

/** What is compared: the column, an element of it, or a field. */
function partOf(condition: Condition, column: TableColumn, env: Env): { readonly type: CqlType; readonly read: (view: RowView) => Uint8Array | null } {
  if (condition.key) {
    const keyType = keyTypeOf(column.type)
    const type = elementTypeOf(column.type)
    if (!keyType || !type) throw invalid(`Invalid element access syntax for non-collection column ${column.name}`)
    const key = evaluate(condition.key, keyType, env, column.name)
    if (!(key instanceof Uint8Array)) throw invalid(`Invalid null value for ${column.type.kind} element access`)
    return { type, read: (view) => {
      const value = view.get(column)
      return value && elementOf(column.type, value, key)
    } }
  }
  if (condition.field) {
    const { type } = column
    const place = type.kind === 'udt' ? type.fields.findIndex(({ name }) => name === condition.field!.name) : -1
    if (type.kind !== 'udt' || place < 0) throw invalid(`Unknown field '${condition.field.name}' in value of user defined type ${column.name}`)
    return { type: type.fields[place]!.type, read: (view) => {
      const value = view.get(column)
      return value && (readCells(value, false)[place] ?? null)
    } }
  }
  return { type: column.type, read: (view) => view.get(column) }
}
