import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client, cql, OptionError, RowCountError } from '../../src/client/index.js'
import { between, bigint, boolean, counter, decimal, email, int, lengthBetween, list, map, matching, oneOf, orm, placeholder, set, table, text, timestamp, tuple, udt, uuid, ValidationError } from '../../src/orm/index.js'
import type { StandardSchema } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const id = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'
const other = '7ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'

/** Cents as a number, kept as a decimal. */
const price = () => decimal().mapped<number>({ encode: (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`, decode: (value) => Math.round(value.toNumber() * 100) })
const json = <T>() => text().mapped<T>({ encode: (value) => JSON.stringify(value), decode: (value) => JSON.parse(value) as T })
/** As zod and others offer it. */
const slug: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => (/^[a-z-]+$/.test(String(value)) ? { value } : { issues: [{ message: 'must be a slug', path: [{ key: 'inner' }, 3] }] }) } }

const line = udt('line', { sku: text(), cost: price() })
let changes = 0
const orders = table('orders', {
  shop: text().partitionKey(), id: uuid().clusteringKey(), state: text().required().default('new').check(oneOf('new', 'paid', 'sent')), mail: text().check(email(), lengthBetween(3, 30)), total: price(),
  lines: list(line()), tags: set(text()), extra: json<{ gift: boolean; note?: string }>(), sums: map(text(), price()), pair: tuple(int(), price()), slug: text().check(slug),
  amount: int().check(between(1, 5)), code: text().check(matching(/^[A-Z]{3}$/g, 'must be three capitals')), later: text().check(async (value: string) => (value === 'bad' ? 'is bad' : undefined)),
  createdAt: timestamp().default(() => new Date(1000)), changedAt: timestamp().onUpdate(() => new Date(++changes)), big: bigint(), paid: boolean(), shopName: text().static(),
})
const hits = table('hits', { page: text().partitionKey(), n: counter() })

let setting: Awaited<ReturnType<typeof ormClient>>
let db: ReturnType<typeof tie>
const tie = (client: Client, cursorSecret?: string) => orm(client, { orders, hits }, { cursorSecret })
beforeAll(async () => {
  setting = await ormClient()
  db = tie(setting.client)
  await db.createTables()
})
afterAll(async () => setting.close())

test('tables are created once, also by several at once; the statements can be read', async () => {
  expect(db.toCQL()[0]).toBe('CREATE TYPE app.line (sku text, cost decimal)')
  expect(await db.createTables()).toEqual([])
  const more = orm(setting.client, { more: table('more', { key: text().partitionKey(), home: udt('home', { street: text() })().frozen() }) })
  expect((await Promise.all([more.createTables(), more.createTables()])).flat()).toHaveLength(2)
  const without = orm(new Client({ contactPoints: ['127.0.0.1'] }), { orders })
  expect(() => without.toCQL()).toThrow(OptionError)
})

test('a row comes back as it was given, with defaults, mapped types and empty collections', async () => {
  const written = await db.orders.create({
    shop: 'a', id, mail: 'a@b.cd', total: 1999, lines: [{ sku: 'x', cost: 5 }, { sku: 'y', cost: null }], tags: new Set(['b', 'a']), extra: { gift: true }, sums: new Map([['x', 150]]), pair: [1, 250], big: 5n,
  })
  expect(written).toMatchObject({ state: 'new', createdAt: new Date(1000), total: 1999 })
  const { changedAt: _, ...row } = (await db.orders.findOne({ shop: 'a', id }))!
  expect(row).toEqual({
    shop: 'a', id, state: 'new', mail: 'a@b.cd', total: 1999, lines: [{ sku: 'x', cost: 5 }, { sku: 'y', cost: null }], tags: new Set(['a', 'b']), extra: { gift: true }, sums: new Map([['x', 150]]), pair: [1, 250],
    slug: null, amount: null, code: null, later: null, createdAt: new Date(1000), big: 5n, paid: null, shopName: null,
  })
  await db.orders.create({ shop: 'a', id: other })
  expect(await db.orders.findOne({ shop: 'a', id: other })).toMatchObject({ lines: [], tags: new Set(), sums: new Map(), extra: null, total: null })
  expect(await setting.client.execute('SELECT total, extra FROM orders WHERE shop = ? AND id = ?', ['a', id]).then((result) => result.one())).toMatchObject({ extra: '{"gift":true}' })
})

test('filters of mapped columns are mapped', async () => {
  expect(await db.orders.find({ shop: 'a', total: 1999 }, { allowFiltering: true, columns: ['total'] })).toEqual([{ total: 1999 }])
  expect(await db.orders.find({ shop: 'a', total: [5, 1999] }, { allowFiltering: true, columns: ['id'] })).toEqual([{ id }])
})

test('findMany keeps the order, and says where there is none', async () => {
  const rows = await db.orders.findMany([{ shop: 'a', id: other }, { shop: 'b', id }, { shop: 'a', id }])
  expect(rows.map((row) => row?.id)).toEqual([other, undefined, id])
  await expect(db.orders.findMany([{ shop: 'a' } as never])).rejects.toThrow(/A key of orders has 'id', which is missing/)
  await expect(db.orders.findMany([{ shop: 'a', id, mail: 'x' } as never])).rejects.toThrow(/no 'mail'/)
})

test('save writes what has changed, and nothing else', async () => {
  const order = (await db.orders.load({ shop: 'a', id }))!
  expect(await db.orders.save(order)).toEqual([])
  order.tags.add('c')
  order.extra!.note = 'hello'
  order.total = 5
  const before = changes
  expect((await db.orders.save(order)).sort()).toEqual(['extra', 'tags', 'total'])
  expect(changes).toBe(before + 1)
  expect(order.changedAt).toEqual(new Date(changes))
  expect(await db.orders.findOne({ shop: 'a', id })).toMatchObject({ tags: new Set(['a', 'b', 'c']), extra: { gift: true, note: 'hello' }, total: 5, mail: 'a@b.cd', changedAt: new Date(changes) })
  expect(await db.orders.save(order)).toEqual([])
  order.id = other
  await expect(db.orders.save(order)).rejects.toThrow(/'id' is in the key of orders, and keys do not change/)
  await expect(db.orders.save({ ...order })).rejects.toThrow(/was not loaded/)
})

test('updates: collections and counters are changed in place', async () => {
  await db.orders.update({ shop: 'a', id }, { tags: { $remove: ['a'] }, lines: { $append: [{ sku: 'z', cost: 7 }] }, sums: { $put: new Map([['y', 1]]) } })
  await db.orders.update({ shop: 'a', id }, { lines: { $prepend: [{ sku: 'first', cost: 1 }] }, sums: { $remove: ['x'] } })
  expect(await db.orders.findOne({ shop: 'a', id })).toMatchObject({ tags: new Set(['b', 'c']), sums: new Map([['y', 1]]) })
  expect((await db.orders.findOne({ shop: 'a', id }))!.lines.map(({ sku }) => sku)).toEqual(['first', 'x', 'y', 'z'])
  await db.hits.update({ page: 'x' }, { n: { $increment: 5 } })
  await db.hits.update({ page: 'x' }, { n: { $decrement: 2n } })
  expect(await db.hits.findOne({ page: 'x' })).toEqual({ page: 'x', n: 3n })
  await expect(db.hits.update({ page: 'x' }, { n: 5 as never })).rejects.toThrow(/hits.n is a counter: it takes \{ \$increment: n \}/)
  await expect(db.orders.update({ shop: 'a', id }, { tags: { $append: ['x'] } as never })).rejects.toThrow(/orders.tags cannot be changed by '\$append', only by \$add, \$remove/)
  await expect(db.orders.update({ shop: 'a', id }, { tags: { $add: ['x'], $remove: ['b'] } as never })).rejects.toThrow(/one way at a time/)
  await expect(db.orders.update({ shop: 'a', id }, {})).rejects.toThrow(/sets nothing/)
  await db.orders.upsert({ shop: 'a', id, amount: 3 })
  expect((await db.orders.findOne({ shop: 'a', id }))!.amount).toBe(3)
})

test('a static column is one for the partition', async () => {
  await db.update(orders).set({ shopName: 'The shop' }).where({ shop: 'a' })
  expect((await db.orders.find({ shop: 'a' })).map(({ shopName }) => shopName)).toEqual(['The shop', 'The shop'])
  expect(await db.select(orders).columns('shop', 'shopName').distinct()).toEqual([{ shop: 'a', shopName: 'The shop' }])
})

test('validation: every fault is named, and nothing is sent', async () => {
  const faulty = db.orders.create({ shop: 'v', id, mail: 'nobody', state: 'lost' as 'new', amount: 9, code: 'abc', slug: 'No!', later: 'bad' })
  const error = (await faulty.catch((failure: unknown) => failure)) as ValidationError
  expect(error).toBeInstanceOf(ValidationError)
  expect(error.issues).toEqual([
    { path: ['state'], message: 'must be one of new, paid, sent' }, { path: ['mail'], message: 'must be an e-mail address' }, { path: ['slug', 'inner', 3], message: 'must be a slug' },
    { path: ['amount'], message: 'must be from 1 to 5' }, { path: ['code'], message: 'must be three capitals' }, { path: ['later'], message: 'is bad' },
  ])
  expect(error.message).toContain('orders: state must be one of new, paid, sent; mail must be')
  expect(await db.orders.find({ shop: 'v' })).toEqual([])
  await expect(db.orders.update({ shop: 'a', id }, { mail: 'x'.repeat(40) })).rejects.toThrow(ValidationError)
  await db.orders.create({ shop: 'v', id, code: 'ABC', mail: null })
  await db.orders.create({ shop: 'v', id: other, code: 'ABC' })
})

test('what must not be: undefined, null where there must be a value, unknown columns', async () => {
  const create = (row: object) => db.orders.create({ shop: 'n', id, ...row } as never)
  await expect(create({ mail: undefined })).rejects.toThrow(/orders.mail is undefined: leave it out, or say null/)
  await expect(create({ state: null })).rejects.toThrow(/orders.state is required, so it cannot be null/)
  await expect(create({ id: null })).rejects.toThrow(/orders.id is in the key, so it cannot be null/)
  await expect(create({ nope: 1 })).rejects.toThrow(/orders has no column 'nope': it has shop, id, state/)
  await expect(db.orders.create({ shop: 'n' } as never)).rejects.toThrow(/'id' is missing/)
  const find = (filter: object) => db.orders.find(filter as never)
  await expect(find({ shop: undefined })).rejects.toThrow(/orders.shop is undefined/)
  await expect(find({ shop: null })).rejects.toThrow(/orders.shop is null: WHERE cannot ask/)
  await expect(find({})).rejects.toThrow(/without any column finds all there is/)
  await expect(find({ shop: { $ne: 'a' } })).rejects.toThrow(/CQL has no != in WHERE/)
  await expect(find({ shop: { $near: 'a' } })).rejects.toThrow(/there is no test '\$near'/)
  await expect(find({ shop: 'a', id: { $gt: id, $gte: id } })).rejects.toThrow(/two lower bounds/)
  await expect(find({ shop: 'a', id: { $eq: id, $gte: id } })).rejects.toThrow(/beside equality/)
  await expect(db.orders.find({ shop: 'a' }, { limti: 1 } as never)).rejects.toThrow(/limti/)
})

test('a row without what is required is an error that names it', async () => {
  await setting.client.execute('UPDATE orders SET mail = ? WHERE shop = ? AND id = ?', ['x', 'r', id])
  await expect(db.orders.find({ shop: 'r' })).rejects.toThrow(/orders.state is required, but a row \(by shop, id\) has none/)
  expect(await db.orders.find({ shop: 'r' }, { columns: ['mail'] })).toEqual([{ mail: 'x' }])
})

test('lightweight transactions say what became of them', async () => {
  expect((await db.orders.createIfNotExists({ shop: 'c', id })).status).toBe('applied')
  const again = await db.orders.createIfNotExists({ shop: 'c', id, state: 'paid' })
  expect(again).toMatchObject({ status: 'rejected', row: { state: 'new' } })
  expect((await db.orders.updateIf({ shop: 'c', id }, { state: 'paid' }, { state: 'new', amount: null })).status).toBe('applied')
  expect((await db.orders.updateIf({ shop: 'c', id }, { state: 'sent' }, { state: ['new', 'lost'] as never })).status).toBe('rejected')
  expect((await db.update(orders).set({ state: 'sent' }).where({ shop: 'c', id: other }).ifExists()).status).toBe('rejected')
  expect((await db.delete(orders).where({ shop: 'c', id }).if({ state: { $ne: 'new' } })).status).toBe('applied')
  expect(() => db.insert(orders).values({ shop: 'c', id }).ifNotExists().timestamp(1).toCQL()).toThrow(/dated by its transaction/)
  expect(() => db.update(orders).set({ state: 'sent' }).where({ shop: 'c', id: [id, other] }).ifExists().toCQL()).toThrow(/a condition is of one row/)
})

test('batches: as a whole; conditional ones have an outcome', async () => {
  await db.batch([db.insert(orders).values({ shop: 'b', id }), db.insert(orders).values({ shop: 'b', id: other }), db.delete(orders).where({ shop: 'c' })])
  expect(await db.orders.count({ shop: 'b' })).toBe(2)
  const outcome = await db.batch([db.update(orders).set({ state: 'paid' }).where({ shop: 'b', id }).if({ state: 'new' }), db.update(orders).set({ state: 'paid' }).where({ shop: 'b', id: other })])
  expect(outcome.status).toBe('applied')
  await db.batch([db.update(hits).set({ n: { $increment: 1 } }).where({ page: 'y' })], { type: 'counter' })
  await expect(db.batch([])).rejects.toThrow(/at least one write/)
})

test('TTL and timestamps', async () => {
  await db.orders.create({ shop: 't', id, mail: 'a@b.cd' }, { ttl: 100 })
  const [row] = await db.select(orders).where({ shop: 't' }).columns('mail').compute({ left: (await import('../../src/orm/index.js')).ttl('mail') })
  expect(row!.left).toBeGreaterThan(90)
  await db.update(orders).set({ mail: 'new@b.cd' }).where({ shop: 't', id }).timestamp(5)
  expect((await db.orders.findOne({ shop: 't', id }, { columns: ['mail'] }))!.mail).toBe('a@b.cd')
  expect(() => db.insert(orders).values({ shop: 't', id }).ttl(-1).toCQL()).toThrow(OptionError)
  expect(() => db.insert(orders).values({ shop: 't', id }).ttl(1e9).toCQL()).toThrow(/20 years/)
})

test('all, first, one, count, stream, pages', async () => {
  for (let i = 0; i < 25; i++) await db.orders.create({ shop: 'p', id: `${String(i).padStart(8, '0')}-e68e-48d9-a5f8-97e6fb4c9b47`, amount: 1 })
  const query = db.select(orders).where({ shop: 'p' }).with({ pageSize: 10 })
  const all = await query
  expect(all).toHaveLength(25)
  expect(await query.all()).toEqual(all)
  expect(await query.first()).toEqual(all[0])
  expect(await query.count()).toBe(25)
  await expect(query.one()).rejects.toThrow(RowCountError)
  expect(await db.select(orders).where({ shop: 'p', id: all[3]!.id }).one()).toEqual(all[3])
  const streamed = []
  for await (const row of query) streamed.push(row)
  expect(streamed).toEqual(all)
  const turned = []
  let cursor: string | undefined
  do {
    const page: Awaited<ReturnType<typeof query.page>> = await query.page({ size: 7, cursor })
    turned.push(...page.rows)
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(turned).toEqual(all)
  expect((await query.result()).rows).toHaveLength(10)
  const scope = <Q extends { limit(rows: number): unknown }>(given: Q) => given.limit(3) as ReturnType<Q['limit']>
  expect(await (query.scope(scope) as typeof query)).toHaveLength(3)
})

test('a cursor is good for its query only, and for whoever has the secret', async () => {
  const secret = 'sixteen bytes at least'
  const query = tie(setting.client, secret).select(orders).where({ shop: 'p' })
  const { cursor } = await query.page({ size: 5 })
  expect((await tie(setting.client, secret).select(orders).where({ shop: 'p' }).page({ size: 5, cursor: cursor! })).rows).toHaveLength(5)
  const refused = [tie(setting.client, 'another secret, as long').select(orders).where({ shop: 'p' }), tie(setting.client, secret).select(orders).where({ shop: 'q' }), tie(setting.client, secret).select(orders).where({ shop: 'p' }).limit(9)]
  for (const each of refused) await expect(each.page({ cursor: cursor! })).rejects.toThrow(/belongs to another query/)
  for (const bad of ['', 'AAAA', '!', `${cursor!.slice(0, -3)}AAA`, 'x'.repeat(100)]) await expect(query.page({ cursor: bad })).rejects.toThrow(/cursor/)
  expect(() => tie(setting.client, 'short')).toThrow(/at least 16 bytes/)
})

test('compiled queries: one prepared statement, values by name', async () => {
  const query = db.select(orders).where({ shop: placeholder('shop'), id: { $in: placeholder('ids') } }).columns('id').limit(placeholder('most')).compile()
  const prepared = setting.client.stats().prepared
  for (let i = 0; i < 5; i++) expect(await query.execute({ shop: 'a', ids: [id, other], most: i + 1 })).toHaveLength(Math.min(2, i + 1))
  for (let i = 0; i < 5; i++) expect(await db.select(orders).where({ shop: `s${i}`, id: { $in: [id] } }).columns('id').limit(i + 1)).toEqual([])
  expect(setting.client.stats().prepared).toBe(prepared + 1)
  await expect(query.execute({ shop: 'a', ids: [id] } as never)).rejects.toThrow(/The placeholder 'most' has no value/)
  await expect(query.execute({ shop: 'a', ids: [id], most: 1, more: 2 } as never)).rejects.toThrow(/There is no placeholder 'more'/)
  await expect(query.execute({ shop: null, ids: [id], most: 1 } as never)).rejects.toThrow(/orders.shop is null/)
  await expect(query.execute({ shop: 'a', ids: [undefined], most: 1 } as never)).rejects.toThrow(/orders.id is undefined/)
  await expect(query.execute({ shop: 'a', ids: [id], most: 0 })).rejects.toThrow(/'limit' must be a whole number/)
  await expect(db.select(orders).where({ shop: placeholder('shop') }).all()).rejects.toThrow(/has a placeholder 'shop': .compile\(\) it/)
  const pages = db.select(orders).where({ shop: placeholder('shop') }).with({ pageSize: 10 }).compile()
  expect(await pages.execute({ shop: 'p' })).toHaveLength(25)
  const update = db.update(orders).set({ amount: placeholder('amount') as never }).where({ shop: placeholder('shop'), id }).compile()
  await update.execute({ shop: 'a', amount: 4 } as never)
  expect((await db.orders.findOne({ shop: 'a', id }))!.amount).toBe(4)
  const conditional = db.update(orders).set({ amount: 5 }).where({ shop: placeholder('shop'), id }).if({ amount: 4 }).compile()
  expect([(await conditional.execute({ shop: 'a' })).status, (await conditional.execute({ shop: 'a' })).status]).toEqual(['applied', 'rejected'])
})

test('conditions as CQL, their values bound', async () => {
  const from = '00000005-e68e-48d9-a5f8-97e6fb4c9b47'
  expect(db.select(orders).where({ shop: 'p' }).whereRaw(cql`(id) > (${from})`).columns('id').limit(3).toCQL()).toEqual({ query: 'SELECT id FROM orders WHERE shop = ? AND (id) > (?) LIMIT ?', values: ['p', from, 3] })
  expect(await db.select(orders).where({ shop: 'p' }).whereRaw(cql`(id) > (${from})`).columns('id')).toHaveLength(19)
  expect(db.select(orders).where({ shop: 'p' }).wherePlace({ $gt: { id: from } }).columns('id').limit(3).toCQL()).toEqual({ query: 'SELECT id FROM orders WHERE shop = ? AND (id) > (?) LIMIT ?', values: ['p', from, 3] })
  expect(await db.select(orders).where({ shop: 'p' }).wherePlace({ $gt: { id: from } }).columns('id')).toHaveLength(19)
  expect(await db.select(orders).where({ shop: 'p' }).wherePlace({ $gte: { id: from }, $lte: { id: from } })).toHaveLength(1)
  const below = await db.select(orders).whereToken({ $lte: 0n }).columns('shop')
  const above = await db.select(orders).whereToken({ $gt: 0n, $lte: (1n << 63n) - 1n }).columns('shop')
  expect(below.length + above.length).toBe((await db.select(orders).columns('shop')).length)
  expect(db.select(orders).whereToken({ $gt: 0n, $lte: 5n }).columns('id').toCQL()).toEqual({ query: 'SELECT id FROM orders WHERE token(shop) > ? AND token(shop) <= ?', values: [0n, 5n] })
  expect(() => db.select(orders).wherePlace({})).toThrow('a range has $gt, $gte, $lt or $lte')
  expect(() => db.select(orders).wherePlace({ $gt: {} })).toThrow('a place in a partition has the first clustering columns')
  // @ts-expect-error an unknown test
  expect(() => db.select(orders).wherePlace({ $ne: { id: from } })).toThrow("not '$ne'")
  // @ts-expect-error a token is a bigint
  expect(() => db.select(orders).whereToken({ $gt: 5 })).toThrow('a token is a bigint, not number')
  // @ts-expect-error no clustering column
  expect(() => db.select(orders).wherePlace({ $gt: { amount: 1 } })).toThrow("'id' is missing")
  expect((await db.select(orders).whereRaw(cql`token(shop) = token(${'p'})`).columns('shop')).length).toBe(25)
  expect(db.select(orders).allowFiltering().whereRaw(cql`amount = ${1}`).columns('id').toCQL().query).toBe('SELECT id FROM orders WHERE amount = ? ALLOW FILTERING')
})

test('explain says how rows are found', async () => {
  expect(await db.select(orders).where({ shop: 'a' }).explain()).toMatchObject({ access: 'partition', filtering: undefined, replicas: [setting.contactPoints[0]], summary: 'reads one partition, from its replicas' })
  expect(await db.select(orders).where({ shop: ['a', 'b'] }).explain()).toMatchObject({ access: 'partitions', replicas: [] })
  expect(await db.select(orders).explain()).toMatchObject({ access: 'scan', filtering: undefined })
  expect((await db.select(orders).allowFiltering().where({ shop: 'a', amount: 3 }).explain()).filtering).toMatch(/'amount' is neither in the key nor served by an index/)
})

test('what a client, a name or a table must not be', () => {
  expect(() => orm(new Client({ contactPoints: ['127.0.0.1'], encoding: { bigint: 'number' } }), { orders })).toThrow(/default encoding/)
  expect(() => orm(setting.client, { select: orders })).toThrow(/cannot be named 'select'/)
  expect(() => orm(setting.client, { orders: {} as never })).toThrow(/'orders' is no table/)
  const wrong: readonly [object, RegExp][] = [
    [{ a: text() }, /no column is .partitionKey\(\)/], [{ a: text().partitionKey(), b: text().partitionKey() }, /'a' and 'b' have the same place in the partition key/],
    [{ a: text().partitionKey(2) }, /place 1 of the partition key is empty/], [{ a: text().partitionKey(), b: int().clusteringKey('asc', 2) }, /place 1 of the clustering key is empty/],
    [{ a: text().partitionKey(), n: counter(), b: text() }, /'b' cannot be beside counters/], [{ a: text().partitionKey(), s: text().static() }, /'s' cannot be static/],
    [{ a: list(text()).partitionKey() }, /'a' can be in a key only .frozen\(\)/], [{ fooBar: text().partitionKey(), foo_bar: text() }, /are both named foo_bar in CQL/],
    [{ a: text().partitionKey(), b: 5 }, /'b' is no column/], [{ a: text().partitionKey(), b: text().indexed({ of: 'keys' }) }, /'b' is no map/],
    [{ a: text().partitionKey(), b: list(text()).indexed({ of: 'full' }) }, /full index only .frozen\(\)/], [{ a: text().partitionKey().onUpdate(() => 'x') }, /it cannot change/],
    [{ a: text().partitionKey(), n: counter().default(1) }, /it has no default/],
  ]
  for (const [columns, message] of wrong) expect(() => table('t', columns as never)).toThrow(message)
  expect(() => table('', { a: text().partitionKey() })).toThrow(/a name that is not empty/)
  expect(() => list(counter())).toThrow(/cannot be inside a collection/)
  expect(() => text().frozen()).toThrow(/Only collections/)
})
