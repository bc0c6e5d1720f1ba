import { freezeType, typeToCql } from '../codecs/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import type { AlterTableStatement, AlterTypeStatement, CreateKeyspaceStatement, CreateTableStatement, CreateTypeStatement, DropStatement, OptionValue, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { SchemaChange } from '../protocol/index.js'
import { invalid, Refusal } from './errors.js'
import { isComplex, Keyspace, refersTo, replaceUdt, Table } from './schema.js'
import type { TableColumn } from './schema.js'
import { resolveType } from './terms.js'

/** Where schema statements look things up. */
export interface SchemaContext {
  readonly keyspaces: Map<string, Keyspace>
  /** The keyspace of unqualified names. */
  readonly current: string | undefined
}

/** The keyspace of a name. @throws Refusal when none is named, or it does not exist */
export function keyspaceOf(context: SchemaContext, named: string | undefined): Keyspace {
  const name = named ?? context.current
  if (name === undefined) throw invalid('No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename')
  const keyspace = context.keyspaces.get(name)
  if (!keyspace) throw invalid(`Keyspace '${name}' doesn't exist`)
  return keyspace
}

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
      refuseSystem(keyspace)
      if (statement.options['replication'] !== undefined) keyspace.replication = replicationOf(statement.options)
      keyspace.durableWrites = statement.options['durable_writes'] !== false
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
    case 'drop':
      return drop(statement, context)
    default:
      throw invalid(`The embedded server does not do ${statement.kind.toUpperCase()} yet`)
  }
}

function refuseSystem(keyspace: Keyspace): void {
  if (keyspace.system) throw new Refusal(errorCodes.UNAUTHORIZED, `${keyspace.name} keyspace is not user-modifiable.`)
}

function replicationOf(options: Readonly<Record<string, OptionValue>>): Record<string, string> {
  const given = options['replication']
  if (typeof given !== 'object') throw new Refusal(errorCodes.CONFIG_ERROR, "Missing mandatory option 'replication'")
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
  return { ...replication, class: `org.apache.cassandra.locator.${short}` }
}

function createKeyspace(statement: CreateKeyspaceStatement, context: SchemaContext): SchemaChange | undefined {
  const { name } = statement.keyspace
  if (context.keyspaces.has(name)) {
    if (statement.ifNotExists) return undefined
    throw new Refusal(errorCodes.ALREADY_EXISTS, `Cannot add existing keyspace "${name}"`, { keyspace: name, table: '' })
  }
  if (!/^\w{1,48}$/.test(name)) throw invalid(`Keyspace name must not be empty, more than 48 characters long, or contain non-alphanumeric-underscore characters (got "${name}")`)
  context.keyspaces.set(name, new Keyspace(name, replicationOf(statement.options), statement.options['durable_writes'] !== false))
  return { change: 'CREATED', target: 'KEYSPACE', keyspace: name }
}

function createTable(statement: CreateTableStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.table.keyspace)
  const { name } = statement.table
  refuseSystem(keyspace)
  if (keyspace.tables.has(name)) {
    if (statement.ifNotExists) return undefined
    throw new Refusal(errorCodes.ALREADY_EXISTS, `Cannot add already existing table "${name}" to keyspace "${keyspace.name}"`, { keyspace: keyspace.name, table: name })
  }
  const columns = tableColumns(statement, keyspace)
  keyspace.tables.set(name, new Table(keyspace.name, name, columns, statement.options))
  return { change: 'CREATED', target: 'TABLE', keyspace: keyspace.name, name }
}

/** The columns that a CREATE TABLE defines. @throws Refusal */
export function tableColumns(statement: CreateTableStatement, keyspace: Keyspace): TableColumn[] {
  const { partitionKey, clusteringKey } = statement
  if (partitionKey.length === 0) throw invalid(`No PRIMARY KEY specifed for table '${keyspace.name}.${statement.table.name}' (exactly one required)`)
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
      position: partition >= 0 ? partition : clustering, descending: order?.descending ?? false,
    }
  })
  for (const key of [...partitionKey, ...clusteringKey]) if (!seen.has(key.name)) throw invalid(`Unknown column '${key.name}' referenced in PRIMARY KEY for table '${statement.table.name}'`)
  for (const { column } of statement.clusteringOrder) {
    if (!clusteringKey.some((key) => key.name === column.name)) throw invalid(`Only clustering key columns can be defined in CLUSTERING ORDER directive: ${column.name} is not a clustering column`)
  }
  if (clusteringKey.length === 0 && columns.some((column) => column.kind === 'static')) throw invalid('Static columns are only useful (and thus allowed) if the table has at least one clustering column')
  const counters = columns.filter((column) => column.type.kind === 'counter')
  const others = columns.filter((column) => (column.kind === 'regular' || column.kind === 'static') && column.type.kind !== 'counter')
  if (counters.length > 0 && others.length > 0) throw invalid('Cannot mix counter and non counter columns in the same table')
  return columns
}

