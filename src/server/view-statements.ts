import type { AlterViewStatement, CreateViewStatement, DropStatement, Relation } from '../cql/index.js'
import { printRelations } from '../cql/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { invalid } from './errors.js'
import { analyse } from './restrictions.js'
import type { RowView } from './row-view.js'
import { isThere, keyspaceOf, refuseSystem } from './schema-context.js'
import type { SchemaContext } from './schema-context.js'
import type { Keyspace, Table, TableColumn } from './schema.js'
import { View } from './view.js'

/** CREATE MATERIALIZED VIEW. @throws Refusal with Cassandra's words */
export function createView(statement: CreateViewStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.view.keyspace ?? statement.table.keyspace)
  refuseSystem(keyspace)
  const { name } = statement.view
  context.warn('Materialized views are experimental and are not recommended for production use.')
  if (isThere(keyspace, name, statement.ifNotExists)) return undefined
  const base = keyspace.tables.get(statement.table.name)
  if (!base) throw invalid(keyspace.views.has(statement.table.name) ? 'Materialized views cannot be created against other materialized views' : `Base table '${statement.table.name}' doesn't exist`)
  if (base.isCounter) throw invalid('Materialized views are not supported on counter tables')
  const key = [...statement.partitionKey, ...statement.clusteringKey].map((part) => part.name)
  const columns = viewColumns(statement, base)
  checkKey(key, base)
  const hidden = statement.selectors && key.find((column) => !statement.selectors!.some(({ term }) => term.kind === 'column' && term.name === column))
  if (hidden !== undefined) throw invalid(`Unknown column '${hidden}' referenced in PRIMARY KEY for materialized view '${name}'`)
  const notNull = new Set(statement.where.flatMap(({ target, operator }) => (target.kind === 'column' && (operator === 'IS NOT NULL' || operator === '=' || operator === 'IN') ? [target.column.name] : [])))
  const open = key.find((column) => !notNull.has(column))
  if (open !== undefined) throw invalid(`Primary key column '${open}' is required to be filtered by 'IS NOT NULL'`)
  const outside = statement.where.find(({ target }) => target.kind === 'column' && !key.includes(target.column.name))
  if (outside?.target.kind === 'column') throw invalid(`Non-primary key columns can only be restricted with 'IS NOT NULL' and a name in the key (got: ${outside.target.column.name} restricted)`)
  const passes = filterOf(statement.where, base, context)
  const definition = { base, includesAll: statement.selectors === undefined, where: statement.where, whereText: printRelations(statement.where), passes }
  keyspace.views.set(name, new View(name, columns, definition, statement.options))
  return { change: 'CREATED', target: 'TABLE', keyspace: keyspace.name, name }
}

function checkKey(key: readonly string[], base: Table): void {
  const twice = key.find((name, i) => key.indexOf(name) !== i)
  if (twice !== undefined) throw invalid(`Duplicate column '${twice}' in PRIMARY KEY clause for materialized view`)
  const unknown = key.find((name) => !base.column(name))
  if (unknown !== undefined) throw invalid(`Unknown column '${unknown}' referenced in PRIMARY KEY for materialized view`)
  const missing = [...base.partitionKey, ...base.clusteringKey].filter(({ name }) => !key.includes(name))
  if (missing.length > 0) throw invalid(`Cannot create Materialized View without primary key columns from base table (${missing.map(({ name }) => name).join(',')})`)
  const added = key.filter((name) => ['regular', 'static'].includes(base.column(name)!.kind))
  if (added.length > 1) throw invalid(`Cannot include more than one non-primary key column in materialized view primary key (got ${added.join(', ')})`)
  if (added[0] !== undefined && base.column(added[0])!.kind === 'static') throw invalid(`Cannot use Static column '${added[0]}' in PRIMARY KEY of materialized view`)
}

/** What WHERE asks for besides what is not null. */
function filterOf(where: readonly Relation[], base: Table, context: SchemaContext): (view: RowView) => boolean {
  const tests = where.filter(({ operator }) => operator !== 'IS NOT NULL')
  const env = { values: undefined, clock: context.clock, keyspace: context.keyspaces.get(base.keyspace) }
  // One by one, so that each is a filter of its own.
  const filters = tests.flatMap((relation) => analyse(base, [relation], env, { allowFiltering: true, isSelect: true, byRow: true }).filters)
  return (view) => filters.every((filter) => filter(view))
}

/** The columns of a view: all of the table's, or those that it names and its key. */
function viewColumns({ view, selectors, partitionKey, clusteringKey, clusteringOrder }: Pick<CreateViewStatement, 'view' | 'selectors' | 'partitionKey' | 'clusteringKey' | 'clusteringOrder'>, base: Table): TableColumn[] {
  const named = selectors?.map(({ term, alias }) => {
    if (term.kind !== 'column' || alias) throw invalid('Can only select columns by name when defining a materialized view')
    if (!base.column(term.name)) throw invalid(`Undefined column name ${term.name} in table ${base.keyspace}.${base.name}`)
    return term.name
  })
  const hidden = base.columns.find(({ name, kind }) => kind === 'static' && (named?.includes(name) ?? true))
  if (hidden) throw invalid(`Cannot include static column '${hidden.name}' in materialized view '${view.name}'`)
  const key = new Set([...partitionKey, ...clusteringKey].map(({ name }) => name))
  return base.columns.filter(({ name, kind }) => key.has(name) || (kind !== 'static' && (named?.includes(name) ?? true))).map((column): TableColumn => {
    const [partition, clustering] = [partitionKey.findIndex(({ name }) => name === column.name), clusteringKey.findIndex(({ name }) => name === column.name)]
    return {
      ...column, kind: partition >= 0 ? 'partition_key' : clustering >= 0 ? 'clustering' : 'regular', position: partition >= 0 ? partition : clustering,
      descending: clusteringOrder.find(({ column: { name } }) => name === column.name)?.descending ?? false,
    }
  })
}

/** ALTER MATERIALIZED VIEW. */
export function alterView({ view: { keyspace: named, name }, ifExists, options }: AlterViewStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, named)
  const view = keyspace.views.get(name)
  if (!view) {
    if (ifExists) return undefined
    throw invalid(`Materialized view '${keyspace.name}.${name}' doesn't exist`)
  }
  view.options = { ...view.options, ...options }
  return { change: 'UPDATED', target: 'TABLE', keyspace: keyspace.name, name }
}

/** DROP MATERIALIZED VIEW. */
export function dropView({ name, ifExists }: DropStatement, keyspace: Keyspace): SchemaChange | undefined {
  if (!keyspace.views.delete(name.name)) {
    if (ifExists) return undefined
    throw invalid(`Materialized view '${keyspace.name}.${name.name}' doesn't exist`)
  }
  return { change: 'DROPPED', target: 'TABLE', keyspace: keyspace.name, name: name.name }
}

/** The views of a table. */
export function viewsOf(keyspace: Keyspace, base: Table): View[] {
  return [...keyspace.views.values()].filter(({ definition }) => definition.base === base)
}
