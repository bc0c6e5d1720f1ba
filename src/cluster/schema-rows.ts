// From rows of `system_schema` and `system_virtual_schema` to the schema model.
import { parseType, quoteText, typeToCql } from '../codecs/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import { replicationOf } from './replication.js'
import type { AggregateMetadata, ColumnMetadata, FunctionMetadata, IndexMetadata, KeyspaceMetadata, RelationMetadata, TableMetadata, ViewMetadata } from './schema.js'

/** A row by column name, with sets and lists as arrays and maps as Map or plain objects. */
export type SchemaRow = Readonly<Record<string, unknown>>

/** The tables that a schema is read from. Those a server does not have stay away. */
export const schemaTables = ['keyspaces', 'tables', 'columns', 'types', 'indexes', 'views', 'functions', 'aggregates', 'column_masks'] as const

/** Rows of each of {@link schemaTables}, of any number of keyspaces. */
export type SchemaRows = { readonly [Table in (typeof schemaTables)[number]]?: readonly SchemaRow[] }

const text = (row: SchemaRow, name: string): string => (typeof row[name] === 'string' ? (row[name] as string) : '')
const optionalText = (row: SchemaRow, name: string): string | undefined => (typeof row[name] === 'string' ? (row[name] as string) : undefined)
const texts = (row: SchemaRow, name: string): readonly string[] => (Array.isArray(row[name]) ? (row[name] as string[]) : row[name] instanceof Set ? [...(row[name] as Set<string>)] : [])

function record(value: unknown): Record<string, string> {
  if (value instanceof Map) return Object.fromEntries(value as Map<string, string>)
  return typeof value === 'object' && value !== null ? { ...(value as Record<string, string>) } : {}
}

