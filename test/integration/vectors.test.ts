// Bytes of others through our codec: all that passes between real servers and several clients is decoded, and encoded to the same bytes.
// With CQLWIRE_RECORD=1 a selection is written to test/vectors.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import cassandra from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { decodeMessage, encodeMessage, HEADER_LENGTH } from '../../src/protocol/index.js'
import type { Consistency, EnvelopeHeader, Message, MessageExtras, ProtocolVersion } from '../../src/protocol/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { headerOf, toVectorJson } from '../support/vectors.js'
import { recordedTypes } from '../vectors/recorded-types.js'
import { WireTap } from '../support/wire-tap.js'
import type { TappedEnvelope } from '../support/wire-tap.js'

const RECORD = process.env['CQLWIRE_RECORD'] === '1'
/** Of each kind of message so many are kept. */
const KEPT = 2
const MOST_BYTES = 4000
const vectors = join(import.meta.dirname, '../vectors')

function read({ bytes }: TappedEnvelope): { message: Message; extras: MessageExtras; header: EnvelopeHeader; left: number } {
  const body = new ByteReader(bytes, HEADER_LENGTH)
  const header = headerOf(bytes)
  return { ...decodeMessage(header, body), header, left: body.remaining }
}

function write(message: Message, version: number, streamId: number, extras: MessageExtras): Uint8Array {
  const writer = new ByteWriter()
  encodeMessage(writer, message, version as ProtocolVersion, streamId, extras)
  return writer.toBytes()
}

/** What makes a message worth a place of its own. */
function kindOf(from: string, { message, header }: ReturnType<typeof read>): string {
  const parts: unknown[] = [from, header.version, message.type, header.flags]
  if (message.type === 'RESULT') parts.push(message.kind)
  if (message.type === 'RESULT' && message.kind === 'ROWS') parts.push(message.metadata.columns === undefined, message.metadata.pagingState === undefined, message.rows.length > 0)
  if (message.type === 'ERROR') parts.push(message.code)
  if (message.type === 'EVENT') parts.push(message.event)
  if (message.type === 'QUERY' || message.type === 'EXECUTE') parts.push(Object.keys(message.parameters).join())
  if (message.type === 'BATCH') parts.push(message.batchType)
  return parts.join('/')
}

