import type { RequestOptions, Result } from '../client/index.js'
import type { AnyRow } from './along.js'
import { DeleteQuery } from './delete.js'
import { completed, InsertQuery } from './insert.js'
import { afterUpdate, keptChanges, keptRows, keyText, sameRow } from './query-tables.js'
import type { KeptTable } from './query-tables.js'
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
    const timestamp = given ?? client.nextTimestamp() ?? BigInt(Date.now()) * 1000n
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

  async #row(key: Readonly<AnyRow>): Promise<AnyRow | undefined> {
    return (await new Select(this.#session, { ...everythingOf(this.#table), limit: 1 }, { consistency: 'quorum' }).whereDynamic(key as never).all())[0] as AnyRow | undefined
  }

  #put({ model }: KeptTable, row: AnyRow, timestamp: bigint, ttl?: number): WriteText {
    // Null where the row has nothing: what an earlier row of the same key had must go.
    const values = Object.fromEntries([...model.columns.keys()].map((property) => [property, row[property] ?? null]))
    return new InsertQuery(this.#session, model, completed(model, values), false, { ttl, timestamp }, undefined).text()
  }

  #remove({ model, key }: KeptTable, row: AnyRow, timestamp: bigint): WriteText {
    return new DeleteQuery(this.#session, { table: model, columns: [], filter: Object.fromEntries(key.map(({ property }) => [property, row[property]])), conditions: undefined, timestamp }, undefined).text()
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
    const baseKey = [...this.#table.partitionKey, ...this.#table.clusteringKey]
    // What is mended is decided again from the row as it is then, and dated then: whoever writes meanwhile writes later.
    const mend = async (key: Readonly<AnyRow>, found: AnyRow | undefined): Promise<void> => {
      const timestamp = client.nextTimestamp() ?? BigInt(Date.now()) * 1000n
      const wanted = keptRows(kept, await this.#row(Object.fromEntries(baseKey.map(({ property }) => [property, key[property]]))))
      const items = [...(found && !wanted.has(keyText(kept.key, found)) ? [this.#remove(kept, found, timestamp)] : []), ...[...wanted.values()].map((row) => this.#put(kept, row, timestamp))]
      if (items.length > 0) await client.batch(items, { consistency: options.consistency, idempotent: true })
    }
    for await (const row of this.#all(this.#table, options)) {
      for (const wanted of keptRows(kept, row).values()) {
        const there = await this.#keptRow(kept, wanted, options)
        if (there && sameRow(kept, there, wanted)) continue
        counts[there ? 'different' : 'missing']++
        if (repair) await mend(row, undefined)
      }
    }
    for await (const row of this.#all(kept.model, options)) {
      const base = await this.#row(Object.fromEntries(baseKey.map(({ property }) => [property, row[property]])))
      if (keptRows(kept, base).has(keyText(kept.key, row))) continue
      counts.ghosts++
      if (repair) await mend(row, row)
    }
    return { table: kept.name, ...counts }
  }

  #all(table: TableModel, options: QueryOptions): AsyncGenerator<AnyRow, void, undefined> {
    return new Select<never, AnyRow>(this.#session, everythingOf(table), options).stream()
  }

  async #keptRow({ model, key }: KeptTable, row: AnyRow, options: QueryOptions): Promise<AnyRow | undefined> {
    return (await new Select(this.#session, { ...everythingOf(model), limit: 1 }, options).whereDynamic(Object.fromEntries(key.map(({ property }) => [property, row[property]])) as never).all())[0] as AnyRow | undefined
  }
}

