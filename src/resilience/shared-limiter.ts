import { ClosedError, offAbort, onAbort, OptionError, systemClock, systemRandom } from '../base/index.js'
import type { Clock, Random, Timer } from '../base/index.js'
import { LimitRow } from './limit-row.js'
import type { Claim } from './limit-row.js'
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
  /** The mark of a row, perhaps a little out of date; undefined when there is none. It should cost much less than a swap. */
  read(row: number): Promise<number | undefined>
  /** Sets the mark of a row, if it is still the one that was seen; undefined stands for none. */
  swap(row: number, seen: number | undefined, next: number): Promise<SwapOutcome>
}

/** Options of {@link SharedLimiter}. */
export interface SharedLimiterOptions {
  readonly store: LimitStore
  /** Permits per second of all processes together. */
  readonly limit: number
  /** Rows that the limit is spread over, each with its share: the same number in all processes. @default one for each 100 permits per second, 1 to 8 */
  readonly rows?: number | undefined
  /** For how many milliseconds of a row permits are claimed at a time, at most. @default 2000 */
  readonly sliceMs?: number | undefined
  /** How far ahead of time a row may be claimed, in milliseconds; by a process that has got nothing for some seconds, further. @default 700 */
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
  /** Claims of which nobody knew at first what had become. */
  readonly unknown: number
  /** Times that the store could not be asked. */
  readonly failed: number
}

/** How often a process whose callers wait claims another row beside those that it has, in milliseconds. */
const GROW_EACH_MS = 400
/** For how many milliseconds permits of a slice become free at a time. */
const PIECE_MS = 100
/** Pause after the store could not be asked, in milliseconds. */
const FAILURE_PAUSE_MS = 200
/** How many slices after permits were lost no more is claimed than is asked for. */
const THRIFTY_SLICES = 3
/** After so long without a slice a process claims ahead of others. */
const STARVED_MS = 3000

