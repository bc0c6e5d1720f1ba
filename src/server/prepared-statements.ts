import { CqlError, latin1Decode, Lru, md5, toHex } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Column } from '../codecs/index.js'
import { CqlParseError, parseStatement } from '../cql/index.js'
import type { Modification, QualifiedName, SelectStatement, Statement } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import type { PreparedMessage } from '../protocol/index.js'
import { bindMarkersOf } from './bind-markers.js'
import { invalid, Refusal } from './errors.js'
import { PointInsert, PointRead } from './point-plans.js'
import type { Keyspace, Table } from './schema.js'
import { jsonColumn, selectionOf } from './selection.js'
import type { Env } from './terms.js'
import { View } from './view.js'

const encoder = new TextEncoder()

/** A statement that was prepared. */
export interface PreparedStatement {
  readonly text: string
  readonly keyspace: string | undefined
  readonly statement: Statement
  /** The version of the schema that `message` was made with. */
  schemaVersion: string
  message: PreparedMessage
  /** Of a statement about one row; null for others. */
  point: PointRead | PointInsert | null
}

/** Characters of all prepared statements, and of one: what is made of a text is many times as long. */
const MOST_PREPARED = 16_000_000
const LONGEST_PREPARED = 1_000_000
/** Even a short statement counts as so many, so that there are never more than 16,000. */
const LEAST_PREPARED = 1000

/** Where statements look up the names in them. */
export interface PreparedLookup {
  readonly keyspaces: ReadonlyMap<string, Keyspace>
  readonly clock: Clock
  /** Another one after each change of the schema. */
  readonly schemaVersion: string
  /** @throws Refusal when there is none */
  tableOf(name: QualifiedName, current: string | undefined): Table
}

/** The statements that clients have prepared, of which those go that were used longest ago. */
export class PreparedStatements {
  readonly #lookup: PreparedLookup
  readonly #statements = new Lru<string, PreparedStatement>(MOST_PREPARED, ({ text }) => Math.max(text.length, LEAST_PREPARED))

  constructor(lookup: PreparedLookup) {
    this.#lookup = lookup
  }

  /** Prepares a statement. @throws Refusal */
  prepare(text: string, keyspace: string | undefined): PreparedMessage {
    const id = md5(encoder.encode(`${keyspace ?? ''}\0${text}`))
    const key = keyOf(id)
    const known = this.#statements.get(key)
    if (known && known.schemaVersion === this.#lookup.schemaVersion) return known.message
    if (text.length > LONGEST_PREPARED) throw invalid(`Prepared statement of size ${text.length} bytes is larger than allowed maximum of ${LONGEST_PREPARED} bytes: ${text.slice(0, 200)}...`)
    const statement = parse(text)
    const message = this.#describe(statement, id, keyspace)
    this.#statements.set(key, { text, keyspace, statement, message, schemaVersion: this.#lookup.schemaVersion, point: this.#pointOf(statement, keyspace) })
    return message
  }

  #describe(statement: Statement, id: Uint8Array, keyspace: string | undefined): PreparedMessage {
    const lookup = keyspace === undefined ? undefined : this.#lookup.keyspaces.get(keyspace)
    const variables = bindMarkersOf(statement, (part) => this.#lookup.tableOf(targetOf(part), keyspace), lookup)
    const result = this.#resultColumns(statement, keyspace)
    return {
      type: 'RESULT', kind: 'PREPARED', id, variables, result: { columnCount: result.length, columns: result.length > 0 ? result : undefined },
      resultMetadataId: md5(encoder.encode(JSON.stringify(result))),
    }
  }

  #resultColumns(statement: Statement, keyspace: string | undefined): readonly Column[] {
    if (statement.kind !== 'select') return []
    const table = this.#lookup.tableOf(statement.table, keyspace)
    // Values of markers in the SELECT clause play no part in the columns.
    const env: Env = { values: new Proxy([], { get: () => null }), clock: this.#lookup.clock, keyspace: this.#lookup.keyspaces.get(table.keyspace) }
    return statement.json ? [jsonColumn(table)] : selectionOf(statement, table, env).columns
  }

  /** A prepared statement as the schema is now. @throws Refusal with code UNPREPARED when the id is unknown */
  get(id: Uint8Array): PreparedStatement {
    const prepared = this.#statements.get(keyOf(id))
    if (!prepared) throw new Refusal(errorCodes.UNPREPARED, `Prepared query with ID ${toHex(id)} not found (either the query was not prepared on this host (maybe the host has been restarted?) or you have prepared too many queries and it has been evicted from the internal cache)`, { id })
    if (prepared.schemaVersion !== this.#lookup.schemaVersion) {
      prepared.message = this.#describe(prepared.statement, id, prepared.keyspace)
      prepared.point = this.#pointOf(prepared.statement, prepared.keyspace)
      prepared.schemaVersion = this.#lookup.schemaVersion
    }
    return prepared
  }

  #pointOf(statement: Statement, keyspace: string | undefined): PointRead | PointInsert | null {
    if (statement.kind !== 'select' && statement.kind !== 'insert') return null
    const table = this.#lookup.tableOf(statement.table, keyspace)
    // Tables of Cassandra's own differ from node to node, and those of a view are made when they are read.
    if (this.#lookup.keyspaces.get(table.keyspace)!.system || table instanceof View) return null
    return (statement.kind === 'select' ? PointRead.of(statement, table) : PointInsert.of(statement, table)) ?? null
  }

  /** The text of a prepared statement, or an empty one. */
  textOf(id: Uint8Array): string {
    return this.#statements.get(keyOf(id))?.text ?? ''
  }

  /** What a client is warned of that runs a statement with names whose keyspace is not that of its connection (`ExecuteMessage.java`). */
  useWarning(id: Uint8Array, current: string | undefined): string | undefined {
    const prepared = this.#statements.get(keyOf(id))
    const kind = prepared?.statement.kind
    if (!prepared || prepared.keyspace === current || (kind !== 'select' && kind !== 'insert' && kind !== 'update' && kind !== 'delete') || targetOf(prepared.statement).keyspace !== undefined) return undefined
    return '`USE <keyspace>` with prepared statements is considered to be an anti-pattern due to ambiguity in non-qualified table names. Please consider removing instances of `Session#setKeyspace(<keyspace>)`, `Session#execute("USE <keyspace>")` and `cluster.newSession(<keyspace>)` ' +
      `from your code, and always use fully qualified table names (e.g. <keyspace>.<table>). Keyspace used: ${current ?? 'null'}, statement keyspace: ${prepared.keyspace ?? 'null'}, statement id: ${toHex(id)}`
  }
}

/** Parses a statement. @throws Refusal as Cassandra refuses what is none */
export function parse(text: string): Statement {
  try {
    return parseStatement(text)
  } catch (error) {
    if (error instanceof CqlParseError) throw new Refusal(errorCodes.SYNTAX_ERROR, error.message)
    if (error instanceof CqlError) throw invalid(error.message)
    throw error
  }
}

function targetOf(statement: Statement): QualifiedName {
  return (statement as SelectStatement | Modification).table
}

/** An id as a key of a map. */
function keyOf(id: Uint8Array): string {
  return latin1Decode(id, 0, id.length)
}
