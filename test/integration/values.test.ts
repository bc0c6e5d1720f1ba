// Random values of random types: written, read back equal, and read alike by a client of another language.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { canonicalBytes, Codecs, encodeCell, inetFromString, scalar, scalarKinds, typeToCql } from '../../src/codecs/index.js'
import type { CqlType, Decimal, Duration, LocalDate, LocalTime, UdtType } from '../../src/codecs/index.js'
import { any } from '../support/arbitraries.js'
import { ByteWriter } from '../../src/base/index.js'
import { routingKeyOf } from '../../src/cluster/index.js'
import { clusterOf } from './cluster.js'

const keyspace = 'cqlwire_values'
const TYPES = 300
const VALUES = 20_000
const TABLES = 10
const SEED = Number(process.env['CQLWIRE_SEED'] ?? 20_261_121)

const udts: readonly UdtType[] = [
  { kind: 'udt', keyspace, name: 'point', fields: [{ name: 'x', type: scalar('double') }, { name: 'y', type: scalar('double') }] },
  { kind: 'udt', keyspace, name: 'person', fields: [{ name: 'name', type: scalar('text') }, { name: 'born', type: scalar('date') }, { name: 'home', type: { kind: 'udt', keyspace, name: 'point', fields: [{ name: 'x', type: scalar('double') }, { name: 'y', type: scalar('double') }], frozen: true } }] },
]

/** Types that can be sorted by any client: elements of sets and keys of maps. */
const keyType = any.scalarType.filter(({ kind }) => !['float', 'double', 'duration'].includes(kind))

/** Types that a partition key may have. */
const keyKinds = scalarKinds.filter((kind) => kind !== 'counter' && kind !== 'duration')
const frozenKeys: readonly CqlType[] = [
  { kind: 'list', element: scalar('int'), frozen: true }, { kind: 'set', element: scalar('text'), frozen: true }, { kind: 'map', key: scalar('text'), value: scalar('varint'), frozen: true },
  { kind: 'tuple', elements: [scalar('int'), scalar('text')] }, { kind: 'vector', element: scalar('float'), dimension: 3 },
]

/** Any type that Cassandra lets a column have; what is inside is frozen. */
function columnType(depth: number): fc.Arbitrary<CqlType> {
  if (depth === 0) return any.scalarType
  const inner = columnType(depth - 1).map((type): CqlType => ('frozen' in type || type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'udt' ? ({ ...type, frozen: true } as CqlType) : type))
  return fc.oneof(
    any.scalarType,
    inner.map((element): CqlType => ({ kind: 'list', element })),
    keyType.map((element): CqlType => ({ kind: 'set', element })),
    fc.tuple(keyType, inner).map(([key, value]): CqlType => ({ kind: 'map', key, value })),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map((elements): CqlType => ({ kind: 'tuple', elements })),
    fc.tuple(inner, fc.integer({ min: 1, max: 4 })).map(([element, dimension]): CqlType => ({ kind: 'vector', element, dimension })),
    fc.constantFrom(...udts).map((udt): CqlType => ({ ...udt, frozen: true })),
  )
}

const float = new DataView(new ArrayBuffer(8))

