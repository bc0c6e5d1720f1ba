// A Durable Object that holds the connections: all requests of all Workers go through its one client, which stays open between them.
import { Client } from 'cqlwire'

export class Database {
  #client
  #contactPoints

  constructor(_state, { CONTACT_POINTS }) {
    this.#contactPoints = CONTACT_POINTS.split(',')
  }

  async fetch(request) {
    // Six sockets at most, which is what Workers may have open.
    this.#client ??= Client.connect({ contactPoints: this.#contactPoints }).catch((error) => {
      this.#client = undefined
      throw error
    })
    const client = await this.#client
    const { author, text } = await request.json()
    if (text !== undefined) {
      await client.execute('INSERT INTO notes.notes (author, at, text) VALUES (?, now(), ?)', [author, text])
      return new Response(null, { status: 201 })
    }
    return new Response(await client.json('SELECT at, text FROM notes.notes WHERE author = ? LIMIT 20', [author]), { headers: { 'content-type': 'application/json' } })
  }
}

export default {
  async fetch(request, { DATABASE }) {
    const author = decodeURIComponent(new URL(request.url).pathname.slice(1))
    const text = request.method === 'POST' ? await request.text() : undefined
    return DATABASE.get(DATABASE.idFromName('database')).fetch('http://database/', { method: 'POST', body: JSON.stringify({ author, text }) })
  },
}
