// A Worker with a client for each request, and a Durable Object that holds one for all of its requests.
import { Client, SharedData } from '../../dist/client/index.js'

/** What requests leave to each other: plain data. */
const shared = new SharedData()

async function read(client, k) {
  const { rows, info } = await client.execute('SELECT v FROM app.t WHERE k = ?', [k])
  return Response.json({ v: rows[0]?.v, node: info.node })
}

export class Pool {
  #client

  async fetch(request) {
    const { contactPoints, k } = await request.json()
    this.#client ??= Client.connect({ contactPoints })
    const client = await this.#client
    return k === 'stats' ? Response.json([...client.stats().nodes.values()].reduce((sum, { connections }) => sum + connections, 0)) : read(client, k)
  }
}

export default {
  async fetch(request, { POOL }) {
    if (request.method !== 'POST') return new Response('ready')
    const body = await request.text()
    if (new URL(request.url).pathname === '/pool') return POOL.get(POOL.idFromName('the one')).fetch('http://pool/', { method: 'POST', body })
    const { contactPoints, k, tls } = JSON.parse(body)
    let client
    try {
      client = await Client.connect({ contactPoints, mode: 'request', shared, ...(tls && { tls }), connectTimeoutMs: 20_000, timeoutMs: 20_000, attemptTimeoutMs: 20_000 })
      return await read(client, k)
    } catch (error) {
      return new Response(`${error.code}: ${error.message}`, { status: 500 })
    } finally {
      await client?.close()
    }
  },
}
