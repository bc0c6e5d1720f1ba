import { parsedOrNot } from './effect.js'

/**
 * What a statement would destroy: `table:users`, `column:users.email`, `type:address`, `view:users_by_email`, `rows:users`, `keyspace:shop`.
 *
 * @returns nothing for statements that destroy nothing, and for rows that a DELETE names
 */
export function lossesOf(statement: string): string[] {
  const parsed = parsedOrNot(statement)
  switch (parsed?.kind) {
    case 'drop':
      return parsed.target === 'index' ? [] : [`${parsed.target === 'materialized view' ? 'view' : parsed.target}:${parsed.name.name}`]
    case 'truncate':
      return [`rows:${parsed.table.name}`]
    case 'alter table':
      return parsed.change.kind === 'drop' ? parsed.change.columns.map(({ name }) => `column:${parsed.table.name}.${name}`) : []
    case undefined: {
      // What this parser does not know may still drop something.
      const [, kind, name] = /^\s*DROP\s+(\w+(?:\s+\w+)??)\s+(?:IF\s+EXISTS\s+)?([\w".]+)/i.exec(statement) ?? []
      return kind === undefined ? [] : [`${kind.toLowerCase()}:${name}`]
    }
    default:
      return []
  }
}
