import { fromHex, OptionError, toHex } from '../base/index.js'
import { jsonReplacer } from '../codecs/index.js'
import { murmur3Token, tokenToBigInt } from '../cluster/index.js'
import type { CqlToken } from '../cluster/index.js'

/** Where the reading of one range goes on. */
export interface RangePosition {
  readonly start: CqlToken | undefined
  readonly end: CqlToken | undefined
  readonly routingToken: CqlToken | undefined
  readonly share: number
  /** The page that was being given out; undefined for the first one. */
  readonly pageState: Uint8Array | undefined
  /** Rows of that page that were given. */
  readonly skip: number
  /** Rows of the whole range that were given. */
  readonly given: number
  /** Marks the last of them. */
  readonly mark: string | undefined
}

/** How far a scan has come. */
export interface ScanState {
  /** What was scanned: a checkpoint of one statement must not be used for another. */
  readonly identity: string
  readonly rows: number
  readonly bytes: number
  /** Ranges that are not at their end. */
  readonly ranges: readonly RangePosition[]
}

const VERSION = 1
const encoder = new TextEncoder()

/** A short text that stands for a value: equal values have equal ones. */
export function markOf(value: unknown): string {
  return BigInt.asUintN(64, tokenToBigInt(murmur3Token(encoder.encode(JSON.stringify(value, jsonReplacer) ?? '')))).toString(36)
}

type SavedRange = readonly [start: string | null, end: string | null, routing: string | null, share: number, pageState?: string | null, skip?: number, given?: number, mark?: string | null]

/** Writes a state as text. */
export function saveCheckpoint({ identity, rows, bytes, ranges }: ScanState): string {
  return JSON.stringify({
    cqlwire: 'scan', version: VERSION, identity, rows, bytes,
    ranges: ranges.map(({ start, end, routingToken, share, pageState, skip, given, mark }): SavedRange => {
      const where = [textOf(start), textOf(end), textOf(routingToken), share] as const
      return given === 0 && skip === 0 ? where : [...where, pageState ? toHex(pageState) : null, skip, given, mark ?? null]
    }),
  })
}

/**
 * Reads what {@link saveCheckpoint} wrote.
 *
 * @param identity of the scan that is to go on
 * @throws OptionError when it is no checkpoint, of a later version, or of another scan
 */
export function loadCheckpoint(text: string, identity: string): ScanState {
  let saved: { cqlwire?: unknown; version?: unknown; identity?: unknown; rows: number; bytes: number; ranges: SavedRange[] }
  try {
    saved = JSON.parse(text) as typeof saved
  } catch {
    throw new OptionError('checkpoint', "Option 'checkpoint' is not the text that scan.checkpoint() has given")
  }
  if (saved?.cqlwire !== 'scan' || !Array.isArray(saved.ranges)) throw new OptionError('checkpoint', "Option 'checkpoint' is not the text that scan.checkpoint() has given")
  if (saved.version !== VERSION) throw new OptionError('checkpoint', `The checkpoint has version ${String(saved.version)}, and this release of cqlwire knows version ${VERSION}`)
  if (saved.identity !== identity) throw new OptionError('checkpoint', `The checkpoint is of another scan (${String(saved.identity)}), not of ${identity}: table, columns, conditions and values must be the same`)
  return {
    identity, rows: saved.rows, bytes: saved.bytes,
    ranges: saved.ranges.map(([start, end, routing, share, pageState, skip, given, mark]) => ({
      start: tokenOf(start), end: tokenOf(end), routingToken: tokenOf(routing), share,
      pageState: typeof pageState === 'string' ? fromHex(pageState) : undefined, skip: skip ?? 0, given: given ?? 0, mark: mark ?? undefined,
    })),
  }
}

function textOf(token: CqlToken | undefined): string | null {
  return token === undefined ? null : token instanceof Uint8Array ? `0x${toHex(token)}` : String(token)
}

function tokenOf(text: string | null): CqlToken | undefined {
  return text === null ? undefined : text.startsWith('0x') ? fromHex(text.slice(2)) : BigInt(text)
}
