// Whether a statement has done its work already, as the live schema shows: what a migration that was interrupted has to know.
import type { KeyspaceMetadata } from '../cluster/index.js'
import { CqlParseError, parseStatement, tokenize } from '../cql/index.js'
import type { Statement } from '../cql/index.js'

/** `done` and `missing` are certain; `repeatable` can be run again without harm; `unknown` is all else. */
export type Effect = 'done' | 'missing' | 'repeatable' | 'unknown'

/**
 * Looks whether a statement's effect is there.
 *
 * @param live the keyspace that the statement is of, as it is now
 */
export function effectOf(statement: string, live: KeyspaceMetadata): Effect {
  const index = indexOf(statement)
  if (index) {
    const there = [...live.tables.values()].some((table) => table.indexes.has(index.name))
    return there === index.made ? 'done' : 'missing'
  }
  let parsed: Statement
  try {
    parsed = parseStatement(statement)
  } catch (error) {
    if (error instanceof CqlParseError) return 'unknown' // a statement that this parser does not know, such as GRANT
    throw error
  }
  return effectOfParsed(parsed, live)
}

function effectOfParsed(statement: Statement, { tables, types }: KeyspaceMetadata): Effect {
  const found = (there: boolean): Effect => (there ? 'done' : 'missing')
  switch (statement.kind) {
    case 'create table':
      return found(tables.has(statement.table.name))
    case 'create type':
      return found(types.has(statement.type.name))
    case 'drop':
      if (statement.target === 'table') return found(!tables.has(statement.name.name))
      return statement.target === 'type' ? found(!types.has(statement.name.name)) : 'unknown'
    case 'alter type': {
      const { change } = statement
      const fields = types.get(statement.type.name)?.fields.map(({ name }) => name) ?? []
      return change.kind === 'add' ? found(fields.includes(change.field.name)) : found(change.fields.every(({ to }) => fields.includes(to.name)))
    }
    case 'alter table': {
      const { change } = statement
      const columns = tables.get(statement.table.name)?.columns
      if (!columns) return 'missing'
      if (change.kind === 'add') return found(change.columns.every(({ column }) => columns.has(column.name)))
      if (change.kind === 'drop') return found(change.columns.every(({ name }) => !columns.has(name)))
      return change.kind === 'rename' ? found(change.columns.every(({ to }) => columns.has(to.name))) : 'repeatable'
    }
    case 'create keyspace':
    case 'alter keyspace':
    case 'truncate':
    case 'insert':
    case 'delete':
    case 'select':
      return 'repeatable'
    default:
      return 'unknown' // UPDATE may add to a counter or a list, and a batch have such an UPDATE
  }
}

/** The index that a statement makes or drops. */
export function indexOf(statement: string): { readonly name: string; readonly made: boolean } | undefined {
  const words = tokenize(statement).filter(({ kind }) => kind !== 'end').map(({ start, end }) => statement.slice(start, end))
  const upper = words.map((word) => word.toUpperCase())
  const at = upper[1] === 'CUSTOM' ? 2 : 1
  if ((upper[0] !== 'CREATE' && upper[0] !== 'DROP') || upper[at] !== 'INDEX') return undefined
  const made = upper[0] === 'CREATE'
  let place = at + 1
  if (upper[place] === 'IF') place += made ? 3 : 2
  // A keyspace may stand before the name of an index that is dropped.
  if (upper[place + 1] === '.') place += 2
  const name = words[place]
  if (name === undefined || upper[place] === 'ON') return undefined
  return { name: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(), made }
}
