import type { Token } from '../cluster/index.js'
import type { ColumnLists } from './column-lists.js'

/** Older than any timestamp. */
export const NEVER: bigint = -0x8000_0000_0000_0000n

/** A written value, or the deletion of one (`value` null). */
export interface Cell {
  readonly value: Uint8Array | null
  /** Microseconds since 1970. */
  readonly timestamp: bigint
  /** Seconds, 0 for none. */
  readonly ttl: number
  /** Seconds since 1970, 0 for never. */
  readonly expires: number
}

/** A collection or user-defined type kept part by part: the key is an element, a map key, a place or a field. */
export interface ComplexCell {
  /** What was written until then is gone. */
  deletion: bigint
  readonly parts: Map<string, { readonly key: Uint8Array; cell: Cell }>
}

/** When a row was inserted: it lives although all its columns are null. */
export type Liveness = Omit<Cell, 'value'>

const NO_COMPLEX: ReadonlyMap<string, ComplexCell> = new Map()
const NO_CELLS: readonly Cell[] = []

/** A row: its clustering key, and its cells by column. */
export class Row {
  readonly partition: Partition
  readonly clustering: readonly Uint8Array[]
  liveness: Liveness | undefined
  deletion: bigint = NEVER
  /** Most rows have none. */
  complex: ReadonlyMap<string, ComplexCell> = NO_COMPLEX
  // Two lists, the first of which rows share: a Map of two cells takes 120 bytes more.
  #columns: readonly string[]
  #cells: readonly Cell[] = NO_CELLS

  constructor(partition: Partition, clustering: readonly Uint8Array[], columns: readonly string[]) {
    this.partition = partition
    this.clustering = clustering
    this.#columns = columns
  }

  get cells(): readonly Cell[] {
    return this.#cells
  }

  /** Names of the columns that `cells` are of. */
  get columns(): readonly string[] {
    return this.#columns
  }

  cell(column: string): Cell | undefined {
    const at = this.#columns.indexOf(column)
    return at < 0 ? undefined : this.#cells[at]
  }

  setCell(column: string, cell: Cell, lists: ColumnLists): void {
    const at = this.#columns.indexOf(column)
    if (at >= 0) {
      ;(this.#cells as Cell[])[at] = cell
      return
    }
    this.#columns = lists.with(this.#columns, column)
    this.#cells = [...this.#cells, cell]
  }

  dropCell(column: string): void {
    const at = this.#columns.indexOf(column)
    if (at < 0) return
    this.#columns = this.#columns.toSpliced(at, 1)
    this.#cells = this.#cells.toSpliced(at, 1)
  }
}

/** One end of a range of rows: the values of the first clustering columns. */
export interface Bound {
  readonly prefix: readonly Uint8Array[]
  readonly inclusive: boolean
}

/** What was written to rows of a range until then is gone. */
export interface RangeDeletion {
  readonly from: Bound | undefined
  readonly to: Bound | undefined
  readonly timestamp: bigint
}

/** A partition: its key, static row and rows. */
export class Partition {
  readonly key: readonly Uint8Array[]
  readonly id: string
  readonly token: Token
  deletion: bigint = NEVER
  readonly ranges: RangeDeletion[] = []
  readonly staticRow: Row
  /** Sorted by clustering key. */
  readonly rows: Row[] = []

  constructor(key: readonly Uint8Array[], id: string, token: Token, columns: readonly string[]) {
    this.key = key
    this.staticRow = new Row(this, [], columns)
    this.id = id
    this.token = token
  }
}

/** Whether a cell has a value at that second. */
export function isLive(cell: { readonly expires: number } | undefined, nowSeconds: number): boolean {
  return cell !== undefined && (cell.expires === 0 || cell.expires > nowSeconds)
}
