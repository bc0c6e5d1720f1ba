import { scalar } from '../codecs/index.js'
import type { Column, CqlType } from '../codecs/index.js'
import type { DropStatement, GrantPermissionStatement, GrantRoleStatement, ListPermissionsStatement, ListRolesStatement, RoleOptions, RoleStatement, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { ResultMessage } from '../protocol/index.js'
import { ensurePermission, hasPermission, unauthorized } from './authorize.js'
import type { User } from './authorize.js'
import { hashPassword, isPasswordHash } from './bcrypt.js'
import { invalid, Refusal } from './errors.js'
import { applicablePermissions, chainOf, grantable, keyspaceOfResource, partsOf, permissions as allPermissions, resourceOf, roleResource, showResource } from './resources.js'
import type { ResourceName } from './resources.js'
import type { Role } from './roles.js'
import type { SchemaContext } from './schema-context.js'
import { encodeValue } from './values.js'

/** Where statements of roles are executed. */
export interface RoleContext extends SchemaContext {
  readonly user: User
}

const VOID: ResultMessage = { type: 'RESULT', kind: 'VOID' }

/**
 * Executes a statement of roles and permissions.
 *
 * @returns what Cassandra answers, or undefined for statements of another kind
 * @throws Refusal with Cassandra's words
 */
export function executeRoleStatement(statement: Statement, context: RoleContext): ResultMessage | undefined {
  switch (statement.kind) {
    case 'create role':
    case 'alter role': {
      const { password, hashedPassword } = statement.options
      if (password !== undefined && hashedPassword !== undefined) throw new Refusal(errorCodes.SYNTAX_ERROR, "Options 'password' and 'hashed password' are mutually exclusive")
      return statement.kind === 'create role' ? createRole(statement, context) : alterRole(statement, context)
    }
    case 'drop':
      if (statement.target === 'identity') return dropIdentity(statement, context)
      return statement.target === 'role' || statement.target === 'user' ? dropRole(statement, context) : undefined
    case 'grant role':
    case 'revoke role':
      return moveRole(statement, context)
    case 'grant':
    case 'revoke':
      return grantOrRevoke(statement, context)
    case 'list roles':
    case 'list users':
      return listRoles(statement, context)
    case 'list permissions':
      return listPermissions(statement, context)
    case 'add identity': {
      ensureMay(context.user, 'CREATE', roleResource(context.user.name ?? ''))
      ensureNotAnonymous(context.user)
      const { roles } = context.user
      if (!roles.get(statement.role)) throw invalid(`Can not add identity for non-existent role '${statement.role}'`)
      if (!roles.hasIdentity(statement.identity)) roles.addIdentity(statement.identity, statement.role)
      else if (!statement.ifNotExists) throw invalid(`${statement.identity} already exists`)
      return VOID
    }
    default:
      return undefined
  }
}

function ensureNotAnonymous({ name }: User): void {
  if (name === undefined) throw unauthorized('You have to be logged in and not anonymous to perform this request')
}

/** As `ensurePermission`, in the words of statements of roles. */
function ensureMay(user: User, permission: Parameters<typeof hasPermission>[1], resource: ResourceName): void {
  if (!hasPermission(user, permission, resource)) throw unauthorized(`User ${user.name} does not have sufficient privileges to perform the requested operation`)
}

function isSuperuser({ roles, name }: User): boolean {
  return name !== undefined && roles.isSuperuser(name)
}

function checkOptions(options: RoleOptions, { user, dataCenters }: RoleContext): void {
  const supported = user.roles.isEnabled ? ['login', 'superuser', 'password', 'hashedPassword'] : ['login', 'superuser']
  for (const [option, name] of [['password', 'PASSWORD'], ['hashedPassword', 'HASHED_PASSWORD'], ['options', 'OPTIONS']] as const) {
    if (options[option] !== undefined && !supported.includes(option)) throw invalid(`org.apache.cassandra.auth.CassandraRoleManager doesn't support ${name}`)
  }
  if (options.hashedPassword !== undefined && !isPasswordHash(options.hashedPassword)) throw invalid('Invalid hashed password value. Please use jBcrypt.')
  const places = options.dataCenters
  if (Array.isArray(places) && places.some((place: string) => !dataCenters.has(place))) throw invalid(`Invalid value(s) for DATACENTERS '[${places.join(', ')}]',All values must be valid datacenters`)
  if (Array.isArray(options.cidrs) && options.cidrs.length > 0) throw invalid(`Invalid CIDR group(s): [${options.cidrs.join(', ')}]. Available CIDR Groups are: []`)
}

function hashOf({ password, hashedPassword }: RoleOptions): string | undefined {
  return password === undefined ? hashedPassword : hashPassword(password)
}

function createRole({ role: { name }, options, conditional, asUser }: RoleStatement, context: RoleContext): ResultMessage {
  const { user } = context
  const { roles } = user
  ensureMay(user, 'CREATE', 'roles')
  if (options.superuser === true && !isSuperuser(user)) throw unauthorized('Only superusers can create a role with superuser status')
  checkOptions(options, context)
  if (name === '') throw invalid("Role name can't be an empty string")
  ensureNotAnonymous(user)
  if (roles.get(name)) {
    if (conditional) return VOID
    throw invalid(`${name} already exists`)
  }
  roles.put({ name, isSuperuser: options.superuser ?? false, canLogin: asUser || options.login === true, hash: hashOf(options), memberOf: new Set() })
  roles.grant(user.name!, applicablePermissions(roleResource(name)), roleResource(name))
  return VOID
}

function alterRole({ role: { name }, options, conditional }: RoleStatement, context: RoleContext): ResultMessage {
  const { user } = context
  authorizeAlter(name, options, user)
  checkOptions(options, context)
  if (Object.values(options).every((value) => value === undefined)) throw invalid("ALTER [ROLE|USER] can't be empty")
  ensureNotAnonymous(user)
  const role = user.roles.get(name)
  if (!role) {
    if (conditional) return VOID
    throw invalid(`Role ${name} doesn't exist`)
  }
  if (options.dataCenters !== undefined) throw invalid('ACCESS TO DATACENTERS operations not supported by AllowAllNetworkAuthorizer')
  user.roles.put({ ...role, isSuperuser: options.superuser ?? role.isSuperuser, canLogin: options.login ?? role.canLogin, hash: hashOf(options) ?? role.hash })
  return VOID
}

function authorizeAlter(name: string, options: RoleOptions, user: User): void {
  const isSuper = isSuperuser(user)
  if (options.superuser !== undefined && user.name !== undefined && user.roles.rolesOf(user.name).has(name)) throw unauthorized("You aren't allowed to alter your own superuser status or that of a role granted to you")
  if (options.superuser !== undefined && !isSuper) throw unauthorized('Only superusers are allowed to alter superuser status')
  if (options.dataCenters !== undefined && !isSuper) throw unauthorized('Only superusers are allowed to alter access to datacenters.')
  if (options.cidrs !== undefined && !isSuper) throw unauthorized('Only superusers are allowed to alter access from CIDR groups.')
  if (isSuper) return
  if (user.name !== name) return ensureMay(user, 'ALTER', roleResource(name))
  if (options.login !== undefined) throw unauthorized("You aren't allowed to alter LOGIN")
}

function dropRole({ name: { name }, ifExists }: DropStatement, { user }: RoleContext): ResultMessage {
  const { roles } = user
  ensureMay(user, 'DROP', roleResource(name))
  const role = roles.get(name)
  if (role && roles.isSuperuser(name) && !isSuperuser(user)) throw unauthorized('Only superusers can drop a role with superuser status')
  ensureNotAnonymous(user)
  if (!role && !ifExists) throw invalid(`${name} doesn't exist`)
  if (user.name === name) throw invalid('Cannot DROP primary role for current login')
  if (role) roles.drop(name)
  return VOID
}

function dropIdentity({ name: { name }, ifExists }: DropStatement, { user }: RoleContext): ResultMessage {
  ensureMay(user, 'DROP', roleResource(user.name ?? ''))
  ensureNotAnonymous(user)
  if (user.roles.hasIdentity(name)) user.roles.dropIdentity(name)
  else if (!ifExists) throw invalid(`identity '${name}' doesn't exist`)
  return VOID
}

/** GRANT and REVOKE of a role. */
function moveRole({ kind, role: { name }, grantee: { name: member } }: GrantRoleStatement, { user }: RoleContext): ResultMessage {
  const { roles } = user
  ensureMay(user, 'AUTHORIZE', roleResource(name))
  ensureNotAnonymous(user)
  for (const each of [name, member]) if (!roles.get(each)) throw invalid(`${each} doesn't exist`)
  const of = roles.get(member)!
  if (kind === 'revoke role') {
    if (!of.memberOf.has(name)) throw invalid(`${member} is not a member of ${name}`)
    roles.leave(of, name)
    return VOID
  }
  if (roles.rolesOf(member).has(name)) throw invalid(`${member} is a member of ${name}`)
  if (roles.rolesOf(name).has(member)) throw invalid(`${name} is a member of ${member}`)
  roles.join(of, name)
  return VOID
}

function exists(resource: ResourceName, { keyspaces, user }: RoleContext): boolean {
  const [root, first, second] = partsOf(resource)
  if (first === undefined) return true
  switch (root) {
    case 'data': {
      const found = keyspaces.get(first)
      return found !== undefined && (second === undefined || second === '*' || found.tables.has(second) || found.views.has(second))
    }
    case 'roles':
      return user.roles.get(first) !== undefined
    case 'functions':
      return second === undefined && keyspaces.has(first)
    default:
      return false
  }
}

/** GRANT and REVOKE of permissions. */
function grantOrRevoke({ kind, permissions, resource: given, grantee: { name: grantee } }: GrantPermissionStatement, context: RoleContext): ResultMessage {
  const { user, current } = context
  const resource = resourceOf(given, current)
  const wanted = grantable(permissions ?? allPermissions, resource)
  for (const permission of ['AUTHORIZE', ...wanted] as const) ensurePermission(user, permission, resource)
  ensureNotAnonymous(user)
  if (!user.roles.get(grantee)) throw invalid(`Role ${grantee} doesn't exist`)
  if (!exists(resource, context)) throw invalid(`Resource ${showResource(resource)} doesn't exist`)
  const keyspace = keyspaceOfResource(resource)
  if (kind === 'grant' && keyspace !== undefined && context.keyspaces.get(keyspace)!.system && !keyspace.startsWith('system_v') && wanted.some((permission) => !['SELECT', 'DESCRIBE', 'ALTER'].includes(permission))) {
    throw unauthorized('Granting permissions on system keyspaces is strictly limited, this operation is not permitted')
  }
  const left = kind === 'grant' ? user.roles.grant(grantee, wanted, resource) : user.roles.revoke(grantee, wanted, resource)
  if (left.length > 0) context.warn(`Role '${grantee}' was ${kind === 'grant' ? 'already' : 'not'} granted ${left.join(', ')} on ${showResource(resource)}`)
  return VOID
}

const OPTIONS: CqlType = { kind: 'map', key: scalar('text'), value: scalar('text'), frozen: true }
const [TEXT, BOOLEAN] = [scalar('text'), scalar('boolean')]

/** Rows as if they came from a table of `system_auth`; none are no rows at all. */
function answer(table: string, columns: Readonly<Record<string, CqlType>>, rows: readonly (readonly unknown[])[]): ResultMessage {
  if (rows.length === 0) return VOID
  const shown = Object.entries(columns).map(([name, type]): Column => ({ name, type, keyspace: 'system_auth', table }))
  return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: shown.length, columns: shown }, rows: rows.map((row) => row.map((value, i) => encodeValue(shown[i]!.type, value))) }
}

