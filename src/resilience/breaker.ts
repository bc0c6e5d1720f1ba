import { Events, isCqlError, OptionError, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { CountWindow, TimeWindow } from './breaker-window.js'
import type { BreakerWindow, WindowCounts } from './breaker-window.js'
import { BreakerCall, BreakerStepCall } from './breaker-call.js'
import { BreakerOpenError, isRefusal } from './errors.js'
import { DirectPolicy, invoke } from './policy.js'
import type { Task } from './policy.js'
import { RunContext } from './run-context.js'
import type { Completion, Step } from './step.js'

/** Options of {@link breaker}. At least one of the three ways to trip is needed. */
export interface BreakerOptions {
  /** Shown in errors and status. @default 'breaker' */
  readonly name?: string | undefined
  /** Opens after that many failures in a row. @default never */
  readonly consecutiveFailures?: number | undefined
  /** Opens when at least that share of the window's calls failed, from 0 to 1. @default never */
  readonly failureRate?: number | undefined
  /** Opens when at least that share of the window's calls took `slowCallMs` or longer, from 0 to 1. @default never */
  readonly slowCallRate?: number | undefined
  /** From how many milliseconds on a call is slow. @default 1000 */
  readonly slowCallMs?: number | undefined
  /** Calls that the window must hold before rates count. @default 20 */
  readonly minimumCalls?: number | undefined
  /** What rates are worked out from: the last calls, or those of the last milliseconds. @default { calls: 100 } */
  readonly window?: { readonly calls: number } | { readonly ms: number } | undefined
  /** How long it stays open, in milliseconds, or by how often it has opened in a row. @default 30000 */
  readonly openMs?: number | ((times: number) => number) | undefined
  /** Calls that are let through to see whether all is well again; all of them must succeed. @default 1 */
  readonly halfOpenCalls?: number | undefined
  /** Which errors count as failures. @default all but aborts, refusals of other policies, and errors of cqlwire that are permanent */
  readonly counts?: ((error: unknown) => boolean) | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** What a breaker does with calls by itself: lets all through, none, or a few to see. */
export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** What an operator has told it: nothing, to refuse all, to let all through, or to let all through and go on counting. */
export type BreakerMode = 'automatic' | 'forcedOpen' | 'forcedClosed' | 'metricsOnly'

/** What a breaker tells. */
export interface BreakerEvents {
  stateChange: { readonly from: BreakerState; readonly to: BreakerState }
  /** A call was not made. */
  reject: BreakerOpenError
  /** It begins or ceases to be held open by something that it depends on. */
  hold: { readonly cause: string; readonly held: boolean }
}

/** A breaker at one moment, as plain data. */
export interface BreakerStatus {
  readonly name: string
  readonly state: BreakerState
  readonly mode: BreakerMode
  /** Whether calls are refused, for whatever reason. */
  readonly blocked: boolean
  /** What holds it open besides itself. */
  readonly causes: readonly string[]
  /** Milliseconds until it lets calls through to see; 0 when it is not open. */
  readonly openForMs: number
  readonly window: Readonly<WindowCounts>
  readonly consecutiveFailures: number
  readonly timesOpened: number
}

/** Whether an error says something of the health of what was called. */
export function countsAsFailure(error: unknown): boolean {
  if (isCqlError(error)) return error.outcome !== 'permanent' && !isRefusal(error)
  return !(error instanceof Error && error.name === 'AbortError')
}

/**
 * Stops calling what keeps failing, and lets a few calls through after a while to see whether it has recovered. The result of a call
 * counts only in the state in which the call began.
 */
export class Breaker extends DirectPolicy {
  readonly name: string
  readonly events: Events<BreakerEvents> = new Events()
  readonly #options: BreakerOptions
  readonly #clock: Clock
  readonly #window: BreakerWindow
  readonly #slowMs: number
  /** Whether it matters when calls begin and end; asking the clock costs as much as all the rest. */
  readonly #timed: boolean
  /** Which errors count as failures. */
  readonly counts: (error: unknown) => boolean
  readonly #causes = new Set<string>()
  #state: BreakerState = 'closed'
  #mode: BreakerMode = 'automatic'
  /** Changes with each state: a call that began before does not count. */
  #epoch = 0
  #openUntil = 0
  #timesOpened = 0
  #consecutive = 0
  #probes = 0
  #probesWell = 0

  constructor(options: BreakerOptions) {
    super()
    const { name = 'breaker', window = { calls: 100 }, slowCallMs = 1000, counts = countsAsFailure, clock = systemClock } = options
    if (options.consecutiveFailures === undefined && options.failureRate === undefined && options.slowCallRate === undefined) {
      throw new OptionError('consecutiveFailures', `The breaker '${name}' needs consecutiveFailures, failureRate or slowCallRate`)
    }
    this.name = name
    this.#options = options
    this.#clock = clock
    this.#window = 'calls' in window ? new CountWindow(window.calls) : new TimeWindow(window.ms)
    this.#slowMs = options.slowCallRate === undefined ? Number.POSITIVE_INFINITY : slowCallMs
    this.#timed = !('calls' in window) || options.slowCallRate !== undefined
    this.counts = counts
  }

  /** What it does by itself. */
  get state(): BreakerState {
    if (this.#state === 'open' && this.#clock.now() >= this.#openUntil) this.#enter('halfOpen')
    return this.#state
  }

  get mode(): BreakerMode {
    return this.#mode
  }

  /** Whether a call made now would be refused. */
  get blocked(): boolean {
    if (this.#mode !== 'automatic') return this.#mode === 'forcedOpen'
    if (this.#causes.size > 0) return true
    const { state } = this
    return state === 'open' || (state === 'halfOpen' && this.#probes >= this.#quota)
  }

  get #quota(): number {
    return this.#options.halfOpenCalls ?? 1
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    const refusal = this.#admit()
    if (refusal) completion.onError(refusal)
    else step.begin(context, new BreakerStepCall(this, context, this.#epoch, this.#now(), completion))
  }

  /** By itself it needs no more than a reaction to the function's promise. */
  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    const refusal = this.#admit()
    if (refusal) return Promise.reject(refusal)
    const call = new BreakerCall(this, context, this.#epoch, this.#now())
    return invoke(task, context).then((value) => {
      call.succeed()
      return value
    }, (error: unknown) => {
      throw call.fail(error)
    })
  }

  /** @returns why the call is not made */
  #admit(): BreakerOpenError | undefined {
    const refusal = this.#refusal()
    if (refusal) this.events.emit('reject', refusal)
    else if (this.#state === 'halfOpen') this.#probes++
    return refusal
  }

  #now(): number {
    return this.#timed ? this.#clock.now() : 0
  }

  /** @internal takes note of a call's end: it failed, or did not, or says nothing */
  settle(epoch: number, started: number, failed: boolean | undefined): void {
    if (failed === undefined) this.#ignore(epoch)
    else this.#record(epoch, failed, started)
  }

  /**
   * Takes note of a call that was made past it: then it only says by `state` and `blocked` what is to be thought of it.
   *
   * @param tookMs milliseconds
   */
  note(failed: boolean, tookMs: number): void {
    if (this.state !== 'open') this.#record(this.#epoch, failed, this.#now() - tookMs)
  }

  /** Runs a function and does not wait for it; what it fails with goes to `onError`, never to the process. */
  fire<T>(task: Task<T>, onError: (error: unknown) => void): void {
    this.execute(task, new RunContext()).catch(onError)
  }

  #refusal(): BreakerOpenError | undefined {
    if (this.#mode === 'automatic') {
      if (this.#causes.size > 0) return new BreakerOpenError(this.name, undefined, `is held open by ${[...this.#causes].join(', ')}`)
      if (this.#state === 'closed') return undefined
      if (!this.blocked) return undefined
      return new BreakerOpenError(this.name, this.#state === 'open' ? this.#openUntil - this.#clock.now() : undefined)
    }
    return this.#mode === 'forcedOpen' ? new BreakerOpenError(this.name, undefined, 'is forced open') : undefined
  }

  #record(epoch: number, failed: boolean, started: number): void {
    if (epoch !== this.#epoch) return
    const now = this.#now()
    const slow = now - started >= this.#slowMs
    if (this.#state === 'halfOpen') return this.#onProbe(failed || slow)
    this.#consecutive = failed ? this.#consecutive + 1 : 0
    this.#window.record(failed, slow, now)
    if ((failed || slow) && this.#mode === 'automatic' && this.#trips(now)) this.#enter('open')
  }

  /** A call that says nothing: as a probe it makes room for another one. */
  #ignore(epoch: number): void {
    if (epoch === this.#epoch && this.#state === 'halfOpen') this.#probes--
  }

  #onProbe(failed: boolean): void {
    if (failed) this.#enter('open')
    else if (++this.#probesWell >= this.#quota) this.#enter('closed')
  }

  #trips(now: number): boolean {
    const { consecutiveFailures, failureRate, slowCallRate, minimumCalls = 20 } = this.#options
    if (consecutiveFailures !== undefined && this.#consecutive >= consecutiveFailures) return true
    const { calls, failures, slow } = this.#window.counts(now)
    if (calls < minimumCalls) return false
    return (failureRate !== undefined && failures >= failureRate * calls) || (slowCallRate !== undefined && slow >= slowCallRate * calls)
  }

  #enter(to: BreakerState): void {
    const from = this.#state
    this.#state = to
    this.#epoch++
    this.#probes = this.#probesWell = 0
    if (to === 'open') {
      const { openMs = 30_000 } = this.#options
      this.#timesOpened++
      this.#openUntil = this.#clock.now() + (typeof openMs === 'number' ? openMs : openMs(this.#timesOpened))
    } else if (to === 'closed') {
      this.#timesOpened = this.#consecutive = 0
      this.#window.clear()
    }
    if (from !== to) this.events.emit('stateChange', { from, to })
  }

  /** Tells it what to do whatever it sees, or to decide by itself again. */
  setMode(mode: BreakerMode): void {
    this.#mode = mode
  }

  /** Opens it now, as if it had tripped. */
  trip(): void {
    this.#enter('open')
  }

  /** Closes it and forgets what it has seen; what holds it open goes on holding it. */
  reset(): void {
    this.#enter('closed')
  }

  /** Holds it open for the sake of something that it depends on. */
  hold(cause: string): void {
    if (this.#causes.has(cause)) return
    this.#causes.add(cause)
    this.events.emit('hold', { cause, held: true })
  }

  /** Ends what {@link hold} began for the same cause. */
  release(cause: string): void {
    if (this.#causes.delete(cause)) this.events.emit('hold', { cause, held: false })
  }

  get status(): BreakerStatus {
    const { state } = this
    const now = this.#clock.now()
    return {
      name: this.name, state, mode: this.#mode, blocked: this.blocked, causes: [...this.#causes],
      openForMs: state === 'open' ? this.#openUntil - now : 0,
      window: { ...this.#window.counts(now) }, consecutiveFailures: this.#consecutive, timesOpened: this.#timesOpened,
    }
  }

  /** What another process can go on from. */
  toJSON(): BreakerStatus {
    return this.status
  }

  /** Goes on from where another breaker was: its state and mode, not its window. */
  restore({ state, mode, openForMs, timesOpened }: Pick<BreakerStatus, 'state' | 'mode' | 'openForMs' | 'timesOpened'>): void {
    this.#enter(state)
    this.#mode = mode
    this.#timesOpened = timesOpened
    if (state === 'open') this.#openUntil = this.#clock.now() + openForMs
  }
}

/** See {@link Breaker}. */
export function breaker(options: BreakerOptions): Breaker {
  return new Breaker(options)
}
