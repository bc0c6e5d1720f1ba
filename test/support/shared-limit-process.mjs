// One of many processes that share a limit: takes permits as fast as it gets them, and prints when, in milliseconds since 1970.
import { Client } from '../../dist/client/index.js'
import { cassandraLimitStore } from '../../dist/coordination/index.js'
import { SharedLimiter } from '../../dist/resilience/index.js'

const { contactPoints, keyspace, name, limit, rows } = JSON.parse(process.argv[2])
const client = await Client.connect({ contactPoints, schema: 'off', timeoutMs: 10_000 })
const limiter = new SharedLimiter({ limit, rows, store: cassandraLimitStore(client, { name, keyspace }) })
limiter.events.on('failure', (error) => process.stderr.write(`${error}\n`))

let given = []
const flush = () => {
  if (given.length > 0) process.stdout.write(`${JSON.stringify(given)}\n`)
  given = []
}
process.stdout.write('"ready"\n')
await new Promise((resolve) => { process.stdin.once('data', resolve) })
const timer = setInterval(flush, 100)
process.stdin.once('data', () => limiter.close())
process.stdin.once('end', () => process.exit(0))
try {
  for (;;) {
    await limiter.acquire()
    given.push(performance.timeOrigin + performance.now())
  }
} catch {
  // closed: what it had is spent
}
clearInterval(timer)
flush()
process.stdout.write(`${JSON.stringify({ claims: limiter.claims })}\n`)
await client.close()
process.exit(0)
