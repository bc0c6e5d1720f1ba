import { ConnectionError, NoNodeAvailableError } from '../base/index.js'
import type { FailedAttempt } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import { isTransient } from '../policies/index.js'
import { OverloadedError } from '../protocol/index.js'
import { addressOf } from './address.js'

/** Connections that one request may see break before it is suspected of breaking them. */
const MAX_LOST = 3

/** Whether all that went wrong may pass by itself, so that the nodes are worth asking again. Overload is the caller's to wait for. */
export function mayPass(failed: readonly FailedAttempt[]): boolean {
  if (failed.length === 0 || failed.some(({ error }) => !isTransient(error) || error instanceof OverloadedError)) return false
  return failed.filter(({ error }) => error instanceof ConnectionError && error.outcome === 'undetermined').length < MAX_LOST
}

/**
 * The error of a request that no node could take.
 *
 * @param wanted the one node that the request was for, if there was one
 * @param undetermined whether an attempt may have been executed that must not be repeated
 */
export function noNodeError(failed: readonly FailedAttempt[], wanted: string | undefined, nodes: readonly NodeInfo[], undetermined: boolean): NoNodeAvailableError {
  if (failed.length === 0) {
    return new NoNodeAvailableError(wanted === undefined ? 'No node is known' : `No node '${wanted}' is known to this client; it knows ${nodes.map(addressOf).join(', ')}`, [])
  }
  return new NoNodeAvailableError(`No node could take the request; ${failed.length === 1 ? 'one attempt was' : `${failed.length} attempts were`} made:`, failed, undetermined ? 'undetermined' : 'retryable')
}
