import { draws } from './fast-check.js'
import type { FastCheck } from './fast-check.js'
import { messageArbitraries } from './message-arbitraries.js'
import type { MessageArbitraries } from './message-arbitraries.js'
import { schemaArbitraries } from './schema-arbitraries.js'
import type { SchemaArbitraries } from './schema-arbitraries.js'
import { typeArbitraries } from './type-arbitraries.js'
import type { TypeArbitraries } from './type-arbitraries.js'
import { valueArbitraries } from './value-arbitraries.js'
import type { ValueArbitraries } from './value-arbitraries.js'
import { wireArbitraries } from './wire-arbitraries.js'
import type { WireArbitraries } from './wire-arbitraries.js'

/** Everything of the protocol that property tests draw from. */
export interface Arbitraries extends TypeArbitraries, ValueArbitraries, MessageArbitraries, WireArbitraries, SchemaArbitraries {}

/**
 * Arbitraries of types, values, messages, schemas, and the ways in which bytes travel, for property tests of anything that speaks CQL.
 *
 * @param fc the module `fast-check`, of which the caller chooses the version (4 or later)
 * @returns functions that give arbitraries: `type(depth)`, `value(type)`, `message(version)`, `extras(version, from)`, `chunks(bytes)`, `segments(envelopes)`, `keyspace(name)`
 * @example
 * ```ts
 * import fc from 'fast-check'
 * import { arbitraries } from 'cqlwire/testing'
 * import { ByteWriter, decodeMessage, encodeMessage, FrameDecoder } from 'cqlwire/protocol'
 * const any = arbitraries(fc)
 * fc.assert(fc.property(any.message(5), (message) => {
 *   const writer = new ByteWriter()
 *   encodeMessage(writer, message, 5, 1)
 *   // ... and whatever it is that reads it
 * }))
 * ```
 */
export function arbitraries(fc: FastCheck): Arbitraries {
  const shared = draws(fc)
  const types = typeArbitraries(fc, shared)
  return { ...types, ...valueArbitraries(fc, shared), ...messageArbitraries(fc, shared, types), ...wireArbitraries(fc), ...schemaArbitraries(fc, shared, types) }
}
