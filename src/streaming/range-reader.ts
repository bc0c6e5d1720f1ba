import type { CqlToken } from '../cluster/index.js'
import { markOf } from './checkpoint.js'
import type { RangePosition } from './checkpoint.js'

/** Rows of one page, and where they stand in their range. */
export interface RangePage<Row> {
  readonly range: RangeReader<Row>
  readonly rows: readonly Row[]
  /** Rows at the beginning that have been given before. */
  readonly from: number
  /** What it was asked for with. */
  readonly before: Uint8Array | undefined
  /** What the next one is asked for with; undefined at the end of the range. */
  readonly after: Uint8Array | undefined
  /** Rows of the range before this page. */
  readonly offset: number
  readonly bytes: number
}

/** One range of a scan: how far it has been fetched, and how far it has been given out. */
export class RangeReader<Row> {
  readonly start: CqlToken | undefined
  readonly end: CqlToken | undefined
  readonly routingToken: CqlToken | undefined
  readonly share: number
  /** Whether a page of it is under way. */
  reading = false
  /** Whether its last page has been fetched. */
  fetched = false
  /** Times that the next page has been asked for in vain. */
  failures = 0
  /** What the next page is asked for with. */
  pageState: Uint8Array | undefined
  /** Rows of the range before the next page. */
  #offset: number
  /** Rows still to be left out because they were given before, and the mark of the last of them. */
  #skip: number
  #skipMark: string | undefined
  #lastRow: Row | undefined
  /** Up to where it has been given out, and the mark of the last row of that. */
  #given: Pick<RangePosition, 'pageState' | 'skip' | 'given'>
  #givenMark: () => string | undefined

  constructor(position: RangePosition) {
    const { start, end, routingToken, share, pageState, skip, given, mark } = position
    this.start = start
    this.end = end
    this.routingToken = routingToken
    this.share = share
    this.pageState = pageState
    this.#offset = given - skip
    this.#skip = skip
    this.#skipMark = mark
    this.#given = { pageState, skip, given }
    this.#givenMark = () => mark
  }

  /** Rows that the next page must have at least for those given before to be in it. */
  get leastRows(): number {
    return this.#skip
  }

  /** Takes over a page that has been fetched. */
  accept(rows: readonly Row[], after: Uint8Array | undefined, bytes: number): RangePage<Row> {
    const page = { range: this, rows, from: this.#leaveOut(rows), before: this.pageState, after, offset: this.#offset, bytes }
    this.#offset += rows.length
    if (rows.length > 0) this.#lastRow = rows.at(-1)
    this.pageState = after
    this.fetched = after === undefined
    this.failures = 0
    return page
  }

  /** How many rows at the beginning of a page were given before. The mark is believed, not the number: rows may have gone since. */
  #leaveOut(rows: readonly Row[]): number {
    const count = this.#skip
    if (count === 0) return 0
    this.#skip = 0
    if (count <= rows.length && this.#isMarked(rows[count - 1]!)) return count
    const at = rows.findIndex((row) => this.#isMarked(row))
    if (at >= 0) return at + 1
    if (count <= rows.length) return 0 // the row is gone: better to give some twice than to lose one
    this.#skip = count - rows.length
    return rows.length
  }

  #isMarked(row: Row): boolean {
    return this.#skipMark === undefined || markOf(row) === this.#skipMark
  }

  /** Begins the range anew, without the rows that have been fetched: for a node that does not understand the page state. */
  restart(): void {
    const mark = this.#lastRow === undefined ? this.#skipMark : markOf(this.#lastRow)
    this.#skip += this.#offset
    this.#skipMark = mark
    this.#offset = 0
    this.pageState = undefined
  }

  /** Notes that all rows of a page have been given out. */
  finish({ rows, after, offset, from }: RangePage<Row>): void {
    this.#given = { pageState: after, skip: 0, given: offset + rows.length }
    if (rows.length > from) this.#givenMark = markedBy(rows.at(-1))
  }

  /** Where another scan goes on, when so many rows of a page have been given out; without a page, where the last one ended. */
  positionAt(page: RangePage<Row> | undefined, count: number): RangePosition {
    const { start, end, routingToken, share } = this
    if (page === undefined || count === 0) return { start, end, routingToken, share, ...this.#given, mark: this.#givenMark() }
    return { start, end, routingToken, share, pageState: page.before, skip: count, given: page.offset + count, mark: markOf(page.rows[count - 1]) }
  }
}

/** The mark of a row, made when it is first needed: it costs more than reading the row. */
function markedBy(row: unknown): () => string {
  let mark: string | undefined
  return () => (mark ??= markOf(row))
}
