// Speed against npm cassandra-driver: the same answers from a canned server, clients taking turns, CPU of the whole client process, medians
// and ratios. The cqlwire measured is the packed package. `npm run bench -- --help` says what there is.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { writeReport } from './report.mjs'
import { pageOf100KB, workloads } from './workloads.mjs'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'string' }, docs: { type: 'boolean' }, base: { type: 'string' }, 'contact-points': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
if (options.help) {
  console.log(`Usage: npm run bench -- [options]
  --quick                    fewer operations and rounds, as in CI
  --only w1@32,w3@1          these workloads only (${workloads.map(({ id }) => id).join(', ')})
  --rounds N                 how often clients take turns
  --json FILE                writes the figures
  --docs                     writes the figures and plots into docs/performance.md
  --base DIRECTORY           another build of cqlwire to compare with, in the same turns
  --contact-points HOST:PORT a real cluster in place of the canned server; the keyspace 'bench' is made there`)
  process.exit(0)
}
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5))
const root = dirname(import.meta.dirname)
const run = promisify(execFile)
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]

/** Pins a command to a core where that can be done, so that client and server do not share one. */
let taskset = cpus().length > 1
try {
  execFileSync('taskset', ['-c', '0', 'true'])
} catch {
  taskset = false
}
const pinned = (core, args) => (taskset ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args])

/** Packs the package and unpacks it, as npm would install it. */
function packed() {
  const directory = join(root, '.cache/bench')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], { cwd: root, stdio: 'ignore' })
  const tarball = readdirSync(directory).find((file) => file.endsWith('.tgz'))
  execFileSync('tar', ['xzf', join(directory, tarball), '-C', directory])
  return join(directory, 'package')
}

const directory = packed()
const real = options['contact-points']
let server
let port
if (real) {
  const { prepareCluster } = await import('./real-cluster.mjs')
  await prepareCluster(directory, real)
} else {
  server = spawn(...pinned(0, [join(import.meta.dirname, 'canned-server.mjs')]), { stdio: ['ignore', 'pipe', 'inherit'] })
  port = Number(await new Promise((resolve) => { server.stdout.once('data', (data) => resolve(String(data).trim())) }))
}

/** What is run: a file of `clients/`, and what it is given. */
const clients = {
  cqlwire: { client: 'cqlwire', directory },
  ...(options.base && { base: { client: 'cqlwire', directory: options.base } }),
  'cqlwire, v4': { client: 'cqlwire', directory, options: { protocolVersion: 4 } },
  'cassandra-driver': { client: 'cassandra-driver' },
  floor: { client: 'floor' },
  'cqlwire, LZ4': { client: 'cqlwire', directory, options: { compression: 'lz4' } },
  'cqlwire, v4, LZ4': { client: 'cqlwire', directory, options: { compression: 'lz4', protocolVersion: 4 } },
}

async function measure(name, workload, more = {}) {
  const request = { ...clients[name], workload, ...(real ? { contactPoint: real } : { port }), ...more }
  const { stdout } = await run(...pinned(1, [join(import.meta.dirname, 'client.mjs'), JSON.stringify(request)]), { maxBuffer: 1 << 24 })
  return JSON.parse(stdout)
}

/** Which clients run a workload. */
function runners({ what }) {
  if (what === 'columnar') return ['cqlwire', 'cqlwire, v4']
  const names = ['cqlwire', ...(options.base ? ['base'] : []), 'cqlwire, v4', 'cassandra-driver']
  return real || what === 'json' ? names : [...names, 'floor']
}

const failures = []
const result = { date: new Date().toISOString(), node: process.version, cpu: cpus()[0].model, rounds, real: real !== undefined, workloads: [] }

async function workloadsInTurn() {
  const chosen = options.only?.split(',')
  for (const workload of workloads.filter(({ id }) => !chosen || chosen.includes(id))) {
    const names = runners(workload)
    const runs = Object.fromEntries(names.map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) for (const name of names) runs[name].push(await measure(name, workload.id, { operations: options.quick ? workload.quick : workload.operations }))
    const sums = new Set(Object.values(runs).flat().map(({ checksum }) => checksum))
    if (sums.size > 1) failures.push(`${workload.title}: the clients have not read or written the same: ${[...sums]}`)
    const cpu = Object.fromEntries(names.map((name) => [name, median(runs[name].map(({ cpuUsPerOp }) => cpuUsPerOp))]))
    const spread = Math.max(...names.map((name) => (Math.max(...runs[name].map((one) => one.cpuUsPerOp)) - Math.min(...runs[name].map((one) => one.cpuUsPerOp))) / cpu[name]))
    const row = { id: workload.id, title: workload.title, goal: workload.goal, cpu, spread, rss: Object.fromEntries(names.map((name) => [name, median(runs[name].map(({ rss }) => rss))])) }
    result.workloads.push(row)
    const peer = cpu['cassandra-driver']
    const shown = names.map((name) => `${name} ${cpu[name].toFixed(cpu[name] < 100 ? 2 : 0)} µs${peer && name !== 'cassandra-driver' ? ` (${(peer / cpu[name]).toFixed(1)}x)` : ''}`)
    console.log(`${workload.id.padEnd(7)} ${shown.join('   ')}   spread ${(spread * 100).toFixed(0)} %`)
  }
}

