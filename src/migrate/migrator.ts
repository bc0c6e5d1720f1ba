import { OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Client } from '../client/index.js'
import { acquireLease } from '../coordination/index.js'
import type { Lease } from '../coordination/index.js'
import { CqlParseError, parseStatement } from '../cql/index.js'
import { effectOf } from './effect.js'
import { MigrationError } from './errors.js'
import { indexMadeBy, indexesBuilt } from './index-builds.js'
import { Journal } from './journal.js'
import type { JournalEntry } from './journal.js'
import { lossesOf } from './loss.js'
import type { Migration } from './migration.js'

/** Options of a {@link Migrator}. */
export interface MigratorOptions {
  /** What is migrated, where several schemas share a keyspace. @default 'schema' */
  readonly scope?: string | undefined
  /** Of the journal, in the client's keyspace. @default 'cqlwire_migrations' */
  readonly table?: string | undefined
  /** How long to wait for another deployer, in milliseconds. @default 60000 */
  readonly waitMs?: number | undefined
  /** How long the lease outlives a deployer that died, in milliseconds. @default 30000 */
  readonly leaseTtlMs?: number | undefined
  /** How long an index may take to be built, in milliseconds. @default 600000 */
  readonly indexTimeoutMs?: number | undefined
  /** What may be destroyed, by name: `table:users`, `column:users.email`. @default nothing */
  readonly allowLoss?: readonly string[] | undefined
  /** What to do with a statement that may have run before somebody died, where the schema does not show it: say that it has, or run it again. @default stop, and ask */
  readonly interrupted?: 'done' | 'again' | undefined
  /** Whether statements are read before any of them is run, so that one with a fault stops no migration in the middle. Say no for statements of a server that cqlwire does not know. @default true */
  readonly validate?: boolean | undefined
  /** Called before each statement. @default nothing */
  readonly onStatement?: ((progress: MigrationProgress) => void) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** A statement about to be run. */
export interface MigrationProgress {
  readonly id: string
  readonly direction: 'up' | 'down'
  /** From 1. */
  readonly step: number
  readonly of: number
  readonly statement: string
}

/** Where a migration stands. */
export interface MigrationStatus {
  readonly id: string
  /**
   * `changed`: it was applied, and its statements are others now. `missing`: it was applied, and is there no more. `interrupted`: some of it was run.
   * `reverting`: some of it was taken back.
   */
  readonly state: 'applied' | 'pending' | 'interrupted' | 'reverting' | 'changed' | 'missing'
  readonly appliedAt: Date | undefined
  /** Statements that are done, of all. */
  readonly done: number
  readonly of: number
}

/** Runs migrations: in order, one deployer at a time, each statement once, also after a deployer has died between any two of them. */
export class Migrator {
  readonly #client: Client
  readonly #migrations: readonly Migration[]
  readonly #options: MigratorOptions
  readonly #journal: Journal
  readonly #keyspace: string
  readonly #scope: string
  readonly #clock: Clock

  /**
   * @param client with a keyspace, where the journal and the lease are kept
   * @param migrations all that there are, applied or not
   * @throws OptionError without a keyspace, or when two migrations have one id
   */
  constructor(client: Client, migrations: readonly Migration[], options: MigratorOptions = {}) {
    const { keyspace } = client
    if (keyspace === undefined) throw new OptionError('keyspace', "Migrations need the client's keyspace: connect with the option 'keyspace'")
    this.#client = client
    this.#migrations = migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    this.#migrations.forEach(({ id }, i) => {
      if (this.#migrations[i + 1]?.id === id) throw new OptionError('migrations', `Two migrations are named ${id}`)
    })
    this.#options = options
    this.#keyspace = keyspace
    this.#scope = options.scope ?? 'schema'
    this.#clock = options.clock ?? systemClock
    this.#journal = new Journal(client, keyspace, options.table ?? 'cqlwire_migrations', this.#scope)
  }

  /** Where each migration stands, in order of ids. Changes nothing. */
  async status(): Promise<MigrationStatus[]> {
    return this.#statusOf(await this.#journal.read())
  }

  #statusOf(entries: readonly JournalEntry[]): MigrationStatus[] {
    const known = new Map(this.#migrations.map((migration) => [migration.id, migration]))
    const ids = [...new Set([...known.keys(), ...entries.map(({ id }) => id)])].sort()
    return ids.map((id): MigrationStatus => {
      const migration = known.get(id)
      const own = entries.filter((entry) => entry.id === id)
      const head = own.find(({ step }) => step === 0)
      const counts = { done: own.filter(({ step, state }) => step > 0 && state === 'done').length, of: migration?.up.length ?? own.filter(({ step }) => step > 0).length }
      const state = !head ? 'pending' : !migration ? 'missing' : head.checksum !== migration.checksum ? 'changed' : head.state === 'applied' || head.state === 'reverting' ? head.state : 'interrupted'
      return { id, state, appliedAt: head?.state === 'applied' ? head.at : undefined, ...counts }
    })
  }

