// One client, one workload: prints operations, CPU and wall time of the timed part, and a checksum over every cell.
// node client.mjs cqlwire|cqlwire-v4|cassandra-driver WORKLOAD PORT OPERATIONS
import { statements, workloads } from './workloads.mjs'

const [, , kind, workloadName, port, operationsText] = process.argv
const workload = workloads.find(({ name }) => name === workloadName)
const statement = statements[workload.statement]
const operations = Number(operationsText)
const key = workload.statement === 'point' ? '00000000-0000-4000-8000-000000000007' : 7
const names = statement.shape.columns.map(([name]) => name)

let checksum = 0
/** Every cell of a row is looked at, with the same result for both clients. */
function touch(row) {
  let sum = 0
  for (const name of names) sum += weigh(row[name])
  checksum = (checksum + sum) % 1e15
}
function weigh(value) {
  switch (typeof value) {
    case 'number': return value
    case 'boolean': return value ? 1 : 0
    case 'bigint': return Number(value)
    case 'string': return /^[0-9a-f]{8}-/.test(value) ? Number.parseInt(value.slice(0, 2), 16) : value.length + value.charCodeAt(0)
    default:
  }
  if (value instanceof Date) return value.getTime() % 1e6
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + item, 0)
  if (value instanceof Map) return [...value].reduce((sum, [k, v]) => sum + k.length + v.length, 0)
  if (value.getBuffer) return value.getBuffer()[0] // the Uuid of cassandra-driver
  if (value.toNumber) return value.toNumber() // its Long
  return Object.entries(value).reduce((sum, [k, v]) => sum + k.length + v.length, 0)
}

async function cqlwire(version) {
  const { Client } = await import('../dist/client/index.js')
  const client = await Client.connect({ contactPoints: [`127.0.0.1:${port}`], ...(version && { protocolVersion: version }) })
  return {
    close: () => client.close(),
    run: async () => {
      if (statement.pages > 1) for await (const row of client.stream(statement.query, [key])) touch(row)
      else for (const row of (await client.execute(statement.query, [key])).rows) touch(row)
    },
  }
}

async function cassandraDriver() {
  const { default: cassandra } = await import('cassandra-driver')
  const client = new cassandra.Client({ contactPoints: ['127.0.0.1'], protocolOptions: { port: Number(port) }, localDataCenter: 'dc1' })
  await client.connect()
  const options = { prepare: true }
  return {
    close: () => client.shutdown(),
    run: async () => {
      const result = await client.execute(statement.query, [key], options)
      if (statement.pages > 1) for await (const row of result) touch(row)
      else for (const row of result.rows) touch(row)
    },
  }
}

const client = kind === 'cassandra-driver' ? await cassandraDriver() : await cqlwire(kind === 'cqlwire-v4' ? 4 : undefined)

async function turn(count) {
  let left = count
  await Promise.all(Array.from({ length: workload.inFlight }, async () => {
    while (left-- > 0) await client.run()
  }))
}

const variants = statement.variants
// Whole rounds of the variants, so that every client sees the same rows.
const whole = (count) => Math.max(variants, Math.round(count / variants) * variants)
await turn(whole(operations / 4))
checksum = 0
const cpu = process.cpuUsage()
const started = performance.now()
const timed = whole(operations)
await turn(timed)
const wallMs = performance.now() - started
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ operations: timed, cpuUsPerOp: (user + system) / timed, wallMs, checksum: Math.round(checksum) }))
await client.close()
