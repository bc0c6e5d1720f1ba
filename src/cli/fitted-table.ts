import { cellText } from './text-table.js'

/** Columns are not made narrower than this. */
const LEAST = 6

/** How many columns of a terminal a text takes: twice as many for East Asian characters and emoji, none for combining marks. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += /\p{Mn}|\p{Me}|\p{Cf}/u.test(character) ? 0 : /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Extended_Pictographic}/u.test(character) ? 2 : 1
  return width
}

/** A text of exactly that width, cut where it is longer. */
function fit(text: string, width: number, right: boolean): string {
  let shown = text
  if (widthOf(text) > width) {
    const characters = [...text]
    while (widthOf(characters.join('')) > width - 1) characters.pop()
    shown = `${characters.join('')}…`
  }
  const blanks = ' '.repeat(width - widthOf(shown))
  return right ? blanks + shown : shown + blanks
}

/** One line: control characters would break the table. */
function lineOf(value: unknown): string {
  // oxlint-disable-next-line no-control-regex -- those are what is replaced
  return cellText(value).replaceAll(/[\u0000-\u001f\u007f]/g, (character) => (character === '\n' ? '\\n' : character === '\t' ? '\\t' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`))
}

/**
 * Draws rows as a table no wider than a terminal: the widest columns are cut.
 *
 * @param rows values in the order of the columns
 * @param width of the terminal; undefined for as wide as it takes
 * @returns lines, without a line break at the end
 */
export function fittedTable(columns: readonly string[], rows: readonly (readonly unknown[])[], width: number | undefined): string {
  const cells = rows.map((row) => row.map(lineOf))
  const widths = columns.map((column, i) => Math.max(widthOf(column), ...cells.map((row) => widthOf(row[i]!))))
  const right = columns.map((_, i) => rows.length > 0 && rows.every((row) => row[i] === null || typeof row[i] === 'number' || typeof row[i] === 'bigint'))
  if (width !== undefined) {
    for (let over = widths.reduce((sum, each) => sum + each + 3, 0) - 1 - width; over > 0; over--) {
      const widest = widths.indexOf(Math.max(...widths))
      if (widths[widest]! <= LEAST) break
      widths[widest]!--
    }
  }
  const line = (texts: readonly string[]): string => ` ${texts.map((text, i) => fit(text, widths[i]!, right[i]!)).join(' │ ')}`.trimEnd()
  return [line(columns), `─${widths.map((each) => '─'.repeat(each)).join('─┼─')}─`, ...cells.map(line)].join('\n')
}

/** Draws rows one below the other, a line for each value: for tables that no terminal is wide enough for. */
export function expandedRows(columns: readonly string[], rows: readonly (readonly unknown[])[], first: number): string {
  const width = Math.max(0, ...columns.map(widthOf))
  return rows.map((row, i) => [`@ Row ${first + i}`, ...columns.map((column, at) => ` ${fit(column, width, false)} │ ${cellText(row[at])}`)].join('\n')).join('\n')
}
