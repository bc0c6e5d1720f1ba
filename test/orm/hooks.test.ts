import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, isCqlError } from '../../src/client/index.js'
import { hasMany, HookCancelledError, int, lengthBetween, orm, StaleRowError, table, text, timestamp, ValidationError } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const notes = table('notes', { owner: text().partitionKey(), id: int().clusteringKey(), body: text().check(lengthBetween(1, 20)), by: text() })
const letters = table('letters', { to: text().partitionKey(), id: int().clusteringKey(), body: text(), goneAt: timestamp().deletedAt() })
const pages = table('pages', { id: int().partitionKey(), body: text(), version: int().version() })

let setting: Awaited<ReturnType<typeof ormClient>>
const tie = (client: Client) => orm(client, { notes, pages, letters }, { relations: { notes: { letters: hasMany('letters', { to: 'owner' }) } } })
beforeAll(async () => {
  setting = await ormClient()
  await tie(setting.client).createTables()
})
afterAll(async () => setting.close())

test('hooks are called in their order, may change what is written and found, and share state', async () => {
  const db = tie(setting.client)
  const calls: string[] = []
  for (const name of ['afterSave', 'afterCreate', 'beforeCreate', 'afterUpdate', 'beforeUpdate', 'beforeSave', 'afterValidate', 'beforeValidate'] as const) {
    db.notes.hook(name, ({ operation, state }) => {
      calls.push(name)
      state.set(name, operation)
      if (name === 'afterSave') calls.push(String(state.size))
    })
  }
  db.notes.hook('beforeValidate', ({ values }) => { calls.push('first'); if (typeof values.body === 'string') values.body = values.body.trim() }, { priority: 5 })
  db.notes.hook('beforeCreate', async ({ values }) => { values.by = 'a hook' })
  const created = await db.notes.create({ owner: 'a', id: 1, body: ' hello ' })
  expect(created).toEqual({ owner: 'a', id: 1, body: 'hello', by: 'a hook' })
  expect(calls).toEqual(['first', 'beforeValidate', 'afterValidate', 'beforeSave', 'beforeCreate', 'afterCreate', 'afterSave', '6'])
  calls.length = 0
  await db.notes.update({ owner: 'a', id: 1 }, { body: 'other' })
  expect(calls).toEqual(['first', 'beforeValidate', 'afterValidate', 'beforeSave', 'beforeUpdate', 'afterUpdate', 'afterSave', '6'])
  const stop = db.notes.hook('afterFind', ({ rows }) => { for (const row of rows) row.body = `<${row.body}>` })
  db.notes.hook('beforeFind', (context) => { context.filter = { ...context.filter, id: 1 } })
  await db.notes.create({ owner: 'a', id: 2 })
  expect(await db.notes.find({ owner: 'a' })).toEqual([{ owner: 'a', id: 1, body: '<other>', by: 'a hook' }])
  expect(await db.notes.findOne({ owner: 'a' })).toMatchObject({ body: '<other>' })
  stop()
  expect(await db.notes.findOne({ owner: 'a' })).toMatchObject({ body: 'other' })
})

test('a hook before cancels, or throws, and nothing is sent; what one after throws is thrown', async () => {
  const db = tie(setting.client)
  db.notes.hook('beforeSave', ({ values, cancel }) => { if (values.body === 'no') cancel('it says no') })
  db.notes.hook('beforeDestroy', ({ key, cancel }) => { if (key.id === 7) cancel('it stays') })
  db.notes.hook('afterCreate', ({ values }) => { if (values.body === 'late') throw new Error('too late') })
  const error: unknown = await db.notes.create({ owner: 'b', id: 1, body: 'no' }).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(HookCancelledError)
  expect(isCqlError(error)).toBe(true)
  expect(error).toMatchObject({ hook: 'beforeSave', message: 'notes: beforeSave has cancelled: it says no', outcome: 'permanent' })
  await expect(db.notes.create({ owner: 'b', id: 2, body: 'late' })).rejects.toThrow('too late')
  expect((await db.notes.find({ owner: 'b' })).map(({ id }) => id)).toEqual([2])
  await db.notes.create({ owner: 'b', id: 7 })
  await expect(db.notes.delete({ owner: 'b', id: 7 })).rejects.toThrow(/it stays/)
  await db.notes.delete({ owner: 'b', id: 2 })
  expect((await db.notes.find({ owner: 'b' })).map(({ id }) => id)).toEqual([7])
})

