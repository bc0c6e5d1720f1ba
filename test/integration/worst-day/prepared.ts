import { describe, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../../../src/client/index.js'
import type { Setting } from './setting.js'

/** Statements that servers forget. */
export function prepared(setting: () => Setting): void {
  describe('prepared statements', () => {
    test('ALTER TABLE under load, on a table with 2,000 cached statements: one PREPARE per statement and node, no failed request', async () => {
      await setting().run("CREATE KEYSPACE prepared WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}", 'CREATE TABLE prepared.t (id int PRIMARY KEY, v int)')
      await using client = await Client.connect({ ...setting().proxied, maxPrepared: 3000, timeoutMs: 60_000, attemptTimeoutMs: 30_000 })
      const statements = Array.from({ length: 2000 }, (_, i) => `SELECT v AS v${i} FROM prepared.t WHERE id = ?`)
      for (let id = 0; id < 50; id++) await client.execute('INSERT INTO prepared.t (id, v) VALUES (?, ?)', [id, id])
      // Every node knows every statement.
      for (const { address } of setting().proxies) {
        for (let at = 0; at < statements.length; at += 100) await Promise.all(statements.slice(at, at + 100).map((query, i) => client.execute(query, [i % 50], { node: address })))
      }
      setting().reset()
      const perNode = setting().proxies.map(() => new Map<string, number>())
      for (const [i, proxy] of setting().proxies.entries()) {
        proxy.onRequest = ({ opcode, statement }) => { if (opcode === 'PREPARE') perNode[i]!.set(statement, (perNode[i]!.get(statement) ?? 0) + 1) }
      }
      const running = { going: true, done: 0 }
      const workers = Array.from({ length: 64 }, async (_, worker) => {
        for (let i = worker; running.going; i += 64) {
          const row = (await client.execute<Record<string, number>>(statements[i % 2000]!, [i % 50])).one()
          if (row[`v${i % 2000}`] !== i % 50) throw new Error(`Key ${i % 50} got ${JSON.stringify(row)}`)
          running.done++
        }
      })
      await sleep(500)
      await using other = await Client.connect({ ...setting().direct, timeoutMs: 60_000 })
      await other.execute('ALTER TABLE prepared.t ADD w int')
      await sleep(4000)
      running.going = false
      await Promise.all(workers)
      for (const proxy of setting().proxies) proxy.onRequest = undefined
      const most = Math.max(...perNode.flatMap((counts) => [...counts.values()]))
      const sum = perNode.reduce((all, counts) => all + [...counts.values()].reduce((a, b) => a + b, 0), 0)
      console.log(`${running.done} reads, ${sum} PREPAREs on three nodes after ALTER, at most ${most} of one statement on one node`)
      expect(sum).toBeGreaterThan(1000)
      // A node may learn of the change after a statement was prepared there again: then it asks once more.
      expect(most).toBeLessThanOrEqual(2)
    })
  })
}
