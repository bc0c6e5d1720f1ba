import { ClosedError, OptionError, systemClock, systemRandom } from '../base/index.js'
import type { Clock, Random, Timer } from '../base/index.js'
import { LimitRow } from './limit-row.js'
import { Limiter } from './limiter.js'
import type { AcquireOptions } from './limiter.js'
import { SliceBucket } from './slice-bucket.js'

/** What became of a swap: done, lost to another process, whose mark is there now, or perhaps done. */
export type SwapOutcome = { readonly outcome: 'done' } | { readonly outcome: 'lost'; readonly mark: number | undefined } | { readonly outcome: 'unknown' }

/** Where processes share a limit: a few rows, each with a mark up to which its time is given away, in milliseconds since 1970. */
export interface LimitStore {
  /** Now, by a clock that all processes share, in milliseconds since 1970 with fractions. */
  now(): number
  /** Called before the first claim. */
  open?(): Promise<void>
  /** Sets the mark of a row, if it is still the one that was seen; undefined stands for none. */
  swap(row: number, seen: number | undefined, next: number): Promise<SwapOutcome>
}

/** Options of {@link SharedLimiter}. */
export interface SharedLimiterOptions {
  readonly store: LimitStore
  /** Permits per second of all processes together. */
  readonly limit: number
  /** Rows that the limit is spread over, each with its share: the same number in all processes. @default 8 */
  readonly rows?: number | undefined
  /** For how many milliseconds of a row permits are claimed at a time, at most. @default 150 */
  readonly sliceMs?: number | undefined
  /** How far ahead of time a row may be claimed, in milliseconds; by a process that has got nothing for a second, twice as far. @default 150 */
  readonly aheadMs?: number | undefined
  /** How long permits last beyond the time that they were claimed for, in milliseconds. @default 250 */
  readonly graceMs?: number | undefined
  /** Permits per second that this process takes by itself while the store cannot be asked. @default 0: none */
  readonly insurance?: number | undefined
  /** How long guarded calls wait for a permit, in milliseconds. @default 0: they are refused */
  readonly maxWaitMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
  /** @default the platform's */
  readonly random?: Random | undefined
}

/** How claims went. */
export interface ClaimCounts {
  /** Slices that were claimed. */
  readonly made: number
  /** Claims that another process was quicker with. */
  readonly lost: number
  /** Claims of which nobody knows what became; their permits are not used. */
  readonly unknown: number
  /** Times that the store could not be asked. */
  readonly failed: number
}

/** Pause after the store could not be asked, in milliseconds. */
const FAILURE_PAUSE_MS = 200
/** After so long without a slice a process claims ahead of others. */
const STARVED_MS = 1000
/** Claims at a time of one process that needs more than one row gives. */
const MAX_PARALLEL = 4

/**
 * A limit that processes share. Time is what is shared out: each row of the store runs at its share of the rate, and a process that
 * needs permits moves a row's mark on by a slice, for which it then has that slice's permits to spend by itself. Over a window of
 * W milliseconds no more is spent than `limit` allows for W + sliceMs + graceMs; a process that dies takes the rest of its slices along.
 * How much is claimed at a time follows what is used.
 */
export class SharedLimiter extends Limiter {
  readonly #store: LimitStore
  readonly #intervalMs: number
  readonly #graceMs: number
  readonly #insurance: number
  readonly #bucket: SliceBucket
  readonly #clock: Clock
  readonly #random: Random
  readonly #rows: readonly LimitRow[]
  readonly #counts = { made: 0, lost: 0, unknown: 0, failed: 0 }
  #opened: Promise<void> | undefined
  #opening = false
  /** Permits of the next slice, and claims at a time: both grow while callers wait, and shrink when permits are not wanted. */
  #size = 1
  #parallel = 1
  #claiming = 0
  /** When this process, if it still waits then, may claim what others would have got. */
  #starvedAt = 0
  #closed = false
  #timer: Timer | undefined

