import type { Clock } from '../base/index.js'
import type { RequestOptions, Values } from '../client/index.js'

/** Options of {@link scan}. */
export interface ScanOptions extends Pick<RequestOptions, 'consistency' | 'timeoutMs' | 'attemptTimeoutMs' | 'profile' | 'rowMode' | 'signal' | 'node'> {
  /** Names of columns, or what CQL can select, such as `writetime(v)`. @default all columns */
  readonly columns?: readonly string[] | undefined
  /** Conditions as CQL writes them after WHERE; the nodes leave out the rows that do not meet them. @default none */
  readonly where?: string | undefined
  /** Values of the markers in `where`, in order or by name. @default none */
  readonly values?: Values | undefined
  /** Whether conditions may be met by looking at every row, which a scan does anyway. @default true with `where` */
  readonly allowFiltering?: boolean | undefined
  /** What an earlier scan's `checkpoint()` gave: it goes on there. @default from the beginning */
  readonly checkpoint?: string | undefined
  /** Pages asked for at a time: a number, or as many as do not make the nodes slow. @default 'adaptive' */
  readonly concurrency?: number | 'adaptive' | undefined
  /** Pages under way or waiting to be given out, at most: what bounds memory. @default 16 */
  readonly prefetch?: number | undefined
  /** Rows in a page: a number, or as many as make `pageBytes`, and fewer where nodes warn of tombstones. @default 'adaptive' */
  readonly pageSize?: number | 'adaptive' | undefined
  /** Bytes that an adaptive page should have. @default 524288 */
  readonly pageBytes?: number | undefined
  /** Bytes on disk that one range of tokens should hold. @default 67108864 */
  readonly splitBytes?: number | undefined
  /** How often a page is asked for, the client's own retries not counted, before the scan fails. @default 10 */
  readonly attempts?: number | undefined
  /** Called while it runs. @default nobody is told */
  readonly onProgress?: ((progress: ScanProgress) => void) | undefined
  /** Time between two calls of `onProgress`, in milliseconds. @default 1000 */
  readonly progressEveryMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** How far a scan has come. */
export interface ScanProgress {
  /** Rows given out, those before the checkpoint included. */
  readonly rows: number
  /** Bytes of the pages they were in. */
  readonly bytes: number
  /** How much of the table is done, from 0 to 1. */
  readonly fraction: number
  readonly rangesDone: number
  readonly ranges: number
  readonly elapsedMs: number
  /** Of this run. */
  readonly rowsPerSecond: number
  /** Milliseconds that it will still take, if it goes on like this; undefined when that cannot be said yet. */
  readonly leftMs: number | undefined
  /** Pages asked for at a time. */
  readonly concurrency: number
  /** Rows asked for in a page. */
  readonly pageSize: number
  /** Rows that wait to be given out. */
  readonly buffered: number
  /** Pages that had to be asked for again. */
  readonly retries: number
}
