import { OptionError, systemClock } from '../base/index.js'
import type { Client } from '../client/index.js'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js'
import type { ScanState } from './checkpoint.js'
import { checkCount, Flow } from './flow.js'
import type { ScanOptions, ScanProgress } from './scan-options.js'
import { ScanRun } from './scan-run.js'
import type { ScanPlan } from './scan-run.js'
import { ScanStatement } from './scan-statement.js'
import type { Source } from './source.js'
import { splitTable } from './split-table.js'
import type { RoutedRange } from './split-table.js'
import { tableOf } from './table-of.js'

const SPLIT_BYTES = 64 * 1024 * 1024
const RANGES_PER_NODE = 8

/** All rows of a table, in no order: a {@link Flow} that knows how far it has come. */
export class Scan<Row = Record<string, unknown>> extends Flow<Row> {
  readonly #client: Client
  readonly #table: string
  readonly #options: ScanOptions
  #run: ScanRun<Row> | undefined

  constructor(client: Client, table: string, options: ScanOptions = {}) {
    super()
    checkScanOptions(options)
    this.#client = client
    this.#table = table
    this.#options = options
  }

  /** Begins to read, from the checkpoint or from the beginning. One pass at a time: `checkpoint()` and `progress` tell of the last one begun. */
  override open(): Source<Row> {
    return this.#begin()
  }

  #begin(): ScanRun<Row> {
    const { clock = systemClock } = this.#options
    return (this.#run = new ScanRun<Row>(this.#plan(), this.#options, clock))
  }

  /** The rows a page at a time, which is cheaper than one by one. `checkpoint()` counts a page as given out once it has been asked for. */
  pages(): Flow<readonly Row[]> {
    return new Flow(() => {
      const run = this.#begin()
      return { pull: () => run.pullPage(), stop: () => run.stop() }
    })
  }

  /**
   * Where another scan goes on, after the rows that have been given out so far: keep it together with what has become of them, and
   * give it to the next scan of the same table as the option `checkpoint`.
   *
   * @returns text; undefined while nothing has been read
   */
  checkpoint(): string | undefined {
    const state = this.#run?.saved
    return state && saveCheckpoint(state)
  }

  /** How far it has come; undefined before it was begun. */
  get progress(): ScanProgress | undefined {
    return this.#run?.progress
  }

  async #plan(): Promise<ScanPlan<Row>> {
    const { consistency, timeoutMs, attemptTimeoutMs, profile, rowMode, node, checkpoint } = this.#options
    const table = await tableOf(this.#client, this.#table)
    const statement = new ScanStatement(table, this.#options)
    const state = checkpoint === undefined ? await this.#fromTheBeginning(statement, table) : loadCheckpoint(checkpoint, statement.identity)
    const settings = { consistency, timeoutMs, attemptTimeoutMs, profile, rowMode, node, prepare: true, autoPage: false, idempotent: true }
    return {
      identity: statement.identity,
      state,
      fetch: ({ start, end, routingToken }, request) => {
        const { query, values } = statement.of(start, end)
        return this.#client.execute<Row>(query, values, { ...settings, ...request, routingToken })
      },
    }
  }

  async #fromTheBeginning({ identity, isWhole }: ScanStatement, { keyspace, name }: { readonly keyspace: string; readonly name: string }): Promise<ScanState> {
    const { splitBytes = SPLIT_BYTES, signal } = this.#options
    const whole: readonly RoutedRange[] = [{ start: undefined, end: undefined, share: 1, routingToken: undefined }]
    const ranges = isWhole ? whole : (await splitTable(this.#client, keyspace, name, { splitBytes, perNode: RANGES_PER_NODE, signal })).ranges
    return { identity, rows: 0, bytes: 0, ranges: ranges.map((range) => ({ ...range, pageState: undefined, skip: 0, given: 0, mark: undefined })) }
  }
}

/**
 * Reads a whole table, or what of it meets some conditions: by ranges of tokens, each from a node that has it, several at a time. Every
 * row is given once while the table does not change; a node that fails costs time, not rows.
 *
 * @param table `keyspace.table`
 * @returns an async iterable of rows, in no order; nothing is sent before it is iterated
 * @throws OptionError naming the option that is unknown or wrong; while it is read what `execute` throws, with a `checkpoint` to go on from
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { scan } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const users = scan<{ id: string; name: string }>(client, 'shop.users', { columns: ['id', 'name'], onProgress: ({ rows, leftMs }) => console.log(rows, leftMs) })
 * for await (const user of users) console.log(user.name)
 * ```
 */
export function scan<Row = Record<string, unknown>>(client: Client, table: string, options: ScanOptions = {}): Scan<Row> {
  return new Scan<Row>(client, table, options)
}

const known: Readonly<Record<keyof ScanOptions, true>> = {
  consistency: true, timeoutMs: true, attemptTimeoutMs: true, profile: true, rowMode: true, signal: true, node: true, columns: true, where: true, values: true, allowFiltering: true, checkpoint: true,
  concurrency: true, prefetch: true, pageSize: true, pageBytes: true, splitBytes: true, attempts: true, onProgress: true, progressEveryMs: true, clock: true,
}

function checkScanOptions(options: ScanOptions): void {
  for (const name of Object.keys(options)) if (!Object.hasOwn(known, name)) throw new OptionError(name, `Unknown option '${name}' of scan`)
  for (const name of ['prefetch', 'pageBytes', 'splitBytes', 'attempts', 'progressEveryMs'] as const) if (options[name] !== undefined) checkCount(name, options[name], 1)
  for (const name of ['concurrency', 'pageSize'] as const) if (options[name] !== undefined && options[name] !== 'adaptive') checkCount(name, options[name], 1)
  if (options.values !== undefined && options.where === undefined) throw new OptionError('values', "Option 'values' belongs to the markers of the option 'where'")
  if (options.columns !== undefined && (!Array.isArray(options.columns) || options.columns.length === 0)) throw new OptionError('columns', "Option 'columns' must be a list of at least one column")
}
