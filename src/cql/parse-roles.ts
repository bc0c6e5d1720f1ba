import type { AddIdentityStatement, GrantPermissionStatement, GrantRoleStatement, ListPermissionsStatement, ListRolesStatement, Name, Permission, Resource, RoleOptions, RoleStatement } from './ast.js'
import { optionMap } from './parse-options.js'
import type { TokenReader } from './token-reader.js'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Reads what follows CREATE or ALTER: a role, or a user as before roles. */
export function createRole(reader: TokenReader, kind: RoleStatement['kind'], start: number): RoleStatement {
  const asUser = reader.word('USER')
  if (!asUser) reader.expectWord('ROLE')
  const conditional = kind === 'create role' ? reader.word('IF', 'NOT', 'EXISTS') : reader.word('IF', 'EXISTS')
  const role = roleName(reader)
  return { kind, asUser, conditional, role, options: asUser ? userOptions(reader) : roleOptions(reader), ...reader.span(start) }
}

/** The name of a role may be a string, too: then its case counts. */
export function roleName(reader: TokenReader): Name {
  const { start } = reader
  return reader.peek().kind === 'string' ? { name: reader.string(), ...reader.span(start) } : reader.name()
}

function userOptions(reader: TokenReader): RoleOptions {
  const options: Mutable<RoleOptions> = {}
  if (reader.word('WITH', 'HASHED', 'PASSWORD')) options.hashedPassword = reader.string()
  else if (reader.word('WITH')) {
    reader.expectWord('PASSWORD')
    options.password = reader.string()
  }
  if (reader.word('SUPERUSER')) options.superuser = true
  else if (reader.word('NOSUPERUSER')) options.superuser = false
  return options
}

function roleOptions(reader: TokenReader): RoleOptions {
  const options: Mutable<RoleOptions> = {}
  if (!reader.word('WITH')) return options
  do {
    if (reader.word('HASHED', 'PASSWORD')) options.hashedPassword = assigned(reader, () => reader.string())
    else if (reader.word('PASSWORD')) options.password = assigned(reader, () => reader.string())
    else if (reader.word('OPTIONS')) options.options = assigned(reader, () => optionMap(reader))
    else if (reader.word('SUPERUSER')) options.superuser = assigned(reader, () => boolean(reader))
    else if (reader.word('LOGIN')) options.login = assigned(reader, () => boolean(reader))
    else if (reader.word('ACCESS', 'TO')) options.dataCenters = places(reader, 'DATACENTERS')
    else {
      reader.expectWord('ACCESS', 'FROM')
      options.cidrs = places(reader, 'CIDRS')
    }
  } while (reader.word('AND'))
  return options
}

function assigned<T>(reader: TokenReader, read: () => T): T {
  reader.expectMark('=')
  return read()
}

function boolean(reader: TokenReader): boolean {
  if (reader.word('TRUE')) return true
  if (reader.word('FALSE')) return false
  throw reader.unexpected('true or false')
}

function places(reader: TokenReader, word: string): 'all' | string[] {
  if (reader.word('ALL', word)) return 'all'
  reader.expectWord(word)
  reader.expectMark('{')
  const names = reader.list(() => reader.string())
  reader.expectMark('}')
  return names
}

/** Reads a GRANT or a REVOKE. */
export function parseGrant(reader: TokenReader): GrantRoleStatement | GrantPermissionStatement {
  const { start } = reader
  const granted = reader.word('GRANT')
  if (!granted) reader.expectWord('REVOKE')
  const preposition = granted ? 'TO' : 'FROM'
  const { mark } = reader
  const permissions = permissionList(reader)
  if (permissions && reader.word('ON')) {
    const of = resource(reader)
    reader.expectWord(preposition)
    return { kind: granted ? 'grant' : 'revoke', permissions: permissions.length === 0 ? undefined : permissions, resource: of, grantee: roleName(reader), ...reader.span(start) }
  }
  reader.reset(mark)
  const role = roleName(reader)
  reader.expectWord(preposition)
  return { kind: granted ? 'grant role' : 'revoke role', role, grantee: roleName(reader), ...reader.span(start) }
}

const permissionWords: readonly Permission[] = ['CREATE', 'ALTER', 'DROP', 'SELECT', 'MODIFY', 'AUTHORIZE', 'DESCRIBE', 'EXECUTE', 'UNMASK', 'SELECT_MASKED']

/** Permissions, none of them for ALL; undefined where something else stands. */
function permissionList(reader: TokenReader): Permission[] | undefined {
  if (reader.word('ALL')) {
    reader.word('PERMISSIONS')
    return []
  }
  const list: Permission[] = []
  do {
    const permission = permissionWords.find((word) => reader.word(word))
    if (!permission) return undefined
    reader.word('PERMISSION')
    list.push(permission)
  } while (reader.takeMark(','))
  return list
}

function resource(reader: TokenReader): Resource {
  if (reader.word('ALL', 'KEYSPACES')) return { kind: 'all keyspaces' }
  if (reader.word('ALL', 'ROLES')) return { kind: 'all roles' }
  if (reader.word('ALL', 'MBEANS')) return { kind: 'all mbeans' }
  if (reader.word('ALL', 'TABLES')) {
    reader.expectWord('IN', 'KEYSPACE')
    return { kind: 'all tables', keyspace: reader.name() }
  }
  if (reader.word('ALL', 'FUNCTIONS')) return reader.word('IN', 'KEYSPACE') ? { kind: 'keyspace functions', keyspace: reader.name() } : { kind: 'all functions' }
  if (reader.word('KEYSPACE')) return { kind: 'keyspace', keyspace: reader.name() }
  if (reader.word('ROLE')) return { kind: 'role', role: roleName(reader) }
  if (reader.word('MBEANS')) return { kind: 'mbeans', name: reader.string() }
  if (reader.word('MBEAN')) return { kind: 'mbean', name: reader.string() }
  if (reader.word('FUNCTION')) {
    const name = reader.functionName()
    reader.expectMark('(')
    const argumentTypes = reader.isMark(')') ? [] : reader.list(() => reader.typeName())
    reader.expectMark(')')
    return { kind: 'function', function: name, argumentTypes }
  }
  if (!reader.word('TABLE')) reader.word('COLUMNFAMILY')
  return { kind: 'table', table: reader.qualifiedName() }
}

/** Reads a LIST. */
export function parseList(reader: TokenReader): ListRolesStatement | ListPermissionsStatement {
  const { start } = reader
  reader.expectWord('LIST')
  if (reader.word('USERS')) return { kind: 'list users', recursive: true, ...reader.span(start) }
  if (reader.word('ROLES')) {
    const of = reader.word('OF') ? roleName(reader) : undefined
    return { kind: 'list roles', of, recursive: !reader.word('NORECURSIVE'), ...reader.span(start) }
  }
  const permissions = permissionList(reader)
  if (!permissions) throw reader.unexpected('ROLES, USERS or a permission')
  const on = reader.word('ON') ? resource(reader) : undefined
  const of = reader.word('OF') ? roleName(reader) : undefined
  return { kind: 'list permissions', permissions: permissions.length === 0 ? undefined : permissions, resource: on, of, recursive: !reader.word('NORECURSIVE'), ...reader.span(start) }
}

/** Reads an ADD IDENTITY. */
export function parseAddIdentity(reader: TokenReader): AddIdentityStatement {
  const { start } = reader
  reader.expectWord('ADD', 'IDENTITY')
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const identity = roleName(reader).name
  reader.expectWord('TO', 'ROLE')
  return { kind: 'add identity', ifNotExists, identity, role: roleName(reader).name, ...reader.span(start) }
}
