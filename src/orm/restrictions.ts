// What Cassandra would make of a WHERE clause (StatementRestrictions.java): which way it finds rows, and what it refuses without ALLOW FILTERING.
import type { Column, IndexOptions } from './column.js'
import { QueryRefusedError } from './errors.js'
import type { Operator, Relation } from './relation.js'
import type { TableColumn, TableModel } from './table.js'

/** How rows are found: in one partition, in several, by an index on all nodes, by reading the whole table, or as Cassandra sees fit, where there are conditions of which nothing is known. */
export type Access = 'partition' | 'partitions' | 'index' | 'scan' | 'unknown'

/** What a WHERE clause comes to, of which nothing is known. @param filtering whether ALLOW FILTERING was asked for */
export function unknownRestrictions(filtering: boolean): Restrictions {
  return { access: 'unknown', filtering: filtering ? 'it was asked for' : undefined, partitionIn: false, usesIndex: false }
}

/** What a WHERE clause comes to. */
export interface Restrictions {
  readonly access: Access
  /** Why ALLOW FILTERING is needed; undefined when it is not. */
  readonly filtering: string | undefined
  /** Whether several partitions are named by IN. */
  readonly partitionIn: boolean
  /** Whether an index serves a part of it. */
  readonly usesIndex: boolean
}

const isRange = (operator: Operator): boolean => operator === '>' || operator === '>=' || operator === '<' || operator === '<='
const isEquality = (operator: Operator): boolean => operator === '=' || operator === 'IN'

/**
 * Finds out how Cassandra would serve a SELECT.
 *
 * @throws QueryRefusedError for what no ALLOW FILTERING helps: two tests that exclude each other in CQL
 */
export function restrictionsOf(table: TableModel, relations: readonly Relation[]): Restrictions {
  checkRepeats(relations)
  let given = 0
  let partitionIn = false
  for (const column of table.partitionKey) {
    const relation = relationOf(relations, column)
    if (relation === undefined) continue
    given++
    if (relation.operator === 'IN') partitionIn = true
    else if (relation.operator !== '=') return { access: 'scan', partitionIn, usesIndex: false, filtering: `'${column.property}' is in the partition key: it can only be equal to a value or to one of several` }
  }
  const whole = given === table.partitionKey.length
  const indexed = relations.filter(servedByIndex)
  if (partitionIn && indexed.length > 0) throw new QueryRefusedError(`${indexed[0]!.column.label} is found by its index, and Cassandra uses none where the partition key is one of several: ask for one partition after the other`)
  const lost = indexed.length > 0 ? relations.find(({ column: { column }, operator }) => operator === 'CONTAINS' && column.indexes.some(({ using, of }) => using === 'sai' && of === 'full')) : undefined
  if (lost) throw new QueryRefusedError(`${lost.column.label} has an index of the whole value: asked for an element beside another index, Cassandra 5.0 wrongly finds nothing`)
  const access = whole ? (partitionIn ? 'partitions' : 'partition') : indexed.length > 0 ? 'index' : 'scan'
  return { access, partitionIn, usesIndex: indexed.length > 0, filtering: relations.length === 0 ? undefined : filteringOf(table, relations, indexed, whole, given) }
}

/** Why rows would be read that are then left out. */
function filteringOf(table: TableModel, relations: readonly Relation[], indexed: readonly Relation[], whole: boolean, given: number): string | undefined {
  if (!whole && given > 0) {
    const missing = table.partitionKey.find((column) => relationOf(relations, column) === undefined)!
    return `'${missing.property}' is missing: a filter has the whole partition key, or none of it`
  }
  if (!whole && indexed.length === 0) return `the partition key (${table.partitionKey.map(({ property }) => property).join(', ')}) is missing, and no column is indexed`
  for (const relation of relations) {
    const { inKey, property } = relation.column
    if (!inKey && !indexed.includes(relation)) return `'${property}' is neither in the key nor served by an index`
  }
  const clustering = clusteringFault(table, relations, whole)
  if (clustering !== undefined || indexed.length < 2) return clustering
  // Indexes of Cassandra's own kind are used one at a time; storage-attached ones are joined.
  return indexed.every((relation) => indexServing(relation)?.using === 'sai') ? undefined : `'${indexed[1]!.column.property}' is a second index, and only storage-attached indexes are used together`
}

/** The first relation of a column. */
export function relationOf(relations: readonly Relation[], column: TableColumn): Relation | undefined {
  for (const relation of relations) if (relation.column === column) return relation
  return undefined
}

