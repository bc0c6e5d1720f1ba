import type { Clock } from '../base/index.js'
import type { ReconnectionPolicy } from '../policies/index.js'
import type { NodePoolOptions } from '../pool/index.js'
import type { ClientOptions } from './options.js'
import { version } from './version.js'

/** A client's options as its connections and pools take them; the version is agreed on with the first node. */
export function poolOptionsOf(options: ClientOptions, clock: Clock, reconnection: ReconnectionPolicy): Omit<NodePoolOptions, 'version'> {
  const { tls, compression, connectTimeoutMs = 5000 } = options
  // One request of a server lasts no longer than a heartbeat, and leaves no timer behind.
  const { heartbeatMs = options.mode === 'request' ? 0 : 30_000 } = options
  return {
    clock,
    auth: options.auth,
    tls: tls === true ? {} : tls === false ? undefined : tls,
    compression: compression === 'none' ? undefined : compression,
    connectTimeoutMs,
    heartbeatMs,
    heartbeatTimeoutMs: Math.min(5000, Math.max(heartbeatMs, 1)),
    maxInFlight: options.maxInFlight ?? 2048,
    maxOrphans: 1024,
    maxFrameLength: options.maxFrameLength,
    identity: identityOf(options),
    transport: options.transport,
    connections: options.mode === 'request' ? 1 : (options.pool?.connections ?? 1),
    reconnection,
  }
}

/** What connections say of the client in STARTUP; servers show it in `system_views.clients`. */
function identityOf(options: ClientOptions): ReadonlyMap<string, string> {
  const identity = new Map([['DRIVER_NAME', 'cqlwire'], ['DRIVER_VERSION', version]])
  if (options.applicationName !== undefined) identity.set('APPLICATION_NAME', options.applicationName)
  if (options.applicationVersion !== undefined) identity.set('APPLICATION_VERSION', options.applicationVersion)
  return identity
}
