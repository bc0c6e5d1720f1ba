import { CqlError, nameError } from '../base/index.js'

/** A place in a statement's text. */
export interface Span {
  /** Of the first character. */
  readonly start: number
  /** After the last character. */
  readonly end: number
}

/** Kinds of tokens. */
export type TokenKind = 'word' | 'quoted' | 'string' | 'integer' | 'float' | 'uuid' | 'blob' | 'duration' | 'bind' | 'mark' | 'end'

/** The smallest part of a statement. */
export interface Token extends Span {
  readonly kind: TokenKind
  /** Words as written; quoted names and strings without quotes; everything else as written. */
  readonly text: string
}

/** A text is not CQL; tells where. */
export class CqlParseError extends CqlError {
  /** Offset into the text. */
  readonly position: number
  /** From 1. */
  readonly line: number
  /** From 0, as Cassandra counts. */
  readonly column: number
  constructor(text: string, position: number, what: string) {
    const before = text.slice(0, position)
    const line = before.split('\n').length
    const column = position - (before.lastIndexOf('\n') + 1)
    super(`line ${line}:${column} ${what}`, 'CQL_PARSE', 'permanent')
    this.position = position
    this.line = line
    this.column = column
  }
  static { nameError(this, 'CqlParseError') }
}

const BLANK = /(?:\s|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy
const DURATION = /-?(?:(?:\d+(?:y|mo|w|d|h|ms|us|µs|ns|m|s))+|P(?=\d|T\d)(?:\d+W|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?))(?![A-Za-z0-9_])/iy
const BLOB = /0x[0-9a-f]*(?![A-Za-z0-9_])/iy
const FLOAT = /\d+(?:\.(?!\.)\d*(?:e[+-]?\d+)?|e[+-]?\d+)(?![A-Za-z_])/iy
const INTEGER = /\d+(?![A-Za-z_])/y
const WORD = /[A-Za-z][A-Za-z0-9_]*/y
const QUOTED = /"((?:[^"]|"")*)"/y
const STRING = /'((?:[^']|'')*)'/y
const DOLLARS = /\$\$([\s\S]*?)\$\$/y
const MARK = /<=|>=|!=|<>|\+=|-=|[-+*/%()[\]{}<>=,;:.?]/y

const plain: readonly (readonly [kind: TokenKind, pattern: RegExp])[] = [['uuid', UUID], ['duration', DURATION], ['blob', BLOB], ['float', FLOAT], ['integer', INTEGER], ['word', WORD]]

/**
 * Cuts a text into tokens; blanks and comments are left out. The last token is of kind `end`.
 *
 * @throws CqlParseError at a character that begins no token
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let pos = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = pos
    return pattern.exec(text)
  }
  for (;;) {
    pos += match(BLANK)![0].length
    if (pos === text.length) break
    const token = next(text, pos, match, tokens.at(-1))
    tokens.push(token)
    pos = token.end
  }
  tokens.push({ kind: 'end', text: '', start: pos, end: pos })
  return tokens
}

function next(text: string, start: number, match: (pattern: RegExp) => RegExpExecArray | null, before: Token | undefined): Token {
  const quoted = match(QUOTED)
  if (quoted) return { kind: 'quoted', text: quoted[1]!.replaceAll('""', '"'), start, end: start + quoted[0].length }
  const string = match(STRING)
  if (string) return { kind: 'string', text: string[1]!.replaceAll("''", "'"), start, end: start + string[0].length }
  const dollars = match(DOLLARS)
  if (dollars) return { kind: 'string', text: dollars[1]!, start, end: start + dollars[0].length }
  for (const [kind, pattern] of plain) {
    const found = match(pattern)
    // A minus right after a value is an operator: `a -1d` is no negative duration.
    if (found && !(kind === 'duration' && found[0].startsWith('-') && before !== undefined && endsValue(before))) {
      return { kind, text: found[0], start, end: start + found[0].length }
    }
  }
  const mark = match(MARK)
  if (mark) return { kind: mark[0] === '?' ? 'bind' : 'mark', text: mark[0], start, end: start + mark[0].length }
  const what = text[start] === "'" || text[start] === '"' ? 'a quote that does not end' : `no viable alternative at character '${text[start]}'`
  throw new CqlParseError(text, start, what)
}

function endsValue(token: Token): boolean {
  return token.kind !== 'mark' || token.text === ')' || token.text === ']'
}