/** The form of a value that test/python/read_rows.py makes, too. */
function canonical(type: CqlType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'float':
    case 'double':
      if (Number.isNaN(value)) return 'nan'
      if (type.kind === 'float') float.setFloat32(0, value as number)
      else float.setFloat64(0, value as number)
      return Buffer.from(float.buffer, 0, type.kind === 'float' ? 4 : 8).toString('hex')
    case 'decimal': {
      const { unscaled, scale } = value as Decimal
      return `${unscaled}/${scale}`
    }
    case 'text':
    case 'ascii':
      return Buffer.from(value as string).toString('hex')
    case 'blob':
      return Buffer.from(value as Uint8Array).toString('hex')
    case 'inet':
      return Buffer.from(inetFromString(value as string)).toString('hex')
    case 'date':
      return String((value as LocalDate).epochDays)
    case 'time':
      return String((value as LocalTime).nanoseconds)
    case 'timestamp':
      return String((value as Date).getTime())
    case 'duration': {
      const { months, days, nanoseconds } = value as Duration
      return `${months}/${days}/${nanoseconds}`
    }
    case 'list':
    case 'vector':
      return Array.from(value as unknown[], (item) => canonical(type.element, item))
    case 'set':
      return [...new Set(Array.from(value as Set<unknown>, (item) => JSON.stringify(canonical(type.element, item))))].sort()
    case 'map': {
      const byKey = new Map(Array.from(value as Map<unknown, unknown>, ([key, item]) => [JSON.stringify(canonical(type.key, key)), JSON.stringify([canonical(type.key, key), canonical(type.value, item)])]))
      return [...byKey.values()].sort()
    }
    case 'tuple':
      return type.elements.map((element, i) => canonical(element, (value as unknown[])[i]))
    case 'udt':
      return type.fields.map((field) => canonical(field.type, (value as Record<string, unknown>)[field.name]))
    case 'boolean':
    case 'uuid':
    case 'timeuuid':
      return value
    default:
      return String(value)
  }
}

/** An empty collection that is not frozen is null, as in CQL. */
function asRead(type: CqlType, value: unknown): unknown {
  const form = canonical(type, value)
  return (type.kind === 'list' || type.kind === 'set' || type.kind === 'map') && !type.frozen && (form as unknown[]).length === 0 ? null : form
}

/** Instants that Python's datetime can hold: it fails on all others. Every other column has only such, so that timestamps are compared, too. */
const pythonDates = fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
const readableByPython = (column: string, type: CqlType): boolean => Number(column.slice(1)) % 2 === 0 || !JSON.stringify(type).includes('"timestamp"')

interface Cell {
  readonly table: string
  readonly id: number
  readonly column: string
  readonly type: CqlType
  readonly value: unknown
}

const cluster = clusterOf()

