import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Client } from '../../../src/client/index.js'
import { cassandraLimitStore } from '../../../src/coordination/index.js'
import type { ClaimCounts } from '../../../src/resilience/index.js'
import type { Setting } from './setting.js'
import { mostInWindow } from '../../support/most-in-window.js'

const LIMIT = 1000
const PROCESSES = 16
/** What the proof measures: how many rows a limit is spread over. */
const ROWS = (process.env['CQLWIRE_LIMIT_ROWS'] ?? '8').split(',').map(Number)
const script = fileURLToPath(new URL('../../support/shared-limit-process.mjs', import.meta.url))

/** A process that takes permits from the moment it is told to. */
class Taker {
  readonly times: number[] = []
  claims: ClaimCounts | undefined
  readonly ready: Promise<void>
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly complaints: string[] = []

  constructor(options: object) {
    this.#child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr!.on('data', (text: Buffer) => this.complaints.push(String(text)))
    this.ended = new Promise((resolve) => { this.#child.once('close', () => resolve()) })
    this.ready = new Promise((resolve) => {
      createInterface({ input: this.#child.stdout! }).on('line', (line) => {
        const message = JSON.parse(line) as 'ready' | number[] | { claims: ClaimCounts }
        if (message === 'ready') resolve()
        else if (Array.isArray(message)) this.times.push(...message)
        else this.claims = message.claims
      })
    })
  }

  go(): void {
    this.#child.stdin!.write('go\n')
  }

  stop(): void {
    this.#child.stdin!.write('stop\n')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Limits that processes share by way of a table. */
export function sharedLimit(setting: () => Setting): void {
  describe('a limit that processes share', () => {
    test.each(ROWS)(`${PROCESSES} processes share ${LIMIT} per second over %i rows: nine tenths of it are used, never more than 105 % over ten seconds, also while one is killed`, async (rows) => {
      const keyspace = 'limiting'
      const name = `mails${rows}`
      await using client = await Client.connect({ ...setting().direct, timeoutMs: 60_000 })
      await client.execute(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}`)
      await client.execute(cassandraLimitStore(client, { name, keyspace }).schema)
      const takers = Array.from({ length: PROCESSES }, () => new Taker({ contactPoints: setting().cluster.contactPoints, keyspace, name, limit: LIMIT, rows }))
      try {
        await Promise.all(takers.map(({ ready }) => ready))
        for (const taker of takers) taker.go()
        await sleep(10_000) // Java warms up
        takers[0]!.kill()
        await sleep(13_000)
        const until = Date.now()
        for (const taker of takers) taker.stop()
        await Promise.all(takers.map(({ ended }) => ended))
        const times = takers.flatMap((taker) => taker.times).sort((a, b) => a - b)
        const used = times.filter((at) => at >= until - 13_000 && at < until).length / 13
        const worst = mostInWindow(times, 10_000)
        const counts = takers.flatMap(({ claims }) => claims ?? [])
        const sum = (key: keyof ClaimCounts): number => counts.reduce((total, each) => total + each[key], 0)
        const each = takers.slice(1).map((taker) => taker.times.length)
        console.log(`${rows} rows: ${Math.round(used)}/s used of ${LIMIT}, at most ${worst} in ten seconds; claims a second: ${(sum('made') / 23).toFixed(1)} made, ${(sum('lost') / 23).toFixed(1)} lost, ${sum('unknown')} unknown and ${sum('failed')} failed in all; ${Math.min(...each)} to ${Math.max(...each)} permits per process`)
        expect(worst).toBeLessThanOrEqual(1.05 * LIMIT * 10)
        // With fewer rows a cluster that is slow at transactions cannot keep up: the proof shows how many are needed.
        if (rows >= 8) expect(used).toBeGreaterThanOrEqual(0.9 * LIMIT)
      } finally {
        for (const taker of takers) taker.kill()
      }
    }, 90_000)
  })
}
