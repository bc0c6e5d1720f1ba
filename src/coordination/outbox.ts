// Effects that must not be lost: an event is written in one logged batch with the rows that it is about, and delivered by whoever is alive.
import { OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { timeuuid } from '../client/index.js'
import type { Client } from '../client/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { ClusterClock } from './cluster-clock.js'
import { createTables } from './create-tables.js'
import { acquireLease } from './lease.js'

/** Options of an {@link Outbox}. */
export interface OutboxOptions {
  /** @default the client's */
  readonly keyspace?: string | undefined
  /** @default 'outbox' */
  readonly table?: string | undefined
  /** Partitions that events are spread over, each with an order of its own. It cannot be changed while there are events. @default 8 */
  readonly shards?: number | undefined
  /** How young an event is left alone, in milliseconds: an older one may still be on its way. @default 5000 */
  readonly delayMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** An event as it is delivered. */
export interface OutboxEvent {
  /** Unique, and rising within a shard: what a receiver knows it by when it comes again. */
  readonly id: string
  readonly topic: string
  readonly payload: string
}

/** A statement for a batch. */
export interface OutboxStatement {
  readonly query: string
  readonly values: readonly unknown[]
}

/** Events of so many milliseconds are in one partition; what was delivered leaves tombstones, which nobody reads again when that time has gone. */
const BUCKET_MS = 10 * 60_000
/** How far back it is looked for events that were written late. */
const BACK_MS = 60 * 60_000

/**
 * Events at least once, in order within a shard: those of one process as they were added, those of several by their clocks.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { Outbox } from 'cqlwire/coordination'
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'], keyspace: 'shop' })
 * const outbox = new Outbox(client)
 * await outbox.create()
 * await client.batch([{ query: 'INSERT INTO orders (id) VALUES (?)', values: [1] }, outbox.add('order-placed', JSON.stringify({ id: 1 }), 'customer-7')])
 * await outbox.deliver(async ({ id, topic, payload }) => console.log(id, topic, payload))   // from a timer
 * ```
 */
export class Outbox {
  readonly #client: Client
  readonly #table: string
  readonly #positions: string
  readonly #keyspace: string
  readonly #shards: number
  readonly #delayMs: number
  readonly #clock: Clock
  readonly #time: ClusterClock

  constructor(client: Client, { keyspace = client.keyspace, table = 'outbox', shards = 8, delayMs = 5000, clock = systemClock }: OutboxOptions = {}) {
    if (keyspace === undefined) throw new OptionError('keyspace', "Option 'keyspace' is needed where the client has none")
    if (!Number.isInteger(shards) || shards < 1) throw new OptionError('shards', "Option 'shards' must be a whole number, at least 1")
    this.#client = client
    this.#keyspace = keyspace
    this.#table = `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
    this.#positions = `${quoteIdentifier(keyspace)}.${quoteIdentifier(`${table}_positions`)}`
    this.#shards = shards
    this.#delayMs = delayMs
    this.#clock = clock
    this.#time = new ClusterClock(client, clock)
  }

  /** The statements that make the tables. */
  get schema(): readonly string[] {
    return [
      `CREATE TABLE IF NOT EXISTS ${this.#table} (shard int, bucket timestamp, id timeuuid, topic text, payload text, PRIMARY KEY ((shard, bucket), id))`,
      `CREATE TABLE IF NOT EXISTS ${this.#positions} (shard int PRIMARY KEY, bucket timestamp)`,
    ]
  }

  /** Makes the tables, all processes by way of the same node. */
  async create(): Promise<void> {
    await createTables(this.#client, this.schema)
    await this.#time.measure()
  }

  /**
   * A statement that adds an event: for a logged batch with the rows that it is about.
   *
   * @param key events with the same one keep their order; without it, they are spread
   */
  add(topic: string, payload: string, key?: string): OutboxStatement {
    const id = timeuuid.now()
    const shard = key === undefined ? Math.floor(Math.random() * this.#shards) : hashOf(key) % this.#shards
    return {
      query: `INSERT INTO ${this.#table} (shard, bucket, id, topic, payload) VALUES (?, ?, ?, ?, ?)`,
      values: [shard, bucketOf(timeuuid.toDate(id).getTime()), id, topic, payload],
    }
  }

  /**
   * Delivers what there is: shards that another process is at are left to it. An event whose receiver throws stays, with all that come after it in its shard.
   *
   * @param receive is called for each event, one after the other; and again for one whose receiver's process died
   * @returns how many were delivered
   */
  async deliver(receive: (event: OutboxEvent) => void | Promise<void>): Promise<number> {
    await this.#time.measure()
    let delivered = 0
    const failures: unknown[] = []
    for (let shard = 0; shard < this.#shards; shard++) {
      await using lease = await acquireLease(this.#client, `outbox:${this.#table}:${shard}`, { keyspace: this.#keyspace, clock: this.#clock })
      if (!lease) continue
      try {
        for await (const event of this.#events(shard)) {
          if (lease.signal.aborted) break
          await receive({ id: event.id, topic: event.topic, payload: event.payload })
          await this.#client.execute(`DELETE FROM ${this.#table} WHERE shard = ? AND bucket = ? AND id = ?`, [shard, event.bucket, event.id], { consistency: 'localQuorum', idempotent: true })
          delivered++
        }
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} shards of the outbox have stopped at an event`)
    return delivered
  }

  /** The events of a shard that are old enough, oldest first. */
  async *#events(shard: number): AsyncGenerator<OutboxEvent & { readonly bucket: Date }, void, undefined> {
    const until = this.#time.now() - this.#delayMs
    const position = (await this.#client.execute<{ bucket: Date }>(`SELECT bucket FROM ${this.#positions} WHERE shard = ?`, [shard], { consistency: 'localQuorum' })).first()
    const from = position ? position.bucket.getTime() - BACK_MS : await this.#oldest(shard, until)
    for (let at = bucketOf(from).getTime(); at <= until; at += BUCKET_MS) {
      const bucket = new Date(at)
      const rows = this.#client.stream<OutboxEvent>(`SELECT id, topic, payload FROM ${this.#table} WHERE shard = ? AND bucket = ? AND id <= maxTimeuuid(?)`, [shard, bucket, new Date(Math.floor(until))], { consistency: 'localQuorum' })
      for await (const row of rows) yield { ...row, bucket }
    }
    await this.#client.execute(`INSERT INTO ${this.#positions} (shard, bucket) VALUES (?, ?)`, [shard, bucketOf(until)], { consistency: 'localQuorum', idempotent: true })
  }

  /** Where a shard begins that nothing was ever delivered of. */
  async #oldest(shard: number, until: number): Promise<number> {
    let oldest = until
    for await (const row of this.#client.stream<{ shard: number; bucket: Date }>(`SELECT DISTINCT shard, bucket FROM ${this.#table}`, [], { consistency: 'localQuorum' })) {
      if (row.shard === shard) oldest = Math.min(oldest, row.bucket.getTime())
    }
    return oldest
  }
}

function bucketOf(ms: number): Date {
  return new Date(Math.floor(ms / BUCKET_MS) * BUCKET_MS)
}

/** FNV-1a: the same in all processes. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
