import { CqlParseError, parseStatement } from '../cql/index.js'

/**
 * What a statement would destroy: `table:users`, `column:users.email`, `type:address`, `rows:users`, `keyspace:shop`.
 *
 * @returns nothing for statements that destroy nothing, and for rows that a DELETE names
 */
export function lossesOf(statement: string): string[] {
  try {
    const parsed = parseStatement(statement)
    switch (parsed.kind) {
      case 'drop':
        return parsed.target === 'index' ? [] : [`${parsed.target}:${parsed.name.name}`]
      case 'truncate':
        return [`rows:${parsed.table.name}`]
      case 'alter table':
        return parsed.change.kind === 'drop' ? parsed.change.columns.map(({ name }) => `column:${parsed.table.name}.${name}`) : []
      default:
        return []
    }
  } catch (error) {
    if (!(error instanceof CqlParseError)) throw error
    // What this parser does not know may still drop something, such as a view or a function.
    const [, kind, name] = /^\s*DROP\s+(\w+(?:\s+VIEW)?)\s+(?:IF\s+EXISTS\s+)?([\w".]+)/i.exec(statement) ?? []
    return kind === undefined || kind.toUpperCase() === 'INDEX' ? [] : [`${kind.toLowerCase().replace(/\s+/, ' ')}:${name}`]
  }
}
