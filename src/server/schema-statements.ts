import type { UdtType } from '../codecs/index.js'
import type { AlterTypeStatement, CreateKeyspaceStatement, CreateTriggerStatement, CreateTypeStatement, DropStatement, OptionValue, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { invalid, Refusal } from './errors.js'
import { createIndex, dropIndex } from './index-statements.js'
import { keyspaceOf, refuseSystem } from './schema-context.js'
import type { SchemaContext } from './schema-context.js'
import { Keyspace, refersTo, replaceUdt } from './schema.js'
import { resolveType } from './terms.js'
import { alterTable, createTable, dropTable } from './table-statements.js'
import { alterView, createView, dropView } from './view-statements.js'

/**
 * Changes the schema.
 *
 * @returns what has changed, or undefined when IF [NOT] EXISTS left everything as it was
 * @throws Refusal with Cassandra's words
 */
export function executeSchemaStatement(statement: Statement, context: SchemaContext): SchemaChange | undefined {
  switch (statement.kind) {
    case 'create keyspace':
      return createKeyspace(statement, context)
    case 'alter keyspace': {
      const keyspace = context.keyspaces.get(statement.keyspace.name)
      if (!keyspace) {
        if (statement.ifExists) return undefined
        throw invalid(`Keyspace '${statement.keyspace.name}' doesn't exist`)
      }
      if (keyspace.name !== 'system_auth' && keyspace.name !== 'system_traces') refuseSystem(keyspace)
      const before = replicasOf(keyspace)
      if (statement.options['replication'] !== undefined) keyspace.replication = replicationOf(statement.options, context)
      warnOfReplication(keyspace, context)
      if (replicasOf(keyspace) > before) context.warn('When increasing replication factor you need to run a full (-full) repair to distribute the data.')
      if (statement.options['durable_writes'] !== undefined) keyspace.durableWrites = statement.options['durable_writes'] !== false
      return { change: 'UPDATED', target: 'KEYSPACE', keyspace: keyspace.name }
    }
    case 'create table':
      return createTable(statement, context)
    case 'alter table':
      return alterTable(statement, context)
    case 'create type':
      return createType(statement, context)
    case 'alter type':
      return alterType(statement, context)
    case 'create index':
      return createIndex(statement, context)
    case 'create view':
      return createView(statement, context)
    case 'alter view':
      return alterView(statement, context)
    case 'drop':
      return drop(statement, context)
    case 'create function':
    case 'create aggregate':
      throw invalid('User-defined functions are disabled in cassandra.yaml - set user_defined_functions_enabled=true to enable')
    case 'create trigger':
      return createTrigger(statement, context)
    default:
      throw invalid(`The embedded server does not do ${statement.kind.toUpperCase()} yet`)
  }
}

/** Triggers are Java classes, none of which are here. */
function createTrigger({ table: { keyspace: given, name }, using }: CreateTriggerStatement, context: SchemaContext): never {
  const keyspace = keyspaceOf(context, given)
  if (keyspace.system) throw invalid(`System keyspace '${keyspace.name}' is not user-modifiable`)
  if (keyspace.views.has(name)) throw invalid('Cannot CREATE TRIGGER for a materialized view')
  if (!keyspace.tables.has(name)) throw invalid(`Table '${name}' doesn't exist`)
  throw invalid(`Trigger class '${using}' couldn't be loaded`)
}

function replicationOf(options: Readonly<Record<string, OptionValue>>, { dataCenters }: SchemaContext): Record<string, string> {
  const given = options['replication']
  if (typeof given !== 'object') throw invalid("Missing mandatory option 'replication'")
  const replication = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
  const strategy = replication['class']
  if (strategy === undefined) throw new Refusal(errorCodes.CONFIG_ERROR, 'Missing replication strategy class')
  const short = strategy.replace('org.apache.cassandra.locator.', '')
  if (!['SimpleStrategy', 'NetworkTopologyStrategy', 'LocalStrategy', 'EverywhereStrategy'].includes(short)) {
    throw new Refusal(errorCodes.CONFIG_ERROR, `Unable to find replication strategy class 'org.apache.cassandra.locator.${short}'`)
  }
  for (const [name, value] of Object.entries(replication)) {
    if (name !== 'class' && !/^\d+(\/\d+)?$/.test(value)) throw new Refusal(errorCodes.CONFIG_ERROR, `Replication factor must be numeric and non-negative, found '${value}'`)
  }
  const { class: _, replication_factor: everywhere, ...places } = replication
  // A factor for all data centres is one for each that the cluster has (`NetworkTopologyStrategy.java`).
  if (short === 'NetworkTopologyStrategy' && everywhere !== undefined) for (const name of dataCenters.keys()) places[name] ??= everywhere
  return { class: `org.apache.cassandra.locator.${short}`, ...places, ...(short !== 'NetworkTopologyStrategy' && everywhere !== undefined && { replication_factor: everywhere }) }
}

/** All replicas of a partition. */
function replicasOf({ replication }: Keyspace): number {
  return Object.entries(replication).reduce((sum, [name, factor]) => sum + (name === 'class' ? 0 : Number(factor.split('/')[0])), 0)
}

function warnOfReplication({ name, replication }: Keyspace, { dataCenters, warn }: SchemaContext): void {
  const { class: strategy, ...factors } = replication
  for (const [option, text] of Object.entries(factors)) {
    const factor = Number(text.split('/')[0])
    const isSimple = strategy!.endsWith('SimpleStrategy')
    const nodes = isSimple ? [...dataCenters.values()].reduce((sum, count) => sum + count, 0) : (dataCenters.get(option) ?? 0)
    if (factor > nodes && nodes > 0) warn(`Your replication factor ${factor} for keyspace ${name} is higher than the number of nodes ${nodes}${isSimple ? '' : ` for datacenter ${option}`}`)
  }
}

function createKeyspace(statement: CreateKeyspaceStatement, context: SchemaContext): SchemaChange | undefined {
  const { name } = statement.keyspace
  if (context.keyspaces.has(name)) {
    if (statement.ifNotExists) return undefined
    throw new Refusal(errorCodes.ALREADY_EXISTS, `Cannot add existing keyspace "${name}"`, { keyspace: name, table: '' })
  }
  if (!/^\w{1,48}$/.test(name)) throw invalid(`Keyspace name must not be empty, more than 48 characters long, or contain non-alphanumeric-underscore characters (got "${name}")`)
  const keyspace = new Keyspace(name, replicationOf(statement.options, context), statement.options['durable_writes'] !== false)
  context.keyspaces.set(name, keyspace)
  warnOfReplication(keyspace, context)
  return { change: 'CREATED', target: 'KEYSPACE', keyspace: name }
}

function createType(statement: CreateTypeStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.type.keyspace)
  const { name } = statement.type
  refuseSystem(keyspace)
  if (keyspace.types.has(name)) {
    if (statement.ifNotExists) return undefined
    throw invalid(`A user type with name '${name}' already exists`)
  }
  const names = statement.fields.map((field) => field.name.name)
  const duplicate = names.find((field, i) => names.indexOf(field) !== i)
  if (duplicate !== undefined) throw invalid(`Duplicate field name '${duplicate}' in type '${name}'`)
  const fields = statement.fields.map((field) => ({ name: field.name.name, type: resolveType(field.type.text, keyspace) }))
  for (const field of fields) if (field.type.kind === 'counter') throw invalid('A user type cannot contain counters')
  keyspace.types.set(name, { kind: 'udt', keyspace: keyspace.name, name, fields })
  return { change: 'CREATED', target: 'TYPE', keyspace: keyspace.name, name }
}

