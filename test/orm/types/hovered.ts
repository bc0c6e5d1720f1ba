// What an editor shows of these is a snapshot (`hover.test.ts`).
import { client, events, posts, tie } from './tables.js'
import type { Db } from './tables.js'

const db: Db = tie(client)
export const user = await db.users.findOne({ id: 'x' })
export const nested = await db.users.find({ id: 'x' }, { with: { posts: { limit: 1, with: { writer: true } } } })
export const some = await db.select(events).where({ org: 'a', bucket: 1 }).columns('org', 'kind')
export const rows = await db.select(posts)
export const many = await db.users.findMany([{ id: 'x' }])
export type Key = Parameters<typeof db.posts.load>[0]
export type Given = Parameters<typeof db.posts.create>[0]
