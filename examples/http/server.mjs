// An HTTP API on Node, Bun and Deno: `node server.mjs`, `bun server.mjs`, `deno run --allow-net --allow-env --allow-read --allow-sys server.mjs`.
// CONTACT_POINTS says where the cluster is, PORT where to listen.
import { createServer } from 'node:http'
import process from 'node:process'
import { Client, isCqlError } from 'cqlwire'

const client = await Client.connect({ contactPoints: (process.env.CONTACT_POINTS ?? '127.0.0.1').split(',') })
await client.execute("CREATE KEYSPACE IF NOT EXISTS notes WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
await client.execute('CREATE TABLE IF NOT EXISTS notes.notes (author text, at timeuuid, text text, PRIMARY KEY (author, at)) WITH CLUSTERING ORDER BY (at DESC)')

const server = createServer(async (request, response) => {
  const author = decodeURIComponent(new URL(request.url, 'http://x').pathname.slice(1))
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  try {
    if (request.method === 'POST') {
      let text = ''
      for await (const chunk of request) text += chunk
      await client.execute('INSERT INTO notes.notes (author, at, text) VALUES (?, now(), ?)', [author, text], { signal: gone.signal })
      response.writeHead(201).end()
    } else {
      // JSON straight from the bytes of the answer: no object is made for a row.
      const json = await client.json('SELECT at, text FROM notes.notes WHERE author = ? LIMIT 20', [author], { signal: gone.signal })
      response.writeHead(200, { 'content-type': 'application/json' }).end(json)
    }
  } catch (error) {
    if (!isCqlError(error)) throw error
    response.writeHead(error.outcome === 'retryable' ? 503 : 500, { 'content-type': 'text/plain' }).end(`${error.code}\n`)
  }
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`))

process.once('SIGTERM', async () => {
  server.close()
  await client.close()
  process.exit(0)
})
