// cqlwire/resilience on every runtime: the same scenario on Node, Bun, Deno and workerd, the runtime of Cloudflare Workers.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundled, foreignParts, root, runOn, runtimes, startWorker, workerd } from '../support/runtimes.js'

const CHECKS = ['composition', 'timeOut', 'abort', 'breaker', 'hedge', 'limits', 'shared', 'groups']

describe('cqlwire/resilience does the same on', () => {
  beforeAll(() => {
    if (!existsSync(join(root, 'dist/resilience/index.js'))) throw new Error('These tests run what is built: npm run build')
  })

  for (const runtime of runtimes) {
    test.skipIf(!runtime.path)(runtime.name, async () => {
      expect(JSON.parse(await runOn(runtime, join(root, 'test/runtimes/main.mjs')))).toEqual(CHECKS)
    })
  }

  test.skipIf(!workerd)('workerd, without anything of Node', async () => {
    const { code, imports } = await bundled(join(root, 'test/runtimes/worker.mjs'), ['workerd', 'worker'])
    expect(imports).toEqual([])
    expect(foreignParts(code)).toEqual([])
    await using worker = await startWorker(code)
    const ask = (): Promise<string> => fetch(worker.url).then((response) => response.text())
    // Requests share the module, and nothing that belongs to one of them.
    for (const answer of await Promise.all([ask(), ask(), ask()])) expect(JSON.parse(answer)).toEqual(CHECKS)
  }, 60_000)
})