/** Why clustering columns are not restricted in order. */
function clusteringFault({ clusteringKey }: TableModel, relations: readonly Relation[], whole: boolean): string | undefined {
  let gap: TableColumn | undefined
  let range: TableColumn | undefined
  for (const column of clusteringKey) {
    let restricted = false
    let ranged = false
    for (const relation of relations) {
      if (relation.column !== column) continue
      restricted = true
      if (servedByIndex(relation)) continue
      const { operator } = relation
      if (!whole) return `'${column.property}' is restricted without the partition key`
      if (gap) return `'${column.property}' comes after '${gap.property}' in the key, which is not given`
      if (range) return `'${column.property}' comes after '${range.property}' in the key, which is asked for by a range`
      if (isRange(operator)) ranged = true
      else if (!isEquality(operator)) return `'${column.property}' is asked for what it contains`
    }
    if (!restricted) gap ??= column
    if (ranged) range = column
  }
  return undefined
}

/** Whether an index of the column serves the test. */
function servedByIndex(relation: Relation): boolean {
  return indexServing(relation) !== undefined
}

/** The index of the column that serves the test. */
function indexServing({ column: { column, kind }, operator }: Relation): IndexOptions | undefined {
  if (column.indexes.length === 0 || kind === 'partition') return undefined
  return column.indexes.find((index) => serves(index, column, operator))
}

function serves({ using = 'secondary', of }: IndexOptions, { type }: Column, operator: Operator): boolean {
  switch (operator) {
    case 'CONTAINS':
      return (of ?? 'values') === 'values'
    case 'CONTAINS KEY':
      return of === 'keys'
    case 'ENTRY':
      return of === 'entries'
    case 'LIKE':
      return using === 'sasi'
    case '=':
      return (type.kind !== 'list' && type.kind !== 'set' && type.kind !== 'map') || of === 'full'
    case '>':
    case '>=':
    case '<':
    case '<=':
      // Storage-attached indexes keep numbers and times in order, and texts not (SAI's LiteralIndexWriter).
      return using === 'sasi' || (using === 'sai' && !literal.has(type.kind))
    default:
      return false
  }
}

const literal: ReadonlySet<string> = new Set(['ascii', 'text', 'boolean', 'uuid', 'blob', 'list', 'set', 'map', 'tuple', 'udt', 'vector', 'duration'])

/** Several tests of one column are a range with two ends, or nothing CQL knows. */
function checkRepeats(relations: readonly Relation[]): void {
  for (let i = 1; i < relations.length; i++) {
    const b = relations[i]!
    for (let j = 0; j < i; j++) {
      const a = relations[j]!
      if (a.column !== b.column) continue
      const { label } = a.column
      if (isEquality(a.operator) || isEquality(b.operator)) throw new QueryRefusedError(`${label} is asked for by ${a.operator} and ${b.operator}: beside equality there can be no other test`)
      if (isRange(a.operator) && isRange(b.operator) && a.operator[0] === b.operator[0]) throw new QueryRefusedError(`${label} has two ${a.operator[0] === '>' ? 'lower' : 'upper'} bounds`)
    }
  }
}

/**
 * Holds the WHERE of an UPDATE or DELETE to whole keys: `rows` for the whole primary key, `prefix` for clustering columns in order with a
 * range on the last, `partition` for the partition key alone.
 *
 * @throws QueryRefusedError naming what is missing
 */
export function checkKey(table: TableModel, relations: readonly Relation[], what: 'rows' | 'prefix' | 'partition', verb: string): void {
  checkRepeats(relations)
  const stray = relations.find(({ column }) => !column.inKey)
  if (stray) throw new QueryRefusedError(`${verb} ${table.name}: '${stray.column.property}' is not in the key; .if() makes it a condition`)
  const has = (column: TableColumn): boolean => relationOf(relations, column) !== undefined
  const missing = table.partitionKey.find((column) => !has(column)) ?? (what === 'rows' ? table.clusteringKey.find((column) => !has(column)) : undefined)
  if (missing) throw new QueryRefusedError(`${verb} ${table.name}: '${missing.property}' is missing from the key`)
  const wrong = relations.find(({ column: { kind }, operator }) => (what === 'prefix' && kind === 'clustering' ? !isEquality(operator) && !isRange(operator) : !isEquality(operator)))
  if (wrong) throw new QueryRefusedError(`${verb} ${table.name}: '${wrong.column.property}' can only be equal to a value or to one of several`)
  const fault = what === 'partition' ? undefined : clusteringFault(table, relations, true)
  if (fault) throw new QueryRefusedError(`${verb} ${table.name}: ${fault}`)
}
