// CQL scripts: statements with semicolons between them, taken apart and put together.
import { tokenize } from '../cql/index.js'

/**
 * The statements of a script, without semicolons, comments and empty ones. A batch, which has semicolons inside, is one statement.
 *
 * @throws CqlParseError where the text is no CQL at all, such as a string that does not end
 */
export function statementsOf(script: string): string[] {
  const statements: string[] = []
  let from: number | undefined
  let to = 0
  let inBatch = false
  const end = (): void => {
    if (from !== undefined) statements.push(script.slice(from, to))
    from = undefined
  }
  for (const token of tokenize(script)) {
    const word = token.kind === 'word' ? script.slice(token.start, token.end).toUpperCase() : ''
    if (token.kind === 'end') break
    if (token.kind === 'mark' && script.slice(token.start, token.end) === ';' && !inBatch) {
      end()
      continue
    }
    if (from === undefined) {
      from = token.start
      inBatch = word === 'BEGIN'
    }
    if (inBatch && word === 'APPLY') inBatch = false
    to = token.end
  }
  end()
  return statements
}

/** A script of statements. */
export function scriptOf(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join('')
}
