import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/base/index.js'
import { Client, keyspaceToCql } from '../../../src/client/index.js'
import type { ClientOptions, KeyspaceMetadata } from '../../../src/client/index.js'

const scalars = ['ascii', 'bigint', 'blob', 'boolean', 'date', 'decimal', 'double', 'float', 'inet', 'int', 'smallint', 'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint']

/** Random statements of every kind that makes a schema, of one keyspace. */
class RandomSchema {
  readonly statements: string[] = []
  readonly #random: SeededRandom
  readonly #keyspace: string
  readonly #types: string[] = []

  constructor(keyspace: string, seed: number) {
    this.#keyspace = keyspace
    this.#random = new SeededRandom(seed)
    const factor = this.#random.pick(["'class': 'SimpleStrategy', 'replication_factor': 1", "'class': 'NetworkTopologyStrategy', 'dc1': 2"])
    this.statements.push(`CREATE KEYSPACE ${keyspace} WITH replication = {${factor}} AND durable_writes = ${this.#random.pick(['true', 'false'])}`)
    for (let i = this.#random.between(0, 3); i > 0; i--) this.#type(i)
    for (let i = this.#random.between(1, 3); i > 0; i--) this.#table(i)
    for (let i = this.#random.between(0, 2); i > 0; i--) this.#function(i)
  }

  /** Of a column or field, which may be anything at all. */
  #column(prefix: string): string {
    return this.#random.pick([prefix, `"${prefix.toUpperCase()} ""quoted"""`, `"${prefix}Mixed"`])
  }

  #name(prefix: string): string {
    return this.#random.pick([prefix, `"${prefix}Mixed"`])
  }

  #scalar(): string {
    return this.#random.pick(scalars)
  }

