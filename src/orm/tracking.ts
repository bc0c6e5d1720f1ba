// What rows were when they were read, so that `save` writes what has changed since and nothing else.
import { jsonReplacer } from '../codecs/index.js'
import type { AnyRow } from './along.js'
import type { TableColumn, TableModel } from './table.js'

/** Remembers rows for as long as somebody holds them. */
export class Tracking {
  readonly #rows = new WeakMap<object, ReadonlyMap<string, unknown>>()

  /** Remembers a row as it is now. */
  remember(table: TableModel, row: AnyRow): void {
    this.#rows.set(row, new Map([...table.columns.values()].filter(({ property }) => Object.hasOwn(row, property)).map((column) => [column.property, print(column, row[column.property])])))
  }

  /** The columns of a row that are not what they were; undefined when it was never remembered. */
  changes(table: TableModel, row: AnyRow): TableColumn[] | undefined {
    const before = this.#rows.get(row)
    if (!before) return undefined
    return [...table.columns.values()].filter((column) => Object.hasOwn(row, column.property) && !Object.is(before.get(column.property), print(column, row[column.property])))
  }
}

/** A value as something that can be compared: itself, or its text where it may change in place. */
function print({ encode }: TableColumn, value: unknown): unknown {
  if (value === null || value === undefined) return value
  const plain = encode ? encode(value) : value
  return typeof plain === 'object' ? JSON.stringify([plain], replacer) : plain
}

/** As `jsonReplacer`, with all numbers, and dates without the range of ISO texts. */
function replacer(key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : jsonReplacer(key, value)
}
