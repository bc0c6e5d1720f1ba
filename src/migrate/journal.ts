import type { Client } from '../client/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { MigrationError } from './errors.js'

/** What is written down of one statement, or, at step 0, of a whole migration. */
export interface JournalEntry {
  readonly id: string
  /** 0 for the migration, from 1 for the statements of `up`, from -1 for those of `down`. */
  readonly step: number
  readonly state: 'running' | 'applied' | 'reverting' | 'started' | 'done'
  readonly checksum: string | null
  readonly statement: string | null
  readonly at: Date
}

/** How often a write whose outcome is not known is sent again: it is the same one each time. */
const ATTEMPTS = 5

/**
 * What has been run, statement by statement, in one partition: each write carries the fence of the lease, and one with an older fence is
 * refused, so that a deployer that was thought dead cannot write into the work of the next.
 */
export class Journal {
  readonly #client: Client
  readonly #table: string
  readonly #scope: string

  /** @param scope schemas that are migrated apart from each other, in one keyspace */
  constructor(client: Client, keyspace: string, table: string, scope: string) {
    this.#client = client
    this.#table = `${quoteIdentifier(keyspace)}.${quoteIdentifier(table)}`
    this.#scope = scope
  }

  /** Makes the table; whoever does so holds the lease. */
  async create(): Promise<void> {
    await this.#client.execute(`CREATE TABLE IF NOT EXISTS ${this.#table} (scope text, id text, step int, state text, checksum text, statement text, at timestamp, fence bigint static, PRIMARY KEY (scope, id, step))`)
  }

  /** Everything, by migration and step; nothing where there is no table yet. */
  async read(): Promise<JournalEntry[]> {
    try {
      const { rows } = await this.#client.execute<JournalEntry>(`SELECT id, step, state, checksum, statement, at FROM ${this.#table} WHERE scope = ?`, [this.#scope], { consistency: 'serial', autoPage: true })
      return rows.filter(({ id }) => id !== null) // the fence alone makes a row of its own
    } catch (error) {
      if (/unconfigured table|does not exist/i.test(String(error))) return []
      throw error
    }
  }

  /** Writes entries and removes migrations, together. @throws MigrationError when somebody else has a newer fence */
  async write(fence: bigint, entries: readonly JournalEntry[], removed: readonly string[] = []): Promise<void> {
    const items = [
      ...entries.map(({ id, step, state, checksum, statement, at }) => ({ query: `INSERT INTO ${this.#table} (scope, id, step, state, checksum, statement, at) VALUES (?, ?, ?, ?, ?, ?, ?)`, values: [this.#scope, id, step, state, checksum, statement, at] })),
      ...removed.map((id) => ({ query: `DELETE FROM ${this.#table} WHERE scope = ? AND id = ?`, values: [this.#scope, id] })),
    ]
    let condition = 'fence <= ?'
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const values = condition === 'fence <= ?' ? [fence, this.#scope, fence] : [fence, this.#scope]
      const { status, row } = await this.#client.cas([{ query: `UPDATE ${this.#table} SET fence = ? WHERE scope = ? IF ${condition}`, values }, ...items])
      if (status === 'applied') return
      if (status === 'unknown') continue
      const theirs = row?.['fence'] as bigint | null | undefined
      // Nothing is less than or equal to null.
      if ((theirs === null || theirs === undefined) && condition === 'fence <= ?') condition = 'fence = null'
      else if (theirs !== null && theirs !== undefined && theirs > fence) throw new MigrationError('Another deployer has taken over: what this one began, the other goes on with')
      else condition = 'fence <= ?'
    }
    throw new MigrationError('The journal of migrations could not be written: whether it was is not known')
  }
}
