// What a server says to a statement, in a form that can be compared and kept.
import { Client, ServerError } from '../../src/client/index.js'
import { typeToCql } from '../../src/codecs/index.js'
import { show } from '../conformance/check.js'

/** What Cassandra 5.0.6 said to each statement. */
export const ANSWERS = 'test/differential/answers.json'

/** Rows and columns as text, or the error's code; messages are for people. */
export interface Outcome {
  readonly rows?: readonly string[]
  readonly columns?: readonly string[]
  readonly warnings?: number
  readonly error?: string
  readonly message?: string
}

/** Runs a statement as it stands, or prepares it first. */
export async function outcomeOf(client: Client, text: string, prepare = false): Promise<Outcome> {
  try {
    const { rows, columns, info } = await client.execute<unknown[]>(text, [], { rowMode: 'array', prepare, idempotent: false })
    return { rows: rows.map(show), columns: columns.map(({ name, type, table }) => `${name} ${typeToCql(type)}${table === '' ? '' : ` of ${table}`}`), warnings: info.warnings.length }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error
    return { error: error.name, message: error.message }
  }
}

/** What differs between what Cassandra said and what was said here; undefined when nothing does. */
export function difference(expected: Outcome, actual: Outcome): string | undefined {
  const part = ({ rows, columns, warnings, error }: Outcome): unknown => ({ rows, columns, warnings, error })
  if (JSON.stringify(part(expected)) === JSON.stringify(part(actual))) return undefined
  const text = ({ rows, columns, warnings, error, message }: Outcome): string => (error === undefined ? `[${columns!.join(', ')}] ${rows!.join(' ')}${warnings! > 0 ? ` (${warnings} warnings)` : ''}` : `${error}: ${message}`)
  return `  Cassandra: ${text(expected)}\n  here:      ${text(actual)}`
}

/** A client in a fresh keyspace. */
export async function clientOf(contactPoints: readonly string[], keyspace: string): Promise<Client> {
  await using admin = await Client.connect({ contactPoints, timeoutMs: 60_000 })
  await admin.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  await admin.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
  return Client.connect({ contactPoints, keyspace, timeoutMs: 60_000, attemptTimeoutMs: 30_000, consistency: 'one', schema: 'off', encoding: { timestamp: 'bigint' } })
}
