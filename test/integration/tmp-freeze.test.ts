import { setTimeout as sleep } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CassandraCluster } from '../support/cassandra.js'

test('freeze', async () => {
  const cluster = await CassandraCluster.start({ network: '127.0.44', dataCenters: ['dc1', 'dc1', 'dc1'], racks: ['r1', 'r2', 'r3'], commitLog: 'batch' })
  const base = { contactPoints: cluster.contactPoints, policies: { reconnection: { delayMs: () => 500 } }, consistency: 'localQuorum', timeoutMs: 5000, attemptTimeoutMs: 1000, heartbeatMs: 2000, pool: { warmUp: true } } as const
  const client = await Client.connect({ ...base, timeoutMs: 60000 })
  await client.execute("CREATE KEYSPACE faults WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}")
  await client.execute("CREATE TABLE faults.t (id int PRIMARY KEY, v int) WITH speculative_retry = '100ms'")
  const probe = await Client.connect({ ...base, contactPoints: [cluster.contactPoints[1]!], policies: {} })
  let going = true
  const t0 = performance.now()
  const at = (): string => ((performance.now() - t0) / 1000).toFixed(2)
  const log: string[] = []
  client.on('connectionClosed', ({ node, error }) => log.push(`${at()} closed ${node} ${error.message}`))
  client.on('nodeDown', (n) => log.push(`${at()} down ${n.address}`))
  client.on('nodeUp', (n) => log.push(`${at()} up ${n.address}`))
  const retries = new Map<string, number>()
  client.on('retry', ({ node, error }) => { const k = `${node} ${error.name}`; retries.set(k, (retries.get(k) ?? 0) + 1) })
  let done = 0, failed = 0, slowW = 0, slowR = 0
  let n = 0
  const inflight = new Set<Promise<unknown>>()
  const load = (async () => {
    while (going) {
      while (n < ((performance.now() - t0) * 300) / 1000) {
        const i = n++
        const s = performance.now()
        const p = (i % 2 ? client.execute('INSERT INTO faults.t (id, v) VALUES (?, ?)', [i % 500, i], { idempotent: true }) : client.execute('SELECT id, v FROM faults.t WHERE id = ?', [i % 500])).then(() => { done++ }, (e) => { failed++; log.push(`${at()} ${String(e)}`) }).finally(() => { inflight.delete(p); if (performance.now() - s > 300) i % 2 ? slowW++ : slowR++ })
        inflight.add(p)
      }
      await sleep(5)
    }
  })()
  const probes = [1, 2].map(async (i) => {
    while (going) {
      const s = performance.now()
      await probe.execute('SELECT key FROM system.local', [], { node: cluster.contactPoints[i]!, consistency: 'one' }).catch((e) => log.push(`${at()} probe ${i} ${String(e)}`))
      if (performance.now() - s > 150) log.push(`${at()} probe of node ${i + 1} took ${Math.round(performance.now() - s)}`)
      await sleep(50)
    }
  })
  const cpu = (): number[] => readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number)
  let last = cpu()
  const ticker = (async () => {
    let before = 0, bw = 0, br = 0
    while (going) {
      await sleep(500)
      const c = cpu()
      const d = c.map((x, i) => x - last[i]!)
      last = c
      const total = d.reduce((a, b) => a + b, 0)
      const stats = [...client.stats().nodes.values()].map(({ inFlight, orphans }) => `${inFlight}+${orphans}`).join(' ')
      log.push(`${at()} done ${done - before} slowW ${slowW - bw} slowR ${slowR - br} failed ${failed} outstanding ${inflight.size} | ${stats} | idle ${Math.round((100 * d[3]!) / total)}% steal ${d[7]} | ${JSON.stringify([...retries])}`)
      before = done; bw = slowW; br = slowR
      retries.clear()
    }
  })()
  await sleep(15000)
  log.push(`${at()} KILL 3`)
  await cluster.kill(2)
  await sleep(5000)
  await cluster.restart(2)
  log.push(`${at()} RESTARTED 3`)
  await sleep(5500)
  log.push(`${at()} FREEZE 1`)
  cluster.freeze(0)
  await sleep(20000)
  cluster.resume(0)
  log.push(`${at()} RESUME 1`)
  await sleep(4000)
  going = false
  await load; await ticker; await Promise.all(probes)
  console.log(log.join('\n'))
  await client.close(); await probe.close(); await cluster.stop()
}, 300000)
