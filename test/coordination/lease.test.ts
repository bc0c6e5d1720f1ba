import { afterAll, beforeAll, expect, test } from 'vitest'
import { acquireLease } from '../../src/coordination/index.js'
import { ormClient } from '../support/orm-server.js'

let setting: Awaited<ReturnType<typeof ormClient>>
beforeAll(async () => { setting = await ormClient() })
afterAll(async () => setting.close())
const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

test('one holder at a time; the fence rises with each', async () => {
  const first = (await acquireLease(setting.client, 'a'))!
  expect(first.fence).toBe(1n)
  expect(await acquireLease(setting.client, 'a')).toBeUndefined()
  expect(await acquireLease(setting.client, 'another')).toBeDefined()
  await first.release()
  await first.release()
  const second = (await acquireLease(setting.client, 'a', { holder: 'me' }))!
  expect(second.fence).toBe(2n)
  expect((await setting.client.execute('SELECT holder FROM leases WHERE name = ?', ['a'])).one()['holder']).toMatch(/^me [0-9a-f-]{36}$/)
  await second.release()
})

test('a holder keeps it by renewing; one that died loses it to whoever waits', async () => {
  const held = (await acquireLease(setting.client, 'b', { ttlMs: 1000 }))!
  await sleep(2500)
  expect(held.signal.aborted).toBe(false)
  expect(await acquireLease(setting.client, 'b', { ttlMs: 1000 })).toBeUndefined()
  await held.release()
  // The one that dies: its renewals are refused since its mark is gone, and it hears of that.
  const dying = (await acquireLease(setting.client, 'b', { ttlMs: 1000 }))!
  await setting.client.execute('UPDATE leases SET holder = null WHERE name = ? IF EXISTS', ['b'])
  const next = (await acquireLease(setting.client, 'b', { waitMs: 5000 }))!
  expect(next.fence).toBe(dying.fence + 1n)
  await expect.poll(() => dying.signal.aborted, { timeout: 3000 }).toBe(true)
  await dying.release()
  expect((await setting.client.execute('SELECT holder FROM leases WHERE name = ?', ['b'])).one()['holder']).not.toBeNull()
  await next.release()
})

test('of many that ask at once one gets it, and each gets it in the end', async () => {
  let inside = 0
  const fences: bigint[] = []
  await Promise.all(Array.from({ length: 6 }, async () => {
    await using lease = (await acquireLease(setting.client, 'c', { waitMs: 20_000 }))!
    expect(++inside).toBe(1)
    fences.push(lease.fence)
    await sleep(20)
    inside--
  }))
  expect(fences).toEqual(fences.toSorted((a, b) => Number(a - b)))
  expect(new Set(fences).size).toBe(6)
})

test('what cannot be is refused; waiting can be given up', async () => {
  await expect(acquireLease(setting.client, '')).rejects.toThrow(/a name that is not empty/)
  await expect(acquireLease(setting.client, 'd', { ttlMs: 10 })).rejects.toThrow(/at least 1000/)
  await using held = await acquireLease(setting.client, 'd')
  expect(held).toBeDefined()
  const controller = new AbortController()
  setTimeout(() => controller.abort('why'), 50)
  await expect(acquireLease(setting.client, 'd', { waitMs: 10_000, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError', cause: 'why' })
})
