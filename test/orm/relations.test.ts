import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/base/index.js'
import type { Client } from '../../src/client/index.js'
import { belongsTo, hasMany, hasOne, int, manyToMany, orm, table, text } from '../../src/orm/index.js'
import { ormClient } from '../support/orm-server.js'

const people = table('people', { team: int().partitionKey(), id: int().clusteringKey(), name: text(), author: int() })
const posts = table('posts', { author: int().partitionKey(), at: int().clusteringKey('desc'), id: int(), topic: int() })
const comments = table('comments', { post: int().partitionKey(), at: int().clusteringKey(), id: int() })
const votes = table('votes', { comment: int().partitionKey(), at: int().clusteringKey(), by: int() })
const topics = table('topics', { id: int().partitionKey(), name: text() })
const follows = table('follows', { author: int().partitionKey(), place: int().clusteringKey(), topic: int() })

const tie = (client: Client) => orm(client, { people, posts, comments, votes, topics, follows }, {
  relations: {
    people: { posts: hasMany('posts', { author: 'author' }), latest: hasOne('posts', { author: 'author' }), topics: manyToMany('topics', { table: 'follows', on: { author: 'author' } }, { id: 'topic' }) },
    posts: { comments: hasMany('comments', { post: 'id' }), topic_: belongsTo('topics', { id: 'topic' }) },
    comments: { votes: hasMany('votes', { comment: 'id' }) },
  },
})