function byKeyspace(rows: readonly SchemaRow[] = []): ReadonlyMap<string, readonly SchemaRow[]> {
  const groups = new Map<string, SchemaRow[]>()
  for (const row of rows) {
    const name = text(row, 'keyspace_name')
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return groups
}

/**
 * Builds the model of the keyspaces that the rows are of.
 *
 * @param virtual whether they are of `system_virtual_schema`
 */
export function schemaOf(rows: SchemaRows, virtual = false): Map<string, KeyspaceMetadata> {
  const groups = Object.fromEntries(schemaTables.map((table) => [table, byKeyspace(rows[table])])) as Record<(typeof schemaTables)[number], ReadonlyMap<string, readonly SchemaRow[]>>
  const keyspaces = new Map<string, KeyspaceMetadata>()
  for (const row of rows.keyspaces ?? []) {
    const name = text(row, 'keyspace_name')
    const own = Object.fromEntries(schemaTables.map((table) => [table, groups[table].get(name) ?? []])) as Required<SchemaRows>
    keyspaces.set(name, keyspaceOf(row, own, virtual))
  }
  return keyspaces
}

function keyspaceOf(row: SchemaRow, rows: Required<SchemaRows>, virtual: boolean): KeyspaceMetadata {
  const name = text(row, 'keyspace_name')
  const replication = record(row['replication'])
  const types = new TypeTable(name, rows.types)
  const columns = new Map<string, ColumnMetadata[]>()
  for (const column of rows.columns) {
    const table = text(column, 'table_name')
    const list = columns.get(table)
    const metadata = columnOf(column, types, rows.column_masks)
    if (list) list.push(metadata)
    else columns.set(table, [metadata])
  }
  const tables = rows.tables.map((table) => tableOf(table, columns.get(text(table, 'table_name')) ?? [], rows.indexes, virtual))
  const views = rows.views.map((view) => viewOf(view, columns.get(text(view, 'view_name')) ?? []))
  const functions = rows.functions.map((fn) => functionOf(fn, types))
  const aggregates = rows.aggregates.map((aggregate) => aggregateOf(aggregate, types))
  return {
    name, replication,
    durableWrites: row['durable_writes'] !== false,
    placement: replicationOf(replication),
    isVirtual: virtual,
    tables: new Map(tables.map((table) => [table.name, table])),
    views: new Map(views.map((view) => [view.name, view])),
    types: types.all(),
    functions: new Map(functions.map((fn) => [signatureOf(fn), fn])),
    aggregates: new Map(aggregates.map((aggregate) => [signatureOf(aggregate), aggregate])),
  }
}

/** The name that a function has among others of its name: `area(int, int)`. */
export function signatureOf({ name, argumentTypes }: { readonly name: string; readonly argumentTypes: readonly CqlType[] }): string {
  return `${name}(${argumentTypes.map(typeToCql).join(', ')})`
}

/** The user-defined types of a keyspace, which may refer to each other in any order. */
class TypeTable {
  readonly #keyspace: string
  readonly #rows: ReadonlyMap<string, SchemaRow>
  readonly #types = new Map<string, UdtType>()

  constructor(keyspace: string, rows: readonly SchemaRow[]) {
    this.#keyspace = keyspace
    this.#rows = new Map(rows.map((row) => [text(row, 'type_name'), row]))
  }

  parse(type: string): CqlType {
    return parseType(type, (name) => this.#find(name))
  }

  all(): ReadonlyMap<string, UdtType> {
    for (const name of this.#rows.keys()) this.#find(name)
    return new Map([...this.#types].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #find(name: string): UdtType {
    const known = this.#types.get(name)
    if (known) return known
    const row = this.#rows.get(name)
    const types = row ? texts(row, 'field_types') : []
    const fields = row ? texts(row, 'field_names').map((field, i) => ({ name: field, type: this.parse(types[i] ?? 'blob') })) : []
    const type: UdtType = { kind: 'udt', keyspace: this.#keyspace, name, fields }
    this.#types.set(name, type)
    return type
  }
}

const columnKinds: Readonly<Record<string, ColumnMetadata['kind']>> = { partition_key: 'partitionKey', clustering: 'clustering', static: 'static' }

function columnOf(row: SchemaRow, types: TypeTable, masks: readonly SchemaRow[]): ColumnMetadata {
  const kind = columnKinds[text(row, 'kind')] ?? 'regular'
  const name = text(row, 'column_name')
  const mask = masks.find((candidate) => candidate['table_name'] === row['table_name'] && candidate['column_name'] === name)
  return {
    name, kind,
    type: types.parse(text(row, 'type')),
    position: typeof row['position'] === 'number' ? row['position'] : -1,
    order: kind === 'clustering' ? (text(row, 'clustering_order') === 'desc' ? 'desc' : 'asc') : undefined,
    mask: mask && maskOf(mask),
  }
}

const quoted: ReadonlySet<string> = new Set(['ascii', 'text', 'varchar', 'inet', 'date', 'time', 'timestamp'])

function maskOf(row: SchemaRow): string {
  const types = texts(row, 'function_argument_types')
  const nulls = Array.isArray(row['function_argument_nulls']) ? (row['function_argument_nulls'] as boolean[]) : []
  const values = texts(row, 'function_argument_values').map((value, i) => (nulls[i] ? 'null' : quoted.has(types[i] ?? '') ? quoteText(value) : value))
  return `${text(row, 'function_keyspace')}.${text(row, 'function_name')}(${values.join(', ')})`
}

/** Columns of a relation's row that say what it is; all others are its options. */
const notOptions: ReadonlySet<string> = new Set(['keyspace_name', 'table_name', 'view_name', 'id', 'flags', 'base_table_id', 'base_table_name', 'include_all_columns', 'where_clause'])

function relationOf(row: SchemaRow, name: string, columns: readonly ColumnMetadata[]): RelationMetadata {
  const part = (kind: ColumnMetadata['kind']): ColumnMetadata[] => columns.filter((column) => column.kind === kind)
  const key = (kind: ColumnMetadata['kind']): ColumnMetadata[] => part(kind).sort((a, b) => a.position - b.position)
  const named = (kind: ColumnMetadata['kind']): ColumnMetadata[] => part(kind).sort((a, b) => (a.name < b.name ? -1 : 1))
  const partitionKey = key('partitionKey')
  const clusteringKey = key('clustering')
  const ordered = [...partitionKey, ...clusteringKey, ...named('static'), ...named('regular')]
  return {
    keyspace: text(row, 'keyspace_name'), name, partitionKey, clusteringKey,
    id: optionalText(row, 'id'),
    columns: new Map(ordered.map((column) => [column.name, column])),
    options: Object.fromEntries(Object.entries(row).filter(([option, value]) => !notOptions.has(option) && value !== null)),
  }
}

function tableOf(row: SchemaRow, columns: readonly ColumnMetadata[], indexes: readonly SchemaRow[], virtual: boolean): TableMetadata {
  const name = text(row, 'table_name')
  const flags = texts(row, 'flags')
  return {
    ...relationOf(row, name, columns),
    indexes: new Map(indexes.filter((index) => index['table_name'] === name).map(indexOf).map((index) => [index.name, index])),
    isCounter: columns.some(({ type }) => type.kind === 'counter'),
    isCompact: flags.length > 0 && !flags.includes('compound'),
    isVirtual: virtual,
    partitioner: optionalText(row, 'partitioner'),
  }
}

function indexOf(row: SchemaRow): IndexMetadata {
  const { target = '', class_name: className, ...options } = record(row['options'])
  return { name: text(row, 'index_name'), kind: text(row, 'kind').toLowerCase() as IndexMetadata['kind'], target, className, options }
}

function viewOf(row: SchemaRow, columns: readonly ColumnMetadata[]): ViewMetadata {
  return {
    ...relationOf(row, text(row, 'view_name'), columns),
    baseTable: text(row, 'base_table_name'),
    whereClause: text(row, 'where_clause'),
    includesAllColumns: row['include_all_columns'] === true,
  }
}

function functionOf(row: SchemaRow, types: TypeTable): FunctionMetadata {
  return {
    keyspace: text(row, 'keyspace_name'), name: text(row, 'function_name'),
    argumentNames: texts(row, 'argument_names'),
    argumentTypes: texts(row, 'argument_types').map((type) => types.parse(type)),
    returnType: types.parse(text(row, 'return_type')),
    calledOnNullInput: row['called_on_null_input'] === true,
    language: text(row, 'language'),
    body: text(row, 'body'),
  }
}

function aggregateOf(row: SchemaRow, types: TypeTable): AggregateMetadata {
  return {
    keyspace: text(row, 'keyspace_name'), name: text(row, 'aggregate_name'),
    argumentTypes: texts(row, 'argument_types').map((type) => types.parse(type)),
    returnType: types.parse(text(row, 'return_type')),
    stateFunction: text(row, 'state_func'),
    stateType: types.parse(text(row, 'state_type')),
    finalFunction: optionalText(row, 'final_func'),
    initialCondition: optionalText(row, 'initcond'),
  }
}
