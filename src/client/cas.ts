import { ConnectionError, CqlError } from '../base/index.js'
import type { RetryPolicy } from '../policies/index.js'
import { BootstrappingError, OverloadedError, RateLimitError, ReadFailureError, ReadTimeoutError, UnavailableError, WriteTimeoutError } from '../protocol/index.js'
import type { Values } from './binding.js'
import type { Result } from './result.js'

/** A row, by column name. */
type Row = Record<string, unknown>

/** How to find out what became of a lightweight transaction whose outcome is unknown. */
export interface ResolveQuestion {
  /** A SELECT of the row that was to be written. */
  readonly query: string
  readonly values?: Values
  /** Whether the row carries what only this transaction would have written, such as a uuid made for it. */
  readonly mine: (row: Row) => boolean
}

/**
 * What a look at the row has shown. Without the caller's own mark in it nothing is certain, for the mark may have been
 * overwritten, or the first coordinator may still be proposing it.
 */
export interface Resolution {
  /** `rejected` only where the outcome was known to be so. */
  readonly status: CasOutcome['status']
  /** The row as it is now; undefined when there is none. */
  readonly row: Row | undefined
}

/** What became of a lightweight transaction. */
export interface CasOutcome {
  /** `unknown`: it may have been applied, or may still be. */
  readonly status: 'applied' | 'rejected' | 'unknown'
  /** When rejected, the row that did not meet the condition; undefined when there is none. */
  readonly row: Row | undefined
  /** When rejected, all rows of a batch's conditions. */
  readonly rows: readonly Row[]
  /** When unknown, what went wrong. */
  readonly error: CqlError | undefined
  /** The result of the server, when there is one. */
  readonly result: Result | undefined
  /**
   * Reads the row at the serial consistency, which completes or outdates what was left half done, and looks for the caller's mark.
   * Of an outcome that is known it returns that, and reads nothing.
   */
  resolve(question: ResolveQuestion): Promise<Resolution>
}

/** What {@link runCas} needs of a client. */
export interface CasRunner {
  /** Sends the transaction once. */
  send(retry: RetryPolicy): Promise<Result>
  /** Reads at the serial consistency that the transaction had. */
  read(query: string, values: Values | undefined): Promise<Result>
}

/** Only what certainly has not reached Paxos is sent again: anything else would be a second transaction. */
const casRetry: RetryPolicy = {
  decide(error, { retries }) {
    if (error instanceof ConnectionError || error instanceof BootstrappingError) return error.outcome === 'retryable' ? 'next' : 'throw'
    if (error instanceof UnavailableError) return retries === 0 && beforePaxos(error) ? 'next' : 'throw'
    return 'throw'
  },
}

/** Too few replicas at a serial level: refused before the first ballot. At another level it is the commit that found too few. */
function beforePaxos({ consistency }: UnavailableError): boolean {
  return consistency === 'serial' || consistency === 'localSerial'
}

/**
 * Runs a lightweight transaction and says what became of it. Nothing that may have reached Paxos is ever sent twice.
 *
 * @throws what says that it was not executed: bad values, syntax, no node that could be asked
 * @see Cassandra's `StorageProxy.cas`
 */
export async function runCas(runner: CasRunner): Promise<CasOutcome> {
  const known = (status: 'applied' | 'rejected', rows: readonly Row[], result: Result | undefined): CasOutcome => ({
    status, rows, result,
    row: rows[0],
    error: undefined,
    resolve: () => Promise.resolve({ status, row: rows[0] }),
  })
  try {
    const result = await runner.send(casRetry)
    if (result.applied === undefined) throw new CqlError('cas() is for lightweight transactions: the statement has no IF', 'CQL_NOT_CONDITIONAL', 'permanent')
    return result.applied ? known('applied', [], result) : known('rejected', conflicts(result), result)
  } catch (error) {
    if (!(error instanceof CqlError)) throw error
    // Time ran out while the commit was waited for: what is committed had been accepted.
    if (error instanceof WriteTimeoutError && error.writeType === 'SIMPLE') return known('applied', [], undefined)
    if (!mayHaveReachedPaxos(error)) throw error
    return { status: 'unknown', row: undefined, rows: [], error, result: undefined, resolve: (question) => look(runner, question) }
  }
}

function mayHaveReachedPaxos(error: CqlError): boolean {
  if (error instanceof UnavailableError) return !beforePaxos(error)
  // Reads are part of a transaction, and a commit that meets too many hints is refused as overload.
  if (error instanceof ReadTimeoutError || error instanceof ReadFailureError || error instanceof OverloadedError || error instanceof RateLimitError) return true
  return error.outcome === 'undetermined'
}

async function look(runner: CasRunner, { query, values, mine }: ResolveQuestion): Promise<Resolution> {
  const row = (await runner.read(query, values)).first()
  return { status: row !== undefined && mine(row) ? 'applied' : 'unknown', row }
}

/** Without the column that says so; where no row was found, that is the only one. */
function conflicts({ rows, columns }: Result): Row[] {
  return columns.length === 1 ? [] : rows.map(({ '[applied]': _applied, ...row }) => row)
}
