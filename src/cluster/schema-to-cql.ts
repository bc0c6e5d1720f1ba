// The schema model as CQL statements that make the same schema again.
import { quoteIdentifier, quoteText, typeToCql } from '../codecs/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import { toHex } from '../base/index.js'
import type { AggregateMetadata, ColumnMetadata, FunctionMetadata, IndexMetadata, KeyspaceMetadata, RelationMetadata, TableMetadata, ViewMetadata } from './schema.js'

/**
 * The statements that make a keyspace and all that is in it, in an order in which they can be run.
 *
 * @param as the name to give it, if not its own
 * @returns CQL statements without semicolons
 */
export function keyspaceToCql(keyspace: KeyspaceMetadata, as: string = keyspace.name): string[] {
  return [
    `CREATE KEYSPACE ${quoteIdentifier(as)} WITH replication = ${mapToCql(keyspace.replication)} AND durable_writes = ${keyspace.durableWrites}`,
    ...contentsToCql(keyspace, as),
  ]
}

/** As {@link keyspaceToCql}, without the keyspace itself. */
export function contentsToCql(keyspace: KeyspaceMetadata, as: string = keyspace.name): string[] {
  const tables = [...keyspace.tables.values()]
  return [
    ...inOrderOfUse([...keyspace.types.values()]).map((type) => typeDefinitionToCql(type, as)),
    ...tables.map((table) => tableToCql(table, as)),
    ...tables.flatMap((table) => [...table.indexes.values()].map((index) => indexToCql(index, table, as))),
    ...[...keyspace.views.values()].map((view) => viewToCql(view, as)),
    ...[...keyspace.functions.values()].map((fn) => functionToCql(fn, as)),
    ...[...keyspace.aggregates.values()].map((aggregate) => aggregateToCql(aggregate, as)),
  ]
}

function nameOf(keyspace: string, name: string): string {
  return `${quoteIdentifier(keyspace)}.${quoteIdentifier(name)}`
}

/** Types in an order in which they can be made: those that others refer to come first. */
export function inOrderOfUse(types: readonly UdtType[]): UdtType[] {
  const ordered = new Set<string>()
  const visit = (type: CqlType): void => {
    switch (type.kind) {
      case 'list':
      case 'set':
      case 'vector':
        return visit(type.element)
      case 'map':
        visit(type.key)
        return visit(type.value)
      case 'tuple':
        return type.elements.forEach(visit)
      case 'udt':
        for (const field of type.fields) visit(field.type)
        ordered.add(type.name)
    }
  }
  for (const type of types) visit(type)
  const byName = new Map(types.map((type) => [type.name, type]))
  return [...ordered].flatMap((name) => byName.get(name) ?? [])
}

/** `CREATE TYPE`. */
export function typeDefinitionToCql(type: UdtType, keyspace: string = type.keyspace): string {
  return `CREATE TYPE ${nameOf(keyspace, type.name)} (${type.fields.map((field) => `${quoteIdentifier(field.name)} ${typeToCql(field.type)}`).join(', ')})`
}

/** `CREATE TABLE`, without its indexes. */
export function tableToCql(table: TableMetadata, keyspace: string = table.keyspace): string {
  const columns = [...table.columns.values()].map((column) => {
    const mask = column.mask === undefined ? '' : ` MASKED WITH ${column.mask}`
    return `${quoteIdentifier(column.name)} ${typeToCql(column.type)}${column.kind === 'static' ? ' static' : ''}${mask}`
  })
  const compact = table.isCompact ? ['COMPACT STORAGE'] : []
  return `CREATE TABLE ${nameOf(keyspace, table.name)} (${columns.join(', ')}, ${primaryKey(table)})${withClauses([...compact, ...order(table), ...optionsToCql(table.options, tableOptions)])}`
}

function primaryKey({ partitionKey, clusteringKey }: RelationMetadata): string {
  const names = (columns: readonly ColumnMetadata[]): string => columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  return `PRIMARY KEY ((${names(partitionKey)})${clusteringKey.length === 0 ? '' : `, ${names(clusteringKey)}`})`
}

function order({ clusteringKey }: RelationMetadata): string[] {
  if (clusteringKey.length === 0) return []
  return [`CLUSTERING ORDER BY (${clusteringKey.map((column) => `${quoteIdentifier(column.name)} ${column.order === 'desc' ? 'DESC' : 'ASC'}`).join(', ')})`]
}

