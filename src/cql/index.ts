/**
 * cql: the language as text and as a tree.
 *
 * Here: tokens, the syntax tree (`ast.ts`), the parser and the printer. Next to come: the fingerprint.
 * Not here: what statements do (`server/`), and types (`codecs/`). Read `ast.ts` first.
 */
export type * from './ast.js'
export { parseStatement, parseTermText } from './parser.js'
export { printStatement } from './print.js'
export { printRelations, printTerm } from './print-terms.js'
export { redactLiterals } from './redact.js'
export { splitStatements } from './split.js'
export type { ScriptStatement, SplitScript } from './split.js'
export { CqlParseError, tokenize } from './tokens.js'
export type { Span, Token, TokenKind } from './tokens.js'
