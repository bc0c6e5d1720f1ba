// What the first words of a statement tell, without parsing it.
const BLANK = String.raw`(?:\s|--[^\n]*(?:\n|$)|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*`
const SELECT = new RegExp(`^${BLANK}SELECT\\b`, 'i')
const USE = new RegExp(`^${BLANK}USE\\b`, 'i')
/** A word IF outside quotes: also of DDL, where a mistaken "conditional" only means fewer retries. */
const IF = /\bIF\b/i
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$/g

/** Whether the first word, behind blanks and comments, is SELECT. */
export function startsWithSelect(query: string): boolean {
  return SELECT.test(query)
}

/** Whether the first word, behind blanks and comments, is USE. */
export function startsWithUse(query: string): boolean {
  return USE.test(query)
}

/** Whether it may be a lightweight transaction. */
export function looksConditional(query: string): boolean {
  return IF.test(query) && !SELECT.test(query) && IF.test(query.replace(QUOTED, "''"))
}
