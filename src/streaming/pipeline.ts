import { AbortedError, CqlError, nameError, OptionError, systemClock } from '../base/index.js'
import type { Client } from '../client/index.js'
import { checkBulkOptions } from './bulk-write.js'
import type { BulkProgress, BulkWriteOptions } from './bulk-options.js'
import { BulkWriter } from './bulk-writer.js'
import type { BulkInput } from './bulk-writer.js'
import { checkCount, Flow } from './flow.js'
import { MapSource } from './operators.js'
import { ParallelMapSource } from './parallel-map.js'
import { awaitable, sourceOf } from './source.js'
import type { Input, Source } from './source.js'

/** Options of one stage. */
export interface StageOptions {
  /** Records in this stage at a time. @default 1 */
  readonly parallelism?: number | undefined
}

/** What a stage is told besides the record. */
export interface StageContext {
  /** Place of the record in the input, from 0. */
  readonly index: number
  /** The record as it came in. */
  readonly record: unknown
}

/** A record that a stage did not let pass. */
export class StageError extends CqlError {
  /** Name of the stage. */
  readonly stage: string
  constructor(stage: string, cause: unknown) {
    super(`Stage '${stage}': ${cause instanceof Error ? cause.message : String(cause)}`, 'CQL_STAGE', 'permanent', cause)
    this.stage = stage
  }
  static { nameError(this, 'StageError') }
}

/** What a stage returns to leave a record out. */
export const SKIP: unique symbol = Symbol('skip')

/** What has become of a record of a pipeline that ends in no table. */
export interface PipelineOutcome {
  /** Its place in the input, from 0. */
  readonly index: number
  readonly record: unknown
  readonly status: 'done' | 'failed' | 'skipped'
  /** What the last stage has returned. */
  readonly value?: unknown
  /** Of one that failed. */
  readonly error?: Error | undefined
}

/** How a pipeline has come along. */
export interface PipelineSummary {
  readonly read: number
  readonly done: number
  readonly skipped: number
  readonly failed: number
}

interface Stage {
  readonly name: string
  readonly fn: (value: never, context: StageContext) => unknown
  readonly parallelism: number
}

/** A record between two stages. */
interface Item {
  readonly index: number
  readonly record: unknown
  readonly value: unknown
  /** Set once it goes no further. */
  readonly verdict?: { readonly status: 'failed' | 'skipped'; readonly error?: Error }
}

/**
 * Records that go through stages, each with its own parallelism: a stage reads no further ahead than that. A stage that throws fails
 * the one record, not the others.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { pipeline } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const lines = ['1,Ada', '2,Grace', 'x,?']
 * await pipeline(lines)
 *   .transform('split', (line) => line.split(','))
 *   .validate('id', ([id]) => /^\d+$/.test(id ?? ''))
 *   .transform('bind', ([id, name]) => ({ id, name }), { parallelism: 4 })
 *   .write(client, 'INSERT INTO shop.users (id, name) VALUES (?, ?)', { deadLetter: ({ record, error }) => console.log(record, error) })
 * ```
 */
export class Pipeline<T> {
  readonly #input: Input<unknown>
  readonly #stages: readonly Stage[]

  constructor(input: Input<unknown>, stages: readonly Stage[] = []) {
    this.#input = input
    this.#stages = stages
  }

  /** A stage that makes something else of each record, or returns {@link SKIP}. */
  transform<U>(name: string, fn: (value: T, context: StageContext) => U | typeof SKIP | PromiseLike<U | typeof SKIP>, { parallelism = 1 }: StageOptions = {}): Pipeline<U> {
    if (typeof name !== 'string' || name === '') throw new OptionError('name', 'A stage needs a name')
    checkCount('parallelism', parallelism, 1)
    return new Pipeline<U>(this.#input, [...this.#stages, { name, fn: fn as Stage['fn'], parallelism }])
  }

  /** A stage that lets records pass for which a function says true; it may also throw to say why not. */
  validate(name: string, fn: (value: T, context: StageContext) => boolean | PromiseLike<boolean>, options: StageOptions = {}): Pipeline<T> {
    return this.transform<T>(name, (value, context) => {
      const passed = fn(value, context)
      return typeof passed === 'boolean' ? pass(value, passed) : passed.then((valid) => pass(value, valid))
    }, options)
  }

  /**
   * Writes what comes out of the last stage: lists of values, or objects of them by name.
   *
   * @param options as of `bulkWrite`: each record has one outcome there, whether it was written or did not pass a stage
   * @returns as `bulkWrite`
   * @throws as `bulkWrite`
   */
  async write(client: Client, query: string, options: BulkWriteOptions<unknown> = {}): Promise<BulkProgress> {
    checkBulkOptions(options)
    const writer = new BulkWriter(client, query, options, options.clock ?? systemClock)
    return writer.run(() => new MapSource(this.#open(), ({ value, ...rest }): BulkInput => ({ ...rest, values: value })))
  }

  /**
   * Runs the stages, the last of which does what is to be done.
   *
   * @param options `onOutcome` is told of each record, in the order of the input
   * @returns how many records there were, and what became of them
   * @throws what reading the input throws, AbortedError
   */
  async run({ onOutcome, signal }: { readonly onOutcome?: ((outcome: PipelineOutcome) => void) | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<PipelineSummary> {
    const summary = { read: 0, done: 0, skipped: 0, failed: 0 }
    await new Flow(() => this.#open()).forEach((item) => {
      if (signal?.aborted === true) throw new AbortedError(signal.reason, 'retryable')
      const outcome = outcomeOf(item)
      summary.read++
      summary[outcome.status]++
      onOutcome?.(outcome)
    })
    return summary
  }

  #open(): Source<Item> {
    const items: Source<Item> = new MapSource(sourceOf(this.#input), (record, index): Item => ({ index, record, value: record }))
    return this.#stages.reduce((source, stage) => new ParallelMapSource(source, (item: Item) => through(stage, item), stage.parallelism, true), items)
  }
}

/** Sends a record through a stage: at once where the stage answers at once. */
function through({ name, fn }: Stage, item: Item): Item | Promise<Item> {
  if (item.verdict) return item
  const { index, record } = item
  const passed = (value: unknown): Item => (value === SKIP ? { index, record, value, verdict: { status: 'skipped' } } : { index, record, value })
  const failed = (error: unknown): Item => ({ index, record, value: undefined, verdict: { status: 'failed', error: error instanceof StageError ? error : new StageError(name, error) } })
  try {
    const value = awaitable(fn(item.value as never, { index, record }))
    return value instanceof Promise ? value.then(passed, failed) : passed(value)
  } catch (error) {
    return failed(error)
  }
}

function pass<T>(value: T, passed: boolean): T {
  if (!passed) throw new Error('the record is not valid')
  return value
}

function outcomeOf({ index, record, value, verdict }: Item): PipelineOutcome {
  return verdict === undefined ? { index, record, status: 'done', value } : { index, record, ...verdict }
}

/** Begins a pipeline on anything that can be iterated. */
export function pipeline<T>(input: Input<T>): Pipeline<T> {
  return new Pipeline<T>(input)
}
