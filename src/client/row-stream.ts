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

  [Symbol.asyncIterator](): AsyncIterator<Row, void, undefined> {
    return new RowIterator(this.pages())
  }

  /** The pages as results; empty ones are left out. */
  async *pages(): AsyncGenerator<Result<Row>, void, undefined> {
    const leaving = new AbortController()
    const { signal } = this.#options
    const forward = (): void => leaving.abort(signal!.reason)
    if (signal?.aborted) forward()
    else signal?.addEventListener('abort', forward)
    let pageState = this.#options.pageState
    const fetch = (): Promise<Result<Row>> => this.#fetch({ ...this.#options, pageState, signal: leaving.signal })
    try {
      let next: Promise<Result<Row>> | undefined = fetch()
      while (next) {
        let page: Result<Row>
        try {
          page = await next
        } catch (error) {
          // Where to go on: the page that failed, not the one after it.
          if (error instanceof Error && pageState !== undefined) Object.defineProperty(error, 'pageState', { value: pageState, configurable: true })
          throw error
        }
        pageState = page.pageState
        next = pageState === undefined ? undefined : fetch()
        next?.catch(() => {}) // it is awaited in the next turn, or nobody wants it any more
        if (page.rows.length > 0) yield page
      }
    } finally {
      signal?.removeEventListener('abort', forward)
      leaving.abort()
    }
  }
}

/**
 * Rows one by one. Written out because an async generator waits three turns for each value it yields,
 * which costs more than decoding the row.
 */
class RowIterator<Row> implements AsyncIterator<Row, void, undefined> {
  readonly #pages: AsyncGenerator<Result<Row>, void, undefined>
  #rows: readonly Row[] = []
  #at = 0
  /** Calls that came while a page was awaited are answered after it, in order. */
  #fetching: Promise<unknown> | undefined

  constructor(pages: AsyncGenerator<Result<Row>, void, undefined>) {
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
      const page = await this.#pages.next()
      if (page.done) return { done: true, value: undefined }
      this.#rows = page.value.rows
      this.#at = 0
    }
    return { done: false, value: this.#rows[this.#at++]! }
  }

  async return(): Promise<IteratorResult<Row, void>> {
    this.#rows = []
    this.#at = 0
    await this.#pages.return()
    return { done: true, value: undefined }
  }
}
