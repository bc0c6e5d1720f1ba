// A Cloudflare Worker: a client for each request, which begins with what earlier requests have learned. CONTACT_POINTS is a variable of the Worker.
import { Client, SharedData } from 'cqlwire'

/** Plain data, which requests may share; sockets and timers they may not. */
const shared = new SharedData()

export default {
  async fetch(request, { CONTACT_POINTS }) {
    const author = decodeURIComponent(new URL(request.url).pathname.slice(1))
    const client = await Client.connect({ contactPoints: CONTACT_POINTS.split(','), mode: 'request', shared })
    try {
      if (request.method === 'POST') {
        await client.execute('INSERT INTO notes.notes (author, at, text) VALUES (?, now(), ?)', [author, await request.text()])
        return new Response(null, { status: 201 })
      }
      return new Response(await client.json('SELECT at, text FROM notes.notes WHERE author = ? LIMIT 20', [author]), { headers: { 'content-type': 'application/json' } })
    } finally {
      await client.close()
    }
  },
}
