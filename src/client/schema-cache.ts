import type { Clock, Timer } from '../base/index.js'
import { quoteText } from '../codecs/index.js'
import { schemaOf, schemaTables } from '../cluster/index.js'
import type { KeyspaceMetadata, SchemaRow, SchemaRows } from '../cluster/index.js'
import { InvalidQueryError, UnauthorizedError } from '../protocol/index.js'
import type { SchemaChange } from '../protocol/index.js'

/** What is read of the schema: everything, some keyspaces, or only how keyspaces are replicated, which routing needs. */
export type SchemaScope = 'all' | 'off' | readonly string[]

/** What a {@link SchemaCache} needs of its client. */
export interface SchemaSource {
  /** Runs a query on the control connection. */
  query(query: string): Promise<readonly SchemaRow[]>
  onSchema(keyspaces: ReadonlyMap<string, KeyspaceMetadata>): void
  onWarning(message: string, cause: unknown): void
}

/** Changes come in bursts, one from each node; a keyspace is read once they have calmed down. */
const DEBOUNCE_MS = 1000

/** The schema as the client knows it, read at the start and again where events say that something has changed. */
export class SchemaCache {
  readonly #scope: SchemaScope
  readonly #source: SchemaSource
  readonly #clock: Clock
  #keyspaces: ReadonlyMap<string, KeyspaceMetadata> = new Map()
  /** System tables that this server does not have. */
  readonly #absent = new Set<string>()
  /** When each keyspace that has changed was heard of, in the clock's milliseconds. */
  readonly #changed = new Map<string, number>()
  /** When each keyspace was begun to be read last. */
  readonly #readAt = new Map<string, number>()
  /** One reading after the other, so that an older answer never takes the place of a newer one. */
  #reading: Promise<unknown> = Promise.resolve()
  #timer: Timer
  #closed = false

  constructor(scope: SchemaScope, source: SchemaSource, clock: Clock) {
    this.#scope = scope
    this.#source = source
    this.#clock = clock
  }

  /** Whether {@link load} reads no more than {@link loadReplication} does. */
  get onlyReplication(): boolean {
    return this.#scope === 'off'
  }

  /** Whether tables and types of a keyspace are kept, not only its replication. */
  #covers(keyspace: string): boolean {
    return this.#scope === 'all' || (this.#scope !== 'off' && this.#scope.includes(keyspace))
  }

  #inTurn(read: () => Promise<void>): Promise<void> {
    const turn = this.#reading.then(read)
    this.#reading = turn.catch(() => {})
    return turn
  }

  /** Reads how keyspaces are replicated: all that routing needs, and enough to begin with. */
  loadReplication(): Promise<void> {
    return this.#inTurn(() => this.#loadReplication())
  }

  async #loadReplication(): Promise<void> {
    const keyspaces = await this.#rows('system_schema.keyspaces', '')
    const read = schemaOf({ keyspaces })
    for (const [name, known] of this.#keyspaces) {
      const fresh = read.get(name)
      if (fresh) read.set(name, { ...known, replication: fresh.replication, placement: samePlacement(known, fresh), durableWrites: fresh.durableWrites })
    }
    this.#publish(read)
  }

  /** Reads everything that is to be kept. */
  load(): Promise<void> {
    return this.#inTurn(() => (this.#scope === 'off' ? this.#loadReplication() : this.#load(this.#scope)))
  }

  async #load(scope: Exclude<SchemaScope, 'off'>): Promise<void> {
    const now = this.#clock.now()
    const where = scope === 'all' ? '' : ` WHERE keyspace_name IN (${scope.map(quoteText).join(', ')})`
    const [own, virtual] = await Promise.all([
      this.#read('system_schema', schemaTables, where, true),
      scope === 'all' ? this.#read('system_virtual_schema', ['keyspaces', 'tables', 'columns'], '', false) : Promise.resolve({}),
    ])
    const keyspaces = schemaOf(own)
    for (const [name, keyspace] of schemaOf(virtual, true)) keyspaces.set(name, keyspace)
    for (const name of keyspaces.keys()) this.#readAt.set(name, now)
    this.#publish(keyspaces)
  }

  /** Reads one keyspace again, and forgets it when it is no more. */
  refreshKeyspace(name: string): Promise<void> {
    return this.#inTurn(() => this.#refreshKeyspace(name))
  }

  async #refreshKeyspace(name: string): Promise<void> {
    this.#readAt.set(name, this.#clock.now())
    const tables = this.#covers(name) ? schemaTables : (['keyspaces'] as const)
    const fresh = schemaOf(await this.#read('system_schema', tables, ` WHERE keyspace_name = ${quoteText(name)}`, false)).get(name)
    const keyspaces = new Map(this.#keyspaces)
    const known = keyspaces.get(name)
    if (fresh) keyspaces.set(name, known ? { ...fresh, placement: samePlacement(known, fresh) } : fresh)
    else keyspaces.delete(name)
    this.#publish(keyspaces)
  }

  /** Reads what a change is about a little later, unless it has been read since. */
  onChange(change: SchemaChange): void {
    this.#changed.set(change.keyspace, this.#clock.now())
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = this.#clock.schedule(() => {
      this.#timer = undefined
      void this.#refreshChanged()
    }, DEBOUNCE_MS)
    this.#clock.unref(this.#timer)
  }

  async #refreshChanged(): Promise<void> {
    const due = [...this.#changed].filter(([name, heard]) => heard >= (this.#readAt.get(name) ?? -1))
    this.#changed.clear()
    for (const [name] of due) {
      try {
        await this.refreshKeyspace(name)
      } catch (error) {
        this.#source.onWarning(`The schema of the keyspace '${name}' could not be read`, error)
      }
    }
  }

  async #read(schema: string, tables: readonly (typeof schemaTables)[number][], where: string, allReplication: boolean): Promise<SchemaRows> {
    const entries = await Promise.all(tables.map(async (table) => [table, await this.#rows(`${schema}.${table}`, table === 'keyspaces' && allReplication ? '' : where)] as const))
    return Object.fromEntries(entries)
  }

  async #rows(table: string, where: string): Promise<readonly SchemaRow[]> {
    if (this.#absent.has(table)) return []
    try {
      return await this.#source.query(`SELECT * FROM ${table}${where}`)
    } catch (error) {
      // Servers before 4.0 have no virtual tables, those before 5.0 no masks; gateways that only speak CQL may lack or forbid any.
      if (!(error instanceof InvalidQueryError) && !(error instanceof UnauthorizedError)) throw error
      this.#absent.add(table)
      return []
    }
  }

  #publish(keyspaces: ReadonlyMap<string, KeyspaceMetadata>): void {
    if (this.#closed) return
    this.#keyspaces = keyspaces
    this.#source.onSchema(keyspaces)
  }

  /** Forgets what was heard; nothing is read any more. */
  close(): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#clock.cancel(this.#timer)
    this.#timer = undefined
  }
}

/** The same object for the same replication, since replicas are kept by it. */
function samePlacement(known: KeyspaceMetadata, fresh: KeyspaceMetadata): KeyspaceMetadata['placement'] {
  return JSON.stringify(known.replication) === JSON.stringify(fresh.replication) ? known.placement : fresh.placement
}
