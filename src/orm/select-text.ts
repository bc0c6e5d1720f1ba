import type { Computed } from './computed.js'
import { QueryRefusedError } from './errors.js'
import { columnOf, whereText } from './relation.js'
import type { Relation } from './relation.js'
import { relationOf, restrictionsOf, unknownRestrictions } from './restrictions.js'
import type { Restrictions } from './restrictions.js'
import { Placeholder, Slot } from './placeholder.js'
import { checkWholeNumber } from './session.js'
import type { TableColumn, TableModel } from './table.js'

/** Everything that a SELECT says. Immutable. */
export interface SelectParts {
  readonly table: TableModel
  /** All columns when undefined. */
  readonly columns: readonly TableColumn[] | undefined
  readonly computed: readonly (readonly [alias: string, computation: Computed])[]
  readonly relations: readonly Relation[]
  /** Conditions as text, of which nothing is known. */
  readonly raw: readonly { readonly query: string; readonly values: readonly unknown[] }[]
  readonly order: readonly (readonly [column: TableColumn, direction: 'asc' | 'desc'])[]
  readonly nearest: readonly [column: TableColumn, vector: unknown] | undefined
  readonly groups: readonly TableColumn[]
  readonly limit: number | Placeholder | undefined
  readonly perPartition: number | Placeholder | undefined
  readonly distinct: boolean
  readonly filtering: boolean
}

/** A SELECT of all rows and columns of a table. */
export function everythingOf(table: TableModel): SelectParts {
  return { table, columns: undefined, computed: [], relations: [], raw: [], order: [], nearest: undefined, groups: [], limit: undefined, perPartition: undefined, distinct: false, filtering: false }
}

/** A SELECT as text, with its values and what is known of it. */
export interface SelectText {
  readonly query: string
  readonly values: readonly unknown[]
  readonly restrictions: Restrictions
}

/**
 * Writes a SELECT.
 *
 * @throws QueryRefusedError for what Cassandra would refuse, with the reason
 */
export function selectText(parts: SelectParts): SelectText {
  const { table, relations, raw, groups, limit, perPartition } = parts
  // With conditions of which nothing is known, it is Cassandra that says what it can serve.
  const restrictions = raw.length === 0 ? restrictionsOf(table, relations) : unknownRestrictions(parts.filtering)
  if (restrictions.filtering !== undefined && !parts.filtering) throw new QueryRefusedError(`SELECT of ${table.name}: ${restrictions.filtering}; .allowFiltering() reads what is in the way, whatever it costs`)
  const values: unknown[] = []
  let query = `SELECT ${selection(parts)} FROM ${table.quoted}`
  query += whereText(relations, values)
  raw.forEach((condition, i) => {
    query += `${relations.length + i === 0 ? ' WHERE ' : ' AND '}${condition.query}`
    values.push(...condition.values)
  })
  if (groups.length > 0) query += ` GROUP BY ${groupNames(parts)}`
  if (parts.order.length > 0) query += ` ORDER BY ${orderNames(parts, restrictions)}`
  if (parts.nearest) {
    if (parts.order.length > 0) throw new QueryRefusedError(`SELECT of ${table.name}: rows are ordered by nearness or by clustering columns, not by both`)
    if (limit === undefined) throw new QueryRefusedError(`SELECT of ${table.name}: .nearest() needs a .limit()`)
    query += ` ORDER BY ${parts.nearest[0].quoted} ANN OF ?`
    values.push(parts.nearest[1])
  }
  if (perPartition !== undefined) {
    if (parts.distinct) throw new QueryRefusedError(`SELECT DISTINCT of ${table.name}: there is one row of each partition already, so no .perPartitionLimit()`)
    if (parts.nearest) throw new QueryRefusedError(`SELECT of ${table.name}: .nearest() has no .perPartitionLimit()`)
    query += ' PER PARTITION LIMIT ?'
    values.push(countSlot('perPartitionLimit', perPartition))
  }
  if (limit !== undefined) {
    query += ' LIMIT ?'
    values.push(countSlot('limit', limit))
  }
  if (restrictions.filtering !== undefined) query += ' ALLOW FILTERING'
  return { query, values, restrictions }
}

function countSlot(option: string, count: number | Placeholder): unknown {
  if (!(count instanceof Placeholder)) return count
  return new Slot(count, (value) => {
    checkWholeNumber(option, value, 1)
    return value
  })
}

/** What `SELECT *` would be, by name: columns that are added to the table later change nothing. */
const wholeTables = new WeakMap<TableModel, string>()

function columnList(columns: Iterable<TableColumn>): string {
  let text = ''
  for (const { selection: own } of columns) text += text === '' ? own : `, ${own}`
  return text
}

