// Migrations as deployers run them: files, processes, exit codes. They run what `npm run build` has made.
import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ormClient } from '../support/orm-server.js'

const bin = 'dist/cli/main.node.js'
let setting: Awaited<ReturnType<typeof ormClient>>
let folder: string
beforeAll(async () => {
  if (!existsSync(bin)) throw new Error('Run `npm run build` first')
  setting = await ormClient()
  folder = mkdtempSync('.cache/migrations-') // within the project, so that schemas find the package
})
afterAll(async () => {
  await setting.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const run = (command: string, ...args: readonly string[]): Promise<Ended> =>
  promisify(execFile)(process.execPath, [bin, command, '--contact-points', setting.contactPoints[0]!, '--keyspace', 'app', ...(command === 'pull' ? [] : ['--dir', join(folder, 'migrations')]), ...args])
    .then(({ stdout, stderr }) => ({ code: 0, stdout, stderr }), (error: Ended) => error)
const declare = (columns: string): string => {
  const file = join(folder, `schema-${columns.length}.mjs`)
  writeFileSync(file, `import { int, table, text, uuid } from 'cqlwire/orm'\nexport const users = table('users', { id: uuid().partitionKey(), ${columns} })\n`)
  return file
}

test('generate, migrate, status, check, down, pull', async () => {
  const first = declare('name: text(), old: int()')
  const generated = await run('generate', '--schema', first, '--name', 'Users')
  expect(generated).toMatchObject({ code: 0, stderr: '' })
  expect(generated.stdout).toContain('CREATE TABLE users (id uuid, name text, old int, PRIMARY KEY ((id)));')
  const [id] = readdirSync(join(folder, 'migrations')) as [string]
  expect(id).toMatch(/^\d{14}_users$/)
  expect(readFileSync(join(folder, 'migrations', id, 'down.cql'), 'utf8')).toBe('DROP TABLE users;\n')

  expect((await run('migrate', '--dry-run')).stdout).toBe(`-- ${id}\nCREATE TABLE users (id uuid, name text, old int, PRIMARY KEY ((id)));\n`)
  expect(JSON.parse((await run('status', '--json')).stdout)).toEqual([{ id, state: 'pending', done: 0, of: 1 }])
  expect((await run('migrate')).stdout).toBe(`${id} 1/1  CREATE TABLE users (id uuid, name text, old int, PRIMARY KEY ((id)))\nApplied ${id}.\n`)
  expect((await run('migrate', '--json')).stdout).toBe('{"applied":[]}\n')
  expect((await run('status')).stdout).toMatch(new RegExp(`${id} +│ applied +│ 1/1 +│ 20\\d\\d-`))
  expect(await run('check')).toMatchObject({ code: 0, stdout: 'All is well.\n' })

  const second = declare('name: text(), email: text()')
  const more = JSON.parse((await run('generate', '--schema', second, '--name', 'email', '--json')).stdout) as object
  expect(more).toMatchObject({ up: ['ALTER TABLE users ADD email text'], left: ['column:users.old'], conflicts: [] })
  expect((await run('generate', '--schema', second, '--dry-run', '--allow-loss', 'column:users.old')).stdout).toContain('ALTER TABLE users DROP old;')
  expect((await run('migrate')).code).toBe(0)
  expect((await run('generate', '--schema', second)).stdout).toContain('The keyspace is as it is declared.')
  expect((await run('pull')).stdout).toBe("import { int, table, text, uuid } from 'cqlwire/orm'\n\nexport const users = table('users', {\n  id: uuid().partitionKey(),\n  email: text(),\n  name: text(),\n  old: int(),\n})\n")

  expect(await run('check', '--schema', second)).toMatchObject({ code: 1, stdout: expect.stringContaining('it would take ALTER TABLE users DROP old') as string })
  expect(await run('check', '--schema', declare('name: text(), email: text(), old: int()'))).toMatchObject({ code: 0, stdout: 'All is well.\n' })

  const conflict = await run('generate', '--schema', declare('name: int(), nothing: text()'))
  expect(conflict).toMatchObject({ code: 1 })
  expect(conflict.stdout).toContain('column users.name: it is text and should be int, but types of columns cannot be changed')

  expect((await run('down', '--count', '2')).stderr).toContain('This would destroy column:users.email, table:users: name each of them')
  expect((await run('down', '--count', '2', '--allow-loss', 'column:users.email,table:users')).stdout).toContain('Took back ')
  appendFileSync(join(folder, 'migrations', id, 'up.cql'), 'CREATE TABLE more (id int PRIMARY KEY);')
  expect((await run('migrate')).code).toBe(0)
  appendFileSync(join(folder, 'migrations', id, 'up.cql'), 'CREATE TABLE even_more (id int PRIMARY KEY);')
  expect(await run('check')).toMatchObject({ code: 1, stdout: expect.stringContaining('its statements have changed since') as string })
  expect(await run('migrate')).toMatchObject({ code: 1, stderr: expect.stringContaining('its statements have changed since') as string })
}, 60_000)

test('what is missing or wrong is said', async () => {
  for (const command of ['migrate', 'status', 'check', 'down', 'generate', 'pull']) {
    const { stdout } = await promisify(execFile)(process.execPath, [bin, command, '--help'])
    expect(stdout).toContain(`Usage: cqlwire ${command} --keyspace NAME`)
  }
  expect(await run('migrate', '--interrupted', 'maybe')).toMatchObject({ code: 1, stderr: expect.stringContaining('--interrupted must be done or again') as string })
  expect((await run('migrate', '--replication', 'dc1')).stderr).toContain('--replication is dc1:3,dc2:3 or a number')
  const made = await promisify(execFile)(process.execPath, [bin, 'migrate', '--contact-points', setting.contactPoints[0]!, '--keyspace', 'Fresh_one', '--dir', join(folder, 'nothing'), '--replication', 'datacenter1:1'])
  expect(made.stdout).toBe('Nothing was pending.\n')
  await setting.client.refreshSchema()
  expect(setting.client.cluster.keyspaces.get('Fresh_one')!.replication).toMatchObject({ datacenter1: '1' })
  writeFileSync(join(folder, 'empty.mjs'), 'export const nothing = 1\n')
  expect((await run('generate', '--schema', join(folder, 'empty.mjs'))).stderr).toContain('exports no tables')
  expect((await run('generate', '--schema', join(folder, 'nowhere.mjs'))).code).toBe(1)
  expect((await run('pull', '--tables', 'nothing')).stderr).toContain('There is no table nothing in app')
})