/** Collections and user-defined types inside others must be frozen. */
function refuseUnfrozen(type: CqlType, outermost: boolean): void {
  if (!outermost && isComplex(type)) {
    throw invalid(type.kind === 'udt' ? `Non-frozen UDTs are not allowed inside collections: ${typeToCql(type)}` : `Non-frozen collections are not allowed inside collections: ${typeToCql(type)}`)
  }
  if (!outermost || !isComplex(type)) return // what is inside something frozen is frozen with it
  if (type.kind === 'map') for (const inner of [type.key, type.value]) refuseUnfrozen(inner, false)
  else if (type.kind === 'list' || type.kind === 'set') refuseUnfrozen(type.element, false)
  else if (type.kind === 'udt') for (const field of type.fields) if (isComplex(field.type) && field.type.kind !== 'udt') throw invalid(`A user type cannot contain non-frozen collections: ${field.name}`)
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

function alterTable(statement: AlterTableStatement, context: SchemaContext): SchemaChange | undefined {
  const keyspace = keyspaceOf(context, statement.table.keyspace)
  const { name } = statement.table
  refuseSystem(keyspace)
  const table = keyspace.tables.get(name)
  if (!table) {
    if (statement.ifExists) return undefined
    throw invalid(`Table '${keyspace.name}.${name}' doesn't exist`)
  }
  const { change } = statement
  switch (change.kind) {
    case 'add': {
      const added = change.columns.filter(({ column }) => {
        if (!table.column(column.name)) return true
        if (change.ifNotExists) return false
        throw invalid(`Column with name '${column.name}' already exists`)
      })
      table.setColumns([...table.columns, ...added.map((definition): TableColumn => {
        const type = resolveType(definition.type.text, keyspace)
        refuseUnfrozen(type, true)
        if (table.isCounter !== (type.kind === 'counter')) throw invalid(`Cannot mix counter and non counter columns in the same table`)
        return { name: definition.column.name, type, kind: definition.isStatic ? 'static' : 'regular', position: -1, descending: false }
      })])
      break
    }
    case 'drop':
      for (const { name: dropped } of change.columns) {
        const column = table.column(dropped)
        if (!column) {
          if (change.ifExists) continue
          throw invalid(`Column ${dropped} was not found in table '${keyspace.name}.${name}'`)
        }
        if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`Cannot drop PRIMARY KEY column ${dropped}`)
        table.setColumns(table.columns.filter((other) => other !== column))
        table.store.dropColumn(dropped)
      }
      break
    case 'rename':
      for (const { from, to } of change.columns) {
        const column = table.column(from.name)
        if (!column) {
          if (change.ifExists) continue
          throw invalid(`Column ${from.name} was not found in table '${keyspace.name}.${name}'`)
        }
        if (column.kind !== 'partition_key' && column.kind !== 'clustering') throw invalid(`Cannot rename non PRIMARY KEY column ${from.name}`)
        if (table.column(to.name)) throw invalid(`Cannot rename column ${from.name} to ${to.name} in table '${keyspace.name}.${name}'; another column with that name already exists`)
        table.setColumns(table.columns.map((other) => (other === column ? { ...column, name: to.name } : other)))
      }
      break
    case 'with':
      table.options = { ...table.options, ...change.options }
  }
  return { change: 'UPDATED', target: 'TABLE', keyspace: keyspace.name, name }
}

function drop(statement: DropStatement, context: SchemaContext): SchemaChange | undefined {
  const { target, name } = statement
  if (target === 'keyspace') {
    const keyspace = context.keyspaces.get(name.name)
    if (!keyspace) {
      if (statement.ifExists) return undefined
      throw new Refusal(errorCodes.CONFIG_ERROR, `Keyspace '${name.name}' doesn't exist`)
    }
    refuseSystem(keyspace)
    context.keyspaces.delete(name.name)
    return { change: 'DROPPED', target: 'KEYSPACE', keyspace: name.name }
  }
  if (statement.ifExists && (name.keyspace ?? context.current) !== undefined && !context.keyspaces.has((name.keyspace ?? context.current)!)) return undefined
  const keyspace = keyspaceOf(context, name.keyspace)
  refuseSystem(keyspace)
  if (target === 'table') {
    if (!keyspace.tables.delete(name.name)) {
      if (statement.ifExists) return undefined
      throw invalid(`Table '${keyspace.name}.${name.name}' doesn't exist`)
    }
    return { change: 'DROPPED', target: 'TABLE', keyspace: keyspace.name, name: name.name }
  }
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
  throw invalid(`Index '${keyspace.name}.${name.name}' doesn't exist`)
}
