import type {
  Assignment, BatchStatementNode, Condition, Conditions, DeleteStatement, Deletion, InsertStatement, Modification, Name, Operator, OrderBy, Relation, RelationTarget, SelectStatement,
  Selector, Term, UpdateStatement, Using,
} from './ast.js'
import { parseTerm } from './parse-terms.js'
import type { TokenReader } from './token-reader.js'
import { CqlParseError } from './tokens.js'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Reads a SELECT. */
export function parseSelect(reader: TokenReader): SelectStatement {
  const { start } = reader
  reader.expectWord('SELECT')
  const json = !isSelectorNamed(reader) && reader.word('JSON')
  const distinct = !isSelectorNamed(reader) && reader.word('DISTINCT')
  const selectors = parseSelectors(reader)
  reader.expectWord('FROM')
  const table = reader.qualifiedName()
  const statement: Mutable<SelectStatement> = {
    kind: 'select', selectors, json, distinct, table, where: reader.word('WHERE') ? parseRelations(reader) : [], groupBy: [], orderBy: [], allowFiltering: false, start, end: start,
  }
  if (reader.word('GROUP', 'BY')) statement.groupBy = reader.list(() => parseTerm(reader, true))
  if (reader.word('ORDER', 'BY')) statement.orderBy = reader.list(() => orderBy(reader))
  if (reader.word('PER', 'PARTITION', 'LIMIT')) statement.perPartitionLimit = parseTerm(reader)
  if (reader.word('LIMIT')) statement.limit = parseTerm(reader)
  if (reader.word('ALLOW', 'FILTERING')) statement.allowFiltering = true
  statement.end = reader.span(start).end
  return statement
}

/** JSON and DISTINCT are no reserved words: `SELECT json FROM t` and `SELECT json, a FROM t` name a column. */
function isSelectorNamed(reader: TokenReader): boolean {
  return reader.isMark(',', 1) || reader.isWord('FROM', 1) || reader.isMark('(', 1) || reader.isMark('.', 1) || reader.isWord('AS', 1)
}

/** Reads what is selected; undefined for `*`. */
export function parseSelectors(reader: TokenReader): Selector[] | undefined {
  return reader.takeMark('*') ? undefined : reader.list(() => selector(reader))
}

function selector(reader: TokenReader): Selector {
  const { start } = reader
  const term = parseTerm(reader, true)
  const { end } = reader.span(start)
  const alias = reader.word('AS') ? reader.name() : undefined
  return { term, alias, text: reader.text.slice(start, end), ...reader.span(start) }
}

function orderBy(reader: TokenReader): OrderBy {
  const column = reader.name()
  if (reader.word('ANN', 'OF')) return { column, descending: false, ann: parseTerm(reader) }
  const descending = reader.word('DESC')
  if (!descending) reader.word('ASC')
  return { column, descending }
}

/** Reads the relations of a WHERE clause. */
export function parseRelations(reader: TokenReader): Relation[] {
  const list: Relation[] = []
  do list.push(...relation(reader))
  while (reader.word('AND'))
  return list
}

const comparisons: readonly Operator[] = ['=', '!=', '<=', '>=', '<', '>']

function comparison(reader: TokenReader): Operator | undefined {
  const operator = comparisons.find((mark) => reader.isMark(mark))
  if (operator !== undefined) reader.next()
  return operator
}

/** One relation; a pair of parentheses around one is allowed. */
function relation(reader: TokenReader): Relation[] {
  const { start } = reader
  const target = relationTarget(reader)
  const finish = (operator: Operator, value?: Term): Relation[] => [{ target, operator, value, ...reader.span(start) }]
  const operator = comparison(reader)
  if (operator !== undefined) return finish(operator, parseTerm(reader))
  if (target.kind === 'columns' || target.kind === 'column') {
    if (reader.word('IN')) {
      const values = inValues(reader)
      // Tuples, or markers for them, but not some of both.
      if (target.kind === 'columns' && values.kind === 'tuple' && values.items.some(({ kind }) => kind !== values.items[0]!.kind)) throw reader.unexpected('tuples alone, or bind markers alone')
      return finish('IN', values)
    }
    if (target.kind === 'column') {
      if (reader.word('CONTAINS', 'KEY')) return finish('CONTAINS KEY', parseTerm(reader))
      if (reader.word('CONTAINS')) return finish('CONTAINS', parseTerm(reader))
      if (reader.word('LIKE')) return finish('LIKE', parseTerm(reader))
      if (reader.word('IS', 'NOT', 'NULL')) return finish('IS NOT NULL')
    }
  }
  throw reader.unexpected('an operator')
}

