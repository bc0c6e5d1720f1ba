import { isReserved } from '../base/index.js'
import type { Name, QualifiedName, TypeName } from './ast.js'
import { CqlParseError, tokenize } from './tokens.js'
import type { Span, Token } from './tokens.js'

/** Levels of nesting that terms and types may have. */
export const MAX_DEPTH = 64

/** Reads tokens one after the other, with the few questions that a parser asks. */
export class TokenReader {
  readonly text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #bindMarkers = 0
  #depth = 0

  constructor(text: string) {
    this.text = text
    this.#tokens = tokenize(text)
  }

  /** The token that is next, or one further on. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Where the next node begins. */
  get start(): number {
    return this.peek().start
  }

  /** From `start` to the token read last. */
  span(start: number): Span {
    return { start, end: this.#at === 0 ? start : this.#tokens[this.#at - 1]!.end }
  }

  /** A place to come back to. */
  get mark(): number {
    return this.#at
  }

  reset(mark: number): void {
    this.#at = mark
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'word' && token.text.toUpperCase() === word
  }

  isMark(mark: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.kind === 'mark' && token.text === mark
  }

  /** Takes words if all of them follow. */
  word(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.isWord(word, i))) return false
    this.#at += words.length
    return true
  }

  takeMark(mark: string): boolean {
    if (!this.isMark(mark)) return false
    this.#at++
    return true
  }

  expectWord(...words: readonly string[]): void {
    for (const word of words) if (!this.word(word)) throw this.unexpected(word)
  }

  expectMark(mark: string): void {
    if (!this.takeMark(mark)) throw this.unexpected(`'${mark}'`)
  }

  /** A list with commas between. */
  list<T>(read: () => T): T[] {
    const items = [read()]
    while (this.takeMark(',')) items.push(read())
    return items
  }

  /** Takes a string, and gives what is in it. */
  string(): string {
    const token = this.peek()
    if (token.kind !== 'string') throw this.unexpected('a string')
    this.#at++
    return token.text
  }

  /** Takes an identifier. */
  name(): Name {
    const token = this.peek()
    if (token.kind === 'quoted') {
      if (token.text === '') throw this.unexpected('a name')
      this.#at++
      return { name: token.text, start: token.start, end: token.end }
    }
    if (token.kind !== 'word' || isReserved(token.text)) throw this.unexpected('a name')
    this.#at++
    return { name: token.text.toLowerCase(), start: token.start, end: token.end }
  }

  /** Takes the name of a function: `token` is a reserved word, and yet one. */
  functionName(): QualifiedName {
    if (!this.isWord('TOKEN')) return this.qualifiedName()
    const { text, start, end } = this.next()
    return { name: text.toLowerCase(), start, end }
  }

  qualifiedName(): QualifiedName {
    const first = this.name()
    if (!this.takeMark('.')) return first
    const second = this.name()
    return { keyspace: first.name, name: second.name, start: first.start, end: second.end }
  }

  /** Takes a type, to be understood where types are known. */
  typeName(): TypeName {
    const { start } = this
    this.#type()
    const span = this.span(start)
    return { text: this.text.slice(span.start, span.end), ...span }
  }

  #type(): void {
    const { kind } = this.peek()
    if (kind === 'string' || kind === 'integer') {
      this.#at++ // a class, or the dimension of a vector
      return
    }
    if (!this.word('SET')) this.qualifiedName() // a reserved word, and yet a type
    if (!this.takeMark('<')) return
    this.nested(() => this.list(() => this.#type()))
    this.expectMark('>')
  }

  /** The number of the next bind marker. */
  bindIndex(): number {
    return this.#bindMarkers++
  }

  /** Runs a parser of something that can contain itself. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new CqlParseError(this.text, this.start, `more than ${MAX_DEPTH} levels of nesting`)
    try {
      return read()
    } finally {
      this.#depth--
    }
  }

  unexpected(expected: string): CqlParseError {
    const token = this.peek()
    const found = token.kind === 'end' ? "input '<EOF>'" : `input '${this.text.slice(token.start, token.end)}'`
    return new CqlParseError(this.text, token.start, `mismatched ${found} expecting ${expected}`)
  }
}
