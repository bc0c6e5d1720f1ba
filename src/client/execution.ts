import { AbortedError, CodecError, ConnectionError, offAbort, onAbort, ProtocolError, RequestTimeoutError } from '../base/index.js'
import type { ByteReader, ByteWriter, CqlError, FailedAttempt } from '../base/index.js'
import type { NodeInfo } from '../cluster/index.js'
import type { QueryPlan, RetryDecision } from '../policies/index.js'
import type { Connection } from '../pool/index.js'
import { decodeError, flagsOf, opcodes, readExtras, ReadTimeoutError, serverErrorOf, UnpreparedError, writeExtras, WriteTimeoutError } from '../protocol/index.js'
import type { Consistency, EnvelopeHeader, MessageExtras } from '../protocol/index.js'
import { addressOf } from './address.js'
import { Attempt } from './attempt.js'
import type { Core } from './core.js'
import type { ExecutionSettings, Waiting } from './execution-settings.js'
import { mayPass, noNodeError } from './failed-attempts.js'
import type { Route } from './router.js'
import { SpeculativeAttempt } from './speculative-attempt.js'

/** How often a statement is prepared again for one request, before the node's refusals count as an error. */
const MAX_REPREPARES = 3
/** Pause before a plan that has been gone through is begun again; it doubles each time. */
const NEW_PLAN_MS = 50
const NEW_PLAN_MAX_MS = 1000

/**
 * One request from the call to its result: goes along the query plan, retries as the policy says, sends to a second node
 * meanwhile if told to, waits in the queue while every connection is full, and ends in time whatever happens.
 * It is its own first attempt, and as such its own entry in the timer wheel and in the connection's table, so that a
 * request costs few objects; further attempts exist only where a policy asks for them.
 * The file is long because it is one state machine: every way of sending, failing and timing out is a transition of the same few fields.
 */
export abstract class Execution<T> extends Attempt implements Waiting {
  waits = false
  protected readonly core: Core
  readonly settings: ExecutionSettings
  readonly #idempotent: boolean
  #resolve: (value: never) => void = NOTHING
  #reject: (error: Error) => void = NOTHING
  #plan: QueryPlan | undefined
  #route: Route | undefined
  /** The node that the plan begins with, when it was known before the plan was made. */
  #first: NodeInfo | undefined
  #reserved: NodeInfo | undefined
  #done = false
  #sent = 0
  #lastNode: string | undefined
  /** Attempts that have not ended: sent, about to be sent, or pausing. */
  #active = 1
  #speculative: SpeculativeAttempt[] | undefined
  #speculated = 0
  /** Whether an attempt that was given up may have been executed. */
  #maybeExecuted = false
  #retries = 0
  #reprepares = 0
  #plans = 0
  #started = 0
  /** Whether it was called in this very moment, so that the clock need not be asked again. */
  #beginning = false
  #failed: FailedAttempt[] | undefined
  #onAbort: (() => void) | undefined

  constructor(core: Core, settings: ExecutionSettings, idempotent: boolean) {
    super()
    this.core = core
    this.settings = settings
    this.#idempotent = idempotent
  }

  /** Writes the message's body. */
  protected abstract encodeBody(writer: ByteWriter, connection: Connection, attempt: Attempt): void
  /** Makes the result of a RESULT message. */
  protected abstract decodeResult(body: ByteReader, extras: MessageExtras, connection: Connection, attempt: Attempt): T
  /** The result that a retry policy has chosen in place of an error. */
  protected abstract emptyResult(connection: Connection): T
  /** Whether it is a lightweight transaction. */
  protected abstract get conditional(): boolean
  /** CQL text, as observers see it. */
  abstract get queryText(): string
  /** Where its partition is. */
  protected route(): Route | undefined {
    return undefined
  }
  /** What {@link route} gave when the request began. */
  protected get routeTaken(): Route | undefined {
    return this.#route
  }
  /** What the caller gets for a result: itself, or what becomes of it. */
  protected settled(result: T): unknown {
    return result
  }
  /** Uses another consistency from now on, as a retry policy may ask. */
  protected useConsistency?(consistency: Consistency): void
  /** Has the statement that a node does not know prepared there; undefined when it is none of this request's. */
  protected reprepare?(error: UnpreparedError, connection: Connection): Promise<void> | undefined

