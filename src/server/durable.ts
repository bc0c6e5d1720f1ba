import { utf8Decode } from '../base/index.js'
import { uuid } from '../codecs/index.js'
import { parseStatement } from '../cql/index.js'
import { openFolder } from '../transport/index.js'
import type { Folder } from '../transport/index.js'
import type { Database } from './database.js'
import { contents } from './describe.js'
import { Journal } from './journal.js'
import { JournalCorruptError, replay } from './replay.js'
import type { ReplayTarget } from './replay.js'
import { executeSchemaStatement } from './schema-statements.js'
import type { Keyspace, Table } from './schema.js'
import { NEVER } from './rows.js'

/** Bytes of a journal from which on a snapshot takes its place. */
const MOST_JOURNAL = 64 * 1024 * 1024
/** The file of host ids, a line each. */
const HOSTS = 'hosts'

/**
 * Keeps a database in a folder: a snapshot, and a journal of what was done since. What a client has an answer for is in the journal, whatever happens to the process; what
 * happens to the machine may cost what was written within the last `syncMs`.
 */
export class Durable {
  readonly #folder: Folder
  readonly #database: Database
  readonly #syncMs: number
  #journal: Journal
  #number: number
  #lastSync = 0

  private constructor(folder: Folder, database: Database, syncMs: number, journal: Journal, number: number) {
    this.#folder = folder
    this.#database = database
    this.#syncMs = syncMs
    this.#journal = journal
    this.#number = number
    this.#attach()
  }

  /**
   * Opens a folder, brings back what is in it, and keeps it up to date from then on.
   *
   * @param onCut told of bytes at the end of the journal that were half a frame, and are cut off
   * @throws JournalCorruptError when something is broken that is not at the end
   */
  static async open(path: string, database: Database, syncMs: number, onCut: (message: string) => void): Promise<Durable> {
    const folder = await openFolder(path)
    try {
      const numbers = folder.list().flatMap((name) => (/^snapshot-\d+$/.test(name) ? [Number(name.slice(9))] : [])).sort((a, b) => a - b)
      const number = numbers.at(-1) ?? 0
      const target = targetOf(database)
      if (number > 0 && !replay(folder.read(`snapshot-${number}`), `${path}/snapshot-${number}`, target).isWhole) throw new JournalCorruptError(`${path}/snapshot-${number} has no end: bring back a copy of the folder`)
      const name = `journal-${number}`
      const bytes = folder.list().includes(name) ? folder.read(name) : new Uint8Array(0)
      const { length } = replay(bytes, `${path}/${name}`, target)
      const file = folder.append(name)
      if (length < bytes.length) {
        onCut(`${path}/${name}: the last ${bytes.length - length} bytes are half a record, and were cut off`)
        file.truncate(length)
      }
      return new Durable(folder, database, syncMs, new Journal(file, length), number)
    } catch (error) {
      folder.close()
      throw error
    }
  }

  /** Host ids of so many nodes, the same each time: to clients a node with another id is another node. */
  hostIds(count: number): readonly string[] {
    const bytes = this.#folder.list().includes(HOSTS) ? this.#folder.read(HOSTS) : new Uint8Array(0)
    const ids = utf8Decode(bytes, 0, bytes.length).split('\n').filter((line) => line !== '')
    if (ids.length < count) {
      while (ids.length < count) ids.push(uuid.v4())
      const file = this.#folder.append(`${HOSTS}.new`)
      file.truncate(0)
      file.write(new TextEncoder().encode(ids.join('\n')))
      file.sync()
      file.close()
      this.#folder.rename(`${HOSTS}.new`, HOSTS)
    }
    return ids.slice(0, count)
  }

  #attach(): void {
    for (const keyspace of this.#database.keyspaces.values()) if (keyspace.isKept) for (const table of keyspace.tables.values()) table.store.journal = this.#journal
  }

