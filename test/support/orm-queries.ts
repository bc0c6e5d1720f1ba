// Random tables, rows and filters, and what a filter finds of rows in memory: what the query builder is held to.
import type { Arbitrary } from 'fast-check'
import fc from 'fast-check'
import { boolean, int, list, map, set, table, text, timestamp } from '../../src/orm/index.js'
import type { Column, Table } from '../../src/orm/index.js'

export type AnyRow = Record<string, unknown>
export type AnyFilter = Readonly<Record<string, unknown>>

/** Few values of each type, so that filters find something. */
const scalars: Readonly<Record<string, readonly unknown[]>> = {
  int: [0, 1, 2, 3], text: ['a', 'b', 'c', "d'"], timestamp: [new Date(0), new Date(1), new Date(2)], boolean: [true, false],
}
const makers: Readonly<Record<string, () => Column>> = { int, text, timestamp, boolean }
const scalarKind = fc.constantFrom('int', 'text', 'timestamp', 'boolean')

interface ColumnPlan {
  readonly shape: 'scalar' | 'set' | 'map' | 'frozenList'
  readonly kind: string
  readonly index: 'none' | 'secondary' | 'sai'
}
const columnPlan = (indexes: boolean): Arbitrary<ColumnPlan> => fc.record({
  shape: fc.constantFrom('scalar' as const, 'scalar' as const, 'set' as const, 'map' as const, 'frozenList' as const), kind: scalarKind,
  index: indexes ? fc.constantFrom('none' as const, 'secondary' as const, 'sai' as const) : fc.constant('none' as const),
})

function columnOf({ shape, kind, index }: ColumnPlan): Column {
  const element = makers[kind]!()
  const column: Column = shape === 'scalar' ? element : shape === 'set' ? set(element) : shape === 'map' ? map(text(), element) : list(element).frozen()
  if (index === 'none') return column
  return column.indexed({ using: index, ...(shape === 'frozenList' && { of: 'full' as const }) })
}

/** Tables of one or two partition columns, up to three clustering columns, a static one, and others. */
export function tables(name: string, indexes: boolean): Arbitrary<Table> {
  return fc.record({
    partition: fc.array(scalarKind, { minLength: 1, maxLength: 2 }), clustering: fc.array(fc.tuple(scalarKind, fc.constantFrom('asc' as const, 'desc' as const)), { maxLength: 3 }),
    fixed: fc.boolean(), others: fc.array(columnPlan(indexes), { minLength: 1, maxLength: 3 }), camel: fc.boolean(),
  }).map(({ partition, clustering, fixed, others, camel }) => table(name, {
    ...Object.fromEntries(partition.map((kind, i) => [camel ? `partKey${i}` : `p${i}`, makers[kind]!().partitionKey((i + 1) as 1)])),
    ...Object.fromEntries(clustering.map(([kind, order], i) => [`c${i}`, makers[kind]!().clusteringKey(order, (i + 1) as 1)])),
    ...(fixed && clustering.length > 0 && { s: int().static() }),
    ...Object.fromEntries(others.map((plan, i) => [camel ? `otherColumn${i}` : `v${i}`, columnOf(plan)])),
  }))
}

function elements(column: Column): readonly unknown[] {
  const { type } = column
  if (type.kind === 'list' || type.kind === 'set') return scalars[type.element.kind]!
  if (type.kind === 'map') return scalars[type.value.kind]!
  return scalars[type.kind]!
}

/** Values of a column. */
function values(column: Column): Arbitrary<unknown> {
  const one = fc.constantFrom(...elements(column))
  switch (column.type.kind) {
    case 'set':
      return fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((each) => new Set(each))
    case 'list':
      return fc.array(one, { maxLength: 3 })
    case 'map':
      return fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), one), { minLength: 1, maxLength: 3, selector: ([key]) => key }).map((entries) => new Map(entries))
    default:
      return one
  }
}

/** Rows with different keys; static columns are the same in all rows of a partition. Some columns are left out. */
export function rowsOf({ model, columns }: Table, most: number): Arbitrary<AnyRow[]> {
  const key = [...model.partitionKey, ...model.clusteringKey].map(({ property }) => property)
  const row = fc.record(Object.fromEntries(Object.entries(columns as Record<string, Column>).map(([property, column]) => [property, values(column)])), { requiredKeys: key })
  const text = (names: readonly string[]) => (each: AnyRow): string => JSON.stringify(names.map((name) => each[name]))
  return fc.uniqueArray(row, { maxLength: most, minLength: 1, selector: text(key) }).map((rows) => {
    const partition = text(model.partitionKey.map(({ property }) => property))
    const fixed = new Map(rows.filter((each) => 's' in each).map((each) => [partition(each), each['s']]))
    return rows.map((each) => {
      const { s: _, ...others } = each as AnyRow
      const value = fixed.get(partition(others))
      return value === undefined ? others : { ...others, s: value }
    })
  })
}

/** Tests of a column. */
function testsOf(column: Column): Arbitrary<unknown> {
  const one = fc.constantFrom(...elements(column))
  switch (column.type.kind) {
    case 'set':
      return one.map(($contains) => ({ $contains }))
    case 'map':
      return fc.oneof(one.map(($contains) => ({ $contains })), fc.constantFrom('a', 'b').map(($containsKey) => ({ $containsKey })), fc.tuple(fc.constantFrom('a', 'b'), one).map(($entry) => ({ $entry })))
    case 'list':
      return fc.oneof(values(column), one.map(($contains) => ({ $contains })))
    default:
      return fc.oneof({ arbitrary: one, weight: 5 }, fc.uniqueArray(one, { maxLength: 3 }), one.map(($gt) => ({ $gt })), one.map(($gte) => ({ $gte })), one.map(($lt) => ({ $lt })), fc.tuple(one, one).map(([$gte, $lte]) => ({ $gte, $lte })), one.map(($eq) => ({ $eq })))
  }
}

