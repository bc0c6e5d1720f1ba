import { AbortedError, CodecError, ConnectionError, NoNodeAvailableError, ProtocolError, RequestTimeoutError } from '../base/index.js'
import type { ByteReader, ByteWriter, FailedAttempt , CqlError } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { QueryPlan, RetryPolicy } from '../policies/index.js'
import { ConnectionRequest } from '../pool/index.js'
import type { Connection } from '../pool/index.js'
import { decodeError, flagsOf, opcodes, readExtras, serverErrorOf, UnpreparedError, writeExtras } from '../protocol/index.js'
import type { BytesMap, EnvelopeHeader, MessageExtras } from '../protocol/index.js'
import type { Core } from './core.js'

/** What every execution needs of its request's options. */
export interface ExecutionSettings {
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly retry: RetryPolicy
  readonly keyspace: string | undefined
  readonly tracing: boolean
  readonly payload?: BytesMap | undefined
  readonly node?: string | undefined
}

/** What the client's queue needs of a request that waits in it. */
export interface Waiting {
  /** Whether it has ended, so that the queue can drop it. */
  readonly done: boolean
  /** Goes on along the plan. Returns 'wait' when nodes are up but all their connections are full. */
  trySend(): 'sent' | 'wait' | 'ended'
  /** Ends it from outside. */
  cancel(error: CqlError): void
}

/** How often a statement is prepared again for one request, before the node's refusals count as an error. */
const MAX_REPREPARES = 3

/**
 * One request from the call to its result: goes along the query plan, retries as the policy says,
 * waits in the queue while every connection is full, and ends in time whatever happens.
 * It is its own entry in the timer wheel and in the connection's table, so that a request costs few objects.
 */
export abstract class Execution<T> extends ConnectionRequest implements Waiting {
  protected readonly core: Core
  protected readonly settings: ExecutionSettings
  readonly #idempotent: boolean
  #resolve!: (value: T) => void
  #reject!: (error: Error) => void
  #plan: QueryPlan | undefined
  #nextNode: NodeInfo | undefined
  #connection: Connection | undefined
  #done = false
  #sent = 0
  /** Whether an attempt that was given up may have been executed. */
  #maybeExecuted = false
  #retries = 0
  #reprepares = 0
  #started = 0
  #failed: FailedAttempt[] | undefined
  #onAbort: (() => void) | undefined

  constructor(core: Core, settings: ExecutionSettings, idempotent: boolean) {
    super()
    this.core = core
    this.settings = settings
    this.#idempotent = idempotent
  }

  /** Writes the message's body. */
  protected abstract encodeBody(writer: ByteWriter, connection: Connection): void
  /** Makes the result of a RESULT message. */
  protected abstract decodeResult(body: ByteReader, extras: MessageExtras, connection: Connection): T
  /** Whether it is a lightweight transaction. */
  protected abstract get conditional(): boolean
  /** Has the statement that a node does not know prepared there; undefined when it is none of this request's. */
  protected reprepare?(error: UnpreparedError, connection: Connection): Promise<void> | undefined

  get flags(): number {
    return this.settings.tracing || this.settings.payload !== undefined ? flagsOf(this.settings) : 0
  }

  get done(): boolean {
    return this.#done
  }

  protected get attempts(): number {
    return this.#sent
  }

  protected get latencyMs(): number {
    return this.core.clock.now() - this.#started
  }

