import { isReserved } from '../base/index.js'
import type { BinaryTerm, Name, Term, UdtTerm } from './ast.js'
import type { TokenReader } from './token-reader.js'

/**
 * Reads a term: sums of products, as CQL has them.
 *
 * @param columns whether words may stand for columns, as in SELECT
 */
export function parseTerm(reader: TokenReader, columns = false): Term {
  return reader.nested(() => binary(reader, ['+', '-'], () => binary(reader, ['*', '/', '%'], () => unary(reader, columns))))
}

function binary(reader: TokenReader, operators: readonly string[], read: () => Term): Term {
  const { start } = reader
  let left = read()
  for (;;) {
    const operator = operators.find((mark) => reader.isMark(mark))
    if (operator === undefined) return left
    reader.next()
    const right = read()
    left = { kind: 'binary', operator: operator as BinaryTerm['operator'], left, right, ...reader.span(start) }
  }
}

function unary(reader: TokenReader, columns: boolean): Term {
  const { start } = reader
  if (!reader.takeMark('-')) return postfix(reader, columns)
  const token = reader.peek()
  if (token.kind === 'integer' || token.kind === 'float') {
    reader.next()
    return { kind: 'literal', type: token.kind, text: `-${token.text}`, ...reader.span(start) }
  }
  if (token.kind === 'word' && /^(nan|infinity)$/i.test(token.text)) {
    reader.next()
    return { kind: 'literal', type: 'float', text: `-${token.text}`, ...reader.span(start) }
  }
  const term = reader.nested(() => unary(reader, columns))
  return { kind: 'negative', term, ...reader.span(start) }
}

/** Elements and fields of what stands before. */
function postfix(reader: TokenReader, columns: boolean): Term {
  const { start } = reader
  let term = primary(reader, columns)
  while (columns && term.kind !== 'literal') {
    if (reader.takeMark('.')) term = { kind: 'field', of: term, field: reader.name(), ...reader.span(start) }
    else if (reader.takeMark('[')) term = element(reader, term, start)
    else break
  }
  return term
}

function element(reader: TokenReader, of: Term, start: number): Term {
  const dots = (): boolean => {
    if (!reader.isMark('.') || !reader.isMark('.', 1)) return false
    reader.next()
    reader.next()
    return true
  }
  let key: Term | undefined
  let slice: { from: Term | undefined; to: Term | undefined } | undefined
  if (dots()) slice = { from: undefined, to: reader.isMark(']') ? undefined : parseTerm(reader) }
  else {
    key = parseTerm(reader)
    if (dots()) slice = { from: key, to: reader.isMark(']') ? undefined : parseTerm(reader) }
  }
  reader.expectMark(']')
  return { kind: 'element', of, key: slice ? undefined : key, slice, ...reader.span(start) }
}

function primary(reader: TokenReader, columns: boolean): Term {
  const token = reader.peek()
  const { start } = token
  switch (token.kind) {
    case 'string':
    case 'integer':
    case 'float':
    case 'uuid':
    case 'blob':
    case 'duration':
      reader.next()
      return { kind: 'literal', type: token.kind, text: token.text, ...reader.span(start) }
    case 'bind':
      reader.next()
      return { kind: 'bind', index: reader.bindIndex(), ...reader.span(start) }
    case 'mark':
      return bracketed(reader, columns)
    case 'word':
    case 'quoted':
      return named(reader, columns)
    default:
      throw reader.unexpected('a term')
  }
}

function bracketed(reader: TokenReader, columns: boolean): Term {
  const { start } = reader
  if (reader.takeMark(':')) {
    const index = reader.bindIndex()
    return { kind: 'bind', index, name: reader.name().name, ...reader.span(start) }
  }
  if (reader.takeMark('[')) {
    const items = reader.isMark(']') ? [] : reader.list(() => parseTerm(reader, columns))
    reader.expectMark(']')
    return { kind: 'list', items, ...reader.span(start) }
  }
  if (reader.isMark('{')) return braces(reader, columns)
  if (reader.isMark('(')) return parentheses(reader, columns)
  throw reader.unexpected('a term')
}

