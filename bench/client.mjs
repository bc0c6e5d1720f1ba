// One client, one workload: prints operations, CPU and wall time of the timed part, latencies, memory, and a checksum over every cell.
// node client.mjs '{"client": "cqlwire", "workload": "w1@32", "port": 9042, "operations": 1000}'
import { crc32 } from 'node:zlib'
import { pageOf100KB, statements, workloads } from './workloads.mjs'

const begun = performance.now()
const request = JSON.parse(process.argv[2])
const found = [...workloads, pageOf100KB].find(({ id }) => id === request.workload)
const workload = { ...found, ...(request.inFlight && { inFlight: request.inFlight }) }
const statement = statements[workload.statement]
const { connect } = await import(`./clients/${request.client}.mjs`)
const client = await connect({ ...request, what: workload.what, statement })
const { run } = client
if (request.coldStart) {
  await run(0)
  console.log(JSON.stringify({ firstRowMs: performance.now() - begun }))
  await client.close()
  process.exit(0)
}
const rssAfterConnect = process.memoryUsage.rss()

let checksum = 0
let verified = 0
/** JSON is compared byte by byte in the warm-up, whose answers are those of the timed part; there, its length is what is looked at. */
let take = workload.what === 'json'
  ? (bytes) => { verified = (verified + crc32(bytes)) % 2 ** 52 }
  : (sum) => { checksum = (checksum + sum) % 2 ** 52 }
let latencies

async function turn(count) {
  let started = 0
  await Promise.all(Array.from({ length: workload.inFlight }, async () => {
    while (started < count) {
      const i = started++
      const from = latencies ? performance.now() : 0
      take(await run(i))
      if (latencies) latencies[i] = performance.now() - from
    }
  }))
}

// Whole rounds of the answers' variants and of the values, so that every client reads and writes the same.
const whole = (count) => Math.max(1, Math.round(count / statement.variants)) * statement.variants
await turn(whole(request.operations / 4))
const writes = (workload.what === 'insert' || workload.what === 'batch') && request.port !== undefined
if (writes) await client.written()
if (request.latencies) latencies = new Float64Array(whole(request.operations))
checksum = 0
if (workload.what === 'json') take = (bytes) => { checksum += bytes.length }
const cpu = process.cpuUsage()
const started = performance.now()
const operations = whole(request.operations)
await turn(operations)
const wallMs = performance.now() - started
const { user, system } = process.cpuUsage(cpu)
const rss = process.memoryUsage.rss()
if (writes) checksum = await client.written()
latencies?.sort()
console.log(JSON.stringify({
  operations, cpuUsPerOp: (user + system) / operations, systemUsPerOp: system / operations, wallMs, checksum: Math.round((checksum + verified) * 1000) / 1000, rssAfterConnect, rss,
  ...(latencies && { p50Ms: latencies[Math.floor(operations * 0.5)], p99Ms: latencies[Math.floor(operations * 0.99)] }),
}))
await client.close()
