import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../../src/client/index.js'
import { percentileSpeculation, RetryBudget } from '../../../src/policies/index.js'
import { SeededRandom } from '../../../src/base/index.js'
import type { Setting } from './setting.js'

/** Where requests go, counted at the proxy of each node. */
export function routing(setting: () => Setting): void {
  describe('routing', () => {
    beforeAll(() => setting().run(...[1, 2, 3].flatMap((factor) => [
      `CREATE KEYSPACE routing${factor} WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': ${factor}}`,
      `CREATE TABLE routing${factor}.single (id int PRIMARY KEY, v int)`,
      `CREATE TABLE routing${factor}.composite (a text, b bigint, c int, v int, PRIMARY KEY ((a, b), c))`,
    ])))
    afterAll(() => setting().reset())

    test.each([1, 2])('replication factor %i: at least 99 of 100 prepared requests of one partition go to a replica', async (factor) => {
      await using client = await Client.connect({ ...setting().proxied, consistency: 'quorum' })
      const replicas = new Map<bigint, Set<string>>()
      const nodes = new Map(client.cluster.nodes.map(({ hostId, address, port }) => [hostId, `${address}:${port}`]))
      let hits = 0
      let all = 0
      await Promise.all(Array.from({ length: 2000 }, async (_, i) => {
        for (const [query, values, token] of [
          [`INSERT INTO routing${factor}.single (id, v) VALUES (?, ?)`, [i, i], `SELECT token(id) AS t FROM routing${factor}.single WHERE id = ?`],
          [`INSERT INTO routing${factor}.composite (a, b, c, v) VALUES (?, ?, ?, ?)`, [`a${i}`, i, 1, 1], `SELECT token(a, b) AS t FROM routing${factor}.composite WHERE a = ? AND b = ?`],
        ] as const) {
          const { info } = await client.execute(query, values, { idempotent: true })
          const { t } = (await client.execute<{ t: bigint }>(token, values.slice(0, values.length / 2))).one()
          replicas.set(t, new Set(client.cluster.replicas(`routing${factor}`, t).map(({ hostId }) => nodes.get(hostId)!)))
          all++
          if (replicas.get(t)!.has(info.node)) hits++
        }
      }))
      // What the client takes for replicas is what the server says of the same tokens.
      for (let key = 0; key < 4; key++) {
        const { t } = (await client.execute<{ t: bigint }>(`SELECT token(id) AS t FROM routing${factor}.single WHERE id = ?`, [key])).one()
        const endpoints = await setting().cluster.nodetool(0, 'getendpoints', `routing${factor}`, 'single', String(key))
        const theirs = endpoints.split('\n').filter((line) => /^127\.0\.44\.\d+$/.test(line.trim())).map((address) => setting().proxies[setting().cluster.contactPoints.indexOf(`${address.trim()}:9042`)]!.address)
        expect([...replicas.get(t)!].sort()).toEqual(theirs.sort())
      }
      console.log(`replication factor ${factor}: ${hits} of ${all} requests went to a replica`)
      expect(hits / all).toBeGreaterThanOrEqual(0.99)
      const counts = setting().proxies.map((proxy) => proxy.count({ opcode: 'EXECUTE', matching: new RegExp(`INSERT INTO routing${factor}`) }))
      expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(all) // more where a node did not know the statement yet
      for (const count of counts) expect(count).toBeGreaterThan(all / 6)
    })

    test('with a local rack its replica is asked', async () => {
      for (const [i, localRack] of ['r1', 'r2', 'r3'].entries()) {
        await using client = await Client.connect({ ...setting().proxied, consistency: 'one', localRack })
        const asked = new Map<string, number>()
        for (let id = 0; id < 300; id++) {
          const { info } = await client.execute('INSERT INTO routing3.single (id, v) VALUES (?, ?)', [id, id])
          asked.set(info.node, (asked.get(info.node) ?? 0) + 1)
        }
        expect([...asked]).toEqual([[setting().proxies[i]!.address, 300]])
      }
    })

    test('one replica of three stalling: second attempts at other replicas cut the slowest hundredth to a fifth or less, with seven per cent more requests at most', async () => {
      const query = 'SELECT v FROM routing3.single WHERE id = ?'
      const run = async (speculation: ReturnType<typeof percentileSpeculation> | undefined) => {
        setting().reset()
        // The stalling one is that of the local rack: left to choose, the client would keep away from it, since requests hang there.
        await using client = await Client.connect({ ...setting().proxied, localRack: 'r1', consistency: 'one', ...(speculation && { speculation }) })
        for (let i = 0; i < 300; i++) await client.execute(query, [i])
        for (const proxy of setting().proxies) proxy.resetCounts()
        setting().proxies[0]!.faults.add({ opcode: 'EXECUTE', probability: 0.05, delayMs: 500 })
        const took: number[] = []
        const elsewhere: boolean[] = []
        const random = new SeededRandom(6)
        await Promise.all(Array.from({ length: 8 }, async () => {
          for (let i = 0; i < 400; i++) {
            const { info } = await client.execute(query, [random.between(0, 299)])
            took.push(info.latencyMs)
            if (info.speculative > 0 && info.latencyMs < 400) elsewhere.push(info.node !== setting().proxies[0]!.address)
          }
        }))
        took.sort((x, y) => x - y)
        return { p99: took[Math.floor(took.length * 0.99)]!, sent: setting().proxies.reduce((sum, proxy) => sum + proxy.count({ opcode: 'EXECUTE' }), 0), asked: took.length, elsewhere: elsewhere.filter(Boolean).length }
      }
      const plain = await run(undefined)
      const hedged = await run(percentileSpeculation({ percentile: 99, minMs: 10, budget: new RetryBudget({ ratio: 0.06, burst: 20 }) }))
      console.log(`99 of 100 within ${plain.p99.toFixed(0)} ms without, ${hedged.p99.toFixed(0)} ms with second attempts; ${hedged.sent} requests sent for ${hedged.asked}`)
      expect(plain.p99 / hedged.p99).toBeGreaterThan(5)
      expect(hedged.sent / hedged.asked).toBeLessThan(1.07)
      expect(hedged.elsewhere).toBeGreaterThan(10)
    })
  })
}
