import type { Client } from '../client/index.js'

/** Makes tables, all processes by way of the same node: two nodes that make one table at once could make two of it. */
export async function createTables(client: Client, statements: readonly string[]): Promise<void> {
  const [first] = [...client.cluster.nodes].sort((a, b) => (a.hostId < b.hostId ? -1 : 1))
  for (const statement of statements) await client.execute(statement, [], first && { node: first.hostId })
}
