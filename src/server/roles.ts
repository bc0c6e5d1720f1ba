import type { Permission } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import { checkPassword } from './bcrypt.js'
import { Refusal } from './errors.js'
import { applicablePermissions, permissions as allPermissions, roleResource } from './resources.js'
import type { ResourceName } from './resources.js'
import type { Keyspace } from './schema.js'
import { readSystemRows, removeSystemRow, writeSystemRow } from './system-tables.js'

/** A user who is let in. */
export interface ServerCredentials {
  readonly username: string
  readonly password: string
}

/** Who may log in, and what others may be granted. */
export interface Role {
  readonly name: string
  readonly isSuperuser: boolean
  readonly canLogin: boolean
  /** Of the password, by bcrypt. */
  readonly hash: string | undefined
  /** Roles whose permissions it has, too. */
  readonly memberOf: ReadonlySet<string>
}

/** One permission that was granted. */
export interface Grant {
  readonly role: string
  readonly resource: ResourceName
  readonly permission: Permission
}

/** Roles, what they are members of, and what they were granted: in memory, and in the tables of `system_auth`. */
export class Roles {
  /** Whether clients are asked who they are; without that nobody is refused anything. */
  isEnabled = false
  readonly #tables: Keyspace
  readonly #now: () => bigint
  readonly #roles = new Map<string, Role>()
  readonly #granted = new Map<string, Map<ResourceName, ReadonlySet<Permission>>>()
  readonly #identities = new Map<string, string>()
  /** The password of the one who is let in by an option: it is hashed by nobody. */
  #first: ServerCredentials | undefined
  /** Passwords that have been checked against these hashes, since checking takes long. */
  readonly #checked = new Map<string, { readonly hash: string; readonly password: string }>()

  constructor(tables: Keyspace, now: () => bigint) {
    this.#tables = tables
    this.#now = now
  }

