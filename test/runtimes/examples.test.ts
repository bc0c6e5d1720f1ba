// The examples do what they say, each on the runtimes that it is for.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { bundled, foreignParts, root, runtimes, startWorker, workerd } from '../support/runtimes.js'

let server: CqlServer
beforeAll(async () => {
  if (!existsSync(join(root, 'dist/client/index.js'))) throw new Error('These tests run what is built: npm run build')
  server = await CqlServer.start({ port: 0 })
  await using client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE notes WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE notes.notes (author text, at timeuuid, text text, PRIMARY KEY (author, at)) WITH CLUSTERING ORDER BY (at DESC)')
})
afterAll(() => server?.close())

/** Writes two notes and reads them. */
async function use(url: string, author: string): Promise<void> {
  for (const text of ['first', 'zweite 日本']) expect((await fetch(`${url}${encodeURIComponent(author)}`, { method: 'POST', body: text })).status).toBe(201)
  const response = await fetch(`${url}${encodeURIComponent(author)}`)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(((await response.json()) as { text: string }[]).map(({ text }) => text)).toEqual(['zweite 日本', 'first'])
}

describe('an HTTP API', () => {
  for (const runtime of runtimes) {
    test.skipIf(!runtime.path)(`on ${runtime.name}`, async () => {
      const child = spawn(runtime.path!, [...runtime.flags, join(root, 'examples/http/server.mjs')], { cwd: root, env: { ...process.env, CONTACT_POINTS: server.contactPoints.join(), PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
      try {
        const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
        await use(`${/http:\S+/.exec(value as string)![0]}/`, `http/${runtime.name}`)
        const ended = new Promise((resolve) => { child.once('exit', resolve) })
        child.kill('SIGTERM')
        expect(await ended).toBe(0)
      } finally {
        child.kill('SIGKILL')
      }
    }, 30_000)
  }
})

describe.skipIf(!workerd)('in Workers', () => {
  for (const [name, objects] of [['worker', []], ['durable-object', ['Database']]] as const) {
    test(name, async () => {
      const { code } = await bundled(join(root, 'examples', name, 'worker.mjs'), ['workerd', 'worker'], [/^cloudflare:/])
      expect(foreignParts(code)).toEqual([])
      await using worker = await startWorker(code, [], objects, { CONTACT_POINTS: server.contactPoints.join() })
      await use(worker.url, name)
    }, 30_000)
  }
})

test('a Lambda function', async () => {
  process.env['CONTACT_POINTS'] = server.contactPoints.join()
  const { handler } = (await import(join(root, 'examples/lambda/handler.mjs'))) as { handler: (event: object) => Promise<{ statusCode: number; body: string }> }
  const call = (httpMethod: string, body?: string): Promise<{ statusCode: number; body: string }> => handler({ httpMethod, pathParameters: { author: 'lambda' }, body })
  expect((await call('POST', 'one')).statusCode).toBe(201)
  expect(JSON.parse((await call('GET')).body)).toMatchObject([{ text: 'one' }])
})
