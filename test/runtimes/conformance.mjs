// All cases of the conformance suite, one after the other, with the client that is given.
import { cases } from '../conformance/cases.js'

/**
 * @param cqlwire the package
 * @param settings `contactPoint`, `keyspace`, and options of the client
 * @returns names of the cases that hold, and what is wrong with the others
 */
export async function conformance(cqlwire, { keyspace, ...options }) {
  const setup = await cqlwire.Client.connect({ ...options, timeoutMs: 60_000 })
  await setup.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`)
  await setup.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
  await setup.close()
  const given = { ...options, keyspace }
  const client = await cqlwire.Client.connect(given)
  const [passed, failed] = [[], []]
  for (const { name, run } of cases) {
    try {
      await run({ cqlwire, client, options: given, keyspace, version: options.protocolVersion })
      passed.push(name)
    } catch (error) {
      failed.push(`${name}: ${error?.stack ?? error}`)
    }
  }
  await client.close()
  // A node with the tables of all runtimes would run out of heap when it flushes them together.
  const cleanup = await cqlwire.Client.connect({ ...options, timeoutMs: 60_000 })
  await cleanup.execute(`DROP KEYSPACE ${keyspace}`)
  await cleanup.close()
  return { passed, failed }
}