  #typeText(depth: number, frozen = false): string {
    const inner = (): string => this.#typeText(depth - 1, true)
    const wrap = (type: string): string => (frozen ? `frozen<${type}>` : type)
    switch (depth <= 0 ? 0 : this.#random.between(0, 7)) {
      case 1: return wrap(`list<${inner()}>`)
      case 2: return wrap(`set<${this.#scalar()}>`)
      case 3: return wrap(`map<${this.#scalar()}, ${inner()}>`)
      case 4: return `frozen<tuple<${inner()}, ${this.#scalar()}>>`
      case 5: return `vector<${this.#random.pick(['float', 'int', 'text'])}, ${this.#random.between(1, 8)}>`
      case 6: return this.#types.length === 0 ? this.#scalar() : `frozen<${this.#random.pick(this.#types)}>`
      default: return this.#random.next() < 0.1 ? 'duration' : this.#scalar()
    }
  }

  #type(i: number): void {
    const name = this.#name(`type_${i}`)
    const fields = Array.from({ length: this.#random.between(1, 4) }, (_, f) => `${this.#column(`field_${f}`)} ${this.#typeText(2)}`)
    this.statements.push(`CREATE TYPE ${this.#keyspace}.${name} (${fields.join(', ')})`)
    this.#types.push(name)
  }

  #table(i: number): void {
    const random = this.#random
    const name = this.#name(`table_${i}`)
    const table = `${this.#keyspace}.${name}`
    const partition = Array.from({ length: random.between(1, 2) }, (_, k) => this.#column(`p${k}`))
    const clustering = Array.from({ length: random.between(0, 2) }, (_, k) => this.#column(`c${k}`))
    const counter = random.next() < 0.15
    const columns = Array.from({ length: random.between(1, 4) }, (_, c) => ({ name: c === 0 ? this.#name('v0') : this.#column(`v${c}`), type: counter ? 'counter' : c === 0 && random.next() < 0.7 ? this.#scalar() : this.#typeText(2) }))
    const masked = (type: string): string => (counter || type !== 'text' || random.next() < 0.5 ? '' : ` MASKED WITH ${random.pick(['DEFAULT', 'mask_inner(1, null)', "mask_replace('it''s')"])}`)
    const definitions = [
      ...[...partition, ...clustering].map((key) => `${key} ${random.next() < 0.2 ? 'frozen<list<text>>' : this.#scalar()}`),
      ...columns.map(({ name: column, type }) => `${column} ${type}${masked(type)}`),
      ...(clustering.length > 0 && !counter ? [`${this.#column('s')} ${this.#typeText(1)} static`] : []),
    ]
    const options = [
      ...(clustering.length > 0 ? [`CLUSTERING ORDER BY (${clustering.map((key) => `${key} ${random.pick(['ASC', 'DESC'])}`).join(', ')})`] : []),
      random.pick(["comment = 'it''s a \"comment\"'", 'gc_grace_seconds = 1000', "compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': 64}", "compression = {'enabled': 'false'}", "caching = {'keys': 'NONE', 'rows_per_partition': '10'}", "speculative_retry = 'NEVER'", 'bloom_filter_fp_chance = 0.5']),
      ...(counter ? [] : [`default_time_to_live = ${random.pick([0, 86_400])}`]),
    ]
    this.statements.push(`CREATE TABLE ${table} (${definitions.join(', ')}, PRIMARY KEY ((${partition.join(', ')})${clustering.map((key) => `, ${key}`).join('')})) WITH ${options.join(' AND ')}`)
    if (counter) return
    this.#alter(table)
    const [first] = columns
    if (scalars.includes(first!.type)) {
      this.statements.push(first!.type === 'blob' || random.next() < 0.5 ? `CREATE INDEX ${this.#name(`index_${i}`)} ON ${table} (${first!.name})` : `CREATE CUSTOM INDEX ${this.#name(`index_${i}`)} ON ${table} (${first!.name}) USING 'StorageAttachedIndex'${first!.type === 'text' ? " WITH OPTIONS = {'case_sensitive': 'false'}" : ''}`)
      const keys = [...partition, ...clustering]
      if (random.next() < 0.7) {
        const condition = [first!.name, ...keys].map((column) => `${column} IS NOT NULL`).join(' AND ')
        const selected = clustering.length === 0 && random.next() < 0.5 ? '*' : [first!.name, ...keys].join(', ')
        this.statements.push(`CREATE MATERIALIZED VIEW ${this.#keyspace}.${this.#name(`view_${i}`)} AS SELECT ${selected} FROM ${table} WHERE ${condition} PRIMARY KEY ((${first!.name}), ${keys.join(', ')}) WITH comment = 'view'`)
      }
    }
    for (const { name: column, type } of columns.slice(1)) {
      if (type.startsWith('map<text')) this.statements.push(`CREATE INDEX ON ${table} (${random.pick(['keys', 'entries', 'values'])}(${column}))`)
      else if (/^frozen<(list|set|map)/.test(type)) this.statements.push(`CREATE INDEX ON ${table} (full(${column}))`)
    }
  }

  #alter(table: string): void {
    const random = this.#random
    if (random.next() < 0.5) this.statements.push(`ALTER TABLE ${table} ADD ${this.#column('added')} ${this.#typeText(2)}`, `ALTER TABLE ${table} ADD dropped int`, `ALTER TABLE ${table} DROP dropped`)
    if (random.next() < 0.3) this.statements.push(`ALTER TABLE ${table} WITH comment = 'altered' AND gc_grace_seconds = ${random.between(1, 1000)}`)
    if (random.next() < 0.3 && this.#types.length > 0) this.statements.push(`ALTER TYPE ${this.#keyspace}.${this.#types.at(-1)!} ADD added_${this.statements.length} ${this.#scalar()}`)
    if (random.next() < 0.2) this.statements.push(`ALTER KEYSPACE ${this.#keyspace} WITH durable_writes = ${random.pick(['true', 'false'])}`)
  }

  #function(i: number): void {
    const name = this.#name(`fn_${i}`)
    const type = this.#random.pick(['int', 'text', 'list<int>', 'tuple<int, text>'])
    const onNull = this.#random.pick(['CALLED', 'RETURNS NULL'])
    this.statements.push(`CREATE FUNCTION ${this.#keyspace}.${name}(state ${type}, value ${type}) ${onNull} ON NULL INPUT RETURNS ${type} LANGUAGE java AS ${this.#random.pick(['$$return state;$$', "'return value;'"])}`)
    if (type !== 'int' || this.#random.next() < 0.3) return
    this.statements.push(`CREATE AGGREGATE ${this.#keyspace}.${this.#name(`total_${i}`)}(int) SFUNC ${name} STYPE int${onNull === 'CALLED' ? this.#random.pick(['', ' INITCOND 7']) : ' INITCOND 7'}`)
  }
}

/** A keyspace without what necessarily differs from another one: its name, and the ids of tables. */
function comparable(keyspace: KeyspaceMetadata): unknown {
  const drop = new Set(['id', 'keyspace'])
  return JSON.parse(JSON.stringify({ ...keyspace, name: '' }, (name, value: unknown) => (drop.has(name) ? undefined : value instanceof Map ? [...value].sort(([a], [b]) => (a < b ? -1 : 1)) : value)).replaceAll(keyspace.name, 'KEYSPACE'))
}

/** The schema as it is read, printed as CQL and run again: on one node, where changes are quick. */
export function schema(options: () => ClientOptions): void {
  describe('schema metadata', () => {
    const SCHEMAS = Number(process.env['CQLWIRE_SCHEMAS'] ?? 25)
    test(`${SCHEMAS} random schemas, printed as CQL and run in another keyspace, are the same there`, async () => {
      await using client = await Client.connect({ ...options(), timeoutMs: 60_000 })
      const kinds = new Map<string, number>()
      for (let seed = 1; seed <= SCHEMAS; seed++) {
        const { statements } = new RandomSchema(`schema_${seed}`, seed)
        for (const statement of statements) {
          await client.execute(statement).catch((error: Error) => { throw new Error(`${error.message}\n${statement}`) })
          const kind = /^(CREATE|ALTER)( CUSTOM| MATERIALIZED)? (\w+)/.exec(statement)![0]
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        }
        const made = client.cluster.keyspaces.get(`schema_${seed}`)!
        for (const statement of keyspaceToCql(made, `again_${seed}`)) await client.execute(statement).catch((error: Error) => { throw new Error(`${error.message}\n${statement}`) })
        expect(comparable(client.cluster.keyspaces.get(`again_${seed}`)!), statements.join('\n')).toEqual(comparable(made))
        await client.execute(`DROP KEYSPACE schema_${seed}`)
        await client.execute(`DROP KEYSPACE again_${seed}`)
        expect(client.cluster.keyspaces.has(`schema_${seed}`)).toBe(false)
      }
      console.log([...kinds].map(([kind, count]) => `${kind}: ${count}`).join(', '))
      expect(kinds.size).toBeGreaterThanOrEqual(10)
    })
  })
}
