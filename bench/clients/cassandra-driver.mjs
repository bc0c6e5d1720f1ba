// npm cassandra-driver with its defaults; statements are prepared, as its documentation says they should be.
import { BATCH, checksumOf, keysOf, rowsToInsert, VALUES } from '../workloads.mjs'

export async function connect({ port, contactPoint = `127.0.0.1:${port}`, what, statement }) {
  const { default: cassandra } = await import('cassandra-driver')
  const client = new cassandra.Client({ contactPoints: [contactPoint], localDataCenter: process.env.CQLWIRE_BENCH_DC ?? 'dc1' })
  await client.connect()
  const { query } = statement
  const options = { prepare: true }
  const keys = keysOf(statement).map((key) => [key])
  const sum = checksumOf(statement.shape, {
    uuid: (value) => value.getBuffer()[0], bigint: (value) => value.toNumber(), 'map<text, text>': (value) => value.kind.length + value.unit.charCodeAt(1),
  })
  const rows = rowsToInsert()
  const batches = Array.from({ length: 16 }, (_, n) => Array.from({ length: BATCH }, (_, i) => ({ query, params: rows[(n * BATCH + i) % VALUES] })))
  const runs = {
    async read(i) {
      let total = 0
      for (const row of (await client.execute(query, keys[i % VALUES], options)).rows) total += sum(row)
      return total
    },
    async stream(i) {
      let total = 0
      for await (const row of await client.execute(query, keys[i % VALUES], options)) total += sum(row)
      return total
    },
    async insert(i) {
      await client.execute(query, rows[i % VALUES], options)
      return 0
    },
    async batch(i) {
      await client.batch(batches[i % 16], { prepare: true, logged: false })
      return 0
    },
    json: async (i) => Buffer.from(JSON.stringify((await client.execute(query, keys[i % VALUES], options)).rows)),
  }
  return {
    run: runs[what],
    written: async () => (await client.execute('SELECT written FROM bench.writes')).first().written,
    close: () => client.shutdown(),
  }
}