  /** Asks clients who they are from now on; the first to be let in is a superuser. */
  enable(first: ServerCredentials): void {
    this.load()
    this.isEnabled = true
    this.#first = first
    const { username } = first
    this.put({ memberOf: new Set(), ...this.#roles.get(username), name: username, isSuperuser: true, canLogin: true, hash: undefined })
  }

  /** Takes over what the tables say. */
  load(): void {
    for (const { role, is_superuser: isSuperuser, can_login: canLogin, salted_hash: hash, member_of: memberOf } of this.#read('roles')) {
      this.#roles.set(role as string, { name: role as string, isSuperuser: isSuperuser === true, canLogin: canLogin === true, hash: hash as string | undefined, memberOf: new Set(memberOf as Iterable<string> | undefined) })
    }
    for (const { role, resource, permissions } of this.#read('role_permissions')) this.#grantsOf(role as string).set(resource as string, new Set(permissions as Iterable<Permission>))
    for (const { identity, role } of this.#read('identity_to_role')) this.#identities.set(identity as string, role as string)
  }

  #read(table: string): Iterable<Readonly<Record<string, unknown>>> {
    return readSystemRows(this.#tables.tables.get(table)!)
  }

  #write(table: string, values: Readonly<Record<string, unknown>>): void {
    this.#remove(table, values)
    writeSystemRow(this.#tables.tables.get(table)!, values, this.#now())
  }

  #remove(table: string, values: Readonly<Record<string, unknown>>): void {
    removeSystemRow(this.#tables.tables.get(table)!, values, this.#now())
  }

  #grantsOf(role: string): Map<ResourceName, ReadonlySet<Permission>> {
    let grants = this.#granted.get(role)
    if (!grants) this.#granted.set(role, (grants = new Map()))
    return grants
  }

  get names(): string[] {
    return [...this.#roles.keys()].sort()
  }

  get(name: string): Role | undefined {
    return this.#roles.get(name)
  }

  /** Makes a role, or another one of it. */
  put(role: Role): void {
    this.#roles.set(role.name, role)
    if (role.hash !== undefined && role.name === this.#first?.username) this.#first = undefined // another password than the option's
    this.#write('roles', { role: role.name, is_superuser: role.isSuperuser, can_login: role.canLogin, salted_hash: role.hash, member_of: role.memberOf })
  }

  /** Forgets a role, all that it was granted, and all that was granted on it. */
  drop(name: string): void {
    this.#roles.delete(name)
    this.#remove('roles', { role: name })
    for (const role of this.#roles.values()) if (role.memberOf.has(name)) this.leave(role, name)
    for (const resource of Array.from(this.#grantsOf(name).keys())) this.#setGrants(name, resource, new Set())
    this.revokeAllOn(roleResource(name))
    for (const [identity, role] of this.#identities) if (role === name) this.dropIdentity(identity)
  }

  /** Has a role be a member of another one. */
  join(member: Role, name: string): void {
    this.put({ ...member, memberOf: new Set([...member.memberOf, name]) })
    this.#write('role_members', { role: name, member: member.name })
  }

  leave(member: Role, name: string): void {
    this.put({ ...member, memberOf: new Set([...member.memberOf].filter((other) => other !== name)) })
    this.#remove('role_members', { role: name, member: member.name })
  }

  /** A role and what it is a member of, all the way up or one step. */
  rolesOf(name: string, recursive = true): Set<string> {
    const found = new Set<string>()
    const add = (each: string, isFirst: boolean): void => {
      const role = this.#roles.get(each)
      if (!role || found.has(each)) return
      found.add(each)
      if (recursive || isFirst) for (const parent of role.memberOf) add(parent, false)
    }
    add(name, true)
    return found
  }

  /** Whether a role is a superuser, by itself or by what it is a member of. */
  isSuperuser(name: string): boolean {
    for (const each of this.rolesOf(name)) if (this.#roles.get(each)!.isSuperuser) return true
    return false
  }

  /** Whether a user may do something with a resource, by a grant on it or on one of those above it. @param chain the resource and those above it */
  has(user: string, permission: Permission, chain: readonly ResourceName[]): boolean {
    return chain.some((resource) => this.permissionsOn(user, resource).has(permission))
  }

  /** What a user may do with a resource, by grants on itself. */
  permissionsOn(user: string, resource: ResourceName): ReadonlySet<Permission> {
    if (this.isSuperuser(user)) return new Set(applicablePermissions(resource))
    const found = new Set<Permission>()
    for (const role of this.rolesOf(user)) for (const permission of this.#granted.get(role)?.get(resource) ?? []) found.add(permission)
    return found
  }

  /** Grants permissions. @returns those that the role had already */
  grant(role: string, wanted: readonly Permission[], resource: ResourceName): Permission[] {
    const before = this.#grantsOf(role).get(resource) ?? new Set()
    this.#setGrants(role, resource, new Set([...before, ...wanted]))
    return wanted.filter((permission) => before.has(permission))
  }

  /** Takes permissions back. @returns those that the role did not have */
  revoke(role: string, wanted: readonly Permission[], resource: ResourceName): Permission[] {
    const before = this.#grantsOf(role).get(resource) ?? new Set()
    this.#setGrants(role, resource, new Set([...before].filter((permission) => !wanted.includes(permission))))
    return wanted.filter((permission) => !before.has(permission))
  }

  /** Forgets what was granted on something that is gone, and on all that was in it. */
  revokeAllOn(gone: ResourceName): void {
    for (const [role, grants] of this.#granted) for (const resource of Array.from(grants.keys())) if (resource === gone || resource.startsWith(`${gone}/`)) this.#setGrants(role, resource, new Set())
  }

  #setGrants(role: string, resource: ResourceName, granted: ReadonlySet<Permission>): void {
    const grants = this.#grantsOf(role)
    if (granted.size === 0) {
      grants.delete(resource)
      this.#remove('role_permissions', { role, resource })
      this.#remove('resource_role_permissons_index', { resource, role })
      return
    }
    grants.set(resource, granted)
    this.#write('role_permissions', { role, resource, permissions: granted })
    this.#write('resource_role_permissons_index', { resource, role })
  }

  /** All that was granted, ordered as Cassandra lists it. */
  grants(): Grant[] {
    const found = [...this.#granted].flatMap(([role, of]) => [...of].flatMap(([resource, granted]) => [...granted].map((permission): Grant => ({ role, resource, permission }))))
    const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
    return found.sort((a, b) => order(a.role, b.role) || order(a.resource, b.resource) || allPermissions.indexOf(a.permission) - allPermissions.indexOf(b.permission))
  }

  hasIdentity(identity: string): boolean {
    return this.#identities.has(identity)
  }

  /** Has a client certificate's identity stand for a role. */
  addIdentity(identity: string, role: string): void {
    this.#identities.set(identity, role)
    this.#write('identity_to_role', { identity, role })
  }

  dropIdentity(identity: string): void {
    this.#identities.delete(identity)
    this.#remove('identity_to_role', { identity })
  }

  /** Lets a user in. @throws Refusal for a wrong password, or a role that may not log in */
  logIn(username: string, password: string): void {
    const role = this.#roles.get(username)
    if (!role || !this.#isPassword(role, password)) throw new Refusal(errorCodes.BAD_CREDENTIALS, `Provided username ${username} and/or password are incorrect`)
    if (!role.canLogin) throw new Refusal(errorCodes.BAD_CREDENTIALS, `${username} is not permitted to log in`)
  }

  #isPassword({ name, hash }: Role, password: string): boolean {
    if (name === this.#first?.username) return password === this.#first.password
    if (hash === undefined) return false
    const checked = this.#checked.get(name)
    if (checked?.hash === hash && checked.password === password) return true
    if (!checkPassword(password, hash)) return false
    this.#checked.set(name, { hash, password })
    return true
  }
}