function braces(reader: TokenReader, columns: boolean): Term {
  const { start } = reader
  reader.expectMark('{')
  if (reader.takeMark('}')) return { kind: 'set', items: [], ...reader.span(start) }
  // A bare name before a colon is a field of a user-defined type; any other term is the key of a map.
  if (((reader.peek().kind === 'word' && !isReserved(reader.peek().text)) || reader.peek().kind === 'quoted') && reader.isMark(':', 1)) {
    const fields: UdtTerm['fields'] = reader.list(() => {
      const name: Name = reader.name()
      reader.expectMark(':')
      return { name, value: parseTerm(reader, columns) }
    })
    reader.expectMark('}')
    return { kind: 'udt', fields, ...reader.span(start) }
  }
  const first = parseTerm(reader, columns)
  if (reader.takeMark(':')) {
    const entries = [{ key: first, value: parseTerm(reader, columns) }]
    while (reader.takeMark(',')) {
      const key = parseTerm(reader, columns)
      reader.expectMark(':')
      entries.push({ key, value: parseTerm(reader, columns) })
    }
    reader.expectMark('}')
    return { kind: 'map', entries, ...reader.span(start) }
  }
  const items = [first]
  while (reader.takeMark(',')) items.push(parseTerm(reader, columns))
  reader.expectMark('}')
  return { kind: 'set', items, ...reader.span(start) }
}

/** `(a, b)` is a tuple, `(type) a` a type hint; `(a)` alone is a tuple of one outside SELECT. */
function parentheses(reader: TokenReader, columns: boolean): Term {
  const { start, mark } = reader
  reader.expectMark('(')
  const { kind } = reader.peek()
  if (kind === 'word' || kind === 'quoted') {
    const hint = typeHint(reader, columns, start)
    if (hint) return hint
    reader.reset(mark)
    reader.expectMark('(')
  }
  const items = reader.list(() => parseTerm(reader, columns))
  reader.expectMark(')')
  if (columns && items.length === 1) return items[0]!
  return { kind: 'tuple', items, ...reader.span(start) }
}

function typeHint(reader: TokenReader, columns: boolean, start: number): Term | undefined {
  try {
    const type = reader.typeName()
    if (!reader.takeMark(')')) return undefined
    const { kind, text } = reader.peek()
    const follows = kind === 'mark' ? ['(', '[', '{', ':'].includes(text) : kind !== 'end' && !(kind === 'word' && !reader.isMark('(', 1))
    if (!follows) return undefined
    return { kind: 'hint', type, term: postfix(reader, columns), ...reader.span(start) }
  } catch {
    return undefined
  }
}

function named(reader: TokenReader, columns: boolean): Term {
  const token = reader.peek()
  const { start } = token
  if (token.kind === 'word') {
    const word = token.text.toUpperCase()
    if (word === 'TRUE' || word === 'FALSE') {
      reader.next()
      return { kind: 'literal', type: 'boolean', text: word.toLowerCase(), ...reader.span(start) }
    }
    if (word === 'NULL') {
      reader.next()
      return { kind: 'literal', type: 'null', text: 'NULL', ...reader.span(start) }
    }
    if (word === 'NAN' || word === 'INFINITY') {
      reader.next()
      return { kind: 'literal', type: 'float', text: token.text, ...reader.span(start) }
    }
    if (word === 'CAST' && reader.isMark('(', 1)) {
      reader.next()
      reader.next()
      const term = parseTerm(reader, columns)
      reader.expectWord('AS')
      const type = reader.typeName()
      reader.expectMark(')')
      return { kind: 'cast', term, type, ...reader.span(start) }
    }
  }
  if (reader.isMark('(', 1) || (reader.isMark('.', 1) && reader.isMark('(', 3))) return call(reader, columns)
  if (!columns) throw reader.unexpected('a term')
  const { name } = reader.name()
  return { kind: 'column', name, ...reader.span(start) }
}

function call(reader: TokenReader, columns: boolean): Term {
  const { start } = reader
  const name = reader.functionName()
  reader.expectMark('(')
  if (reader.takeMark('*')) {
    reader.expectMark(')')
    return { kind: 'call', function: name, args: [], star: true, ...reader.span(start) }
  }
  const args = reader.isMark(')') ? [] : reader.list(() => parseTerm(reader, columns))
  reader.expectMark(')')
  return { kind: 'call', function: name, args, ...reader.span(start) }
}
