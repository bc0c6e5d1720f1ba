import { AbortedError, isCqlError, offAbort, onAbort, RingQueue } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { Result } from '../client/index.js'
import { InvalidQueryError, ReadFailureError, ServerProtocolError } from '../protocol/index.js'
import { GradientLimit, saysOverload } from '../resilience/index.js'
import { saveCheckpoint } from './checkpoint.js'
import type { RangePosition, ScanState } from './checkpoint.js'
import { RangeReader } from './range-reader.js'
import type { RangePage } from './range-reader.js'
import type { ScanOptions, ScanProgress } from './scan-options.js'
import { repeat } from './repeat.js'
import { END } from './source.js'
import type { Pulled, Source } from './source.js'

/** What a run asks for a page. */
export interface PageRequest {
  readonly pageState: Uint8Array | undefined
  readonly pageSize: number
  readonly signal: AbortSignal
}

/** What a run needs to know. */
export interface ScanPlan<Row> {
  readonly identity: string
  /** Where it begins: of a checkpoint, or ranges that nothing has been read of. */
  readonly state: ScanState
  fetch(range: RangeReader<Row>, request: PageRequest): Promise<Result<Row>>
}

const MIN_PAGE = 50
const MAX_PAGE = 20_000
const FIRST_PAGE = 1000
const PAGE_BYTES = 524_288
const LONGEST_PAUSE_MS = 10_000

/** One pass over a table: reads ranges side by side, and gives their rows out one by one. */
export class ScanRun<Row> implements Source<Row> {
  readonly #plan: Promise<ScanPlan<Row>>
  readonly #options: ScanOptions
  readonly #clock: Clock
  readonly #prefetch: number
  readonly #limit: { readonly limit: number }
  readonly #gradient: GradientLimit | undefined
  readonly #startedAt: number
  /** Ends the requests that are under way, and the pauses before others. */
  readonly #leaving = new AbortController()
  readonly #forward = (): void => this.#fail(new AbortedError(this.#options.signal!.reason, 'retryable'))
  readonly #ready = new RingQueue<RangePage<Row>>()
  #fetch!: ScanPlan<Row>['fetch']
  #identity = ''
  #todo: RangeReader<Row>[] = []
  /** Ranges that have been begun, and are not at their end. */
  readonly #active = new Set<RangeReader<Row>>()
  /** Ranges not given out as a whole, as far as they have been begun. */
  readonly #open = new Set<RangeReader<Row>>()
  #current: RangePage<Row> | undefined
  #at = 0
  #inFlight = 0
  #pausing = 0
  #state: 'new' | 'planning' | 'reading' | 'stopped' = 'new'
  #error: Error | undefined
  #waiting: { readonly resolve: (value: Row | typeof END) => void; readonly reject: (error: Error) => void } | undefined
  #stopTelling: (() => void) | undefined
  #rowsBefore = 0
  #rows = 0
  #bytes = 0
  #ranges = 0
  #rangesDone = 0
  #shareLeft = 1
  #shareAtStart = 1
  #retries = 0
  #bytesPerRow = 0
  #pageCap = MAX_PAGE

  constructor(plan: Promise<ScanPlan<Row>>, options: ScanOptions, clock: Clock) {
    this.#plan = plan
    this.#options = options
    this.#clock = clock
    this.#prefetch = options.prefetch ?? 16
    const { concurrency = 'adaptive' } = options
    this.#gradient = concurrency === 'adaptive' ? new GradientLimit({ initial: Math.min(8, this.#prefetch), max: this.#prefetch, tolerance: 4 }) : undefined
    this.#limit = this.#gradient ?? { limit: concurrency as number }
    this.#startedAt = clock.now()
    plan.catch(() => {}) // told by the first pull
  }

