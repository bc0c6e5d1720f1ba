// What needs a server of its own, and only one: schemas of every kind, a node that refuses, and certificates.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, NoNodeAvailableError } from '../../src/client/index.js'
import type { ClientOptions } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'
import { fuzzServer } from '../../src/testing/index.js'
import { CassandraCluster } from '../support/cassandra.js'
import { overload } from './worst-day/overload.js'
import { schema } from './worst-day/schema.js'

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0', () => {
  let cluster: CassandraCluster
  beforeAll(async () => { cluster = await CassandraCluster.start({ network: '127.0.48' }) })
  afterAll(() => cluster?.stop())
  schema((): ClientOptions => ({ contactPoints: cluster.contactPoints }))
})

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0 with a limit', () => {
  let cluster: CassandraCluster
  beforeAll(async () => {
    cluster = await CassandraCluster.start({ network: '127.0.49', heapMb: 400, yaml: 'native_transport_rate_limiting_enabled: true\nnative_transport_max_requests_per_second: 200' })
  })
  afterAll(() => cluster?.stop())
  overload((): ClientOptions => ({ contactPoints: cluster.contactPoints }))
})

describe.skipIf(process.env['CQLWIRE_CONTACT_POINTS'] !== undefined)('one node of Cassandra 5.0 under changed messages', () => {
  let cluster: CassandraCluster
  // A length that a message only claims may cost Cassandra its heap: it answers so, and must not be told to end then.
  beforeAll(async () => { cluster = await CassandraCluster.start({ network: '127.0.54', surviveOutOfMemory: true }) })
  afterAll(() => cluster?.stop())

  test.each([4, 5] as const)('version %i: it serves others to the end', async (protocolVersion) => {
    const report = await fuzzServer({ target: cluster.contactPoints[0]!, protocolVersion, seconds: 15, hangMs: 1000, maxFindings: 1000 })
    const kinds = report.findings.map(({ kind }) => kind)
    console.log(`${report.connections} connections, ${report.messages} messages; not answered: ${kinds.filter((kind) => kind === 'hang').length}, against the protocol: ${kinds.filter((kind) => kind === 'violation').length}`)
    // Some requests Cassandra does not answer, and a STARTUP that it has refused changes its framing all the same.
    expect(kinds.filter((kind) => kind === 'crash')).toEqual([])
    for (const answer of ['ERROR PROTOCOL_ERROR', 'ERROR SYNTAX_ERROR', 'READY', 'SUPPORTED']) expect(report.answers[answer], answer).toBeGreaterThan(0)
    expect(report.connections).toBeGreaterThan(20)
  })
})

describe('certificates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cqlwire-tls-'))
  const openssl = (...args: readonly string[]): Promise<unknown> => promisify(execFile)('openssl', args, { cwd: directory })
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
  beforeAll(async () => {
    await openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem')
    await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=server', '-keyout', 'server.key', '-out', 'server.csr')
    writeFileSync(join(directory, 'index'), '')
    writeFileSync(join(directory, 'conf'), '[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\npolicy=any\nrand_serial=yes\nx509_extensions=names\n[any]\ncommonName=supplied\n[names]\nsubjectAltName=IP:127.0.0.1\n')
    await openssl('ca', '-batch', '-notext', '-config', 'conf', '-in', 'server.csr', '-out', 'expired.pem', '-startdate', '20200101000000Z', '-enddate', '20210101000000Z')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  test('an expired one is refused by name, and nothing is tried without encryption', async () => {
    await using server = await CqlServer.start({ port: 0, tls: { cert: read('expired.pem'), key: read('server.key') } })
    const error = await Client.connect({ contactPoints: server.contactPoints, tls: { ca: read('ca.pem') } }).catch((failure: unknown) => failure as Error)
    expect(error).toBeInstanceOf(NoNodeAvailableError)
    expect((error as NoNodeAvailableError).attempts.map((attempt) => [attempt.error.message, (attempt.error as { code?: string }).code])).toEqual([[expect.stringMatching(/its certificate has expired \(CERT_HAS_EXPIRED\)/), 'CQL_CONNECTION']])
    await using trusting = await Client.connect({ contactPoints: server.contactPoints, tls: { ca: read('ca.pem'), verify: false } })
    expect(trusting.stats().protocolVersion).toBe(5)
  })
})
