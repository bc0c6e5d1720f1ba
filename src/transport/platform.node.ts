// Node, Bun and Deno: sockets, TLS, names, checksums, native compression and diagnostics channels.
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { connect as connectTcp, createServer, isIP } from 'node:net'
import type { Server, Socket } from 'node:net'
import type * as tlsModule from 'node:tls'
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls'
import * as zlib from 'node:zlib'
import type * as Lz4 from 'lz4-napi'
import type * as Snappy from 'snappy'
import type { Folder } from './folder.js'
import type { Connect, Diagnostics, Listen, TlsOptions, Transport, TransportHandlers } from './transport.js'

/** Large answers come in few reads; pages of it that small ones never reach take no memory. */
const READ_BUFFER = 262_144

function transportOf(socket: Socket): Transport {
  return {
    write: (bytes, done) => socket.write(bytes, done),
    close: () => void socket.end(),
    destroy: () => void socket.destroy(),
    unref: () => void socket.unref(),
  }
}

function watch(socket: Socket, handlers: TransportHandlers): void {
  let failure: Error | undefined
  socket.on('drain', () => handlers.onDrain())
  socket.on('error', (error) => { failure = error })
  socket.on('close', () => handlers.onClose(failure))
}

interface TlsState {
  readonly context: SecureContext
  /** The last session of each address, so that the next handshake is shorter. */
  readonly sessions: Map<string, Buffer>
}
const tlsStates = new WeakMap<TlsOptions, TlsState>()

/** Loaded when it is first needed, since it would take a good part of the time that loading this package takes. */
type Tls = typeof tlsModule

function tlsState(options: TlsOptions, { createSecureContext }: Tls): TlsState {
  let state = tlsStates.get(options)
  if (!state) {
    const { ca, cert, key } = options
    const context = createSecureContext({
      ...(ca !== undefined && { ca: ca as string }),
      ...(cert !== undefined && { cert: cert as string }),
      ...(key !== undefined && { key: key as string }),
    })
    tlsStates.set(options, (state = { context, sessions: new Map() }))
  }
  return state
}

/** Opens a TCP or TLS stream; the chunk given to `onData` is one buffer used over and over. */
export const connect: Connect = async ({ host, port, tls, signal, localPort }, handlers) => {
  const nodeTls = tls && (await import('node:tls'))
  return new Promise<Transport>((resolve, reject) => {
    const onread = {
      buffer: new Uint8Array(READ_BUFFER),
      callback: (length: number, buffer: Uint8Array): boolean => {
        handlers.onData(buffer.subarray(0, length))
        return true
      },
    }
    let socket: Socket
    if (nodeTls) {
      const { context, sessions } = tlsState(tls, nodeTls)
      const address = `${host}:${port}`
      const name = typeof tls.serverName === 'function' ? tls.serverName({ address: host, port }) : tls.serverName
      const session = sessions.get(address)
      const options: ConnectionOptions = {
        host, port, secureContext: context, rejectUnauthorized: tls.verify !== false,
        ...(name !== undefined ? { servername: name } : isIP(host) === 0 && { servername: host }),
        ...(session && { session }),
        ...(localPort !== undefined && { localPort }),
      }
      const secure: TLSSocket = nodeTls.connect(Object.assign(options, { onread, noDelay: true }))
      secure.on('session', (ticket) => sessions.set(address, ticket))
      secure.setNoDelay(true)
      socket = secure
    } else socket = connectTcp({ host, port, noDelay: true, keepAlive: true, onread, ...(localPort !== undefined && { localPort }) })
    const onAbort = (): void => { socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('Aborted')) }
    const onFailure = (error: Error): void => {
      signal.removeEventListener('abort', onAbort)
      reject(error)
    }
    const onEarlyClose = (): void => onFailure(new Error('The connection was closed while it was being opened'))
    socket.once('error', onFailure)
    socket.once('close', onEarlyClose)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onFailure)
      socket.off('close', onEarlyClose)
      watch(socket, handlers)
      resolve(transportOf(socket))
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** Accepts TCP or TLS streams. */
export const listen: Listen = async (options, accept) => {
  const { tls } = options
  const nodeTls = tls && (await import('node:tls'))
  return new Promise((resolve, reject) => {
    const onSocket = (socket: Socket): void => {
      const handlers = accept(transportOf(socket), { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 })
      socket.setNoDelay(true)
      watch(socket, handlers)
      socket.on('data', (chunk: Uint8Array) => handlers.onData(chunk))
    }
    let server: Server
    if (nodeTls) {
      const { cert, key, ca } = tls
      server = nodeTls.createServer({ cert: cert as string, key: key as string, ...(ca !== undefined && { ca: ca as string, requestCert: true, rejectUnauthorized: true }) }, onSocket)
      server.on('tlsClientError', () => {})
    } else server = createServer(onSocket)
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address ? address.port : options.port,
        close: () => new Promise((done) => server.close(() => done())),
      })
    })
  })
}

