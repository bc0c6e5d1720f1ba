import type { unzipSync as Unzip } from 'fflate'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { checkServerIdentity, connect as connectTls, createSecureContext } from 'node:tls'
import { OptionError } from '../base/index.js'
import type { ClientOptions, Connect } from '../client/index.js'

/** What is in a secure-connect bundle. */
interface Bundle {
  readonly host: string
  readonly port: number
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

/** What the metadata service of a bundle says. */
interface ContactInfo {
  readonly local_dc: string
  readonly contact_points: readonly string[]
  readonly sni_proxy_address: string
}

/** How long the metadata service may take, in milliseconds. */
const METADATA_MS = 10_000

/**
 * Options of a client of Astra, from its secure-connect bundle: nodes are reached through one proxy, by their host ids as the names of TLS. Needs the package `fflate`.
 *
 * @param bundle the path of the zip, or its bytes
 * @returns options to which the client's own are added: `auth`, with the token as the password, and the keyspace
 * @throws OptionError when the bundle, or what its service says, is not what it should be
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { astra } from 'cqlwire/astra'
 * await using client = await Client.connect({ ...(await astra('secure-connect-shop.zip')), auth: { username: 'token', password: 'AstraCS:...' }, keyspace: 'shop' })
 * ```
 */
export async function astra(bundle: string | Uint8Array): Promise<Required<Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'transport' | 'policies'>>> {
  const opened = await openBundle(typeof bundle === 'string' ? await readFile(bundle).catch((error: Error) => { throw new OptionError('bundle', `${bundle} cannot be read: ${error.message}`) }) : bundle)
  const info = await contactInfo(opened)
  const [, proxyHost, proxyPort] = /^(.+):(\d+)$/.exec(info.sni_proxy_address) ?? []
  if (proxyHost === undefined || !Array.isArray(info.contact_points) || info.contact_points.length === 0) throw new OptionError('bundle', `The metadata service at ${opened.host}:${opened.port} does not say where the nodes are`)
  const port = Number(proxyPort)
  return {
    contactPoints: info.contact_points.map((hostId) => `${hostId}:${port}`), localDataCenter: info.local_dc, transport: throughProxy(proxyHost, port, opened),
    // The addresses that nodes announce are not those at which they are reached.
    policies: { addressTranslation: (_, { hostId }) => ({ address: hostId, port }) },
  }
}

async function openBundle(bytes: Uint8Array): Promise<Bundle> {
  let unzipSync: typeof Unzip
  try {
    ({ unzipSync } = await import('fflate')) // in a `try` of its own, which tells bundlers that the package may be missing
  } catch {
    throw new OptionError('bundle', 'Secure-connect bundles need the package fflate: npm install fflate')
  }
  let files: Readonly<Record<string, Uint8Array>>
  try {
    files = unzipSync(bytes, { filter: ({ name, originalSize }) => ['config.json', 'ca.crt', 'cert', 'key'].includes(name) && originalSize < 1_048_576 })
  } catch (error) {
    throw new OptionError('bundle', `The secure-connect bundle is no zip: ${(error as Error).message}`)
  }
  const file = (name: string): Buffer => {
    const found = files[name]
    if (!found) throw new OptionError('bundle', `The secure-connect bundle has no file ${name}`)
    return Buffer.from(found)
  }
  let config: { readonly host?: unknown; readonly port?: unknown }
  try {
    config = JSON.parse(file('config.json').toString()) as typeof config
  } catch (error) {
    if (error instanceof OptionError) throw error
    throw new OptionError('bundle', 'config.json of the secure-connect bundle is no JSON')
  }
  if (typeof config.host !== 'string' || typeof config.port !== 'number') throw new OptionError('bundle', 'config.json of the secure-connect bundle names no host and port')
  return { host: config.host, port: config.port, ca: file('ca.crt'), cert: file('cert'), key: file('key') }
}

function contactInfo({ host, port, ca, cert, key }: Bundle): Promise<ContactInfo> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new OptionError('bundle', `The metadata service at ${host}:${port} could not be asked: ${why}`))
    const asked = request({ host, port, path: '/metadata', ca, cert, key, timeout: METADATA_MS }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { text += chunk })
      response.on('error', (error) => fail(error.message))
      response.on('end', () => {
        if (response.statusCode !== 200) return fail(`it answers with status ${response.statusCode}; is the database hibernated?`)
        try {
          resolve((JSON.parse(text) as { contact_info: ContactInfo }).contact_info)
        } catch {
          fail('it answers with something that is no JSON')
        }
      })
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${METADATA_MS} ms`)))
    asked.on('error', (error) => fail(error.message))
    asked.end()
  })
}

/** A stream to a node: TLS to the proxy, which goes by the name that is asked for; the certificate is the proxy's. */
function throughProxy(proxyHost: string, proxyPort: number, { ca, cert, key }: Bundle): Connect {
  const secureContext = createSecureContext({ ca, cert, key })
  return ({ host, signal }, handlers) => new Promise((resolve, reject) => {
    const socket = connectTls({ host: proxyHost, port: proxyPort, servername: host, secureContext, checkServerIdentity: (_, certificate) => checkServerIdentity(proxyHost, certificate) })
    socket.setNoDelay(true)
    const onAbort = (): void => { socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('Aborted')) }
    let failure: Error | undefined
    let isOpen = false
    socket.on('error', (error) => { failure = error })
    socket.on('data', (chunk) => handlers.onData(chunk))
    socket.on('drain', () => handlers.onDrain())
    socket.on('close', () => {
      signal.removeEventListener('abort', onAbort)
      if (isOpen) handlers.onClose(failure)
      else reject(failure ?? new Error('The connection was closed while it was being opened'))
    })
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', onAbort)
      isOpen = true
      resolve({ write: (bytes, done) => socket.write(bytes, () => done()), close: () => void socket.end(), destroy: () => void socket.destroy(), unref: () => void socket.unref() })
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
