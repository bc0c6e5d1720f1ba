import { Deferred, Events, systemClock } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Flow } from './flow.js'
import { END, LeavableWait } from './source.js'

/** Options of {@link Flow.events}. */
export interface FlowEventsOptions {
  /** Values in each `batch` event. @default 100 */
  readonly batchSize?: number | undefined
  /** Time between two `stats` events, in milliseconds. @default 1000 */
  readonly statsEveryMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** How far a flow has come. */
export interface FlowStats {
  readonly count: number
  readonly elapsedMs: number
  readonly perSecond: number
}

/** What a flow tells as events. */
export interface FlowEventMap<T> {
  /** A value. */
  data: T
  /** Values that have come since the last one. */
  batch: readonly T[]
  stats: FlowStats
  /** It has failed, and is over. */
  error: Error
  /** Everything has been read, or it was stopped. */
  end: FlowStats
}

/** A flow for those who would rather listen than ask. While it is paused nothing is read. */
export class FlowEvents<T> {
  readonly #events = new Events<FlowEventMap<T>>()
  readonly #flow: Flow<T>
  readonly #batchSize: number
  readonly #statsEveryMs: number
  readonly #clock: Clock
  readonly #finished = new Deferred<FlowStats>()
  #begun = false
  #stopped = false
  #resumed: Deferred<void> | undefined
  readonly #wait = new LeavableWait()
  #count = 0
  #startedAt = 0

  constructor(flow: Flow<T>, { batchSize = 100, statsEveryMs = 1000, clock = systemClock }: FlowEventsOptions) {
    this.#flow = flow
    this.#batchSize = batchSize
    this.#statsEveryMs = statsEveryMs
    this.#clock = clock
  }

  /** Calls `listener` at each event of that name; returns the same, to go on with. */
  on<Name extends keyof FlowEventMap<T>>(name: Name, listener: (event: FlowEventMap<T>[Name]) => void): this {
    this.#events.on(name, listener)
    return this
  }

  /**
   * Begins to read.
   *
   * @returns how far it has come in the end; it rejects with the error of a flow that failed, unless somebody listens to `error`
   */
  start(): Promise<FlowStats> {
    if (!this.#begun) {
      this.#begun = true
      void this.#run()
    }
    return this.#finished.promise
  }

  /** Reads no further until `resume()`. */
  pause(): void {
    this.#resumed ??= new Deferred()
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#resumed?.resolve()
    this.#resumed = undefined
  }

  /** Ends it early. */
  stop(): void {
    this.#stopped = true
    this.resume()
    this.#wait.leave()
  }

  get stats(): FlowStats {
    const elapsedMs = this.#begun ? this.#clock.now() - this.#startedAt : 0
    return { count: this.#count, elapsedMs, perSecond: elapsedMs === 0 ? 0 : (this.#count * 1000) / elapsedMs }
  }

  async #run(): Promise<void> {
    this.#startedAt = this.#clock.now()
    let timer = this.#clock.schedule(() => tick(), this.#statsEveryMs)
    const tick = (): void => {
      this.#events.emit('stats', this.stats)
      timer = this.#clock.schedule(tick, this.#statsEveryMs)
    }
    try {
      await this.#read()
      this.#events.emit('end', this.stats)
      this.#finished.resolve(this.stats)
    } catch (error) {
      if (this.#events.has('error')) this.#finished.promise.catch(() => {})
      this.#events.emit('error', error as Error)
      this.#finished.reject(error)
    } finally {
      this.#clock.cancel(timer)
    }
  }

  async #read(): Promise<void> {
    const source = this.#flow.open()
    let batch: T[] = []
    const give = (): void => {
      if (batch.length > 0) this.#events.emit('batch', batch)
      batch = []
    }
    try {
      while (!this.#stopped) {
        if (this.#resumed) await this.#resumed.promise
        if (this.#stopped) break
        const pulled = source.pull()
        const value = pulled instanceof Promise ? await this.#wait.until(pulled) : pulled
        if (value === END) break
        this.#count++
        this.#events.emit('data', value as T)
        if (batch.push(value as T) === this.#batchSize) give()
      }
      give()
    } finally {
      await source.stop()
    }
  }
}