describe('20,000 random values of at most 300 random types', () => {
  let client: Client
  let contactPoint: string
  const cells: Cell[] = []
  const columns = fc.sample(fc.integer({ min: 0, max: 4 }).chain(columnType), { seed: SEED, numRuns: TYPES })

  beforeAll(async () => {
    const options = await cluster()
    contactPoint = options.contactPoints[0]!
    const setup = await Client.connect({ ...options, timeoutMs: 60_000 })
    await setup.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
    await setup.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
    for (const udt of udts) await setup.execute(`CREATE TYPE ${keyspace}.${udt.name} (${udt.fields.map((field) => `${field.name} ${typeToCql(field.type)}`).join(', ')})`)
    for (let t = 0; t < TABLES; t++) {
      const own = columns.flatMap((type, i) => (i % TABLES === t ? [`c${i} ${typeToCql(type)}`] : []))
      await setup.execute(`CREATE TABLE ${keyspace}.values_${t} (id int PRIMARY KEY, ${own.join(', ')})`)
    }
    await setup.close()
    client = await Client.connect({ ...options, keyspace, timeoutMs: 30_000, consistency: 'one' })
    const perType = Math.ceil(VALUES / columns.length)
    columns.forEach((type, i) => {
      fc.sample(any.value(type, i % 2 === 0 ? { timestamps: pythonDates } : {}), { seed: SEED + i, numRuns: perType }).forEach((value, n) => cells.push({ table: `values_${i % TABLES}`, id: i * perType + n, column: `c${i}`, type, value }))
    })
  })
  afterAll(() => client?.close())

  async function each(work: (cell: Cell) => Promise<void>): Promise<void> {
    let next = 0
    await Promise.all(Array.from({ length: 64 }, async () => {
      for (let cell = cells[next++]; cell; cell = cells[next++]) await work(cell)
    }))
  }

  test('are read as they were written', async () => {
    expect(cells.length).toBeGreaterThanOrEqual(VALUES)
    await each(async ({ table, id, column, value }) => { await client.execute(`INSERT INTO ${table} (id, ${column}) VALUES (?, ?)`, [id, value], { idempotent: true }) })
    const wrong: string[] = []
    await each(async ({ table, id, column, type, value }) => {
      const row = (await client.execute<Record<string, unknown>>(`SELECT ${column} FROM ${table} WHERE id = ?`, [id])).one()
      const [expected, actual] = [JSON.stringify(asRead(type, value)), JSON.stringify(canonical(type, row[column]))]
      if (expected !== actual) wrong.push(`${typeToCql(type)}: ${expected} was read as ${actual}`)
    })
    expect(wrong).toEqual([])
  })

  test('are read alike by the Python driver', async () => {
    const python = process.env['CQLWIRE_PYTHON'] ?? 'python3'
    const script = fileURLToPath(new URL('../python/read_rows.py', import.meta.url))
    const tables = Array.from({ length: TABLES }, (_, t) => `values_${t}`)
    const { stdout } = await promisify(execFile)(python, [script, contactPoint.replace(/:\d+$/, ''), keyspace, ...tables], { maxBuffer: 1 << 28 }).catch((error: unknown) => {
      throw new Error(`The Python driver could not read the rows (python -m pip install cassandra-driver, and name the interpreter in CQLWIRE_PYTHON): ${String((error as { stderr?: string }).stderr ?? error)}`)
    })
    const theirs = new Map(stdout.trim().split('\n').map((line) => {
      const [id, column, form] = JSON.parse(line) as [number, string, unknown]
      return [`${id}/${column}`, JSON.stringify(form)]
    }))
    const wrong: string[] = []
    let compared = 0
    for (const { id, column, type, value } of cells) {
      if (!readableByPython(column, type)) continue
      const expected = asRead(type, value)
      if (expected === null) continue
      compared++
      if (theirs.get(`${id}/${column}`) !== JSON.stringify(expected)) wrong.push(`${typeToCql(type)}: ${JSON.stringify(expected)} is ${theirs.get(`${id}/${column}`)} for Python`)
    }
    console.log(`${compared} values compared with the Python driver`)
    expect(wrong.slice(0, 20)).toEqual([])
    expect(compared).toBeGreaterThan(VALUES / 3)
  })
})

