import { AbortedError, OptionError, systemClock } from '../base/index.js'
import type { Clock, Timer } from '../base/index.js'
import type { CasOutcome, Client } from '../client/index.js'
import { uuid } from '../client/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { createTables } from './create-tables.js'

/** Options of {@link acquireLease}. */
export interface LeaseOptions {
  /** Of the table. @default the client's */
  readonly keyspace?: string | undefined
  /** @default 'leases' */
  readonly table?: string | undefined
  /** How long the lease stays with a holder that is heard of no more, in milliseconds, at least 1000; up to two seconds longer. @default 30000 */
  readonly ttlMs?: number | undefined
  /** Who holds it, for people who look at the table. @default nobody in particular */
  readonly holder?: string | undefined
  /** How long to wait for another holder, in milliseconds; 0 asks once. @default 0 */
  readonly waitMs?: number | undefined
  /** Where transactions are serialised. @default 'serial' */
  readonly serialConsistency?: 'serial' | 'localSerial' | undefined
  /** Gives up waiting. @default none */
  readonly signal?: AbortSignal | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** Between two looks at a lease that somebody else holds. */
const POLL_MS = 500
/** A holder renews three times before its lease would go. */
const RENEWALS_PER_TTL = 3

interface LeaseRow {
  readonly fence: bigint | null
  readonly holder: string | null
}

/** Reads and writes one row of the table of leases. */
class LeaseRecord {
  readonly #client: Client
  readonly #table: string
  readonly #name: string
  readonly #ttlMs: number
  /** One more than the holder counts on: Cassandra counts in whole seconds from the one that has begun, so that a second may be short. */
  readonly #ttlSeconds: number
  readonly #serialConsistency: 'serial' | 'localSerial'

  constructor(client: Client, name: string, { keyspace = client.keyspace, table = 'leases', ttlMs = 30_000, serialConsistency = 'serial' }: LeaseOptions) {
    if (typeof name !== 'string' || name === '') throw new OptionError('name', 'A lease has a name that is not empty')
    if (keyspace === undefined) throw new OptionError('keyspace', "Option 'keyspace' is needed where the client has none")
    if (!(ttlMs >= 1000)) throw new OptionError('ttlMs', "Option 'ttlMs' must be at least 1000")
    this.#client = client
    this.#name = name
    this.#table = `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
    this.#ttlMs = ttlMs
    this.#ttlSeconds = Math.ceil(ttlMs / 1000) + 1
    this.#serialConsistency = serialConsistency
  }

  get ttlMs(): number {
    return this.#ttlMs
  }

