// Ranges of tokens and of rows: what filters by column have no form for.
import { QueryRefusedError } from './errors.js'
import { columnOf } from './relation.js'
import type { ClusteringNames, ColumnsOf } from './row-types.js'
import type { Table, TableModel } from './table.js'

/** Bounds of a range: one below, one above, or both. */
export interface Bounds<Value> {
  readonly $gt?: Value
  readonly $gte?: Value
  readonly $lt?: Value
  readonly $lte?: Value
}

/** A place in a partition: values of the first clustering columns. */
export type Place<T extends Table> = { readonly [K in ClusteringNames<ColumnsOf<T>>[number] & string]?: NonNullable<ColumnsOf<T>[K]['$write']> }

/** A condition as CQL. */
export interface Condition {
  readonly query: string
  readonly values: readonly unknown[]
}

const operators: Readonly<Record<string, string>> = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' }

/** `token(a, b) > ?`. */
export function tokenConditions({ name, partitionKey }: TableModel, bounds: Bounds<bigint>): Condition[] {
  const left = `token(${partitionKey.map(({ quoted }) => quoted).join(', ')})`
  return eachBound(name, bounds, (operator, token) => {
    if (typeof token !== 'bigint') throw new QueryRefusedError(`SELECT of ${name}: a token is a bigint, not ${typeof token}`)
    return { query: `${left} ${operator} ?`, values: [token] }
  })
}

/** `(a, b) > (?, ?)`. */
export function placeConditions(table: TableModel, bounds: Bounds<Readonly<Record<string, unknown>>>): Condition[] {
  return eachBound(table.name, bounds, (operator, place) => {
    for (const property of Object.keys(place)) columnOf(table, property)
    const columns = table.clusteringKey.slice(0, Object.keys(place).length)
    const missing = columns.find(({ property }) => place[property] === undefined || place[property] === null)
    if (columns.length === 0 || missing) throw new QueryRefusedError(`SELECT of ${table.name}: a place in a partition has the first clustering columns, in their order${missing ? `: '${missing.property}' is missing` : ''}`)
    return { query: `(${columns.map(({ quoted }) => quoted).join(', ')}) ${operator} (${columns.map(() => '?').join(', ')})`, values: columns.map(({ property, encode }) => (encode ? encode(place[property]) : place[property])) }
  })
}

function eachBound<Value>(table: string, bounds: Bounds<Value>, write: (operator: string, value: Value) => Condition): Condition[] {
  const given = Object.entries(bounds as Readonly<Record<string, Value>>)
  const unknown = given.find(([test]) => operators[test] === undefined)
  if (given.length === 0 || unknown) throw new QueryRefusedError(`SELECT of ${table}: a range has $gt, $gte, $lt or $lte${unknown ? `, not '${unknown[0]}'` : ''}`)
  return given.map(([test, value]) => write(operators[test]!, value))
}
