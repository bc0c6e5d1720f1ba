// An AWS Lambda function: one client for as long as its environment lives. Between two calls it is frozen; the client notices, and looks before it writes.
import process from 'node:process'
import { Client } from 'cqlwire'

// Made while the function is loaded, connected by the first call.
const client = new Client({ contactPoints: (process.env.CONTACT_POINTS ?? '127.0.0.1').split(','), schema: 'off' })

export async function handler(event) {
  const author = event.pathParameters.author
  if (event.httpMethod === 'POST') {
    await client.execute('INSERT INTO notes.notes (author, at, text) VALUES (?, now(), ?)', [author, event.body])
    return { statusCode: 201, body: '' }
  }
  const json = await client.json('SELECT at, text FROM notes.notes WHERE author = ? LIMIT 20', [author])
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: new TextDecoder().decode(json) }
}
