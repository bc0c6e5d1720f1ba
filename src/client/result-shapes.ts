import { Lru } from '../base/index.js'
import { RowDecoder, sameType } from '../codecs/index.js'
import type { Codecs, Column } from '../codecs/index.js'

/** Statements whose columns are remembered. */
const CAPACITY = 500

/**
 * Decoders of results whose columns come with each answer: of statements that were not prepared, and on v4 of those whose columns may change.
 * As long as they are the same, so is the decoder, and what it has been specialised to.
 */
export class ResultShapes {
  readonly #codecs: Codecs
  readonly #decoders = new Lru<string, RowDecoder>(CAPACITY)

  constructor(codecs: Codecs) {
    this.#codecs = codecs
  }

  /** The decoder of a statement's result. @param columns as they came with it */
  decoderOf(query: string, columns: readonly Column[]): RowDecoder {
    const known = this.#decoders.get(query)
    if (known && sameColumns(known.columns, columns)) return known
    const decoder = new RowDecoder(columns, this.#codecs)
    this.#decoders.set(query, decoder)
    return decoder
  }
}

/** Whether two results have the same columns, table and keyspace included. */
export function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((column, i) => {
    const other = b[i]!
    return column.name === other.name && column.table === other.table && column.keyspace === other.keyspace && sameType(column.type, other.type)
  })
}
