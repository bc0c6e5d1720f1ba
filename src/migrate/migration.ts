import { OptionError } from '../base/index.js'
import { statementsOf } from './script.js'

/** One step in the life of a schema. */
export interface Migration {
  /** Migrations are run in the order of their ids: `20261126051200_users`. */
  readonly id: string
  /** CQL, statement by statement. */
  readonly up: readonly string[]
  /** What takes it back, if anything does. */
  readonly down: readonly string[]
  /** SHA-256 of the statements of `up`, in hexadecimal. */
  readonly checksum: string
}

const ID = /^\d{14}_[a-z0-9_]+$/

/**
 * Makes a migration of its scripts.
 *
 * @throws OptionError for an id of another form, or a script without statements; CqlParseError
 */
export async function migrationOf(id: string, up: string, down = ''): Promise<Migration> {
  if (!ID.test(id)) throw new OptionError('id', `A migration is named by 14 digits of time and a name, such as 20261126051200_users, not '${id}'`)
  const statements = statementsOf(up)
  if (statements.length === 0) throw new OptionError('up', `The migration ${id} has no statements`)
  return { id, up: statements, down: statementsOf(down), checksum: await checksumOf(statements) }
}

/** The id of a migration that is made now. @param name letters, digits and underscores; others become underscores */
export function migrationId(name: string, now: Date): string {
  return `${now.toISOString().replaceAll(/\D/g, '').slice(0, 14)}_${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'change'}`
}

/** Comments and the space between statements may change: what is run may not. */
async function checksumOf(statements: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(statements.join(';\n')))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
