import { describe, expect, test } from 'vitest'
import { Client, NoNodeAvailableError, OverloadedError } from '../../../src/client/index.js'
import type { ClientOptions } from '../../../src/client/index.js'

/** A node that refuses more than so many requests per second. */
export function overload(options: () => ClientOptions): void {
  describe('a node that is overloaded', () => {
    test('200 requests per second are let in, and many more come: the callers are told, and memory stays', async () => {
      await using client = await Client.connect({ ...options(), maxQueue: 1000 })
      await client.execute("CREATE KEYSPACE overload WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
      await client.execute('CREATE TABLE overload.t (id int PRIMARY KEY, v int)')
      await client.prepare('INSERT INTO overload.t (id, v) VALUES (?, ?)')
      const count = { well: 0, overloaded: 0, other: [] as string[] }
      const heapBefore = process.memoryUsage().heapUsed
      let heapMost = 0
      const started = performance.now()
      let n = 0
      // Five seconds of callers that do not slow down by themselves.
      await Promise.all(Array.from({ length: 200 }, async () => {
        while (performance.now() - started < 5000) {
          try {
            await client.execute('INSERT INTO overload.t (id, v) VALUES (?, ?)', [n++ % 1000, n])
            count.well++
          } catch (error) {
            const causes = error instanceof NoNodeAvailableError ? error.attempts.map((attempt) => attempt.error) : [error]
            if (causes.length > 0 && causes.every((cause) => cause instanceof OverloadedError)) count.overloaded++
            else count.other.push(String(error))
          }
          heapMost = Math.max(heapMost, process.memoryUsage().heapUsed)
        }
      }))
      console.log(`${count.well} let in, ${count.overloaded} refused, heap ${((heapMost - heapBefore) / 1e6).toFixed(1)} MB more at most`)
      expect(count.other).toEqual([])
      expect(count.overloaded).toBeGreaterThan(count.well)
      expect(count.well).toBeGreaterThan(500)
      expect(count.well).toBeLessThan(3000)
      expect(heapMost - heapBefore).toBeLessThan(150e6)
      const [stats] = [...client.stats().nodes.values()]
      expect([stats!.inFlight, client.stats().queued]).toEqual([0, 0])
    })
  })
}
