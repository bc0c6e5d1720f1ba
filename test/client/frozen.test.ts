// Processes that are frozen, as functions are between two calls, while the other side closes their connections or forgets them: the first request afterwards succeeds, and is sent once.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { FaultProxy } from '../../src/testing/index.js'

const PROCESSES = Number(process.env['CQLWIRE_FROZEN_PROCESSES'] ?? 12)
const SLEEP_MS = Number(process.env['CQLWIRE_FROZEN_MS'] ?? 4000)

describe('frozen for a while', () => {
  let server: CqlServer
  let admin: Client
  beforeAll(async () => {
    if (!existsSync('dist/client/index.js')) throw new Error('These tests run what is built: npm run build')
    server = await CqlServer.start({ port: 0 })
    admin = await Client.connect({ contactPoints: server.contactPoints })
    await admin.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    await admin.execute('CREATE TABLE app.t (k int PRIMARY KEY, v text)')
  })
  afterAll(async () => {
    await admin?.close()
    await server?.close()
  })

  /** Freezes processes, lets something happen, and has them go on. @returns what each says of its first request */
  async function freeze(contactPoint: string, count: number, meanwhile: () => Promise<void>): Promise<{ readonly ms?: number; readonly error?: string }[]> {
    const children = Array.from({ length: count }, (_, id) => spawn(process.execPath, ['test/support/frozen-client.mjs', JSON.stringify({ contactPoints: [contactPoint], sleepMs: SLEEP_MS, id })], { stdio: ['ignore', 'pipe', 'inherit'] }))
    try {
      const lines = children.map((child) => createInterface({ input: child.stdout })[Symbol.asyncIterator]())
      await Promise.all(lines.map((line) => line.next()))
      for (const child of children) child.kill('SIGSTOP')
      await meanwhile()
      await sleep(SLEEP_MS)
      for (const child of children) child.kill('SIGCONT')
      return await Promise.all(lines.map(async (line) => JSON.parse((await line.next()).value as string) as { ms?: number; error?: string }))
    } finally {
      for (const child of children) child.kill('SIGKILL')
    }
  }

  test(`${PROCESSES} processes whose connections were closed meanwhile`, async () => {
    const answers = await freeze(server.contactPoints[0]!, PROCESSES, async () => {
      await server.node(1).kill()
      await server.node(1).start()
    })
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
    console.log(`the first request after ${SLEEP_MS} ms: ${Math.round(Math.max(...answers.map(({ ms }) => ms!)))} ms at most`)
    expect((await admin.execute<{ v: string }>('SELECT v FROM app.t')).rows.filter(({ v }) => v === 'after').length).toBe(PROCESSES)
  }, SLEEP_MS + 60_000)

  test('a router that has forgotten the connections: nothing is written into the void', async () => {
    const proxy = await FaultProxy.start({ target: server.contactPoints[0]! })
    const answers = await freeze(proxy.address, 4, async () => {
      // Connections stay open, and lead nowhere; new ones are let through.
      proxy.forget()
    })
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
    await proxy.close()
  }, SLEEP_MS + 60_000)
})
