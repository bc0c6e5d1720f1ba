// DESCRIBE: the schema as statements, in the form that Cassandra writes them.
import { quoteIdentifier, quoteText, scalar, typeToCql } from '../codecs/index.js'
import type { Column, UdtType } from '../codecs/index.js'
import { inOrderOfUse } from '../cluster/index.js'
import type { DescribeStatement, QualifiedName } from '../cql/index.js'
import type { ResultMessage } from '../protocol/index.js'
import { printMask } from './column-mask.js'
import { invalid } from './errors.js'
import { targetOf } from './index-definition.js'
import type { Index } from './index-definition.js'
import { tableOfIndex } from './index-statements.js'
import { javaNumber } from './json-values.js'
import { isComplex } from './schema.js'
import type { Keyspace, Table, TableColumn } from './schema.js'
import { optionsOf } from './system-tables.js'
import { encodeValue } from './values.js'
import { View } from './view.js'
import { viewsOf } from './view-statements.js'

/** One thing of the schema: where it is, what it is, and what makes it. */
export interface Element {
  readonly keyspace: string
  readonly kind: 'keyspace' | 'type' | 'table' | 'index' | 'materialized_view'
  readonly name: string
  readonly statement: () => string
}

/** What DESCRIBE looks at. */
export interface DescribeContext {
  readonly keyspaces: ReadonlyMap<string, Keyspace>
  readonly current: string | undefined
  readonly clusterName: string
}

/** Answers a DESCRIBE. @throws Refusal when there is no such thing */
export function describe({ what, internals }: DescribeStatement, context: DescribeContext): ResultMessage {
  if (what.kind === 'cluster') return rowsOf(['cluster', 'partitioner', 'snitch'], [[context.clusterName, 'Murmur3Partitioner', 'DynamicEndpointSnitch']])
  const elements = elementsOf(what, context, internals)
  const lists = ['keyspaces', 'tables', 'types', 'functions', 'aggregates'].includes(what.kind)
  const columns = ['keyspace_name', 'type', 'name', ...(lists ? [] : ['create_statement'])]
  return rowsOf(columns, elements.map(({ keyspace, kind, name, statement }) => [quoteIdentifier(keyspace), kind, quoteIdentifier(name), ...(lists ? [] : [statement()])]))
}

function rowsOf(names: readonly string[], rows: readonly (readonly string[])[]): ResultMessage {
  const text = scalar('text')
  const columns = names.map((name): Column => ({ name, type: text, keyspace: 'system', table: 'describe' }))
  return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: columns.length, columns }, rows: rows.map((row) => row.map((value) => encodeValue(text, value))) }
}

