import { afterEach, beforeEach, expect, test } from 'vitest'
import { Outbox } from '../../src/coordination/index.js'
import type { OutboxEvent, OutboxOptions } from '../../src/coordination/index.js'
import { int, orm, table, text } from '../../src/orm/index.js'
import { mortal } from '../support/mortal-client.js'
import { ormClient } from '../support/orm-server.js'

let setting: Awaited<ReturnType<typeof ormClient>>
beforeEach(async () => { setting = await ormClient() })
afterEach(async () => setting.close())
const make = async (options: OutboxOptions = {}): Promise<Outbox> => {
  const outbox = new Outbox(setting.client, { shards: 2, delayMs: 0, ...options })
  await outbox.create()
  return outbox
}

test('events are delivered once, in their order, with the rows that they are about', async () => {
  const outbox = await make()
  const orders = table('orders', { id: int().partitionKey(), state: text() })
  const db = orm(setting.client, { orders })
  await db.createTables()
  for (let id = 1; id <= 20; id++) await db.batch([db.insert(orders).values({ id, state: 'new' }), outbox.add('placed', String(id), 'one customer')])
  const seen: OutboxEvent[] = []
  await expect.poll(() => outbox.deliver((event) => { seen.push(event) }).then(() => seen.length)).toBe(20)
  expect(seen.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  expect(new Set(seen.map(({ id }) => id)).size).toBe(20)
  expect(await outbox.deliver(() => { throw new Error('nothing is left') })).toBe(0)
  await setting.client.batch([outbox.add('placed', '21')])
  await expect.poll(() => outbox.deliver((event) => { seen.push(event) }).then(() => seen.length)).toBe(21)
})

test('an event whose receiver fails stays, and so do those after it in its shard', async () => {
  const outbox = await make({ shards: 1 })
  for (let id = 1; id <= 5; id++) await setting.client.batch([outbox.add('x', String(id))])
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  const seen: string[] = []
  await expect(outbox.deliver(({ payload }) => {
    if (payload === '3') throw new Error('not now')
    seen.push(payload)
  })).rejects.toThrow('not now')
  expect(seen).toEqual(['1', '2'])
  expect(await outbox.deliver(({ payload }) => { seen.push(payload) })).toBe(3)
  expect(seen).toEqual(['1', '2', '3', '4', '5'])
})

test('young events are left alone; older ones that were written late are found', async () => {
  const outbox = await make({ shards: 1, delayMs: 60_000 })
  await setting.client.batch([outbox.add('x', 'young')])
  expect(await outbox.deliver(() => {})).toBe(0)
  const { query } = outbox.add('x', '')
  const { timeuuid } = await import('../../src/client/index.js')
  const late = new Date(Date.now() - 30 * 60_000)
  await setting.client.execute(query, [0, new Date(Math.floor(late.getTime() / 600_000) * 600_000), timeuuid.fromDate(late), 'x', 'late'])
  const seen: string[] = []
  await outbox.deliver(({ payload }) => { seen.push(payload) })
  expect(seen).toEqual(['late'])
})

test('a deliverer that dies at any request loses no event', async () => {
  await make({ shards: 1 })
  const seen = new Set<string>()
  for (let at = 1; at <= 14; at++) {
    const outbox = new Outbox(setting.client, { shards: 1, delayMs: 0 })
    await setting.client.batch([outbox.add('x', `a${at}`), outbox.add('x', `b${at}`)])
    await new Promise((resolve) => { setTimeout(resolve, 5) })
    await new Outbox(mortal(setting.client, at, at % 2 === 0 ? 'before it is sent' : 'before it is answered'), { shards: 1, delayMs: 0 }).deliver(({ payload }) => { seen.add(payload) }).catch(() => {})
    await setting.client.execute('UPDATE leases SET holder = null WHERE name = ? IF EXISTS', ['outbox:app.outbox:0']).catch(() => {})
    await outbox.deliver(({ payload }) => { seen.add(payload) })
    expect([seen.has(`a${at}`), seen.has(`b${at}`)]).toEqual([true, true])
  }
  expect((await setting.client.execute('SELECT * FROM outbox')).rows).toEqual([])
})

test('two deliverers at once: no event is delivered twice while both live', async () => {
  const outbox = await make({ shards: 4 })
  await Promise.all(Array.from({ length: 100 }, (_, i) => setting.client.batch([outbox.add('x', String(i))])))
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  const seen: string[] = []
  const others = [outbox, new Outbox(setting.client, { shards: 4, delayMs: 0 }), new Outbox(setting.client, { shards: 4, delayMs: 0 })]
  await expect.poll(async () => {
    await Promise.all(others.map((each) => each.deliver(async ({ payload }) => { seen.push(payload) })))
    return seen.length
  }).toBe(100)
  expect(new Set(seen).size).toBe(100)
})
