import type { CreateIndexStatement, DropStatement } from '../cql/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { invalid } from './errors.js'
import { indexOf, sameIndex } from './index-definition.js'
import { keyspaceOf, refuseSystem } from './schema-context.js'
import type { SchemaContext } from './schema-context.js'
import type { Keyspace, Table } from './schema.js'

const VECTOR_WARNING = `SAI ANN indexes on vector columns are experimental and are not recommended for production use.
They don't yet support SELECT queries with:
 * Consistency level higher than ONE/LOCAL_ONE.
 * Paging.
 * No LIMIT clauses.
 * PER PARTITION LIMIT clauses.
 * GROUP BY clauses.
 * Aggregation functions.
 * Filters on columns without a SAI index.`

/** CREATE INDEX. @returns what has changed: the table */
export function createIndex(statement: CreateIndexStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.table.keyspace)
  refuseSystem(keyspace)
  const table = keyspace.tables.get(statement.table.name)
  if (!table) {
    if (keyspace.views.has(statement.table.name)) throw invalid("Secondary indexes on materialized views aren't supported")
    throw invalid(`Table '${keyspace.name}.${statement.table.name}' doesn't exist`)
  }
  if (statement.index && tableOfIndex(keyspace, statement.index.name)) {
    if (statement.ifNotExists) return undefined
    throw invalid(`Index '${statement.index.name}' already exists`)
  }
  const index = indexOf(statement, table)
  const others = [...table.indexes.values()]
  const same = others.find((other) => sameIndex(other, index))
  if (index.kind === 'sai' && index.of === 'column' && others.some((other) => other.kind === 'sai' && other.column === index.column) && !same) throw invalid(`Cannot create more than one storage-attached index on the same column: ${index.column}`)
  if (same) {
    if (statement.ifNotExists) return undefined
    throw invalid(`Index ${index.name} is a duplicate of existing index ${same.name}`)
  }
  table.indexes.set(index.name, index)
  // Each statement about a table with such an index says so again.
  if ([...table.indexes.values()].some(({ column, kind }) => kind === 'sai' && table.column(column)!.type.kind === 'vector')) context.warn(VECTOR_WARNING)
  return { change: 'UPDATED', target: 'TABLE', keyspace: keyspace.name, name: table.name }
}

/** The table that has an index of a name. */
export function tableOfIndex(keyspace: Keyspace, name: string): Table | undefined {
  return [...keyspace.tables.values()].find(({ indexes }) => indexes.has(name))
}

/** DROP INDEX. */
export function dropIndex({ name, ifExists }: DropStatement, keyspace: Keyspace): SchemaChange | undefined {
  const table = tableOfIndex(keyspace, name.name)
  if (!table) {
    if (ifExists) return undefined
    throw invalid(`Index '${keyspace.name}.${name.name}' doesn't exist`)
  }
  table.indexes.delete(name.name)
  return { change: 'UPDATED', target: 'TABLE', keyspace: keyspace.name, name: table.name }
}