describe('relations', () => {
  let setting: Awaited<ReturnType<typeof ormClient>>
  let db: ReturnType<typeof tie>
  const PARENTS = 10_000
  const AUTHORS = 2000
  const random = new SeededRandom(1)
  const rows = {
    people: Array.from({ length: PARENTS }, (_, id) => ({ team: 1, id, name: `p${id}`, author: id % 10 === 0 ? null : random.between(0, AUTHORS - 1) })),
    posts: [] as { author: number; at: number; id: number; topic: number | null }[], comments: [] as { post: number; at: number; id: number }[], votes: [] as { comment: number; at: number; by: number }[],
  }
  for (let author = 0; author < AUTHORS; author++) for (let n = random.between(0, 3) === 0 ? random.between(5, 8) : random.between(0, 1); n > 0; n--) rows.posts.push({ author, at: n, id: rows.posts.length, topic: n === 2 ? null : n === 3 ? 99 : n % 2 })
  for (const { id } of rows.posts) for (let n = random.between(0, 6) === 0 ? 7 : random.between(0, 1); n > 0; n--) rows.comments.push({ post: id, at: n, id: rows.comments.length })
  for (const { id } of rows.comments) for (let n = random.between(0, 9) === 0 ? 6 : 0; n > 0; n--) rows.votes.push({ comment: id, at: n, by: random.between(0, 9) })

  beforeAll(async () => {
    setting = await ormClient()
    db = tie(setting.client)
    await db.createTables()
    for (const name of ['people', 'posts', 'comments', 'votes'] as const) {
      for (let i = 0; i < rows[name].length; i += 500) await Promise.all(rows[name].slice(i, i + 500).map((row) => db.insert({ people, posts, comments, votes }[name]).values(row as never)))
    }
    await Promise.all([0, 1].map((id) => db.topics.create({ id, name: `topic ${id}` })))
    await Promise.all([[1, 1], [2, 0], [3, 42], [4, 1]].map(([place, topic]) => db.follows.create({ author: 1, place: place!, topic: topic! })))
  }, 60_000)
  afterAll(async () => setting.close())

  test('10,000 rows, three levels, at most 5 of each: three waves, as many requests as keys, and what nested loops find', async () => {
    const seen: string[] = []
    const stop = setting.client.on('request', ({ query }) => { seen.push(/FROM (\w+)/.exec(query ?? '')![1]!) })
    const found = await db.people.find({ team: 1 }, { with: { posts: { limit: 5, with: { comments: { limit: 5, with: { votes: { limit: 5 } } } } } } })
    stop()
    const by = <Row extends object>(all: readonly Row[], key: keyof Row, value: unknown, descending = false): Row[] =>
      all.filter((row) => row[key] === value).sort((a, b) => ((a as unknown as { at: number }).at - (b as unknown as { at: number }).at) * (descending ? -1 : 1)).slice(0, 5)
    const votesOf = new Map(rows.comments.map(({ id }) => [id, by(rows.votes, 'comment', id)]))
    const commentsOf = new Map(rows.posts.map(({ id }) => [id, by(rows.comments, 'post', id).map((comment) => ({ ...comment, votes: votesOf.get(comment.id)! }))]))
    const postsOf = new Map(Array.from({ length: AUTHORS }, (_, author) => [author, by(rows.posts, 'author', author, true).map((post) => ({ ...post, comments: commentsOf.get(post.id)! }))]))
    expect(found).toEqual(rows.people.map((person) => ({ ...person, posts: person.author === null ? [] : postsOf.get(person.author)! })))
    const authors = new Set(rows.people.flatMap(({ author }) => author ?? []))
    const reached = [...authors].flatMap((author) => postsOf.get(author)!)
    // Each of the four statements is prepared once; of people there are two pages, and an empty one where the server does not see that there are no more.
    const people = seen.filter((each) => each === 'people').length
    expect([2 + 1, 3 + 1]).toContain(people)
    const expected = { people, posts: authors.size + 1, comments: reached.length + 1, votes: reached.reduce((sum, post) => sum + post.comments.length, 0) + 1 }
    expect(Object.fromEntries(['people', 'posts', 'comments', 'votes'].map((name) => [name, seen.filter((each) => each === name).length]))).toEqual(expected)
    expect(seen.filter((name, i) => name !== seen[i - 1])).toEqual(['people', 'posts', 'comments', 'votes'])
  }, 60_000)

  test('one row: the first of several, or undefined; and the row that a key names', async () => {
    const author = rows.posts.find(({ at }) => at === 5)!.author
    const person = rows.people.find((each) => each.author === author)!
    const found = (await db.people.findOne({ team: 1, id: person.id }, { with: { latest: true, posts: { with: { topic_: true } } } }))!
    expect(found.latest).toEqual(rows.posts.filter((post) => post.author === author).toSorted((a, b) => b.at - a.at)[0])
    for (const post of found.posts) expect(post.topic_).toEqual(post.topic === null || post.topic === 99 ? undefined : { id: post.topic, name: `topic ${post.topic}` })
    expect((await db.people.findOne({ team: 1, id: 0 }, { with: { latest: true, posts: true } }))).toEqual({ ...rows.people[0], latest: undefined, posts: [] })
  })

  test('by way of a table between: in its order, limited, without what is not there', async () => {
    const person = rows.people.find(({ author }) => author === 1)
    const found = await db.people.findOne({ team: 1, id: person!.id }, { with: { topics: true } })
    expect(found!.topics.map(({ name }) => name)).toEqual(['topic 1', 'topic 0', 'topic 1'])
    expect((await db.people.findOne({ team: 1, id: person!.id }, { with: { topics: { limit: 2 } } }))!.topics).toHaveLength(2)
    await expect(db.people.findOne({ team: 1, id: person!.id }, { with: { topics: { orderBy: {} } } })).rejects.toThrow(/in the order of 'follows'/)
  })

  test('columns that relations need are read and left out again', async () => {
    const person = rows.people.find(({ author }) => author !== null && rows.posts.some((post) => post.author === author))!
    const found = await db.people.findOne({ team: 1, id: person.id }, { columns: ['name'], with: { posts: { columns: ['at'], limit: 1, with: { comments: true } } } })
    expect(Object.keys(found!).sort()).toEqual(['name', 'posts'])
    expect(Object.keys(found!.posts[0]!).sort()).toEqual(['at', 'comments'])
  })

  test('a relation is filtered and ordered', async () => {
    const author = rows.posts.find(({ at }) => at === 5)!.author
    const person = rows.people.find((each) => each.author === author)!
    const found = await db.people.findOne({ team: 1, id: person.id }, { with: { posts: { where: { at: { $gte: 3 } }, orderBy: { at: 'asc' }, limit: 2 } } })
    expect(found!.posts.map(({ at }) => at)).toEqual([3, 4])
  })

  test('what would scan, or names what is not there, is refused when it is declared', () => {
    const declare = (relations: object) => () => orm(setting.client, { people, posts }, { relations: relations as never })
    expect(declare({ people: { posts: hasMany('posts', { topic: 'id' }) } })).toThrow(/relations.people.posts would scan posts: the partition key \(author\) is missing/)
    expect(declare({ people: { posts: hasMany('posts', { author: 'nope' }) } })).toThrow(/people has no column 'nope'/)
    expect(declare({ people: { posts: hasMany('posts', { nope: 'id' }) } })).toThrow(/posts has no column 'nope'/)
    expect(declare({ people: { posts: hasMany('nope', { author: 'id' }) } })).toThrow(/there is no table 'nope'/)
    expect(declare({ nope: { posts: hasMany('posts', { author: 'id' }) } })).toThrow(/there is no table 'nope'/)
    expect(declare({ people: { name: hasMany('posts', { author: 'id' }) } })).toThrow(/people has a column of that name/)
    expect(declare({ people: { posts: hasMany('posts', {}) } })).toThrow(/no columns are given/)
  })
})