function alterType(statement: AlterTypeStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.type.keyspace)
  const { name } = statement.type
  const type = keyspace.types.get(name)
  if (!type) {
    if (statement.ifExists) return undefined
    throw invalid(`Type ${keyspace.name}.${name} doesn't exist`)
  }
  const { change } = statement
  let changed: UdtType
  if (change.kind === 'add') {
    if (type.fields.some((field) => field.name === change.field.name)) {
      if (change.ifNotExists) return undefined
      throw invalid(`Cannot add field ${change.field.name} to type ${keyspace.name}.${name}: a field with name ${change.field.name} already exists`)
    }
    changed = { ...type, fields: [...type.fields, { name: change.field.name, type: resolveType(change.type.text, keyspace) }] }
  } else {
    const renames = new Map(change.fields.map(({ from, to }) => [from.name, to.name]))
    for (const from of renames.keys()) if (!type.fields.some((field) => field.name === from)) throw invalid(`Unkown field ${from} in user type ${name}`)
    changed = { ...type, fields: type.fields.map((field) => ({ ...field, name: renames.get(field.name) ?? field.name })) }
  }
  keyspace.types.set(name, changed)
  for (const [other, definition] of keyspace.types) if (other !== name) keyspace.types.set(other, replaceUdt(definition, changed) as UdtType)
  for (const table of keyspace.tables.values()) {
    if (table.columns.some((column) => refersTo(column.type, keyspace.name, name))) table.setColumns(table.columns.map((column) => ({ ...column, type: replaceUdt(column.type, changed) })))
  }
  return { change: 'UPDATED', target: 'TYPE', keyspace: keyspace.name, name }
}

