import { afterAll, beforeAll, describe, test } from 'vitest'
import * as cqlwire from '../../src/client/index.js'
import { cases } from '../conformance/cases.js'
import { CassandraCluster } from '../support/cassandra.js'
import type { ConformanceRuntime, ConformanceSettings } from '../support/conformance-on.js'
import { conformanceRuntimes } from '../support/conformance-on.js'
import { clusterOf } from './cluster.js'

const keyspace = 'cqlwire_conformance'

/** DDL on a loaded machine may take longer than a client's default allows. */
const patience = { timeoutMs: 60_000 }

async function drop(options: cqlwire.ClientOptions): Promise<void> {
  await using client = await cqlwire.Client.connect(options)
  await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], patience)
}

async function prepare(options: cqlwire.ClientOptions, replicationFactor: number): Promise<void> {
  await drop(options)
  await using client = await cqlwire.Client.connect(options)
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': ${replicationFactor}}`, [], patience)
}

type Setting = Pick<cqlwire.ClientOptions, 'compression'> & { readonly protocolVersion: cqlwire.ProtocolVersion }

const settings: readonly Setting[] = [
  { protocolVersion: 5, compression: 'none' }, { protocolVersion: 5, compression: 'lz4' }, { protocolVersion: 4, compression: 'none' }, { protocolVersion: 4, compression: 'lz4' },
  { protocolVersion: 4, compression: 'snappy' }, { protocolVersion: 3, compression: 'none' }, { protocolVersion: 3, compression: 'lz4' }, { protocolVersion: 3, compression: 'snappy' },
]

/** Runs every case with one client, in a keyspace that is dropped afterwards: a node with the tables of all settings runs out of heap when it flushes them together. */
function suite(setting: Setting, base: () => cqlwire.ClientOptions, replicationFactor = 1): void {
  let client: cqlwire.Client
  let options: cqlwire.ClientOptions
  beforeAll(async () => {
    await prepare(base(), replicationFactor)
    options = { ...base(), ...patience, keyspace, ...setting }
    client = await cqlwire.Client.connect(options)
  })
  afterAll(async () => {
    await client?.close()
    await drop(base())
  })
  for (const { name, run } of cases) {
    if (name === 'vectors' && base === fourOne) continue // Cassandra 4.1 has no vectors
    test(name, () => run({ cqlwire, client, options, keyspace, version: setting.protocolVersion }))
  }
}

/** Runs every case on other runtimes, with a client there. */
function onOtherRuntimes(which: (runtime: ConformanceRuntime) => boolean, base: () => cqlwire.ClientOptions): void {
  // The first is this one.
  for (const { name, run } of conformanceRuntimes.slice(1).filter(which)) {
    test(`on ${name}`, async ({ expect, skip }) => {
      if (!run) skip('npm run runtimes')
      const { contactPoints, auth, tls } = base() as ConformanceSettings
      const { passed, failed } = await run!({ contactPoints, keyspace, protocolVersion: 5, compression: 'lz4', ...patience, ...(auth && { auth }), ...(tls && { tls }) })
      expect(failed).toEqual([])
      expect(passed).toEqual(cases.map((each) => each.name))
    })
  }
}

describe('three nodes of Cassandra 5.0', () => {
  const cluster = clusterOf()
  let options: cqlwire.ClientOptions
  beforeAll(async () => { options = await cluster() })
  // The rest has its turn on 4.1, below, where a schema change takes one node's time.
  for (const setting of settings.filter(({ protocolVersion, compression }) => protocolVersion === 5 || compression === 'none')) describe(`protocol v${setting.protocolVersion}, compression ${setting.compression}`, () => suite(setting, () => options, Number(process.env['CQLWIRE_REPLICATION_FACTOR'] ?? 3)))

  onOtherRuntimes(({ privateTls }) => !privateTls, () => options)
})

let fourOneOptions: cqlwire.ClientOptions
const fourOne = (): cqlwire.ClientOptions => fourOneOptions

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 4.1', () => {
  let cluster: CassandraCluster
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ version: '4.1.10', network: '127.0.41', heapMb: 400 })
    fourOneOptions = { contactPoints: cluster.contactPoints }
  })
  afterAll(() => cluster?.stop())
  for (const setting of settings.filter(({ protocolVersion, compression }) => protocolVersion === 5 || compression !== 'none')) {
    describe(`protocol v${setting.protocolVersion}, compression ${setting.compression}`, () => suite(setting, fourOne))
  }
})

let secureOptions: cqlwire.ClientOptions
const secure = (): cqlwire.ClientOptions => secureOptions

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0 with TLS and passwords', () => {
  let cluster: CassandraCluster
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.42', auth: true, tls: 'mutual', heapMb: 400 })
    const { ca, clientCert, clientKey } = cluster.certificates
    secureOptions = { contactPoints: cluster.contactPoints, auth: { username: 'cassandra', password: 'cassandra' }, tls: { ca, cert: clientCert, key: clientKey } }
  })
  afterAll(() => cluster?.stop())
  // What is encrypted is the same stream.
  for (const setting of settings.filter(({ protocolVersion, compression }) => (protocolVersion === 5) === (compression === 'lz4') && compression !== 'snappy')) describe(`protocol v${setting.protocolVersion}, compression ${setting.compression}`, () => suite(setting, secure))

  onOtherRuntimes(({ privateTls }) => privateTls, secure)

  test('a wrong password is one clear error', async ({ expect }) => {
    const error = await cqlwire.Client.connect({ ...secureOptions, auth: { username: 'cassandra', password: 'wrong-secret' } }).catch((e: unknown) => e as Error)
    expect(error).toBeInstanceOf(cqlwire.AuthenticationError)
    expect((error as Error).message).toMatch(/127\.0\.42\.1:9042 refused the credentials/)
    expect((error as Error).message).not.toContain('wrong-secret')
  })

  test('no credentials: the option is named', async ({ expect }) => {
    const { auth: _auth, ...without } = secureOptions
    await expect(cqlwire.Client.connect(without)).rejects.toThrow(/asks for authentication \(PasswordAuthenticator\): give the option 'auth'/)
  })

  test('a function gives the credentials anew for each connection', async ({ expect }) => {
    let asked = 0
    const client = await cqlwire.Client.connect({ ...secureOptions, auth: async () => ({ username: 'cassandra', password: (asked++, 'cassandra') }) })
    await client.execute('SELECT release_version FROM system.local')
    await client.close()
    expect(asked).toBeGreaterThan(1)
  })

  test('certificates are verified: unknown authority, wrong name, none of the client', async ({ expect }) => {
    const { cert, key, ca } = secureOptions.tls as cqlwire.TlsOptions
    await expect(cqlwire.Client.connect({ ...secureOptions, tls: { cert: cert!, key: key! } })).rejects.toThrow(/authority that is not trusted|cannot be verified/)
    await expect(cqlwire.Client.connect({ ...secureOptions, tls: { ca: ca!, cert: cert!, key: key!, serverName: 'elsewhere.test' } })).rejects.toThrow(/certificate is for another name/)
    await expect(cqlwire.Client.connect({ ...secureOptions, tls: { ca: ca! } })).rejects.toThrow(cqlwire.NoNodeAvailableError)
    const named = await cqlwire.Client.connect({ ...secureOptions, tls: { ca: ca!, cert: cert!, key: key!, serverName: () => 'cassandra.test' } })
    await named.close()
  })
})
