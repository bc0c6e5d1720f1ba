// The keyspace that the workloads read and write on a real cluster.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { firstRow, rowsToInsert, statements } from './workloads.mjs'

/** Makes tables and fills them, unless they are there. */
export async function prepareCluster(directory, contactPoint) {
  const { Client } = await import(pathToFileURL(join(directory, 'dist/client/index.js')).href)
  const client = await Client.connect({ contactPoints: [contactPoint], timeoutMs: 60_000 })
  const { length: nodes } = client.cluster.nodes
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS bench WITH replication = {'class': 'NetworkTopologyStrategy', '${client.cluster.nodes[0].dataCenter}': ${Math.min(3, nodes)}}`)
  await client.execute(`CREATE TABLE IF NOT EXISTS bench.point (${statements.point.shape.columns.map((column) => column.join(' ')).join(', ')}, PRIMARY KEY (id))`)
  for (const row of rowsToInsert()) await client.execute(statements.insert.query, row, { timeoutMs: 60_000 })
  for (const name of ['page', 'scan']) {
    const { shape, rows, variants, pages } = statements[name]
    const columns = shape.columns.map(([column]) => column)
    await client.execute(`CREATE TABLE IF NOT EXISTS bench.${name} (bucket int, ${shape.columns.map((column) => column.join(' ')).join(', ')}, PRIMARY KEY (bucket, rank))`)
    if ((await client.execute(`SELECT rank FROM bench.${name} LIMIT 1`)).rows.length > 0) continue
    console.log(`filling bench.${name}`)
    const insert = await client.prepare(`INSERT INTO bench.${name} (bucket, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`)
    for (let variant = 0; variant < variants; variant++) {
      for (let page = 0; page < pages; page++) {
        for (let at = 0; at < rows; at += 500) {
          await Promise.all(Array.from({ length: 500 }, (_, i) => insert.execute([variant, ...shape.row(firstRow(statements[name], variant, page) + at + i)])))
        }
      }
    }
  }
  await client.close()
}
