// The embedded server says what Cassandra has said to the same statements.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import { ANSWERS, clientOf, difference, outcomeOf } from './outcome.js'
import type { Outcome } from './outcome.js'
import { renaming } from './rename.js'
import { known, sections } from './sections.js'

const answers = JSON.parse(readFileSync(ANSWERS, 'utf8')) as Record<string, Outcome[]>
/** Names that mean something else, too: a column that JSON writes in capitals, a letter of a text that is masked. */
const kept: Readonly<Record<string, readonly string[]>> = { functions: ['t'], JSON: ['k'] }
/** Differs from day to day. */
const seed = Number(process.env['CQLWIRE_SEED'] ?? Math.floor(Date.now() / 86_400_000))
let server: CqlServer
beforeAll(async () => { server = await CqlServer.start({ port: 0, dataCenter: 'dc1' }) })
afterAll(async () => server.close())

test.each(sections.map(({ name, statements }, i) => ({ name, statements, i })))(`$name, names of seed ${seed}`, async ({ name, statements, i }) => {
  const keyspace = `diff_${i}`
  const rename = renaming(statements.map((text) => text.replaceAll('%KS', keyspace)), seed, new Set(kept[name]))
  await using client = await clientOf(server.contactPoints, keyspace)
  const different: string[] = []
  for (const [at, template] of statements.entries()) {
    const text = template.replaceAll('%KS', keyspace)
    const expected = JSON.parse(rename(JSON.stringify(answers[name]![at]!))) as Outcome
    const found = difference(expected, await outcomeOf(client, rename(text)))
    if ((found !== undefined) !== known.has(text)) different.push(`${rename(text)}\n${found ?? '  is no difference any more'}`)
  }
  expect(different.join('\n')).toBe('')
})
