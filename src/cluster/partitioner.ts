import { fromHex, md5, toHex } from '../base/index.js'
import { compareBytes } from '../codecs/index.js'
import { compareTokens, murmur3Token, tokenToBigInt } from './murmur3.js'
import type { Token } from './murmur3.js'

/** A token as CQL's `token()` gives it: an integer, or bytes with the ByteOrderedPartitioner. */
export type CqlToken = bigint | Uint8Array

/**
 * Places partition keys on the ring. `T` is the form of token that it computes with.
 *
 * @see Cassandra's `org.apache.cassandra.dht.IPartitioner`
 */
export interface Partitioner<T = unknown> {
  /** Name of the Java class, without its package. */
  readonly name: string
  /**
   * @param key holds the partition key as bytes: the routing key of a request
   * @param start where it begins, 0 if not given
   * @param end where it ends, at the end of `key` if not given
   */
  tokenOf(key: Uint8Array, start?: number, end?: number): T
  /** Reads a token as `system.local` and `system.peers` write it. */
  parse(text: string): T
  fromCql(token: CqlToken): T
  toCql(token: T): CqlToken
  /** Order on the ring: negative, zero or positive. */
  compare(a: T, b: T): number
}

function bigintOf(token: CqlToken): bigint {
  if (typeof token !== 'bigint') throw new TypeError('A token of this cluster is a bigint')
  return token
}

function halves(token: bigint): Token {
  return { high: Number(BigInt.asIntN(32, token >> 32n)), low: Number(BigInt.asUintN(32, token)) }
}

/** The default of Cassandra and ScyllaDB: 64-bit tokens. */
export const murmur3Partitioner: Partitioner<Token> = {
  name: 'Murmur3Partitioner',
  tokenOf: murmur3Token,
  parse: (text) => halves(BigInt(text)),
  fromCql: (token) => halves(bigintOf(token)),
  toCql: tokenToBigInt,
  compare: compareTokens,
}

/** Tokens are MD5 digests, taken as signed integers without their sign (`FBUtilities.hashToBigInteger`). */
export const randomPartitioner: Partitioner<bigint> = {
  name: 'RandomPartitioner',
  tokenOf(key, start, end) {
    const token = BigInt.asIntN(128, BigInt(`0x${toHex(md5(key.subarray(start, end)))}`))
    return token < 0n ? -token : token
  },
  parse: (text) => BigInt(text),
  fromCql: bigintOf,
  toCql: (token) => token,
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
}

/** Tokens are the keys themselves, so that the ring is in the order of keys. */
export const byteOrderedPartitioner: Partitioner<Uint8Array> = {
  name: 'ByteOrderedPartitioner',
  tokenOf: (key, start, end) => key.slice(start, end),
  parse(text) {
    const token = fromHex(text)
    if (!token) throw new TypeError(`'${text}' is no token of the ByteOrderedPartitioner`)
    return token
  },
  fromCql(token) {
    if (typeof token === 'bigint') throw new TypeError('A token of this cluster is a Uint8Array')
    return token
  },
  toCql: (token) => token,
  compare: compareBytes,
}

/**
 * The partitioner of a Java class name, with or without its package.
 *
 * @returns undefined for one that is not known, such as those of gateways that only speak CQL: routing then does without tokens
 */
export function partitionerOf(className: string): Partitioner | undefined {
  const name = className.split('.').at(-1)
  return [murmur3Partitioner, randomPartitioner, byteOrderedPartitioner].find((partitioner) => partitioner.name === name) as Partitioner | undefined
}
