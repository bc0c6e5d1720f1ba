// The commands as their users type them, in processes of their own. They run what `npm run build` has made.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = `${root}dist/cli/main.node.js`
const run = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> => promisify(execFile)(process.execPath, [bin, ...args], { cwd: root })
const failed = (...args: readonly string[]): Promise<{ code: number; stderr: string }> => run(...args).then(() => { throw new Error('it succeeded') }, (error: unknown) => error as { code: number; stderr: string })

beforeAll(() => { if (!existsSync(bin)) throw new Error('Run `npm run build` first') })

test('the demo loads, reads back and prints its tables', async () => {
  const { stdout } = await run('demo')
  expect(stdout).toMatch(/embedded server: Cassandra 5\.0\.6, protocol v5/)
  expect(stdout).toMatch(/2001-01 │ +6937 │ +6\.44/)
  expect(stdout).toMatch(/202 │ gate B7 │ false +│ +101/)
  expect(stdout).toContain('{"destination":"BNA","departure":"2001-01-01T06:55:00.000Z","delay":-19}')
})

test('the demo as JSON, on a server that others run', async () => {
  await using server = await CqlServer.start({ port: 0 })
  const { stdout } = await run('demo', '--json', '--contact-points', server.contactPoints[0]!)
  const report = JSON.parse(stdout) as { rows: number; steps: { rows: unknown[] }[] }
  expect([report.rows, report.steps.length]).toEqual([20_000, 5])
  const client = await Client.connect({ contactPoints: server.contactPoints })
  expect((await client.execute('SELECT count(*) AS n FROM cqlwire_demo.flights')).one()).toEqual({ n: 20_000n })
  await client.close()
})

test('serve listens until it is told to stop, asks for the password, and ends by itself', async () => {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--json', '--user', 'me:secret:1'], { cwd: root })
  const { address } = JSON.parse(await new Promise<string>((resolve) => { child.stdout.once('data', (data: Buffer) => resolve(data.toString())) })) as { address: string }
  await expect(Client.connect({ contactPoints: [address], auth: { username: 'me', password: 'wrong' } })).rejects.toThrow(/refused the credentials/)
  await expect(Client.connect({ contactPoints: [address] })).rejects.toThrow(/option 'auth'/)
  const client = await Client.connect(`cql://me:${encodeURIComponent('secret:1')}@${address}`)
  expect((await client.execute('SELECT cluster_name FROM system.local')).rows).toHaveLength(1)
  const exit = new Promise((resolve) => { child.once('exit', resolve) })
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
  await client.close()
})

test('mistakes are explained, without a stack', async () => {
  expect(await failed('nonsense')).toMatchObject({ code: 2, stderr: expect.stringContaining("Unknown command 'nonsense'") as string })
  expect(await failed('serve', '--prot', '1')).toMatchObject({ code: 2 })
  expect((await failed('serve', '--port', 'x')).stderr).toBe("--port must be a number from 0 to 65535, not 'x'\n")
  expect((await failed('demo', '--contact-points', '127.0.0.1:1')).stderr).toMatch(/None of the contact points.*connection refused/s)
  for (const args of [['--help'], ['serve', '--help'], ['demo', '--help']]) expect((await run(...args)).stdout).toMatch(/^(Usage|cqlwire)/)
})

test('after close() the process ends by itself', async () => {
  await using server = await CqlServer.start({ port: 0 })
  const script = `import { Client } from 'cqlwire'; const client = await Client.connect('cql://${server.contactPoints[0]}'); await client.execute('SELECT * FROM system.local'); await client.close(); console.log('closed')`
  const started = Date.now()
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root, timeout: 10_000 })
  expect(stdout).toBe('closed\n')
  expect(Date.now() - started).toBeLessThan(5000)
})