test('hooks are added and removed while calls are under way; validation comes after beforeValidate', async () => {
  const db = tie(setting.client)
  let stop = (): void => {}
  let calls = 0
  stop = db.notes.hook('beforeSave', () => { calls++; stop(); db.notes.hook('beforeSave', () => { calls += 10 }) })
  await db.notes.create({ owner: 'c', id: 1 })
  expect(calls).toBe(1)
  await db.notes.create({ owner: 'c', id: 2 })
  expect(calls).toBe(11)
  db.notes.hook('beforeValidate', ({ values }) => { values.body = 'x'.repeat(30) })
  await expect(db.notes.create({ owner: 'c', id: 3 })).rejects.toThrow(ValidationError)
})

test('a hook that saves its own row is told so', async () => {
  const db = tie(setting.client)
  await db.notes.create({ owner: 'd', id: 1, body: 'x' })
  const note = (await db.notes.load({ owner: 'd', id: 1 }))!
  const stop = db.notes.hook('afterSave', async () => { await db.notes.save({ ...note }).catch(() => {}); note.by = 'again'; await db.notes.save(note) })
  note.body = 'y'
  await expect(db.notes.save(note)).rejects.toThrow(/is being saved: a hook that saves its own row would call itself/)
  stop()
  expect(await db.notes.save(note)).toEqual(['body', 'by'])
})

test('conditional writes: hooks after them are called when they were applied', async () => {
  const db = tie(setting.client)
  const after: string[] = []
  db.notes.hook('afterSave', ({ operation }) => { after.push(operation) })
  const events: unknown[] = []
  db.on('created', (event) => events.push(event))
  db.on('created', () => { throw new Error('of one listener: nobody else hears of it') })
  db.on('updated', (event) => events.push(event))
  db.on('deleted', (event) => events.push(event))
  const quiet = console.error
  console.error = () => {}
  await db.notes.createIfNotExists({ owner: 'e', id: 1 })
  await db.notes.createIfNotExists({ owner: 'e', id: 1 })
  await db.notes.updateIf({ owner: 'e', id: 1 }, { body: 'x' }, { body: 'y' })
  await db.notes.updateIf({ owner: 'e', id: 1 }, { body: 'x' }, { body: null })
  await db.notes.delete({ owner: 'e', id: 1 })
  console.error = quiet
  expect(after).toEqual(['create', 'update'])
  expect(events).toEqual([
    { table: 'notes', key: undefined, values: { owner: 'e', id: 1 } }, { table: 'notes', key: { owner: 'e', id: 1 }, values: { body: 'x' } }, { table: 'notes', key: { owner: 'e', id: 1 } },
  ])
})

test('connecting and closing have hooks, too', async () => {
  const db = tie(new Client({ contactPoints: setting.contactPoints, keyspace: 'app' }))
  const calls: string[] = []
  for (const name of ['beforeConnect', 'afterConnect', 'beforeDisconnect', 'afterDisconnect'] as const) db.hook(name, ({ client }) => { calls.push(`${name} ${client.stats().nodes.size > 0 ? 'connected' : ''}`.trim()) })
  await db.connect()
  await db.close()
  expect(calls.slice(0, 3)).toEqual(['beforeConnect', 'afterConnect connected', 'beforeDisconnect connected'])
  expect(calls).toHaveLength(4)
})