function byName<T extends { readonly name: string }>(all: Iterable<T>): T[] {
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function elementsOf(what: DescribeStatement['what'], context: DescribeContext, internals: boolean): Element[] {
  const own = byName(context.keyspaces.values())
  // In a keyspace, lists are of that one.
  const listed = context.current === undefined ? own : own.filter(({ name }) => name === context.current)
  switch (what.kind) {
    case 'cluster':
      return [] // which has an answer of its own
    case 'keyspaces':
      return own.map(keyspaceElement)
    case 'tables':
      return listed.flatMap((keyspace) => byName(keyspace.tables.values()).map((table) => tableElement(table, internals)))
    case 'types':
      return listed.flatMap((keyspace) => byName(keyspace.types.values()).map((type) => typeElement(keyspace, type)))
    case 'functions':
    case 'aggregates':
      return []
    case 'schema':
    case 'full schema':
      return own.filter(({ system }) => what.kind === 'full schema' || !system).flatMap((keyspace) => contents(keyspace, internals))
    case 'keyspace': {
      const name = what.name?.name ?? context.current
      if (name === undefined) throw invalid('No keyspace specified and no current keyspace')
      const keyspace = named(context, name)
      return what.only ? [keyspaceElement(keyspace)] : contents(keyspace, internals)
    }
    case 'anything':
      return anything(what.name, context, internals)
    default:
      return one(what.kind, what.name, context, internals)
  }
}

function named({ keyspaces }: DescribeContext, name: string): Keyspace {
  const keyspace = keyspaces.get(name)
  if (!keyspace) throw invalid(`'${name}' not found in keyspaces`)
  return keyspace
}

function one(kind: 'table' | 'index' | 'materialized view' | 'type' | 'function' | 'aggregate', { keyspace: given, name }: QualifiedName, context: DescribeContext, internals: boolean): Element[] {
  const where = given ?? context.current
  if (where === undefined) throw invalid('No keyspace specified and no current keyspace')
  const keyspace = named(context, where)
  const missing = (what: string): Error => invalid(`${what} '${name}' not found in ${kind === 'table' ? 'keyspace ' : ''}'${where}'`)
  switch (kind) {
    case 'table': {
      const table = keyspace.tables.get(name)
      if (!table) throw missing('Table')
      return withDependents(keyspace, table, internals)
    }
    case 'index': {
      const table = tableOfIndex(keyspace, name)
      if (!table) throw missing('Table for existing index')
      return [indexElement(table, table.indexes.get(name)!)]
    }
    case 'materialized view': {
      const view = keyspace.views.get(name)
      if (!view) throw missing('Materialized view')
      return [tableElement(view, internals)]
    }
    case 'type': {
      const type = keyspace.types.get(name)
      if (!type) throw missing('User defined type')
      return [typeElement(keyspace, type)]
    }
    default:
      throw missing(`User defined ${kind}`)
  }
}

/** A keyspace, or a table, index or view of a name. */
function anything(name: QualifiedName, context: DescribeContext, internals: boolean): Element[] {
  if (name.keyspace === undefined && context.keyspaces.has(name.name)) return contents(context.keyspaces.get(name.name)!, internals)
  const where = name.keyspace ?? context.current
  if (where === undefined) throw invalid(`'${name.name}' not found in keyspaces`)
  const keyspace = named(context, where)
  const table = keyspace.tables.get(name.name)
  if (table) return withDependents(keyspace, table, internals)
  const view = keyspace.views.get(name.name)
  if (view) return [tableElement(view, internals)]
  const indexed = tableOfIndex(keyspace, name.name)
  if (indexed) return [indexElement(indexed, indexed.indexes.get(name.name)!)]
  throw invalid(`'${name.name}' not found in keyspace '${where}'`)
}

/** All that makes a keyspace, in an order in which it can be made. */
export function contents(keyspace: Keyspace, internals: boolean): Element[] {
  const types = inOrderOfUse(byName(keyspace.types.values())).map((type) => typeElement(keyspace, type))
  return [keyspaceElement(keyspace), ...types, ...byName(keyspace.tables.values()).flatMap((table) => withDependents(keyspace, table, internals))]
}

function withDependents(keyspace: Keyspace, table: Table, internals: boolean): Element[] {
  return [tableElement(table, internals), ...byName(table.indexes.values()).map((index) => indexElement(table, index)), ...byName(viewsOf(keyspace, table)).map((view) => tableElement(view, internals))]
}

function keyspaceElement({ name, replication, durableWrites }: Keyspace): Element {
  const { class: strategy, ...others } = replication
  const short = `{'class': ${quoteText(strategy!.replace('org.apache.cassandra.locator.', ''))}${Object.entries(others).map(([option, value]) => `, ${quoteText(option)}: ${quoteText(value)}`).join('')}}`
  return { keyspace: name, kind: 'keyspace', name, statement: () => `CREATE KEYSPACE ${quoteIdentifier(name)} WITH replication = ${short}  AND durable_writes = ${durableWrites};` }
}

function typeElement({ name: keyspace }: Keyspace, { name, fields }: UdtType): Element {
  return { keyspace, kind: 'type', name, statement: () => `CREATE TYPE ${qualified(keyspace, name)} (\n${fields.map((field) => `    ${quoteIdentifier(field.name)} ${typeToCql(field.type)}`).join(',\n')}\n);` }
}

function indexElement(table: Table, index: Index): Element {
  const on = `INDEX ${quoteIdentifier(index.name)} ON ${qualified(table.keyspace, table.name)} (${targetOf(index)})`
  const options = Object.keys(index.options).length === 0 ? '' : ` WITH OPTIONS = ${mapText(index.options)}`
  return { keyspace: table.keyspace, kind: 'index', name: index.name, statement: () => (index.className === undefined ? `CREATE ${on};` : `CREATE CUSTOM ${on} USING ${quoteText(index.className)}${options};`) }
}

function tableElement(table: Table, internals: boolean): Element {
  return { keyspace: table.keyspace, kind: table instanceof View ? 'materialized_view' : 'table', name: table.name, statement: () => (table instanceof View ? viewText(table, internals) : tableText(table, internals)) }
}

function qualified(keyspace: string, name: string): string {
  return `${quoteIdentifier(keyspace)}.${quoteIdentifier(name)}`
}

function tableText(table: Table, internals: boolean): string {
  // Those that are kept part by part come last.
  const sorted = (kind: TableColumn['kind']): TableColumn[] => {
    const all = byName(table.columns.filter((column) => column.kind === kind))
    return [...all.filter(({ type }) => !isComplex(type)), ...all.filter(({ type }) => isComplex(type))]
  }
  const single = table.partitionKey.length === 1 && table.clusteringKey.length === 0
  const columns = [...table.partitionKey, ...table.clusteringKey, ...sorted('static'), ...sorted('regular')]
  const lines = columns.map(({ name, type, kind, mask }) => `    ${quoteIdentifier(name)} ${typeToCql(type)}${kind === 'static' ? ' static' : ''}${mask ? ` MASKED WITH ${printMask(mask)}` : ''}${single && kind === 'partition_key' ? ' PRIMARY KEY' : ''}`)
  if (!single) lines.push(`    ${keyText(table)}`)
  return `CREATE TABLE ${qualified(table.keyspace, table.name)} (\n${lines.join(',\n')}\n)${optionsText(table, internals)};`
}

function viewText(view: View, internals: boolean): string {
  const { base, includesAll, whereText } = view.definition
  const selected = includesAll ? '*' : view.ordered.map(({ name }) => quoteIdentifier(name)).join(', ')
  return `CREATE MATERIALIZED VIEW ${qualified(view.keyspace, view.name)} AS\n    SELECT ${selected}\n    FROM ${qualified(base.keyspace, base.name)}\n    WHERE ${whereText}\n    ${keyText(view)}\n${optionsText(view, internals)};`
}

function keyText({ partitionKey, clusteringKey }: Table): string {
  const names = (columns: readonly TableColumn[]): string => columns.map(({ name }) => quoteIdentifier(name)).join(', ')
  return `PRIMARY KEY (${partitionKey.length === 1 ? names(partitionKey) : `(${names(partitionKey)})`}${clusteringKey.map(({ name }) => `, ${quoteIdentifier(name)}`).join('')})`
}

/** Options in Cassandra's order. */
const described = [
  'additional_write_policy', 'allow_auto_snapshot', 'bloom_filter_fp_chance', 'caching', 'cdc', 'comment', 'compaction', 'compression', 'memtable', 'crc_check_chance', 'default_time_to_live', 'extensions', 'gc_grace_seconds', 'incremental_backups',
  'max_index_interval', 'memtable_flush_period_in_ms', 'min_index_interval', 'read_repair', 'speculative_retry',
]
const fractions: ReadonlySet<string> = new Set(['bloom_filter_fp_chance', 'crc_check_chance'])

function optionsText(table: Table, internals: boolean): string {
  const values: Readonly<Record<string, unknown>> = { allow_auto_snapshot: true, incremental_backups: true, cdc: false, memtable: 'default', ...optionsOf(table) }
  const clauses = [
    ...(internals ? [`ID = ${table.id}`] : []),
    ...(table.clusteringKey.length === 0 ? [] : [`CLUSTERING ORDER BY (${table.clusteringKey.map(({ name, descending }) => `${quoteIdentifier(name)} ${descending ? 'DESC' : 'ASC'}`).join(', ')})`]),
    ...described.filter((name) => !(table instanceof View && name === 'default_time_to_live')).map((name) => `${name} = ${optionText(name, values[name])}`),
  ]
  return ` WITH ${clauses.join('\n    AND ')}`
}

function optionText(name: string, value: unknown): string {
  if (typeof value === 'number') return fractions.has(name) ? javaNumber(value, false) : String(value)
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'object' ? mapText(value as Readonly<Record<string, unknown>>) : quoteText(String(value))
}

/** A map with its keys in order. */
function mapText(map: Readonly<Record<string, unknown>>): string {
  return `{${Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${quoteText(key)}: ${quoteText(String(value))}`).join(', ')}}`
}
