// What our parser takes for CQL Cassandra does, too, and as our printer writes it; and what is none to one is none to the other.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, CqlSyntaxError } from '../../src/client/index.js'
import { parseStatement, printStatement } from '../../src/cql/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { noStatements, statements } from '../support/cql-corpus.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  let client: Client
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.57' })
    client = await Client.connect({ contactPoints: cluster.contactPoints, timeoutMs: 30_000 })
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.stop()
  })

  /** What Cassandra says of the syntax; of all else it may say what it likes. */
  const syntaxError = async (text: string): Promise<string | undefined> => {
    try {
      await client.prepare(text)
    } catch (error) {
      if (error instanceof CqlSyntaxError) return error.message
    }
    return undefined
  }

  test('statements', async () => {
    const wrong: string[] = []
    for (const text of statements) {
      for (const each of [text, printStatement(parseStatement(text))]) {
        const error = await syntaxError(each)
        if (error !== undefined) wrong.push(`${each}\n  ${error}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('no statements', async () => {
    const taken: string[] = []
    for (const text of noStatements) if (await syntaxError(text) === undefined) taken.push(text)
    expect(taken).toEqual([])
  })
})
