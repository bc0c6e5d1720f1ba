// Requests of a Worker: each with a client of its own, and many through one that a Durable Object holds.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { bundled, root, startWorker, workerd } from '../support/runtimes.js'
import type { RunningWorker } from '../support/runtimes.js'

describe.skipIf(!workerd).each([{ flags: [] }, { flags: ['nodejs_compat'] }])('workerd, flags $flags', ({ flags }) => {
  let server: CqlServer
  let worker: RunningWorker
  beforeAll(async () => {
    server = await CqlServer.start({ port: 0, nodes: 8 })
    await using admin = await Client.connect({ contactPoints: server.contactPoints })
    await admin.execute("CREATE KEYSPACE app WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}")
    await admin.execute('CREATE TABLE app.t (k int PRIMARY KEY, v text)')
    for (let k = 0; k < 10; k++) await admin.execute('INSERT INTO app.t (k, v) VALUES (?, ?)', [k, `v${k}`])
    await admin.close()
    const { code } = await bundled(join(root, 'test/runtimes/requests-worker.mjs'), ['workerd', 'worker'], [/^cloudflare:/])
    worker = await startWorker(code, flags, ['Pool'])
  }, 60_000)
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]()
    await server?.close()
  })

  const ask = async (path: string, body: object): Promise<Response> => fetch(worker.url + path, { method: 'POST', body: JSON.stringify({ contactPoints: [server.contactPoints[0]!], ...body }) })

  test('200 requests at once, each with its own client: all answered, all sockets closed, through all nodes', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask('', { k: i % 10 }).then((response) => response.json() as Promise<{ v: string; node: string }>)))
    expect(answers.map(({ v }) => v)).toEqual(Array.from({ length: 200 }, (_, i) => `v${i % 10}`))
    expect(new Set((await Promise.all(Array.from({ length: 40 }, () => ask('', { k: 1 }).then((response) => response.json() as Promise<{ node: string }>)))).map(({ node }) => node)).size).toBeGreaterThan(2)
    await expect.poll(() => server.connections, { timeout: 10_000 }).toBe(0)
  })

  test('50 requests at once through the client of a Durable Object, which opens six sockets at most', async () => {
    for (let turn = 0; turn < 3; turn++) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask('pool', { k: i % 10 }).then((response) => response.json() as Promise<{ v: string }>)))
      expect(answers.map(({ v }) => v)).toEqual(Array.from({ length: 50 }, (_, i) => `v${i % 10}`))
    }
    expect(server.connections).toBeLessThanOrEqual(6)
    expect(server.connections).toBeGreaterThan(1)
    expect(await (await ask('pool', { k: 'stats' })).json()).toBe(server.connections - 1)
  })

  test.each([['ca', 'x'], ['cert', 'x'], ['verify', false]])('what Workers cannot do is said: tls.%s', async (name, value) => {
    const response = await ask('', { k: 1, tls: { [name]: value } })
    expect(response.status).toBe(500)
    expect(await response.text()).toMatch(new RegExp(`^CQL_.*'tls\\.${name}' cannot be`))
  })

  test('a server that is not there is an error, at once', async () => {
    const response = await ask('', { k: 1, contactPoints: ['127.0.0.1:1'] })
    // What earlier requests have learned may lead to the cluster all the same.
    expect([200, 500]).toContain(response.status)
    const started = performance.now()
    const { code } = await bundled(join(root, 'test/runtimes/requests-worker.mjs'), ['workerd', 'worker'], [/^cloudflare:/])
    await using fresh = await startWorker(code, flags, ['Pool'])
    const refused = await fetch(fresh.url, { method: 'POST', body: JSON.stringify({ contactPoints: ['127.0.0.1:1'], k: 1 }) })
    expect(await refused.text()).toMatch(/^CQL_NO_NODE_AVAILABLE: .*127\.0\.0\.1:1/s)
    expect(performance.now() - started).toBeLessThan(15_000)
  })
})
