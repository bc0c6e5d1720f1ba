// The embedded server lets users do what Cassandra has let them do, and refuses the rest in its words.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import type { Outcome } from './outcome.js'
import { differentSteps, ROLE_ANSWERS, ROOT, runSteps } from './roles.js'

test('roles and permissions', async () => {
  await using server = await CqlServer.start({ port: 0, auth: ROOT })
  const said = await runSteps(server.contactPoints)
  if (process.env['SHOW']) { console.log(said.map((each) => JSON.stringify(each)).join('\n')); return }
  expect(differentSteps(JSON.parse(readFileSync(ROLE_ANSWERS, 'utf8')) as Outcome[], said).join('\n')).toBe('')
})
