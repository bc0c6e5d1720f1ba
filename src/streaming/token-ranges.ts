import { partitionerOf } from '../cluster/index.js'
import type { CqlToken, NodeInfo, Partitioner } from '../cluster/index.js'

/** A part of the ring: tokens greater than `start` and not greater than `end`. */
export interface TokenRange {
  /** Undefined: from the beginning of the ring. */
  readonly start: CqlToken | undefined
  /** Undefined: to the end of the ring. */
  readonly end: CqlToken | undefined
  /** How much of the ring it is, from 0 to 1. */
  readonly share: number
}

/** Where the tokens of a partitioner are, for those whose tokens can be counted; both ends are tokens that a range may end at. */
function boundsOf(partitioner: Partitioner): readonly [first: bigint, last: bigint] | undefined {
  switch (partitioner.name) {
    case 'Murmur3Partitioner':
      return [-(2n ** 63n), 2n ** 63n - 1n]
    case 'RandomPartitioner':
      return [-1n, 2n ** 127n]
    default:
      return undefined
  }
}

/** A ring's tokens: how ranges of them are made, and cut. */
export class Ring {
  readonly #partitioner: Partitioner | undefined
  readonly #bounds: readonly [bigint, bigint] | undefined

  /** @param partitioner Java class, as the topology names it */
  constructor(partitioner: string) {
    this.#partitioner = partitionerOf(partitioner)
    this.#bounds = this.#partitioner && boundsOf(this.#partitioner)
  }

  /** Whether ranges can be cut into smaller ones. */
  get divisible(): boolean {
    return this.#bounds !== undefined
  }

  /**
   * The ranges between the tokens of nodes: each is held by the same nodes as a whole.
   *
   * @returns without wrap-around, in the order of tokens; the whole ring when the partitioner is not known
   */
  rangesOf(nodes: readonly Pick<NodeInfo, 'tokens'>[]): TokenRange[] {
    const partitioner = this.#partitioner
    if (!partitioner) return [WHOLE]
    const tokens = nodes.flatMap((node) => node.tokens.map((text) => partitioner.parse(text))).sort((a, b) => partitioner.compare(a, b))
    return this.between(tokens.map((token) => partitioner.toCql(token)))
  }

  /** The ranges that end at each of some tokens, given in order, and the rest of the ring. */
  between(tokens: readonly CqlToken[]): TokenRange[] {
    const bounds = this.#bounds
    const inner = bounds ? (tokens as readonly bigint[]).filter((token) => token > bounds[0] && token < bounds[1]) : tokens
    const ends = inner.filter((token, i) => i === 0 || !same(token, inner[i - 1]))
    return [...ends, undefined].map((end, i) => this.#range(i === 0 ? undefined : ends[i - 1], end, ends.length + 1))
  }

  #range(start: CqlToken | undefined, end: CqlToken | undefined, count: number): TokenRange {
    const bounds = this.#bounds
    if (!bounds) return { start, end, share: 1 / count }
    const [first, last] = bounds
    return { start, end, share: ratio(((end ?? last) as bigint) - ((start ?? first) as bigint), last - first) }
  }

  /** Cuts a range into about equal parts; fewer where it has fewer tokens, one where tokens cannot be counted. */
  split(range: TokenRange, parts: number): TokenRange[] {
    const bounds = this.#bounds
    if (!bounds || parts < 2) return [range]
    const start = (range.start ?? bounds[0]) as bigint
    const size = ((range.end ?? bounds[1]) as bigint) - start
    const count = size < BigInt(parts) ? Number(size) : parts
    return Array.from({ length: Math.max(count, 1) }, (_, i) => ({
      start: i === 0 ? range.start : start + (size * BigInt(i)) / BigInt(count),
      end: i === count - 1 || count === 0 ? range.end : start + (size * BigInt(i + 1)) / BigInt(count),
      share: range.share / Math.max(count, 1),
    }))
  }
}

const WHOLE: TokenRange = { start: undefined, end: undefined, share: 1 }

function same(a: CqlToken | undefined, b: CqlToken | undefined): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? a.length === b.length && a.every((byte, i) => byte === b[i]) : a === b
}

function ratio(part: bigint, whole: bigint): number {
  return Number((part << 53n) / whole) / 2 ** 53
}
