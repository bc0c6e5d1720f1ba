import type { Statement, Term } from './ast.js'
import { parseBatch, parseDelete, parseInsert, parseSelect, parseUpdate } from './parse-queries.js'
import { parseDescribe } from './parse-describe.js'
import { parseAddIdentity, parseGrant, parseList } from './parse-roles.js'
import { parseAlter, parseCreate, parseDrop } from './parse-schema.js'
import { parseTerm } from './parse-terms.js'
import { TokenReader } from './token-reader.js'

/**
 * Reads one statement; a semicolon may follow.
 *
 * @param text CQL
 * @returns the syntax tree, whose nodes carry their places in the text
 * @throws CqlParseError with line and column where the text is not CQL
 *
 * @example
 * ```ts
 * import { parseStatement } from 'cqlwire/cql'
 * const statement = parseStatement('SELECT name FROM users WHERE id = ?')
 * if (statement.kind === 'select') console.log(statement.table.name, statement.where.length)
 * ```
 */
export function parseStatement(text: string): Statement {
  const reader = new TokenReader(text)
  const statement = parse(reader)
  reader.takeMark(';')
  if (reader.peek().kind !== 'end') throw reader.unexpected('the end of the statement')
  return statement
}

/** Reads a term alone, such as a constant. @throws CqlParseError */
export function parseTermText(text: string): Term {
  const reader = new TokenReader(text)
  const term = parseTerm(reader)
  if (reader.peek().kind !== 'end') throw reader.unexpected('the end of the term')
  return term
}

function parse(reader: TokenReader): Statement {
  const { start } = reader
  switch (reader.peek().kind === 'word' ? reader.peek().text.toUpperCase() : '') {
    case 'SELECT': return parseSelect(reader)
    case 'INSERT': return parseInsert(reader)
    case 'UPDATE': return parseUpdate(reader)
    case 'DELETE': return parseDelete(reader)
    case 'BEGIN': return parseBatch(reader)
    case 'CREATE': return parseCreate(reader)
    case 'ALTER': return parseAlter(reader)
    case 'DROP': return parseDrop(reader)
    case 'GRANT':
    case 'REVOKE': return parseGrant(reader)
    case 'LIST': return parseList(reader)
    case 'ADD': return parseAddIdentity(reader)
    case 'DESCRIBE':
    case 'DESC': return parseDescribe(reader)
    case 'TRUNCATE': {
      reader.next()
      if (!reader.word('TABLE')) reader.word('COLUMNFAMILY')
      return { kind: 'truncate', table: reader.qualifiedName(), ...reader.span(start) }
    }
    case 'USE':
      reader.next()
      return { kind: 'use', keyspace: reader.name(), ...reader.span(start) }
    default:
      throw reader.unexpected('a statement')
  }
}
