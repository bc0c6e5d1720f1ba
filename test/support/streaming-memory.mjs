// Writes and scans many rows in a process of its own, and says how much memory that took: `node streaming-memory.mjs HOST ROWS`.
import { Client } from 'cqlwire'
import { bulkWrite, scan } from 'cqlwire/streaming'

const [host, count] = [process.argv[2], Number(process.argv[3])]
const client = await Client.connect({ contactPoints: [host], consistency: 'localOne', timeoutMs: 30_000 })
const insert = 'INSERT INTO st1.memory (id, name, v, ts) VALUES (?, ?, ?, ?)'
const rows = function* (n) { for (let i = 0; i < n; i++) yield [BigInt(i), `name ${i}`, i / 3, new Date(1.7e12 + i)] }

/** Runs something, and returns by how many MB the process has grown at most. */
async function growth(run) {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  const timer = setInterval(() => { most = Math.max(most, process.memoryUsage().rss) }, 50)
  const started = performance.now()
  const result = await run()
  clearInterval(timer)
  return { megabytes: Math.round(Math.max(most, process.memoryUsage().rss) / 1e5 - before / 1e5) / 10, perSecond: Math.round((result * 1000) / (performance.now() - started)), rows: result }
}
const read = async () => {
  let n = 0
  for await (const _ of scan(client, 'st1.memory')) n++
  return n
}
// What the machine takes for code and its first garbage is there before it is measured.
await bulkWrite(client, insert, rows(50_000))
await read()
const written = await growth(async () => (await bulkWrite(client, insert, rows(count))).written)
const scanned = await growth(read)
console.log(JSON.stringify({ written, scanned }))
await client.close()
