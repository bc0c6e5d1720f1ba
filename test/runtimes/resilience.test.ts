// cqlwire/resilience on every runtime: the same scenario on Node, Bun, Deno and workerd, the runtime of Cloudflare Workers.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'test/runtimes/main.mjs')
const CHECKS = ['composition', 'timeOut', 'abort', 'breaker', 'hedge', 'limits', 'shared', 'groups']

/** The programs as `npm run runtimes` brings them: one package for each platform. */
function program(scope: string, path: string): string | undefined {
  const directory = join(root, '.cache/runtimes/node_modules', scope)
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name, path)).find((file) => existsSync(file)) : undefined
}

const bun = program('@oven', 'bin/bun')
const deno = program('@deno', 'deno')
const workerd = program('@cloudflare', 'bin/workerd')
if (!bun || !deno || !workerd) console.log('Bun, Deno or workerd are not there, and are left out: npm run runtimes')

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => { server.close(resolve) })
  return port
}

describe('cqlwire/resilience does the same on', () => {
  beforeAll(() => {
    if (!existsSync(join(root, 'dist/resilience/index.js'))) throw new Error('These tests run what is built: npm run build')
  })
  test('Node', async () => {
    const { stdout } = await run(process.execPath, [main])
    expect(JSON.parse(stdout)).toEqual(CHECKS)
  })
  test.skipIf(!bun)('Bun', async () => {
    const { stdout } = await run(bun!, [main])
    expect(JSON.parse(stdout)).toEqual(CHECKS)
  })
  test.skipIf(!deno)('Deno', async () => {
    const { stdout } = await run(deno!, ['run', '--no-lock', '--allow-read', '--no-remote', main], { cwd: root, env: { ...process.env, DENO_NO_UPDATE_CHECK: '1' } })
    expect(JSON.parse(stdout)).toEqual(CHECKS)
  })
  test.skipIf(!workerd)('workerd, without anything of Node', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cqlwire-worker-'))
    const bundle = await rolldown({ input: join(root, 'test/runtimes/worker.mjs'), platform: 'neutral', resolve: { conditionNames: ['workerd', 'worker', 'import'] }, external: [] })
    const { output } = await bundle.generate({ format: 'esm' })
    const [{ code, imports }] = output
    expect(imports).toEqual([])
    expect(code).not.toMatch(/\bnode:|\bBuffer\b|\beval\(|new Function/)
    writeFileSync(join(directory, 'worker.mjs'), code)
    const port = await freePort()
    writeFileSync(join(directory, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker", esModule = embed "worker.mjs")], compatibilityDate = "2024-09-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`)
    const server = spawn(workerd!, ['serve', join(directory, 'config.capnp')], { stdio: 'inherit' })
    try {
      const ask = (): Promise<string> => fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())
      await expect.poll(() => ask().then(() => true, () => false), { timeout: 20_000, interval: 200 }).toBe(true)
      // Requests share the module, and nothing that belongs to one of them.
      for (const answer of await Promise.all([ask(), ask(), ask()])) expect(JSON.parse(answer)).toEqual(CHECKS)
    } finally {
      server.kill()
      rmSync(directory, { recursive: true, force: true })
    }
  }, 60_000)
})
