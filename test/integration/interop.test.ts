// Clients written by others run the demo's statements on the embedded server and on Cassandra, with the same results.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import cassandra from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { readFlights } from '../../src/cli/flights.node.js'
import { clusterOf } from './cluster.js'

const TABLES = [
  'CREATE TABLE flights (origin text, departure timestamp, destination text, number int, delay int, distance int, PRIMARY KEY (origin, departure, destination, number))',
  'CREATE TABLE gates (airport text, gate text, flight int, PRIMARY KEY (airport, gate))',
]
const INSERT = 'INSERT INTO flights (origin, departure, destination, number, delay, distance) VALUES (?, ?, ?, ?, ?, ?)'

const cluster = clusterOf()
let server: CqlServer
/** `host:port` of the embedded server and of a real node. */
const hosts: string[] = []

beforeAll(async () => {
  server = await CqlServer.start({ port: 0, dataCenter: 'dc1' })
  const { contactPoints } = await cluster()
  hosts.push(server.contactPoints[0]!, contactPoints[0]!)
  for (const host of hosts) {
    const client = await Client.connect({ contactPoints: [host], timeoutMs: 60_000 })
    for (const keyspace of ['interop_node', 'interop_cqlsh']) {
      await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
      await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
    }
    await client.close()
  }
})
afterAll(() => server?.close())

describe('npm cassandra-driver', () => {
  async function run(host: string): Promise<unknown> {
    const flights = (await readFlights()).slice(0, 500)
    const [address, port] = host.split(':') as [string, string]
    const client = new cassandra.Client({ contactPoints: [address], protocolOptions: { port: Number(port) }, localDataCenter: 'dc1', keyspace: 'interop_node', socketOptions: { readTimeout: 60_000 } })
    await client.connect()
    try {
      for (const table of TABLES) await client.execute(table)
      const prepare = { prepare: true }
      await Promise.all(flights.map(({ origin, departure, destination, number, delay, distance }) => client.execute(INSERT, [origin, departure, destination, number, delay, distance], prepare)))
      const plain = (result: cassandra.types.ResultSet): unknown => result.rows.map((row) => JSON.parse(JSON.stringify(row)) as unknown)
      const { origin, departure, destination, number } = flights[123]!
      const point = plain(await client.execute('SELECT * FROM flights WHERE origin = ? AND departure = ? AND destination = ? AND number = ?', [origin, departure, destination, number], prepare))
      const range = plain(await client.execute('SELECT * FROM flights WHERE origin = ? AND departure >= ? AND departure < ? LIMIT 8', ['ORD', new Date('2001-01-01'), new Date('2001-01-03')], prepare))
      let scanned = 0
      let delay = 0
      await new Promise<void>((resolve, reject) => {
        client.eachRow('SELECT origin, departure, delay FROM flights', [], { autoPage: true, fetchSize: 100, prepare: true }, (_, row) => {
          scanned++
          delay += row['delay'] as number
        }, (error) => (error ? reject(error) : resolve()))
      })
      const lwt = []
      for (const flight of [101, 202]) lwt.push(plain(await client.execute('INSERT INTO gates (airport, gate, flight) VALUES (?, ?, ?) IF NOT EXISTS', ['ORD', 'B7', flight], prepare)))
      await client.batch([{ query: 'UPDATE gates SET flight = ? WHERE airport = ? AND gate = ?', params: [7, 'LAX', 'A1'] }, { query: 'DELETE FROM gates WHERE airport = ? AND gate = ?', params: ['ORD', 'B7'] }], prepare)
      const gates = plain(await client.execute('SELECT * FROM gates'))
      const refused = await client.execute('SELECT nope FROM gates').then(() => 'no error', (error: { code: number; message: string }) => [error.code, error.message])
      const metadata = await client.metadata.getTable('interop_node', 'flights')
      const schema = metadata!.columns.map((column) => column.name).sort()
      return { point, range, scanned, delay, lwt, gates, refused, schema, keys: [metadata!.partitionKeys.map((key) => key.name), metadata!.clusteringKeys.map((key) => key.name)] }
    } finally {
      await client.shutdown()
    }
  }

  test('gives the same on the embedded server as on Cassandra', async () => {
    const [embedded, real] = [await run(hosts[0]!), await run(hosts[1]!)] as [Record<string, unknown>, Record<string, unknown>]
    expect(real['scanned']).toBe(500)
    const message = (result: Record<string, unknown>): unknown => JSON.stringify(result).replaceAll(/interop_node/g, 'ks')
    expect(message(embedded)).toBe(message(real))
  })
})