  get flags(): number {
    return this.settings.tracing || this.settings.payload !== undefined ? flagsOf(this.settings) : 0
  }

  get done(): boolean {
    return this.#done
  }

  /** Times that it was sent. */
  get attempts(): number {
    return this.#sent
  }

  /** Attempts that a speculation policy has added. */
  get speculativeAttempts(): number {
    return this.#speculated
  }

  /** The node that it was sent to last. */
  get lastNode(): string | undefined {
    return this.#lastNode
  }

  /** When it was called, in the clock's milliseconds. */
  protected get startedAt(): number {
    return this.#started
  }

  get latencyMs(): number {
    return this.core.clock.now() - this.#started
  }

  /** Begins, and returns what it ends in. */
  start(): Promise<T> {
    const { observers } = this.core
    return observers.active ? observers.observe(this, this.settings.keyspace, () => this.#start()) : this.#start()
  }

  #start(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve as (value: never) => void
      this.#reject = reject
      this.#begin()
    })
  }

  #begin(): void {
    const { signal } = this.settings
    this.#started = this.core.turn.now()
    if (signal) {
      if (signal.aborted) return this.#fail(new AbortedError(signal.reason, 'retryable'))
      this.#onAbort = () => this.#abort(signal)
      onAbort(signal, this.#onAbort)
    }
    if (this.core.ready) {
      this.#beginning = true
      this.#enter()
      this.#beginning = false
      return
    }
    this.#arm(this)
    this.core.connect().then(() => this.#enter(), (error: CqlError) => this.#fail(error))
  }

  #enter(): void {
    if (this.#done) return
    if (this.core.closing) return this.#fail(this.core.closedError())
    try {
      this.#route = this.route()
      this.#goOn(this)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** Policies are other people's code: what they throw fails this request, and neither its connection nor the process. */
  #guarded(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #newPlan(): void {
    this.#plan = this.core.planner.plan(this.settings, this.#route, this.conditional)
    this.#first = undefined
  }

  /** The next node of the plan, which is made when it is first needed. */
  #nextNode(): NodeInfo | undefined {
    const plan = (this.#plan ??= this.core.planner.plan(this.settings, this.#route, this.conditional))
    const node = plan()
    if (node === undefined || node !== this.#first) return node
    this.#first = undefined
    return plan()
  }

  #wait(): void {
    const refusal = this.core.waiting.push(this)
    if (refusal) this.#fail(refusal)
    else this.#arm(this)
  }

  #goOn(attempt: Attempt): void {
    if (attempt === this) {
      const waitsForOthers = this.#sent === 0 && this.core.waiting.holdsUp && !this.particular
      if (waitsForOthers || this.trySend() === 'wait') this.#wait()
    } else if (this.#sendToNext(attempt) !== 'sent') this.#end(attempt, undefined)
  }

  get particular(): boolean {
    const { node, loadBalancing, keyspace } = this.settings
    return node !== undefined || loadBalancing !== undefined || this.#sent > 0 || this.core.connectionKeyspace(keyspace) !== this.core.connectionKeyspace(this.core.keyspace)
  }

  trySend(): 'sent' | 'wait' | 'ended' {
    try {
      // The first node of its plan is all that most requests ever need; one that has waited asks for it anew.
      if (this.#sent === 0 && this.#plan === undefined) this.#reserved ??= this.#first = this.core.planner.firstNode(this.settings, this.#route, this.conditional)
      switch (this.#sendToNext(this)) {
        case 'sent':
          return this.#done ? 'ended' : 'sent'
        case 'full':
          // Nodes that it has been to may have room: they are asked again a little later, rather than only those that are left.
          if (this.#sent > 0 && (this.#active > 1 || this.#mayBeginAgain())) {
            this.#end(this, undefined)
            return 'ended'
          }
          this.#plan = this.#first = this.#failed = undefined
          return 'wait'
        case 'none':
          this.#end(this, undefined)
      }
    } catch (error) {
      this.#fail(error as Error)
    }
    return 'ended'
  }

  /** Sends an attempt to the next node of the plan that takes it. */
  #sendToNext(attempt: Attempt): 'sent' | 'full' | 'none' {
    let full = false
    for (let node = this.#takeNode(); node !== undefined; node = this.#takeNode()) {
      const pool = this.core.poolOf(node)
      if (!pool) continue // it has left the cluster, or is to be ignored
      const keyspace = this.core.connectionKeyspace(this.settings.keyspace)
      const connection = pool.acquire(keyspace, this.#route?.token, this.#route?.shards?.get(node.hostId))
      if (connection) {
        if (this.#sendOn(attempt, connection, node)) return 'sent'
        continue
      }
      // Who has been elsewhere already does not wait for a node that may never be reached.
      if (pool.mayWait(keyspace) && (this.#sent === 0 || pool.up)) full = true
      else this.#note(addressOf(node), pool.lastError ?? new ConnectionError(addressOf(node), `No connection to ${addressOf(node)} is open`, 'retryable'))
    }
    return full ? 'full' : 'none'
  }

  #takeNode(): NodeInfo | undefined {
    const node = this.#reserved
    this.#reserved = undefined
    return node ?? this.#nextNode()
  }

  /** Returns false when the connection turned out to be closed. */
  #sendOn(attempt: Attempt, connection: Connection, node: NodeInfo | undefined): boolean {
    try {
      connection.send(attempt)
    } catch (error) {
      if (error instanceof ConnectionError) {
        this.#note(connection.address, error)
        return false
      }
      this.#fail(error as Error)
      return true
    }
    attempt.connection = connection
    attempt.node = node
    attempt.sentAt = this.#beginning ? this.#started : this.core.clock.now()
    this.#sent++
    this.#lastNode = connection.address
    this.#arm(attempt, attempt.sentAt)
    if (this.#idempotent && this.#sent === 1) this.#planSpeculation()
    return true
  }

  /** Sets the timer of the next speculative attempt, if there is to be one. */
  #planSpeculation(): void {
    const delayMs = this.settings.speculation.delayMs(1 + this.#speculated, this.core.latency)
    if (delayMs === undefined || this.#done) return
    const attempt = new SpeculativeAttempt(this)
    this.core.wheel.add(attempt, delayMs)
    ;(this.#speculative ??= []).push(attempt)
  }

  /** Called when a speculative attempt's time has come. */
  beginSpeculative(attempt: SpeculativeAttempt): void {
    this.#guarded(() => this.#speculate(attempt))
  }

  #speculate(attempt: SpeculativeAttempt): void {
    if (this.#done || this.settings.speculation.mayBegin?.() === false) return
    this.#active++
    if (this.#sendToNext(attempt) !== 'sent') {
      this.#active--
      return
    }
    if (!attempt.connection) return // it could not be encoded, and has failed
    this.#speculated++
    this.core.count(attempt.node!, 'speculations')
    this.core.observers.emit('speculation', { query: this.queryText, node: attempt.connection.address })
    this.#planSpeculation()
  }

  #note(node: string, error: Error): void {
    ;(this.#failed ??= []).push({ node, error })
  }

  encode(writer: ByteWriter, connection: Connection): void {
    this.encodeAttempt(writer, connection, this)
  }

  encodeAttempt(writer: ByteWriter, connection: Connection, attempt: Attempt): void {
    if (this.settings.payload !== undefined) writeExtras(writer, { payload: this.settings.payload })
    this.encodeBody(writer, connection, attempt)
  }

  onResponse(header: EnvelopeHeader, body: ByteReader, connection: Connection): void {
    this.onAttemptResponse(this, header, body, connection)
  }

  onAttemptResponse(attempt: Attempt, header: EnvelopeHeader, body: ByteReader, connection: Connection): void {
    attempt.connection = undefined
    if (this.#done) return
    try {
      const extras = readExtras(header, body)
      if (header.opcode === opcodes.RESULT) {
        if (attempt.node) this.core.onAnswer(attempt.node, attempt.sentAt, connection.lastRead, this.settings.loadBalancing)
        const result = this.decodeResult(body, extras, connection, attempt)
        this.core.resendBudget.deposit()
        this.#succeed(this.settled(result))
        this.settings.speculation.onAnswer?.()
      } else if (header.opcode === opcodes.ERROR) {
        const error = serverErrorOf(decodeError(body, header.version, connection.extensions.rateLimitCode), connection.address)
        if (attempt.node) this.core.onAnswer(attempt.node, attempt.sentAt, connection.lastRead, this.settings.loadBalancing, error)
        this.#onError(attempt, error, connection)
      } else throw new ProtocolError(`A request was answered by a message with opcode 0x${header.opcode.toString(16)}`)
    } catch (error) {
      // The frame was whole: only this answer cannot be used, the connection goes on.
      this.#fail(error instanceof CodecError ? new CodecError(`The result cannot be read: ${error.message}`, error.path, error) : (error as Error))
    }
  }

  onFailure(error: CqlError, connection: Connection): void {
    this.onAttemptFailure(this, error, connection)
  }

  onAttemptFailure(attempt: Attempt, error: CqlError, connection: Connection): void {
    attempt.connection = undefined
    if (this.#done) return
    this.#guarded(() => {
      // What never left this process has been nowhere: it may wait for another connection to the same node, were it the only one.
      if (attempt === this && this.#active === 1 && error instanceof ConnectionError && !connection.wasFlushed(attempt)) {
        this.#sent--
        this.#plan = this.#first = this.#reserved = undefined
        return this.#goOn(attempt)
      }
      if (attempt.node) this.core.onNoAnswer(attempt.node, attempt.sentAt, error, this.settings.loadBalancing)
      this.#onError(attempt, error, connection)
    })
  }

  #onError(attempt: Attempt, error: CqlError, connection: Connection): void {
    if (error instanceof UnpreparedError && this.reprepare && this.#reprepares < MAX_REPREPARES) {
      this.#reprepares++
      const preparing = this.reprepare(error, connection)
      if (preparing) {
        attempt.preparingOn = connection
        preparing.then(() => this.#onPrepared(attempt, connection), (failure: CqlError) => this.#onPrepared(attempt, connection, failure))
        return
      }
    }
    if (error.outcome === 'undetermined') this.#maybeExecuted = true
    this.#note(connection.address, error)
    if (attempt.node) this.core.count(attempt.node, 'errors')
    if (this.core.closing) return this.#fail(error)
    const decision = this.settings.retry.decide(error, { idempotent: this.#idempotent, retries: this.#retries, conditional: this.conditional, consistency: this.settings.consistency })
    if (decision === 'throw' || (decision !== 'ignore' && tookTooLong(error) && !this.core.resendBudget.withdraw())) return this.#end(attempt, error)
    if (decision === 'ignore') {
      const empty = this.emptyResult(connection)
      return this.#succeed(this.settled(empty))
    }
    this.#retry(attempt, error, connection, decision)
  }

  #onPrepared(attempt: Attempt, connection: Connection, failure?: CqlError): void {
    if (attempt.preparingOn !== connection) return // it took too long, and the attempt has gone on
    attempt.preparingOn = undefined
    if (failure) this.onAttemptFailure(attempt, failure, connection)
    else this.#guarded(() => this.#again(attempt, connection))
  }

  #retry(attempt: Attempt, error: CqlError, connection: Connection, decision: Exclude<RetryDecision, 'throw' | 'ignore'>): void {
    const { on, afterMs, consistency } = typeof decision === 'string' ? { on: decision } as const : decision
    this.#retries++
    if (attempt.node) this.core.count(attempt.node, 'retries')
    this.core.observers.emit('retry', { query: this.queryText, node: connection.address, error, on, retries: this.#retries })
    if (consistency !== undefined) this.useConsistency?.(consistency)
    if (afterMs !== undefined && afterMs > 0) this.#pause(attempt, on === 'same' ? connection : null, afterMs)
    else if (on === 'same') this.#again(attempt, connection)
    else this.#goOn(attempt)
  }

  /** Lets an attempt wait before it goes on, though not beyond the request's time. */
  #pause(attempt: Attempt, resumeOn: Connection | null, ms: number): void {
    attempt.resumeOn = resumeOn
    this.core.wheel.add(attempt, Math.min(ms, this.#leftMs()))
  }

  /** Sends once more on the connection that it came from, or to the same node as soon as that has room, or goes on when it is gone. */
  #again(attempt: Attempt, connection: Connection): void {
    if (this.#done || (connection.available && this.#sendOn(attempt, connection, attempt.node))) return
    if (!connection.closed) this.#reserved = attempt.node
    this.#goOn(attempt)
  }

  /**
   * Ends one attempt. The request fails with it, unless another attempt may still succeed, or all that went wrong may pass and
   * there is time to go through the nodes again.
   *
   * @param error what the retry policy throws; undefined when the plan has no more nodes
   */
  #end(attempt: Attempt, error: CqlError | undefined): void {
    if (this.#done) return
    if (error?.outcome !== 'permanent' && this.#active > 1) {
      this.#active--
      if (attempt !== this) this.core.wheel.remove(attempt)
      else this.core.wheel.add(this, this.#leftMs())
      return
    }
    if (error === undefined && this.#mayBeginAgain()) {
      this.#newPlan()
      this.#pause(attempt, null, Math.min(NEW_PLAN_MS * 2 ** this.#plans++, NEW_PLAN_MAX_MS))
      return
    }
    this.#fail(error ?? noNodeError(this.#failed ?? [], this.settings.node, this.core.nodes, this.#maybeExecuted && !this.#idempotent))
  }

  /** With no node up the caller learns it at once. */
  #mayBeginAgain(): boolean {
    return this.#idempotent && this.settings.node === undefined && !this.core.closing && this.core.anyNodeUp && mayPass(this.#failed ?? [])
  }

  #leftMs(now: number = this.core.clock.now()): number {
    return this.#started + this.settings.timeoutMs - now
  }

  /** Waits for the earlier of the two limits: the attempt's counts only where another node may be tried. */
  #arm(attempt: Attempt, now?: number): void {
    const { attemptTimeoutMs } = this.settings
    const left = this.#leftMs(now)
    this.core.wheel.add(attempt, this.#idempotent && attemptTimeoutMs < left ? attemptTimeoutMs : left, now)
  }

  override onDeadline(): void {
    this.onAttemptDeadline(this)
  }

  onAttemptDeadline(attempt: Attempt): void {
    this.#guarded(() => this.#onDeadline(attempt))
  }

  #onDeadline(attempt: Attempt): void {
    if (this.#done) return
    if (this.#leftMs() <= 0) return this.#timeOut()
    const { connection, resumeOn } = attempt
    if (resumeOn !== undefined) {
      attempt.resumeOn = undefined
      if (resumeOn === null || !resumeOn.available || !this.#sendOn(attempt, resumeOn, attempt.node)) this.#goOn(attempt)
      return
    }
    const asked = connection ?? attempt.preparingOn
    this.#reserved ??= asked ? this.#otherNode(attempt) : undefined
    if (asked && this.#reserved && this.core.resendBudget.withdraw()) {
      const { attemptTimeoutMs } = this.settings
      if (connection?.wasFlushed(attempt) === true) this.#maybeExecuted = true
      connection?.abandon(attempt)
      attempt.connection = attempt.preparingOn = undefined
      const error = new RequestTimeoutError(`${asked.address} did not answer within attemptTimeoutMs (${attemptTimeoutMs} ms)`, attemptTimeoutMs, 'retryable')
      this.#onTimeout(attempt, error)
      this.#note(asked.address, error)
      return this.#goOn(attempt)
    }
    // Nobody else to ask, or too much is sent twice already: the answer may still come.
    if (asked) this.#arm(attempt)
    else this.core.wheel.add(attempt, this.#leftMs())
  }

  /** The next node of the plan, or of a new one once this one is at its end; a node that does not answer is not asked again at once. */
  #otherNode(attempt: Attempt): NodeInfo | undefined {
    const next = this.#nextNode()
    if (next !== undefined || this.settings.node !== undefined) return next
    this.#newPlan()
    for (let node = this.#nextNode(); node !== undefined; node = this.#nextNode()) {
      if (node !== attempt.node && this.core.poolOf(node)?.up === true) return node
    }
    return undefined
  }

  #timeOut(): void {
    const { timeoutMs } = this.settings
    const error = new RequestTimeoutError(this.#timeoutText(timeoutMs), timeoutMs, this.#outcome(), this.#failed?.at(-1)?.error)
    for (const attempt of [this, ...(this.#speculative ?? [])]) if (attempt.connection) this.#onTimeout(attempt, error)
    this.#fail(error)
  }

  #onTimeout({ node, sentAt }: Attempt, error: CqlError): void {
    if (!node) return
    this.core.count(node, 'timeouts')
    this.core.onNoAnswer(node, sentAt, error, this.settings.loadBalancing)
  }

  #timeoutText(timeoutMs: number): string {
    const limit = `within timeoutMs (${timeoutMs} ms)`
    if (this.connection) return `${this.connection.address} did not answer ${limit}`
    if (this.#sent > 0) return `The request did not succeed ${limit}`
    return this.core.ready ? `The request was not sent ${limit}: every connection is full` : `The request was not sent ${limit}: the client is still connecting`
  }

  get #reached(): boolean {
    return this.#maybeExecuted || (this.connection !== undefined && this.connection.wasFlushed(this))
  }

  /** What is known when it is given up: an attempt that reached a node may have been executed. */
  #outcome(): 'retryable' | 'undetermined' {
    return this.#idempotent || !this.#reached ? 'retryable' : 'undetermined'
  }

  #abort(signal: AbortSignal): void {
    if (!this.#done) this.#fail(new AbortedError(signal.reason, this.#reached ? 'undetermined' : 'retryable'))
  }

  cancel(error: CqlError): void {
    this.#fail(error)
  }

  #succeed(result: unknown): void {
    const resolve = this.#resolve
    this.#finish()
    resolve(result as never)
  }

  #fail(error: Error): void {
    if (this.#done) return
    const reject = this.#reject
    this.#finish()
    reject(error)
  }

  /**
   * Lets go of everything: attempts still under way keep their streams until their answers come. Of the promise, too: whoever holds on to a
   * request a little longer, as an AbortSignal's table of listeners does, must not keep a page of rows alive.
   */
  #finish(): void {
    this.#done = true
    this.#resolve = this.#reject = NOTHING
    if (this.waits) this.core.waiting.onEnded()
    this.#release(this)
    if (this.#speculative) for (const attempt of this.#speculative) this.#release(attempt)
    if (this.#onAbort) offAbort(this.settings.signal!, this.#onAbort)
  }

  #release(attempt: Attempt): void {
    this.core.wheel.remove(attempt)
    const { connection } = attempt
    attempt.connection = undefined
    connection?.abandon(attempt)
  }
}

const NOTHING = (): void => {}
/** Whether a coordinator has waited for replicas in vain. */
function tookTooLong(error: CqlError): boolean {
  return error instanceof ReadTimeoutError || error instanceof WriteTimeoutError
}
