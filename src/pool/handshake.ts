import { AuthenticationError, ConnectionError, CqlError, nameError, OptionError, ProtocolError } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { checkedCompressor, errorCodes, lz4, ServerError, snappy } from '../protocol/index.js'
import type { CompressionName, Compressor, ProtocolVersion, ResponseMessage } from '../protocol/index.js'
import { connect as platformConnect, loadNativeCompressor } from '../transport/index.js'
import type { Connect, TlsOptions } from '../transport/index.js'
import { authProviderOf } from './authentication.js'
import type { AuthOption } from './authentication.js'
import { Connection } from './connection.js'
import type { ConnectionListener, ConnectionOptions } from './connection.js'
import { describeSocketError } from './socket-error.js'
import { extensionsOf } from './extensions.js'

/** Options of opening a connection. */
export interface HandshakeOptions extends ConnectionOptions {
  readonly auth?: AuthOption | undefined
  readonly tls?: TlsOptions | undefined
  readonly compression?: CompressionName | undefined
  /** Everything from the first packet to the last answer of the handshake, in milliseconds. */
  readonly connectTimeoutMs: number
  /** What the connection says of itself in STARTUP. */
  readonly identity: ReadonlyMap<string, string>
  /** Opens the byte stream. @default the platform's TCP or TLS */
  readonly transport?: Connect | undefined
}

/** The server does not speak the version that was tried. */
export class VersionRefusedError extends ConnectionError {
  /** The highest version that both speak, or undefined when there is none. */
  readonly offered: ProtocolVersion | undefined
  constructor(address: string, tried: ProtocolVersion, offered: ProtocolVersion | undefined) {
    super(address, `${address} does not speak protocol version ${tried}${offered === undefined ? ', nor any that is spoken here' : `, but ${offered}`}`, 'permanent')
    this.offered = offered
  }
  static { nameError(this, 'VersionRefusedError') }
}

/**
 * Opens a connection and brings it to where requests can be sent: version, compression, authentication.
 *
 * @param keyspace chosen with `USE`, for versions without a keyspace per request
 * @param via another port of the node, and the port to come from: together they choose the shard of a ScyllaDB node
 * @throws CqlError of the kind that says what went wrong: ConnectionError, AuthenticationError, VersionRefusedError, ServerError
 */
export async function openConnection(node: { readonly address: string; readonly port: number }, options: HandshakeOptions, keyspace?: string, listener: ConnectionListener = {}, via?: { readonly port: number; readonly localPort: number }): Promise<Connection> {
  const host = node.address.includes(':') ? `[${node.address}]` : node.address
  const address = `${host}:${node.port}`
  const connection = new Connection(address, options)
  const abort = new AbortController()
  const timer = options.clock.schedule(() => {
    const timeout = new ConnectionError(address, `${address} did not complete the handshake within connectTimeoutMs (${options.connectTimeoutMs} ms)`, 'retryable')
    abort.abort(timeout)
    connection.destroy(timeout)
  }, options.connectTimeoutMs)
  try {
    const open = options.transport ?? platformConnect
    try {
      connection.attach(await open({ host: node.address, port: via?.port ?? node.port, tls: options.tls, signal: abort.signal, localPort: via?.localPort }, connection))
    } catch (error) {
      if (error instanceof CqlError) throw error
      throw new ConnectionError(address, `Could not connect to ${address}: ${describeSocketError(error as Error)}`, 'retryable', error)
    }
    const supported = await askOptions(connection, address)
    await startUp(connection, node, supported, options)
    if (keyspace !== undefined) {
      await connection.request({ type: 'QUERY', query: `USE ${quoteIdentifier(keyspace)}`, parameters: { consistency: 'one' } })
      connection.keyspace = keyspace
    }
    connection.listener = listener
    connection.startHeartbeat()
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    options.clock.cancel(timer)
  }
}

async function askOptions(connection: Connection, address: string): Promise<ReadonlyMap<string, readonly string[]>> {
  try {
    const answer = await connection.request({ type: 'OPTIONS' })
    if (answer.type === 'SUPPORTED') return answer.options
    throw unexpected(answer, 'OPTIONS')
  } catch (error) {
    throw refusedVersion(error, connection, address) ?? error
  }
}

