// What has to be run to make one schema of another, statement by statement.
import { indexToCql, tableToCql, typeDefinitionToCql, viewToCql } from '../cluster/index.js'
import type { IndexMetadata, KeyspaceMetadata, RelationMetadata, TableMetadata, ViewMetadata } from '../cluster/index.js'
import { quoteIdentifier, quoteText, sameType, typeToCql } from '../codecs/index.js'
import type { UdtType } from '../codecs/index.js'

/** One step from one schema to another. */
export interface Change {
  /** CQL, without a semicolon, for the keyspace of the connection. */
  readonly up: string
  /** What takes it back; undefined where nothing does. */
  readonly down: string | undefined
  /** What is lost by it: `table:users`, `column:users.email`, `type:address`, `view:users_by_email`. Undefined when nothing is. */
  readonly loses: string | undefined
}

/** A difference that no statement of CQL makes up for. */
export interface Conflict {
  readonly where: string
  /** What to do instead. */
  readonly reason: string
}

/** The difference between two schemas. */
export interface SchemaDiff {
  readonly changes: readonly Change[]
  readonly conflicts: readonly Conflict[]
}

/**
 * Compares schemas.
 *
 * @param live what there is
 * @param wanted what there should be; of table options only those that it names are compared
 * @returns changes in an order in which they can be run: what others need comes first, what is dropped last
 */
export function diffSchemas(live: Pick<KeyspaceMetadata, 'tables' | 'types' | 'views'>, wanted: Pick<KeyspaceMetadata, 'tables' | 'types' | 'views'>): SchemaDiff {
  const types = diffTypes(live.types, wanted.types)
  const made: Change[] = []
  const dropped: Change[] = []
  const conflicts = [...types.conflicts]
  for (const [name, table] of wanted.tables) {
    const old = live.tables.get(name)
    if (old) {
      const { changes, drops, conflicts: own } = diffTable(old, table)
      made.push(...changes)
      dropped.push(...drops)
      conflicts.push(...own)
    } else made.push(create(table), ...[...table.indexes.values()].map((index) => createIndex(index, table)))
  }
  for (const [name, table] of live.tables) {
    if (!wanted.tables.has(name)) dropped.push({ up: `DROP TABLE ${quoteIdentifier(name)}`, down: create(table).up, loses: `table:${name}` })
  }
  const views = diffViews(live.views, wanted.views)
  // A view is made when its table has its columns, and gone before one of them is dropped.
  return { changes: [...types.made, ...made, ...views.made, ...views.dropped, ...dropped, ...types.dropped], conflicts: [...conflicts, ...views.conflicts] }
}

function diffViews(live: ReadonlyMap<string, ViewMetadata>, wanted: ReadonlyMap<string, ViewMetadata>): { readonly made: Change[]; readonly dropped: Change[]; readonly conflicts: Conflict[] } {
  const made: Change[] = []
  const conflicts: Conflict[] = []
  const create = (view: ViewMetadata): string => local(local(viewToCql(view), view.keyspace), view.keyspace)
  for (const [name, view] of wanted) {
    const old = live.get(name)
    if (!old) made.push({ up: create(view), down: `DROP MATERIALIZED VIEW ${quoteIdentifier(name)}`, loses: undefined })
    else if (shapeOf(old) !== shapeOf(view)) conflicts.push({ where: `view ${name}`, reason: 'it has another key, other columns or another table, and these cannot be changed: declare a view of another name, or drop this one first' })
    else made.push(...optionChanges('MATERIALIZED VIEW', old, view))
  }
  const gone = [...live].filter(([name]) => !wanted.has(name))
  return { made, dropped: gone.map(([name, view]) => ({ up: `DROP MATERIALIZED VIEW ${quoteIdentifier(name)}`, down: create(view), loses: `view:${name}` })), conflicts }
}

/** What cannot change about a view, in a form that can be compared. */
function shapeOf({ baseTable, partitionKey, clusteringKey, columns, includesAllColumns }: ViewMetadata): string {
  return JSON.stringify([baseTable, partitionKey.map(({ name }) => name), clusteringKey.map(({ name, order }) => [name, order]), includesAllColumns || [...columns.keys()].sort()])
}

/** Statements of migrations name no keyspace: the same ones run in those of all environments. */
function local(statement: string, keyspace: string): string {
  return statement.replace(`${quoteIdentifier(keyspace)}.`, '')
}

function create(table: TableMetadata): Change {
  const name = quoteIdentifier(table.name)
  return { up: local(tableToCql(table), table.keyspace), down: `DROP TABLE ${name}`, loses: undefined }
}

function createIndex(index: IndexMetadata, table: TableMetadata): Change {
  return { up: local(indexToCql(index, table), table.keyspace), down: dropIndex(index), loses: undefined }
}

function dropIndex({ name }: IndexMetadata): string {
  return `DROP INDEX ${quoteIdentifier(name)}`
}

