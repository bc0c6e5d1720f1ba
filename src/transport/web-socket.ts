import { OptionError } from '../base/index.js'
import type { Connect, Transport, TransportHandlers } from './transport.js'

/** Options of a tunnel. */
export interface WebSocketTransportOptions {
  /** Where the bridge is: `wss://bridge.example.com`. */
  readonly url: string | URL
  /** What the bridge asks for (`npx cqlwire bridge --token`). @default nothing */
  readonly token?: string | undefined
}

/** The part of a WebSocket that is used. */
interface Tunnel {
  binaryType: string
  readonly bufferedAmount: number
  send(bytes: Uint8Array): void
  close(): void
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: { readonly data?: unknown; readonly code?: number; readonly reason?: string }) => void): void
}

/** The sub-protocol of the tunnel: each binary message is a piece of the stream. */
export const TUNNEL_PROTOCOL = 'cqlwire'
/** A token goes as a sub-protocol, since browsers can set no header of a WebSocket. */
export const TOKEN_PREFIX = 'cqlwire.token.'
/** Bytes that wait to be sent from which on the writer should wait, and how long until one looks again. */
const [MANY, POLL_MS] = [1_048_576, 5]

/**
 * A transport through a WebSocket, for runtimes without sockets: browsers, the Vercel edge runtime. `npx cqlwire bridge` is the other end.
 *
 * @returns for the option `transport` of a client
 * @throws OptionError when the runtime has no WebSocket
 *
 * @example
 * ```ts
 * import { Client, webSocketTransport } from 'cqlwire'
 * await using client = await Client.connect({ contactPoints: ['10.0.0.1'], transport: webSocketTransport({ url: 'wss://bridge.example.com', token: 'secret' }) })
 * ```
 */
export function webSocketTransport({ url, token }: WebSocketTransportOptions): Connect {
  const base = new URL(url)
  if (base.protocol !== 'ws:' && base.protocol !== 'wss:') throw new OptionError('url', `The URL of a bridge begins with ws:// or wss://, not ${base.protocol}//`)
  return ({ host, port, tls, signal }, handlers) => {
    const { WebSocket } = globalThis as { WebSocket?: new (url: string, protocols: readonly string[]) => Tunnel }
    if (!WebSocket) return Promise.reject(new OptionError('transport', 'This runtime has no WebSocket: Node has one from version 22 on'))
    if (tls) return Promise.reject(new OptionError('tls', 'A tunnel is encrypted by its own URL (wss://), and from the bridge to the nodes by the bridge (npx cqlwire bridge --tls): leave out the option tls'))
    const target = new URL(base)
    target.searchParams.set('target', `${host.includes(':') ? `[${host}]` : host}:${port}`)
    return new Promise((resolve, reject) => {
      const tunnel = new WebSocket(target.href, token === undefined ? [TUNNEL_PROTOCOL] : [TUNNEL_PROTOCOL, TOKEN_PREFIX + encodeToken(token)])
      tunnel.binaryType = 'arraybuffer'
      let stream: WebSocketStream | undefined
      const onAbort = (): void => {
        tunnel.close()
        reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'))
      }
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      tunnel.addEventListener('open', () => {
        signal.removeEventListener('abort', onAbort)
        resolve((stream = new WebSocketStream(tunnel, handlers)))
      })
      tunnel.addEventListener('message', ({ data }) => stream?.onMessage(new Uint8Array(data as ArrayBuffer)))
      tunnel.addEventListener('close', ({ code, reason }) => {
        signal.removeEventListener('abort', onAbort)
        const error = code === 1000 ? undefined : new Error(reason === undefined || reason === '' ? `the tunnel was closed with code ${code}` : `the bridge says: ${reason}`)
        if (stream) stream.onEnd(error)
        else reject(error ?? new Error('the tunnel was closed while it was being opened'))
      })
      tunnel.addEventListener('error', () => {}) // 'close' follows, and knows more
    })
  }
}

/** A token in characters that a sub-protocol may have. */
export function encodeToken(token: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(token))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

class WebSocketStream implements Transport {
  readonly #tunnel: Tunnel
  readonly #handlers: TransportHandlers
  #full = false
  #ended = false

  constructor(tunnel: Tunnel, handlers: TransportHandlers) {
    this.#tunnel = tunnel
    this.#handlers = handlers
  }

  write(bytes: Uint8Array, done: () => void): boolean {
    if (!this.#ended) this.#tunnel.send(bytes) // copies
    done()
    if (this.#tunnel.bufferedAmount > MANY && !this.#full) {
      this.#full = true
      this.#wait()
    }
    return !this.#full
  }

  #wait(): void {
    setTimeout(() => {
      if (this.#ended) return
      if (this.#tunnel.bufferedAmount > 0) return this.#wait()
      this.#full = false
      this.#handlers.onDrain()
    }, POLL_MS)
  }

  close(): void {
    this.#tunnel.close()
  }

  destroy(): void {
    this.#tunnel.close()
    this.onEnd(undefined)
  }

  /** Nothing to let go: a tunnel keeps no process here. */
  unref(): void {}

  onMessage(bytes: Uint8Array): void {
    if (!this.#ended) this.#handlers.onData(bytes)
  }

  onEnd(error: Error | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#handlers.onClose(error)
  }
}
