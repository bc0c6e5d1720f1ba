// Memory of the embedded server with a million rows of the demo's flights, and how long they take to come in. `npm run bench:server-memory [-- ROWS]`
import { cpus } from 'node:os'
import { Client } from 'cqlwire'
import { CqlServer } from 'cqlwire/server'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const MIB = 1024 * 1024

const server = await CqlServer.start({ sockets: false })
const client = await Client.connect({ contactPoints: server.contactPoints, transport: server.transport })
await client.execute("CREATE KEYSPACE demo WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
await client.execute('CREATE TABLE demo.flights (origin text, departure timestamp, destination text, number int, delay int, distance int, PRIMARY KEY (origin, departure, destination, number))')

function memory() {
  for (let i = 0; i < 3; i++) globalThis.gc()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { used: (heapUsed + arrayBuffers) / MIB, rss: rss / MIB }
}

const before = memory()
const started = performance.now()
let next = 0
async function work() {
  while (next < ROWS) {
    const number = next++
    await client.execute('INSERT INTO demo.flights (origin, departure, destination, number, delay, distance) VALUES (?, ?, ?, ?, ?, ?)', [`A${number % 200}`, new Date(978_307_200_000 + number * 60_000), `B${(number * 7) % 200}`, number, number % 90, number % 2000], { prepare: true })
  }
}
await Promise.all(Array.from({ length: 64 }, work))
const seconds = (performance.now() - started) / 1000
const after = memory()

const counted = (await client.execute('SELECT count(*) AS n FROM demo.flights', [], { timeoutMs: 120_000, attemptTimeoutMs: 120_000 })).one().n
if (counted !== BigInt(ROWS)) throw new Error(`${counted} rows are there, not ${ROWS}`)
console.log(`${ROWS} rows: ${Math.round(after.used - before.used)} MiB, ${Math.round(((after.used - before.used) * MIB) / ROWS)} bytes a row; the whole process, client and all, ${Math.round(after.rss)} MiB; ${seconds.toFixed(1)} s`)
console.log(`Node ${process.version}, ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`)
await client.close()
await server.close()