function selection({ table, columns, computed, distinct, groups }: SelectParts): string {
  if (distinct) checkDistinct(table, columns ?? [...table.columns.values()])
  let text: string | undefined
  if (columns) text = columnList(columns)
  else if ((text = wholeTables.get(table)) === undefined) wholeTables.set(table, (text = columnList(table.columns.values())))
  if (computed.length > 0) {
    const aggregate = computed.find(([, each]) => each.aggregate)
    if (aggregate && groups.length === 0 && text !== '') {
      throw new QueryRefusedError(`SELECT of ${table.name}: '${aggregate[0]}' is one value for all rows, and columns are one of each row; leave columns out by .columns(), or group rows by .groupBy()`)
    }
    for (const [alias, computation] of computed) text += `${text === '' ? '' : ', '}${callText(table, alias, computation)} AS "${alias.replaceAll('"', '""')}"`
  }
  if (text === '') throw new QueryRefusedError(`SELECT of ${table.name} has no columns`)
  return distinct ? `DISTINCT ${text}` : text
}

function checkDistinct(table: TableModel, columns: readonly TableColumn[]): void {
  const stray = columns.find(({ kind }) => kind !== 'partition' && kind !== 'static')
  if (stray) throw new QueryRefusedError(`SELECT DISTINCT of ${table.name}: '${stray.property}' is neither in the partition key nor static; .columns() chooses others`)
}

function callText(table: TableModel, alias: string, { call, property }: Computed): string {
  if (table.columns.has(alias)) throw new QueryRefusedError(`SELECT of ${table.name}: '${alias}' is a column already; what is computed needs another name`)
  if (property === undefined) return call
  const { quoted, inKey } = columnOf(table, property)
  if ((call === 'ttl' || call === 'writetime') && inKey) throw new QueryRefusedError(`SELECT of ${table.name}: '${property}' is in the key, which has no ${call}`)
  return `${call}(${quoted})`
}

/** Groups are parts of the primary key in its order; what is equal to one value may be left out (`SelectStatement.java`). */
function groupNames({ table, groups, relations, distinct }: SelectParts): string {
  if (distinct) throw new QueryRefusedError(`SELECT DISTINCT of ${table.name} cannot be grouped`)
  const key = table.primaryKey
  let at = 0
  for (const group of groups) {
    while (key[at] !== undefined && key[at] !== group && relations.some(({ column, operator }) => column === key[at] && operator === '=')) at++
    if (key[at] !== group) throw new QueryRefusedError(`SELECT of ${table.name} is grouped by columns of its key (${key.map(({ property }) => property).join(', ')}) in their order, so not by '${group.property}' here`)
    at++
  }
  if (at < table.partitionKey.length && table.partitionKey.slice(at).some((column) => !relations.some((relation) => relation.column === column && relation.operator === '='))) {
    throw new QueryRefusedError(`SELECT of ${table.name}: groups have the whole partition key, so '${table.partitionKey[at]!.property}', too`)
  }
  return groups.map(({ quoted }) => quoted).join(', ')
}

/** Rows of a partition are stored in one order, and can be read in that or in its reverse (`SelectStatement.java`). */
function orderNames({ table, order, relations }: SelectParts, { access, partitionIn, usesIndex }: Restrictions): string {
  const refuse = (reason: string): QueryRefusedError => new QueryRefusedError(`SELECT of ${table.name}: ${reason}`)
  if (access === 'index' || access === 'scan') throw refuse('rows are in order within a partition only: .orderBy() needs the whole partition key')
  if (usesIndex) throw refuse('rows that an index finds cannot be ordered')
  if (partitionIn) throw refuse('rows of several partitions cannot be ordered and paged: read one partition after the other')
  let at = 0
  let reversed: boolean | undefined
  for (const [column, direction] of order) {
    if (column.kind !== 'clustering') throw refuse(`'${column.property}' is no clustering column, and rows have no other order`)
    while (table.clusteringKey[at] !== column) {
      const skipped = table.clusteringKey[at]
      if (skipped === undefined || relationOf(relations, skipped)?.operator !== '=') throw refuse(`the order is that of the clustering key (${table.clusteringKey.map(({ property }) => property).join(', ')}), so '${column.property}' cannot be here`)
      at++ // what is equal to one value has no order (CASSANDRA-10271)
    }
    const own = direction !== column.column.order
    if (reversed !== undefined && reversed !== own) throw refuse(`the order is that of the table (${table.clusteringKey.map((each) => `${each.property} ${each.column.order}`).join(', ')}) or its whole reverse`)
    reversed = own
    at++
  }
  return order.map(([{ quoted }, direction]) => `${quoted} ${direction === 'desc' ? 'DESC' : 'ASC'}`).join(', ')
}
