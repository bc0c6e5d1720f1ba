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

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const page of this.pages()) yield* page.rows
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