function listRoles({ kind, of, recursive }: ListRolesStatement, { user }: RoleContext): ResultMessage {
  const { roles } = user
  ensureNotAnonymous(user)
  const name = user.name!
  const grantee = of?.name
  if (grantee !== undefined && !roles.get(grantee)) throw invalid(`${showResource(roleResource(grantee))} doesn't exist`)
  const mayAll = roles.permissionsOn(name, 'roles').has('DESCRIBE')
  if (!mayAll && grantee !== undefined && !roles.rolesOf(name).has(grantee)) throw unauthorized(`You are not authorized to view roles granted to ${grantee} `)
  const listed = mayAll && grantee === undefined ? roles.names : [...roles.rolesOf(grantee ?? name, recursive)].sort()
  const found = listed.map((each) => roles.get(each) as Role)
  if (kind === 'list users') return answer('users', { name: TEXT, super: BOOLEAN, datacenters: TEXT }, found.filter(({ canLogin }) => canLogin).map((role) => [role.name, roles.isSuperuser(role.name), 'ALL']))
  return answer('roles', { role: TEXT, super: BOOLEAN, login: BOOLEAN, options: OPTIONS, datacenters: TEXT }, found.map((role) => [role.name, role.isSuperuser, role.canLogin, new Map(), 'ALL']))
}