function drop(statement: DropStatement, context: SchemaContext): SchemaChange | undefined {
  const { target, name } = statement
  if (target === 'keyspace') {
    const keyspace = context.keyspaces.get(name.name)
    if (!keyspace) {
      if (statement.ifExists) return undefined
      throw invalid(`Keyspace '${name.name}' doesn't exist`)
    }
    refuseSystem(keyspace)
    context.keyspaces.delete(name.name)
    return { change: 'DROPPED', target: 'KEYSPACE', keyspace: name.name }
  }
  if (statement.ifExists && (name.keyspace ?? context.current) !== undefined && !context.keyspaces.has((name.keyspace ?? context.current)!)) return undefined
  const keyspace = keyspaceOf(context, (statement.table ?? name).keyspace)
  refuseSystem(keyspace)
  if (target === 'table') return dropTable(statement, keyspace)
  if (target === 'index') return dropIndex(statement, keyspace)
  if (target === 'materialized view') return dropView(statement, keyspace)
  if (target === 'type') {
    if (!keyspace.types.has(name.name)) {
      if (statement.ifExists) return undefined
      throw invalid(`Type '${keyspace.name}.${name.name}' doesn't exist`)
    }
    const user = [...keyspace.tables.values()].find((table) => table.columns.some((column) => refersTo(column.type, keyspace.name, name.name)))
    if (user) throw invalid(`Cannot drop user type '${keyspace.name}.${name.name}' as it is still used by tables [${user.name}]`)
    const container = [...keyspace.types.values()].find((type) => type.name !== name.name && refersTo(type, keyspace.name, name.name))
    if (container) throw invalid(`Cannot drop user type '${keyspace.name}.${name.name}' as it is still used by user types [${container.name}]`)
    keyspace.types.delete(name.name)
    return { change: 'DROPPED', target: 'TYPE', keyspace: keyspace.name, name: name.name }
  }
  if (statement.ifExists) return undefined
  if (target === 'trigger') {
    const { table } = statement
    if (!keyspace.tables.has(table!.name)) throw invalid(`Table '${keyspace.name}.${table!.name}' doesn't exist`)
    throw invalid(`Trigger '${name.name}' on '${keyspace.name}.${table!.name}' doesn't exist`)
  }
  throw invalid(`${target.slice(0, 1).toUpperCase()}${target.slice(1)} '${keyspace.name}.${name.name}' doesn't exist`)
}
