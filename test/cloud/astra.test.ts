// Secure-connect bundles: a double of the service, which leads to the node that TLS is asked for by name, and lets in who shows the bundle's certificate.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import type { Server as HttpsServer } from 'node:https'
import { connect as connectTcp } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTls } from 'node:tls'
import type { Server as TlsServer } from 'node:tls'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { astra } from '../../src/cloud/astra.node.js'
import { CqlServer } from '../../src/server/index.js'

let folder: string
let server: CqlServer
let proxy: TlsServer
let metadata: HttpsServer
let status = 200
const led = new Map<string, number>()
const file = (name: string): Buffer => readFileSync(join(folder, name))
const portOf = (of: TlsServer | HttpsServer): number => (of.address() as AddressInfo).port

/** An authority, and a certificate of it for 127.0.0.1. */
function makeCertificates(): void {
  const openssl = (...args: readonly string[]): unknown => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority')
  for (const name of ['proxy', 'client']) {
    writeFileSync(join(folder, `${name}.ext`), 'subjectAltName = IP:127.0.0.1')
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.crt`, '-days', '2', '-extfile', `${name}.ext`)
  }
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
if (!hasOpenssl) console.log('openssl is not there, and tests of secure-connect bundles are left out')

describe.skipIf(!hasOpenssl)('a secure-connect bundle', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cqlwire-astra-'))
    makeCertificates()
    server = await CqlServer.start({ port: 0, nodes: 3, dataCenter: 'europe', auth: { username: 'token', password: 'AstraCS:x' } })
    const tls = { key: file('proxy.key'), cert: file('proxy.crt'), ca: file('ca.crt'), requestCert: true, rejectUnauthorized: true }
    proxy = createTls(tls, (socket) => {
      const hostId = (socket as unknown as { servername: string }).servername
      const node = server.nodes.find(({ identity }) => identity.hostId === hostId)
      socket.on('error', () => {})
      if (!node) return void socket.destroy()
      led.set(hostId, (led.get(hostId) ?? 0) + 1)
      const target = connectTcp(node.port, '127.0.0.1')
      target.on('error', () => socket.destroy())
      socket.pipe(target).pipe(socket)
      socket.on('close', () => target.destroy())
    })
    metadata = createHttps(tls, (request, response) => {
      if (request.url !== '/metadata' || status !== 200) return void response.writeHead(request.url === '/metadata' ? status : 404).end()
      response.end(JSON.stringify({ version: 1, region: 'europe', contact_info: { type: 'sni_proxy', local_dc: 'europe', contact_points: server.nodes.map(({ identity }) => identity.hostId), sni_proxy_address: `127.0.0.1:${portOf(proxy)}` } }))
    })
    await Promise.all([proxy, metadata].map((each) => new Promise<void>((resolve) => { each.listen(0, '127.0.0.1', resolve) })))
  })
  afterAll(async () => {
    metadata?.close()
    proxy?.close()
    await server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const bundle = (changes: Readonly<Record<string, Uint8Array<ArrayBuffer> | undefined>> = {}): Uint8Array => {
    const files = { 'config.json': strToU8(JSON.stringify({ host: '127.0.0.1', port: portOf(metadata), keyspace: 'x' })), 'ca.crt': new Uint8Array(file('ca.crt')), cert: new Uint8Array(file('client.crt')), key: new Uint8Array(file('client.key')), cqlshrc: strToU8('[connection]'), ...changes }
    return zipSync(Object.fromEntries(Object.entries(files).filter((entry): entry is [string, Uint8Array<ArrayBuffer>] => entry[1] !== undefined)))
  }

  test('a client reaches all nodes through the proxy, by name', async () => {
    const path = join(folder, 'secure-connect-shop.zip')
    writeFileSync(path, bundle())
    await using client = await Client.connect({ ...(await astra(path)), auth: { username: 'token', password: 'AstraCS:x' }, pool: { warmUp: true } })
    expect(client.cluster.nodes.map(({ hostId, address }) => [hostId, address]).sort()).toEqual(server.nodes.map(({ identity }) => [identity.hostId, identity.hostId]).sort())
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'NetworkTopologyStrategy', 'europe': 3}")
    await client.execute('CREATE TABLE shop.t (k int PRIMARY KEY, v blob)')
    const blob = new Uint8Array(500_000).fill(7)
    for (let k = 0; k < 30; k++) await client.execute('INSERT INTO shop.t (k, v) VALUES (?, ?)', [k, blob])
    expect((await client.execute<{ v: Uint8Array }>('SELECT v FROM shop.t WHERE k = ?', [29])).one().v.length).toBe(500_000)
    expect([...led.keys()].sort()).toEqual(server.nodes.map(({ identity }) => identity.hostId).sort())
    expect([...client.stats().nodes.values()].every(({ up }) => up)).toBe(true)
  })

  test('what is wrong with a bundle, or its service, is said', async () => {
    await expect(astra('/nowhere.zip')).rejects.toThrow('/nowhere.zip cannot be read')
    await expect(astra(strToU8('no zip'))).rejects.toThrow('no zip')
    await expect(astra(bundle({ cert: undefined }))).rejects.toThrow('has no file cert')
    await expect(astra(bundle({ 'config.json': strToU8('{') }))).rejects.toThrow('no JSON')
    await expect(astra(bundle({ 'config.json': strToU8('{}') }))).rejects.toThrow('names no host and port')
    await expect(astra(bundle({ 'config.json': strToU8('{"host": "127.0.0.1", "port": 1}') }))).rejects.toThrow(/127\.0\.0\.1:1 could not be asked/)
    status = 503
    await expect(astra(bundle())).rejects.toThrow('is the database hibernated?')
    status = 200
  })
})
