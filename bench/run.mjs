// Speed against npm cassandra-driver: the same answers from a canned server, clients taking turns, CPU of the client process,
// medians and ratios. `--quick` is the short form of CI; `--json FILE` writes the figures.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { workloads } from './workloads.mjs'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' }, rounds: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
if (options.help) {
  console.log('Usage: npm run bench -- [--quick] [--rounds N] [--json FILE]')
  process.exit(0)
}
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5))
const clients = ['cqlwire', 'cqlwire-v4', 'cassandra-driver']

/** Pins a command to a core where that can be done, so that client and server do not share one. */
let taskset = cpus().length > 1
try {
  execFileSync('taskset', ['-c', '0', 'true'])
} catch {
  taskset = false
}
const pinned = (core, args) => (taskset ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, args])

const server = spawn(...pinned(0, [join(import.meta.dirname, 'canned-server.mjs')]), { stdio: ['ignore', 'pipe', 'inherit'] })
const port = (await new Promise((resolve) => { server.stdout.once('data', (data) => resolve(String(data))) })).trim()
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]

const table = []
let wrong = false
try {
  for (const workload of workloads) {
    const results = Object.fromEntries(clients.map((client) => [client, []]))
    for (let round = 0; round < rounds; round++) {
      for (const client of clients) {
        const { stdout } = await promisify(execFile)(...pinned(1, [join(import.meta.dirname, 'client.mjs'), client, workload.name, port, String(options.quick ? workload.quick : workload.operations)]))
        results[client].push(JSON.parse(stdout))
      }
    }
    const sums = new Set(Object.values(results).flat().map(({ checksum }) => checksum))
    if (sums.size > 1) {
      wrong = true
      console.error(`${workload.name}: the clients have not read the same cells: ${[...sums]}`)
    }
    const cost = (client) => median(results[client].map(({ cpuUsPerOp }) => cpuUsPerOp))
    const spread = (client) => {
      const list = results[client].map(({ cpuUsPerOp }) => cpuUsPerOp)
      return (Math.max(...list) - Math.min(...list)) / median(list)
    }
    table.push({ workload: workload.name, ...Object.fromEntries(clients.map((client) => [client, cost(client)])), times: cost('cassandra-driver') / cost('cqlwire'), timesV4: cost('cassandra-driver') / cost('cqlwire-v4'), spread: Math.max(...clients.map(spread)) })
    const last = table.at(-1)
    console.log(`${workload.name.padEnd(36)} cqlwire ${last.cqlwire.toFixed(1).padStart(9)} µs   on v4 ${last['cqlwire-v4'].toFixed(1).padStart(9)} µs   cassandra-driver ${last['cassandra-driver'].toFixed(1).padStart(9)} µs   ${last.times.toFixed(1)}x less (v4 ${last.timesV4.toFixed(1)}x), spread ${(last.spread * 100).toFixed(0)} %`)
  }
} finally {
  server.kill()
}
console.log(`\nCPU per operation of the client process, medians of ${rounds}; Node ${process.version}, ${cpus()[0].model}, ${new Date().toISOString().slice(0, 10)}`)
if (options.json) writeFileSync(options.json, `${JSON.stringify({ date: new Date().toISOString(), node: process.version, cpu: cpus()[0].model, rounds, table }, null, 2)}\n`)
// A gate with room for noise: a change that makes cqlwire no cheaper than the driver it replaces has broken something.
const slow = table.filter(({ times }) => times < 1.2)
for (const { workload, times } of slow) console.error(`${workload}: only ${times.toFixed(2)} times less CPU than cassandra-driver`)
process.exit(wrong || slow.length > 0 ? 1 : 0)
