import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CodecError, Decimal } from '../../src/client/index.js'
import { compressedText, json, list, Money, money, orm, RowError, table, text, ValidationError } from '../../src/orm/index.js'
import type { StandardSchema } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const settings: StandardSchema<{ theme: string }> = { '~standard': { version: 1, vendor: 'test', validate: (value) => (typeof (value as { theme?: unknown }).theme === 'string' ? { value } : { issues: [{ message: 'must be a text', path: ['theme'] }] }) } }
const things = table('things', {
  id: text().partitionKey(), price: money(), euros: money('EUR'), costs: list(money('EUR')), settings: json(settings), any: json<unknown>(), story: compressedText({ maxBytes: 10_000 }), secret: json<{ a: string }>().mapped<string>({ encode: (a) => ({ a }), decode: ({ a }) => a }),
})
let setting: Awaited<ReturnType<typeof ormClient>>
const tie = () => orm(setting.client, { things })
beforeAll(async () => {
  setting = await ormClient()
  await tie().createTables()
})
afterAll(async () => setting.close())

test('money is exact, knows its currency, and is shared without loss', async () => {
  const db = tie()
  await db.things.create({ id: 'm', price: new Money('0.10', 'USD').add(new Money('0.20', 'USD')), euros: new Money('1.99', 'EUR').multiply(3), costs: [new Money('1', 'EUR'), new Money('2.50', 'EUR')] })
  const row = (await db.things.findOne({ id: 'm' }))!
  expect([String(row.price), String(row.euros), row.costs.map(String)]).toEqual(['0.30 USD', '5.97 EUR', ['1 EUR', '2.50 EUR']])
  expect(JSON.stringify(row.price)).toBe('{"amount":"0.30","currency":"USD"}')
  expect(() => row.price!.add(row.euros!)).toThrow(/USD and EUR are different currencies/)
  expect(() => row.price!.compare(row.euros!)).toThrow(CodecError)
  expect(row.price!.equals(new Money('0.3', 'USD'))).toBe(true)
  expect(row.price!.subtract(new Money(1, 'USD')).toString()).toBe('-0.70 USD')
  await expect(db.things.create({ id: 'm', euros: new Money(1, 'USD') })).rejects.toThrow(/things.euros: EUR and USD are different/)
  await expect(db.things.create({ id: 'm', price: 5 as never })).rejects.toThrow(/things.price: Expected Money, got number/)
  expect(() => new Money(1, 'euro')).toThrow(/a code of three letters/)
  expect(new Money('100', 'EUR').allocate([1, 1, 1]).map(String)).toEqual(['33.34 EUR', '33.33 EUR', '33.33 EUR'])
  fc.assert(fc.property(fc.integer(), fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 }).filter((parts) => parts.some((part) => part > 0)), (cents, parts) => {
    const whole = new Money(new Decimal(BigInt(cents), 2), 'EUR')
    const shares = whole.allocate(parts)
    expect(shares.reduce((sum, share) => sum.add(share)).equals(whole)).toBe(true)
    parts.forEach((part, i) => { if (part === 0) expect(shares[i]!.amount.equals(0)).toBe(true) })
  }))
  expect(() => new Money(1, 'EUR').allocate([0, 0])).toThrow(/not all of them 0/)
  expect(() => new Money('0.001', 'EUR').allocate([1], 2)).toThrow(/more than 2 digits/)
})

test('JSON is validated when it is written, and an error when it is none', async () => {
  const db = tie()
  await db.things.create({ id: 'j', settings: { theme: 'dark' }, any: [1, { two: null }], secret: 'x' })
  expect(await db.things.findOne({ id: 'j' }, { columns: ['settings', 'any', 'secret'] })).toEqual({ settings: { theme: 'dark' }, any: [1, { two: null }], secret: 'x' })
  const error = (await db.things.create({ id: 'j', settings: { theme: 5 } as never }).catch((failure: unknown) => failure)) as ValidationError
  expect(error).toBeInstanceOf(ValidationError)
  expect(error.issues).toEqual([{ path: ['settings', 'theme'], message: 'must be a text' }])
  await expect(db.things.create({ id: 'j', any: () => {} })).rejects.toThrow(/things.any: function has no JSON/)
  await setting.client.execute('UPDATE things SET settings = ? WHERE id = ?', ['{broken', 'j'])
  await expect(db.things.findOne({ id: 'j' })).rejects.toThrow(RowError)
  await expect(db.things.findOne({ id: 'j' })).rejects.toThrow(/things.settings cannot be read: /)
})

test('compressed text: what it was, whatever it looks like; bounded; never what it was not', async () => {
  const db = tie()
  const story = 'a long story, '.repeat(500)
  await db.things.create({ id: 'c', story })
  expect((await db.things.findOne({ id: 'c' }))!.story).toBe(story)
  const bytes = (await setting.client.execute('SELECT story FROM things WHERE id = ?', ['c'])).one()['story'] as Uint8Array
  expect(bytes.length).toBeLessThan(story.length / 20)
  // Texts that begin with what a compressed one begins with, and any other.
  await fc.assert(fc.asyncProperty(fc.oneof(fc.constantFrom('', '\u0000', '\u0001', '\u0001\u0000\u0000\u0000\u0005hello', 'ZLIB:'), fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ maxLength: 20 }).map((part) => part.repeat(40))), async (given) => {
    await db.things.create({ id: 'p', story: given })
    expect((await db.things.findOne({ id: 'p' }))!.story).toBe(given)
  }), { numRuns: 60 })
  await expect(db.things.create({ id: 'c', story: 'x'.repeat(10_001) })).rejects.toThrow(/things.story: a text of 10001 bytes is more than 'maxBytes' \(10000\)/)
  const put = (value: Uint8Array): Promise<unknown> => setting.client.execute('UPDATE things SET story = ? WHERE id = ?', [value, 'c'])
  // A bomb says that it is long, or is longer than it says; bits are turned.
  const bomb = new Uint8Array(bytes)
  new DataView(bomb.buffer).setUint32(1, 0xffff_fff0)
  for (const broken of [bomb, Uint8Array.of(), Uint8Array.of(9, 1, 2), Uint8Array.of(1, 0), Uint8Array.of(0, 0xff, 0xfe), bytes.subarray(0, 20), Uint8Array.of(...bytes.subarray(0, 4), bytes[4]! + 1, ...bytes.subarray(5))]) {
    await put(broken)
    await expect(db.things.findOne({ id: 'c' })).rejects.toThrow(/things.story cannot be read: /)
  }
  const before = process.memoryUsage().rss
  for (let i = 0; i < 200; i++) {
    await put(bomb)
    await db.things.findOne({ id: 'c' }).catch(() => {})
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
})