function listPermissions({ permissions, resource: given, of, recursive }: ListPermissionsStatement, context: RoleContext): ResultMessage {
  const { user, current } = context
  const { roles } = user
  ensureNotAnonymous(user)
  const name = user.name!
  const resource = given && resourceOf(given, current)
  if (resource !== undefined && !exists(resource, context)) throw invalid(`${showResource(resource)} doesn't exist`)
  const grantee = of?.name
  if (grantee !== undefined && !roles.get(grantee)) throw invalid(`${showResource(roleResource(grantee))} doesn't exist`)
  const mayList = roles.isSuperuser(name) || (grantee !== undefined && roles.rolesOf(name).has(grantee)) || roles.permissionsOn(name, 'roles').has('DESCRIBE') ||
    (grantee !== undefined && roles.permissionsOn(name, roleResource(grantee)).has('DESCRIBE'))
  if (!mayList) throw unauthorized(`You are not authorized to view ${grantee ?? 'everyone'}'s permissions`)
  const wanted = permissions ?? allPermissions
  const resources = resource === undefined ? undefined : recursive ? chainOf(resource) : [resource]
  const holders = grantee === undefined ? undefined : roles.rolesOf(grantee)
  const rows = roles.grants().filter((grant) => wanted.includes(grant.permission) && (resources?.includes(grant.resource) ?? true) && (holders?.has(grant.role) ?? true))
  return answer('permissions', { role: TEXT, username: TEXT, resource: TEXT, permission: TEXT }, rows.map(({ role, resource: on, permission }) => [role, role, showResource(on), permission]))
}
