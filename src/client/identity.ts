import type { ClientOptions } from './options.js'
import { version } from './version.js'

/** What connections say of the client in STARTUP; servers show it in `system_views.clients`. */
export function identityOf(options: ClientOptions): ReadonlyMap<string, string> {
  const identity = new Map([['DRIVER_NAME', 'cqlwire'], ['DRIVER_VERSION', version]])
  if (options.applicationName !== undefined) identity.set('APPLICATION_NAME', options.applicationName)
  if (options.applicationVersion !== undefined) identity.set('APPLICATION_VERSION', options.applicationVersion)
  return identity
}
