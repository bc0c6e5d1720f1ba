// Reads and writes of single rows: the embedded server against a node of Apache Cassandra that is there, by turns, with the same requests from a process
// of its own. `npm run bench:server -- --cassandra HOST:PORT --pid PID [--rounds N] [--seconds S] [--json FILE]`; PID is Cassandra's, for its CPU time.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Client } from 'cqlwire'
import { ByteWriter } from 'cqlwire/codecs'
import { decodeMessage, encodeMessage, FrameDecoder } from 'cqlwire/protocol'

const CONCURRENCY = 64
const KEYS = 100_000
/** Ticks of the clock that /proc counts in. */
const TICKS = 100
const { values: options } = parseArgs({ options: { cassandra: { type: 'string' }, pid: { type: 'string' }, rounds: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'string' }, load: { type: 'string' } } })
const seconds = Number(options.seconds ?? 8)

const number = (value) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

/**
 * The client's part, in a process of its own: as many operations as can be done until the time is over. Requests are encoded before, and of answers no more is read than what they are:
 * a whole client would take a core of the two for itself, and the faster server would wait for it.
 */
async function load({ contactPoint, what, seconds: time }) {
  const [host, port] = contactPoint.split(':')
  const socket = connect({ host, port: Number(port), noDelay: true })
  const encoded = (message, streamId) => {
    const writer = new ByteWriter()
    encodeMessage(writer, message, 4, streamId)
    return writer.toBytes()
  }
  const decoder = new FrameDecoder({ from: 'server' })
  const ask = (message) => new Promise((resolve, reject) => {
    socket.once('error', reject)
    const onData = (chunk) => decoder.push(chunk, (header, body) => {
      socket.off('data', onData)
      const answer = decodeMessage(header, body).message
      if (answer.type === 'ERROR') reject(new Error(answer.message))
      else resolve(answer)
    })
    socket.on('data', onData)
    socket.write(encoded(message, 1))
  })
  await ask({ type: 'STARTUP', options: new Map([['CQL_VERSION', '3.4.7']]) })
  const text = Buffer.from('0123456789'.repeat(10))
  const [query, valuesOf] = {
    write: ['INSERT INTO bench_server.points (id, at, name, size) VALUES (?, ?, ?, ?)', (n) => [number(n), number(n % 7), text, number(n)]],
    read: ['SELECT id, at, name, size FROM bench_server.points WHERE id = ? AND at = ?', (n) => [number(n), number(n % 7)]],
  }[what]
  const { id } = await ask({ type: 'PREPARE', query })
  const requests = Array.from({ length: KEYS }, (_, i) => encoded({ type: 'EXECUTE', id, parameters: { consistency: 'one', values: valuesOf((i * 7919) % KEYS), skipMetadata: true } }, 0))
  const kind = what === 'read' ? 2 : 1 // Rows or Void (section 4.2.5)
  const pending = Buffer.alloc(CONCURRENCY * 512)
  let [done, next, filled] = [0, 0, 0]
  const send = (streamId) => {
    pending.set(requests[next++ % KEYS], filled)
    pending.writeInt16BE(streamId, filled + 2)
    filled += requests[(next - 1) % KEYS].length
  }
  const flush = () => {
    if (filled > 0) socket.write(Buffer.from(pending.subarray(0, filled)))
    filled = 0
  }
  const until = performance.now() + time * 1000
  await new Promise((resolve, reject) => {
    let rest = Buffer.alloc(0)
    let open = CONCURRENCY
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      const going = performance.now() < until
      let at = 0
      while (bytes.length - at >= 9) {
        const end = at + 9 + bytes.readInt32BE(at + 5)
        if (end > bytes.length) break
        if (bytes[at + 4] !== 8 || bytes.readInt32BE(at + 9) !== kind || (what === 'read' && end - at < 100)) return reject(new Error(`An answer that is none: ${bytes.subarray(at, end).toString('latin1')}`))
        done++
        if (going) send(bytes.readInt16BE(at + 2))
        else if (--open === 0) resolve()
        at = end
      }
      rest = bytes.subarray(at)
      flush()
    })
    for (let streamId = 1; streamId <= CONCURRENCY; streamId++) send(streamId)
    flush()
  })
  socket.destroy()
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

async function measure({ contactPoint, pid }, what, time) {
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
