// A route of Next.js: `next dev` or `next build && next start` in this folder, with CONTACT_POINTS saying where the cluster is.
import { isCqlError } from 'cqlwire'
import { client } from '../../database.mjs'

export const runtime = 'nodejs'

export async function GET(request, { params }) {
  const { author } = await params
  try {
    const json = await client.json('SELECT at, text FROM notes.notes WHERE author = ? LIMIT 20', [author], { signal: request.signal })
    return new Response(json, { headers: { 'content-type': 'application/json' } })
  } catch (error) {
    if (!isCqlError(error)) throw error
    return new Response(`${error.code}\n`, { status: error.outcome === 'retryable' ? 503 : 500 })
  }
}

export async function POST(request, { params }) {
  const { author } = await params
  await client.execute('INSERT INTO notes.notes (author, at, text) VALUES (?, now(), ?)', [author, await request.text()], { signal: request.signal })
  return new Response(null, { status: 201 })
}