/**
 * A limit that processes share. Time is what is shared out: each row of the store runs at its share of the rate, and a process that
 * needs permits moves a row's mark on by a slice, for which it then has that slice's permits to spend by itself. Over a window of
 * W milliseconds no more is spent than `limit` allows for W + graceMs + 100 (or the time of one permit of a row, if that is longer); a process that dies takes the rest of its slices along.
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
  #opened: 'no' | 'underway' | 'yes' = 'no'
  /** Permits of the next slice: more while callers wait, fewer when permits are not wanted. */
  #size: number
  readonly #maxSize: number
  /** Slices until permits that were lost are forgotten. */
  #waste = 0
  #claiming = false
  /** When this process, if it still waits then, may claim what others would have got. */
  #starvedAt = 0
  #wonAt = 0
  /** How long a claim takes, of late. */
  #latencyMs = 0
  #closed = false
  #timer: Timer | undefined

  /** @throws OptionError when `limit` or `rows` is not a number above 0 */
  constructor({ store, limit, rows = Math.max(1, Math.min(8, Math.floor(limit / 100))), sliceMs = 2000, aheadMs = 700, graceMs = 250, insurance = 0, maxWaitMs = 0, clock = systemClock, random = systemRandom }: SharedLimiterOptions) {
    if (!(limit > 0) || !Number.isFinite(limit)) throw new OptionError('limit', `Option 'limit' must be a number of permits per second above 0, not ${limit}`)
    if (!Number.isInteger(rows) || rows < 1) throw new OptionError('rows', `Option 'rows' must be a whole number above 0, not ${rows}`)
    const slice = Math.max(1, Math.floor((limit * sliceMs) / 1000 / rows))
    const capacity = Math.max(1, Math.floor((limit * (PIECE_MS + graceMs)) / 1000 / rows))
    const bucket = new SliceBucket(capacity, (low) => this.#onLow(low), () => this.#onWaste())
    super(bucket, clock, maxWaitMs)
    this.#store = store
    this.#intervalMs = (rows * 1000) / limit
    this.#graceMs = graceMs
    this.#insurance = insurance
    this.#bucket = bucket
    this.#maxSize = slice
    this.#size = Math.max(1, Math.ceil(slice / 4))
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
    const abort = (): void => controller.abort(signal!.reason)
    if (signal) onAbort(signal, abort)
    let late = false
    const timer = this.#clock.schedule(() => {
      late = true
      controller.abort()
    }, maxWaitMs)
    return super.acquire({ cost, signal: controller.signal }).catch((error: unknown) => {
      throw late ? this.refuse(this.status.retryAfterMs) : error
    }).finally(() => {
      this.#clock.cancel(timer)
      if (signal) offAbort(signal, abort)
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
    this.#size = Math.max(this.#size, Math.min(cost, this.#maxSize))
  }

  #resize(permits: number): void {
    this.#size = Math.max(1, Math.min(this.#maxSize, Math.floor(permits)))
  }

  /** Who uses up what it has needs more; who could use more keeps its rows, takes idle ones, and gets others by and by. */
  #onLow(low: boolean): void {
    const now = this.#store.now()
    const waitMs = low || this.#rows.some((row) => row.claimableAt <= now && (row.isOwn || row.isIdle(now))) ? 0 : this.#wonAt + GROW_EACH_MS - this.#clock.now()
    if (waitMs <= 0) this.#claim()
    else if (!this.#closed && !this.#claiming && this.#timer === undefined) this.#claimLater(waitMs)
  }

  #onWaste(): void {
    this.#resize(this.#size / 2)
    this.#waste = THRIFTY_SLICES
    this.#bucket.thrifty = true
  }

  /** Begins a claim; when there is nothing to claim yet, it will be tried when there is. One at a time, lest the store get too much to do. */
  #claim(): void {
    if (this.#closed || this.#claiming || this.#timer !== undefined || this.#opened === 'underway') return
    if (this.#opened === 'no') return this.#open()
    const now = this.#store.now()
    const row = this.#choose(now)
    if (row) void this.#claimSlice(row)
    else this.#claimLater(Math.max(1, Math.min(this.#starvedAt, ...this.#rows.map(({ claimableAt }) => claimableAt)) - now))
  }

  /** A row of its own, one whose time passes unused, or else any that may be claimed; when starved, any. */
  #choose(now: number): LimitRow | undefined {
    const claimable = this.#rows.filter(({ claimableAt }) => claimableAt <= now)
    return claimable.find((row) => row.isOwn) ?? claimable.find((row) => row.isIdle(now)) ?? claimable[0] ?? (now >= this.#starvedAt ? this.#rows[Math.floor(this.#random.next() * this.#rows.length)] : undefined)
  }

  /** Processes that win keep winning, for they know the marks: one that has gone short for a while claims further ahead than they do. */
  #mayGoFirst(row: LimitRow): boolean {
    const now = this.#store.now()
    if (now < this.#starvedAt) return false
    this.#satisfied(now)
    return row.isWithinReach(now)
  }

  #satisfied(now: number): void {
    this.#starvedAt = now + STARVED_MS * (0.75 + 0.5 * this.#random.next())
  }

  #open(): void {
    this.#opened = 'underway'
    const opening = this.#store.open?.() ?? Promise.resolve()
    opening.then(() => {
      this.#opened = 'yes'
      // Processes that begin together do not meet at the rows together.
      for (const row of this.#rows) row.delay(this.#store.now())
      this.#satisfied(this.#store.now())
      this.#claim()
    }, (error: Error) => {
      this.#opened = 'no'
      this.#onFailure(error)
    })
  }

  async #claimSlice(row: LimitRow): Promise<void> {
    this.#claiming = true
    try {
      // Of others' rows it costs little to see first whether there is anything to claim.
      if (!row.isOwn) {
        const late = row.see(await this.#store.read(row.number), this.#store.now())
        if (late) this.#take(row, late)
      }
      if (this.#mayGoFirst(row) || row.claimableAt <= this.#store.now()) await this.#swap(row)
    } catch (error) {
      this.#onFailure(error as Error)
    }
    this.#claiming = false
    this.serve() // whoever is still short of permits asks for more
  }

  async #swap(row: LimitRow): Promise<void> {
    const { mark } = row
    const permits = this.#size
    const began = this.#store.now()
    // Permits count from when they will be here: those for the time before would be lost.
    const from = Math.max(mark ?? 0, began + this.#latencyMs)
    // No two processes set the same mark, so that each knows its own again.
    const to = from + permits * this.#intervalMs + this.#random.next()
    const result = await this.#store.swap(row.number, mark, to)
    if (result.outcome === 'lost') {
      this.#counts.lost++
      row.see(result.mark, this.#store.now())
    } else if (result.outcome === 'unknown') {
      this.#counts.unknown++
      row.contended({ permits, from, to }, this.#store.now())
    } else {
      this.#latencyMs += (this.#store.now() - began - this.#latencyMs) / 4
      this.#take(row, { permits, from, to })
    }
  }

  /** A slice is this process's own. */
  #take(row: LimitRow, { permits, from, to }: Claim): void {
    this.#counts.made++
    row.won(to)
    this.#satisfied(this.#store.now())
    const now = this.#clock.now()
    this.#wonAt = now
    if (this.#waste > 0) this.#waste--
    else if (this.status.waiting > 0) this.#resize(this.#size * 2)
    this.#bucket.thrifty = this.#waste > 0
    this.#add(permits, from + now - this.#store.now())
  }

  /** Permits come bit by bit, in the time that they were claimed for: so a long slice makes no burst. */
  #add(permits: number, from: number): void {
    const piece = Math.max(1, Math.floor(PIECE_MS / this.#intervalMs))
    for (let given = 0; given < permits; given += piece) {
      const count = Math.min(piece, permits - given)
      this.#bucket.add({ permits: count, from: from + given * this.#intervalMs, until: from + (given + count) * this.#intervalMs + this.#graceMs })
    }
  }

  #claimLater(ms: number): void {
    this.#bucket.nextAt = this.#clock.now() + ms
    this.#timer = this.#clock.schedule(() => {
      this.#timer = undefined
      this.#claim()
    }, ms)
    this.#clock.unref(this.#timer) // those who wait keep the process going themselves
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
