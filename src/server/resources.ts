import type { Permission, Resource } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import { invalid, Refusal } from './errors.js'

/** All permissions, in the order in which Cassandra lists them (`Permission.java`). */
export const permissions: readonly Permission[] = ['CREATE', 'ALTER', 'DROP', 'SELECT', 'MODIFY', 'AUTHORIZE', 'DESCRIBE', 'EXECUTE', 'UNMASK', 'SELECT_MASKED']

const ofData: readonly Permission[] = ['CREATE', 'ALTER', 'DROP', 'SELECT', 'MODIFY', 'AUTHORIZE', 'UNMASK', 'SELECT_MASKED']
const ofRoles: readonly Permission[] = ['CREATE', 'ALTER', 'DROP', 'AUTHORIZE', 'DESCRIBE']
const ofFunctions: readonly Permission[] = ['CREATE', 'ALTER', 'DROP', 'AUTHORIZE', 'EXECUTE']
const ofBeans: readonly Permission[] = ['SELECT', 'MODIFY', 'AUTHORIZE', 'DESCRIBE', 'EXECUTE']

/**
 * What permissions are of, by the name that `system_auth.role_permissions` has for it: `data`, `data/shop`, `data/shop/*`, `data/shop/orders`, `roles`, `roles/anna`, `functions`, `functions/shop`, `mbean`.
 */
export type ResourceName = string

/** The name of a table, or of a keyspace. */
export function dataResource(keyspace: string, table?: string): ResourceName {
  return table === undefined ? `data/${keyspace}` : `data/${keyspace}/${table}`
}

/** The name of a role. */
export function roleResource(role: string): ResourceName {
  return `roles/${role}`
}

/** The name of what a statement names. @param current the keyspace of unqualified names */
export function resourceOf(resource: Resource, current: string | undefined): ResourceName {
  switch (resource.kind) {
    case 'all keyspaces':
      return 'data'
    case 'all roles':
      return 'roles'
    case 'all functions':
      return 'functions'
    case 'all mbeans':
      return 'mbean'
    case 'keyspace':
      return dataResource(resource.keyspace.name)
    case 'all tables':
      return dataResource(resource.keyspace.name, '*')
    case 'keyspace functions':
      return `functions/${resource.keyspace.name}`
    case 'role':
      return roleResource(resource.role.name)
    case 'mbean':
    case 'mbeans':
      return `mbean/${resource.name}`
    case 'table': {
      const keyspace = resource.table.keyspace ?? current
      if (keyspace === undefined) throw invalid('No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename')
      return dataResource(keyspace, resource.table.name)
    }
    case 'function': {
      const { keyspace, name } = resource.function
      if (keyspace === undefined) throw invalid('In this context function name must be explictly qualified by a keyspace')
      return `functions/${keyspace}/${name}(${resource.argumentTypes.map(({ text }) => text).join(', ')})`
    }
  }
}

/** The kind of a resource and the one or two names in it. */
export function partsOf(resource: ResourceName): readonly [root: string, first: string | undefined, second: string | undefined] {
  const [root, ...rest] = resource.split('/')
  // Names of roles and beans may have slashes.
  if (root === 'roles' || root === 'mbean') return [root, rest.length === 0 ? undefined : rest.join('/'), undefined]
  return [root!, rest[0], rest[1]]
}

/** A resource and those whose permissions hold for it, too, the nearest first. */
export function chainOf(resource: ResourceName): ResourceName[] {
  const [root, first, second] = partsOf(resource)
  const chain = [resource]
  if (root === 'data' && second !== undefined && second !== '*') chain.push(dataResource(first!, '*'))
  if (second !== undefined) chain.push(`${root}/${first}`)
  if (first !== undefined) chain.push(root)
  return chain
}

/** The keyspace of a resource that is one, or is in one; undefined for others. */
export function keyspaceOfResource(resource: ResourceName): string | undefined {
  const [root, first] = partsOf(resource)
  return root === 'data' ? first : undefined
}

/** What may be granted on a resource. */
export function applicablePermissions(resource: ResourceName): readonly Permission[] {
  const [root, first, second] = partsOf(resource)
  const here = { data: ofData, roles: ofRoles, functions: ofFunctions, mbean: ofBeans }[root]!
  const isLeaf = root === 'data' ? second !== undefined && second !== '*' : root === 'roles' ? first !== undefined : root === 'functions' && second !== undefined
  return isLeaf ? here.filter((permission) => permission !== 'CREATE') : here
}

/** As messages and lists show a resource. */
export function showResource(resource: ResourceName): string {
  const [root, first, second] = partsOf(resource)
  switch (root) {
    case 'data':
      return first === undefined ? '<all keyspaces>' : second === undefined ? `<keyspace ${first}>` : second === '*' ? `<all tables in ${first}>` : `<table ${first}.${second}>`
    case 'roles':
      return first === undefined ? '<all roles>' : `<role ${first}>`
    case 'functions':
      return first === undefined ? '<all functions>' : second === undefined ? `<all functions in ${first}>` : `<function ${first}.${second}>`
    default:
      return first === undefined ? '<all mbeans>' : `<mbean ${first}>`
  }
}

const javaNames: Readonly<Record<string, string>> = { data: 'DataResource', roles: 'RoleResource', functions: 'FunctionResource', mbean: 'JMXResource' }

/** Those of some permissions that a resource can have. @throws Refusal when it can have none of them */
export function grantable(wanted: readonly Permission[], resource: ResourceName): readonly Permission[] {
  const applicable = applicablePermissions(resource)
  const kept = permissions.filter((permission) => wanted.includes(permission) && applicable.includes(permission))
  if (kept.length === 0) throw new Refusal(errorCodes.SYNTAX_ERROR, `Resource type ${javaNames[partsOf(resource)[0]]} does not support any of the requested permissions`)
  return kept
}
