/**
 * pool: connections to nodes.
 *
 * Here: one connection (`connection.ts`), how it is opened (`handshake.ts`), and the pool of one node (`node-pool.ts`, `connection-group.ts`).
 * Not here: which node, retries, timeouts, statements (`client/`). Read `connection.ts` first.
 */
export { authProviderOf, plainAuth } from './authentication.js'
export type { AuthOption, AuthProvider, Authenticator, Credentials } from './authentication.js'
export { Connection } from './connection.js'
export type { ConnectionListener, ConnectionOptions } from './connection.js'
export type { ServerExtensions } from './extensions.js'
export { openConnection, VersionRefusedError } from './handshake.js'
export type { HandshakeOptions } from './handshake.js'
export { NodePool } from './node-pool.js'
export type { NodePoolListener, NodePoolOptions, NodePoolStats } from './node-pool.js'
export { reconnectionAttempt } from './reconnection-attempt.js'
export { ConnectionRequest } from './request.js'
