// The embedded server beside Cassandra: the same statements, the same answers. What Cassandra says is kept for `differential/replay.test.ts`.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import { ANSWERS, clientOf, difference, outcomeOf } from '../differential/outcome.js'
import type { Outcome } from '../differential/outcome.js'
import { known, sections } from '../differential/sections.js'
import { CassandraCluster } from '../support/cassandra.js'

/** A node that runs already, for work on the server. */
const given = process.env['CQLWIRE_DIFFERENTIAL_NODE']

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster | undefined
  let server: CqlServer
  let contactPoints: readonly string[]
  const answers: Record<string, Outcome[]> = {}
  beforeAll(async () => {
    server = await CqlServer.start({ port: 0 })
    if (given === undefined) cluster = await CassandraCluster.start({ network: '127.0.58', yaml: 'materialized_views_enabled: true\ndynamic_data_masking_enabled: true\nsasi_indexes_enabled: true' })
    contactPoints = given === undefined ? cluster!.contactPoints : [given]
  })
  afterAll(async () => {
    await server?.close()
    await cluster?.stop()
  })

  for (const [i, { name, statements }] of sections.entries()) {
    test(name, async () => {
      const keyspace = `diff_${i}`
      await using real = await clientOf(contactPoints, keyspace)
      await using own = await clientOf(server.contactPoints, keyspace)
      const different: string[] = []
      const said: Outcome[] = []
      for (const template of statements) {
        const text = template.replaceAll('%KS', keyspace)
        const expected = await outcomeOf(real, text)
        said.push(expected)
        const found = difference(expected, await outcomeOf(own, text))
        if ((found !== undefined) !== known.has(text)) different.push(`${text}\n${found ?? '  is no difference any more'}`)
      }
      answers[name] = said
      expect(different.join('\n')).toBe('')
    })
  }

  test('what Cassandra says is what was kept', () => {
    if (process.env['CQLWIRE_RECORD'] !== undefined) writeFileSync(ANSWERS, `${JSON.stringify(answers, null, 1)}\n`)
    const kept = JSON.parse(readFileSync(ANSWERS, 'utf8')) as Record<string, Outcome[]>
    const bare = (all: Record<string, Outcome[]>): unknown => Object.entries(all).map(([name, said]) => [name, said.map(({ rows, columns, warnings, error }) => ({ rows, columns, warnings, error }))])
    expect(bare(answers)).toEqual(bare(kept))
  })
})
