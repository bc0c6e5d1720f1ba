import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import type { Client } from '../../src/client/index.js'
import { blob, decimal, encrypted, int, json, KeyRing, lengthBetween, list, orm, placeholder, RowError, table, text, timestamp, ValidationError } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const [first, second, indexKey] = [randomBytes(32), randomBytes(32), randomBytes(32)] as [Uint8Array, Uint8Array, Uint8Array]
const old = new KeyRing({ keys: { '2025': first }, current: '2025', indexKey })
const both = new KeyRing({ keys: { '2025': first, '2026': second }, current: '2026', indexKey })

const patientsOf = (ring: KeyRing) => table('patients', {
  clinic: text().partitionKey(), at: timestamp().clusteringKey('desc'), id: decimal().clusteringKey('asc', 2), name: encrypted(text().check(lengthBetween(1, 20)), ring), notes: encrypted(json<{ text: string }>(), ring), counts: encrypted(list(int()), ring),
  director: encrypted(text(), ring).static(), nameIndex: blob(), plain: text(),
})
const tie = (client: Client, ring: KeyRing) => orm(client, { patients: patientsOf(ring) })
let setting: Awaited<ReturnType<typeof ormClient>>
let db: ReturnType<typeof tie>
beforeAll(async () => {
  setting = await ormClient()
  db = tie(setting.client, both)
  await db.createTables()
})
afterAll(async () => setting.close())
const at = new Date(5)
const raw = async (id: number): Promise<Record<string, Uint8Array>> => (await setting.client.execute('SELECT name, notes, counts, director FROM patients WHERE clinic = ? AND at = ? AND id = ?', ['c', at, id])).one() as Record<string, Uint8Array>
const put = (id: number, column: string, bytes: Uint8Array): Promise<unknown> => setting.client.execute(`UPDATE patients SET ${column} = ? WHERE clinic = ?${column === 'director' ? '' : ' AND at = ? AND id = ?'}`, column === 'director' ? [bytes, 'c'] : [bytes, 'c', at, id])

test('what is written is read, and is nowhere in the table', async () => {
  // Keys as people write them, and as they are read: the same row.
  await db.patients.create({ clinic: 'c', at: '1970-01-01T00:00:00.005Z', id: '1.0', name: 'Ada', notes: { text: 'well' }, counts: [1, 2], plain: 'p', nameIndex: both.blindIndex('patients.name', 'Ada') })
  expect(await db.patients.findOne({ clinic: 'c', at })).toMatchObject({ name: 'Ada', notes: { text: 'well' }, counts: [1, 2], director: null, plain: 'p' })
  for (const bytes of Object.values(await raw(1)).filter(Boolean)) expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/Ada|well/)
  await db.patients.update({ clinic: 'c', at: 5, id: 1 }, { name: 'Grace', notes: null })
  await db.update(patientsOf(both)).set({ director: 'Dr. Who' }).where({ clinic: 'c' })
  expect(await db.patients.find({ clinic: 'c' })).toMatchObject([{ name: 'Grace', notes: null, director: 'Dr. Who' }])
  const again = (await db.patients.load({ clinic: 'c', at, id: 1 }))!
  expect(await db.patients.save(again)).toEqual([])
  again.counts!.push(3)
  expect(await db.patients.save(again)).toEqual(['counts'])
  expect((await db.patients.findOne({ clinic: 'c' }))!.counts).toEqual([1, 2, 3])
  const [one, two] = [both.seal(Uint8Array.of(1), Uint8Array.of()), both.seal(Uint8Array.of(1), Uint8Array.of())]
  expect(one).not.toEqual(two)
})

