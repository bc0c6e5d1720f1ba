import type { Permission, QualifiedName, RelationTarget, SelectStatement, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import { Refusal } from './errors.js'
import { tableOfIndex } from './index-statements.js'
import { chainOf, dataResource, keyspaceOfResource, showResource } from './resources.js'
import type { ResourceName } from './resources.js'
import type { Roles } from './roles.js'
import type { Keyspace, Table } from './schema.js'
import { View } from './view.js'

/** Who a client is. */
export interface User {
  readonly roles: Roles
  /** Undefined where nobody was asked. */
  readonly name: string | undefined
}

/** Where names of statements are looked up. */
interface Names {
  readonly keyspaces: ReadonlyMap<string, Keyspace>
  readonly current: string | undefined
}

/** Everybody may read these, since tools and drivers do (`ClientState.java`). */
const readable: Readonly<Record<string, readonly string[] | 'all'>> = { system: ['local', 'peers', 'peers_v2', 'size_estimates', 'table_estimates'], system_schema: 'all', system_traces: 'all', system_virtual_schema: 'all' }

/** The client may not do that. */
export function unauthorized(message: string): Refusal {
  return new Refusal(errorCodes.UNAUTHORIZED, message)
}

/** Whether a user has a permission, by grants on the resource or on one above it. */
export function hasPermission({ roles, name }: User, permission: Permission, resource: ResourceName): boolean {
  if (!roles.isEnabled) return true
  if (name === undefined) return false
  const keyspace = keyspaceOfResource(resource)
  const isSystem = keyspace === 'system' || keyspace?.startsWith('system_') === true
  // What is granted on all keyspaces is not meant for Cassandra's own.
  return roles.has(name, permission, isSystem && !roles.isSuperuser(name) ? chainOf(resource).slice(0, -1) : chainOf(resource))
}

/** @throws Refusal when a user does not have a permission */
export function ensurePermission(user: User, permission: Permission, resource: ResourceName): void {
  if (!hasPermission(user, permission, resource)) throw unauthorized(`User ${user.name} has no ${permission} permission on ${showResource(resource)} or any of its parents`)
}

/**
 * Refuses what a user may not do with keyspaces and tables. What roles may do with roles is seen to where it is done.
 *
 * @throws Refusal with code UNAUTHORIZED
 */
export function authorize(statement: Statement, user: User, names: Names): void {
  const on = (permission: Permission, keyspace: string | undefined, table?: string): void => {
    if (keyspace === undefined) return // refused later, in other words
    if (permission === 'CREATE' || permission === 'ALTER' || permission === 'DROP') refuseSystemSchema(permission, keyspace, table)
    ensurePermission(user, permission, dataResource(keyspace, table))
  }
  const onTable = (permission: Permission, { keyspace, name }: QualifiedName): void => on(permission, keyspace ?? names.current, name)
  switch (statement.kind) {
    case 'select':
      return authorizeSelect(statement, user, names)
    case 'insert':
    case 'update':
    case 'delete': {
      const { table } = statement
      if (!tableOf(table, names)) return // that there is none is told to everybody
      onTable('MODIFY', table)
      const views = viewsOf(table, names)
      // Conditions tell what is there, and views need to know it.
      if ((statement.kind === 'insert' ? statement.ifNotExists : statement.conditions !== undefined) || views.length > 0) onTable('SELECT', table)
      for (const view of views) onTable('MODIFY', { ...table, name: view })
      return
    }
    case 'batch':
      for (const part of statement.statements) authorize(part, user, names)
      return
    case 'truncate':
      return onTable('MODIFY', statement.table)
    case 'create keyspace':
      return ensurePermission(user, 'CREATE', 'data')
    case 'alter keyspace':
      return on('ALTER', statement.keyspace.name)
    case 'create table':
      return on('CREATE', statement.table.keyspace ?? names.current, '*')
    case 'create type':
      return on('CREATE', statement.type.keyspace ?? names.current, '*')
    case 'alter type':
      return on('ALTER', statement.type.keyspace ?? names.current, '*')
    case 'alter table':
    case 'create index':
    case 'create view':
      return onTable('ALTER', statement.table)
    case 'alter view':
      return onTable('ALTER', baseOf(statement.view, names))
    case 'create trigger':
      return ensureSuperuser(user, 'Only superusers are allowed to perform CREATE TRIGGER queries')
    case 'drop':
      switch (statement.target) {
        case 'keyspace':
          return on('DROP', statement.name.name)
        case 'table':
          return onTable('DROP', statement.name)
        case 'type':
          return on('DROP', statement.name.keyspace ?? names.current, '*')
        case 'materialized view':
          return onTable('ALTER', baseOf(statement.name, names))
        case 'index': {
          const table = tableOfIndexNamed(statement.name, names)
          return table && onTable('ALTER', table)
        }
        case 'trigger':
          return ensureSuperuser(user, 'Only superusers are allowed to perfrom DROP TRIGGER queries')
        default:
          return
      }
    default:
  }
}

function authorizeSelect({ table, where }: SelectStatement, user: User, names: Names): void {
  const found = tableOf(table, names)
  if (!found) return // that there is none is told to everybody
  const { keyspace } = found
  const free = readable[keyspace]
  if (free === 'all' || free?.includes(table.name) === true) return
  // Who may read a table may read its views.
  ensurePermission(user, 'SELECT', dataResource(keyspace, found instanceof View ? found.definition.base.name : found.name))
  const asked = found.columns.filter(({ name, mask }) => mask && where.some(({ target }) => namesOf(target).includes(name)))
  if (asked.length > 0 && !hasPermission(user, 'UNMASK', dataResource(keyspace, table.name)) && !hasPermission(user, 'SELECT_MASKED', dataResource(keyspace, table.name))) {
    throw unauthorized(`User ${user.name} has no UNMASK nor SELECT_MASKED permission on table ${keyspace}.${table.name}, cannot query masked columns [${asked.map(({ name }) => name).sort().join(', ')}]`)
  }
}

function namesOf(target: RelationTarget): string[] {
  switch (target.kind) {
    case 'column':
    case 'element':
      return [target.column.name]
    default:
      return target.columns.map(({ name }) => name)
  }
}

/** Cassandra's own tables stay as they are; how often those of `system_auth` and the like are kept may be said. */
function refuseSystemSchema(permission: Permission, keyspace: string, table: string | undefined): void {
  if (keyspace === 'system' || keyspace === 'system_schema') throw unauthorized(`${keyspace} keyspace is not user-modifiable.`)
  if (['system_auth', 'system_traces', 'system_distributed'].includes(keyspace) && (permission !== 'ALTER' || table !== undefined)) throw unauthorized(`Cannot ${permission} ${showResource(dataResource(keyspace, table))}`)
}

function keyspaceOf({ keyspace }: QualifiedName, { keyspaces, current }: Names): Keyspace | undefined {
  return keyspaces.get(keyspace ?? current ?? '')
}

function tableOf(table: QualifiedName, names: Names): Table | undefined {
  const keyspace = keyspaceOf(table, names)
  return keyspace?.tables.get(table.name) ?? keyspace?.views.get(table.name)
}

function ensureSuperuser({ roles, name }: User, message: string): void {
  if (!roles.isEnabled) return
  if (name === undefined || !roles.isSuperuser(name)) throw unauthorized(message)
}

function viewsOf(table: QualifiedName, names: Names): string[] {
  const views = keyspaceOf(table, names)?.views.values() ?? []
  return [...views].filter(({ definition }) => definition.base.name === table.name).map((view) => view.name)
}

function baseOf(view: QualifiedName, names: Names): QualifiedName {
  const base = keyspaceOf(view, names)?.views.get(view.name)?.definition.base
  return base ? { ...view, name: base.name } : view
}

function tableOfIndexNamed(index: QualifiedName, names: Names): QualifiedName | undefined {
  const keyspace = keyspaceOf(index, names)
  const table = keyspace && tableOfIndex(keyspace, index.name)
  return table && { ...index, name: table.name }
}
