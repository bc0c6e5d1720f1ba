import { AbortedError, offAbort, onAbort, OptionError } from '../base/index.js'
import type { BatchType } from '../protocol/index.js'
import { bindPrepared, bindTyped, hasValues } from './binding.js'
import type { Values } from './binding.js'
import type { Core } from './core.js'
import { batchEntry, BatchExecution, ExecuteExecution, QueryExecution } from './executions.js'
import type { AnsweredRequest, BatchEntry, Finish } from './executions.js'
import { checkRequestOptions } from './options.js'
import type { ProfileOptions, RequestOptions } from './options.js'
import type { Prepared } from './prepared.js'
import { prepareStatement } from './preparing.js'
import { Result, RowCountError } from './result.js'
import { schemaAgreement } from './schema-agreement.js'
import { overridden } from './settings.js'
import type { Settings } from './settings.js'
import { BoundStatement } from './statement.js'
import { startsWithSelect, startsWithUse } from './statement-text.js'
import { TaggedStatement } from './tag.js'

/** A statement, in any of the forms that the client takes. */
export type Query = string | TaggedStatement | BoundStatement

/** One statement of a batch. */
export type BatchItem = Query | { readonly query: string; readonly values?: Values }

/** Options of a batch. */
export interface BatchOptions extends Omit<RequestOptions, 'pageSize' | 'pageState' | 'autoPage' | 'maxRows' | 'prepare' | 'types'> {
  /** Logged batches are applied as a whole, unlogged ones need not be. @default 'logged' */
  readonly type?: BatchType | undefined
}

const AGREEMENT_TIMEOUT_MS = 10_000

/** Turns calls of a client, or of a view of one, into executions: settles their options, has statements prepared, and follows pages. */
export class Requests {
  readonly defaults: Settings
  readonly #core: Core
  /** The defaults with what one kind of request forces, by that object. */
  readonly #forced = new WeakMap<Partial<Settings>, Settings>()

  constructor(core: Core, defaults: Settings) {
    this.#core = core
    this.defaults = defaults
  }

  /**
   * Runs a statement. Never throws, but rejects. It is no async function, and calls none where the statement is prepared: each would cost as much as encoding a request.
   *
   * @param forced settings that the caller cannot choose
   * @param finish what the caller gets for the result
   */
  run(query: Query, values: Values | undefined, options: RequestOptions | undefined, forced?: Partial<Settings>, finish: Finish = this.#follow): Promise<unknown> {
    try {
      const settings = this.settings(options, forced)
      if (typeof query === 'string') return this.#page(query, values, settings, hasValues(values), finish)
      if (hasValues(values)) throw new OptionError('values', 'A bound statement or one made by the cql tag has its values already')
      if (query instanceof BoundStatement) return this.#page(query.statement.query, query.values, settings, true, finish)
      if (query instanceof TaggedStatement) return this.#page(query.query, query.values, settings, query.values.length > 0, finish)
      throw new OptionError('query', `A statement is a text, or made by prepare() and bind() or the cql tag, not ${query === null ? 'null' : `of type ${typeof query}`}`)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Waits for the schema to be agreed on, follows empty pages, and with `autoPage` all pages. */
  readonly #follow: Finish = (result, request) => (result.pageState === undefined && result.schemaChange === undefined ? result : this.#followed(result, request))

  async #followed(first: Result<unknown>, request: AnsweredRequest): Promise<Result<unknown>> {
    if (first.schemaChange) return this.#agreed(first)
    const settings = request.settings as Settings
    let result = first
    while (result.rows.length === 0 && result.pageState !== undefined) result = await this.nextPage(request, result.pageState)
    if (!settings.autoPage || result.pageState === undefined) return result
    const rows = [...result.rows]
    while (result.pageState !== undefined) {
      result = await this.nextPage(request, result.pageState)
      for (const row of result.rows) rows.push(row)
      checkMaxRows(rows.length, settings.maxRows)
    }
    return new Result(rows, result.columns, undefined, result.info)
  }

  /** The page after one that did not hold all. */
  nextPage({ queryText, given, prepared, settings }: AnsweredRequest, pageState: Uint8Array): Promise<Result<unknown>> {
    return this.#page(queryText, given, overridden(settings as Settings, { pageState, prepare: prepared }), hasValues(given), undefined) as Promise<Result<unknown>>
  }

  /** A schema change is done when all nodes have it: what is sent next may go to any of them. */
  async #agreed(result: Result<unknown>): Promise<Result<unknown>> {
    const schemaInAgreement = await this.schemaAgreement(result.info.node).catch(() => false)
    await this.#core.onOwnSchemaChange(result.schemaChange!)
    return new Result(result.rows, result.columns, result.pageState, { ...result.info, schemaInAgreement }, result.schemaChange)
  }