/** Latencies at 32 in flight, memory, and the way from nothing to the first row. */
async function latencyAndFootprint() {
  const names = ['cqlwire', 'cassandra-driver']
  const of = (runs, key) => Object.fromEntries(names.map((name) => [name, median(runs[name].map((one) => one[key]))]))
  const runs = { cqlwire: [], 'cassandra-driver': [] }
  const starts = { cqlwire: [], 'cassandra-driver': [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) runs[name].push(await measure(name, 'w1@32', { operations: options.quick ? 32_000 : 320_000, latencies: true }))
    for (const name of names) {
      for (let i = 0; i < 3; i++) {
        const started = performance.now()
        const { firstRowMs } = await measure(name, 'w1@1', { coldStart: true })
        starts[name].push({ processMs: performance.now() - started, firstRowMs })
      }
    }
  }
  result.latency = { p50Ms: of(runs, 'p50Ms'), p99Ms: of(runs, 'p99Ms') }
  result.start = { rssAfterConnect: of(runs, 'rssAfterConnect'), processMs: of(starts, 'processMs'), firstRowMs: of(starts, 'firstRowMs') }
  const show = (title, values, digits, unit) => console.log(`${title.padEnd(44)} ${names.map((name) => `${name} ${values[name].toFixed(digits)} ${unit}`).join('   ')}`)
  show('latency at 32 in flight, median', result.latency.p50Ms, 3, 'ms')
  show('latency at 32 in flight, 99th percentile', result.latency.p99Ms, 3, 'ms')
  show('from process start to its end with one row', result.start.processMs, 0, 'ms')
  show('from the first line of code to one row', result.start.firstRowMs, 0, 'ms')
  show('memory after connect', Object.fromEntries(names.map((name) => [name, result.start.rssAfterConnect[name] / 2 ** 20])), 1, 'MB')
}

/** What compression costs on either version, and how costs grow with requests in flight. */
async function compressionAndGrowth() {
  result.compression = []
  for (const { id, title, operations, quick } of [workloads.find((one) => one.id === 'w2@512'), pageOf100KB]) {
    const names = ['cqlwire', 'cqlwire, v4', 'cqlwire, LZ4', 'cqlwire, v4, LZ4']
    const runs = Object.fromEntries(names.map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) for (const name of names) runs[name].push((await measure(name, id, { operations: options.quick ? quick : operations })).cpuUsPerOp)
    const cpu = Object.fromEntries(names.map((name) => [name, median(runs[name])]))
    result.compression.push({ title, cpu })
    console.log(`${id.padEnd(7)} ${names.map((name) => `${name} ${cpu[name].toFixed(2)} µs`).join('   ')}`)
  }
  result.growth = []
  for (const operations of [1_000_000, 10_000_000]) result.growth.push({ operations, rss: (await measure('cqlwire', 'w1@512', { operations })).rss })
  console.log(`memory after point reads: ${result.growth.map(({ operations, rss }) => `${operations / 1e6} million: ${(rss / 2 ** 20).toFixed(1)} MB`).join('   ')}`)
  result.inFlight = []
  for (const inFlight of [1, 8, 32, 128, 512, 2048, 10_000]) {
    const runs = []
    for (let round = 0; round < Math.min(3, rounds); round++) runs.push((await measure('cqlwire', 'w1@32', { operations: inFlight < 8 ? 20_000 : options.quick ? 64_000 : 320_000, inFlight })).cpuUsPerOp)
    result.inFlight.push({ inFlight, cpuUsPerOp: median(runs) })
  }
  console.log(`point read by requests in flight: ${result.inFlight.map(({ inFlight, cpuUsPerOp }) => `${inFlight}: ${cpuUsPerOp.toFixed(2)} µs`).join('   ')}`)
}

try {
  await workloadsInTurn()
  if (!options.only && !real) {
    await latencyAndFootprint()
    if (!options.quick) await compressionAndGrowth()
  }
} finally {
  server?.kill()
}
console.log(`\nCPU per operation of the client process, medians of ${rounds}; Node ${process.version}, ${cpus()[0].model}, ${result.date.slice(0, 10)}`)
if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
if (options.docs) writeReport(join(root, 'docs'), result)

/**
 * What a run in CI must reach: half of what is usual, so that noise does not fail it, and a change that costs as much as the driver it
 * replaces does.
 */
const GATE = { 'w1@1': 1, 'w1@32': 2.2, 'w1@512': 3, 'w2@32': 1.7, 'w2@512': 2.2, 'w3@1': 2.2, 'w3@32': 1.2, 'w4@1': 2.6, 'w5@32': 2.2, 'w6a@32': 2.3, 'w6b@1': 3.4 }
if (!real) {
  for (const { id, title, cpu } of result.workloads) {
    const times = cpu['cassandra-driver'] / cpu.cqlwire
    if (times < (GATE[id] ?? 0)) failures.push(`${title}: ${times.toFixed(2)} times less CPU than cassandra-driver, and ${GATE[id]} is the least`)
  }
}
for (const failure of failures) console.error(failure)
process.exit(failures.length > 0 ? 1 : 0)
