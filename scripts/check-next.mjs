// examples/next as its users have it: installed from the packed package, built by Next.js, started, and asked. `node scripts/check-next.mjs`
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from '../dist/client/index.js'
import { CqlServer } from '../dist/server/index.js'
import { packInto } from './pack-into.mjs'

const root = dirname(import.meta.dirname)
const directory = mkdtempSync(join(tmpdir(), 'cqlwire-next-'))
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
const run = (command, args) => execFileSync(command, args, { cwd: directory, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const next = join(directory, 'node_modules/next/dist/bin/next')
let server
let child
try {
  cpSync(join(root, 'examples/next'), directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{"private":true,"type":"module"}')
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${packInto(directory)}`, 'next@16', 'react@19', 'react-dom@19'])
  run(process.execPath, [next, 'build'])

  server = await CqlServer.start({ port: 0 })
  const client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE notes WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute('CREATE TABLE notes.notes (author text, at timeuuid, text text, PRIMARY KEY (author, at)) WITH CLUSTERING ORDER BY (at DESC)')
  await client.close()

  child = spawn(process.execPath, [next, 'start', '--port', '0', '--hostname', '127.0.0.1'], { cwd: directory, env: { ...env, CONTACT_POINTS: server.contactPoints.join() }, stdio: ['ignore', 'pipe', 'inherit'] })
  let url
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (url && line.includes('Ready')) break
  }
  for (const text of ['first', 'zweite 日本']) {
    const { status } = await fetch(`${url}/next`, { method: 'POST', body: text })
    if (status !== 201) throw new Error(`POST was answered by ${status}`)
  }
  const found = (await (await fetch(`${url}/next`)).json()).map(({ text }) => text).join()
  if (found !== 'zweite 日本,first') throw new Error(`GET answered ${found}`)
  console.log('built and started by Next.js: two notes written and read')
} catch (error) {
  console.error(error.stdout || error.stderr || error)
  process.exitCode = 1
} finally {
  if (child) {
    const ended = new Promise((resolve) => { child.once('exit', resolve) })
    child.kill()
    await ended
  }
  await server?.close()
  rmSync(directory, { recursive: true, force: true })
}
