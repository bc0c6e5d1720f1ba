// What the query builder costs: nanoseconds to build a statement anew, and CPU of point reads at 32 in flight by a compiled query and by a built
// one against the same statement written by hand, in alternation against one server process.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Client } from 'cqlwire'
import { int, orm, placeholder, table, text, timestamp, uuid } from 'cqlwire/orm'

const quick = process.argv.includes('--quick')
const [BUILDS, READS, ROUNDS] = quick ? [50_000, 10_000, 5] : [300_000, 60_000, 11]
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]

// The server, in a process of its own, so that its CPU is not counted.
if (process.argv[2] === 'server') {
  const { CqlServer } = await import('cqlwire/server')
  const server = await CqlServer.start({ port: 0 })
  console.log(server.contactPoints[0])
  process.stdin.on('end', () => process.exit(0)).resume()
  await new Promise(() => {})
}

const events = table('events', { org: text().partitionKey(), day: int().clusteringKey('desc'), id: uuid().clusteringKey('asc', 2), kind: text(), note: text(), at: timestamp() })
const users = table('users', { id: int().partitionKey(), name: text(), email: text(), age: int() })

const child = spawn(process.execPath, [import.meta.filename, 'server'], { stdio: ['pipe', 'pipe', 'inherit'] })
const [address] = await new Promise((resolve) => { createInterface({ input: child.stdout }).once('line', (line) => resolve([line])) })
const admin = await Client.connect({ contactPoints: [address] })
await admin.execute("CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
await admin.close()
const client = await Client.connect({ contactPoints: [address], keyspace: 'bench' })
const db = orm(client, { events, users })
await db.createTables()
for (let id = 0; id < 1000; id++) await db.users.create({ id, name: `name ${id}`, email: `user${id}@example.org`, age: id % 90 })

const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'
/** A select of five clauses: columns, WHERE of three relations, ORDER BY, PER PARTITION LIMIT and LIMIT. */
const build = () => db.select(events).where({ org: 'acme', day: 5, id: { $gt: id } }).columns('kind', 'note', 'at').orderBy('day', 'desc').perPartitionLimit(10).limit(100).toCQL()
const buildNs = () => {
  const started = process.hrtime.bigint()
  for (let i = 0; i < BUILDS; i++) build()
  return Number(process.hrtime.bigint() - started) / BUILDS
}
buildNs()
const builds = Array.from({ length: ROUNDS }, buildNs)
console.log(`${build().query}\nbuilt anew in ${(median(builds) / 1000).toFixed(2)} µs`)

const { query } = db.select(users).where({ id: 1 }).toCQL()
const compiled = db.select(users).where({ id: placeholder('id') }).compile()
const ways = {
  'by hand, prepared': async (key) => (await client.execute(query, [key])).rows,
  'compiled': (key) => compiled.execute({ id: key }),
  'built anew': (key) => db.select(users).where({ id: key }),
  'repository': (key) => db.users.find({ id: key }),
}
async function cpuOf(read) {
  let at = 0
  let sum = 0
  const cpu = process.cpuUsage()
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (at < READS) sum += (await read(at++ % 1000))[0].age
  }))
  const { user, system } = process.cpuUsage(cpu)
  return [(user + system) / READS, sum]
}
const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]))
const sums = new Set()
for (const read of Object.values(ways)) await cpuOf(read)
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, read] of Object.entries(ways)) {
    const [micros, sum] = await cpuOf(read)
    results[name].push(micros)
    sums.add(sum)
  }
}
if (sums.size !== 1) throw new Error('The ways do not read the same')
const bare = median(results['by hand, prepared'])
for (const [name, list] of Object.entries(results)) console.log(`${name.padEnd(20)}${median(list).toFixed(2).padStart(7)} µs of CPU per read${name === 'by hand, prepared' ? '' : `, ${((median(list) / bare - 1) * 100).toFixed(1)} % more`}`)
console.log(`Medians of ${ROUNDS}; Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`)
await client.close()
child.stdin.end()