  /** @throws OptionError when the limit is so small that a slice has less than one permit */
  constructor({ store, limit, rows = 8, sliceMs = 150, aheadMs = 150, graceMs = 250, insurance = 0, maxWaitMs = 0, clock = systemClock, random = systemRandom }: SharedLimiterOptions) {
    const slice = Math.floor((limit * sliceMs) / 1000 / rows)
    if (!(slice >= 1)) throw new OptionError('limit', `A limit of ${limit} per second over ${rows} rows leaves less than one permit for ${sliceMs} ms of a row: use fewer rows, or a longer sliceMs`)
    const bucket = new SliceBucket(slice, () => this.#claim(), () => this.#shrink())
    super(bucket, clock, maxWaitMs)
    this.#store = store
    this.#intervalMs = (rows * 1000) / limit
    this.#graceMs = graceMs
    this.#insurance = insurance
    this.#bucket = bucket
    this.#clock = clock
    this.#random = random
    const home = Math.floor(random.next() * rows)
    this.#rows = Array.from({ length: rows }, (_, i) => new LimitRow((home + i) % rows, i === 0, sliceMs, aheadMs, random))
  }

  /**
   * Waits for permits.
   *
   * @throws LimitExceededError after `maxWaitMs`, for when permits come depends on other processes; AbortedError; ClosedError
   */
  override acquire(options: AcquireOptions = {}): Promise<void> {
    const { cost = 1, maxWaitMs = Number.POSITIVE_INFINITY, signal } = options
    if (signal?.aborted !== true && this.tryAcquire(cost)) return Promise.resolve()
    if (this.#closed) return Promise.reject(closedError())
    this.#need(cost)
    if (maxWaitMs === Number.POSITIVE_INFINITY || signal?.aborted === true) return super.acquire(options)
    if (maxWaitMs <= 0) return Promise.reject(this.refuse(this.status.retryAfterMs))
    const controller = new AbortController()
    const onAbort = (): void => controller.abort(signal!.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    let late = false
    const timer = this.#clock.schedule(() => {
      late = true
      controller.abort()
    }, maxWaitMs)
    return super.acquire({ cost, signal: controller.signal }).catch((error: unknown) => {
      throw late ? this.refuse(this.status.retryAfterMs) : error
    }).finally(() => {
      this.#clock.cancel(timer)
      signal?.removeEventListener('abort', onAbort)
    })
  }

  /** How claims have gone since the beginning. */
  get claims(): ClaimCounts {
    return { ...this.#counts }
  }

  /** Claims nothing any more: what it has may still be spent, and those who wait are told. */
  close(): void {
    this.#closed = true
    this.#clock.cancel(this.#timer)
    this.dismiss(closedError())
  }

  /** Somebody wants so many permits at once: slices are made large enough. */
  #need(cost: number): void {
    this.#size = Math.max(this.#size, Math.min(cost, this.#bucket.capacity))
  }

  #grow(): void {
    if (this.#size < this.#bucket.capacity) this.#size = Math.min(this.#bucket.capacity, this.#size * 2)
    else this.#parallel = Math.min(MAX_PARALLEL, this.#parallel + 1)
    this.#bucket.lowWater = (this.#size * this.#parallel) / 2
  }

  #shrink(): void {
    this.#size = Math.max(1, Math.floor(this.#size / 2))
    this.#parallel = 1
    this.#bucket.lowWater = this.#size / 2
  }

  /** Begins as many claims as are of use; when there is nothing to claim yet, it will be tried when there is. */
  #claim(): void {
    if (this.#closed || this.#timer !== undefined || this.#opening) return
    if (this.#opened === undefined) return this.#open()
    while (this.#claiming < this.#parallel) {
      const now = this.#store.now()
      const row = this.#choose(now)
      if (row === undefined) break
      void this.#claimSlice(row)
    }
    if (this.#claiming === 0) this.#claimLater(Math.max(1, Math.min(this.#starvedAt, ...this.#rows.map(({ claimableAt }) => claimableAt)) - this.#store.now()))
  }

  /**
   * A row whose mark is known for sure, then one whose time passes unused, then any that may be claimed.
   * Processes that win keep winning, for they know the marks: one that goes short claims further ahead than they do.
   */
  #choose(now: number): LimitRow | undefined {
    const free = this.#rows.filter(({ busy }) => !busy)
    if (this.#claiming === 0 && now >= this.#starvedAt) {
      const known = free.find((row) => row.isKnown(now) && row.isWithin(2, now))
      if (known) this.#satisfied(now)
      return known ?? free[0]
    }
    const claimable = free.filter(({ claimableAt }) => claimableAt <= now)
    return claimable.find((row) => row.isKnown(now)) ?? claimable.find((row) => row.isIdle(now)) ?? claimable[0]
  }

  #satisfied(now: number): void {
    this.#starvedAt = now + STARVED_MS * (0.75 + 0.5 * this.#random.next())
  }

  #open(): void {
    this.#opening = true
    this.#opened = this.#store.open?.() ?? Promise.resolve()
    this.#opened.then(() => {
      this.#opening = false
      this.#claim()
    }, (error: Error) => {
      this.#opening = false
      this.#opened = undefined
      this.#onFailure(error)
    })
  }

  async #claimSlice(row: LimitRow): Promise<void> {
    this.#claiming++
    row.busy = true
    const { mark } = row
    const permits = this.#size
    try {
      const from = Math.max(mark ?? 0, this.#store.now())
      const to = from + permits * this.#intervalMs
      const result = await this.#store.swap(row.number, mark, to)
      if (result.outcome === 'lost') {
        this.#counts.lost++
        row.lost(result.mark, this.#store.now())
      } else if (result.outcome === 'unknown') {
        this.#counts.unknown++ // the next swap will tell what is there
      } else {
        this.#counts.made++
        row.won(to)
        this.#satisfied(this.#store.now())
        const now = this.#clock.now()
        if (this.status.waiting > 0 && this.#bucket.left(now) === 0) this.#grow()
        const monotonic = now - this.#store.now()
        this.#bucket.add({ permits, from: from + monotonic, until: to + this.#graceMs + monotonic })
      }
    } catch (error) {
      this.#onFailure(error as Error)
    } finally {
      this.#claiming--
      row.busy = false
    }
    this.serve() // whoever is still short of permits asks for more
  }

  #claimLater(ms: number): void {
    this.#bucket.nextAt = this.#clock.now() + ms
    this.#timer = this.#clock.schedule(() => {
      this.#timer = undefined
      this.#claim()
    }, ms)
  }

  #onFailure(error: Error): void {
    this.#counts.failed++
    this.events.emit('failure', error)
    if (this.#closed || this.#timer !== undefined) return
    const now = this.#clock.now()
    if (this.#insurance > 0) this.#bucket.add({ permits: (this.#insurance * FAILURE_PAUSE_MS) / 1000, from: now, until: now + FAILURE_PAUSE_MS })
    this.#claimLater(FAILURE_PAUSE_MS)
    this.serve()
  }
}

function closedError(): ClosedError {
  return new ClosedError('The limiter is closed', 'retryable')
}
