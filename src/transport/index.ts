/**
 * transport: byte streams.
 *
 * Here: the `Transport` interface, and one file per platform that provides it; the package's `imports` map picks the file.
 * Not here: what the bytes mean. Read `transport.ts`, then `platform.node.ts`.
 */
export type { AppendFile, Folder } from './folder.js'
export type { Connect, ConnectOptions, Diagnostics, Listen, ListenOptions, Listener, TlsOptions, Transport, TransportHandlers } from './transport.js'
export { encodeToken, TOKEN_PREFIX, TUNNEL_PROTOCOL, webSocketTransport } from './web-socket.js'
export type { WebSocketTransportOptions } from './web-socket.js'
export { connect, crc32, defer, diagnostics, hash, listen, loadNativeCompressor, openFolder, resolveHost, socketLimit } from '#platform'
