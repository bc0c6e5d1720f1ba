// Reads and writes of single rows: the embedded server against a node of Apache Cassandra that is there, by turns, with the same client in a process
// of its own. `npm run bench:server -- --cassandra HOST:PORT --pid PID [--rounds N] [--seconds S] [--json FILE]`; PID is Cassandra's, for its CPU time.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Client } from 'cqlwire'

const CONCURRENCY = 64
const KEYS = 100_000
/** Ticks of the clock that /proc counts in. */
const TICKS = 100
const { values: options } = parseArgs({ options: { cassandra: { type: 'string' }, pid: { type: 'string' }, rounds: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'string' }, load: { type: 'string' } } })
const seconds = Number(options.seconds ?? 8)

/** The client's part, in a process of its own: as many operations as can be done until the time is over. */
async function load({ contactPoint, what, seconds: time }) {
  const client = await Client.connect({ contactPoints: [contactPoint], keyspace: 'bench_server', consistency: 'one', schema: 'off' })
  const text = '0123456789'.repeat(10)
  const statements = {
    write: ['INSERT INTO points (id, at, name, size) VALUES (?, ?, ?, ?)', (n) => [n % KEYS, n % 7, text, n]],
    read: ['SELECT id, at, name, size FROM points WHERE id = ? AND at = ?', (n) => [(n * 7919) % KEYS, ((n * 7919) % KEYS) % 7]],
  }
  const [query, valuesOf] = statements[what]
  let [done, next] = [0, 0]
  const until = performance.now() + time * 1000
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (performance.now() < until) {
      const { rows } = await client.execute(query, valuesOf(next++), { prepare: true, idempotent: true })
      if (what === 'read' && rows.length !== 1) throw new Error(`${rows.length} rows`)
      done++
    }
  }))
  await client.close()
  return { done }
}

if (options.load !== undefined) {
  console.log(JSON.stringify(await load(JSON.parse(options.load))))
  process.exit(0)
}
if (options.cassandra === undefined || options.pid === undefined) throw new Error('Name a node of Cassandra: --cassandra HOST:PORT --pid PID')

const root = dirname(import.meta.dirname)
const serve = spawn(process.execPath, [join(root, 'dist/cli/main.node.js'), 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise((resolve) => { createInterface({ input: serve.stdout }).on('line', (line) => { const found = /127\.0\.0\.1:\d+/.exec(line); if (found) resolve(found[0]) }) })
const servers = { 'embedded server': { contactPoint: address, pid: serve.pid }, Cassandra: { contactPoint: options.cassandra, pid: Number(options.pid) } }

for (const { contactPoint } of Object.values(servers)) {
  const client = await Client.connect({ contactPoints: [contactPoint], timeoutMs: 60_000 })
  await client.execute('DROP KEYSPACE IF EXISTS bench_server')
  await client.execute("CREATE KEYSPACE bench_server WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE bench_server.points (id int, at int, name text, size int, PRIMARY KEY (id, at))')
  const insert = 'INSERT INTO bench_server.points (id, at, name, size) VALUES (?, ?, ?, ?)'
  for (let from = 0; from < KEYS; from += 500) await Promise.all(Array.from({ length: 500 }, (_, i) => client.execute(insert, [from + i, (from + i) % 7, '0123456789'.repeat(10), i], { prepare: true, idempotent: true })))
  await client.close()
}

/** Seconds of CPU that a process has used. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** Whatever ends this process, no server stays stopped, and ours goes with it. */
process.once('exit', () => {
  process.kill(Number(options.pid), 'SIGCONT')
  serve.kill('SIGCONT')
  serve.kill()
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

/** The other server is stopped meanwhile: what it does in the background, such as compaction, would take its part of the machine. */
async function measure({ contactPoint, pid }, what, time) {
  const others = Object.values(servers).filter((server) => server.pid !== pid)
  for (const other of others) process.kill(other.pid, 'SIGSTOP')
  process.kill(pid, 'SIGCONT')
  await new Promise((resolve) => { setTimeout(resolve, 1000) })
  try {
    return await measureAlone({ contactPoint, pid }, what, time)
  } finally {
    for (const other of others) process.kill(other.pid, 'SIGCONT')
  }
}

async function measureAlone({ contactPoint, pid }, what, time) {
  const before = cpuOf(pid)
  const started = performance.now()
  const child = spawn(process.execPath, [process.argv[1], '--load', JSON.stringify({ contactPoint, what, seconds: time })], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk) => { out += chunk })
  await new Promise((resolve) => { child.on('exit', resolve) })
  const { done } = JSON.parse(out)
  return { perSecond: done / time, perCpuSecond: done / (cpuOf(pid) - before), tookS: (performance.now() - started) / 1000 }
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
// What Java has not compiled yet is no fair peer.
for (const what of ['write', 'read']) for (const server of Object.values(servers)) await measure(server, what, 20)
const results = []
for (const what of ['read', 'write']) {
  const found = Object.fromEntries(Object.keys(servers).map((name) => [name, []]))
  for (let round = 0; round < Number(options.rounds ?? 5); round++) for (const [name, server] of Object.entries(servers)) found[name].push(await measure(server, what, seconds))
  const of = (name, key) => median(found[name].map((each) => each[key]))
  const [ours, theirs] = Object.keys(servers)
  const row = { what, perSecond: of(ours, 'perSecond'), theirPerSecond: of(theirs, 'perSecond'), perCpuSecond: of(ours, 'perCpuSecond'), theirPerCpuSecond: of(theirs, 'perCpuSecond') }
  results.push(row)
  console.log(`${what}s of single rows, ${CONCURRENCY} at once: embedded ${Math.round(row.perSecond)}/s, Cassandra ${Math.round(row.theirPerSecond)}/s (${(row.perSecond / row.theirPerSecond).toFixed(1)}x); for each second of the server's CPU ${Math.round(row.perCpuSecond)} and ${Math.round(row.theirPerCpuSecond)} (${(row.perCpuSecond / row.theirPerCpuSecond).toFixed(1)}x)`)
}
console.log(`medians of ${options.rounds ?? 5} turns of ${seconds} s; Node ${process.version}, ${cpus()[0].model}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`)
if (options.json) writeFileSync(options.json, JSON.stringify(results))
serve.kill()