async function prepareSchema(contactPoints: readonly string[], name: string, vectorsToo: boolean): Promise<void> {
  await using client = await Client.connect({ contactPoints, timeoutMs: 30_000 })
  await client.execute(`CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
  await client.execute(`CREATE KEYSPACE ${name}_three WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}`)
  await client.execute(`CREATE TABLE ${name}_three.people (org text PRIMARY KEY, name text)`)
  await client.execute(`CREATE TABLE ${name}.people (org text, id int, name text, tags set<text>, PRIMARY KEY (org, id)) WITH CLUSTERING ORDER BY (id DESC)`)
  await client.execute(`CREATE TABLE ${name}.hits (page text PRIMARY KEY, n counter)`)
  await client.execute(`CREATE TYPE ${name}.address (street text, number int, phones frozen<list<text>>)`)
  const types = recordedTypes.filter(({ type }) => vectorsToo || !type.includes('vector'))
  for (const [i, { type, literals }] of types.entries()) {
    await client.execute(`CREATE TABLE ${name}.v${i} (k int PRIMARY KEY, v ${type})`)
    for (const [k, literal] of literals.entries()) await client.execute(`INSERT INTO ${name}.v${i} (k, v) VALUES (${k}, ${literal})`, [], { consistency: 'one' })
  }
}

/** A bit of everything, as an application does it. */
async function drive(port: number, name: string, protocolVersion: ProtocolVersion, compression: 'lz4' | 'snappy' | 'none'): Promise<void> {
  await using client = await Client.connect({ contactPoints: [`127.0.0.1:${port}`], protocolVersion, compression, keyspace: name, consistency: 'one' })
  await client.execute('INSERT INTO people (org, id, name, tags) VALUES (?, ?, ?, ?)', ['acme', 1, 'Ann', new Set(['x', 'y'])])
  await client.execute('INSERT INTO people (org, id, name) VALUES (:org, :id, :name)', { org: 'acme', id: 2, name: null }, { timestamp: 1_700_000_000_000_000n, serialConsistency: 'localSerial' })
  await client.execute("INSERT INTO people (org, id) VALUES ('acme', ?)", [3], { prepare: false, types: ['int'], idempotent: true, ...(protocolVersion >= 5 && { keyspace: name, nowInSeconds: 1_700_000_000 }) })
  await client.execute('SELECT * FROM people', [], { pageSize: 2 })
  const paged = await client.execute('SELECT * FROM people WHERE org = ?', ['acme'], { pageSize: 1 })
  await client.execute('SELECT * FROM people WHERE org = ?', ['acme'], { pageSize: 1, pageState: paged.pageState! })
  await client.execute('SELECT * FROM people WHERE org = ?', ['nobody'])
  await client.execute("UPDATE people SET name = 'b' WHERE org = 'acme' AND id = 1 IF name = 'nobody'")
  await client.execute('SELECT release_version FROM system.local', [], { tracing: true, ...(protocolVersion >= 4 && { payload: new Map([['key', new Uint8Array([1, 2])]]) }) })
  await client.batch([{ query: 'INSERT INTO people (org, id) VALUES (?, ?)', values: ['b', 1] }, { query: "INSERT INTO people (org, id) VALUES ('c', 2)" }], { type: 'unlogged' })
  await client.batch([{ query: 'UPDATE hits SET n = n + ? WHERE page = ?', values: [2n, 'index'] }], { type: 'counter' })
  await client.execute(`CREATE TABLE ${name}.w${protocolVersion}${compression} (a int PRIMARY KEY)`)
  await client.execute(`ALTER TABLE ${name}.w${protocolVersion}${compression} ADD b int`)
  await client.execute(`DROP TABLE ${name}.w${protocolVersion}${compression}`)
  await client.execute('SELECT count(*), max(id) FROM people') // an aggregation over many partitions: a warning
  const failing: readonly [string, Consistency?][] = [
    ['SELEC'], ['SELECT * FROM nowhere'], [`CREATE TABLE ${name}.people (a int PRIMARY KEY)`], [`CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`],
    [`INSERT INTO ${name}_three.people (org) VALUES ('x')`, 'three'], [`SELECT * FROM ${name}_three.people WHERE org = 'x'`, 'all'], [`UPDATE ${name}_three.people SET name = 'z' WHERE org = 'acme' IF EXISTS`],
    ["CREATE KEYSPACE other WITH replication = {'class': 'NoStrategy'}"],
  ]
  for (const [query, consistency = 'one'] of failing) await expect(client.execute(query, [], { consistency })).rejects.toThrow()
}

async function driveWithIncumbent(port: number, name: string, version: 3 | 4): Promise<void> {
  const client = new cassandra.Client({ contactPoints: [`127.0.0.1:${port}`], localDataCenter: 'dc1', keyspace: name, protocolOptions: { maxVersion: version } })
  await client.execute('INSERT INTO people (org, id, name) VALUES (?, ?, ?)', ['node', 1, 'Ryan'], { prepare: true })
  await client.execute('INSERT INTO people (org, id, name) VALUES (?, ?, ?)', ['node', 2, undefined], { prepare: version > 3, hints: ['text', 'int', 'text'] })
  await client.batch([{ query: 'INSERT INTO people (org, id) VALUES (?, ?)', params: ['node', 3] }], { prepare: true, logged: false })
  await client.execute('SELECT * FROM people WHERE org = ?', ['node'], { prepare: true, fetchSize: 1 })
  await client.shutdown()
}

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined).each([['5.0.6', '127.0.51', [3, 4, 5]], ['4.1.10', '127.0.52', [4, 5]]] as const)('what passes between Cassandra %s and its clients', (release, network, versions) => {
  let cluster: CassandraCluster
  let tap: WireTap
  const name = `tap_${process.pid}`
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ version: release, network, heapMb: 400 })
    await prepareSchema(cluster.contactPoints, name, release.startsWith('5'))
    tap = await WireTap.listen(cluster.contactPoints[0]!)
    for (const version of versions) for (const compression of version < 5 ? ['none', 'lz4', 'snappy'] as const : ['none', 'lz4'] as const) await drive(tap.port, name, version, compression)
    for (const version of [3, 4] as const) await driveWithIncumbent(tap.port, name, version)
    const python = process.env['CQLWIRE_PYTHON']
    if (python !== undefined) {
      for (const version of versions) await promisify(execFile)(python, [join(import.meta.dirname, '../python/drive.py'), String(tap.port), String(version), version === 4 ? 'lz4' : 'none', name])
    }
    await using client = await Client.connect({ contactPoints: [`127.0.0.1:${tap.port}`], keyspace: name, consistency: 'one', encoding: { timestamp: 'bigint' } })
    for (const i of recordedTypes.filter(({ type }) => release.startsWith('5') || !type.includes('vector')).keys()) {
      // Of a tuple that lacks elements Cassandra cannot make JSON.
      await client.execute(`SELECT v, toJson(v) AS json FROM v${i}`).catch(() => client.execute(`SELECT v, k AS json FROM v${i}`))
    }
  })
  afterAll(async () => {
    await tap?.[Symbol.asyncDispose]()
    await cluster?.stop()
  })

  test('is read to its last byte, and written again as the same bytes', () => {
    expect(tap.errors).toEqual([])
    expect(tap.envelopes.length).toBeGreaterThan(200)
    for (const envelope of tap.envelopes) {
      const { message, extras, header, left } = read(envelope)
      expect(left, `bytes left of ${message.type}`).toBe(0)
      expect(Buffer.from(write(message, envelope.version, header.streamId, extras)).toString('hex'), JSON.stringify(toVectorJson(message))).toBe(Buffer.from(envelope.bytes).toString('hex'))
    }
  })

  if (RECORD) test('is recorded', () => {
    const kept = new Map<string, unknown[]>()
    for (const envelope of tap.envelopes) {
      if (envelope.bytes.length > MOST_BYTES) continue
      const decoded = read(envelope)
      const list = kept.get(kindOf(envelope.from, decoded)) ?? []
      kept.set(kindOf(envelope.from, decoded), list)
      const bytes = Buffer.from(envelope.bytes).toString('hex')
      if (list.length >= KEPT || list.some((vector) => (vector as { bytes: string }).bytes.slice(8) === bytes.slice(8))) continue
      list.push({ bytes, message: toVectorJson(decoded.message), extras: toVectorJson(decoded.extras) })
    }
    save(`messages-cassandra-${release}.json`, { source: `Apache Cassandra ${release} and its clients`, vectors: [...kept.values()].flat() })
    const streams = tap.streams.filter(({ segments, chunks }) => segments !== undefined && chunks.length > 0).flatMap(({ from, compression, segments, chunks, envelopes }) => {
      const bytes = Buffer.concat(chunks).subarray(segments!.byte)
      const inside = envelopes.slice(segments!.envelope)
      return bytes.length === 0 || bytes.length > 30_000 ? [] : [{ from, compression: compression ?? 'none', bytes: bytes.toString('hex'), envelopes: inside.map((envelope) => Buffer.from(envelope).toString('hex')) }]
    })
    const chosen = ['client', 'server'].flatMap((from) => ['none', 'lz4'].flatMap((compression) => streams.filter((stream) => stream.from === from && stream.compression === compression).slice(0, 1)))
    save(`segments-cassandra-${release}.json`, { source: `Apache Cassandra ${release} and its clients`, streams: chosen })
    const types = recordedTypes.filter(({ type }) => release.startsWith('5') || !type.includes('vector'))
    const results = tap.envelopes.map(read).flatMap(({ message }) => (message.type === 'RESULT' && message.kind === 'ROWS' && message.metadata.columns?.[1]?.name === 'json' ? [message] : []))
    expect(results).toHaveLength(types.length)
    save(`values-cassandra-${release}.json`, {
      source: `Apache Cassandra ${release}`,
      values: types.flatMap(({ type }, i) => results[i]!.rows.map(([bytes, json]) => ({ type, bytes: bytes ? Buffer.from(bytes).toString('hex') : null, json: results[i]!.metadata.columns![1]!.type.kind === 'text' ? new TextDecoder().decode(json!) : null }))),
    })
  })
})

function save(file: string, content: Readonly<Record<string, unknown>>): void {
  const [key, list] = Object.entries(content).at(-1)! as [string, unknown[]]
  const rest = Object.entries(content).slice(0, -1).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`).join('')
  // One entry in each line, so that what changes can be seen.
  writeFileSync(join(vectors, file), `{\n${rest}  ${JSON.stringify(key)}: [\n${list.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]\n}\n`)
}