test('versions: of two that read the same row, one writes', async () => {
  const db = tie(setting.client)
  await db.pages.create({ id: 1, body: 'a' })
  const [mine, yours] = [(await db.pages.load({ id: 1 }))!, (await db.pages.load({ id: 1 }))!]
  expect(mine.version).toBe(1)
  mine.body = 'mine'
  expect(await db.pages.save(mine)).toEqual(['body'])
  expect(mine.version).toBe(2)
  yours.body = 'yours'
  const error: unknown = await db.pages.save(yours).catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(StaleRowError)
  expect(error).toMatchObject({ row: { version: 2 } })
  expect(await db.pages.findOne({ id: 1 })).toEqual({ id: 1, body: 'mine', version: 2 })
  mine.body = 'again'
  await db.pages.save(mine)
  await db.pages.update({ id: 1 }, { body: 'direct', version: 3 })
  await expect(db.pages.update({ id: 1 }, { body: 'direct', version: 3 })).rejects.toThrow(StaleRowError)
  await expect(db.pages.update({ id: 1 }, { body: 'direct' })).rejects.toThrow(/names the version of the row/)
  await expect(db.pages.update({ id: 99 }, { body: 'direct', version: 1 })).rejects.toThrow(/is there no more/)
  expect((await db.pages.updateIf({ id: 1 }, { body: 'x', version: 4 }, { body: 'other' })).status).toBe('rejected')
  expect(() => table('t', { a: text().partitionKey(), v: int().version(), w: int().version() })).toThrow(/cannot be a version/)
  expect(() => text().version()).toThrow(/A version is an int/)
  // Many at once: each version is written once.
  await db.pages.create({ id: 2, body: '' })
  const wins = await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    const page = (await db.pages.load({ id: 2 }))!
    page.body = String(i)
    return db.pages.save(page).then(() => 1, (failure: unknown) => { if (failure instanceof StaleRowError) return 0; throw failure })
  }))
  expect((await db.pages.findOne({ id: 2 }))!.version).toBe(1 + wins.reduce<number>((sum, each) => sum + each, 0))
})

test('rows that are only said to be deleted', async () => {
  const db = tie(setting.client)
  for (let id = 0; id < 30; id++) await db.letters.create({ to: 'ada', id, body: String(id) })
  for (let id = 0; id < 30; id += 2) await db.letters.delete({ to: 'ada', id })
  await db.letters.delete({ to: 'ada', id: 99 })
  expect((await db.letters.find({ to: 'ada' })).map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, i) => i * 2 + 1))
  expect((await db.letters.find({ to: 'ada' }, { limit: 5, columns: ['body'], pageSize: 2 }))).toEqual(['1', '3', '5', '7', '9'].map((body) => ({ body })))
  expect(await db.letters.find({ to: 'ada' }, { withDeleted: true })).toHaveLength(30)
  expect([await db.letters.findOne({ to: 'ada', id: 0 }), await db.letters.load({ to: 'ada', id: 0 })]).toEqual([undefined, undefined])
  expect((await db.letters.findMany([{ to: 'ada', id: 0 }, { to: 'ada', id: 1 }])).map((row) => row?.id)).toEqual([undefined, 1])
  expect([await db.letters.count({ to: 'ada' }), await db.notes.count({ owner: 'nobody' })]).toEqual([15, 0])
  await db.letters.restore({ to: 'ada', id: 0 })
  expect((await db.letters.findOne({ to: 'ada' }))!.id).toBe(0)
  await db.notes.create({ owner: 'ada', id: 1 })
  expect((await db.notes.findOne({ owner: 'ada' }, { with: { letters: { limit: 3, columns: ['id'] } } }))!.letters).toEqual([{ id: 0 }, { id: 1 }, { id: 3 }])
  await expect(db.letters.find({ to: 'ada' }, { perPartitionLimit: 1 })).rejects.toThrow(/rows that are deleted are left out here/)
  await expect(db.notes.restore({ owner: 'ada', id: 1 })).rejects.toThrow(/has no .deletedAt\(\) column/)
  expect(() => text().deletedAt()).toThrow(/is a timestamp/)
})
