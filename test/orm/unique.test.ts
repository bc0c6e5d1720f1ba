import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import type { Client } from '../../src/client/index.js'
import { blob, int, orm, table, text, timestamp, UniqueError } from '../../src/orm/index.js'
import { mortal } from '../support/mortal-client.js'
import { ormClient } from '../support/orm-server.js'

const users = table('users', { team: text().partitionKey(), id: int().clusteringKey(), email: text().unique(), phone: text().unique(), name: text() })
let setting: Awaited<ReturnType<typeof ormClient>>
const tie = (client: Client, graceMs?: number) => orm(client, { users }, { claims: { graceMs } })
let db: ReturnType<typeof tie>
beforeAll(async () => {
  setting = await ormClient()
  db = tie(setting.client)
  await db.createTables()
  await setting.client.execute('CREATE TABLE claims (scope text, value text, owner text, state text, nonce uuid, timestamp bigint, at timestamp, PRIMARY KEY ((scope, value)))')
})
afterAll(async () => setting.close())
beforeEach(async () => {
  await setting.client.execute('TRUNCATE users')
  await setting.client.execute('TRUNCATE claims')
})
const claims = async (): Promise<string[]> => (await setting.client.execute<{ scope: string; value: string; owner: string; state: string }>('SELECT * FROM claims')).rows.map(({ scope, value, owner, state }) => `${scope} ${value} ${owner} ${state}`).sort()
/** Makes all claims as old as if a minute had passed. */
const age = async (): Promise<void> => {
  for (const { scope, value } of (await setting.client.execute('SELECT scope, value FROM claims')).rows) await setting.client.execute('UPDATE claims SET at = ? WHERE scope = ? AND value = ?', [new Date(0), scope, value])
}

test('one row has a value; it is free again when that row has another, or is gone', async () => {
  await db.users.create({ team: 'a', id: 1, email: 'ada@x.org', phone: '1' })
  const error: unknown = await db.users.create({ team: 'a', id: 2, email: 'ada@x.org', phone: '2' }).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(UniqueError)
  expect(error).toMatchObject({ column: 'email', message: 'users.email: another row has this value already' })
  expect(String(error)).not.toContain('ada@x.org')
  await expect(db.users.create({ team: 'a', id: 2, email: 'grace@x.org', phone: '1' })).rejects.toMatchObject({ column: 'phone' })
  expect(await claims()).toEqual(['users.email ["ada@x.org"] ["a",1] held', 'users.phone ["1"] ["a",1] held'])
  await db.users.create({ team: 'a', id: 1, email: 'ada@x.org', name: 'again' })
  await db.users.update({ team: 'a', id: 1 }, { email: 'new@x.org' })
  await db.users.create({ team: 'a', id: 2, email: 'ada@x.org' })
  await expect(db.users.update({ team: 'a', id: 2 }, { email: 'new@x.org' })).rejects.toThrow(UniqueError)
  expect((await db.users.findOne({ team: 'a', id: 2 }))!.email).toBe('ada@x.org')
  const loaded = (await db.users.load({ team: 'a', id: 1 }))!
  loaded.email = null
  await db.users.save(loaded)
  await db.users.update({ team: 'a', id: 2 }, { email: 'new@x.org', name: 'x' })
  await db.users.delete({ team: 'a', id: 1 })
  await db.users.create({ team: 'b', id: 9, phone: '1' })
  expect(await claims()).toEqual(['users.email ["new@x.org"] ["a",2] held', 'users.phone ["1"] ["b",9] held'])
  await db.users.update({ team: 'a', id: 2 }, { name: 'no claims for this' })
  await expect(db.users.createIfNotExists({ team: 'c', id: 1, email: 'c@x.org' })).rejects.toThrow(/dated by its transaction/)
  expect(await claims()).toHaveLength(2)
})

test('the table of claims is made at the next write when it could not be at the first', async () => {
  let refusals = 1
  const flaky = new Proxy(setting.client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => (name === 'execute' && String(args[0]).startsWith('CREATE') && refusals-- > 0 ? Promise.reject(new Error('not now')) : (value as (...given: unknown[]) => unknown).apply(target, args))
    },
  })
  const { users: repository } = tie(flaky)
  await expect(repository.create({ team: 'f', id: 1, email: 'f@x.org' })).rejects.toThrow('not now')
  await repository.create({ team: 'f', id: 1, email: 'f@x.org' })
  expect(await claims()).toEqual(['users.email ["f@x.org"] ["f",1] held'])
})

