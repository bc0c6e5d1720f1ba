// cqlwire as its README shows it, with no option but the contact point; variants name the protocol version or compression.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BATCH, checksumOf, keysOf, rowsToInsert, VALUES } from '../workloads.mjs'

/** @param directory of the installed package */
export async function connect({ port, contactPoint = `127.0.0.1:${port}`, what, statement, directory, options = {} }) {
  const { Client } = await import(pathToFileURL(join(directory, 'dist/client/index.js')).href)
  const client = await Client.connect({ contactPoints: [contactPoint], ...options })
  const { query } = statement
  const keys = keysOf(statement).map((key) => [key])
  const sum = checksumOf(statement.shape)
  const rows = rowsToInsert()
  const batches = Array.from({ length: 16 }, (_, n) => Array.from({ length: BATCH }, (_, i) => ({ query, values: rows[(n * BATCH + i) % VALUES] })))
  const runs = {
    async read(i) {
      let total = 0
      for (const row of (await client.execute(query, keys[i % VALUES])).rows) total += sum(row)
      return total
    },
    async stream(i) {
      let total = 0
      for await (const row of client.stream(query, keys[i % VALUES])) total += sum(row)
      return total
    },
    async columnar(i) {
      const { rowCount, columns } = await client.columnar(query, keys[i % VALUES])
      return rowCount + columns.length
    },
    async insert(i) {
      await client.execute(query, rows[i % VALUES])
      return 0
    },
    async batch(i) {
      await client.batch(batches[i % 16], { type: 'unlogged' })
      return 0
    },
    json: (i) => client.json(query, keys[i % VALUES]),
  }
  return {
    run: runs[what],
    written: async () => (await client.execute('SELECT written FROM bench.writes')).one().written,
    close: () => client.close(),
  }
}
