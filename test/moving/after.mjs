// before.cjs, moved over line by line with docs/moving-from-cassandra-driver.md.
import { Client, CodecError, InvalidQueryError } from 'cqlwire'
import express from 'express'

export async function start({ contactPoints, localDataCenter, keyspace }) {
  const client = await Client.connect({ contactPoints, localDataCenter, keyspace, encoding: { bigint: 'number', set: 'array', map: 'object' } })
  const app = express()
  app.use(express.json())

  app.post('/users', async (request, response) => {
    const { id, name, email, tags } = request.body
    const result = await client.execute('INSERT INTO users (id, name, email, tags, joined) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS', [id, name, email, tags, new Date('2026-01-02T03:04:05Z')])
    if (!result.applied) return response.status(409).json({ error: 'taken', by: result.first().name })
    return response.status(201).json({ id })
  })

  app.get('/users/:id', async (request, response) => {
    const result = await client.execute('SELECT id, name, email, tags, joined FROM users WHERE id = ?', [request.params.id])
    const user = result.first()
    if (!user) return response.status(404).json({ error: 'no such user' })
    return response.json({ id: user.id, name: user.name, email: user.email, tags: user.tags, joined: user.joined })
  })

  app.post('/users/:id/visits', async (request, response) => {
    const queries = request.body.map(({ at, page, ms }) => ({ query: 'INSERT INTO visits (user, at, page, ms) VALUES (?, ?, ?, ?)', values: [request.params.id, new Date(at), page, ms] }))
    await client.batch(queries, { type: 'unlogged' })
    await client.execute('UPDATE counts SET visits = visits + ? WHERE user = ?', [queries.length, request.params.id])
    response.status(204).end()
  })

  app.get('/users/:id/visits', async (request, response) => {
    const { page } = request.query
    const { rows, pageState } = await client.execute('SELECT at, page, ms FROM visits WHERE user = :user', { user: request.params.id }, { pageSize: 3, pageState: page === undefined ? undefined : Buffer.from(page, 'hex') })
    response.json({ count: rows.length, visits: rows.map((row) => ({ at: row.at, page: row.page, ms: row.ms })), next: pageState ? Buffer.from(pageState).toString('hex') : null })
  })

  app.get('/users/:id/total', async (request, response) => {
    let ms = 0
    for await (const row of client.stream('SELECT ms FROM visits WHERE user = ?', [request.params.id], { pageSize: 2 })) ms += row.ms
    const counts = await client.execute('SELECT visits FROM counts WHERE user = ?', [request.params.id])
    response.json({ ms, visits: counts.first().visits })
  })

  app.get('/columns/:table', (request, response) => {
    const table = client.cluster.keyspaces.get(keyspace)?.tables.get(request.params.table)
    response.json([...table.columns.keys()].sort())
  })

  app.use((error, request, response, next) => {
    if (error instanceof CodecError) return response.status(400).json({ error: 'bad value' })
    if (error instanceof InvalidQueryError) return response.status(400).json({ error: 'bad query' })
    return next(error)
  })

  const server = await new Promise((resolve) => { const listening = app.listen(0, '127.0.0.1', () => resolve(listening)) })
  return { port: server.address().port, close: async () => { server.close(); server.closeAllConnections(); await client.close() } }
}
