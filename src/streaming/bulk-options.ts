import { CqlError, nameError } from '../base/index.js'
import type { Clock } from '../base/index.js'
import type { RequestOptions, Values } from '../client/index.js'

/** What has become of a record. */
export interface BulkOutcome<Item = unknown> {
  /** Its place in the input, from 0. */
  readonly index: number
  readonly record: Item
  /**
   * - `written`: the server has confirmed it.
   * - `rejected`: the condition of a conditional statement was not met.
   * - `failed`: it was not written.
   * - `skipped`: a stage of a pipeline has left it out.
   * - `unknown`: it was sent, and whether it was written cannot be said; only where it was not idempotent.
   */
  readonly status: 'written' | 'rejected' | 'failed' | 'unknown' | 'skipped'
  /** Why it was not written, or why that is not known. */
  readonly error?: Error | undefined
  /** Times that it was sent, the client's own retries not counted. */
  readonly attempts: number
}

/** How far a bulk write has come. */
export interface BulkProgress {
  /** Records read. */
  readonly read: number
  readonly written: number
  readonly rejected: number
  readonly failed: number
  readonly unknown: number
  readonly skipped: number
  /** Requests sent, batches among them counted as one. */
  readonly requests: number
  /** Requests that were sent again after the client had given them up. */
  readonly retries: number
  readonly elapsedMs: number
  /** Records written per second. */
  readonly rowsPerSecond: number
  /** Requests that may be under way at a time, over all nodes. */
  readonly concurrency: number
  /** Records read that have no outcome yet. */
  readonly pending: number
}

/** Options of {@link bulkWrite}. */
export interface BulkWriteOptions<Item = Values> extends Pick<RequestOptions, 'consistency' | 'timeoutMs' | 'attemptTimeoutMs' | 'profile' | 'signal'> {
  /** Requests at a time: a number, or for each node as many as do not make it slow. @default 'adaptive' */
  readonly concurrency?: number | 'adaptive' | undefined
  /** Records read ahead, at most: what bounds memory. @default 4096 */
  readonly maxPending?: number | undefined
  /** Whether records of one partition that wait at the same time are sent together, as an unlogged batch. @default true */
  readonly batches?: boolean | undefined
  /** Bytes of values in one batch, at most. It falls by itself where nodes warn of large batches. @default 4096 */
  readonly batchBytes?: number | undefined
  /** What null means: nothing, so that no tombstone is written, or the deletion of what is there. @default 'unset' */
  readonly nulls?: 'unset' | 'write' | undefined
  /** What it means that a record, given as an object, lacks a parameter. @default 'error' */
  readonly missing?: 'error' | 'unset' | undefined
  /** What is done with properties that are no parameters. @default 'error' */
  readonly extra?: 'error' | 'ignore' | undefined
  /** Whether writing a record twice does no harm, so that it may be tried again. @default as the statement says: not with conditions, counters and appends */
  readonly idempotent?: boolean | undefined
  /** Times that a record is sent, the client's own retries not counted. @default 10 */
  readonly attempts?: number | undefined
  /** Whether records of one partition are written one after another, and outcomes told in the order of the input. @default false */
  readonly ordered?: boolean | undefined
  /** Records per second, at most. @default no limit */
  readonly maxRowsPerSecond?: number | undefined
  /** Bytes of values per second, at most. @default no limit */
  readonly maxBytesPerSecond?: number | undefined
  /** Records that may fail before it gives up. @default none when nobody is told of failures by `onOutcome` or `deadLetter`, else any number */
  readonly maxErrors?: number | undefined
  /** Told of each record, once. @default nobody */
  readonly onOutcome?: ((outcome: BulkOutcome<Item>) => void) | undefined
  /** Given each record that was not written; what it returns is awaited before more is read. @default nobody */
  readonly deadLetter?: ((outcome: BulkOutcome<Item>) => unknown) | undefined
  /** Called while it runs. @default nobody is told */
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined
  /** Time between two calls of `onProgress`, in milliseconds. @default 1000 */
  readonly progressEveryMs?: number | undefined
  /** @default the system's */
  readonly clock?: Clock | undefined
}

/** More records failed than may: nothing more was read. Those that were read have an outcome. */
export class BulkWriteError extends CqlError {
  /** How far it came. */
  readonly progress: BulkProgress
  /** The first record that failed. */
  readonly first: BulkOutcome
  constructor(first: BulkOutcome, progress: BulkProgress) {
    const { failed, unknown, written } = progress
    super(`${failed + unknown} of ${failed + unknown + written} records were not written; the first is record ${first.index}: ${first.error?.message ?? first.status}`, 'CQL_BULK_WRITE', 'undetermined', first.error)
    this.progress = progress
    this.first = first
  }
  static { nameError(this, 'BulkWriteError') }
}