/** Servers refuse a version with a protocol error that lists those they speak; old ones say so in a server error. */
function refusedVersion(error: unknown, connection: Connection, address: string): VersionRefusedError | undefined {
  // Some answer on stream 0, which ends the connection.
  const refusal = error instanceof ConnectionError ? error.cause : error
  if (!(refusal instanceof ServerError) || !/unsupported protocol version/i.test(refusal.message)) return undefined
  if (refusal.protocolCode !== errorCodes.PROTOCOL_ERROR && refusal.protocolCode !== errorCodes.SERVER_ERROR) return undefined
  const listed = [...refusal.message.matchAll(/\b(\d)\/v\d(?!-beta)/g)].map((match) => Number(match[1]))
  const lower = ([5, 4, 3] as const).filter((version) => version < connection.version)
  const offered = listed.length > 0 ? lower.find((version) => listed.includes(version)) : lower[0]
  return new VersionRefusedError(address, connection.version, offered)
}

async function startUp(connection: Connection, node: { readonly address: string; readonly port: number }, supported: ReadonlyMap<string, readonly string[]>, options: HandshakeOptions): Promise<void> {
  const compressor = await agreeOnCompression(connection, supported, options.compression)
  connection.extensions = extensionsOf(supported)
  const startup = new Map([...options.identity, ...connection.extensions.startup])
  startup.set('CQL_VERSION', supported.get('CQL_VERSION')?.[0] ?? '3.0.0')
  // An overloaded node then refuses requests unexecuted instead of no longer reading the socket (CASSANDRA-14855).
  startup.set('THROW_ON_OVERLOAD', '1')
  if (compressor) startup.set('COMPRESSION', compressor.name)
  const answer = await connection.request({ type: 'STARTUP', options: startup })
  if (answer.type === 'READY') return
  if (answer.type !== 'AUTHENTICATE') throw unexpected(answer, 'STARTUP')
  await authenticate(connection, node, answer.authenticator, options.auth)
}

async function agreeOnCompression(connection: Connection, supported: ReadonlyMap<string, readonly string[]>, wanted: CompressionName | undefined): Promise<Compressor | undefined> {
  if (wanted === undefined) return undefined
  if (wanted === 'snappy' && connection.version >= 5) throw new OptionError('compression', 'Protocol version 5 knows no Snappy: use lz4, or protocolVersion 4')
  if (!(supported.get('COMPRESSION') ?? []).includes(wanted)) return undefined
  const native = await loadNativeCompressor(wanted)
  const compressor = native ? checkedCompressor(wanted, native) : wanted === 'lz4' ? lz4 : snappy
  connection.useCompression(compressor)
  return compressor
}

async function authenticate(connection: Connection, node: { readonly address: string; readonly port: number }, className: string, option: AuthOption | undefined): Promise<void> {
  const { address } = connection
  if (option === undefined) throw new AuthenticationError(address, `${address} asks for authentication (${className.split('.').at(-1)}): give the option 'auth'`)
  const authenticator = (await authProviderOf(option)).authenticator(node, className)
  let token = await authenticator.initialResponse()
  for (;;) {
    let answer: ResponseMessage
    try {
      answer = await connection.request({ type: 'AUTH_RESPONSE', token })
    } catch (error) {
      if (error instanceof ServerError && error.protocolCode === errorCodes.BAD_CREDENTIALS) throw new AuthenticationError(address, `${address} refused the credentials: ${error.message}`, error)
      throw error
    }
    if (answer.type === 'AUTH_SUCCESS') return authenticator.onSuccess?.(answer.token)
    if (answer.type !== 'AUTH_CHALLENGE') throw unexpected(answer, 'AUTH_RESPONSE')
    if (!authenticator.evaluateChallenge) throw new AuthenticationError(address, `${address} sent a challenge that the authentication provider does not answer`)
    token = await authenticator.evaluateChallenge(answer.token)
  }
}

function unexpected(answer: ResponseMessage, request: string): ProtocolError {
  return new ProtocolError(`${request} was answered by ${answer.type}`)
}
