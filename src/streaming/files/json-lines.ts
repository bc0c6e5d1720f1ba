import { Flow, flow } from '../flow.js'
import { MapSource } from '../operators.js'
import type { Input } from '../source.js'
import type { FieldReaders, FileColumn, FileRecord } from './file-record.js'
import { fromJson, toJson } from './json-values.js'
import { linesOf } from './lines.js'

/**
 * Writes rows as JSON Lines: an object in each line, in UTF-8, with values as `client.json` writes them.
 *
 * @param pages rows as lists of values, in the order of the columns
 * @returns a chunk for each page
 */
export function writeJsonLines(pages: Input<readonly (readonly unknown[])[]>, columns: readonly FileColumn[]): Flow<Uint8Array> {
  const encoder = new TextEncoder()
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`)
  const converters = columns.map(({ type }) => toJson(type))
  const line = (row: readonly unknown[]): string => {
    let text = '{'
    for (let i = 0; i < names.length; i++) {
      const value = row[i]
      text += (i === 0 ? '' : ',') + names[i] + (value === null || value === undefined ? 'null' : JSON.stringify(converters[i]!(value)))
    }
    return `${text}}\n`
  }
  return flow(pages).map((rows): Uint8Array => {
    let text = ''
    for (const row of rows) text += line(row)
    return encoder.encode(text)
  })
}

/**
 * Reads JSON Lines. A line that is no JSON object becomes a record with an `error`; empty lines are left out.
 *
 * @param chunks bytes in UTF-8, cut anywhere
 */
export function readJsonLines(chunks: Input<Uint8Array>): Flow<FileRecord> {
  return new Flow(() => new MapSource(linesOf(chunks).open(), ({ line, text }): FileRecord => {
    try {
      const fields = JSON.parse(text) as unknown
      if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return { line, text, fields: fields as Record<string, unknown> }
      return { line, text, fields: {}, error: new TypeError('The line is no JSON object') }
    } catch (error) {
      return { line, text, fields: {}, error: error as Error }
    }
  }))
}

/** How fields of JSON Lines become values of columns. */
export function jsonReaders(columns: readonly FileColumn[]): FieldReaders {
  return new Map(columns.map(({ name, type }) => [name, fromJson(type)]))
}
