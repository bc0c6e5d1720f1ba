import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { loadSchema, Money, money, udt, int, UniqueError, ValidationError } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'
const other = '7ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'

let setting: Awaited<ReturnType<typeof ormClient>>
beforeAll(async () => {
  setting = await ormClient()
})
afterAll(async () => setting.close())

const size = udt('size', { w: int(), h: int() })
const load = () => loadSchema(setting.client, {
  users: {
    fields: {
      id: 'uuid', email: { type: 'text', unique: true, validate: { required: true, isEmail: true } }, name: { type: 'text', validate: { minLength: 2, maxLength: 20 } }, age: { type: 'int', validate: { min: 0, max: 150 } },
      plan: { type: 'text', default: 'free', validate: { isIn: ['free', 'paid'] } }, code: { type: 'text', validate: { pattern: /^[A-Z]+$/ } }, odd: { type: 'int', validate: { custom: (value: number) => (value % 2 === 1 ? undefined : 'must be odd') } },
      settings: 'map<text, text>', tags: 'set<text>', counts: 'map<text, frozen<list<int>>>', changed: { type: 'timestamp', onUpdate: () => new Date(7) }, limit: { type: 'price' },
    },
    key: ['id'], relations: { posts: { type: 'hasMany', model: 'posts', foreignKey: 'author' } },
  },
  posts: {
    fields: { author: 'uuid', at: 'timestamp', n: 'int', title: 'text', topic: { type: 'text', static: true }, size: size().frozen() }, key: [['author'], 'at', 'n'], order: { at: 'desc' },
    relations: { writer: { type: 'belongsTo', model: 'users', foreignKey: 'author' } },
  },
  hits: { fields: { page: 'text', day: 'date', n: 'counter' }, key: [['page', 'day']] },
}, { types: { price: () => money('EUR') } })

test('models are tables: created, typed, validated, unique, related', async () => {
  const db = await load()
  await db.users.create({ id, email: 'ada@example.org', name: 'Ada', settings: new Map([['a', 'b']]), limit: new Money('12.50', 'EUR'), counts: new Map([['x', [1, 2]]]) })
  await db.posts.create({ author: id, at: new Date(1), n: 1, title: 'one', size: { w: 1, h: 2 } })
  await db.posts.create({ author: id, at: new Date(2), n: 1, title: 'two', topic: 'all' })
  await db.hits.update({ page: 'p', day: '2026-01-02' }, { n: { $increment: 2 } })
  expect(await db.select(db.hits.table).where({ page: 'p', day: '2026-01-02' }).one()).toMatchObject({ n: 2n })
  const [user] = await db.users.find({ id }, { with: { posts: { limit: 1 } } })
  expect(user).toMatchObject({ email: 'ada@example.org', plan: 'free', changed: new Date(7), posts: [{ title: 'two', topic: 'all' }], limit: new Money('12.50', 'EUR'), counts: new Map([['x', [1, 2]]]) })
  expectTypeOf(user!.email).toEqualTypeOf<string>()
  expectTypeOf(user!.name).toEqualTypeOf<string | null>()
  expectTypeOf(user!.counts).toEqualTypeOf<Map<string, number[]>>()
  expectTypeOf(user!.limit).toEqualTypeOf<Money | null>()
  expectTypeOf(user!.posts[0]!.at).toEqualTypeOf<Date>()
  const [post] = await db.posts.find({ author: id, at: { $gt: new Date(1) } }, { with: { writer: true } })
  expect(post).toMatchObject({ title: 'two', size: null, writer: { name: 'Ada' } })
  await expect(db.users.create({ id: other, email: 'ada@example.org' })).rejects.toThrow(UniqueError)
  for (const wrong of [{ email: 'nobody' }, { name: 'A' }, { age: 151 }, { plan: 'none' }, { code: 'abc' }, { odd: 2 }]) await expect(db.users.create({ id: other, email: 'x@example.org', ...wrong }), JSON.stringify(wrong)).rejects.toThrow(ValidationError)
})

test('what does not compile', () => {
  const never = async (): Promise<void> => {
    // @ts-expect-error an unknown type
    await loadSchema(setting.client, { t: { fields: { id: 'uuidd' }, key: ['id'] } })
    // @ts-expect-error an unknown type inside
    await loadSchema(setting.client, { t: { fields: { id: 'uuid', l: 'list<number>' }, key: ['id'] } })
    // @ts-expect-error an unknown kind of relation
    await loadSchema(setting.client, { t: { fields: { id: 'uuid' }, key: ['id'], relations: { a: { type: 'hasSome', model: 't', foreignKey: 'id' } } } })
    const db = await load()
    // @ts-expect-error not the whole key
    await db.users.find({ name: 'x' })
    // @ts-expect-error a value of the wrong type
    await db.users.find({ id: 1 })
    // @ts-expect-error a required field is missing
    await db.users.create({ id })
    // @ts-expect-error a gap in the key
    await db.posts.find({ author: id, n: 1 })
    // @ts-expect-error no such relation
    await db.users.find({ id }, { with: { friends: true } })
    // @ts-expect-error counters are not inserted
    await db.hits.create({ page: 'x', day: '2026-01-01', n: 1n })
  }
  expect(never).toBeTypeOf('function')
})

test('faults are named', async () => {
  const { client } = setting
  const wrong = (model: unknown): Promise<unknown> => loadSchema(client, { t: model } as never)
  await expect(wrong({ fields: { id: 'uuid' }, key: ['nope'] })).rejects.toThrow("Model t: there is no field 'nope'")
  await expect(wrong({ fields: { id: 'uuid' }, key: ['id'], indexes: ['x'] })).rejects.toThrow("Model t: there is no field 'x'")
  await expect(wrong({ fields: { id: 'number' }, key: ['id'] })).rejects.toThrow("Model t: 'id' is of an unknown type 'number'")
  await expect(wrong({ fields: { id: { type: 'uuid', uniq: true } }, key: ['id'] })).rejects.toThrow("'id' has an unknown option 'uniq'")
  await expect(wrong({ fields: { id: { type: 'uuid', validate: { min_length: 1 } } }, key: ['id'] })).rejects.toThrow("'id' has an unknown check 'min_length'")
  await expect(wrong({ fields: { id: 'uuid' }, key: ['id'], relations: { a: { type: 'hasMany', model: 'nope', foreignKey: 'x' } } })).rejects.toThrow("relation 'a' is to 'nope', which is no model")
})
