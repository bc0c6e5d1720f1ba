/**
 * transport: byte streams.
 *
 * Here: the `Transport` interface, and one file per platform that provides it; the package's `imports` map picks the file.
 * Not here: what the bytes mean. Read `transport.ts`, then `platform.node.ts`.
 */
export type { Connect, ConnectOptions, Listen, ListenOptions, Listener, TlsOptions, Transport, TransportHandlers } from './transport.js'
export { connect, crc32, defer, listen, loadNativeCompressor, resolveHost } from '#platform'