function diffTypes(live: ReadonlyMap<string, UdtType>, wanted: ReadonlyMap<string, UdtType>): { readonly made: Change[]; readonly dropped: Change[]; readonly conflicts: Conflict[] } {
  const made: Change[] = []
  const dropped: Change[] = []
  const conflicts: Conflict[] = []
  for (const [name, type] of wanted) {
    const old = live.get(name)
    if (!old) {
      made.push({ up: local(typeDefinitionToCql(type), type.keyspace), down: `DROP TYPE ${quoteIdentifier(name)}`, loses: undefined })
      continue
    }
    for (const field of type.fields) {
      const before = old.fields.find((each) => each.name === field.name)
      if (!before) made.push({ up: `ALTER TYPE ${quoteIdentifier(name)} ADD ${quoteIdentifier(field.name)} ${typeToCql(field.type)}`, down: undefined, loses: undefined })
      else if (!sameType(before.type, field.type)) conflicts.push({ where: `type ${name}.${field.name}`, reason: `it is ${typeToCql(before.type)} and should be ${typeToCql(field.type)}, but types of fields cannot be changed: add a field of another name` })
    }
    for (const field of old.fields) if (!type.fields.some((each) => each.name === field.name)) conflicts.push({ where: `type ${name}.${field.name}`, reason: 'fields cannot be dropped: keep it in the declaration' })
  }
  for (const [name, type] of live) if (!wanted.has(name)) dropped.push({ up: `DROP TYPE ${quoteIdentifier(name)}`, down: local(typeDefinitionToCql(type), type.keyspace), loses: `type:${name}` })
  return { made, dropped, conflicts }
}

function diffTable(live: TableMetadata, wanted: TableMetadata): { readonly changes: Change[]; readonly drops: Change[]; readonly conflicts: Conflict[] } {
  const name = quoteIdentifier(wanted.name)
  const changes: Change[] = []
  const drops: Change[] = []
  const conflicts: Conflict[] = []
  const key = (table: TableMetadata): string => tableToCql({ ...table, columns: new Map([...table.columns].filter(([, { kind }]) => kind === 'partitionKey' || kind === 'clustering')), options: {} }, 'k')
  if (key(live) !== key(wanted)) conflicts.push({ where: `table ${wanted.name}`, reason: 'its primary key is another one, and keys cannot be changed: declare a table of another name, and copy the rows (`npx cqlwire copy`)' })
  for (const [column, { type, kind }] of wanted.columns) {
    const old = live.columns.get(column)
    const inKey = kind === 'partitionKey' || kind === 'clustering'
    if (!old) {
      if (!inKey) changes.push({ up: `ALTER TABLE ${name} ADD ${quoteIdentifier(column)} ${typeToCql(type)}${kind === 'static' ? ' static' : ''}`, down: `ALTER TABLE ${name} DROP ${quoteIdentifier(column)}`, loses: undefined })
    } else if (!inKey && typeToCql(old.type) !== typeToCql(type)) {
      conflicts.push({ where: `column ${wanted.name}.${column}`, reason: `it is ${typeToCql(old.type)} and should be ${typeToCql(type)}, but types of columns cannot be changed: add a column of another name, and fill it` })
    } else if (!inKey && old.kind !== kind) conflicts.push({ where: `column ${wanted.name}.${column}`, reason: `it is ${old.kind} and should be ${kind}: add a column of another name` })
  }
  for (const [index, metadata] of wanted.indexes) if (!live.indexes.has(index)) changes.push(createIndex(metadata, wanted))
  for (const [index, metadata] of live.indexes) if (!wanted.indexes.has(index)) drops.push({ up: dropIndex(metadata), down: createIndex(metadata, live).up, loses: undefined })
  for (const [column, { type, kind }] of live.columns) {
    if (wanted.columns.has(column) || kind === 'partitionKey' || kind === 'clustering') continue
    drops.push({ up: `ALTER TABLE ${name} DROP ${quoteIdentifier(column)}`, down: `ALTER TABLE ${name} ADD ${quoteIdentifier(column)} ${typeToCql(type)}${kind === 'static' ? ' static' : ''}`, loses: `column:${wanted.name}.${column}` })
  }
  changes.push(...optionChanges('TABLE', live, wanted))
  return { changes, drops, conflicts }
}

/** Options that are declared, and other ones live. */
function optionChanges(what: string, live: RelationMetadata, wanted: RelationMetadata): Change[] {
  const options = Object.entries(wanted.options).filter(([option, value]) => value !== undefined && optionText(live.options[option]) !== optionText(value))
  if (options.length === 0) return []
  const clauses = (of: readonly (readonly [string, unknown])[]): string => `ALTER ${what} ${quoteIdentifier(wanted.name)} WITH ${of.map(([option, value]) => `${option} = ${optionText(value)}`).join(' AND ')}`
  const before = options.map(([option]) => [option, live.options[option]] as const)
  return [{ up: clauses(options), down: before.every(([, value]) => value !== undefined && value !== null) ? clauses(before) : undefined, loses: undefined }]
}

/** An option's value as CQL has it: maps in one order, whatever they come in. */
function optionText(value: unknown): string {
  if (typeof value === 'string') return quoteText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = [...(value instanceof Map ? (value as Map<string, unknown>) : Object.entries(value))].map(([name, each]) => [name, String(each)] as const)
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => `${quoteText(name)}: ${quoteText(each)}`).join(', ')}}`
}