  pull(): Pulled<Row> {
    if (this.#state === 'reading' && this.#error === undefined && this.#current !== undefined && this.#at < this.#current.rows.length) return this.#give()
    if (this.#state === 'new') this.#begin()
    return this.#advance() ?? new Promise((resolve, reject) => { this.#waiting = { resolve, reject } })
  }

  /** The rest of the page at hand, or the next one. */
  pullPage(): Pulled<readonly Row[]> {
    const first = this.pull()
    return first instanceof Promise ? first.then((row) => this.#rest(row)) : this.#rest(first)
  }

  #rest(first: Row | typeof END): readonly Row[] | typeof END {
    if (first === END) return END
    const { rows } = this.#current!
    const from = this.#at - 1
    this.#rows += rows.length - this.#at
    this.#at = rows.length
    return from === 0 ? rows : rows.slice(from)
  }

  #begin(): void {
    const { signal, onProgress, progressEveryMs = 1000 } = this.#options
    this.#state = 'planning'
    if (signal?.aborted === true) return this.#fail(new AbortedError(signal.reason, 'retryable'))
    if (signal) onAbort(signal, this.#forward)
    if (onProgress) this.#stopTelling = repeat(this.#clock, progressEveryMs, () => onProgress(this.progress), (error) => this.#fail(error))
    this.#plan.then((plan) => this.#start(plan), (error: unknown) => this.#fail(error as Error))
  }

  #start({ identity, state, fetch }: ScanPlan<Row>): void {
    if (this.#state === 'stopped') return
    this.#state = 'reading'
    this.#identity = identity
    this.#fetch = fetch
    this.#todo = state.ranges.map((position) => new RangeReader<Row>(position)).reverse()
    this.#ranges = this.#todo.length
    this.#rowsBefore = state.rows
    this.#bytes = state.bytes
    this.#shareLeft = this.#shareAtStart = state.ranges.reduce((sum, { share }) => sum + share, 0)
    this.#fill()
    this.#serve()
  }

  /** What the next pull is answered with, if that is known. */
  #advance(): Row | typeof END | undefined {
    for (;;) {
      if (this.#error) throw this.#error
      if (this.#state === 'stopped') return END
      if (this.#state !== 'reading') return undefined
      this.#finishPage()
      const next = this.#ready.shift()
      if (next === undefined) {
        this.#fill()
        return this.#open.size === 0 && this.#todo.length === 0 ? END : undefined
      }
      this.#current = next
      this.#at = next.from
      this.#fill()
      if (this.#at < next.rows.length) return this.#give()
    }
  }

  #give(): Row {
    this.#rows++
    return this.#current!.rows[this.#at++]!
  }

  /** Lets go of a page that has been given out. */
  #finishPage(): void {
    const page = this.#current
    if (page === undefined || this.#at < page.rows.length) return
    page.range.finish(page)
    this.#current = undefined
    if (page.after !== undefined) return
    this.#open.delete(page.range)
    this.#rangesDone++
    this.#shareLeft -= page.range.share
  }

  /** Asks for pages while there is room for them. */
  #fill(): void {
    while (this.#state === 'reading' && this.#inFlight < this.#limit.limit && this.#inFlight + this.#pausing + this.#ready.size + (this.#current ? 1 : 0) < this.#prefetch) {
      const range = this.#nextRange()
      if (range === undefined) return
      this.#ask(range)
    }
  }

  /** Ranges that have been begun come first, so that few page states are open. */
  #nextRange(): RangeReader<Row> | undefined {
    for (const range of this.#active) if (!range.reading) return range
    const range = this.#todo.pop()
    if (range) {
      this.#active.add(range)
      this.#open.add(range)
    }
    return range
  }

  #ask(range: RangeReader<Row>): void {
    range.reading = true
    this.#inFlight++
    const pageSize = Math.max(this.pageSize, range.leastRows)
    this.#fetch(range, { pageState: range.pageState, pageSize, signal: this.#leaving.signal }).then((result) => this.#onPage(range, result, pageSize), (error: unknown) => this.#onError(range, error))
  }

  #onPage(range: RangeReader<Row>, { rows, pageState, info }: Result<Row>, pageSize: number): void {
    this.#inFlight--
    range.reading = false
    if (this.#state === 'stopped') return
    const { bytes, warnings, latencyMs } = info
    this.#bytes += bytes
    if (rows.length > 0) this.#bytesPerRow = this.#bytesPerRow === 0 ? bytes / rows.length : 0.8 * this.#bytesPerRow + 0.2 * (bytes / rows.length)
    const target = this.#options.pageBytes ?? PAGE_BYTES
    if (warnings.some((warning) => /tombstone/i.test(warning))) this.#pageCap = Math.max(MIN_PAGE, Math.floor(pageSize / 2))
    else this.#pageCap = Math.min(MAX_PAGE, Math.ceil(this.#pageCap * 1.1))
    // Only pages of about the same size tell how busy the nodes are.
    if (bytes >= target / 4) this.#gradient?.learn((latencyMs * target) / bytes, this.#inFlight + 1)
    this.#ready.push(range.accept(rows, pageState, bytes))
    if (range.fetched) this.#active.delete(range)
    this.#fill()
    this.#serve()
  }

  #onError(range: RangeReader<Row>, error: unknown): void {
    this.#inFlight--
    if (this.#state === 'stopped') return
    if (range.pageState !== undefined && refusesPageState(error)) range.restart()
    else if (!mayPass(error)) return this.#fail(error as Error)
    const attempts = this.#options.attempts ?? 10
    if (++range.failures >= attempts) return this.#fail(error as Error)
    this.#retries++
    if (saysOverload(error)) this.#gradient?.overload()
    // A page that takes too long, or has too many tombstones, may be had in smaller pieces.
    this.#pageCap = Math.max(MIN_PAGE, Math.floor(Math.min(this.#pageCap, this.pageSize) / 2))
    this.#pausing++
    const leave = (): void => this.#clock.cancel(timer)
    const timer = this.#clock.schedule(() => {
      offAbort(this.#leaving.signal, leave)
      this.#pausing--
      range.reading = false
      this.#fill()
    }, Math.min(LONGEST_PAUSE_MS, 50 * 2 ** range.failures))
    onAbort(this.#leaving.signal, leave)
  }

  /** Rows to ask for in a page. */
  get pageSize(): number {
    const { pageSize = 'adaptive', pageBytes = PAGE_BYTES } = this.#options
    if (pageSize !== 'adaptive') return pageSize
    const fitting = this.#bytesPerRow === 0 ? FIRST_PAGE : Math.round(pageBytes / this.#bytesPerRow)
    return Math.max(MIN_PAGE, Math.min(fitting, this.#pageCap))
  }

  #serve(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    try {
      const value = this.#advance()
      if (value === undefined) return
      this.#waiting = undefined
      waiting.resolve(value)
    } catch (error) {
      this.#waiting = undefined
      waiting.reject(error as Error)
    }
  }

  /** Ends it with an error that says where another scan goes on. */
  #fail(error: Error): void {
    if (this.#error || this.#state === 'stopped') return
    if (this.#state === 'reading') Object.defineProperty(error, 'checkpoint', { value: saveCheckpoint(this.#save()), configurable: true })
    this.#error = error
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#release()
    waiting?.reject(error)
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#release()
    this.#waiting?.resolve(END)
    this.#waiting = undefined
  }

  #release(): void {
    this.#finishPage()
    this.#state = 'stopped'
    this.#leaving.abort()
    this.#stopTelling?.()
    if (this.#options.signal) offAbort(this.#options.signal, this.#forward)
    while (this.#ready.shift() !== undefined) { /* nobody wants them */ }
  }

  /** Where another scan goes on after the rows that have been given out; undefined before the first was asked for. */
  get saved(): ScanState | undefined {
    return this.#identity === '' ? undefined : this.#save()
  }

  #save(): ScanState {
    const page = this.#current
    const ranges: RangePosition[] = []
    for (const range of this.#open) {
      const own = page?.range === range
      if (own && page.after === undefined && this.#at === page.rows.length) continue
      ranges.push(range.positionAt(own ? page : undefined, own ? this.#at : 0))
    }
    for (let i = this.#todo.length - 1; i >= 0; i--) ranges.push(this.#todo[i]!.positionAt(undefined, 0))
    return { identity: this.#identity, rows: this.#rowsBefore + this.#rows, bytes: this.#bytes, ranges }
  }

  get progress(): ScanProgress {
    const elapsedMs = this.#clock.now() - this.#startedAt
    const done = this.#shareAtStart - this.#shareLeft
    return {
      rows: this.#rowsBefore + this.#rows, bytes: this.#bytes, fraction: Math.min(1, Math.max(0, 1 - this.#shareLeft)),
      rangesDone: this.#rangesDone, ranges: this.#ranges, elapsedMs, rowsPerSecond: elapsedMs === 0 ? 0 : (this.#rows * 1000) / elapsedMs,
      leftMs: done > 0 ? (elapsedMs * Math.max(0, this.#shareLeft)) / done : undefined,
      concurrency: this.#limit.limit, pageSize: this.pageSize, buffered: this.#buffered(), retries: this.#retries,
    }
  }

  #buffered(): number {
    let rows = this.#current ? this.#current.rows.length - this.#at : 0
    this.#ready.forEach((page) => { rows += page.rows.length - page.from })
    return rows
  }
}

/** Whether a node says that it does not understand where the page begins, as nodes of another version do. */
function refusesPageState(error: unknown): boolean {
  return error instanceof ServerProtocolError || (error instanceof InvalidQueryError && /pag(e|ing)[ _-]?state/i.test(error.message))
}

/** Whether the same page may be had later, or in smaller pieces, as where a node has met too many tombstones; reading it twice does no harm. */
function mayPass(error: unknown): boolean {
  return isCqlError(error) && (error.outcome !== 'permanent' || error instanceof ReadFailureError)
}
