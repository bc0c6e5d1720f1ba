// The conformance suite on every runtime, against the embedded server.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CqlServer } from '../../src/server/index.js'
import { cases } from '../conformance/cases.js'
import { conformanceRuntimes } from '../support/conformance-on.js'
import { root } from '../support/runtimes.js'

describe('the conformance suite on', () => {
  let server: CqlServer
  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/client/index.js'))) throw new Error('These tests run what is built: npm run build')
    server = await CqlServer.start({ port: 0 })
  })
  afterAll(() => server?.close())

  for (const [i, { name, run }] of conformanceRuntimes.entries()) {
    test.skipIf(!run)(name, async () => {
      for (const [version, compression] of [[5, 'lz4'], [4, 'none']] as const) {
        const { passed, failed } = await run!({ contactPoints: server.contactPoints, keyspace: `on_${i}_${version}`, protocolVersion: version, compression })
        expect(failed).toEqual([])
        expect(passed).toEqual(cases.map((each) => each.name))
      }
    }, 120_000)
  }
})
