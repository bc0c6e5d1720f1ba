import { redactLiterals } from '../cql/index.js'
import type { Client } from './client.js'

/** Options of {@link logRequests}. */
export interface RequestLoggerOptions {
  /** Logs requests that took at least so many milliseconds; all that failed are logged. @default 0 */
  readonly slowerThanMs?: number
  /** Longest text of a statement in a line, in characters. @default 500 */
  readonly maxQueryLength?: number
  /** Where lines go. @default `console.log` */
  readonly log?: (line: string) => void
}

/**
 * Logs requests, one line each. Values bound to them are never shown, and those written into the text stand as `?`.
 *
 * @returns a function that stops it
 * @example
 * ```ts
 * import { Client, logRequests } from 'cqlwire'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const stop = logRequests(client, { slowerThanMs: 100 })
 * ```
 */
export function logRequests(client: Client, options: RequestLoggerOptions = {}): () => void {
  // oxlint-disable-next-line no-console -- the default place of a log
  const { slowerThanMs = 0, maxQueryLength = 500, log = console.log } = options
  return client.on('request', ({ query, latencyMs, attempts, speculative, node, error }) => {
    if (!error && latencyMs < slowerThanMs) return
    const text = redactLiterals(query)
    const shown = text.length > maxQueryLength ? `${text.slice(0, maxQueryLength)}…` : text
    const more = [attempts > 1 ? `${attempts} attempts` : '', speculative > 0 ? `${speculative} speculative` : ''].filter((part) => part !== '')
    const outcome = error ? `failed: ${(error as { code?: string }).code ?? error.name}` : 'ok'
    log(`${latencyMs.toFixed(1)} ms ${node ?? '-'} ${outcome}${more.length > 0 ? ` (${more.join(', ')})` : ''}: ${shown}`)
  })
}
