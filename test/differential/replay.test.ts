// The embedded server says what Cassandra has said to the same statements.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import { ANSWERS, clientOf, difference, outcomeOf } from './outcome.js'
import type { Outcome } from './outcome.js'
import { known, sections } from './sections.js'

const answers = JSON.parse(readFileSync(ANSWERS, 'utf8')) as Record<string, Outcome[]>
let server: CqlServer
beforeAll(async () => { server = await CqlServer.start({ port: 0 }) })
afterAll(async () => server.close())

test.each(sections.map(({ name, statements }, i) => ({ name, statements, i })))('$name', async ({ name, statements, i }) => {
  const keyspace = `diff_${i}`
  await using client = await clientOf(server.contactPoints, keyspace)
  const different: string[] = []
  for (const [at, template] of statements.entries()) {
    const text = template.replaceAll('%KS', keyspace)
    const found = difference(answers[name]![at]!, await outcomeOf(client, text))
    if ((found !== undefined) !== known.has(text)) different.push(`${text}\n${found ?? '  is no difference any more'}`)
  }
  expect(different.join('\n')).toBe('')
})