  /** What is wrong with the migrations, in sentences: changed or missing ones, and statements that are no CQL. Changes nothing. */
  async check(): Promise<string[]> {
    return [...problems(await this.status()), ...this.#faults(this.#migrations)]
  }

  /** Statements that are no CQL, in sentences. */
  #faults(migrations: readonly Migration[]): string[] {
    if (this.#options.validate === false) return []
    return migrations.flatMap(({ id, up, down }) => [...up.map((statement, i) => [statement, `statement ${i + 1} of ${id}`] as const), ...down.map((statement, i) => [statement, `statement ${i + 1} of the down.cql of ${id}`] as const)])
      .flatMap(([statement, where]) => faultOf(statement, where))
  }

  /** The statements that {@link Migrator.migrate} would run, by migration. Changes nothing. */
  async plan(): Promise<{ readonly id: string; readonly statements: readonly string[] }[]> {
    const status = await this.status()
    return this.#migrations.flatMap(({ id, up }) => {
      const own = status.find((each) => each.id === id)!
      return own.state === 'pending' || own.state === 'interrupted' ? [{ id, statements: up.slice(own.done) }] : []
    })
  }

  /**
   * Runs what is pending, oldest first, also what is older than the newest that was applied.
   *
   * @returns the ids of what was applied now
   * @throws MigrationError when a statement is no CQL, when a migration that was applied has changed or is missing, when something would be destroyed that was not named,
   *   when another deployer does not end within `waitMs`, and when it is not known whether an interrupted statement has run
   */
  async migrate(): Promise<string[]> {
    this.#checkLosses((await this.plan()).flatMap(({ statements }) => statements))
    return this.#leased(async (lease) => {
      const entries = await this.#journal.read()
      const status = this.#statusOf(entries)
      const [problem] = problems(status)
      if (problem !== undefined) throw new MigrationError(problem)
      const reverting = status.find(({ state }) => state === 'reverting')
      if (reverting) throw new MigrationError(`${reverting.id} was being taken back when somebody stopped: take it back first (down), and apply it again then`)
      const pending = this.#migrations.filter(({ id }) => ['pending', 'interrupted'].includes(status.find((each) => each.id === id)!.state))
      this.#checkLosses(pending.flatMap(({ up }) => up))
      const [fault] = this.#faults(pending)
      if (fault !== undefined) throw new MigrationError(`${fault}\nNothing was run. If your server takes it, say 'validate: false' (--no-validate)`)
      for (const migration of pending) await this.#apply(lease, migration, entries.filter(({ id }) => id === migration.id))
      return pending.map(({ id }) => id)
    })
  }

  /**
   * Takes back the newest migrations that were applied.
   *
   * @param count how many
   * @returns their ids, newest first
   * @throws MigrationError when one has nothing that takes it back, and as {@link Migrator.migrate} does
   */
  async down(count = 1): Promise<string[]> {
    if (!Number.isInteger(count) || count < 1) throw new OptionError('count', `'count' must be a whole number, at least 1, not ${String(count)}`)
    return this.#leased(async (lease) => {
      const entries = await this.#journal.read()
      const status = this.#statusOf(entries)
      const [problem] = problems(status)
      if (problem !== undefined) throw new MigrationError(problem)
      const applied = this.#migrations.filter(({ id }) => ['applied', 'interrupted', 'reverting'].includes(status.find((each) => each.id === id)!.state)).toReversed().slice(0, count)
      for (const { id, down } of applied) if (down.length === 0) throw new MigrationError(`${id} has no down.cql: nothing takes it back`)
      this.#checkLosses(applied.flatMap(({ down }) => down))
      for (const migration of applied) await this.#revert(lease, migration, entries.filter(({ id }) => id === migration.id))
      return applied.map(({ id }) => id)
    })
  }

  #checkLosses(statements: readonly string[]): void {
    const allowed = new Set(this.#options.allowLoss)
    const lost = statements.flatMap((statement) => lossesOf(statement)).filter((loss) => !allowed.has(loss))
    if (lost.length > 0) throw new MigrationError(`This would destroy ${lost.join(', ')}: name ${lost.length === 1 ? 'it' : 'each of them'} in 'allowLoss' (--allow-loss) to do so`)
  }

  async #leased<Out>(work: (lease: Lease) => Promise<Out>): Promise<Out> {
    const { waitMs = 60_000, leaseTtlMs = 30_000 } = this.#options
    const lease = await acquireLease(this.#client, `migrations:${this.#scope}`, { keyspace: this.#keyspace, table: 'cqlwire_leases', ttlMs: leaseTtlMs, waitMs, holder: 'cqlwire migrate', clock: this.#clock })
    if (!lease) throw new MigrationError(`Another deployer has been migrating for ${waitMs} ms: see that it ends, or wait longer`)
    try {
      await this.#journal.create()
      return await work(lease)
    } finally {
      await lease.release()
    }
  }

  async #apply(lease: Lease, { id, up, checksum }: Migration, before: readonly JournalEntry[]): Promise<void> {
    const head = (state: 'running' | 'applied'): JournalEntry => ({ id, step: 0, state, checksum, statement: null, at: new Date(this.#clock.wall()) })
    if (before.length === 0) await this.#journal.write(lease.fence, [head('running')])
    for (let i = 0; i < up.length; i++) await this.#step(lease, id, 'up', i, up, before)
    await this.#journal.write(lease.fence, [head('applied')])
  }

  async #revert(lease: Lease, { id, down, checksum }: Migration, before: readonly JournalEntry[]): Promise<void> {
    if (!before.some(({ step, state }) => step === 0 && state === 'reverting')) await this.#journal.write(lease.fence, [{ id, step: 0, state: 'reverting', checksum, statement: null, at: new Date(this.#clock.wall()) }])
    for (let i = 0; i < down.length; i++) await this.#step(lease, id, 'down', i, down, before)
    await this.#journal.write(lease.fence, [], [id])
  }

  /** Runs one statement: written down before and after, so that who comes next knows. */
  async #step(lease: Lease, id: string, direction: 'up' | 'down', i: number, all: readonly string[], before: readonly JournalEntry[]): Promise<void> {
    const statement = all[i]!
    const step = direction === 'up' ? i + 1 : -i - 1
    const known = before.find((entry) => entry.step === step)
    if (known?.state === 'done') return
    if (lease.signal.aborted) throw new MigrationError('The lease was lost: another deployer may go on')
    const entry = (state: 'started' | 'done'): JournalEntry => ({ id, step, state, checksum: null, statement, at: new Date(this.#clock.wall()) })
    if (known?.state === 'started' && (await this.#hasRun(id, step, statement))) return this.#journal.write(lease.fence, [entry('done')])
    this.#options.onStatement?.({ id, direction, step: i + 1, of: all.length, statement })
    await this.#journal.write(lease.fence, [entry('started')])
    await this.#run(id, statement)
    await this.#journal.write(lease.fence, [entry('done')])
  }

  /** Whether a statement that somebody began, and did not end, has done its work. */
  async #hasRun(id: string, step: number, statement: string): Promise<boolean> {
    await this.#client.refreshSchema()
    const live = this.#client.cluster.keyspaces.get(this.#keyspace)
    const effect = live ? effectOf(statement, live) : 'missing'
    if (effect !== 'unknown') return effect === 'done'
    const { interrupted } = this.#options
    if (interrupted === undefined) {
      throw new MigrationError(`Statement ${Math.abs(step)} of ${id} was interrupted, and whether it has run cannot be seen: look, and say 'interrupted: done' or 'again' (--interrupted)\n  ${statement}`)
    }
    return interrupted === 'done'
  }

  async #run(id: string, statement: string): Promise<void> {
    let agreed: boolean | undefined
    try {
      const { info } = await this.#client.execute(statement, [], { consistency: 'quorum' })
      agreed = info.schemaInAgreement
    } catch (error) {
      throw new MigrationError(`${id} stopped at\n  ${statement}\n${error instanceof Error ? error.message : String(error)}`, error)
    }
    if (agreed === false && !(await this.#client.checkSchemaAgreement({ timeoutMs: 60_000 }))) throw new MigrationError(`${id}: the nodes do not agree on the schema after\n  ${statement}\nSee which node is down, and run the migration again`)
    const index = indexMadeBy(statement)
    if (index !== undefined && !(await indexesBuilt(this.#client, this.#keyspace, index, this.#options.indexTimeoutMs ?? 600_000, this.#clock))) throw new MigrationError(`${id}: the index ${index} is not built on all nodes yet; run the migration again to wait longer`)
  }
}

function faultOf(statement: string, where: string): string[] {
  try {
    parseStatement(statement)
    return []
  } catch (error) {
    if (error instanceof CqlParseError) return [`${where} is no CQL: ${error.message}\n  ${statement}`]
    throw error
  }
}

function problems(status: readonly MigrationStatus[]): string[] {
  return status.flatMap(({ id, state }) => {
    if (state === 'changed') return [`${id} was applied, and its statements have changed since: put them back, and write a migration of its own for what should be different`]
    return state === 'missing' ? [`${id} was applied, and is not among the migrations: bring it back`] : []
  })
}
