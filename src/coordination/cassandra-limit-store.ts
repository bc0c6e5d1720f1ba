import { OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Client } from '../client/index.js'
import { InvalidQueryError } from '../protocol/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import type { LimitStore, SwapOutcome } from '../resilience/index.js'
import { ClusterClock } from './cluster-clock.js'

/** Options of {@link cassandraLimitStore}. */
export interface CassandraLimitStoreOptions {
  /** Of the limit: processes with the same name share it. */
  readonly name: string
  readonly keyspace: string
  /** @default 'limits' */
  readonly table?: string | undefined
  /** Whether the table is made when it is not there, which takes the right to do so. Not for many processes that begin together: Cassandra minds a table that is made twice at once. @default false */
  readonly createTable?: boolean | undefined
  /** Where transactions are serialised: in the local data centre only, or over all of them. @default 'localSerial' */
  readonly serialConsistency?: 'serial' | 'localSerial' | undefined
  /** How long one claim may take, in milliseconds. @default 2000 */
  readonly timeoutMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** Marks are kept in whole microseconds. */
const PER_MS = 1000
/** Rows that nobody has touched for a day are gone. */
const TTL_SECONDS = 86_400

/** Keeps the marks of a shared limit in a table, and moves them by lightweight transactions. */
export class CassandraLimitStore implements LimitStore {
  readonly #client: Client
  readonly #options: CassandraLimitStoreOptions
  readonly #time: ClusterClock
  readonly #table: string

  constructor(client: Client, options: CassandraLimitStoreOptions) {
    for (const name of ['name', 'keyspace'] as const) if (typeof options[name] !== 'string' || options[name] === '') throw new OptionError(name, `Option '${name}' must be a text that is not empty`)
    this.#client = client
    this.#options = options
    this.#time = new ClusterClock(client, options.clock ?? systemClock)
    this.#table = `${quoteIdentifier(options.keyspace)}.${quoteIdentifier(options.table ?? 'limits')}`
  }

  /** The statement that makes the table. */
  get schema(): string {
    return `CREATE TABLE IF NOT EXISTS ${this.#table} (name text, row int, mark bigint, PRIMARY KEY ((name, row))) WITH default_time_to_live = ${TTL_SECONDS}`
  }

  now(): number {
    return this.#time.now()
  }

  async open(): Promise<void> {
    if (this.#options.createTable === true) await this.#client.execute(this.schema)
    await this.#time.measure()
  }

  async read(row: number): Promise<number | undefined> {
    const { name, timeoutMs = 2000 } = this.#options
    const query = `SELECT mark FROM ${this.#table} WHERE name = ? AND row = ?`
    const found = await this.#checked(this.#client.execute<{ mark: bigint | null }>(query, [name, row], { consistency: 'localOne', timeoutMs }))
    return msOf(found.first()?.mark)
  }

  async swap(row: number, seen: number | undefined, next: number): Promise<SwapOutcome> {
    const { serialConsistency = 'localSerial', name, timeoutMs = 2000 } = this.#options
    const mark = BigInt(Math.round(next * PER_MS))
    const [query, values] = seen === undefined
      ? [`INSERT INTO ${this.#table} (name, row, mark) VALUES (?, ?, ?) IF NOT EXISTS`, [name, row, mark]]
      : [`UPDATE ${this.#table} SET mark = ? WHERE name = ? AND row = ? IF mark = ?`, [mark, name, row, BigInt(Math.round(seen * PER_MS))]]
    const { status, row: found } = await this.#checked(this.#client.cas(query, values, { serialConsistency, timeoutMs }))
    if (status === 'applied') return { outcome: 'done' }
    if (status === 'unknown') return { outcome: 'unknown' }
    return { outcome: 'lost', mark: msOf(found?.['mark'] as bigint | null | undefined) }
  }

  #checked<T>(request: Promise<T>): Promise<T> {
    return request.catch((error: unknown) => {
      if (error instanceof InvalidQueryError) throw new OptionError('table', `The table of the limit cannot be used (${error.message}). It is made by: ${this.schema}`)
      throw error
    })
  }
}

function msOf(mark: bigint | null | undefined): number | undefined {
  return mark === undefined || mark === null ? undefined : Number(mark) / PER_MS
}

/**
 * Makes a place where processes share a limit, for a `SharedLimiter`.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { cassandraLimitStore } from 'cqlwire/coordination'
 * import { SharedLimiter } from 'cqlwire/resilience'
 * const client = await Client.connect({ contactPoints: ['127.0.0.1'] })
 * const limiter = new SharedLimiter({ limit: 1000, store: cassandraLimitStore(client, { name: 'mails', keyspace: 'shop' }) })
 * await limiter.acquire({ maxWaitMs: 2000 })
 * ```
 */
export function cassandraLimitStore(client: Client, options: CassandraLimitStoreOptions): CassandraLimitStore {
  return new CassandraLimitStore(client, options)
}
