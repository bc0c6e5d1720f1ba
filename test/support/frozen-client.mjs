// A process that is frozen between two requests: `frozen-client.mjs '{"contactPoints": [...], "sleepMs": 3000}'`. The second request is due the moment it runs again.
import process from 'node:process'
import { Client } from '../../dist/client/index.js'

const { contactPoints, sleepMs, id } = JSON.parse(process.argv[2])
const client = await Client.connect({ contactPoints, heartbeatMs: 1000, keyspace: 'app' })
const insert = 'INSERT INTO t (k, v) VALUES (?, ?)'
await client.execute(insert, [id, 'before'])
process.stdout.write('asleep\n')
// A server that is called again: the request comes before anything that the sockets have to tell.
setTimeout(async () => {
  const started = performance.now()
  try {
    await client.execute(insert, [id, 'after'], { idempotent: false })
    process.stdout.write(`${JSON.stringify({ ms: performance.now() - started })}\n`)
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: `${error.code} ${error.outcome}: ${error.message}` })}\n`)
  }
  await client.close()
  process.exit(0)
}, sleepMs / 2)
