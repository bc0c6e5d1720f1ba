// Values that only one owner may have, such as e-mail addresses: a row for each in a table of claims, made by a lightweight transaction.
import { CqlError, nameError, OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { uuid } from '../client/index.js'
import type { CasOutcome, Client } from '../client/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { createTables } from './create-tables.js'
import { ClusterClock } from './cluster-clock.js'

/** Options of {@link Claims}. */
export interface ClaimsOptions {
  /** Of the table. @default the client's */
  readonly keyspace?: string | undefined
  /** @default 'claims' */
  readonly table?: string | undefined
  /** How old a claim must be, that nobody has confirmed, to be looked into, in milliseconds. Whoever claims writes in half of it, or not at all. @default 60000 */
  readonly graceMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** A row of the table. */
export interface ClaimRow {
  readonly scope: string
  readonly value: string
  readonly owner: string
  readonly state: 'pending' | 'held' | 'reaping'
  readonly nonce: string
  /** What the owner dates its write with, in microseconds since 1970. */
  readonly timestamp: bigint
  readonly at: Date
}

/** Somebody else has the value. */
export class ClaimTakenError extends CqlError {
  readonly scope: string
  readonly owner: string
  constructor(scope: string, owner: string) {
    super(`${scope}: another one has this value already`, 'CQL_CLAIM_TAKEN', 'permanent')
    this.scope = scope
    this.owner = owner
  }
  static { nameError(this, 'ClaimTakenError') }
}

/** What a reaper finds out about a claim. */
export interface ClaimJudge {
  /** Whether the claim is any of its business. */
  concerns(claim: ClaimRow): boolean
  /** Whether the owner has the value, read from as many replicas as its writes go to. */
  holds(claim: ClaimRow): Promise<boolean>
  /** Sees to it that a write of the owner, dated `claim.timestamp`, has no effect when it comes after all. */
  shadow(claim: ClaimRow): Promise<void>
}

/** A value that was claimed, and is not confirmed yet. */
export class Claim {
  readonly row: ClaimRow
  /** Whether nobody had it before, not even the same owner: an earlier write of that one may still be on its way. */
  readonly isNew: boolean
  readonly #claims: Claims
  readonly #deadline: number
  readonly #clock: Clock

  /** @internal */
  constructor(claims: Claims, row: ClaimRow, isNew: boolean, deadline: number, clock: Clock) {
    this.#claims = claims
    this.row = row
    this.isNew = isNew
    this.#deadline = deadline
    this.#clock = clock
  }

  /** Whether there is time to write: afterwards the reaper may be at work. */
  get inTime(): boolean {
    return this.#clock.now() < this.#deadline
  }

  /** Says that the owner has the value now. @throws ClaimTakenError when the reaper has taken it back, and with it the write */
  async confirm(): Promise<void> {
    const { status, row } = await this.#claims.move(this.row, 'pending', 'held')
    if (status === 'applied' || (row?.['nonce'] === this.row.nonce && row['state'] === 'held')) return // the reaper may have confirmed it
    throw new ClaimTakenError(this.row.scope, this.row.owner)
  }

  /** Gives it back, since the owner has not written. What the owner had claimed before stays: the reaper finds out whether it has it. */
  async release(): Promise<void> {
    if (this.isNew) await this.#claims.remove(this.row)
  }
}

const ATTEMPTS = 5

/**
 * Claims of values. The order is: claim, write the row dated with the claim's timestamp, confirm. Who dies in between leaves a claim that {@link Claims.reap} confirms when
 * the row has the value, and else takes back, after it has made sure that a write which is still on its way has no effect.
 */
export class Claims {
  readonly #client: Client
  readonly #table: string
  readonly #graceMs: number
  readonly #clock: Clock
  readonly #time: ClusterClock
  #created: Promise<void> | undefined

  constructor(client: Client, { keyspace = client.keyspace, table = 'claims', graceMs = 60_000, clock = systemClock }: ClaimsOptions = {}) {
    if (keyspace === undefined) throw new OptionError('keyspace', "Option 'keyspace' is needed where the client has none")
    if (!(graceMs >= 1000)) throw new OptionError('graceMs', "Option 'graceMs' must be at least 1000")
    this.#client = client
    this.#table = `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
    this.#graceMs = graceMs
    this.#clock = clock
    this.#time = new ClusterClock(client, clock)
  }

  /** The statement that makes the table. */
  get schema(): string {
    return `CREATE TABLE IF NOT EXISTS ${this.#table} (scope text, value text, owner text, state text, nonce uuid, timestamp bigint, at timestamp, PRIMARY KEY ((scope, value)))`
  }

  /** Makes the table, once, all processes by way of the same node. */
  create(): Promise<void> {
    return (this.#created ??= createTables(this.#client, [this.schema]).catch((error: unknown) => {
      this.#created = undefined // the next one tries again
      throw error
    }))
  }

  /**
   * Claims a value.
   *
   * @param scope what must be unique, such as `users.email`
   * @param owner who wants it, as text; who has it already gets it again
   * @throws ClaimTakenError when somebody else has it; what the client throws when it is not known
   */
  async claim(scope: string, value: string, owner: string): Promise<Claim> {
    const row: ClaimRow = { scope, value, owner, state: 'pending', nonce: uuid.v4(), timestamp: this.#client.nextTimestamp() ?? BigInt(this.#clock.wall()) * 1000n, at: new Date(0) }
    const deadline = this.#clock.now() + this.#graceMs / 2
    const insert = (): Promise<CasOutcome> => this.#cas(`INSERT INTO ${this.#table} (scope, value, owner, state, nonce, timestamp, at) VALUES (?, ?, ?, ?, ?, ?, toTimestamp(now())) IF NOT EXISTS`, [scope, value, owner, row.state, row.nonce, row.timestamp])
    let isNew = true
    let outcome = await insert()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const other = outcome.row as Partial<ClaimRow> | undefined
      // The nonce is there also where an answer was lost, and the second try met the first.
      if (outcome.status === 'applied' || other?.nonce === row.nonce) return new Claim(this, row, isNew, deadline, this.#clock)
      if (other?.owner !== undefined && other.owner !== owner) throw new ClaimTakenError(scope, other.owner)
      if (other?.state === 'reaping') throw new ClaimTakenError(scope, owner)
      // The owner's own: it is claimed anew, so that a reaper that judges the old one judges nothing.
      isNew = other?.nonce === undefined
      outcome = isNew
        ? await insert()
        : await this.#cas(`UPDATE ${this.#table} SET state = 'pending', nonce = ?, timestamp = ?, at = toTimestamp(now()) WHERE scope = ? AND value = ? IF nonce = ?`, [row.nonce, row.timestamp, scope, value, other!.nonce])
    }
    throw new ClaimTakenError(scope, owner)
  }

  /** Gives back what an owner holds, if it does. */
  async releaseHeld(scope: string, value: string, owner: string): Promise<void> {
    await this.#cas(`DELETE FROM ${this.#table} WHERE scope = ? AND value = ? IF owner = ? AND state = 'held'`, [scope, value, owner])
  }

  /** @internal */
  move({ scope, value, nonce }: ClaimRow, from: ClaimRow['state'], to: ClaimRow['state']): Promise<CasOutcome> {
    return this.#cas(`UPDATE ${this.#table} SET state = ? WHERE scope = ? AND value = ? IF nonce = ? AND state = ?`, [to, scope, value, nonce, from])
  }

  /** @internal */
  remove({ scope, value, nonce }: ClaimRow): Promise<CasOutcome> {
    return this.#cas(`DELETE FROM ${this.#table} WHERE scope = ? AND value = ? IF nonce = ?`, [scope, value, nonce])
  }

  /** Sends a transaction until its outcome is known: each of these can be sent twice, since it names the nonce that it expects. */
  async #cas(query: string, values: readonly unknown[]): Promise<CasOutcome> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#client.cas(query, values)
      if (outcome.status !== 'unknown') return outcome
      if (attempt === ATTEMPTS) throw outcome.error!
    }
  }

  /**
   * Looks at every claim: those that nobody has confirmed in time, and those whose owner has the value no more.
   *
   * @returns how many were confirmed and how many were taken back
   */
  async reap(judge: ClaimJudge): Promise<{ readonly confirmed: number; readonly released: number }> {
    await this.#time.measure()
    let [confirmed, released] = [0, 0]
    for await (const row of this.#client.stream<ClaimRow>(`SELECT scope, value, owner, state, nonce, timestamp, at FROM ${this.#table}`, [], { consistency: 'quorum' })) {
      if (!judge.concerns(row) || this.#time.now() - row.at.getTime() < this.#graceMs) continue
      if (await judge.holds(row)) {
        if (row.state !== 'held' && (await this.move(row, row.state, 'held')).status === 'applied') confirmed++
        continue
      }
      // From here on its owner cannot confirm it; and what it wrote after all is shadowed before anybody else may claim the value.
      if (row.state !== 'reaping' && (await this.move(row, row.state, 'reaping')).status !== 'applied') continue
      if (await judge.holds(row)) {
        if ((await this.move(row, 'reaping', 'held')).status === 'applied') confirmed++
        continue
      }
      await judge.shadow(row)
      if ((await this.remove(row)).status === 'applied') released++
    }
    return { confirmed, released }
  }
}