  create(): Promise<void> {
    return createTables(this.#client, [`CREATE TABLE IF NOT EXISTS ${this.#table} (name text PRIMARY KEY, fence bigint, holder text)`])
  }

  async read(): Promise<LeaseRow> {
    const result = await this.#client.execute<LeaseRow>(`SELECT fence, holder FROM ${this.#table} WHERE name = ?`, [this.#name], { consistency: this.#serialConsistency, idempotent: true })
    return result.first() ?? { fence: null, holder: null }
  }

  /** Takes a lease that nobody holds: the fence moves on, and stays when the holder goes. */
  take(mark: string, seen: bigint | null): Promise<CasOutcome> {
    return this.#client.cas([
      { query: `UPDATE ${this.#table} USING TTL ? SET holder = ? WHERE name = ? IF holder = null AND fence = ?`, values: [this.#ttlSeconds, mark, this.#name, seen] },
      { query: `UPDATE ${this.#table} SET fence = ? WHERE name = ?`, values: [(seen ?? 0n) + 1n, this.#name] },
    ], undefined, { serialConsistency: this.#serialConsistency })
  }

  renew(mark: string, fence: bigint): Promise<CasOutcome> {
    return this.#client.cas(`UPDATE ${this.#table} USING TTL ? SET holder = ? WHERE name = ? IF holder = ? AND fence = ?`, [this.#ttlSeconds, mark, this.#name, mark, fence], { serialConsistency: this.#serialConsistency })
  }

  release(mark: string, fence: bigint): Promise<CasOutcome> {
    return this.#client.cas(`UPDATE ${this.#table} SET holder = null WHERE name = ? IF holder = ? AND fence = ?`, [this.#name, mark, fence], { serialConsistency: this.#serialConsistency })
  }
}

/**
 * A lease that this process holds, and renews until it is released or lost. Whoever holds it later has a greater fence: a write that says
 * `IF fence <= ?` refuses those of an earlier holder that does not know yet that it is one.
 */
export class Lease implements AsyncDisposable {
  /** Rises with each holder. */
  readonly fence: bigint
  /** Aborted when the lease is lost: somebody else may hold it. */
  readonly signal: AbortSignal
  readonly #lost = new AbortController()
  readonly #record: LeaseRecord
  readonly #mark: string
  readonly #clock: Clock
  #timer: Timer | undefined
  #until: number
  #renewing: Promise<void> | undefined
  #released = false

  /** @internal */
  constructor(record: LeaseRecord, mark: string, fence: bigint, takenAt: number, clock: Clock) {
    this.#record = record
    this.#mark = mark
    this.fence = fence
    this.signal = this.#lost.signal
    this.#clock = clock
    this.#until = takenAt + record.ttlMs
    this.#schedule()
  }

  #schedule(): void {
    this.#timer = this.#clock.schedule(() => { this.#renewing = this.#renew() }, Math.max(0, Math.min(this.#record.ttlMs / RENEWALS_PER_TTL, this.#until - this.#clock.now())))
  }

  async #renew(): Promise<void> {
    const started = this.#clock.now()
    if (started >= this.#until) return this.#lose()
    const outcome = await this.#record.renew(this.#mark, this.fence).catch(() => undefined)
    if (this.#released) return
    if (outcome?.status === 'rejected') return this.#lose()
    if (outcome?.status === 'applied') this.#until = started + this.#record.ttlMs
    this.#schedule() // what is not known is asked again, until the time is over
  }

  #lose(): void {
    this.#lost.abort(new Error('The lease was lost'))
  }

  /** Gives it back, if it is still held. */
  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    if (this.#timer) this.#clock.cancel(this.#timer)
    await this.#renewing
    if (!this.signal.aborted) await this.#record.release(this.#mark, this.fence)
  }

  /** Gives the lease back, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }
}

/**
 * Takes a lease: one process at a time has it, by lightweight transactions on one row.
 *
 * @param name of what is leased
 * @returns undefined when somebody else has it, and has had it for `waitMs`
 * @throws what the client throws; AbortedError of `signal`
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { acquireLease } from 'cqlwire/coordination'
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'], keyspace: 'shop' })
 * await using lease = await acquireLease(client, 'nightly-report', { waitMs: 60_000 })
 * if (lease) console.log(`it is ours, with fence ${lease.fence}`)
 * ```
 */
export async function acquireLease(client: Client, name: string, options: LeaseOptions = {}): Promise<Lease | undefined> {
  const { holder = '', waitMs = 0, signal, clock = systemClock } = options
  const record = new LeaseRecord(client, name, options)
  const mark = `${holder === '' ? '' : `${holder} `}${uuid.v4()}`
  const deadline = clock.now() + waitMs
  for (;;) {
    if (signal?.aborted) throw new AbortedError(signal.reason, 'retryable')
    const seen = await record.read().catch(async (error: unknown) => {
      if (!/unconfigured table|does not exist/i.test(String(error))) throw error
      await record.create()
      return record.read()
    })
    if (seen.holder === null) {
      const takenAt = clock.now()
      const { status } = await record.take(mark, seen.fence)
      // What is not known the row tells, since nobody else writes this mark.
      const ours = status === 'applied' || (status === 'unknown' && (await record.read()).holder === mark)
      if (ours) return new Lease(record, mark, (seen.fence ?? 0n) + 1n, takenAt, clock)
    }
    if (clock.now() >= deadline) return undefined
    await new Promise<void>((resolve) => { clock.schedule(resolve, Math.min(POLL_MS, Math.max(0, deadline - clock.now()))) })
  }
}