test('a value that is moved, cut off or changed in any bit is an error, and never another value', async () => {
  await db.patients.create({ clinic: 'c', at, id: 2, name: 'Two', notes: { text: 'two' } })
  await db.patients.create({ clinic: 'c', at, id: 3, name: 'Three', notes: { text: 'three' } })
  const [two, three] = [await raw(2), await raw(3)]
  const broken = async (id: number, column: string, bytes: Uint8Array): Promise<void> => {
    await put(id, column, bytes)
    await expect(db.patients.findOne({ clinic: 'c', at, id })).rejects.toThrow(RowError)
    await expect(db.patients.findOne({ clinic: 'c', at, id })).rejects.toThrow(new RegExp(`patients.${column} cannot be read`))
  }
  await broken(2, 'name', three['name']!)
  await broken(2, 'name', two['notes']!)
  await put(2, 'name', two['name']!)
  await broken(2, 'notes', two['name']!)
  await put(2, 'notes', two['notes']!)
  expect(await db.patients.findOne({ clinic: 'c', at, id: 2 })).toMatchObject({ name: 'Two', notes: { text: 'two' } })
  for (let bit = 0; bit < two['name']!.length * 8; bit++) {
    const turned = Uint8Array.from(two['name']!)
    turned[bit >> 3]! ^= 1 << (bit & 7)
    await broken(2, 'name', turned)
  }
  for (let length = 0; length < two['name']!.length; length++) await broken(2, 'name', two['name']!.subarray(0, length))
  await put(2, 'name', two['name']!)
})

test('rotation: writers with the old and the new key at once, readers with both', async () => {
  const before = tie(setting.client, old)
  const random = new SeededRandom(1)
  const names = new Map<number, string>()
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 40; i++) {
      const id = writer * 100 + random.between(0, 9)
      const name = `${writer} ${i}`
      names.set(id, name)
      await (i % 2 === writer % 2 ? before : db).patients.create({ clinic: 'r', at, id, name })
      expect((await db.patients.findOne({ clinic: 'r', at, id }))!.name).toBe(name)
    }
  }))
  const rows = await db.patients.find({ clinic: 'r' })
  expect(new Map(rows.map(({ id, name }) => [id.toNumber(), name]))).toEqual(new Map([...names].sort(([a], [b]) => a - b)))
  await expect(before.patients.find({ clinic: 'r' })).rejects.toThrow(/its key '2026' is not in the ring/)
})

test('what cannot be: filters, placeholders, keys that are not read, IN, indexes, keys', async () => {
  const patients = patientsOf(both)
  const refused: readonly [() => unknown, RegExp][] = [
    [() => db.select(patients).allowFiltering().whereDynamic({ name: 'Ada' as never }), /patients.name is encrypted: nothing can be asked of it/],
    [() => db.update(patients).set({ name: placeholder('name') as never }).where({ clinic: 'c', at, id: 1 }).toCQL(), /its value cannot be a placeholder/],
    [() => db.update(patients).set({ name: 'x' }).where({ clinic: 'c', at, id: [1, 2] }).toCQL(), /'id' must be one value/],
    [() => db.select(patients).columns('name').where({ clinic: 'c' }).compile(), /'clinic' must be among the columns that are read/],
    [() => table('t', { a: encrypted(text(), both).partitionKey() }), /it cannot be encrypted/], [() => table('t', { a: text().partitionKey(), b: encrypted(text(), both).indexed() }), /an index of it finds nothing/],
    [() => new KeyRing({ keys: { a: new Uint8Array(16) }, current: 'a' }), /32 random bytes/], [() => new KeyRing({ keys: { a: first }, current: 'b' }), /There is no key 'b': there are a/],
    [() => new KeyRing({ keys: { a: first }, current: 'a' }).blindIndex('a', 'b'), /indexKey/],
  ]
  for (const [build, message] of refused) expect(build).toThrow(message)
  await expect(db.patients.find({ clinic: 'c' }, { columns: ['name'] })).rejects.toThrow(/must be among the columns that are read/)
  await expect(db.patients.create({ clinic: 'c', at, id: 9, name: '' })).rejects.toThrow(ValidationError)
})

test('a blind index finds equal values; keys are shown to nobody', async () => {
  expect(both.blindIndex('patients.name', 'Ada')).toEqual(old.blindIndex('patients.name', 'Ada'))
  expect(both.blindIndex('patients.name', 'Ada')).not.toEqual(both.blindIndex('patients.email', 'Ada'))
  expect((await db.patients.find({ clinic: 'c', nameIndex: both.blindIndex('patients.name', 'Ada') }, { allowFiltering: true })).map(({ plain }) => plain)).toEqual(['p'])
  const shown = inspect(both, { depth: 9, showHidden: true }) + JSON.stringify(both)
  for (const key of [first, second, indexKey]) for (const form of ['hex', 'base64', 'latin1'] as const) expect(shown).not.toContain(Buffer.from(key).toString(form))
})