test('who dies between any two requests leaves nothing that the reaper does not clear up', async () => {
  const random = new SeededRandom(1)
  let deaths = 0
  for (let at = 1; at <= 90; at++) {
    const when = at % 2 === 0 ? 'before it is sent' : 'before it is answered'
    const dying = tie(mortal(setting.client, 1 + (at % 9), when))
    const [key, other] = [{ team: 'd', id: random.between(1, 3) }, `${random.between(1, 3)}@x.org`]
    const work = random.pick([() => dying.users.create({ ...key, email: other }), () => dying.users.update(key, { email: other }), () => dying.users.delete(key)])
    await work().catch((error: unknown) => { if (!(error instanceof UniqueError)) deaths++ })
    await age()
    await db.users.reapClaims()
    const rows = (await db.users.find({ team: 'd' })).filter(({ email }) => email !== null)
    expect(new Set(rows.map(({ email }) => email)).size).toBe(rows.length)
    expect(await claims()).toEqual(rows.map(({ id, email }) => `users.email ["${email}"] ["d",${id}] held`).sort())
  }
  expect(deaths).toBeGreaterThan(20)
})

test('a write that comes after the reaper has been there has no effect', async () => {
  // The write is held back between claim and row, as a process that was stopped would.
  const slow = (resume: Promise<void>): Client => new Proxy(setting.client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => (name === 'execute' && /^(INSERT INTO users|UPDATE users)/.test(String(args[0])) ? resume.then(() => (value as (...given: unknown[]) => unknown).apply(target, args)) : (value as (...given: unknown[]) => unknown).apply(target, args))
    },
  })
  for (const before of [undefined, null, 'old@x.org']) {
    await setting.client.execute('TRUNCATE users')
    await setting.client.execute('TRUNCATE claims')
    if (before !== undefined) await db.users.create({ team: 'e', id: 1, name: 'x', email: before })
    let resume = (): void => {}
    const late = tie(slow(new Promise((resolve) => { resume = resolve }))).users.upsert({ team: 'e', id: 1, email: 'wanted@x.org' })
    const outcome = late.then(() => 'written', (error: unknown) => error)
    await expect.poll(async () => (await claims()).some((claim) => claim.endsWith('pending'))).toBe(true)
    await age()
    expect(await db.users.reapClaims()).toMatchObject({ released: 1 })
    await db.users.create({ team: 'e', id: 2, email: 'wanted@x.org' })
    resume()
    expect(await outcome).toMatchObject({ code: 'CQL_UNIQUE' })
    const rows = await db.users.find({ team: 'e' })
    expect(rows.filter(({ email }) => email === 'wanted@x.org').map(({ id }) => id)).toEqual([2])
    if (before !== undefined) expect(rows.find(({ id }) => id === 1)).toMatchObject({ email: before, name: 'x' })
  }
})

test('50 processes race for one value, killed at random: never two owners, no claim without a row after the reaper', async () => {
  if (!existsSync('dist/orm/index.js')) throw new Error('Run `npm run build` first')
  const random = new SeededRandom(7)
  const outcomes: string[] = []
  const one = (id: number): Promise<void> => new Promise((resolve) => {
    const child = spawn(process.execPath, ['test/support/unique-child.mjs', setting.contactPoints[0]!, String(id)], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => { said += String(chunk) })
    // Half of them are killed, some time after they began to write.
    child.stdout.once('data', () => { if (id % 2 === 0) setTimeout(() => child.kill('SIGKILL'), random.between(0, 40)) })
    child.on('close', () => { outcomes.push(said.replace('begin\n', '').trim()); resolve() })
  })
  for (let id = 0; id < 50; id += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => one(id + i)))
  const winners = (await db.users.find({ team: 'race' })).filter(({ email }) => email === 'one@x.org')
  expect(winners.length).toBeLessThanOrEqual(1)
  expect(outcomes.filter((outcome) => outcome === 'won').length).toBeLessThanOrEqual(winners.length)
  expect(outcomes.filter((outcome) => outcome === 'taken').length).toBeGreaterThan(5)
  await age()
  await db.users.reapClaims()
  expect(await claims()).toEqual(winners.map(({ id }) => `users.email ["one@x.org"] ["race",${id}] held`))
  if (winners.length === 0) await db.users.create({ team: 'race', id: 99, email: 'one@x.org' })
}, 60_000)

test('what cannot be unique', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ a: text().partitionKey(), b: text().unique(), v: int().version() }, /cannot be unique beside a version/], [{ a: text().partitionKey(), at: timestamp().clusteringKey(), b: text().unique().static() }, /'b' cannot be unique/],
    [{ a: blob().partitionKey(), b: text().unique() }, /'a' is bytes/],
  ]
  for (const [columns, message] of wrong) expect(() => table('t', columns as never)).toThrow(message)
})
