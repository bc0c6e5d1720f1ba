import { CqlError, nameError } from '../base/index.js'
import type { Outcome } from '../base/index.js'
import type { Consistency } from './constants.js'
import { errorCodes } from './messages/error.js'
import type { ErrorDetails, ErrorMessage, WriteType } from './messages/error.js'

/** A node answered with an error; one subclass per code of the protocol, this class for codes not known here. */
export class ServerError extends CqlError {
  /** The number of the error in the protocol. */
  readonly protocolCode: number
  /** `host:port` of the node that answered. */
  readonly node: string
  constructor(error: ErrorMessage, node: string, code = 'CQL_SERVER_ERROR', outcome: Outcome = 'undetermined') {
    super(error.message, code, outcome)
    this.protocolCode = error.code
    this.node = node
  }
  static { nameError(this, 'ServerError') }
}

/** Something unexpected happened on the node (0x0000). */
export class InternalServerError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_INTERNAL_SERVER_ERROR') }
  static { nameError(this, 'InternalServerError') }
}

/** The node could not make sense of what it was sent (0x000A). */
export class ServerProtocolError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_SERVER_PROTOCOL_ERROR', 'permanent') }
  static { nameError(this, 'ServerProtocolError') }
}

/** Too few replicas are alive; nothing was executed (0x1000). */
export class UnavailableError extends ServerError {
  readonly consistency: Consistency
  readonly required: number
  readonly alive: number
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_UNAVAILABLE', 'retryable')
    this.consistency = error.details.consistency!
    this.required = error.details.required!
    this.alive = error.details.alive!
  }
  static { nameError(this, 'UnavailableError') }
}

/** The node has too much to do; nothing was executed (0x1001). */
export class OverloadedError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_OVERLOADED', 'retryable') }
  static { nameError(this, 'OverloadedError') }
}

/** The node is joining the cluster and answers nothing yet (0x1002). */
export class BootstrappingError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_BOOTSTRAPPING', 'retryable') }
  static { nameError(this, 'BootstrappingError') }
}

/** A TRUNCATE failed (0x1003). */
export class TruncateError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_TRUNCATE_ERROR') }
  static { nameError(this, 'TruncateError') }
}

/** Errors that tell how many replicas answered. */
export class ReplicaError extends ServerError {
  readonly consistency: Consistency
  /** Replicas that answered. */
  readonly received: number
  /** Replicas that the consistency level asks for. */
  readonly required: number
  constructor(error: ErrorMessage, node: string, code: string, outcome: Outcome) {
    super(error, node, code, outcome)
    this.consistency = error.details.consistency!
    this.received = error.details.received!
    this.required = error.details.required!
  }
  static { nameError(this, 'ReplicaError') }
}

/** Replicas did not confirm a write in time; it may be applied (0x1100). */
export class WriteTimeoutError extends ReplicaError {
  readonly writeType: WriteType
  /** Contending Paxos rounds (version 5, write type CAS). */
  readonly contentions: number | undefined
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_WRITE_TIMEOUT', 'undetermined')
    this.writeType = error.details.writeType!
    this.contentions = error.details.contentions
  }
  static { nameError(this, 'WriteTimeoutError') }
}

/** Replicas did not answer a read in time (0x1200). */
export class ReadTimeoutError extends ReplicaError {
  /** Whether the replica asked for the data, not a digest, has answered. */
  readonly dataPresent: boolean
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_READ_TIMEOUT', 'retryable')
    this.dataPresent = error.details.dataPresent!
  }
  static { nameError(this, 'ReadTimeoutError') }
}

/** Replicas failed while reading, on too many tombstones for instance (0x1300). */
export class ReadFailureError extends ReplicaError {
  readonly failures: number
  /** Reason codes by replica address (version 5). */
  readonly reasons: ReadonlyMap<string, number> | undefined
  readonly dataPresent: boolean
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_READ_FAILURE', 'permanent')
    this.failures = error.details.failures!
    this.reasons = error.details.reasons
    this.dataPresent = error.details.dataPresent!
  }
  static { nameError(this, 'ReadFailureError') }
}

/** A user-defined function failed (0x1400). */
export class FunctionFailureError extends ServerError {
  readonly keyspace: string
  readonly function: string
  readonly argumentTypes: readonly string[]
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_FUNCTION_FAILURE', 'permanent')
    this.keyspace = error.details.keyspace!
    this.function = error.details.function!
    this.argumentTypes = error.details.argumentTypes!
  }
  static { nameError(this, 'FunctionFailureError') }
}

/** Replicas failed while writing; it may be applied on others (0x1500). */
export class WriteFailureError extends ReplicaError {
  readonly failures: number
  /** Reason codes by replica address (version 5). */
  readonly reasons: ReadonlyMap<string, number> | undefined
  readonly writeType: WriteType
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_WRITE_FAILURE', 'undetermined')
    this.failures = error.details.failures!
    this.reasons = error.details.reasons
    this.writeType = error.details.writeType!
  }
  static { nameError(this, 'WriteFailureError') }
}

