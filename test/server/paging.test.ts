// Pages of any size are together what one page has, whatever the table is like.
import { expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

test.each([
  ['one row in each partition', 'CREATE TABLE ks.t (k int PRIMARY KEY, v int)', Array.from({ length: 9 }, (_, k) => `INSERT INTO ks.t (k, v) VALUES (${k}, ${k})`)],
  ['several rows in each', 'CREATE TABLE ks.t (k int, c int, v int, PRIMARY KEY (k, c))', Array.from({ length: 20 }, (_, i) => `INSERT INTO ks.t (k, c, v) VALUES (${i % 3}, ${i}, ${i})`)],
  ['partitions of what is static only, too', 'CREATE TABLE ks.t (k int, c int, s int static, v int, PRIMARY KEY (k, c))', [...Array.from({ length: 6 }, (_, k) => `INSERT INTO ks.t (k, s) VALUES (${k}, ${k})`), 'INSERT INTO ks.t (k, c) VALUES (2, 1)', 'INSERT INTO ks.t (k, c) VALUES (2, 2)']],
  ['several key columns', 'CREATE TABLE ks.t (a int, b text, c int, d int, PRIMARY KEY ((a, b), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC)', Array.from({ length: 24 }, (_, i) => `INSERT INTO ks.t (a, b, c, d) VALUES (${i % 2}, '${i % 3}', ${i % 4}, ${i})`)],
])('%s', async (_, definition, writes) => {
  await using server = await CqlServer.start({ port: 0 })
  await using client = await Client.connect({ contactPoints: server.contactPoints })
  await client.execute("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
  await client.execute(definition)
  for (const write of writes) await client.execute(write)
  const first = /\((\w+) /.exec(definition)![1]!
  for (const query of ['SELECT * FROM ks.t', `SELECT DISTINCT ${/PRIMARY KEY \(\(([^)]*)\)/.exec(definition)?.[1] ?? first} FROM ks.t`, 'SELECT * FROM ks.t PER PARTITION LIMIT 2', 'SELECT * FROM ks.t LIMIT 5']) {
    const { rows } = await client.execute(query, [], { pageSize: 1000 })
    for (const prepare of [true, false]) {
      for (let pageSize = 1; pageSize <= 7; pageSize++) {
        const found: unknown[] = []
        // A server that gave the same page again and again would never come to an end.
        for await (const row of client.stream(query, [], { pageSize, prepare })) if (found.push(row) > rows.length) break
        expect(found, `${query}, ${pageSize} rows a page`).toEqual(rows)
      }
    }
  }
})
