import { nameError } from './name-error.js'

const brand: unique symbol = Symbol.for('cqlwire.error') as never

/**
 * What is known about the operation that failed.
 *
 * - `retryable`: it was not executed, or executing it again changes nothing.
 * - `permanent`: trying again gives the same error.
 * - `undetermined`: it may or may not have been executed.
 */
export type Outcome = 'retryable' | 'permanent' | 'undetermined'

/** Base class of every error that cqlwire throws. Match on `code`, which never changes. */
export class CqlError extends Error {
  /** Stable identifier of the kind of error, such as `CQL_READ_TIMEOUT`. */
  readonly code: string
  /** Whether the operation may be repeated. */
  readonly outcome: Outcome

  constructor(message: string, code: string, outcome: Outcome, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.outcome = outcome
    Object.defineProperty(this, brand, { value: true })
  }

  static { nameError(this, 'CqlError') }
}

/**
 * Tells whether a value is an error of cqlwire, also when two copies of the package are loaded.
 *
 * @param error anything that was thrown
 * @returns true for a {@link CqlError} of this or another copy of the package
 */
export function isCqlError(error: unknown): error is CqlError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[brand] === true
}

/** Bytes on the wire break the native protocol, or exceed a limit. */
export class ProtocolError extends CqlError {
  constructor(message: string, cause?: unknown) {
    super(message, 'CQL_PROTOCOL', 'undetermined', cause)
  }
  static { nameError(this, 'ProtocolError') }
}

/** A value does not fit its CQL type; nothing was sent. */
export class CodecError extends CqlError {
  /** Where inside the value the fault is, such as `[3].street`; empty for the value itself. */
  readonly path: string
  constructor(message: string, path = '', cause?: unknown) {
    super(message, 'CQL_CODEC', 'permanent', cause)
    this.path = path
  }
  static { nameError(this, 'CodecError') }
}

/** An option, a connection URL or an argument is not valid; nothing was sent. */
export class OptionError extends CqlError {
  /** The option at fault. */
  readonly option: string
  constructor(option: string, message: string) {
    super(message, 'CQL_OPTION', 'permanent')
    this.option = option
  }
  static { nameError(this, 'OptionError') }
}

/** The client, connection or server was closed. */
export class ClosedError extends CqlError {
  constructor(message = 'The client is closed', outcome: Outcome = 'permanent') {
    super(message, 'CQL_CLOSED', outcome)
  }
  static { nameError(this, 'ClosedError') }
}

/** A socket could not be opened, or broke. */
export class ConnectionError extends CqlError {
  /** `host:port` of the peer. */
  readonly address: string
  constructor(address: string, message: string, outcome: Outcome, cause?: unknown) {
    super(message, 'CQL_CONNECTION', outcome, cause)
    this.address = address
  }
  static { nameError(this, 'ConnectionError') }
}

/** The server refused the credentials, or asked for some when none were given. */
export class AuthenticationError extends CqlError {
  /** `host:port` of the node that refused. */
  readonly address: string
  constructor(address: string, message: string, cause?: unknown) {
    super(message, 'CQL_AUTHENTICATION', 'permanent', cause)
    this.address = address
  }
  static { nameError(this, 'AuthenticationError') }
}

/** No answer came within `timeoutMs`. */
export class RequestTimeoutError extends CqlError {
  /** The limit that passed, in milliseconds. */
  readonly timeoutMs: number
  constructor(message: string, timeoutMs: number, outcome: Outcome, cause?: unknown) {
    super(message, 'CQL_REQUEST_TIMEOUT', outcome, cause)
    this.timeoutMs = timeoutMs
  }
  static { nameError(this, 'RequestTimeoutError') }
}

/** The caller's signal was aborted; `name` is `AbortError` and `cause` the signal's reason. */
export class AbortedError extends CqlError {
  constructor(reason: unknown, outcome: Outcome) {
    super('The operation was aborted', 'CQL_ABORTED', outcome, reason)
  }
  static { nameError(this, 'AbortError') }
}

/** A bounded queue had no room; nothing was sent. */
export class QueueFullError extends CqlError {
  constructor(message: string) {
    super(message, 'CQL_QUEUE_FULL', 'retryable')
  }
  static { nameError(this, 'QueueFullError') }
}

/** One attempt that a {@link NoNodeAvailableError} tells of. */
export interface FailedAttempt {
  /** `host:port` of the node. */
  readonly node: string
  readonly error: Error
}

/** Every node was tried, or none could be. */
export class NoNodeAvailableError extends CqlError {
  /** What was tried, in order. */
  readonly attempts: readonly FailedAttempt[]
  constructor(message: string, attempts: readonly FailedAttempt[], outcome: Outcome = 'retryable') {
    const list = attempts.map(({ node, error }) => `\n  ${node}: ${error.message}`).join('')
    super(message + list, 'CQL_NO_NODE_AVAILABLE', outcome, attempts.at(-1)?.error)
    this.attempts = attempts
  }
  static { nameError(this, 'NoNodeAvailableError') }
}
