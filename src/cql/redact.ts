import { CqlParseError, tokenize } from './tokens.js'
import type { TokenKind } from './tokens.js'

const literals: ReadonlySet<TokenKind> = new Set(['string', 'integer', 'float', 'uuid', 'blob', 'duration'])

/**
 * A statement with `?` in the place of each literal, and without comments, so that it may be shown where values must not be.
 *
 * @returns the text; of one that is no CQL only the first word
 */
export function redactLiterals(query: string): string {
  try {
    let text = ''
    let end = 0
    for (const token of tokenize(query)) {
      if (token.start > end && text !== '' && token.kind !== 'end') text += ' '
      text += literals.has(token.kind) ? '?' : query.slice(token.start, token.end)
      end = token.end
    }
    return text
  } catch (error) {
    if (!(error instanceof CqlParseError)) throw error
    return `${/[A-Za-z]+/.exec(query)?.[0] ?? ''} … (not CQL)`
  }
}
