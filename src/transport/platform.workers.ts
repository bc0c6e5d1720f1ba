// Cloudflare Workers, and other programs on workerd: the sockets of `cloudflare:sockets`.
import { connect as openSocket } from 'cloudflare:sockets'
import type { Socket } from 'cloudflare:sockets'
import { OptionError } from '../base/index.js'
import type { Connect, TlsOptions, Transport, TransportHandlers } from './transport.js'

export { crc32, defer, diagnostics, hash, listen, loadNativeCompressor, openFolder, resolveHost } from './platform.none.js'

/** One reader with a large buffer takes five times as much as one that is given chunks. */
const READ_BUFFER = 65_536
/** Bytes that wait to be sent from which on the writer should wait. */
const MANY = 1_048_576

/** A Worker may have six connections open at once; what is beyond that waits for one to close. */
export const socketLimit: number | undefined = 6

/** What Workers take from their configuration, or not at all. */
function refuseTls(tls: TlsOptions): void {
  for (const name of ['ca', 'cert', 'key'] as const) {
    if (tls[name] !== undefined) throw new OptionError(`tls.${name}`, `Option 'tls.${name}' cannot be used on Cloudflare Workers, which trust public authorities only and show no certificate of their own: use a public certificate on the nodes, an mTLS binding or the bridge (npx cqlwire bridge); on workerd of your own, trustedCertificates and keypair of its network service`)
  }
  if (tls.verify === false) throw new OptionError('tls.verify', "Option 'tls.verify' cannot be false on Cloudflare Workers: they verify every certificate")
}

/** Opens a TCP or TLS stream; the chunk given to `onData` is one buffer used over and over. */
export const connect: Connect = async ({ host, port, tls, signal }, handlers) => {
  if (tls) refuseTls(tls)
  const name = typeof tls?.serverName === 'function' ? tls.serverName({ address: host, port }) : tls?.serverName
  const hostname = host.includes(':') ? `[${host}]` : host
  let socket = openSocket({ hostname, port }, { secureTransport: tls ? (name === undefined ? 'on' : 'starttls') : 'off', allowHalfOpen: false })
  if (name !== undefined) socket = socket.startTls({ expectedServerHostname: name })
  socket.closed.catch(() => {}) // the reader says so, too
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    await Promise.race([socket.opened, aborted])
  } catch (error) {
    socket.close().catch(() => {})
    throw signal.aborted ? error : explained(error)
  } finally {
    signal.removeEventListener('abort', onAbort)
    aborted.catch(() => {})
  }
  return new WorkerSocket(socket, handlers)
}

/** The runtime does not say what went wrong. */
function explained(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error)
  if (!/proxy request failed|internal error/i.test(text)) return error instanceof Error ? error : new Error(text)
  return new Error(`the runtime refused the connection (${text}). Workers reach public addresses only, or those that the network service of workerd allows; and TLS needs a certificate of a public authority`, { cause: error })
}

class WorkerSocket implements Transport {
  readonly #socket: Socket
  readonly #handlers: TransportHandlers
  readonly #writer: ReturnType<Socket['writable']['getWriter']>
  #waiting = 0
  #wantsDrain = false
  #closed = false

  constructor(socket: Socket, handlers: TransportHandlers) {
    this.#socket = socket
    this.#handlers = handlers
    this.#writer = socket.writable.getWriter()
    void this.#read()
  }

  write(bytes: Uint8Array, done: () => void): boolean {
    this.#waiting += bytes.length
    void this.#send(bytes, done)
    this.#wantsDrain ||= this.#waiting > MANY
    return !this.#wantsDrain
  }

  async #send(bytes: Uint8Array, done: () => void): Promise<void> {
    try {
      await this.#writer.write(bytes)
    } catch (error) {
      return this.#end(explained(error))
    }
    this.#waiting -= bytes.length
    done()
    if (!this.#wantsDrain || this.#waiting > 0 || this.#closed) return
    this.#wantsDrain = false
    this.#handlers.onDrain()
  }

  close(): void {
    this.#writer.close().then(() => this.destroy(), () => this.destroy())
  }

  destroy(): void {
    this.#socket.close().catch(() => {})
    this.#end(undefined)
  }

  /** Nothing outlives the request here. */
  unref(): void {}

  async #read(): Promise<void> {
    try {
      const reader = this.#socket.readable.getReader({ mode: 'byob' })
      let buffer = new Uint8Array(READ_BUFFER)
      for (;;) {
        const { done, value } = await reader.read(buffer)
        if (done || this.#closed) break
        this.#handlers.onData(value!)
        buffer = new Uint8Array(value!.buffer as ArrayBuffer)
      }
      this.#end(undefined)
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#handlers.onClose(error)
  }
}