  /** Takes note of a statement that has changed the schema. */
  schema(text: string, keyspace: string | undefined): void {
    const ids = new Map<string, string>()
    for (const each of this.#database.keyspaces.values()) if (!each.system) for (const table of [...each.tables.values(), ...each.views.values()]) ids.set(`${each.name}.${table.name}`, table.id)
    this.#journal.schema(text, keyspace, ids)
    this.#attach()
  }

  /** Writes what was done since the last time: before anybody has an answer for it. */
  commit(): void {
    this.#journal.commit()
    const now = this.#database.clock.now()
    if (now - this.#lastSync >= this.#syncMs && this.#journal.size > 0) {
      this.#journal.sync()
      this.#lastSync = now
    }
    if (this.#journal.size > MOST_JOURNAL) this.snapshot()
  }

  /** Writes all there is into a snapshot, and begins a new journal. */
  snapshot(): void {
    const number = this.#number + 1
    const file = this.#folder.append('snapshot.new')
    file.truncate(0)
    const journal = new Journal(file)
    for (const keyspace of this.#database.keyspaces.values()) if (keyspace.isKept) writeKeyspace(journal, keyspace)
    journal.end()
    journal.commit()
    journal.sync()
    journal.close()
    // From the moment at which it has its name it counts, and the journal before it does not.
    this.#folder.rename('snapshot.new', `snapshot-${number}`)
    this.#journal.close()
    for (const name of [`journal-${this.#number}`, `snapshot-${this.#number}`]) this.#folder.remove(name)
    this.#number = number
    this.#journal = new Journal(this.#folder.append(`journal-${number}`))
    this.#attach()
  }

  /** Writes what is left, and lets others have the folder. */
  close(): void {
    this.#journal.commit()
    this.#journal.sync()
    this.#journal.close()
    for (const keyspace of this.#database.keyspaces.values()) for (const table of keyspace.tables.values()) table.store.journal = undefined
    this.#folder.close()
  }
}

function targetOf(database: Database): ReplayTarget {
  return {
    schema(text, keyspace, ids) {
      executeSchemaStatement(parseStatement(text), { keyspaces: database.keyspaces, current: keyspace, clock: database.clock, dataCenters: database.dataCenters, warn: () => {} })
      for (const each of database.keyspaces.values()) {
        for (const table of [...each.tables.values(), ...each.views.values()]) table.id = ids.get(`${each.name}.${table.name}`) ?? table.id
      }
    },
    table(keyspace, name) {
      return database.keyspaces.get(keyspace)!.tables.get(name)!
    },
  }
}

/** A keyspace as the statements that make it, and the data of its tables. */
function writeKeyspace(journal: Journal, keyspace: Keyspace): void {
  const ids = new Map([...keyspace.tables.values(), ...keyspace.views.values()].map((table) => [`${keyspace.name}.${table.name}`, table.id]))
  if (!keyspace.system) for (const { statement } of contents(keyspace, false)) journal.schema(statement().replace(/;$/, ''), keyspace.name, ids)
  journal.commit()
  for (const table of keyspace.tables.values()) writeTable(journal, table)
}

function writeTable(journal: Journal, table: Table): void {
  for (const partition of table.store.partitions) {
    if (partition.deletion > NEVER) journal.deletePartition(table, partition, partition.deletion)
    for (const { from, to, timestamp } of partition.ranges) journal.deleteRange(table, partition, from, to, timestamp)
    for (const row of [partition.staticRow, ...partition.rows]) {
      if (row.deletion > NEVER) journal.deleteRow(table, row, row.deletion)
      if (row.liveness) journal.liveness(table, row, row.liveness)
      row.cells.forEach((cell, i) => journal.cell(table, row, row.columns[i]!, cell))
      for (const [column, { deletion, parts }] of row.complex) {
        if (deletion > NEVER) journal.deleteComplex(table, row, column, deletion)
        for (const { key, cell } of parts.values()) journal.part(table, row, column, key, cell)
      }
    }
    journal.commit()
  }
}