describe('100,000 keys', () => {
  const singles = [...keyKinds.map(scalar), ...frozenKeys]
  const composites: readonly (readonly CqlType[])[] = [['text', 'blob'], ['int', 'uuid', 'varint'], ['decimal', 'inet'], ['timestamp', 'boolean', 'ascii', 'time']].map((kinds) => kinds.map((kind) => scalar(kind as 'int')))
  const tables = [...singles.map((type) => [type]), ...composites]
  const KEYS = Number(process.env['CQLWIRE_TOKEN_KEYS'] ?? 100_000)

  test('of every type, alone and with others, have the tokens that Cassandra computes', async () => {
    const client = await Client.connect({ ...(await cluster()), timeoutMs: 60_000, consistency: 'one' })
    await client.execute("CREATE KEYSPACE IF NOT EXISTS cqlwire_tokens WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    const codecs = new Codecs()
    const writer = new ByteWriter()
    const own = tables.map(() => new Set<bigint>())
    const keys: { readonly table: number; readonly values: unknown[] }[] = []
    for (const [table, types] of tables.entries()) {
      const names = types.map((_, i) => `k${i}`)
      await client.execute(`CREATE TABLE IF NOT EXISTS cqlwire_tokens.t${table} (${types.map((type, i) => `k${i} ${typeToCql(type)}`).join(', ')}, PRIMARY KEY ((${names.join(', ')})))`)
      const samples = fc.sample(fc.tuple(...types.map((type) => any.value(type))), { seed: SEED + table, numRuns: Math.ceil(KEYS / tables.length) }) as unknown[][]
      for (const values of samples) {
        const parts = values.map((value, i) => {
          writer.pos = 0
          encodeCell(codecs.of(types[i]!), writer, value)
          return canonicalBytes(types[i]!, writer.toBytes().subarray(4))
        })
        // A key must not be empty, nor longer than 64 KiB.
        if (parts.length === 1 && parts[0]!.length === 0) continue
        own[table]!.add(client.cluster.tokenOf(routingKeyOf(parts)!) as bigint)
        keys.push({ table, values })
      }
    }
    let next = 0
    await Promise.all(Array.from({ length: 256 }, async () => {
      for (let key = keys[next++]; key !== undefined; key = keys[next++]) {
        const names = key.values.map((_, i) => `k${i}`)
        await client.execute(`INSERT INTO cqlwire_tokens.t${key.table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, key.values, { idempotent: true })
      }
    }))
    for (const [table, types] of tables.entries()) {
      const theirs = new Set<bigint>()
      for await (const row of client.stream<{ t: bigint }>(`SELECT token(${types.map((_, i) => `k${i}`).join(', ')}) AS t FROM cqlwire_tokens.t${table}`)) theirs.add(row.t)
      expect(theirs, types.map(typeToCql).join(', ')).toEqual(own[table])
    }
    console.log(`${keys.length} keys, ${own.reduce((sum, set) => sum + set.size, 0)} different tokens`)
    expect(keys.length).toBeGreaterThan(KEYS * 0.95)
    await client.close()
  })
})

describe('200,000 pipelined point reads', () => {
  const REQUESTS = Number(process.env['CQLWIRE_POINT_READS'] ?? 200_000)
  const KEYS = 2000

  test('each answer belongs to the key that asked, with time-outs and aborts mixed in', async () => {
    const client = await Client.connect({ ...(await cluster()), timeoutMs: 60_000, consistency: 'one' })
    await client.execute("CREATE KEYSPACE IF NOT EXISTS cqlwire_reads WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}")
    await client.execute('CREATE TABLE IF NOT EXISTS cqlwire_reads.t (id int PRIMARY KEY, v text)')
    await Promise.all(Array.from({ length: KEYS }, (_, id) => client.execute('INSERT INTO cqlwire_reads.t (id, v) VALUES (?, ?)', [id, `value of ${id}`], { consistency: 'all', idempotent: true })))
    let next = 0
    const count = { rows: 0, late: 0 }
    const before = process.memoryUsage().heapUsed
    const started = performance.now()
    await Promise.all(Array.from({ length: 256 }, async () => {
      while (next < REQUESTS) {
        const n = next++
        const id = (n * 7919) % KEYS
        const options = n % 50 === 0 ? { timeoutMs: 3 } : n % 51 === 0 ? { signal: AbortSignal.timeout(2) } : undefined
        try {
          const row = (await client.execute<{ id: number; v: string }>('SELECT id, v FROM cqlwire_reads.t WHERE id = ?', [id], options)).one()
          if (row.id !== id || row.v !== `value of ${id}`) throw new Error(`Key ${id} got the row of ${row.id}`)
          count.rows++
        } catch (error) {
          if (!['RequestTimeoutError', 'AbortError'].includes((error as Error).name)) throw error
          count.late++
        }
      }
    }))
    const seconds = (performance.now() - started) / 1000
    await expect.poll(() => [...client.stats().nodes.values()].map(({ inFlight, orphans }) => inFlight + orphans), { timeout: 10_000 }).toEqual([0, 0, 0])
    console.log(`${JSON.stringify(count)} in ${seconds.toFixed(1)} s, heap ${((process.memoryUsage().heapUsed - before) / 1e6).toFixed(1)} MB more`)
    expect(count.rows + count.late).toBe(REQUESTS)
    expect(count.late).toBeGreaterThan(0)
    expect(count.rows).toBeGreaterThan(REQUESTS * 0.9)
    await client.close()
  })
})