/** Options that statements can set; what servers of other versions have besides is left out. */
const viewOptions = [
  'additional_write_policy', 'allow_auto_snapshot', 'bloom_filter_fp_chance', 'caching', 'cdc', 'comment', 'compaction', 'compression', 'crc_check_chance', 'extensions', 'gc_grace_seconds',
  'incremental_backups', 'max_index_interval', 'memtable', 'memtable_flush_period_in_ms', 'min_index_interval', 'read_repair', 'speculative_retry',
]
const tableOptions = [...viewOptions, 'default_time_to_live']

/** Options as clauses of WITH: `comment = 'x'`. @param names those that are written, in this order */
export function optionsToCql(values: Readonly<Record<string, unknown>>, names: readonly string[] = Object.keys(values)): string[] {
  return names.flatMap((name) => {
    const value = values[name]
    if (value === undefined || value === null) return []
    if (value instanceof Map || (typeof value === 'object' && !Array.isArray(value))) {
      const entries = value instanceof Map ? Object.fromEntries(value as Map<string, unknown>) : (value as Record<string, unknown>)
      return Object.keys(entries).length === 0 ? [] : [`${name} = ${mapToCql(entries)}`]
    }
    return [`${name} = ${typeof value === 'string' ? quoteText(value) : String(value)}`]
  })
}

function withClauses(clauses: readonly string[]): string {
  return clauses.length === 0 ? '' : ` WITH ${clauses.join(' AND ')}`
}

/** A map of texts as CQL has it. */
export function mapToCql(map: Readonly<Record<string, unknown>>): string {
  return `{${Object.entries(map).map(([key, value]) => `${quoteText(key)}: ${value instanceof Uint8Array ? `0x${toHex(value)}` : quoteText(String(value))}`).join(', ')}}`
}

/** `CREATE INDEX`. */
export function indexToCql(index: IndexMetadata, table: { readonly keyspace: string; readonly name: string }, keyspace: string = table.keyspace): string {
  const on = `INDEX ${quoteIdentifier(index.name)} ON ${nameOf(keyspace, table.name)} (${index.target})`
  if (index.kind !== 'custom') return `CREATE ${on}`
  const given = Object.keys(index.options).length === 0 ? '' : ` WITH OPTIONS = ${mapToCql(index.options)}`
  return `CREATE CUSTOM ${on} USING ${quoteText(index.className ?? '')}${given}`
}

/** `CREATE MATERIALIZED VIEW`. */
export function viewToCql(view: ViewMetadata, keyspace: string = view.keyspace): string {
  const columns = view.includesAllColumns ? '*' : [...view.columns.keys()].map(quoteIdentifier).join(', ')
  return `CREATE MATERIALIZED VIEW ${nameOf(keyspace, view.name)} AS SELECT ${columns} FROM ${nameOf(keyspace, view.baseTable)} WHERE ${view.whereClause} ${primaryKey(view)}${withClauses([...order(view), ...optionsToCql(view.options, viewOptions)])}`
}

/** Types of functions are frozen by nature; only tuples may say so (`CreateFunctionStatement`). */
function functionType(type: CqlType): string {
  return typeToCql(type.kind === 'tuple' || !('frozen' in type) ? type : { ...type, frozen: false })
}

/** `CREATE FUNCTION`. */
export function functionToCql(fn: FunctionMetadata, keyspace: string = fn.keyspace): string {
  const parameters = fn.argumentTypes.map((type, i) => `${quoteIdentifier(fn.argumentNames[i] ?? `arg${i}`)} ${functionType(type)}`)
  const onNull = fn.calledOnNullInput ? 'CALLED' : 'RETURNS NULL'
  return `CREATE FUNCTION ${nameOf(keyspace, fn.name)}(${parameters.join(', ')}) ${onNull} ON NULL INPUT RETURNS ${functionType(fn.returnType)} LANGUAGE ${fn.language} AS ${fn.body.includes('$$') ? quoteText(fn.body) : `$$${fn.body}$$`}`
}

/** `CREATE AGGREGATE`. */
export function aggregateToCql(aggregate: AggregateMetadata, keyspace: string = aggregate.keyspace): string {
  const final = aggregate.finalFunction === undefined ? '' : ` FINALFUNC ${quoteIdentifier(aggregate.finalFunction)}`
  const initial = aggregate.initialCondition === undefined ? '' : ` INITCOND ${aggregate.initialCondition}`
  return `CREATE AGGREGATE ${nameOf(keyspace, aggregate.name)}(${aggregate.argumentTypes.map(functionType).join(', ')}) SFUNC ${quoteIdentifier(aggregate.stateFunction)} STYPE ${functionType(aggregate.stateType)}${final}${initial}`
}
