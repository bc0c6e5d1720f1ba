import type { Token } from './murmur3.js'

/** How a ScyllaDB node divides its data among cores, as it says in SUPPORTED. */
export interface ShardingInfo {
  /** The shard that the connection has come to. */
  readonly shard: number
  readonly shards: number
  /** Most significant bits of a token that play no part. */
  readonly ignoreMsb: number
  /** Where the source port chooses the shard: shard = port modulo shards. */
  readonly shardAwarePort: number | undefined
  readonly shardAwarePortTls: number | undefined
}

function number(options: ReadonlyMap<string, readonly string[]>, name: string): number | undefined {
  const value = Number(options.get(name)?.[0])
  return Number.isInteger(value) && value >= 0 ? value : undefined
}

/**
 * Reads the sharding of a node from its answer to OPTIONS.
 *
 * @returns undefined when it is no ScyllaDB node, or divides by an algorithm that is not known here
 * @see https://github.com/scylladb/scylladb/blob/master/docs/dev/protocol-extensions.md
 */
export function shardingOf(supported: ReadonlyMap<string, readonly string[]>): ShardingInfo | undefined {
  const shard = number(supported, 'SCYLLA_SHARD')
  const shards = number(supported, 'SCYLLA_NR_SHARDS')
  if (shard === undefined || shards === undefined || shards === 0 || shard >= shards) return undefined
  if (supported.get('SCYLLA_SHARDING_ALGORITHM')?.[0] !== 'biased-token-round-robin') return undefined
  return {
    shard, shards,
    ignoreMsb: number(supported, 'SCYLLA_SHARDING_IGNORE_MSB') ?? 0,
    shardAwarePort: number(supported, 'SCYLLA_SHARD_AWARE_PORT'),
    shardAwarePortTls: number(supported, 'SCYLLA_SHARD_AWARE_PORT_SSL'),
  }
}

/**
 * The shard of a token: ((token + 2^63) << ignoreMsb) × shards >> 64, worked out in 32-bit halves,
 * whose products with the number of shards stay below 2^53.
 */
export function shardOf(token: Token, shards: number, ignoreMsb: number): number {
  let high = (token.high ^ 0x8000_0000) >>> 0
  let low = token.low >>> 0
  if (ignoreMsb >= 32) {
    high = ignoreMsb >= 64 ? 0 : (low << (ignoreMsb - 32)) >>> 0
    low = 0
  } else if (ignoreMsb > 0) {
    high = ((high << ignoreMsb) | (low >>> (32 - ignoreMsb))) >>> 0
    low = (low << ignoreMsb) >>> 0
  }
  const carried = Math.floor((low * shards) / 0x1_0000_0000)
  return Math.floor((high * shards + carried) / 0x1_0000_0000)
}
