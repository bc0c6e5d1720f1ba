import type { Clock } from '../base/index.js'
import { errorCodes } from '../protocol/index.js'
import { invalid, Refusal } from './errors.js'
import type { Keyspace } from './schema.js'

/** Where schema statements look things up. */
export interface SchemaContext {
  readonly keyspaces: Map<string, Keyspace>
  /** The keyspace of unqualified names. */
  readonly current: string | undefined
  readonly clock: Clock
  /** How many nodes each data centre has. */
  readonly dataCenters: ReadonlyMap<string, number>
  /** Takes what the client should be warned of. */
  readonly warn: (warning: string) => void
}

/** The keyspace of a name. @throws Refusal when none is named, or it does not exist */
export function keyspaceOf(context: SchemaContext, named: string | undefined): Keyspace {
  const name = named ?? context.current
  if (name === undefined) throw invalid('No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename')
  const keyspace = context.keyspaces.get(name)
  if (!keyspace) throw invalid(`Keyspace '${name}' doesn't exist`)
  return keyspace
}

/** Cassandra's own keyspaces are not changed. */
export function refuseSystem(keyspace: Keyspace): void {
  if (keyspace.system) throw new Refusal(errorCodes.UNAUTHORIZED, `${keyspace.name} keyspace is not user-modifiable.`)
}

/** Whether there is a table or view of a name already, which is as well IF NOT EXISTS. @throws Refusal when it is not */
export function isThere(keyspace: Keyspace, name: string, ifNotExists: boolean): boolean {
  if (!keyspace.tables.has(name) && !keyspace.views.has(name)) return false
  if (ifNotExists) return true
  throw new Refusal(errorCodes.ALREADY_EXISTS, `Cannot add already existing table "${name}" to keyspace "${keyspace.name}"`, { keyspace: keyspace.name, table: name })
}
