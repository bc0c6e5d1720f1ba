import type { CqlType } from '../../codecs/index.js'

/** A column of a file, and of the table that its values come from or go to. */
export interface FileColumn {
  readonly name: string
  readonly type: CqlType
}

/** A record of a file: values by the names of columns, as the file has them. */
export interface FileRecord {
  /** Where it begins: a line of a text, or the number of the row; from 1. */
  readonly line: number
  readonly fields: Readonly<Record<string, unknown>>
  /** The text, of formats that are text. */
  readonly text?: string | undefined
  /** Why it could not be read; the fields are empty then. */
  readonly error?: Error | undefined
}

/** Turns the fields of one file into values that can be bound. */
export type FieldReaders = ReadonlyMap<string, (field: unknown) => unknown>

/**
 * Turns a record into values for a statement.
 *
 * @throws what does not fit, naming the column
 */
export function readFields({ fields }: FileRecord, readers: FieldReaders): Record<string, unknown> {
  const values = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(fields)) {
    const read = readers.get(name)
    const field = fields[name]
    try {
      values[name] = read === undefined || field === null || field === undefined ? (field ?? null) : read(field)
    } catch (error) {
      throw new TypeError(`Column '${name}': ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return values
}
