// A small service as people have it: express and cassandra-driver, in the idioms of that driver's documentation.
const cassandra = require('cassandra-driver')
const express = require('express')

const { consistencies, Uuid } = cassandra.types

exports.start = async ({ contactPoints, localDataCenter, keyspace }) => {
  const client = new cassandra.Client({ contactPoints, localDataCenter, keyspace, queryOptions: { consistency: consistencies.localQuorum, prepare: true } })
  await client.connect()
  const app = express()
  app.use(express.json())

  app.post('/users', async (request, response) => {
    const { id, name, email, tags } = request.body
    const result = await client.execute('INSERT INTO users (id, name, email, tags, joined) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS', [Uuid.fromString(id), name, email, tags, new Date('2026-01-02T03:04:05Z')])
    if (!result.wasApplied()) return response.status(409).json({ error: 'taken', by: result.first().name })
    return response.status(201).json({ id })
  })

  app.get('/users/:id', async (request, response) => {
    const result = await client.execute('SELECT id, name, email, tags, joined FROM users WHERE id = ?', [request.params.id], { isIdempotent: true })
    const user = result.first()
    if (!user) return response.status(404).json({ error: 'no such user' })
    return response.json({ id: user.id.toString(), name: user.name, email: user.email, tags: user.tags, joined: user.joined })
  })

  app.post('/users/:id/visits', async (request, response) => {
    const queries = request.body.map(({ at, page, ms }) => ({ query: 'INSERT INTO visits (user, at, page, ms) VALUES (?, ?, ?, ?)', params: [request.params.id, new Date(at), page, cassandra.types.Long.fromNumber(ms)] }))
    await client.batch(queries, { prepare: true, logged: false })
    await client.execute('UPDATE counts SET visits = visits + ? WHERE user = ?', [queries.length, request.params.id])
    response.status(204).end()
  })

  app.get('/users/:id/visits', async (request, response) => {
    const { rows, pageState, rowLength } = await client.execute('SELECT at, page, ms FROM visits WHERE user = :user', { user: request.params.id }, { fetchSize: 3, pageState: request.query.page })
    response.json({ count: rowLength, visits: rows.map((row) => ({ at: row.at, page: row.get('page'), ms: row.ms.toNumber() })), next: pageState ?? null })
  })

  app.get('/users/:id/total', async (request, response) => {
    let ms = 0
    await new Promise((resolve, reject) => {
      client.eachRow('SELECT ms FROM visits WHERE user = ?', [request.params.id], { autoPage: true, fetchSize: 2 }, (n, row) => { ms += row.ms.toNumber() }, (error) => (error ? reject(error) : resolve()))
    })
    const counts = await client.execute('SELECT visits FROM counts WHERE user = ?', [request.params.id])
    response.json({ ms, visits: counts.first().visits.toNumber() })
  })

  app.get('/columns/:table', async (request, response) => {
    const table = await client.metadata.getTable(keyspace, request.params.table)
    response.json(table.columns.map(({ name }) => name).sort())
  })

  app.use((error, request, response, next) => {
    if (error instanceof TypeError) return response.status(400).json({ error: 'bad value' })
    if (error instanceof cassandra.errors.ResponseError && error.code === cassandra.types.responseErrorCodes.invalid) return response.status(400).json({ error: 'bad query' })
    return next(error)
  })

  const server = await new Promise((resolve) => { const listening = app.listen(0, '127.0.0.1', () => resolve(listening)) })
  return { port: server.address().port, close: async () => { server.close(); server.closeAllConnections(); await client.shutdown() } }
}
