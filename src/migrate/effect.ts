// Whether a statement has done its work already, as the live schema shows: what a migration that was interrupted has to know.
import type { KeyspaceMetadata } from '../cluster/index.js'
import { CqlParseError, parseStatement } from '../cql/index.js'
import type { CreateIndexStatement, DropStatement, Statement } from '../cql/index.js'

/** `done` and `missing` are certain; `repeatable` can be run again without harm; `unknown` is all else. */
export type Effect = 'done' | 'missing' | 'repeatable' | 'unknown'

/**
 * Looks whether a statement's effect is there.
 *
 * @param live the keyspace that the statement is of, as it is now
 */
export function effectOf(statement: string, live: KeyspaceMetadata): Effect {
  const parsed = parsedOrNot(statement)
  return parsed ? effectOfParsed(parsed, live) : 'unknown'
}

/** Undefined for what this parser does not know, such as statements of servers to come. */
export function parsedOrNot(statement: string): Statement | undefined {
  try {
    return parseStatement(statement)
  } catch (error) {
    if (error instanceof CqlParseError) return undefined
    throw error
  }
}

function effectOfParsed(statement: Statement, { tables, types, views }: KeyspaceMetadata): Effect {
  const found = (there: boolean): Effect => (there ? 'done' : 'missing')
  switch (statement.kind) {
    case 'create table':
      return found(tables.has(statement.table.name))
    case 'create type':
      return found(types.has(statement.type.name))
    case 'create view':
      return found(views.has(statement.view.name))
    case 'create index':
      return found(hasIndex(tables, indexNameOf(statement)))
    case 'drop':
      return effectOfDrop(statement, { tables, types, views }, found)
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
    case 'create function':
    case 'create aggregate':
      return statement.orReplace || statement.ifNotExists ? 'repeatable' : 'unknown' // several of one name differ by their arguments
    case 'create keyspace':
    case 'alter keyspace':
    case 'alter view':
    case 'alter role':
    case 'grant':
    case 'revoke':
    case 'describe':
    case 'truncate':
    case 'insert':
    case 'delete':
    case 'select':
      return 'repeatable'
    default:
      return 'unknown' // UPDATE may add to a counter or a list, and a batch have such an UPDATE
  }
}

function effectOfDrop({ target, name: { name } }: DropStatement, { tables, types, views }: Pick<KeyspaceMetadata, 'tables' | 'types' | 'views'>, found: (there: boolean) => Effect): Effect {
  switch (target) {
    case 'table':
      return found(!tables.has(name))
    case 'type':
      return found(!types.has(name))
    case 'materialized view':
      return found(!views.has(name))
    case 'index':
      return found(!hasIndex(tables, name))
    default:
      return 'unknown'
  }
}

function hasIndex(tables: KeyspaceMetadata['tables'], name: string): boolean {
  return [...tables.values()].some(({ indexes }) => indexes.has(name))
}

/** The name that an index is given, or that Cassandra gives it. */
export function indexNameOf({ index, table, targets }: CreateIndexStatement): string {
  return index?.name ?? `${table.name}_${targets.map(({ column }) => `${column.name}_`).join('')}idx`.replaceAll(/\W/g, '')
}
