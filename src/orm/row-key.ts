import { jsonReplacer } from '../codecs/index.js'
import type { AnyRow } from './along.js'
import type { TableModel } from './table.js'

/** The columns of a row's primary key. */
export function keyOf({ primaryKey }: TableModel, row: Readonly<AnyRow>): AnyRow {
  return Object.fromEntries(primaryKey.map(({ property }) => [property, row[property]]))
}

/** A row's primary key as text: equal ones have equal texts. */
export function keyText({ primaryKey }: TableModel, row: Readonly<AnyRow>): string {
  return JSON.stringify(primaryKey.map(({ property, encode }) => (encode ? encode(row[property]) : row[property])), jsonReplacer)
}
