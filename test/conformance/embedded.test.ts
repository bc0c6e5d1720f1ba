import { afterAll, beforeAll, describe, test } from 'vitest'
import * as cqlwire from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { cases } from './cases.js'

const settings: readonly Partial<cqlwire.ClientOptions>[] = [
  { protocolVersion: 5 }, { protocolVersion: 5, compression: 'lz4' }, { protocolVersion: 4 }, { protocolVersion: 4, compression: 'lz4' }, { protocolVersion: 4, compression: 'snappy' },
  { protocolVersion: 3 }, { protocolVersion: 3, compression: 'snappy' },
]

const all = [...settings.map((setting) => ({ ...setting, inMemory: false })), { protocolVersion: 5, inMemory: true } as const]

describe.each(all)('embedded server, protocol v$protocolVersion, compression $compression, in memory $inMemory', ({ inMemory, ...setting }) => {
  let server: CqlServer
  let client: cqlwire.Client
  let options: cqlwire.ClientOptions
  beforeAll(async () => {
    server = await CqlServer.start({ port: 0, sockets: !inMemory })
    const transport = inMemory ? { transport: server.transport } : {}
    const setup = await cqlwire.Client.connect({ contactPoints: server.contactPoints, ...transport })
    await setup.execute("CREATE KEYSPACE conformance WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    await setup.close()
    options = { contactPoints: server.contactPoints, keyspace: 'conformance', ...setting, ...transport }
    client = await cqlwire.Client.connect(options)
  })
  afterAll(async () => {
    await client?.close()
    await server?.close()
  })
  for (const { name, run } of cases) test(name, () => run({ cqlwire, client, options, keyspace: 'conformance', version: setting.protocolVersion! }))
})
