import { systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { freezeType, sameType, typeToCql } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import type { AlterTableStatement, ColumnDefinition, CreateTableStatement, DropStatement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { columnMask } from './column-mask.js'
import { invalid, Refusal } from './errors.js'
import { isThere, keyspaceOf, refuseSystem } from './schema-context.js'
import type { SchemaContext } from './schema-context.js'
import { isComplex, Table } from './schema.js'
import type { Keyspace, TableColumn } from './schema.js'
import { checkTableOptions } from './table-options.js'
import { resolveType } from './terms.js'
import { viewsOf } from './view-statements.js'

/** CREATE TABLE. */
export function createTable(statement: CreateTableStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.table.keyspace)
  const { name } = statement.table
  refuseSystem(keyspace)
  if (isThere(keyspace, name, statement.ifNotExists)) return undefined
  checkTableOptions(statement.options)
  const columns = tableColumns(statement, keyspace, context.clock)
  keyspace.tables.set(name, new Table(keyspace.name, name, columns, statement.options))
  return { change: 'CREATED', target: 'TABLE', keyspace: keyspace.name, name }
}

/** The columns that a CREATE TABLE defines. @throws Refusal */
export function tableColumns(statement: CreateTableStatement, keyspace: Keyspace, clock: Clock = systemClock): TableColumn[] {
  const { partitionKey, clusteringKey } = statement
  if (partitionKey.length === 0) throw invalid(`No PRIMARY KEY specifed for table '${keyspace.name}.${statement.table.name}' (exactly one required)`)
  if (statement.columns.filter(({ primaryKey }) => primaryKey).length > 1 || (statement.hasKeyClause && statement.columns.some(({ primaryKey }) => primaryKey))) throw invalid(`Multiple PRIMARY KEY specified for table '${statement.table.name}' (exactly one required)`)
  const names = [...partitionKey, ...clusteringKey].map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`Duplicate column '${twice}' in PRIMARY KEY clause for table '${statement.table.name}'`)
  const seen = new Set<string>()
  const columns = statement.columns.map((definition): TableColumn => {
    const { name } = definition.column
    if (seen.has(name)) throw invalid(`Duplicate column '${name}' declaration for table '${statement.table.name}'`)
    seen.add(name)
    const partition = partitionKey.findIndex((key) => key.name === name)
    const clustering = clusteringKey.findIndex((key) => key.name === name)
    const isKey = partition >= 0 || clustering >= 0
    let type = resolveType(definition.type.text, keyspace)
    refuseUnfrozen(type, true)
    if (isKey) {
      if (isComplex(type)) throw invalid(`Invalid non-frozen ${type.kind === 'udt' ? 'user-defined type' : 'collection type'} ${typeToCql(type)} for PRIMARY KEY column '${name}'`)
      if (type.kind === 'counter') throw invalid(`counter type is not supported for PRIMARY KEY column '${name}'`)
      if (type.kind === 'duration') throw invalid(`duration type is not supported for PRIMARY KEY column '${name}'`)
      if (definition.isStatic) throw invalid(`Static column ${name} cannot be part of the PRIMARY KEY`)
      type = freezeType(type)
    }
    const order = statement.clusteringOrder.find(({ column }) => column.name === name)
    return {
      name, type, kind: partition >= 0 ? 'partition_key' : clustering >= 0 ? 'clustering' : definition.isStatic ? 'static' : 'regular',
      position: partition >= 0 ? partition : clustering, descending: order?.descending ?? false, ...maskOf(definition, type, keyspace, clock),
    }
  })
  for (const key of [...partitionKey, ...clusteringKey]) if (!seen.has(key.name)) throw invalid(`Unknown column '${key.name}' referenced in PRIMARY KEY for table '${statement.table.name}'`)
  checkClusteringOrder(statement.clusteringOrder, clusteringKey)
  if (clusteringKey.length === 0 && columns.some((column) => column.kind === 'static')) throw invalid('Static columns are only useful (and thus allowed) if the table has at least one clustering column')
  const counters = columns.filter((column) => column.type.kind === 'counter')
  const others = columns.filter((column) => (column.kind === 'regular' || column.kind === 'static') && column.type.kind !== 'counter')
  if (counters.length > 0 && others.length > 0) throw invalid('Cannot mix counter and non counter columns in the same table')
  return columns
}

