import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect as connectTcp } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import { timingSafeEqual } from 'node:crypto'
import type * as ws from 'ws'
import type { WebSocket } from 'ws'
import { OptionError } from '../base/index.js'
import { encodeToken, TOKEN_PREFIX, TUNNEL_PROTOCOL } from '../transport/index.js'

/** Options of a bridge. */
export interface BridgeOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Where tunnels may lead: `host:port`, or `host:*`. */
  readonly allow: readonly string[]
  /** What tunnels must show; undefined for nothing. */
  readonly token: string | undefined
  /** Encrypts what goes to the nodes; `ca` as PEM where it is not a public authority. */
  readonly tls: { readonly ca?: Buffer | undefined; readonly serverName?: string | undefined } | undefined
  /** Tunnels at once. */
  readonly maxTunnels: number
  /** Told of tunnels that were refused, with the reason. */
  readonly onRefused: (reason: string) => void
}

/** A bridge that runs. */
export interface Bridge {
  readonly port: number
  /** Tunnels open now. */
  readonly tunnels: number
  close(): Promise<void>
}

/** Bytes that wait for one side from which on the other is not read. */
const MANY = 1_048_576
/** How long a node may take to answer a connection, in milliseconds. */
const CONNECT_MS = 10_000

/**
 * Carries streams of WebSockets to nodes, for clients of runtimes without sockets (`webSocketTransport`).
 *
 * @throws OptionError when the package `ws` is not installed; the platform's error when the address cannot be had
 */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { WebSocketServer } = await loadWs()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * MANY, handleProtocols: () => TUNNEL_PROTOCOL })
  const http = createServer((_, response) => response.writeHead(426, { 'content-type': 'text/plain' }).end('A bridge for cqlwire: connect with a WebSocket\n'))
  const tunnels = new Set<WebSocket>()
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => {})
    const refuse = (status: string, reason: string): void => {
      options.onRefused(reason)
      stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`)
    }
    if (!showsToken(request, options.token)) return refuse('401 Unauthorized', 'the token is missing or wrong')
    const target = new URL(request.url ?? '/', 'http://bridge').searchParams.get('target') ?? ''
    const place = placeOf(target)
    if (!place) return refuse('400 Bad Request', `the target '${target.slice(0, 100)}' has not the form host:port`)
    if (!options.allow.some((allowed) => allowed === target || allowed === `${place.text}:*`)) return refuse('403 Forbidden', `the target ${target} is not among those allowed (--allow)`)
    if (tunnels.size >= options.maxTunnels) return refuse('503 Service Unavailable', `${options.maxTunnels} tunnels are open already (--max-tunnels)`)
    sockets.handleUpgrade(request, stream, head, (socket) => {
      tunnels.add(socket)
      socket.on('close', () => tunnels.delete(socket))
      carry(socket, open(place, options.tls))
    })
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(options.port, options.host, resolve)
  })
  return {
    port: (http.address() as AddressInfo).port,
    get tunnels() {
      return tunnels.size
    },
    async close() {
      for (const socket of tunnels) socket.terminate()
      await new Promise((resolve) => { http.close(resolve) })
    },
  }
}

async function loadWs(): Promise<typeof ws> {
  try {
    return await import('ws')
  } catch {
    throw new OptionError('bridge', 'The bridge needs the package ws: npm install ws')
  }
}

function showsToken(request: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true
  const wanted = Buffer.from(TOKEN_PREFIX + encodeToken(token))
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').some((name) => {
    const given = Buffer.from(name.trim())
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  })
}

interface Place {
  /** As it is written, without the port. */
  readonly text: string
  readonly host: string
  readonly port: number
}

function placeOf(target: string): Place | undefined {
  const [, text, port] = /^(\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(target) ?? []
  return text === undefined || Number(port) > 65_535 ? undefined : { text, host: text.replace(/^\[|\]$/g, ''), port: Number(port) }
}

function open({ host, port }: Place, tls: BridgeOptions['tls']): Socket {
  const socket = tls ? connectTls({ host, port, ...(tls.ca && { ca: tls.ca }), ...(tls.serverName !== undefined && { servername: tls.serverName }) }) : connectTcp({ host, port })
  socket.setNoDelay(true)
  const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)), CONNECT_MS)
  socket.once(tls ? 'secureConnect' : 'connect', () => clearTimeout(timer))
  socket.once('close', () => clearTimeout(timer))
  return socket
}

/** Carries bytes both ways, no faster than either side takes them. */
function carry(tunnel: WebSocket, socket: Socket): void {
  let reason = ''
  tunnel.on('message', (data) => {
    if (!socket.write(data as Buffer)) {
      tunnel.pause()
      socket.once('drain', () => tunnel.resume())
    }
  })
  socket.on('data', (chunk) => {
    tunnel.send(chunk, () => { if (tunnel.bufferedAmount < MANY) socket.resume() })
    if (tunnel.bufferedAmount > MANY) socket.pause()
  })
  socket.on('error', (error) => { reason = error.message })
  // A reason has 123 bytes at most (RFC 6455, section 5.5).
  socket.on('close', () => tunnel.close(reason === '' ? 1000 : 1011, reason.slice(0, 100)))
  tunnel.on('error', () => {}) // 'close' follows
  tunnel.on('close', () => socket.destroy())
}