/** All addresses of a name; an address is its own. Rejects when the name is unknown. */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const { lookup } = await import('node:dns/promises')
  const found = await lookup(host, { all: true })
  return [...new Set(found.map(({ address }) => address))]
}

/** CRC-32 of the platform, where it has one. */
export const crc32: ((bytes: Uint8Array, value?: number) => number) | undefined = (zlib as { crc32?: (bytes: Uint8Array, value?: number) => number }).crc32

/**
 * Hashes bytes by an algorithm of the platform, as Java or OpenSSL name it: `SHA-256`, `MD5`, `SHA3-512`.
 *
 * @returns the hash, or undefined where the algorithm is not known
 */
export function hash(algorithm: string, bytes: Uint8Array): Uint8Array | undefined {
  // Not by an import, which would take a good part of the time that loading this package takes.
  const { createHash, getHashes } = process.getBuiltinModule('node:crypto')
  const name = algorithm.toLowerCase().replace(/^sha-/, 'sha')
  return getHashes().includes(name) || getHashes().includes(`RSA-${name.toUpperCase()}`) ? new Uint8Array(createHash(name).update(bytes).digest()) : undefined
}

/** Sockets that may be open at once: as many as one wants. */
export const socketLimit: number | undefined = undefined

/** A native compressor: raw blocks in, raw blocks out. */
export interface NativeCompressor {
  compress(bytes: Uint8Array): Uint8Array
  decompress(bytes: Uint8Array, length: number): Uint8Array
}

/** A package that bundlers must leave alone: they cannot put native code into a bundle, and most users have not installed it. */
const native = (name: string): Promise<unknown> => import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name)

/** Loads the native package of an algorithm if it is installed. */
export async function loadNativeCompressor(name: 'lz4' | 'snappy'): Promise<NativeCompressor | undefined> {
  try {
    return name === 'lz4' ? lz4Of((await native('lz4-napi')) as typeof Lz4) : snappyOf((await native('snappy')) as typeof Snappy)
  } catch {
    return undefined // not installed, or not built for this platform
  }
}

/** lz4-napi puts the raw length in front of each block, little-endian. */
function lz4Of(native: { compressSync(bytes: Buffer): Buffer; uncompressSync(bytes: Buffer): Buffer }): NativeCompressor {
  return {
    compress: (bytes) => plain(native.compressSync(asBuffer(bytes))).subarray(4),
    decompress(bytes, length) {
      const framed = new Uint8Array(bytes.length + 4)
      new DataView(framed.buffer).setUint32(0, length, true)
      framed.set(bytes, 4)
      return plain(native.uncompressSync(asBuffer(framed)))
    },
  }
}

function snappyOf(native: { compressSync(bytes: Buffer): Buffer; uncompressSync(bytes: Buffer, options: { asBuffer: true }): Buffer | string }): NativeCompressor {
  return {
    compress: (bytes) => plain(native.compressSync(asBuffer(bytes))),
    decompress: (bytes) => plain(native.uncompressSync(asBuffer(bytes), { asBuffer: true }) as Buffer),
  }
}

function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Calls back once everything that is already due has run: `process.nextTick` gathers the most requests per write. */
export const defer: (callback: () => void) => void = process.nextTick

/** Channels that monitoring tools subscribe to. */
export const diagnostics: Diagnostics | undefined = { channel, tracingChannel: tracingChannel as Diagnostics['tracingChannel'] }

/** Opens a folder; what it needs is loaded then. @throws Error when another process has it open */
export async function openFolder(path: string): Promise<Folder> {
  return (await import('./folder.node.js')).openFolder(path)
}
