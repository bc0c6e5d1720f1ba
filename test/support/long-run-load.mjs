// A mixed load in a process of its own, which checks every answer: `node --expose-gc long-run-load.mjs '{"proxies": {"host:port": "host:port"}, ...}'`.
// Prints a line of JSON every few seconds, and a last one once standard input has ended.
import { createHash } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { Client, isCqlError } from 'cqlwire'

const { proxies, rate, timeoutMs, clients: options, sampleMs } = JSON.parse(process.argv[2])
const translate = ({ address, port, ...rest }) => {
  const to = proxies[`${address}:${port}`]
  if (to === undefined) return { address, port, ...rest }
  const [host, toPort] = to.split(':')
  return { address: host, port: Number(toPort) }
}

const KEYS = 300
const PARTITION = 250
const BLOB = 150_000
const wrong = []
const untyped = []
const late = []
const errors = new Map()
const counts = new Map()
let done = 0
let outstanding = 0
let slowestMs = 0
/** Every request is given a signal; this one never fires, and nothing may stay registered with it. */
const never = new AbortController()
const lag = monitorEventLoopDelay({ resolution: 10 })
lag.enable()

const blobOf = (id, version) => {
  const bytes = new Uint8Array(BLOB)
  let state = (id * 7919 + version) | 1
  for (let i = 0; i < BLOB; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0
    bytes[i] = i % 3 === 0 ? state >>> 16 : 0
  }
  return bytes
}
const hash = (bytes) => createHash('md5').update(bytes).digest('hex')
const textOf = (id, version) => `${id}/${version}/${'é'.repeat((id + version) % 50)}`
const check = (holds, text) => { if (!holds) wrong.push(text) }

/** What may come back of a row: what was written under this key, by this or a later version. */
function checkRow(row, id) {
  check(row.id === id && row.text === textOf(id, row.version) && row.tags.has(`t${row.version % 5}`), `row ${id} was answered by ${JSON.stringify(row.text)}`)
}

const loads = {
  async write(client, n) {
    const id = n % KEYS
    await client.execute('INSERT INTO long.rows (id, version, text, tags) VALUES (?, ?, ?, ?)', [id, n, textOf(id, n), new Set([`t${n % 5}`])], { idempotent: true, signal: never.signal })
  },
  async read(client, n) {
    const id = n % KEYS
    const row = (await client.execute('SELECT id, version, text, tags FROM long.rows WHERE id = ?', [id], { signal: never.signal })).first()
    if (row) checkRow(row, id)
  },
  async several(client, n) {
    const ids = Array.from({ length: 5 }, (_, i) => (n + i * 31) % KEYS)
    for (const row of (await client.execute('SELECT id, version, text, tags FROM long.rows WHERE id IN ?', [ids], { signal: never.signal })).rows) {
      check(ids.includes(row.id), `a row that was not asked for: ${row.id}`)
      checkRow(row, row.id)
    }
  },
  async batch(client, n) {
    await client.batch([0, 1, 2].map((i) => ({ query: 'INSERT INTO long.rows (id, version, text, tags) VALUES (?, ?, ?, ?)', values: [(n + i) % KEYS, n, textOf((n + i) % KEYS, n), new Set([`t${n % 5}`])] })), { type: 'unlogged', idempotent: true, signal: never.signal })
  },
  async pages(client) {
    let next = 0
    for await (const { at, text } of client.stream('SELECT at, text FROM long.partition WHERE id = ?', [1], { pageSize: 60, signal: never.signal })) {
      check(at === next && text === `row ${at}`, `row ${next} of the partition came as ${at}: ${text}`)
      next++
    }
    check(next === PARTITION, `${next} rows instead of ${PARTITION}`)
  },
  async json(client) {
    const rows = JSON.parse(new TextDecoder().decode(await client.json('SELECT at, text FROM long.partition WHERE id = ?', [1], { pageSize: 100, signal: never.signal })))
    check(rows.length === PARTITION && rows.every(({ at, text }, i) => at === i && text === `row ${i}`), 'JSON of the partition is not what was written')
  },
  async columns(client) {
    const result = await client.columnar('SELECT at, text FROM long.partition WHERE id = ?', [1], { signal: never.signal })
    check(result.rowCount === PARTITION && [...result.column('at')].every((at, i) => at === i), 'columns of the partition are not what was written')
  },
  async blob(client, n) {
    const id = n % 5
    if (n % 2 === 0) return void await client.execute('INSERT INTO long.blobs (id, version, data) VALUES (?, ?, ?)', [id, n, blobOf(id, n)], { idempotent: true, signal: never.signal })
    const row = (await client.execute('SELECT version, data FROM long.blobs WHERE id = ?', [id], { signal: never.signal })).first()
    if (row) check(hash(row.data) === hash(blobOf(id, row.version)), `blob ${id} is damaged`)
  },
  async aborted(client, n) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), n % 7)
    await client.execute('SELECT id, version, text, tags FROM long.rows WHERE id = ?', [n % KEYS], { signal: controller.signal })
  },
  async refused(client) {
    await client.execute('SELECT nothing FROM long.rows WHERE id = ?', [1], { signal: never.signal })
  },
}
const plan = ['write', 'read', 'read', 'write', 'read', 'several', 'read', 'batch', 'write', 'read', 'aborted', 'read', 'pages', 'write', 'read', 'json', 'refused', 'columns', 'read', 'blob']