/** A query of a table: a filter, and what else a SELECT has. */
export interface QueryPlan {
  readonly filter: AnyFilter
  readonly allowFiltering: boolean
  readonly order: Readonly<Record<string, 'asc' | 'desc'>>
  readonly limit: number | undefined
  readonly perPartitionLimit: number | undefined
}

/** Queries, most of which begin with the partition key, as people's do. */
export function queriesOf({ model, columns }: Table): Arbitrary<QueryPlan> {
  const all = Object.entries(columns as Record<string, Column>)
  const tests = Object.fromEntries(all.map(([property, column]) => [property, testsOf(column)]))
  const equalities = Object.fromEntries(model.partitionKey.map(({ property, column }) => [property, fc.oneof({ arbitrary: values(column), weight: 3 }, fc.uniqueArray(values(column), { minLength: 1, maxLength: 2 }))]))
  const order = fc.subarray(model.clusteringKey.map(({ property }) => property)).chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), fc.constantFrom('asc' as const, 'desc' as const)))))
  return fc.record({
    partition: fc.oneof({ arbitrary: fc.record(equalities), weight: 3 }, fc.constant({})),
    others: fc.record(tests, { requiredKeys: [] }),
    few: fc.subarray(all.map(([property]) => property), { maxLength: Math.min(3, all.length) }),
    allowFiltering: fc.boolean(), order: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, order),
    limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }), perPartitionLimit: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 4 }),
  }).map(({ partition, others, few, order: names, ...rest }) => ({
    ...rest, filter: { ...Object.fromEntries(Object.entries(others).filter(([property]) => few.includes(property))), ...partition }, order: Object.fromEntries(names),
  })).filter(({ filter, allowFiltering }) => allowFiltering || Object.keys(filter).length > 0)
}

const comparable = (value: unknown): string | number | boolean => (value instanceof Date ? value.getTime() : (value as string | number | boolean))
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function passes(value: unknown, test: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof test !== 'object' || test === null || test instanceof Date) return same(value, test)
  if (Array.isArray(test)) return Array.isArray(value) ? same(value, test) : test.some((each) => same(value, each))
  return Object.entries(test).every(([name, wanted]) => {
    switch (name) {
      case '$eq':
        return same(value, wanted)
      case '$gt':
        return comparable(value) > comparable(wanted)
      case '$gte':
        return comparable(value) >= comparable(wanted)
      case '$lt':
        return comparable(value) < comparable(wanted)
      case '$lte':
        return comparable(value) <= comparable(wanted)
      case '$contains':
        return [...(value as Map<string, unknown> | Set<unknown> | unknown[]).values()].some((each) => same(each, wanted))
      case '$containsKey':
        return (value as Map<unknown, unknown>).has(wanted)
      case '$entry':
        return same((value as Map<unknown, unknown>).get((wanted as unknown[])[0]), (wanted as unknown[])[1])
      default:
        throw new Error(`unknown test ${name}`)
    }
  })
}

/** What a filter finds, by looking at every row. */
export function reference(rows: readonly AnyRow[], filter: AnyFilter): AnyRow[] {
  return rows.filter((row) => Object.entries(filter).every(([property, test]) => passes(row[property], test)))
}

const words: Readonly<Record<string, string>> = { $eq: '=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=', $contains: 'CONTAINS', $containsKey: 'CONTAINS KEY' }

/** The query as plain text would have it, whatever Cassandra makes of it: written apart from the builder. */
export function rawQuery({ model }: Table, { filter, order, limit, perPartitionLimit }: QueryPlan, allowFiltering: boolean): { query: string; values: unknown[] } {
  const values: unknown[] = []
  const mark = (value: unknown): string => {
    values.push(value)
    return '?'
  }
  const relations = Object.entries(filter).flatMap(([property, test]) => {
    const { quoted, column } = model.columns.get(property)!
    if (Array.isArray(test)) return [column.type.kind === 'list' ? `${quoted} = ${mark(test)}` : `${quoted} IN ${mark(test)}`]
    if (typeof test !== 'object' || test === null || test instanceof Date) return [`${quoted} = ${mark(test)}`]
    return Object.entries(test).map(([name, value]) => (name === '$entry' ? `${quoted}[${mark((value as unknown[])[0])}] = ${mark((value as unknown[])[1])}` : `${quoted} ${words[name]!} ${mark(value)}`))
  })
  const ordered = Object.entries(order).map(([property, direction]) => `${model.columns.get(property)!.quoted} ${direction}`)
  const query = `SELECT * FROM ${model.quoted}${relations.length > 0 ? ` WHERE ${relations.join(' AND ')}` : ''}${ordered.length > 0 ? ` ORDER BY ${ordered.join(', ')}` : ''}` +
    `${perPartitionLimit === undefined ? '' : ` PER PARTITION LIMIT ${mark(perPartitionLimit)}`}${limit === undefined ? '' : ` LIMIT ${mark(limit)}`}${allowFiltering ? ' ALLOW FILTERING' : ''}`
  return { query, values }
}
