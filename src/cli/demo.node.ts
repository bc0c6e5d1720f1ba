import process from 'node:process'
import { parseArgs } from 'node:util'
import { Client, LocalDate } from '../client/index.js'
import type { ClientOptions } from '../client/index.js'
import { parseConnectionUrl } from '../client/connection-url.js'
import { CqlServer } from '../server/index.js'
import { readFlights } from './flights.node.js'
import type { Flight } from './flights.node.js'
import { Progress } from './progress.node.js'
import { drawTable } from './text-table.js'

const help = `Usage: cqlwire demo [options]

Loads 20,000 flights into a keyspace made for them and queries it: point read, range, whole-table scan,
lightweight transaction, JSON. Without options it starts an embedded server, so nothing need be installed.

Options:
  --contact-points HOSTS   hosts of a real cluster, with commas between
  --url URL                the same as a connection URL: cql://user:password@host/?dc=dc1
  --keyspace NAME          keyspace to make and fill (default cqlwire_demo)
  --replication-factor N   of that keyspace (default: 3, or as many nodes as there are)
  --json                   print results as one JSON document
  --help                   show this
`

/** Requests under way at once while loading. */
const CONCURRENCY = 256

interface Step {
  readonly title: string
  readonly statement: string
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly milliseconds: number
  readonly note?: string | undefined
}

/** `cqlwire demo`. */
export async function demo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'contact-points': { type: 'string' }, url: { type: 'string' }, keyspace: { type: 'string' }, 'replication-factor': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const points = values['contact-points']
  const server = points === undefined && values.url === undefined ? await CqlServer.start({ port: 0 }) : undefined
  const options: ClientOptions = values.url !== undefined ? parseConnectionUrl(values.url) : { contactPoints: server ? server.contactPoints : points!.split(',') }
  try {
    const client = await Client.connect({ ...options, applicationName: 'cqlwire demo' })
    try {
      await run(client, server !== undefined, { keyspace: values.keyspace ?? 'cqlwire_demo', replicationFactor: Number(values['replication-factor'] ?? Math.min(3, client.cluster.nodes.length)), json: values.json === true })
    } finally {
      await client.close()
    }
  } finally {
    await server?.close()
  }
}

async function run(client: Client, embedded: boolean, options: { readonly keyspace: string; readonly replicationFactor: number; readonly json: boolean }): Promise<void> {
  const say = (text: string): void => { if (!options.json) process.stdout.write(`${text}\n`) }
  const [node] = client.cluster.nodes
  say(`Connected to ${embedded ? 'an embedded server' : `${client.cluster.name}, ${client.cluster.nodes.length} node(s)`}: Cassandra ${node!.releaseVersion}, protocol v${client.stats().protocolVersion}\n`)
  const flights = await readFlights()
  const db = await createSchema(client, options.keyspace, options.replicationFactor)
  const seconds = await load(db, flights, options.json)
  say(`Wrote ${flights.length.toLocaleString('en')} flights, each confirmed, in ${seconds.toFixed(2)} s (${Math.round(flights.length / seconds).toLocaleString('en')} per second)\n`)
  const steps: Step[] = []
  for (const step of [pointRead, range, scan, transaction, json]) {
    const done = await step(db, flights)
    steps.push(done)
    say(`${done.title} (${done.milliseconds.toFixed(1)} ms)\n  ${done.statement}\n\n${drawTable(done.rows, done.columns)}\n${done.note === undefined ? '' : `\n  ${done.note}\n`}`)
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ node, rows: flights.length, loadSeconds: seconds, steps }, null, 2)}\n`)
}

/** One partition per airport, its flights in the order in which they leave: a day's flights of an airport are one read. */
async function createSchema(client: Client, keyspace: string, replicationFactor: number): Promise<Client> {
  const name = client.cql.identifier(keyspace).text
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': ${replicationFactor}}`)
  const db = client.with({ keyspace })
  await client.execute(`DROP TABLE IF EXISTS ${name}.flights`)
  await client.execute(`DROP TABLE IF EXISTS ${name}.gates`)
  await client.execute(`CREATE TABLE ${name}.flights (
    origin text, departure timestamp, destination text, number int, delay int, distance int,
    PRIMARY KEY (origin, departure, destination, number))`)
  await client.execute(`CREATE TABLE ${name}.gates (airport text, gate text, flight int, PRIMARY KEY (airport, gate))`)
  return db
}

