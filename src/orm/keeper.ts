import type { RequestOptions, Result } from '../client/index.js'
import type { AnyRow } from './along.js'
import { DeleteQuery } from './delete.js'
import { completed, InsertQuery } from './insert.js'
import { afterUpdate, keptChanges, keptRows, sameRow } from './query-tables.js'
import type { KeptTable } from './query-tables.js'
import { keyOf, keyText } from './row-key.js'
import { Select } from './select.js'
import { everythingOf } from './select-text.js'
import type { QueryOptions, Session } from './session.js'
import type { TableModel } from './table.js'
import type { WriteText } from './write-query.js'

/** What a comparison of a table with one of its query tables has found. */
export interface KeptReport {
  readonly table: string
  /** Rows of the query table that were not there. */
  readonly missing: number
  /** Rows of the query table that no row stands for any more. */
  readonly ghosts: number
  /** Rows of the query table with other values than the row that they stand for. */
  readonly different: number
}

/**
 * Writes rows together with what stands for them in query tables: in one logged batch, all of it with one timestamp. What was there before is read
 * first, since a key that has changed leaves a row behind. Two that change one row at once may leave a row behind as well: {@link Keeper.compare} finds it.
 */
export class Keeper {
  readonly #session: Session
  readonly #table: TableModel
  readonly #kept: readonly KeptTable[]

  constructor(session: Session, table: TableModel, kept: readonly KeptTable[]) {
    this.#session = session
    this.#table = table
    this.#kept = kept
  }

  /**
   * Sends a write of a row with all that follows from it.
   *
   * @param main the write, dated with a timestamp
   * @param after what the row is then; undefined when it is there no more
   * @param given the timestamp, where it is not the next one
   */
  async write(main: (timestamp: bigint) => WriteText, key: Readonly<AnyRow>, after: (before: AnyRow | undefined) => AnyRow | undefined, options: RequestOptions, ttl: number | undefined, given: bigint | undefined): Promise<Result> {
    const { client } = this.#session
    const before = await this.#row(key)
    const timestamp = given ?? this.#nextTimestamp()
    const now = after(before)
    const items = this.#kept.flatMap((kept) => {
      const { removed, written } = keptChanges(kept, before, now)
      return [...removed.map((row) => this.#remove(kept, row, timestamp)), ...written.map((row) => this.#put(kept, row, timestamp, ttl))]
    })
    return client.batch([main(timestamp), ...items], { ...options, idempotent: true })
  }

  /** After a row was inserted. */
  static inserted(values: Readonly<AnyRow>): (before: AnyRow | undefined) => AnyRow {
    return (before) => ({ ...before, ...values })
  }

  /** After a row was updated. */
  updated(key: Readonly<AnyRow>, values: Readonly<AnyRow>): (before: AnyRow | undefined) => AnyRow {
    return (before) => afterUpdate(this.#table, before ?? { ...key }, values)
  }

  #row(key: Readonly<AnyRow>): Promise<AnyRow | undefined> {
    return this.#read(this.#table, key, { consistency: 'quorum' })
  }

  #nextTimestamp(): bigint {
    return this.#session.client.nextTimestamp() ?? BigInt(Date.now()) * 1000n
  }

  #put({ model }: KeptTable, row: AnyRow, timestamp: bigint, ttl?: number): WriteText {
    // Null where the row has nothing: what an earlier row of the same key had must go.
    const values = Object.fromEntries([...model.columns.keys()].map((property) => [property, row[property] ?? null]))
    return new InsertQuery(this.#session, model, completed(model, values), false, { ttl, timestamp }, undefined).text()
  }

  #remove({ model }: KeptTable, row: AnyRow, timestamp: bigint): WriteText {
    return new DeleteQuery(this.#session, { table: model, columns: [], filter: keyOf(model, row), conditions: undefined, timestamp }, undefined).text()
  }

  /**
   * Compares the table with its query tables, all of their rows, and mends them if that is asked for.
   *
   * @param repair writes what is missing or different, and deletes what stands for nothing
   */
  async compare(repair: boolean, options: QueryOptions): Promise<KeptReport[]> {
    return Promise.all(this.#kept.map((kept) => this.#compareOne(kept, repair, { consistency: 'quorum', ...options })))
  }

  async #compareOne(kept: KeptTable, repair: boolean, options: QueryOptions): Promise<KeptReport> {
    const { client } = this.#session
    const counts = { missing: 0, ghosts: 0, different: 0 }
    // What is mended is decided again from the row as it is then, and dated then: whoever writes meanwhile writes later.
    const mend = async (key: Readonly<AnyRow>, found: AnyRow | undefined): Promise<void> => {
      const timestamp = this.#nextTimestamp()
      const wanted = keptRows(kept, await this.#row(keyOf(this.#table, key)))
      const items = [...(found && !wanted.has(keyText(kept.model, found)) ? [this.#remove(kept, found, timestamp)] : []), ...[...wanted.values()].map((row) => this.#put(kept, row, timestamp))]
      if (items.length > 0) await client.batch(items, { consistency: options.consistency, idempotent: true })
    }
    for await (const row of this.#all(this.#table, options)) {
      for (const wanted of keptRows(kept, row).values()) {
        const there = await this.#read(kept.model, keyOf(kept.model, wanted), options)
        if (there && sameRow(kept, there, wanted)) continue
        counts[there ? 'different' : 'missing']++
        if (repair) await mend(row, undefined)
      }
    }
    for await (const row of this.#all(kept.model, options)) {
      const base = await this.#row(keyOf(this.#table, row))
      if (keptRows(kept, base).has(keyText(kept.model, row))) continue
      counts.ghosts++
      if (repair) await mend(row, row)
    }
    return { table: kept.name, ...counts }
  }

  #all(table: TableModel, options: QueryOptions): AsyncGenerator<AnyRow, void, undefined> {
    return new Select<never, AnyRow>(this.#session, everythingOf(table), options).stream()
  }

  /** The row of a key, in the table or in one that it is kept in. */
  async #read(table: TableModel, key: Readonly<AnyRow>, options: QueryOptions): Promise<AnyRow | undefined> {
    return (await new Select(this.#session, { ...everythingOf(table), limit: 1 }, options).whereDynamic(key as never).all())[0] as AnyRow | undefined
  }
}

