import type { NodeInfo } from '../cluster/index.js'
import { ConnectionRequest } from '../pool/index.js'
import type { Connection } from '../pool/index.js'
import type { ResultShape } from './prepared.js'

/** One way of a request through the cluster: on one node at a time, then on the next one of the plan. */
export abstract class Attempt extends ConnectionRequest {
  /** Where it is under way; undefined while it is not. */
  connection: Connection | undefined
  node: NodeInfo | undefined
  /** When it was sent last, in the clock's milliseconds. */
  sentAt = 0
  /** The connection to send on again, or null for the next node, once the pause that a retry policy asked for is over. */
  resumeOn: Connection | null | undefined
  /** Where its statement is being prepared again, after which it is sent there once more. */
  preparingOn: Connection | undefined
  /** The result's shape whose columns the server was told to leave out: the answer is decoded with this one, whatever came to be known since. */
  shape: ResultShape | undefined
}
