import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import { int, keptIn, list, map, money, Money, orm, set, table, text } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

let edits = 0
const posts = table('posts', { id: int().partitionKey(), edited: int().onUpdate(() => ++edits), author: text(), at: int(), title: text(), tags: set(text()), links: list(text()), extra: map(text(), int()), price: money('EUR') })
const byAuthor = table('posts_by_author', { author: text().partitionKey(), at: int().clusteringKey('desc'), id: int().clusteringKey('asc', 2), title: text(), tags: set(text()), price: money('EUR'), edited: int() })
const byTag = table('posts_by_tag', { tag: text().partitionKey(), id: int().clusteringKey(), title: text(), author: text() })

let setting: Awaited<ReturnType<typeof ormClient>>
const tie = () => orm(setting.client, { posts, byAuthor, byTag }, { queryTables: { posts: [keptIn('byAuthor'), keptIn('byTag', { each: { tag: 'tags' } })] } })
let db: ReturnType<typeof tie>
beforeAll(async () => {
  setting = await ormClient()
  db = tie()
  await db.createTables()
})
afterAll(async () => setting.close())
beforeEach(async () => { for (const name of ['posts', 'posts_by_author', 'posts_by_tag']) await setting.client.execute(`TRUNCATE ${name}`) })
const tagged = async (tag: string): Promise<string[]> => (await db.byTag.find({ tag })).map(({ id, title, author }) => `${id} ${title} ${author}`)
const clean = [{ table: 'byAuthor', missing: 0, ghosts: 0, different: 0 }, { table: 'byTag', missing: 0, ghosts: 0, different: 0 }]

test('what is written is written everywhere, and what has moved leaves nothing behind', async () => {
  await db.posts.create({ id: 1, author: 'ada', at: 5, title: 'one', tags: new Set(['x', 'y']), price: new Money('1.50', 'EUR') })
  expect(await db.byAuthor.find({ author: 'ada' })).toEqual([{ author: 'ada', at: 5, id: 1, title: 'one', tags: new Set(['x', 'y']), price: new Money('1.50', 'EUR'), edited: edits }])
  expect([await tagged('x'), await tagged('y')]).toEqual([['1 one ada'], ['1 one ada']])
  await db.posts.update({ id: 1 }, { author: 'grace', title: 'two' })
  expect(await db.byAuthor.find({ author: 'ada' })).toEqual([])
  expect((await db.byAuthor.find({ author: 'grace' })).map(({ title }) => title)).toEqual(['two'])
  expect([await tagged('x'), await tagged('y')]).toEqual([['1 two grace'], ['1 two grace']])
  await db.posts.update({ id: 1 }, { tags: { $add: ['z'] } })
  await db.posts.update({ id: 1 }, { tags: { $remove: ['x'] }, links: { $append: ['l'] }, extra: { $put: new Map([['a', 1]]) } })
  expect([await tagged('x'), await tagged('y'), await tagged('z')]).toEqual([[], ['1 two grace'], ['1 two grace']])
  expect(await db.posts.findOne({ id: 1 })).toMatchObject({ links: ['l'], extra: new Map([['a', 1]]) })
  // Without one of its keys it is not there.
  await db.posts.update({ id: 1 }, { at: null })
  expect(await db.byAuthor.find({ author: 'grace' })).toEqual([])
  const post = (await db.posts.load({ id: 1 }))!
  post.at = 9
  post.tags = new Set(['w'])
  await db.posts.save(post)
  expect((await db.byAuthor.find({ author: 'grace' })).map(({ at }) => at)).toEqual([9])
  expect([await tagged('y'), await tagged('w')]).toEqual([[], ['1 two grace']])
  expect(await db.posts.compareQueryTables()).toEqual(clean)
  await db.posts.delete({ id: 1 })
  expect([await tagged('w'), await db.byAuthor.find({ author: 'grace' }), await db.posts.findOne({ id: 1 })]).toEqual([[], [], undefined])
  await db.posts.create({ id: 1, author: 'ada', at: 1, title: 'again' })
  expect((await db.byAuthor.find({ author: 'ada' })).map(({ title }) => title)).toEqual(['again'])
  await expect(db.posts.createIfNotExists({ id: 1 })).rejects.toThrow(/a condition cannot be of several tables/)
})

test('what is missing, different or stands for nothing is found, and mended', async () => {
  await db.posts.create({ id: 1, author: 'ada', at: 1, title: 'one', tags: ['x'] })
  await db.posts.create({ id: 2, author: 'ada', at: 2, title: 'two', tags: ['x', 'y'] })
  await db.byTag.delete({ tag: 'x', id: 1 })
  await db.byAuthor.update({ author: 'ada', at: 2, id: 2 }, { title: 'wrong' })
  await db.byTag.create({ tag: 'ghost', id: 1, title: 'one' })
  await db.byTag.create({ tag: 'ghost', id: 77 })
  const found = [{ table: 'byAuthor', missing: 0, ghosts: 0, different: 1 }, { table: 'byTag', missing: 1, ghosts: 2, different: 0 }]
  expect(await db.posts.compareQueryTables()).toEqual(found)
  expect(await db.posts.compareQueryTables({ repair: true })).toEqual(found)
  expect(await db.posts.compareQueryTables()).toEqual(clean)
  expect([await tagged('x'), await tagged('ghost'), (await db.byAuthor.find({ author: 'ada' })).map(({ title }) => title)]).toEqual([['1 one ada', '2 two ada'], [], ['two', 'one']])
})

test('many writers change keys at once: after one repair nothing is missing, and nothing is left behind', async () => {
  const random = new SeededRandom(3)
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let i = 0; i < 60; i++) {
      const id = random.between(1, 6)
      const tags = ['a', 'b', 'c'].filter(() => random.between(0, 1) === 1)
      if (random.between(0, 9) === 0) await db.posts.delete({ id })
      else if (random.between(0, 2) === 0) await db.posts.create({ id, author: `a${random.between(0, 2)}`, at: random.between(0, 3), title: String(i), tags })
      else await db.posts.update({ id }, { author: `a${random.between(0, 2)}`, tags: random.between(0, 1) === 0 ? { $add: ['d'] } : tags })
    }
  }))
  const before = await db.posts.compareQueryTables({ repair: true })
  expect(before.reduce((sum, { missing, ghosts, different }) => sum + missing + ghosts + different, 0)).toBeGreaterThan(0)
  expect(await db.posts.compareQueryTables()).toEqual(clean)
}, 60_000)

test('a table that cannot hold the rows of another is refused when it is declared', () => {
  const wrong: readonly [object, object, RegExp][] = [
    [{ posts, other: table('o', { author: text().partitionKey(), title: text() }) }, { posts: [keptIn('other')] }, /needs 'id' in its key: without it, rows of posts would replace each other/],
    [{ posts, other: table('o', { id: int().partitionKey(), more: text() }) }, { posts: [keptIn('other')] }, /has a column 'more', which posts has not/],
    [{ posts, other: table('o', { tag: text().partitionKey(), id: int().clusteringKey() }) }, { posts: [keptIn('other', { each: { tag: 'title' } })] }, /'title' is neither a set nor a list/],
    [{ posts }, { posts: [keptIn('nothing')] }, /there is no such table/], [{ posts }, { nothing: [] }, /there is no table 'nothing'/],
    [{ v: table('v', { id: int().partitionKey(), n: int().version() }), w: table('w', { id: int().partitionKey() }) }, { v: [keptIn('w')] }, /a table with a version/],
  ]
  for (const [tables, queryTables, message] of wrong) expect(() => orm(setting.client, tables as never, { queryTables } as never)).toThrow(message)
})
