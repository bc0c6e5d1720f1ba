import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Client, keyspaceToCql } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { any } from '../support/arbitraries.js'

test('of schemas: the statements that make them are understood, and make the same', async () => {
  await using server = await CqlServer.start({ port: 0 })
  await using client = await Client.connect({ contactPoints: server.contactPoints })
  for (const [i, keyspace] of fc.sample(any.keyspace('k'), { seed: 1, numRuns: 25 }).entries()) {
    const name = `k${i}`
    for (const statement of keyspaceToCql(keyspace, name)) await client.execute(statement)
    await client.refreshSchema()
    const made = client.cluster.keyspaces.get(name)!
    expect([...made.tables.keys()].sort()).toEqual([...keyspace.tables.keys()].sort())
    for (const [tableName, table] of keyspace.tables) {
      const seen = made.tables.get(tableName)!
      expect([...seen.columns.keys()].sort()).toEqual([...table.columns.keys()].sort())
      expect(seen.partitionKey.map((column) => column.name)).toEqual(table.partitionKey.map((column) => column.name))
      expect(seen.clusteringKey.map(({ name: column, order }) => [column, order])).toEqual(table.clusteringKey.map(({ name: column, order }) => [column, order]))
      for (const [column, { kind }] of table.columns) expect(seen.columns.get(column)!.kind).toBe(kind)
    }
  }
})
