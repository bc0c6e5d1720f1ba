import { AbortedError, Deferred, isCqlError, latin1Decode, offAbort, onAbort, OptionError } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Client, Result, Statement } from '../client/index.js'
import { monotonicTimestamps } from '../policies/index.js'
import type { TimestampGenerator } from '../policies/index.js'
import { rateLimiter, saysOverload } from '../resilience/index.js'
import type { Limiter } from '../resilience/index.js'
import { BulkWriteError } from './bulk-options.js'
import type { BulkOutcome, BulkProgress, BulkWriteOptions } from './bulk-options.js'
import { isIdempotent } from './idempotence.js'
import { recordValues } from './record-values.js'
import { repeat } from './repeat.js'
import { END, LeavableWait } from './source.js'
import type { Source } from './source.js'
import { WriteLane } from './write-lane.js'
import { WriteUnit } from './write-unit.js'
import type { Entry } from './write-unit.js'

/** A record to be written: what to bind, and what to name it by in its outcome. */
export interface BulkInput {
  readonly index: number
  readonly record: unknown
  readonly values: unknown
  /** Set when it has come to its end before: it is not written, but counted and told of. */
  readonly verdict?: { readonly status: 'failed' | 'skipped'; readonly error?: Error }
}

const LONGEST_PAUSE_MS = 10_000
const LEAST_BATCH_BYTES = 512
/** So large a part of the requests that may be under way is begun together. */
const AT_ONCE = 8

/** One bulk write: reads records, sends them to their replicas, and says of each what became of it. */
export class BulkWriter {
  readonly #client: Client
  readonly #query: string
  readonly #options: BulkWriteOptions<never>
  readonly #clock: Clock
  readonly #lanes = new Map<string, WriteLane>()
  readonly #timestamps: TimestampGenerator
  readonly #finished = new Deferred<void>()
  readonly #idempotent: boolean
  readonly #attempts: number
  readonly #maxPending: number
  readonly #maxErrors: number
  readonly #rows: Limiter | undefined
  readonly #bytes: Limiter | undefined
  readonly #startedAt: number
  /** Partitions that a request is under way for, and what waits for it; with `ordered` only. */
  readonly #busy = new Map<string, WriteUnit[]>()
  /** Outcomes that wait for earlier ones; with `ordered` only. */
  readonly #early = new Map<number, BulkOutcome>()
  readonly #counts = { read: 0, written: 0, rejected: 0, failed: 0, unknown: 0, skipped: 0, requests: 0, retries: 0 }
  #statement!: Statement
  #bind!: (record: unknown) => unknown[]
  #batchBytes: number
  #told = 0
  #inFlight = 0
  #pending = 0
  /** Set once nothing more is read. */
  #over = false
  #error: Error | undefined
  #room: Deferred<void> | undefined
  /** The dead letters that are being taken, one after the other; undefined when there are none. */
  #sinking: Promise<void> | undefined
  #firstFailure: BulkOutcome | undefined
  /** What waits to be tried again. */
  readonly #paused = new Set<() => void>()
  /** A source that gives nothing must not hold up an error. */
  readonly #wait = new LeavableWait()

  constructor(client: Client, query: string, options: BulkWriteOptions<never>, clock: Clock) {
    const { consistency, timeoutMs, attemptTimeoutMs, profile, maxRowsPerSecond, maxBytesPerSecond } = options
    this.#idempotent = options.idempotent ?? isIdempotent(query)
    this.#client = client.with({ consistency, timeoutMs, attemptTimeoutMs, profile, prepare: true, autoPage: false, idempotent: this.#idempotent })
    this.#query = query
    this.#options = options
    this.#clock = clock
    this.#timestamps = monotonicTimestamps(clock)
    this.#attempts = options.attempts ?? 10
    this.#maxPending = options.maxPending ?? 4096
    this.#batchBytes = options.batches === false || options.ordered === true ? 0 : (options.batchBytes ?? 4096)
    this.#maxErrors = options.maxErrors ?? (options.onOutcome || options.deadLetter ? Number.POSITIVE_INFINITY : 0)
    this.#rows = maxRowsPerSecond === undefined ? undefined : rateLimiter({ limit: maxRowsPerSecond, burst: Math.max(1, maxRowsPerSecond / 20), clock })
    this.#bytes = maxBytesPerSecond === undefined ? undefined : rateLimiter({ limit: maxBytesPerSecond, clock })
    this.#startedAt = clock.now()
  }

