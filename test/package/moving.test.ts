// The service of test/moving, on cassandra-driver and moved to cqlwire by docs/moving-from-cassandra-driver.md alone, answers alike.
import { createRequire } from 'node:module'
import { beforeAll, expect, test } from 'vitest'
// @ts-expect-error a module without types, as the service it was moved from
import { start as startAfter } from '../moving/after.mjs'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

interface Service { readonly port: number; close(): Promise<void> }
type Start = (options: { contactPoints: string[]; localDataCenter: string; keyspace: string }) => Promise<Service>

const { start: startBefore } = createRequire(import.meta.url)('../moving/before.cjs') as { start: Start }
const ada = '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'
const visits = Array.from({ length: 8 }, (_, i) => ({ at: `2026-03-0${i + 1}T10:00:00.000Z`, page: `/p${i}`, ms: 1_000 + i }))

let server: CqlServer
beforeAll(async () => {
  server = await CqlServer.start({ port: 0 })
  return () => server.close()
})

/** What a browser would get to see of the service, step by step. */
async function visit({ port }: Service): Promise<unknown[]> {
  const seen: unknown[] = []
  const call = async (method: string, path: string, body?: unknown): Promise<{ next?: string | null } | undefined> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) })
    const text = await response.text()
    const answer = text === '' ? undefined : (JSON.parse(text) as { next?: string | null })
    seen.push([method, path.replace(/page=.*/, 'page='), response.status, answer?.next ? { ...answer, next: 'a page state' } : answer])
    return answer
  }
  await call('POST', '/users', { id: ada, name: 'Ada', email: 'ada@example.org', tags: ['b', 'a'] })
  await call('POST', '/users', { id: ada, name: 'Eve', email: null, tags: [] })
  await call('GET', `/users/${ada}`)
  await call('GET', '/users/00000000-0000-4000-8000-000000000000')
  await call('GET', '/users/nobody')
  await call('POST', `/users/${ada}/visits`, visits)
  for (let page: string | null = '', pages = 0; page !== null && pages < 5; pages++) page = (await call('GET', `/users/${ada}/visits${page === '' ? '' : `?page=${page}`}`))?.next ?? null
  await call('GET', `/users/${ada}/total`)
  await call('GET', '/columns/visits')
  return seen
}

test.each([['cassandra-driver', startBefore], ['cqlwire', startAfter as Start]] as const)('%s', async (name, start) => {
  const keyspace = name.replace('-', '_')
  await using client = await Client.connect({ contactPoints: [`127.0.0.1:${server.port}`] })
  for (const statement of [
    `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    `CREATE TABLE ${keyspace}.users (id uuid PRIMARY KEY, name text, email text, tags set<text>, joined timestamp)`,
    `CREATE TABLE ${keyspace}.visits (user uuid, at timestamp, page text, ms bigint, PRIMARY KEY (user, at))`,
    `CREATE TABLE ${keyspace}.counts (user uuid PRIMARY KEY, visits counter)`,
  ]) await client.execute(statement)
  const service = await start({ contactPoints: [`127.0.0.1:${server.port}`], localDataCenter: 'datacenter1', keyspace })
  try {
    await expect(`${JSON.stringify(await visit(service), null, 1)}\n`).toMatchFileSnapshot('../moving/answers.json')
  } finally {
    await service.close()
  }
})
