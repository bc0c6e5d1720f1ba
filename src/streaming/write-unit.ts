import { latin1Decode } from '../base/index.js'
import type { Statement } from '../client/index.js'

/** A record on its way. */
export interface Entry {
  readonly index: number
  readonly record: unknown
  /** In the order of the statement's parameters. */
  values: readonly unknown[]
  /** The first one it was given, in microseconds: who writes it again must not overtake later writes. */
  readonly timestamp: bigint
  attempts: number
}

/** What is sent as one request: a record, or several of one partition. */
export class WriteUnit {
  readonly entries: Entry[]
  /** Stands for the partition; undefined when that is not known. */
  readonly key: string | undefined
  #bytes = 0
  /** Rows that it writes, once there are several: two records of one row cannot share the timestamp of a batch. */
  #rows: Set<string> | undefined

  constructor(entry: Entry, key: string | undefined) {
    this.entries = [entry]
    this.key = key
  }

  /** Takes a record in, unless there is no room. */
  join(entry: Entry, statement: Statement, maxBytes: number): boolean {
    if (this.entries.length >= MAX_ROWS || (this.#rows ??= this.#begin(statement)).size < this.entries.length) return false
    const row = rowOf(statement, entry)
    const bytes = statement.encodedLength(entry.values)
    if (row === undefined || this.#rows.has(row) || this.#bytes + bytes > maxBytes) return false
    this.#rows.add(row)
    this.#bytes += bytes
    this.entries.push(entry)
    return true
  }

  /** The row of its first record; none when that is not known or does not fit its type, which sending it will say. */
  #begin(statement: Statement): Set<string> {
    const [first] = this.entries
    const row = rowOf(statement, first!)
    try {
      this.#bytes = statement.encodedLength(first!.values)
      return new Set(row === undefined ? [] : [row])
    } catch {
      return new Set()
    }
  }
}

/** Stands for the row that a record is about. */
function rowOf(statement: Statement, { values }: Entry): string | undefined {
  const key = statement.primaryKey(values)
  return key && latin1Decode(key, 0, key.length)
}

/** Statements in one batch: beyond some dozens a batch costs its coordinator more than it saves. */
const MAX_ROWS = 64