function relationTarget(reader: TokenReader): RelationTarget {
  if (reader.isWord('TOKEN') && reader.isMark('(', 1)) {
    reader.next()
    reader.expectMark('(')
    const columns = reader.list(() => reader.name())
    reader.expectMark(')')
    return { kind: 'token', columns }
  }
  if (reader.takeMark('(')) {
    const columns = reader.list(() => reader.name())
    reader.expectMark(')')
    return { kind: 'columns', columns }
  }
  const column = reader.name()
  if (!reader.takeMark('[')) return { kind: 'column', column }
  const key = parseTerm(reader)
  reader.expectMark(']')
  return { kind: 'element', column, key }
}

/** What follows IN: a list in parentheses, or one marker for the whole list. */
function inValues(reader: TokenReader): Term {
  const { start } = reader
  if (!reader.isMark('(')) return parseTerm(reader)
  reader.next()
  const items = reader.isMark(')') ? [] : reader.list(() => parseTerm(reader))
  reader.expectMark(')')
  return { kind: 'tuple', items, ...reader.span(start) }
}

function using(reader: TokenReader, withTtl = true): Using {
  if (!reader.word('USING')) return {}
  const result: Mutable<Using> = {}
  do {
    if (reader.word('TIMESTAMP')) result.timestamp = parseTerm(reader)
    else if (withTtl && reader.word('TTL')) result.ttl = parseTerm(reader)
    else throw reader.unexpected(withTtl ? 'TIMESTAMP or TTL' : 'TIMESTAMP')
  } while (reader.word('AND'))
  return result
}

/** Reads an INSERT. */
export function parseInsert(reader: TokenReader): InsertStatement {
  const { start } = reader
  reader.expectWord('INSERT', 'INTO')
  const table = reader.qualifiedName()
  let columns: Name[] = []
  let values: Term[] = []
  let json: InsertStatement['json']
  if (reader.word('JSON')) {
    const value = parseTerm(reader)
    const defaultUnset = reader.word('DEFAULT', 'UNSET')
    if (!defaultUnset) reader.word('DEFAULT', 'NULL')
    json = { value, defaultUnset }
  } else {
    reader.expectMark('(')
    columns = reader.list(() => reader.name())
    reader.expectMark(')')
    reader.expectWord('VALUES')
    reader.expectMark('(')
    values = reader.list(() => parseTerm(reader))
    reader.expectMark(')')
  }
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const options = using(reader)
  return { kind: 'insert', table, columns, values, json, ifNotExists, using: options, ...reader.span(start) }
}

/** Reads an UPDATE. */
export function parseUpdate(reader: TokenReader): UpdateStatement {
  const { start } = reader
  reader.expectWord('UPDATE')
  const table = reader.qualifiedName()
  const options = using(reader)
  reader.expectWord('SET')
  const assignments = reader.list(() => assignment(reader))
  refuseTwice(reader, assignments)
  reader.expectWord('WHERE')
  const where = parseRelations(reader)
  return { kind: 'update', table, using: options, assignments, where, conditions: conditions(reader), ...reader.span(start) }
}

/** A column that is written as a whole is written once. */
function refuseTwice(reader: TokenReader, assignments: readonly Assignment[]): void {
  const twice = assignments.find(({ column, kind }, i) => assignments.some((other, j) => j !== i && other.column.name === column.name && (kind === 'set' || other.kind === 'set')))
  if (twice) throw new CqlParseError(reader.text, twice.start, `Multiple incompatible setting of column ${twice.column.name}`)
}

function assignment(reader: TokenReader): Assignment {
  const { start } = reader
  const column = reader.name()
  if (reader.takeMark('[')) {
    const key = parseTerm(reader)
    reader.expectMark(']')
    reader.expectMark('=')
    return { kind: 'element', column, key, value: parseTerm(reader), ...reader.span(start) }
  }
  if (reader.takeMark('.')) {
    const field = reader.name()
    reader.expectMark('=')
    return { kind: 'field', column, field, value: parseTerm(reader), ...reader.span(start) }
  }
  if (reader.takeMark('+=')) return { kind: 'add', column, value: parseTerm(reader), ...reader.span(start) }
  if (reader.takeMark('-=')) return { kind: 'subtract', column, value: parseTerm(reader), ...reader.span(start) }
  reader.expectMark('=')
  const own = isOwn(reader, column)
  if (own && (reader.isMark('+', 1) || reader.isMark('-', 1))) {
    reader.next()
    const kind = reader.next().text === '+' ? 'add' : 'subtract'
    return { kind, column, value: parseTerm(reader), ...reader.span(start) }
  }
  const value = parseTerm(reader, true)
  if (value.kind === 'binary' && value.operator === '+' && value.right.kind === 'column' && value.right.name === column.name) {
    return { kind: 'prepend', column, value: value.left, ...reader.span(start) }
  }
  rejectColumns(reader, value)
  return { kind: 'set', column, value, ...reader.span(start) }
}