  /** Whether all nodes have the schema of one within some milliseconds. */
  schemaAgreement(node: string, timeoutMs: number = AGREEMENT_TIMEOUT_MS): Promise<boolean> {
    return schemaAgreement(async (query) => ((await this.run(query, [], { node, consistency: 'one', rowMode: 'object', autoPage: false, prepare: false })) as Result).rows, timeoutMs, this.#core.clock)
  }

  /** Sends one request. @param finish what becomes of its result */
  #page(query: string, values: Values | undefined, settings: Settings, bound: boolean, finish: Finish | undefined): Promise<unknown> {
    if (settings.prepare ?? bound) {
      const prepared = prepareStatement(this.#core, query, settings)
      if (prepared instanceof Promise) return withSignal(prepared, settings.signal).then((ready) => this.#executePrepared(ready, values, settings, finish))
      return this.#executePrepared(prepared, values, settings, finish)
    }
    if (startsWithUse(query)) throw new OptionError('query', 'USE would change one connection of many: write client.with({ keyspace }) instead')
    const send = (): Promise<unknown> =>
      new QueryExecution(this.#core, settings, settings.idempotent ?? startsWithSelect(query), query, values, bound ? bindTyped(this.#core.codecs, values!, settings.types) : undefined, this.#timestamp(settings), finish).start()
    return this.#core.ready ? send() : withSignal(this.#core.connect(), settings.signal).then(send)
  }

  #executePrepared(prepared: Prepared, values: Values | undefined, settings: Settings, finish: Finish | undefined): Promise<unknown> {
    return new ExecuteExecution(this.#core, settings, settings.idempotent ?? prepared.isSelect, prepared, values, prepared.isSelect ? undefined : this.#timestamp(settings), finish).start()
  }

  /** The defaults, with what one call asks for. @param forced what the caller cannot choose */
  settings(options: RequestOptions | undefined, forced?: Partial<Settings>): Settings {
    if (options === undefined) return forced === undefined ? this.defaults : this.#forcedDefaults(forced)
    checkRequestOptions(options)
    if (options.keyspace !== undefined && options.keyspace !== this.defaults.keyspace && this.#core.version !== undefined && this.#core.version < 5) {
      throw new OptionError('keyspace', `A keyspace per request needs protocol version 5, and version ${this.#core.version} is spoken: use client.with({ keyspace })`)
    }
    const settings = this.viewed(options)
    return forced === undefined ? settings : overridden(settings, forced)
  }

  /** The defaults with a caller's options, and before these those of the profile that they name: what a view has for defaults. */
  viewed(options: RequestOptions): Settings {
    return overridden(options.profile === undefined ? this.defaults : overridden(this.defaults, this.profile(options.profile)), options)
  }

  #forcedDefaults(forced: Partial<Settings>): Settings {
    let settings = this.#forced.get(forced)
    if (!settings) this.#forced.set(forced, (settings = overridden(this.defaults, forced)))
    return settings
  }

  /** Options of a profile. @throws OptionError when there is none of that name */
  profile(name: string): ProfileOptions {
    const { profiles } = this.#core
    if (!Object.hasOwn(profiles, name)) throw new OptionError('profile', `Unknown profile '${name}': the client has ${Object.keys(profiles).join(', ') || 'none'}`)
    return profiles[name]!
  }

  /** Dates writes; reads need no timestamp. */
  #timestamp({ timestamp }: Settings): bigint | undefined {
    return timestamp === undefined ? this.#core.timestamps() : BigInt(timestamp)
  }

  /** The prepared form of a statement. */
  async prepare(query: string, options: RequestOptions | undefined): Promise<Prepared> {
    const settings = this.settings(options)
    return withSignal(Promise.resolve(prepareStatement(this.#core, query, settings)), settings.signal)
  }

  /** Runs several writes as one. */
  async batch(items: readonly BatchItem[], options: BatchOptions, forced?: Partial<Settings>): Promise<Result> {
    const { type = 'logged', ...rest } = options
    if (!['logged', 'unlogged', 'counter'].includes(type)) throw new OptionError('type', "Option 'type' must be one of logged, unlogged, counter")
    if (!Array.isArray(items) || items.length === 0) throw new OptionError('items', 'A batch needs a list of at least one statement')
    const settings = this.settings(rest, forced)
    const entries = await this.#batchEntries(items, settings)
    if (!this.#core.ready) await withSignal(this.#core.connect(), settings.signal)
    return new BatchExecution(this.#core, settings, settings.idempotent ?? false, type, entries, this.#timestamp(settings)).start() as Promise<Result>
  }

  #batchEntries(items: readonly BatchItem[], settings: Settings): BatchEntry[] | Promise<BatchEntry[]> {
    const parts = items.map(batchParts)
    const prepared: (Prepared | Promise<Prepared> | undefined)[] = []
    let waits = false
    for (let i = 0; i < parts.length; i++) {
      const { query, values } = parts[i]!
      // Most batches repeat one statement.
      const last = i > 0 && parts[i - 1]!.query === query ? prepared[i - 1] : undefined
      const own = hasValues(values) ? (last ?? prepareStatement(this.#core, query, settings)) : undefined
      waits ||= own instanceof Promise
      prepared.push(own)
    }
    const bind = (ready: readonly (Prepared | undefined)[]): BatchEntry[] => parts.map(({ query, values }, i) => batchEntry(query, ready[i], ready[i] && bindPrepared(ready[i].parameters, values)))
    return waits ? withSignal(Promise.all(prepared), settings.signal).then(bind) : bind(prepared as (Prepared | undefined)[])
  }
}

function batchParts(item: BatchItem, at: number): { readonly query: string; readonly values: Values | undefined } {
  if (typeof item === 'string') return { query: item, values: undefined }
  if (item instanceof BoundStatement) return { query: item.statement.query, values: item.values }
  if (typeof item === 'object' && item !== null && typeof item.query === 'string') return { query: item.query, values: item.values }
  throw new OptionError('items', `Statement ${at + 1} of the batch is neither a text, nor { query, values }, nor a bound or tagged statement`)
}

/** @throws RowCountError when more rows have been collected than may be */
export function checkMaxRows(count: number, maxRows: number): void {
  if (count > maxRows) throw new RowCountError(`More than maxRows (${maxRows}) rows were collected: use stream(), or raise maxRows`)
}

/** Stops waiting for work shared with others when the caller's signal is aborted. */
async function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  if (signal.aborted) throw new AbortedError(signal.reason, 'retryable')
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(new AbortedError(signal.reason, 'retryable'))
    onAbort(signal, giveUp)
    work.then(resolve, reject).finally(() => offAbort(signal, giveUp))
  })
}