function maskOf({ column, mask }: ColumnDefinition, type: CqlType, keyspace: Keyspace, clock: Clock): Pick<TableColumn, 'mask'> {
  return mask ? { mask: columnMask(mask, column.name, type, { values: undefined, clock, keyspace }) } : {}
}

/** CLUSTERING ORDER BY names all clustering columns, in their order. */
function checkClusteringOrder(order: CreateTableStatement['clusteringOrder'], clusteringKey: CreateTableStatement['clusteringKey']): void {
  if (order.length === 0) return
  const strange = order.find(({ column }) => !clusteringKey.some(({ name }) => name === column.name))
  if (strange) throw invalid(`Only clustering key columns can be defined in CLUSTERING ORDER directive: ${strange.column.name} are not clustering columns`)
  const missing = clusteringKey.find(({ name }) => !order.some(({ column }) => column.name === name))
  if (missing) throw invalid(`Missing CLUSTERING ORDER for column ${missing.name}`)
  const at = clusteringKey.findIndex(({ name }, i) => order[i]?.column.name !== name)
  if (at >= 0) throw invalid(`The order of columns in the CLUSTERING ORDER directive must match that of the clustering columns (${clusteringKey[at]!.name} instead of ${order[at]!.column.name})`)
}

/** Collections and user-defined types inside others must be frozen. */
function refuseUnfrozen(type: CqlType, outermost: boolean): void {
  if (!outermost && type.kind === 'counter') throw invalid('Counters are not allowed inside collections: counter')
  if (!outermost && isComplex(type)) {
    throw invalid(type.kind === 'udt' ? `Non-frozen UDTs are not allowed inside collections: ${typeToCql(type)}` : `Non-frozen collections are not allowed inside collections: ${typeToCql(type)}`)
  }
  if (!outermost || !isComplex(type)) return // what is inside something frozen is frozen with it
  if (type.kind === 'map') for (const inner of [type.key, type.value]) refuseUnfrozen(inner, false)
  else if (type.kind === 'list' || type.kind === 'set') refuseUnfrozen(type.element, false)
  else if (type.kind === 'udt') for (const field of type.fields) if (isComplex(field.type) && field.type.kind !== 'udt') throw invalid(`A user type cannot contain non-frozen collections: ${field.name}`)
}

/** DROP TABLE. */
export function dropTable({ name, ifExists }: DropStatement, keyspace: Keyspace): SchemaChange | undefined {
  const table = keyspace.tables.get(name.name)
  if (!table) {
    if (keyspace.views.has(name.name)) throw invalid(`Cannot use DROP TABLE on a materialized view. Please use DROP MATERIALIZED VIEW instead.`)
    if (ifExists) return undefined
    throw invalid(`Table '${keyspace.name}.${name.name}' doesn't exist`)
  }
  if (viewsOf(keyspace, table).length > 0) throw invalid(`Cannot drop a table when materialized views still depend on it (${keyspace.name})`)
  keyspace.tables.delete(name.name)
  return { change: 'DROPPED', target: 'TABLE', keyspace: keyspace.name, name: name.name }
}

/** ALTER TABLE. */
export function alterTable(statement: AlterTableStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.table.keyspace)
  const { name } = statement.table
  refuseSystem(keyspace)
  const table = keyspace.tables.get(name)
  if (!table) {
    if (keyspace.views.has(name)) throw invalid(`Cannot use ALTER TABLE on a materialized view`)
    if (statement.ifExists) return undefined
    throw invalid(`Table '${keyspace.name}.${name}' doesn't exist`)
  }
  const { change } = statement
  switch (change.kind) {
    case 'add':
      addColumns(change.columns, change.ifNotExists, table, keyspace, context.clock)
      break
    case 'drop':
      for (const { name: dropped } of change.columns) dropColumn(dropped, change.ifExists, table, keyspace)
      break
    case 'rename':
      for (const { from, to } of change.columns) renameColumn(from.name, to.name, change.ifExists, table, keyspace)
      break
    case 'with':
      checkTableOptions(change.options)
      table.options = { ...table.options, ...change.options }
      break
    case 'alter type':
      throw invalid('Altering column types is no longer supported')
    case 'mask': {
      const column = table.column(change.column.name)
      if (!column) {
        if (change.ifExists) return undefined
        throw invalid(`Column with name '${change.column.name}' doesn't exist on table '${name}'`)
      }
      const mask = change.mask && columnMask(change.mask, column.name, column.type, { values: undefined, clock: context.clock, keyspace })
      for (const each of [table, ...viewsOf(keyspace, table)]) each.setColumns(each.columns.map((other) => (other.name === column.name ? { ...other, mask } : other)))
      break
    }
    default:
      throw invalid(`The embedded server does not do ALTER TABLE ... ${change.kind.toUpperCase()} yet`)
  }
  return { change: 'UPDATED', target: 'TABLE', keyspace: keyspace.name, name }
}