async function load(db: Client, flights: readonly Flight[], quiet: boolean): Promise<number> {
  const progress = quiet ? undefined : new Progress('Loading flights', flights.length)
  const started = performance.now()
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let flight = flights[next++]; flight !== undefined; flight = flights[next++]) {
      await db.execute('INSERT INTO flights (origin, departure, destination, number, delay, distance) VALUES (:origin, :departure, :destination, :number, :delay, :distance)', { ...flight }, { idempotent: true })
      progress?.update(++done)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return (performance.now() - started) / 1000
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [result: T, milliseconds: number]> {
  const started = performance.now()
  const result = await work()
  return [result, performance.now() - started]
}

const COLUMNS = ['origin', 'departure', 'destination', 'delay', 'distance'] as const

async function pointRead(db: Client, flights: readonly Flight[]): Promise<Step> {
  const statement = 'SELECT * FROM flights WHERE origin = ? AND departure = ? AND destination = ? AND number = ?'
  const { origin, departure, destination, number } = flights[12_345]!
  const [result, milliseconds] = await timed(() => db.execute(statement, [origin, departure, destination, number]))
  result.one()
  return { title: 'Point read: one flight by its whole key', statement, columns: COLUMNS, rows: result.rows, milliseconds }
}

async function range(db: Client): Promise<Step> {
  const statement = 'SELECT * FROM flights WHERE origin = ? AND departure >= ? AND departure < ? LIMIT 8'
  const [result, milliseconds] = await timed(() => db.execute(statement, ['ORD', new Date('2001-02-14T08:00:00Z'), new Date('2001-02-14T12:00:00Z')]))
  return { title: "Range over clustering keys: what left Chicago O'Hare on the morning of 14 February 2001", statement, columns: COLUMNS, rows: result.rows, milliseconds }
}

async function scan(db: Client, flights: readonly Flight[]): Promise<Step> {
  const statement = 'SELECT origin, departure, delay FROM flights'
  const months = new Map<string, { flights: number; delay: number }>()
  let pages = 0
  const [, milliseconds] = await timed(async () => {
    for await (const page of db.stream<{ departure: Date; delay: number }>(statement, [], { pageSize: 1000 }).pages()) {
      pages++
      for (const { departure, delay } of page) {
        const month = LocalDate.fromDate(departure).toString().slice(0, 7)
        const sum = months.get(month) ?? { flights: 0, delay: 0 }
        months.set(month, { flights: sum.flights + 1, delay: sum.delay + delay })
      }
    }
  })
  const rows = [...months].sort().map(([month, sum]) => ({ month, flights: sum.flights, 'average delay': Number((sum.delay / sum.flights).toFixed(2)) }))
  const total = rows.reduce((sum, row) => sum + row.flights, 0)
  if (total !== flights.length) throw new Error(`The scan found ${total} flights, ${flights.length} were written`)
  return { title: 'Paged scan: average delay by month over the whole table', statement, columns: ['month', 'flights', 'average delay'], rows, milliseconds, note: `${total.toLocaleString('en')} rows in ${pages} pages of up to 1,000, each fetched while the one before was added up` }
}

async function transaction(db: Client): Promise<Step> {
  const statement = 'INSERT INTO gates (airport, gate, flight) VALUES (?, ?, ?) IF NOT EXISTS'
  const [results, milliseconds] = await timed(async () => [await db.execute(statement, ['ORD', 'B7', 101]), await db.execute(statement, ['ORD', 'B7', 202])])
  const rows = results.map((result, i) => {
    const holder = (result.first() as { flight?: number } | undefined)?.flight
    return { flight: i === 0 ? 101 : 202, asked: 'gate B7', applied: String(result.applied), 'held by': holder ?? 101 }
  })
  return { title: 'Lightweight transaction: two flights ask for the same gate', statement, columns: ['flight', 'asked', 'applied', 'held by'], rows, milliseconds }
}

async function json(db: Client): Promise<Step> {
  const statement = 'SELECT destination, departure, delay FROM flights WHERE origin = ? LIMIT 3'
  const [bytes, milliseconds] = await timed(() => db.json(statement, ['LAX']))
  const text = new TextDecoder().decode(bytes)
  return { title: 'JSON: ready to be sent over HTTP', statement, columns: ['json'], rows: (JSON.parse(text) as unknown[]).map((row) => ({ json: JSON.stringify(row) })), milliseconds, note: `${bytes.length} bytes` }
}