/** A write to a table with change data capture was refused for lack of space (0x1600). */
export class CdcWriteFailureError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_CDC_WRITE_FAILURE') }
  static { nameError(this, 'CdcWriteFailureError') }
}

/** The outcome of a lightweight transaction is unknown (0x1700). */
export class CasWriteUnknownError extends ReplicaError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_CAS_WRITE_UNKNOWN', 'undetermined') }
  static { nameError(this, 'CasWriteUnknownError') }
}

/** The statement is not CQL (0x2000). */
export class CqlSyntaxError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_SYNTAX_ERROR', 'permanent') }
  static { nameError(this, 'CqlSyntaxError') }
}

/** The user may not do this (0x2100). */
export class UnauthorizedError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_UNAUTHORIZED', 'permanent') }
  static { nameError(this, 'UnauthorizedError') }
}

/** The statement is CQL but cannot be executed (0x2200). */
export class InvalidQueryError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_INVALID_QUERY', 'permanent') }
  static { nameError(this, 'InvalidQueryError') }
}

/** The statement does not fit the server's configuration (0x2300). */
export class ConfigError extends ServerError {
  constructor(error: ErrorMessage, node: string) { super(error, node, 'CQL_CONFIG_ERROR', 'permanent') }
  static { nameError(this, 'ConfigError') }
}

/** The keyspace or table exists already (0x2400). */
export class AlreadyExistsError extends ServerError {
  readonly keyspace: string
  /** Empty when it is the keyspace. */
  readonly table: string
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_ALREADY_EXISTS', 'permanent')
    this.keyspace = error.details.keyspace!
    this.table = error.details.table!
  }
  static { nameError(this, 'AlreadyExistsError') }
}

/** The node does not know the prepared statement; the client prepares again by itself (0x2500). */
export class UnpreparedError extends ServerError {
  readonly id: Uint8Array
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_UNPREPARED', 'retryable')
    this.id = error.details.id!
  }
  static { nameError(this, 'UnpreparedError') }
}

/** The partition is read or written more often than its table allows (ScyllaDB, under a code that each node chooses). */
export class RateLimitError extends ServerError {
  readonly operation: 'read' | 'write'
  /** Whether the coordinator refused it, and no replica was asked. */
  readonly rejectedByCoordinator: boolean
  constructor(error: ErrorMessage, node: string) {
    super(error, node, 'CQL_RATE_LIMIT', error.details.rejectedByCoordinator === true ? 'retryable' : 'undetermined')
    this.operation = error.details.operation!
    this.rejectedByCoordinator = error.details.rejectedByCoordinator === true
  }
  static { nameError(this, 'RateLimitError') }
}

const classes: Readonly<Record<number, new (error: ErrorMessage, node: string) => ServerError>> = {
  [errorCodes.SERVER_ERROR]: InternalServerError, [errorCodes.PROTOCOL_ERROR]: ServerProtocolError, [errorCodes.UNAVAILABLE]: UnavailableError,
  [errorCodes.OVERLOADED]: OverloadedError, [errorCodes.IS_BOOTSTRAPPING]: BootstrappingError, [errorCodes.TRUNCATE_ERROR]: TruncateError,
  [errorCodes.WRITE_TIMEOUT]: WriteTimeoutError, [errorCodes.READ_TIMEOUT]: ReadTimeoutError, [errorCodes.READ_FAILURE]: ReadFailureError,
  [errorCodes.FUNCTION_FAILURE]: FunctionFailureError, [errorCodes.WRITE_FAILURE]: WriteFailureError, [errorCodes.CDC_WRITE_FAILURE]: CdcWriteFailureError,
  [errorCodes.CAS_WRITE_UNKNOWN]: CasWriteUnknownError, [errorCodes.SYNTAX_ERROR]: CqlSyntaxError, [errorCodes.UNAUTHORIZED]: UnauthorizedError,
  [errorCodes.INVALID]: InvalidQueryError, [errorCodes.CONFIG_ERROR]: ConfigError, [errorCodes.ALREADY_EXISTS]: AlreadyExistsError, [errorCodes.UNPREPARED]: UnpreparedError,
}

/**
 * The typed error of an ERROR message.
 *
 * @param node `host:port` of the node that sent it
 */
export function serverErrorOf(error: ErrorMessage, node: string): ServerError {
  if (error.details.operation !== undefined) return new RateLimitError(error, node)
  const known = classes[error.code]
  return known ? new known(error, node) : new ServerError(error, node)
}

/** The ERROR message that a server sends. */
export function errorMessage(code: number, message: string, details: ErrorDetails = {}): ErrorMessage {
  return { type: 'ERROR', code, message, details }
}
