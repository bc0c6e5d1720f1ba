// One connection, a server that shuffles its answers and holds some past their time-out: no request may get another's row.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import { Client } from '../../src/client/index.js'
import { echo, ScriptedServer } from '../support/scripted-server.js'

const REQUESTS = Number(process.env['CQLWIRE_STREAM_REQUESTS'] ?? 200_000)
const WORKERS = 400

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

test(`${REQUESTS.toLocaleString('en')} requests, answers shuffled, 1 % held back, time-outs and aborts mixed in`, async () => {
  const random = new SeededRandom(20_261_121)
  await using server = await ScriptedServer.start()
  const held: (() => void)[] = []
  let batch: (() => void)[] = []
  let planned = false
  const shuffle = (): void => {
    for (let i = batch.length - 1; i > 0; i--) {
      const j = random.between(0, i)
      ;[batch[i], batch[j]] = [batch[j]!, batch[i]!]
    }
    planned = false
    for (const answer of batch) answer()
    batch = []
  }
  server.script = (request, streamId, connection) => {
    if (request.type !== 'EXECUTE') return false
    const values = request.parameters.values as Uint8Array[]
    const id = new DataView(values[0]!.buffer, values[0]!.byteOffset).getInt32(0)
    const answer = (): void => connection.reply(streamId, echo(id, request.parameters.skipMetadata === true))
    if (random.next() < 0.01) {
      held.push(answer)
      // At most some hundred at a time, or the connection would be replaced as it should.
      if (held.length > 300) batch.push(...held.splice(0, 150))
    } else batch.push(answer)
    if (!planned && batch.length > 0) {
      planned = true
      setTimeout(shuffle, random.between(0, 1))
    }
    return true
  }
  const client = await Client.connect({ contactPoints: server.contactPoints, timeoutMs: 20_000 })
  await client.prepare('SELECT ?')
  let next = 0
  const count = { rows: 0, timeouts: 0, aborts: 0 }
  let early = 0
  const worker = async (own: SeededRandom): Promise<void> => {
    while (next < REQUESTS) {
      const id = next++
      if (id === Math.floor(REQUESTS / 4)) {
        collect()
        early = process.memoryUsage().heapUsed
      }
      const abort = own.next() < 0.002 ? new AbortController() : undefined
      try {
        const pending = client.execute<{ id: number; v: string }>('SELECT ?', [id], { timeoutMs: 150, ...(abort && { signal: abort.signal }) })
        if (abort) setTimeout(() => abort.abort(), own.between(0, 2))
        const row = (await pending).one()
        if (row.id !== id || row.v !== `value of ${id}`) throw new Error(`Request ${id} got the row of ${row.id}: ${row.v}`)
        count.rows++
      } catch (error) {
        const { name } = error as Error
        if (name === 'RequestTimeoutError') count.timeouts++
        else if (name === 'AbortError') count.aborts++
        else throw error
      }
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, i) => worker(new SeededRandom(i))))
  for (const answer of held.splice(0)) answer()
  await expect.poll(() => [...client.stats().nodes.values()][0], { timeout: 10_000 }).toMatchObject({ inFlight: 0, orphans: 0, opened: 1, closed: 0 })
  collect()
  const growth = process.memoryUsage().heapUsed - early
  await client.close()
  console.log(`${JSON.stringify(count)}, heap growth after the first quarter ${(growth / 1e6).toFixed(1)} MB`)
  expect(count.rows + count.timeouts + count.aborts).toBe(REQUESTS)
  expect(count.timeouts).toBeGreaterThan(REQUESTS / 500)
  expect(count.aborts).toBeGreaterThan(0)
  expect(growth).toBeLessThan(20e6)
}, 600_000)
