/** A statement of a script. */
export interface ScriptStatement {
  /** Without the semicolon. */
  readonly text: string
  /** Where it begins in the script. */
  readonly start: number
}

/** A script, cut into statements. */
export interface SplitScript {
  readonly statements: readonly ScriptStatement[]
  /** What comes after the last semicolon: the beginning of a statement, or nothing but blanks and comments. */
  readonly rest: string
}

const BLANK = /(?:\s|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
/** Text that a semicolon in it does not end: strings, quoted names, comments; or one word; or any other character. */
const PIECE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z][A-Za-z0-9_]*|[\s\S]/y
/** What does not end yet, so that a semicolon in it does not count either. */
const OPEN = /(?:'(?:[^']|'')*|"(?:[^"]|"")*|\$\$[\s\S]*|\/\*[\s\S]*)$/y

/** Cuts a script at its semicolons, but those within strings, comments and batches. */
export function splitStatements(script: string): SplitScript {
  const statements: ScriptStatement[] = []
  let start = 0
  for (;;) {
    const from = start + lengthAt(BLANK, script, start)
    const end = endOf(script, from)
    if (end === undefined) return { statements, rest: script.slice(from) }
    if (end > from) statements.push({ text: script.slice(from, end), start: from })
    start = end + 1
  }
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

/** Where the semicolon is that ends a statement; undefined when there is none. */
function endOf(script: string, from: number): number | undefined {
  const words: string[] = []
  for (let at = from; at < script.length;) {
    const first = script[at]!
    if (first === ';' && !isWithinBatch(words)) return at
    if (`'"$/`.includes(first) && lengthAt(OPEN, script, at) > 0 && lengthAt(PIECE, script, at) <= 1) return undefined
    PIECE.lastIndex = at
    const piece = PIECE.exec(script)![0]
    if (/^[A-Za-z]/.test(piece)) words.push(piece.toUpperCase())
    at += piece.length
  }
  return undefined
}

/** BEGIN … BATCH has statements with semicolons of their own, until APPLY BATCH. */
function isWithinBatch(words: readonly string[]): boolean {
  return words[0] === 'BEGIN' && !(words.at(-2) === 'APPLY' && words.at(-1) === 'BATCH')
}
