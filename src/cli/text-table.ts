import { toHex } from '../base/index.js'

/** A value as one cell of a table shows it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace(/:00\.000Z$/, '')
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${cellText(key)}: ${cellText(item)}`).join(', ')}}`
  if (value instanceof Set) return `{${Array.from(value, cellText).join(', ')}}`
  if (Array.isArray(value)) return `[${value.map(cellText).join(', ')}]`
  return String(value)
}

/**
 * Draws rows as a table of text, numbers to the right.
 *
 * @param columns names of the properties to show, in order
 * @returns lines, without a line break at the end
 */
export function drawTable(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): string {
  const cells = rows.map((row) => columns.map((column) => cellText(row[column])))
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i]!.length)))
  const right = columns.map((column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint'))
  const line = (texts: readonly string[]): string => ` ${texts.map((text, i) => (right[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))).join(' │ ')}`.trimEnd()
  return [line(columns), `─${widths.map((width) => '─'.repeat(width)).join('─┼─')}─`, ...cells.map(line)].join('\n')
}