describe('cqlsh', () => {
  async function run(host: string): Promise<string> {
    const [address, port] = host.split(':') as [string, string]
    const python = process.env['CQLWIRE_PYTHON']
    const cqlsh = python === undefined ? 'cqlsh' : join(dirname(python), 'cqlsh')
    const statements = [
      'USE interop_cqlsh', ...TABLES,
      "INSERT INTO flights (origin, departure, destination, number, delay, distance) VALUES ('ORD', '2001-02-14 08:27:00+0000', 'EWR', 1, 7, 719)",
      "INSERT INTO flights (origin, departure, destination, number, delay, distance) VALUES ('ORD', '2001-02-14 11:11:00+0000', 'IAH', 2, -3, 925)",
      "SELECT * FROM flights WHERE origin = 'ORD' AND departure >= '2001-02-14 08:00+0000' AND departure < '2001-02-14 12:00+0000'",
      "SELECT origin, count(*), avg(delay), max(distance) FROM flights GROUP BY origin", "SELECT * FROM flights WHERE origin = 'ORD' ORDER BY departure DESC LIMIT 1",
      "INSERT INTO gates (airport, gate, flight) VALUES ('ORD', 'B7', 101) IF NOT EXISTS", "INSERT INTO gates (airport, gate, flight) VALUES ('ORD', 'B7', 202) IF NOT EXISTS",
      "SELECT airport, flight FROM gates", 'SELECT keyspace_name, table_name, column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = \'interop_cqlsh\'',
    ]
    const { stdout } = await promisify(execFile)(cqlsh, ['--request-timeout=60', '--connect-timeout=20', address, port, '-e', statements.join('; ')], { maxBuffer: 1 << 24 })
    return stdout
  }

  test('prints the same on the embedded server as on Cassandra', async () => {
    const [embedded, real] = [await run(hosts[0]!), await run(hosts[1]!)]
    expect(real).toContain('08:27:00')
    expect(embedded).toBe(real)
  })

  /** Runs a script, from a folder of its own. */
  async function script(host: string): Promise<string> {
    const [address, port] = host.split(':') as [string, string]
    const folder = await mkdtemp(join(tmpdir(), 'cqlwire-cqlsh-'))
    await writeFile(join(folder, 'more.cql'), 'SELECT name FROM people WHERE id = 1;\n')
    const text = (await readFile('test/integration/everything.cql', 'utf8')).replaceAll('%FOLDER', folder)
    await writeFile(join(folder, 'everything.cql'), text)
    const python = process.env['CQLWIRE_PYTHON']
    // It ends with 2 for the two statements that are refused.
    const { stdout, stderr } = await promisify(execFile)(python === undefined ? 'cqlsh' : join(dirname(python), 'cqlsh'), ['--request-timeout=60', '--connect-timeout=20', address, port, '-f', join(folder, 'everything.cql')], { maxBuffer: 1 << 24 }).catch((error: unknown) => error as { stdout: string; stderr: string })
    await rm(folder, { recursive: true })
    const lines = `${stdout}${stderr}`.replaceAll(folder, '').split('\n')
    return lines.filter((line) => !/^Processed:|rows (ex|im)ported|child processes|^WARNING/.test(line)).join('\n')
  }

  test('a script of DESCRIBE, COPY, PAGING, EXPAND and SOURCE prints the same', async () => {
    const [embedded, real] = [await script(hosts[0]!), await script(hosts[1]!)]
    expect(real).toContain('CREATE TABLE interop_cqlsh.people')
    expect(real.match(/Linus/g)!.length).toBeGreaterThan(2)
    expect(embedded).toBe(real)
  })

  test('traces are printed', async () => {
    const [address, port] = hosts[0]!.split(':') as [string, string]
    const python = process.env['CQLWIRE_PYTHON']
    const { stdout } = await promisify(execFile)(python === undefined ? 'cqlsh' : join(dirname(python), 'cqlsh'), [address, port, '-e', 'TRACING ON; SELECT * FROM interop_cqlsh.people'])
    expect(stdout).toContain('Tracing session:')
    expect(stdout).toContain('Request complete')
  })
})
