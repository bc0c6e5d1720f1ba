import { offAbort, onAbort } from '../base/index.js'
import type { Result } from './result.js'
import type { RequestOptions } from './options.js'

/** Fetches one page. */
type Fetch<Row> = (options: RequestOptions) => Promise<Result<Row>>

/**
 * All rows of a statement, page by page: the next page is fetched while one is consumed, and leaving
 * the loop stops reading. When a page cannot be had, the iterator throws; the rows given stay given,
 * none is given twice, and the error's `pageState` is where another stream may go on.
 */
export class RowStream<Row = Record<string, unknown>> implements AsyncIterable<Row> {
  readonly #fetch: Fetch<Row>
  readonly #options: RequestOptions

  constructor(fetch: Fetch<Row>, options: RequestOptions) {
    this.#fetch = fetch
    this.#options = options
  }

  /** Gives row after row, and stops reading when the loop is left. */
  [Symbol.asyncIterator](): AsyncIterator<Row, void, undefined> {
    return new RowIterator(new PageReader(this.#fetch, this.#options))
  }

  /** The pages as results; empty ones are left out. */
  async *pages(): AsyncGenerator<Result<Row>, void, undefined> {
    const reader = new PageReader(this.#fetch, this.#options)
    try {
      for (let page = await reader.next(); page !== undefined; page = await reader.next()) yield page
    } finally {
      reader.stop()
    }
  }
}

/** Reads page after page, one ahead. It holds on to no page that it has given: two of them at a time are what garbage collection costs most for. */
class PageReader<Row> {
  readonly #fetch: Fetch<Row>
  readonly #options: RequestOptions
  readonly #leaving = new AbortController()
  readonly #forward = (): void => this.#leaving.abort(this.#options.signal!.reason)
  #pageState: Uint8Array | undefined
  #ahead: Promise<Result<Row>> | undefined
  #state: 'new' | 'reading' | 'ended' = 'new'

  constructor(fetch: Fetch<Row>, options: RequestOptions) {
    this.#fetch = fetch
    this.#options = options
    this.#pageState = options.pageState
  }

  /** The next page that has rows, or undefined at the end. */
  async next(): Promise<Result<Row> | undefined> {
    if (this.#state === 'new') this.#begin()
    while (this.#ahead !== undefined) {
      const page = await this.#take(this.#ahead)
      this.#pageState = page.pageState
      if (page.pageState === undefined) this.stop()
      else if (this.#state === 'reading') this.#fetchAhead()
      if (page.rows.length > 0) return page
    }
    return undefined
  }

  #begin(): void {
    const { signal } = this.#options
    this.#state = 'reading'
    if (signal?.aborted) this.#forward()
    else if (signal) onAbort(signal, this.#forward)
    this.#fetchAhead()
  }

  #fetchAhead(): void {
    this.#ahead = this.#fetch({ ...this.#options, pageState: this.#pageState, signal: this.#leaving.signal })
    this.#ahead.catch(() => {}) // it is awaited in the next turn, or nobody wants it any more
  }

  async #take(ahead: Promise<Result<Row>>): Promise<Result<Row>> {
    this.#ahead = undefined
    try {
      return await ahead
    } catch (error) {
      // Where to go on: the page that failed, not the one after it.
      if (error instanceof Error && this.#pageState !== undefined) Object.defineProperty(error, 'pageState', { value: this.#pageState, configurable: true })
      this.stop()
      throw error
    }
  }

  /** Ends the reading; a page that is under way is given up. */
  stop(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#ahead = undefined
    if (this.#options.signal) offAbort(this.#options.signal, this.#forward)
    this.#leaving.abort()
  }
}

/**
 * Rows one by one. Written out because an async generator waits three turns for each value it yields,
 * which costs more than decoding the row.
 */
class RowIterator<Row> implements AsyncIterator<Row, void, undefined> {
  readonly #pages: PageReader<Row>
  #rows: readonly Row[] = NONE
  #at = 0
  /** Calls that came while a page was awaited are answered after it, in order. */
  #fetching: Promise<unknown> | undefined

  constructor(pages: PageReader<Row>) {
    this.#pages = pages
  }

  next(): Promise<IteratorResult<Row, void>> {
    if (this.#fetching === undefined && this.#at < this.#rows.length) return Promise.resolve({ done: false, value: this.#rows[this.#at++]! })
    return this.#nextPage()
  }

  #nextPage(): Promise<IteratorResult<Row, void>> {
    const before = this.#fetching ?? Promise.resolve()
    const fetching = before.then(() => this.#take())
    this.#fetching = fetching
    const settle = (): void => { if (this.#fetching === fetching) this.#fetching = undefined }
    fetching.then(settle, settle)
    return fetching
  }

  async #take(): Promise<IteratorResult<Row, void>> {
    if (this.#at >= this.#rows.length) {
      this.#rows = NONE // what was consumed must not be kept while the next page is decoded
      this.#at = 0
      const page = await this.#pages.next()
      if (page === undefined) return { done: true, value: undefined }
      this.#rows = page.rows
    }
    return { done: false, value: this.#rows[this.#at++]! }
  }

  async return(): Promise<IteratorResult<Row, void>> {
    this.#rows = NONE
    this.#at = 0
    this.#pages.stop()
    return { done: true, value: undefined }
  }
}

const NONE: readonly never[] = []
