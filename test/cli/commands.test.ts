// The commands as their users type them, in processes of their own. They run what `npm run build` has made.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test('fuzz gives a server changed messages and says how it answered', async () => {
  await using server = await CqlServer.start({ port: 0 })
  const { stdout } = await run('fuzz', '--target', server.contactPoints[0]!, '--seconds', '1', '--protocol', '4', '--json')
  const report = JSON.parse(stdout) as { connections: number; answers: Record<string, number>; findings: unknown[]; file?: string }
  expect(report).toMatchObject({ findings: [], answers: { 'ERROR PROTOCOL_ERROR': expect.any(Number) } })
  expect(report.connections).toBeGreaterThan(10)
  expect(report.file).toBeUndefined()
  const table = await run('fuzz', '--target', server.contactPoints[0]!, '--seconds', '1', '--quiet')
  expect(table.stdout).toMatch(/connections, [\d,]+ messages\n\n answer +│ times/)
  expect(table.stdout).toContain('Nothing was found.')
})

test('fuzz runs a client again and again, and keeps what it finds for its owner only', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cqlwire-fuzz-'))
  const file = join(directory, 'found.json')
  const crashed = await failed('fuzz', '--listen', '0', '--seconds', '1', '--out', file, '--quiet', '--', process.execPath, '-e', "process.stderr.write(process.env.CQLWIRE_FUZZ_ADDRESS); process.kill(process.pid, 'SIGKILL')")
  expect(crashed).toMatchObject({ code: 1, stdout: expect.stringContaining('the client was ended by SIGKILL') })
  const { findings } = JSON.parse(readFileSync(file, 'utf8')) as { findings: { kind: string; explanation: string }[] }
  expect(findings[0]).toMatchObject({ kind: 'crash', explanation: expect.stringMatching(/SIGKILL\n127\.0\.0\.1:\d+$/) })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const hung = await failed('fuzz', '--listen', '0', '--seconds', '1', '--timeout', '1', '--out', file, '--quiet', '--', process.execPath, '-e', 'setInterval(() => {}, 1000)')
  expect(hung).toMatchObject({ code: 1, stdout: expect.stringContaining('the client did not end') })
  const fine = await run('fuzz', '--listen', '0', '--seconds', '1', '--quiet', '--', process.execPath, '-e', '')
  expect(fine.stdout).toContain('the client ended with 0')

  await using server = await CqlServer.start({ port: 0 })
  const target = server.contactPoints[0]!
  expect((await failed('fuzz', '--target', target, '--replay', file)).stderr).toMatch(/findings about clients: run them again with --listen and --seed 1/)
  writeFileSync(file, JSON.stringify({ seed: 1, findings: [{ kind: 'violation', explanation: 'x', version: 4, writes: ['040000010500000000'], answers: '' }] }))
  const again = await run('fuzz', '--target', target, '--replay', file, '--quiet')
  expect(again.stdout).toMatch(/no longer +│ +1/)
  rmSync(directory, { recursive: true })
})

test('fuzz refuses what it cannot do, by name', async () => {
  expect((await failed('fuzz', '--target', 'db.example.com:9042')).stderr).toMatch(/'db\.example\.com:9042' is no address of this machine/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--seconds', '1')).stderr).toMatch(/^127\.0\.0\.1:1 cannot be fuzzed: Nobody listens any more: .*ECONNREFUSED/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--protocol', '6')).stderr).toMatch(/--protocol must be 3, 4 or 5/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--listen', '0')).stderr).toMatch(/either --target or --listen/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--replay', 'package.json')).stderr).toMatch(/not a file that cqlwire fuzz has written/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--replay', 'nothing.json')).stderr).toMatch(/cannot be read/)
  expect((await failed('fuzz', '--target', '127.0.0.1:1', '--user', 'me')).stderr).toMatch(/CQLWIRE_PASSWORD/)
  expect((await failed('fuzz', '--listen', '0', '--seconds', '1', '--quiet', '--', 'no-such-command')).stderr).toMatch(/no-such-command cannot be run/)
  expect(await failed('fuzz')).toMatchObject({ code: 2 })
  expect((await run('fuzz', '--help')).stdout).toMatch(/^Usage: cqlwire fuzz/)
})
