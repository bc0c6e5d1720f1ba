import { ByteReader, ByteWriter } from '../base/index.js'
import { Codecs } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'

/** The codecs that the server reads and writes values with. */
export const codecs: Codecs = new Codecs({ timestamp: 'bigint' })

/** A JavaScript value as bytes of a type. */
export function encodeValue(type: CqlType, value: unknown): Uint8Array {
  const writer = new ByteWriter(32)
  codecs.of(type).encode(writer, value)
  return writer.toBytes()
}

/** Bytes of a type as a JavaScript value. */
export function decodeValue(type: CqlType, bytes: Uint8Array): unknown {
  const codec = codecs.of(type)
  return bytes.length === 0 && !codec.allowsEmpty ? null : codec.decode(new ByteReader(bytes), 0, bytes.length)
}

const integers: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint', 'counter', 'varint'])
const numbers: ReadonlySet<string> = new Set([...integers, 'float', 'double', 'decimal'])

/** Whether the type is a number's. */
export function isNumber(type: CqlType): boolean {
  return numbers.has(type.kind)
}

const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, int: 32, bigint: 64, counter: 64 }

/** A whole number as a type holds it: those of fixed width wrap around, as in Java. */
export function wrapInteger(type: CqlType, value: bigint): bigint {
  const width = bits[type.kind]
  return width === undefined ? value : BigInt.asIntN(width, value)
}

/** Whether the type is a whole number's. */
export function isInteger(type: CqlType): boolean {
  return integers.has(type.kind)
}
