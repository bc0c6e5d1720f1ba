// Statements of roles and permissions, as the parser reads them.
import type { Name, QualifiedName, TypeName } from './ast.js'
import type { OptionValue } from './ast-schema.js'
import type { Span } from './tokens.js'

/** What a role may do and be. */
export interface RoleOptions {
  readonly password?: string | undefined
  /** Of a password that is hashed already. */
  readonly hashedPassword?: string | undefined
  readonly superuser?: boolean | undefined
  readonly login?: boolean | undefined
  /** Of the role manager. */
  readonly options?: Readonly<Record<string, OptionValue>> | undefined
  readonly dataCenters?: 'all' | readonly string[] | undefined
  readonly cidrs?: 'all' | readonly string[] | undefined
}

/** CREATE ROLE and CREATE USER, ALTER ROLE and ALTER USER. */
export interface RoleStatement extends Span {
  readonly kind: 'create role' | 'alter role'
  /** Said as USER, as before 2.2. */
  readonly asUser: boolean
  /** IF NOT EXISTS, or IF EXISTS. */
  readonly conditional: boolean
  readonly role: Name
  readonly options: RoleOptions
}

/** GRANT and REVOKE of a role. */
export interface GrantRoleStatement extends Span {
  readonly kind: 'grant role' | 'revoke role'
  readonly role: Name
  readonly grantee: Name
}

/** What permissions are of. */
export type Resource =
  | { readonly kind: 'all keyspaces' | 'all roles' | 'all functions' | 'all mbeans' }
  | { readonly kind: 'keyspace' | 'all tables' | 'keyspace functions'; readonly keyspace: Name }
  | { readonly kind: 'table'; readonly table: QualifiedName }
  | { readonly kind: 'role'; readonly role: Name }
  | { readonly kind: 'function'; readonly function: QualifiedName; readonly argumentTypes: readonly TypeName[] }
  | { readonly kind: 'mbean' | 'mbeans'; readonly name: string }

/** What somebody may do; undefined stands for all. */
export type Permission = 'CREATE' | 'ALTER' | 'DROP' | 'SELECT' | 'MODIFY' | 'AUTHORIZE' | 'DESCRIBE' | 'EXECUTE' | 'UNMASK' | 'SELECT_MASKED'

/** GRANT and REVOKE of permissions. */
export interface GrantPermissionStatement extends Span {
  readonly kind: 'grant' | 'revoke'
  readonly permissions: readonly Permission[] | undefined
  readonly resource: Resource
  readonly grantee: Name
}

/** LIST ROLES, LIST USERS. */
export interface ListRolesStatement extends Span {
  readonly kind: 'list roles' | 'list users'
  readonly of?: Name | undefined
  readonly recursive: boolean
}

/** LIST PERMISSIONS. */
export interface ListPermissionsStatement extends Span {
  readonly kind: 'list permissions'
  readonly permissions: readonly Permission[] | undefined
  readonly resource?: Resource | undefined
  readonly of?: Name | undefined
  readonly recursive: boolean
}

/** ADD IDENTITY: whose client certificate stands for a role (5.0). */
export interface AddIdentityStatement extends Span {
  readonly kind: 'add identity'
  readonly ifNotExists: boolean
  readonly identity: string
  readonly role: string
}
