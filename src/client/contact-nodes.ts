import { CqlError } from '../base/index.js'
import type { FailedAttempt } from '../base/index.js'
import type { NodeAddress } from '../protocol/index.js'
import { resolveHost } from '../transport/index.js'
import { parseContactPoint } from './connection-url.js'
import type { ControlConnectionOptions } from './control-connection.js'

/**
 * Where the contact points lead, one after the other; a name may stand for several addresses.
 *
 * @param attempts takes the contact points whose names are unknown
 */
export async function* contactNodes({ contactPoints, transport }: Pick<ControlConnectionOptions, 'contactPoints' | 'transport'>, attempts: FailedAttempt[]): AsyncGenerator<NodeAddress> {
  for (const point of contactPoints) {
    const { host, port } = parseContactPoint(point)
    try {
      // A transport of the user's own knows names that this machine does not.
      for (const address of transport ? [host] : await resolveHost(host)) yield { address, port }
    } catch (error) {
      attempts.push({ node: point, error: new CqlError(`The host '${host}' is unknown (${(error as { code?: string }).code ?? String(error)})`, 'CQL_CONNECTION', 'retryable', error) })
    }
  }
}
