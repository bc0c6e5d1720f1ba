import { quoteText } from '../base/index.js'
import type { AddIdentityStatement, GrantPermissionStatement, GrantRoleStatement, ListPermissionsStatement, ListRolesStatement, Permission, Resource, RoleOptions, RoleStatement } from './ast.js'
import { printOption } from './print-schema.js'
import { printFunctionName, printName } from './print-terms.js'

/** Statements about roles and what they may do, as CQL. */
export function printRoleStatement(statement: RoleStatement | GrantRoleStatement | GrantPermissionStatement | ListRolesStatement | ListPermissionsStatement | AddIdentityStatement): string {
  switch (statement.kind) {
    case 'create role':
    case 'alter role': {
      const { kind, asUser, conditional, role, options } = statement
      const [verb, condition] = kind === 'create role' ? ['CREATE', 'IF NOT EXISTS '] : ['ALTER', 'IF EXISTS ']
      return `${verb} ${asUser ? 'USER' : 'ROLE'} ${conditional ? condition : ''}${printName(role)}${asUser ? userOptions(options) : roleOptions(options)}`
    }
    case 'grant role':
      return `GRANT ${printName(statement.role)} TO ${printName(statement.grantee)}`
    case 'revoke role':
      return `REVOKE ${printName(statement.role)} FROM ${printName(statement.grantee)}`
    case 'grant':
    case 'revoke':
      return `${statement.kind.toUpperCase()} ${permissions(statement.permissions)} ON ${resource(statement.resource)} ${statement.kind === 'grant' ? 'TO' : 'FROM'} ${printName(statement.grantee)}`
    case 'list users':
      return 'LIST USERS'
    case 'list roles':
      return `LIST ROLES${of(statement)}`
    case 'list permissions':
      return `LIST ${permissions(statement.permissions)}${statement.resource ? ` ON ${resource(statement.resource)}` : ''}${of(statement)}`
    case 'add identity':
      return `ADD IDENTITY ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}${quoteText(statement.identity)} TO ROLE ${quoteText(statement.role)}`
  }
}

function of({ of: role, recursive }: ListRolesStatement | ListPermissionsStatement): string {
  return `${role ? ` OF ${printName(role)}` : ''}${recursive ? '' : ' NORECURSIVE'}`
}

function permissions(list: readonly Permission[] | undefined): string {
  return list ? list.join(', ') : 'ALL PERMISSIONS'
}

function userOptions({ password, hashedPassword, superuser }: RoleOptions): string {
  const secret = password !== undefined ? ` WITH PASSWORD ${quoteText(password)}` : hashedPassword !== undefined ? ` WITH HASHED PASSWORD ${quoteText(hashedPassword)}` : ''
  return `${secret}${superuser === undefined ? '' : superuser ? ' SUPERUSER' : ' NOSUPERUSER'}`
}

function roleOptions({ password, hashedPassword, superuser, login, options, dataCenters, cidrs }: RoleOptions): string {
  const places = (given: 'all' | readonly string[], word: string): string => (given === 'all' ? `ALL ${word}` : `${word} {${given.map(quoteText).join(', ')}}`)
  const clauses = [
    ...(password === undefined ? [] : [`PASSWORD = ${quoteText(password)}`]), ...(hashedPassword === undefined ? [] : [`HASHED PASSWORD = ${quoteText(hashedPassword)}`]),
    ...(superuser === undefined ? [] : [`SUPERUSER = ${superuser}`]), ...(login === undefined ? [] : [`LOGIN = ${login}`]), ...(options === undefined ? [] : [`OPTIONS = ${printOption(options)}`]),
    ...(dataCenters === undefined ? [] : [`ACCESS TO ${places(dataCenters, 'DATACENTERS')}`]), ...(cidrs === undefined ? [] : [`ACCESS FROM ${places(cidrs, 'CIDRS')}`]),
  ]
  return clauses.length === 0 ? '' : ` WITH ${clauses.join(' AND ')}`
}

function resource(on: Resource): string {
  switch (on.kind) {
    case 'keyspace':
      return `KEYSPACE ${printName(on.keyspace)}`
    case 'all tables':
      return `ALL TABLES IN KEYSPACE ${printName(on.keyspace)}`
    case 'keyspace functions':
      return `ALL FUNCTIONS IN KEYSPACE ${printName(on.keyspace)}`
    case 'table':
      return `TABLE ${printName(on.table)}`
    case 'role':
      return `ROLE ${printName(on.role)}`
    case 'function':
      return `FUNCTION ${printFunctionName(on.function)}(${on.argumentTypes.map(({ text }) => text).join(', ')})`
    case 'mbean':
    case 'mbeans':
      return `${on.kind.toUpperCase()} ${quoteText(on.name)}`
    default:
      return on.kind.toUpperCase()
  }
}