  /** Begins, and returns what it ends in. */
  start(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#begin()
    })
  }

  #begin(): void {
    const { signal } = this.settings
    this.#started = this.core.clock.now()
    if (signal) {
      if (signal.aborted) return this.#fail(new AbortedError(signal.reason, 'retryable'))
      this.#onAbort = () => this.#abort(signal)
      signal.addEventListener('abort', this.#onAbort)
    }
    if (this.core.ready) return this.#enter()
    this.#arm()
    this.core.connect().then(() => this.#enter(), (error: CqlError) => this.#fail(error))
  }

  #enter(): void {
    if (this.#done) return
    if (this.core.closing) return this.#fail(this.core.closedError())
    this.#plan = this.core.plan(this.settings.node)
    if (this.core.queueLength > 0) this.#wait()
    else this.#goOn()
  }

  #wait(): void {
    const refusal = this.core.enqueue(this)
    if (refusal) this.#fail(refusal)
    else this.#arm()
  }

  #goOn(): void {
    if (this.trySend() === 'wait') this.#wait()
  }

  trySend(): 'sent' | 'wait' | 'ended' {
    let full = false
    for (let node = this.#takeNode(); node !== undefined; node = this.#takeNode()) {
      const pool = this.core.poolOf(node)
      const keyspace = this.core.connectionKeyspace(this.settings.keyspace)
      const connection = pool?.acquire(keyspace)
      if (connection) {
        if (this.#sendOn(connection, node)) return this.#done ? 'ended' : 'sent'
        continue
      }
      if (pool?.mayWait(keyspace)) full = true
      else this.#note(node, pool?.lastError ?? new ConnectionError(addressOf(node), `No connection to ${addressOf(node)} is open`, 'retryable'))
    }
    if (full) {
      this.#plan = this.core.plan(this.settings.node)
      this.#failed = undefined
      return 'wait'
    }
    this.#fail(this.#noNode())
    return 'ended'
  }

  #takeNode(): NodeInfo | undefined {
    const node = this.#nextNode
    this.#nextNode = undefined
    return node ?? this.#plan?.()
  }

  /** Returns false when the connection turned out to be closed. */
  #sendOn(connection: Connection, node: NodeInfo): boolean {
    try {
      connection.send(this)
    } catch (error) {
      if (error instanceof ConnectionError) {
        this.#note(node, error)
        return false
      }
      this.#fail(error as Error)
      return true
    }
    this.#connection = connection
    this.#sent++
    this.#arm()
    return true
  }

  #note(node: NodeInfo | string, error: Error): void {
    ;(this.#failed ??= []).push({ node: typeof node === 'string' ? node : addressOf(node), error })
  }

  encode(writer: ByteWriter, connection: Connection): void {
    if (this.settings.payload !== undefined) writeExtras(writer, { payload: this.settings.payload })
    this.encodeBody(writer, connection)
  }

  onResponse(header: EnvelopeHeader, body: ByteReader, connection: Connection): void {
    this.#connection = undefined
    if (this.#done) return
    try {
      const extras = readExtras(header, body)
      if (header.opcode === opcodes.RESULT) {
        const result = this.decodeResult(body, extras, connection)
        this.#finish()
        this.#resolve(result)
      } else if (header.opcode === opcodes.ERROR) {
        this.#onError(serverErrorOf(decodeError(body, header.version), connection.address), connection)
      } else throw new ProtocolError(`A request was answered by a message with opcode 0x${header.opcode.toString(16)}`)
    } catch (error) {
      // The frame was whole: only this answer cannot be used, the connection goes on.
      this.#fail(error instanceof CodecError ? new CodecError(`The result cannot be read: ${error.message}`, error.path, error) : (error as Error))
    }
  }

  onFailure(error: CqlError, connection: Connection): void {
    this.#connection = undefined
    if (!this.#done) this.#onError(error, connection)
  }

  #onError(error: CqlError, connection: Connection): void {
    if (error instanceof UnpreparedError && this.reprepare && this.#reprepares < MAX_REPREPARES) {
      this.#reprepares++
      const preparing = this.reprepare(error, connection)
      if (preparing) {
        preparing.then(() => this.#again(connection, error), (failure: CqlError) => { if (!this.#done) this.#onError(failure, connection) })
        return
      }
    }
    if (error.outcome === 'undetermined') this.#maybeExecuted = true
    this.#note(connection.address, error)
    if (this.core.closing) return this.#fail(error)
    const decision = this.settings.retry.decide(error, { idempotent: this.#idempotent, retries: this.#retries, conditional: this.conditional })
    if (decision === 'throw') return this.#fail(error)
    this.#retries++
    if (decision === 'same') return this.#again(connection, error)
    this.#goOn()
  }

  /** Sends once more on the connection that it came from, or goes on when that is gone. */
  #again(connection: Connection, error: CqlError): void {
    if (this.#done) return
    if (connection.available) {
      if (this.#sendOn(connection, this.core.nodeAt(connection.address) ?? this.core.nodes[0]!)) return
    } else this.#note(connection.address, error)
    this.#goOn()
  }

  /** Waits for the earlier of the two limits: the attempt's counts only where another node may be tried. */
  #arm(): void {
    const { timeoutMs, attemptTimeoutMs } = this.settings
    const left = this.#started + timeoutMs - this.core.clock.now()
    this.core.wheel.add(this, this.#idempotent && attemptTimeoutMs < left ? attemptTimeoutMs : left)
  }

  override onDeadline(): void {
    if (this.#done) return
    const { timeoutMs, attemptTimeoutMs } = this.settings
    const connection = this.#connection
    if (this.core.clock.now() - this.#started >= timeoutMs) {
      this.#fail(new RequestTimeoutError(this.#timeoutText(timeoutMs, connection), timeoutMs, this.#outcome(), this.#failed?.at(-1)?.error))
      return
    }
    this.#nextNode ??= connection ? this.#plan?.() : undefined
    if (connection && this.#nextNode) {
      if (connection.wasFlushed(this)) this.#maybeExecuted = true
      connection.abandon(this)
      this.#connection = undefined
      this.#note(connection.address, new RequestTimeoutError(`${connection.address} did not answer within attemptTimeoutMs (${attemptTimeoutMs} ms)`, attemptTimeoutMs, 'retryable'))
      return this.#goOn()
    }
    // Nobody else to ask: the answer may still come.
    this.core.wheel.add(this, this.#started + timeoutMs - this.core.clock.now())
  }

  #timeoutText(timeoutMs: number, connection: Connection | undefined): string {
    const limit = `within timeoutMs (${timeoutMs} ms)`
    if (connection) return `${connection.address} did not answer ${limit}`
    if (this.#sent > 0) return `The request did not succeed ${limit}`
    return this.core.ready ? `The request was not sent ${limit}: every connection is full` : `The request was not sent ${limit}: the client is still connecting`
  }

  /** What is known when it is given up: an attempt that reached a node may have been executed. */
  #outcome(): 'retryable' | 'undetermined' {
    if (this.#idempotent) return 'retryable'
    return this.#maybeExecuted || (this.#connection !== undefined && this.#connection.wasFlushed(this)) ? 'undetermined' : 'retryable'
  }

  #abort(signal: AbortSignal): void {
    if (this.#done) return
    const reached = this.#maybeExecuted || (this.#connection !== undefined && this.#connection.wasFlushed(this))
    this.#fail(new AbortedError(signal.reason, reached ? 'undetermined' : 'retryable'))
  }

  #noNode(): CqlError {
    const attempts = this.#failed ?? []
    const wanted = this.settings.node
    if (attempts.length === 0) {
      return new NoNodeAvailableError(wanted === undefined ? 'No node is known' : `No node '${wanted}' is known to this client; it knows ${this.core.nodes.map(addressOf).join(', ')}`, [])
    }
    return new NoNodeAvailableError(`No node could take the request; ${attempts.length === 1 ? 'one attempt was' : `${attempts.length} attempts were`} made:`, attempts, this.#maybeExecuted && !this.#idempotent ? 'undetermined' : 'retryable')
  }

  cancel(error: CqlError): void {
    this.#fail(error)
  }

  #fail(error: Error): void {
    if (this.#done) return
    const connection = this.#connection
    this.#connection = undefined
    this.#finish()
    connection?.abandon(this)
    this.#reject(error)
  }

  #finish(): void {
    this.#done = true
    this.core.wheel.remove(this)
    if (this.#onAbort) this.settings.signal!.removeEventListener('abort', this.#onAbort)
  }
}

/** `host:port` as errors and statistics show it. */
export function addressOf(node: { readonly address: string; readonly port: number }): string {
  return `${node.address.includes(':') ? `[${node.address}]` : node.address}:${node.port}`
}
