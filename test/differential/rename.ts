// Statements and answers with other names in them, so that no name can play a part.
import { parseStatement } from '../../src/cql/index.js'
import type { Statement } from '../../src/cql/index.js'

/** Names that a statement defines. */
function definedBy(text: string): string[] {
  let statement: Statement
  try {
    statement = parseStatement(text)
  } catch {
    return []
  }
  switch (statement.kind) {
    case 'create table':
      return [statement.table.name, ...statement.columns.map(({ column }) => column.name)]
    case 'create type':
      return [statement.type.name, ...statement.fields.map(({ name }) => name.name)]
    case 'create view':
      return [statement.view.name]
    case 'create index':
      return statement.index ? [statement.index.name] : []
    case 'alter table':
      return statement.change.kind === 'add' ? statement.change.columns.map(({ column }) => column.name) : []
    default:
      return []
  }
}

/**
 * Gives the names that some statements define, but for those that mean something else, too, an end of their own, also in texts.
 * The end sorts before whatever else may follow a name, so that names keep their order.
 *
 * @param keep words that stay as they are
 * @returns what does so to a statement or an answer
 */
export function renaming(statements: readonly string[], seed: number, keep: ReadonlySet<string>): (text: string) => string {
  const names = [...new Set(statements.flatMap(definedBy))].filter((name) => /^\w+$/.test(name) && !keep.has(name.toLowerCase()))
  if (names.length === 0) return (text) => text
  const end = `0${seed.toString(36)}`
  // Names of indexes are made of those of tables and columns, with underscores between.
  const pattern = new RegExp(`(?<![A-Za-z0-9]|(?<!\\w)\\d+\\.)(${names.sort((a, b) => b.length - a.length).join('|')})(?![A-Za-z0-9])`, 'g')
  return (text) => text.replace(pattern, `$1${end}`)
}
