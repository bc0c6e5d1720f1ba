import { OptionError, systemClock } from '../base/index.js'
import type { Client, Values } from '../client/index.js'
import type { BulkProgress, BulkWriteOptions } from './bulk-options.js'
import { BulkWriter } from './bulk-writer.js'
import { checkCount } from './flow.js'
import { MapSource } from './operators.js'
import { sourceOf } from './source.js'
import type { Input } from './source.js'

/**
 * Writes many records with one statement: each to its replica, as many at a time as the nodes bear, those of one partition together
 * where they wait anyway. What fails in passing is tried again; every record that is read gets exactly one outcome.
 *
 * @param query an INSERT, UPDATE or DELETE with parameters
 * @param records lists of values, or objects of them by name; read no faster than they are written
 * @returns how it went, when every record has its outcome
 * @throws OptionError; BulkWriteError when more records fail than `maxErrors`; what reading the records throws
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { bulkWrite } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const records = [{ id: 1, name: 'Ada' }, { id: 2, name: null }]
 * const { written, failed } = await bulkWrite(client, 'INSERT INTO shop.users (id, name) VALUES (?, ?)', records, { deadLetter: ({ record, error }) => console.log(record, error) })
 * ```
 */
export async function bulkWrite<Item extends Values = Values>(client: Client, query: string, records: Input<Item>, options: BulkWriteOptions<Item> = {}): Promise<BulkProgress> {
  checkBulkOptions(options)
  const writer = new BulkWriter(client, query, options as BulkWriteOptions<never>, options.clock ?? systemClock)
  return writer.run(() => new MapSource(sourceOf(records), (record, index) => ({ index, record, values: record })))
}

const known: Readonly<Record<keyof BulkWriteOptions, true>> = {
  consistency: true, timeoutMs: true, attemptTimeoutMs: true, profile: true, signal: true, concurrency: true, maxPending: true, batches: true, batchBytes: true, nulls: true, missing: true, extra: true,
  idempotent: true, attempts: true, ordered: true, maxRowsPerSecond: true, maxBytesPerSecond: true, maxErrors: true, onOutcome: true, deadLetter: true, onProgress: true, progressEveryMs: true, clock: true,
}
const choices = { nulls: ['unset', 'write'], missing: ['error', 'unset'], extra: ['error', 'ignore'] } as const

/** @throws OptionError naming the option that is unknown or wrong */
export function checkBulkOptions(options: BulkWriteOptions<never>): void {
  for (const name of Object.keys(options)) if (!Object.hasOwn(known, name)) throw new OptionError(name, `Unknown option '${name}' of bulkWrite`)
  for (const name of ['maxPending', 'batchBytes', 'attempts', 'maxRowsPerSecond', 'maxBytesPerSecond', 'progressEveryMs'] as const) if (options[name] !== undefined) checkCount(name, options[name], 1)
  if (options.maxErrors !== undefined && options.maxErrors !== Number.POSITIVE_INFINITY) checkCount('maxErrors', options.maxErrors, 0)
  if (options.concurrency !== undefined && options.concurrency !== 'adaptive') checkCount('concurrency', options.concurrency, 1)
  for (const name of ['nulls', 'missing', 'extra'] as const) {
    const value = options[name]
    if (value !== undefined && !(choices[name] as readonly string[]).includes(value)) throw new OptionError(name, `Option '${name}' must be one of ${choices[name].join(', ')}`)
  }
}