function isOwn(reader: TokenReader, column: Name): boolean {
  const token = reader.peek()
  return (token.kind === 'quoted' ? token.text : token.kind === 'word' ? token.text.toLowerCase() : undefined) === column.name
}

/** Values cannot name columns; only `c = x + c` does. */
function rejectColumns(reader: TokenReader, term: Term): void {
  if (term.kind === 'column') {
    reader.reset(0)
    while (reader.start < term.start) reader.next()
    throw reader.unexpected('a term')
  }
  if (term.kind === 'binary') {
    rejectColumns(reader, term.left)
    rejectColumns(reader, term.right)
  }
}

/** Reads a DELETE. */
export function parseDelete(reader: TokenReader): DeleteStatement {
  const { start } = reader
  reader.expectWord('DELETE')
  const deletions = reader.isWord('FROM') ? [] : reader.list(() => deletion(reader))
  reader.expectWord('FROM')
  const table = reader.qualifiedName()
  const options = using(reader, false)
  reader.expectWord('WHERE')
  const where = parseRelations(reader)
  return { kind: 'delete', deletions, table, using: options, where, conditions: conditions(reader), ...reader.span(start) }
}

function deletion(reader: TokenReader): Deletion {
  const { start } = reader
  const column = reader.name()
  if (reader.takeMark('[')) {
    const key = parseTerm(reader)
    reader.expectMark(']')
    return { column, key, ...reader.span(start) }
  }
  if (reader.takeMark('.')) return { column, field: reader.name(), ...reader.span(start) }
  return { column, ...reader.span(start) }
}

function conditions(reader: TokenReader): Conditions | undefined {
  if (!reader.word('IF')) return undefined
  if (reader.word('EXISTS')) return { kind: 'exists' }
  const list = [condition(reader)]
  while (reader.word('AND')) list.push(condition(reader))
  return { kind: 'conditions', list }
}

function condition(reader: TokenReader): Condition {
  const { start } = reader
  const column = reader.name()
  let key: Term | undefined
  let field: Name | undefined
  if (reader.takeMark('[')) {
    key = parseTerm(reader)
    reader.expectMark(']')
  } else if (reader.takeMark('.')) field = reader.name()
  const operator = comparison(reader)
  if (operator !== undefined) return { column, key, field, operator, value: parseTerm(reader), ...reader.span(start) }
  if (reader.word('IN')) return { column, key, field, operator: 'IN', value: inValues(reader), ...reader.span(start) }
  if (reader.word('CONTAINS', 'KEY')) return { column, key, field, operator: 'CONTAINS KEY', value: parseTerm(reader), ...reader.span(start) }
  if (reader.word('CONTAINS')) return { column, key, field, operator: 'CONTAINS', value: parseTerm(reader), ...reader.span(start) }
  throw reader.unexpected('an operator')
}

/** Reads a BATCH. */
export function parseBatch(reader: TokenReader): BatchStatementNode {
  const { start } = reader
  reader.expectWord('BEGIN')
  const type = reader.word('UNLOGGED') ? 'unlogged' : reader.word('COUNTER') ? 'counter' : 'logged'
  reader.expectWord('BATCH')
  const options = using(reader)
  const statements: Modification[] = []
  while (!reader.isWord('APPLY')) {
    statements.push(parseModification(reader))
    reader.takeMark(';')
  }
  reader.expectWord('APPLY', 'BATCH')
  return { kind: 'batch', type, using: options, statements, ...reader.span(start) }
}

function parseModification(reader: TokenReader): Modification {
  if (reader.isWord('INSERT')) return parseInsert(reader)
  if (reader.isWord('UPDATE')) return parseUpdate(reader)
  if (reader.isWord('DELETE')) return parseDelete(reader)
  throw reader.unexpected('INSERT, UPDATE, DELETE or APPLY BATCH')
}