  /** Writes everything that a source gives. @returns when every record that was read has its outcome */
  async run(open: () => Source<BulkInput>): Promise<BulkProgress> {
    const { signal, onProgress, progressEveryMs = 1000 } = this.#options
    if (signal?.aborted === true) throw new AbortedError(signal.reason, 'retryable')
    await this.#prepare()
    const abort = (): void => this.#end(new AbortedError(signal!.reason, this.#counts.requests > 0 ? 'undetermined' : 'retryable'))
    if (signal) onAbort(signal, abort)
    const stopTelling = onProgress && repeat(this.#clock, progressEveryMs, () => onProgress(this.progress), (error) => this.#end(error))
    try {
      const source = open()
      try {
        await this.#read(source)
      } catch (error) {
        this.#end(error as Error)
      } finally {
        await Promise.resolve(source.stop()).catch((error: unknown) => this.#end(error as Error))
      }
      this.#over = true
      this.#settle()
      await this.#finished.promise
      await this.#sinking
      if (this.#error) throw this.#error
      return this.progress
    } finally {
      if (signal) offAbort(signal, abort)
      stopTelling?.()
    }
  }

  async #prepare(): Promise<void> {
    const { signal } = this.#options
    this.#statement = await this.#client.prepare(this.#query, { signal })
    const { variables } = this.#statement
    if (variables.length === 0) throw new OptionError('query', 'The statement has no parameters that records could be bound to')
    const table = this.#client.cluster.keyspaces.get(variables[0]!.keyspace)?.tables.get(variables[0]!.table)
    const keys = new Set([...(table?.partitionKey ?? []), ...(table?.clusteringKey ?? [])].map(({ name }) => name))
    this.#bind = recordValues(variables.map(({ name }) => name), keys, this.#options)
    // Conditions of a batch are met or not together, and counters need batches of their own kind.
    if (!this.#idempotent || table?.isCounter === true) this.#batchBytes = 0
  }

  async #read(source: Source<BulkInput>): Promise<void> {
    while (this.#error === undefined) {
      if (this.#pending >= this.#maxPending) await this.#waitForRoom()
      if (this.#sinking) await this.#sinking
      const pulled = source.pull()
      const input = pulled instanceof Promise ? await this.#wait.until(pulled) : pulled
      if (input === END || this.#error !== undefined) return
      const paused = this.#take(input)
      if (paused) await paused
    }
  }

  #waitForRoom(): Promise<void> {
    return (this.#room ??= new Deferred()).promise
  }

  /** Takes a record in. @returns a promise while the rate is limited */
  #take({ index, record, values, verdict }: BulkInput): Promise<void> | undefined {
    this.#counts.read++
    this.#pending++
    const entry: Entry = { index, record, values: NONE, timestamp: this.#timestamps()!, attempts: 0 }
    if (verdict) return void this.#tell(entry, verdict.status, verdict.error)
    try {
      entry.values = this.#bind(values)
      if (this.#rows || this.#bytes) return this.#whenAllowed(entry)
      this.#enqueue(entry)
      return undefined
    } catch (error) {
      this.#tell(entry, 'failed', error as Error)
      return undefined
    }
  }

  async #whenAllowed(entry: Entry): Promise<void> {
    const { signal, maxBytesPerSecond } = this.#options
    try {
      await this.#rows?.acquire({ signal })
      // One that is longer than a second's worth waits for all of it.
      await this.#bytes?.acquire({ signal, cost: Math.min(this.#statement.encodedLength(entry.values), maxBytesPerSecond!) })
      this.#enqueue(entry)
    } catch (error) {
      this.#tell(entry, 'failed', error as Error)
    }
  }

  /** Puts a record where it waits for its node, together with others of its partition if there are any. */
  #enqueue(entry: Entry): void {
    const routing = this.#statement.routingKey(entry.values)
    const key = routing && latin1Decode(routing, 0, routing.length)
    const lane = this.#laneOf(routing)
    if (key !== undefined && this.#options.ordered === true) {
      const waiting = this.#busy.get(key)
      if (waiting) {
        waiting.push(new WriteUnit(entry, key))
        return
      }
      this.#busy.set(key, [])
    }
    if (key === undefined || this.#batchBytes === 0) lane.push(new WriteUnit(entry, key))
    else if (!lane.of(key)?.join(entry, this.#statement, this.#batchBytes)) lane.open(new WriteUnit(entry, key), key)
    this.#send(lane)
  }

  /** Records wait with those of the same first replica. */
  #laneOf(routing: Uint8Array | undefined): WriteLane {
    const { cluster } = this.#client
    const token = routing && cluster.tokenOf(routing)
    const name = token === undefined ? '' : (cluster.replicas(this.#statement.variables[0]!.keyspace, token)[0]?.hostId ?? '')
    let lane = this.#lanes.get(name)
    if (!lane) this.#lanes.set(name, (lane = new WriteLane((this.#options.concurrency ?? 'adaptive') === 'adaptive')))
    return lane
  }

  /** Sends what a lane has, as far as it may; several requests in one go, since writing to a socket is the largest single cost. */
  #send(lane: WriteLane): void {
    const { concurrency = 'adaptive' } = this.#options
    const [running, limit] = concurrency === 'adaptive' ? [lane.inFlight, lane.limit] : [this.#inFlight, concurrency]
    if (limit - running < limit / AT_ONCE) return
    while (concurrency === 'adaptive' || this.#inFlight < concurrency) {
      const unit = lane.take()
      if (unit === undefined) return
      this.#inFlight++
      this.#counts.requests++
      for (const entry of unit.entries) entry.attempts++
      this.#request(unit).then((result) => this.#written(lane, unit, result), (error: unknown) => this.#notWritten(lane, unit, error as Error))
    }
  }

  #request({ entries }: WriteUnit): Promise<Result> {
    const { signal } = this.#options
    const { values, timestamp } = entries[0]!
    const settings = signal === undefined ? { timestamp } : { timestamp, signal }
    if (entries.length === 1) return this.#client.execute(this.#query, values, settings)
    return this.#client.batch(entries.map((entry) => ({ query: this.#query, values: entry.values })), { ...settings, type: 'unlogged' })
  }

  #written(lane: WriteLane, unit: WriteUnit, { info, applied }: Result): void {
    this.#inFlight--
    lane.answered(info.latencyMs)
    if (unit.entries.length > 1 && info.warnings.some((warning) => /batch/i.test(warning))) this.#batchBytes = Math.max(LEAST_BATCH_BYTES, Math.floor(this.#batchBytes / 2))
    for (const entry of unit.entries) this.#tell(entry, applied === false ? 'rejected' : 'written')
    this.#next(lane, unit)
  }

  #notWritten(lane: WriteLane, unit: WriteUnit, error: Error): void {
    this.#inFlight--
    lane.failed(saysOverload(error))
    const outcome = isCqlError(error) ? error.outcome : 'permanent'
    const { entries } = unit
    if (outcome === 'permanent' && entries.length > 1) {
      // Which of them it is, or whether they were too many, shows when each is sent by itself.
      this.#counts.retries++
      for (const entry of entries) lane.push(new WriteUnit(entry, unit.key))
      return this.#goOn(lane)
    }
    const mayRepeat = outcome === 'retryable' || (outcome === 'undetermined' && this.#idempotent)
    if (mayRepeat && entries[0]!.attempts < this.#attempts && this.#error === undefined && !(error instanceof AbortedError)) {
      this.#counts.retries++
      this.#later(() => {
        lane.push(unit)
        this.#send(lane)
      }, Math.min(LONGEST_PAUSE_MS, 25 * 2 ** entries[0]!.attempts))
      return this.#goOn(lane)
    }
    for (const entry of entries) this.#tell(entry, outcome === 'undetermined' && !this.#idempotent ? 'unknown' : 'failed', error)
    this.#next(lane, unit)
  }

  /** Calls a function after some time, or once nothing more is to be waited for. */
  #later(fn: () => void, ms: number): void {
    const run = (): void => {
      this.#clock.cancel(timer)
      this.#paused.delete(run)
      fn()
    }
    const timer = this.#clock.schedule(run, ms)
    this.#paused.add(run)
  }

  /** Goes on after a unit: with what waited for its partition, and with what waits in its lane. */
  #next(lane: WriteLane, unit: WriteUnit): void {
    if (this.#options.ordered === true && unit.key !== undefined) {
      const following = this.#busy.get(unit.key)?.shift()
      if (following) lane.push(following)
      else this.#busy.delete(unit.key)
    }
    this.#goOn(lane)
    this.#settle()
  }

  #goOn(lane: WriteLane): void {
    this.#send(lane)
    // A fixed number of requests is shared by all lanes.
    if (typeof this.#options.concurrency === 'number') for (const other of this.#lanes.values()) this.#send(other)
  }

  /** Says what became of a record. */
  #tell({ index, record, attempts }: Entry, status: BulkOutcome['status'], error?: Error): void {
    this.#counts[status]++
    this.#pending--
    const outcome: BulkOutcome = error === undefined ? { index, record, status, attempts } : { index, record, status, error, attempts }
    if (this.#options.ordered === true) this.#tellInOrder(outcome)
    else this.#deliver(outcome)
    const { failed, unknown } = this.#counts
    if (error !== undefined) this.#firstFailure ??= outcome
    if (failed + unknown > this.#maxErrors) this.#end(new BulkWriteError(this.#firstFailure!, this.progress))
    if (this.#pending < this.#maxPending && this.#room) {
      this.#room.resolve()
      this.#room = undefined
    }
  }

  #tellInOrder(outcome: BulkOutcome): void {
    this.#early.set(outcome.index, outcome)
    for (let next = this.#early.get(this.#told); next !== undefined; next = this.#early.get(this.#told)) {
      this.#early.delete(this.#told++)
      this.#deliver(next)
    }
  }

  #deliver(outcome: BulkOutcome): void {
    const { onOutcome, deadLetter } = this.#options
    try {
      onOutcome?.(outcome as BulkOutcome<never>)
      if (outcome.status === 'written' || outcome.status === 'skipped' || deadLetter === undefined) return
      const sink = async (): Promise<void> => { await deadLetter(outcome as BulkOutcome<never>) }
      const sinking: Promise<void> = (this.#sinking ?? Promise.resolve()).then(sink).catch((error: unknown) => this.#end(error as Error)).finally(() => { if (this.#sinking === sinking) this.#sinking = undefined })
      this.#sinking = sinking
    } catch (error) {
      this.#end(error as Error)
    }
  }

  /** Reads no more; what was read is brought to its end. */
  #end(error: Error): void {
    this.#error ??= error
    this.#wait.leave()
    for (const run of this.#paused) run()
    this.#room?.resolve()
    this.#room = undefined
  }

  #settle(): void {
    if (this.#over && this.#pending === 0) this.#finished.resolve()
  }

  get progress(): BulkProgress {
    const elapsedMs = this.#clock.now() - this.#startedAt
    const { concurrency = 'adaptive' } = this.#options
    return {
      ...this.#counts, elapsedMs, rowsPerSecond: elapsedMs === 0 ? 0 : (this.#counts.written * 1000) / elapsedMs,
      concurrency: concurrency === 'adaptive' ? [...this.#lanes.values()].reduce((sum, lane) => sum + lane.limit, 0) : concurrency, pending: this.#pending,
    }
  }
}

const NONE: readonly unknown[] = []