function addColumns(definitions: readonly ColumnDefinition[], ifNotExists: boolean, table: Table, keyspace: Keyspace, clock: Clock): void {
  const added = definitions.filter(({ column }) => {
    if (!table.column(column.name)) return true
    if (ifNotExists) return false
    throw invalid(`Column with name '${column.name}' already exists`)
  }).map((definition): TableColumn => {
    const { name } = definition.column
    const type = resolveType(definition.type.text, keyspace)
    refuseUnfrozen(type, true)
    if (table.isCounter !== (type.kind === 'counter')) throw new Refusal(errorCodes.CONFIG_ERROR, `${keyspace.name}.${table.name}: Cannot have a ${table.isCounter ? 'non ' : ''}counter column ("${name}") in a ${table.isCounter ? '' : 'non '}counter table`)
    if (definition.isStatic && table.clusteringKey.length === 0) throw invalid('Static columns are only useful (and thus allowed) if the table has at least one clustering column')
    const before = table.dropped.get(name)
    if (before && !sameType(before, type)) throw invalid(`Cannot re-add previously dropped column '${name}' of type ${typeToCql(type)}, incompatible with previous type ${typeToCql(before)}`)
    return { name, type, kind: definition.isStatic ? 'static' : 'regular', position: -1, descending: false, ...maskOf(definition, type, keyspace, clock) }
  })
  table.setColumns([...table.columns, ...added])
  for (const view of viewsOf(keyspace, table)) if (view.definition.includesAll) view.setColumns([...view.columns, ...added.filter(({ kind }) => kind === 'regular')])
}

function dropColumn(name: string, ifExists: boolean, table: Table, keyspace: Keyspace): void {
  const column = table.column(name)
  if (!column) {
    if (ifExists) return
    throw invalid(`Column ${name} was not found in table '${keyspace.name}.${table.name}'`)
  }
  if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`Cannot drop PRIMARY KEY column ${name}`)
  const indexes = [...table.indexes.values()].filter((index) => index.column === name)
  if (indexes.length > 0) throw invalid(`Cannot drop column ${name} because it has dependent secondary indexes (${indexes.map((index) => index.name).join(', ')})`)
  if (viewsOf(keyspace, table).length > 0) throw invalid(`Cannot drop column ${name} on base table ${table.name} with materialized views`)
  table.setColumns(table.columns.filter((other) => other !== column))
  table.dropped.set(name, column.type)
  table.store.dropColumn(name)
}

function renameColumn(from: string, to: string, ifExists: boolean, table: Table, keyspace: Keyspace): void {
  const column = table.column(from)
  if (!column) {
    if (ifExists) return
    throw invalid(`Column ${from} was not found in table '${keyspace.name}.${table.name}'`)
  }
  if (column.kind !== 'partition_key' && column.kind !== 'clustering') throw invalid(`Cannot rename non PRIMARY KEY column ${from}`)
  if (table.column(to)) throw invalid(`Cannot rename column ${from} to ${to} in table '${keyspace.name}.${table.name}'; another column with that name already exists`)
  for (const each of [table, ...viewsOf(keyspace, table)]) each.setColumns(each.columns.map((other) => (other.name === from ? { ...other, name: to } : other)))
  for (const view of viewsOf(keyspace, table)) view.stale()
}
