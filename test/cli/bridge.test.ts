// Clients without sockets reach a cluster through a WebSocket: the conformance suite, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startBridge } from '../../src/cli/web-socket-bridge.node.js'
import type { Bridge } from '../../src/cli/web-socket-bridge.node.js'
import * as cqlwire from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { cases } from '../conformance/cases.js'

const TOKEN = 'a secret, with ü/+'
let server: CqlServer
let bridge: Bridge
const refused: string[] = []
beforeAll(async () => {
  // Node has a WebSocket of its own from version 22 on.
  Object.assign(globalThis, { WebSocket })
  server = await CqlServer.start({ port: 0, nodes: 2 })
  bridge = await startBridge({ host: '127.0.0.1', port: 0, allow: [server.contactPoints[0]!, '127.0.0.1:*'], token: TOKEN, tls: undefined, maxTunnels: 30, onRefused: (reason) => refused.push(reason) })
})
afterAll(async () => {
  await bridge?.close()
  await server?.close()
})
const transport = (token: string | undefined = TOKEN): cqlwire.Connect => cqlwire.webSocketTransport({ url: `ws://127.0.0.1:${bridge.port}`, token })

describe.each([5, 4] as const)('through a bridge, protocol v%i', (protocolVersion) => {
  let client: cqlwire.Client
  const keyspace = `bridge_${protocolVersion}`
  let options: cqlwire.ClientOptions
  beforeAll(async () => {
    options = { contactPoints: server.contactPoints, transport: transport(), protocolVersion, keyspace }
    await using setup = await cqlwire.Client.connect({ contactPoints: server.contactPoints })
    await setup.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
    client = await cqlwire.Client.connect(options)
  })
  afterAll(() => client?.close())
  for (const { name, run } of cases) test(name, () => run({ cqlwire, client, options, keyspace, version: protocolVersion }))
})

describe('a bridge', () => {
  const attempt = (given: cqlwire.ClientOptions): Promise<cqlwire.Client> => cqlwire.Client.connect({ connectTimeoutMs: 3000, ...given })

  test('wants its token', async () => {
    for (const token of ['wrong', undefined]) await expect(attempt({ contactPoints: server.contactPoints, transport: cqlwire.webSocketTransport({ url: `ws://127.0.0.1:${bridge.port}`, ...(token !== undefined && { token }) }) })).rejects.toMatchObject({ code: 'CQL_NO_NODE_AVAILABLE' })
    expect(refused).toContain('the token is missing or wrong')
  })

  test('leads to what is allowed only', async () => {
    await expect(attempt({ contactPoints: ['10.0.0.1:22'], transport: transport() })).rejects.toMatchObject({ code: 'CQL_NO_NODE_AVAILABLE' })
    expect(refused).toContain('the target 10.0.0.1:22 is not among those allowed (--allow)')
  })

  test('says why a node cannot be reached', async () => {
    await expect(attempt({ contactPoints: ['127.0.0.1:1'], transport: transport() })).rejects.toThrow(/the bridge says: connect ECONNREFUSED 127\.0\.0\.1:1|could not|closed/i)
  })

  test('lets go of both sides', async () => {
    const client = await attempt({ contactPoints: [server.contactPoints[0]!], transport: transport(), mode: 'request' })
    expect(bridge.tunnels).toBe(1)
    await client.execute('SELECT key FROM system.local')
    await client.close()
    await expect.poll(() => bridge.tunnels).toBe(0)
    await expect.poll(() => server.connections).toBe(0)
    const other = await attempt({ contactPoints: [server.contactPoints[0]!], transport: transport(), mode: 'request' })
    await server.node(1).kill()
    await expect.poll(() => bridge.tunnels).toBe(0)
    await other.close()
    await server.node(1).start()
  })

  test('has as many tunnels as it may', async () => {
    const clients = await Promise.all(Array.from({ length: 30 }, () => attempt({ contactPoints: [server.contactPoints[0]!], transport: transport(), mode: 'request' })))
    await expect(attempt({ contactPoints: [server.contactPoints[0]!], transport: transport(), mode: 'request' })).rejects.toMatchObject({ code: 'CQL_NO_NODE_AVAILABLE' })
    expect(refused).toContain('30 tunnels are open already (--max-tunnels)')
    await Promise.all(clients.map((client) => client.close()))
  })

  test('large results, both ways at once, come whole', async () => {
    await using client = await attempt({ contactPoints: server.contactPoints, transport: transport() })
    await client.execute("CREATE KEYSPACE large WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
    await client.execute('CREATE TABLE large.t (k int PRIMARY KEY, v blob)')
    const blob = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * 31) & 255)
    await Promise.all(Array.from({ length: 10 }, (_, k) => client.execute('INSERT INTO large.t (k, v) VALUES (?, ?)', [k, blob])))
    const found = await Promise.all(Array.from({ length: 10 }, (_, k) => client.execute<{ v: Uint8Array }>('SELECT v FROM large.t WHERE k = ?', [k])))
    for (const result of found) expect(Buffer.compare(result.one().v, blob)).toBe(0)
  }, 30_000)

  test('options that cannot be are said', async () => {
    await expect(attempt({ contactPoints: server.contactPoints, transport: transport(), tls: true })).rejects.toThrow('npx cqlwire bridge --tls')
    expect(() => cqlwire.webSocketTransport({ url: 'https://x' })).toThrow('begins with ws:// or wss://')
  })
})