async function one(client, n) {
  const kind = plan[n % plan.length]
  const started = performance.now()
  outstanding++
  let error
  try {
    await loads[kind](client, n)
  } catch (caught) {
    error = caught
  }
  outstanding--
  done++
  const tookMs = performance.now() - started
  slowestMs = Math.max(slowestMs, tookMs)
  // A stream has the time for each page.
  if (tookMs > timeoutMs * (kind === 'pages' || kind === 'json' || kind === 'columns' ? 6 : 1) + 100 + lag.max / 1e6) late.push(`${kind} took ${Math.round(tookMs)} ms`)
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
  if (error === undefined) return
  if (!isCqlError(error)) untyped.push(`${kind}: ${error?.stack ?? error}`)
  const key = `${kind}: ${error.code ?? error.name}`
  errors.set(key, (errors.get(key) ?? 0) + 1)
}

const clients = []
for (const each of options) clients.push(await Client.connect({ ...each, contactPoints: Object.values(proxies), policies: { addressTranslation: translate, reconnection: { delayMs: () => 300 } }, timeoutMs, attemptTimeoutMs: 1000, heartbeatMs: 2000 }))

const sample = () => {
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  // What the engine compiles, and compiles anew for as long as the load changes, is no object that anybody could keep.
  const compiled = getHeapSpaceStatistics().reduce((sum, { space_name: name, space_used_size: size }) => sum + (name.startsWith('code') ? size : 0), 0)
  const nodes = clients.flatMap((client) => [...client.stats().nodes.values()])
  return {
    seconds: Math.round(performance.now() / 1000), done, outstanding, heapUsed: heapUsed - compiled, compiled, external, arrayBuffers, rss, inFlight: nodes.reduce((sum, { inFlight }) => sum + inFlight, 0), orphans: nodes.reduce((sum, { orphans }) => sum + orphans, 0),
    opened: nodes.reduce((sum, { opened }) => sum + opened, 0), connections: nodes.reduce((sum, { connections }) => sum + connections, 0), queued: clients.reduce((sum, client) => sum + client.stats().queued, 0),
    listeners: getEventListeners(never.signal, 'abort').length, resources: process.getActiveResourcesInfo().length, wrong: wrong.length,
  }
}

let going = true
process.stdin.resume()
process.stdin.on('end', () => { going = false })
const samples = setInterval(() => process.stdout.write(`${JSON.stringify({ sample: sample() })}\n`), sampleMs)
const started = performance.now()
for (let n = 0; going;) {
  // Open loop, with a ceiling on what is outstanding so that a stop of the world is not followed by a flood.
  while (n < ((performance.now() - started) * rate) / 1000) {
    if (outstanding < 500) void one(clients[n % clients.length], n)
    n++
  }
  await sleep(5)
}
clearInterval(samples)
const waitUntil = performance.now() + 30_000
while ((outstanding > 0 || clients.some((client) => [...client.stats().nodes.values()].some(({ inFlight, orphans }) => inFlight + orphans > 0))) && performance.now() < waitUntil) await sleep(100)
const settled = sample()
for (const client of clients) await client.close()
await sleep(200)
const closed = { resources: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap' && name !== 'ProcessWrap'), listeners: getEventListeners(never.signal, 'abort').length }
process.stdout.write(`${JSON.stringify({ end: { settled, closed, counts: Object.fromEntries(counts), errors: Object.fromEntries(errors), wrong: wrong.slice(0, 20), untyped: untyped.slice(0, 20), late: late.slice(0, 20), slowestMs: Math.round(slowestMs), lagMs: Math.round(lag.max / 1e6) } })}\n`)
