import { CodecError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { expectLength, mismatch } from './codec.js'
import type { Codec } from './codec.js'
import type { Encoding } from './encoding.js'
import { scalar } from './types.js'
import type { ScalarKind } from './types.js'
import { Decimal } from './values/decimal.js'
import { readVarint, writeVarint } from './values/varint.js'

const INTEGER = /^[+-]?\d{1,40000}$/
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

function toInteger(kind: ScalarKind, value: unknown, low: number, high: number): number {
  let number: number
  if (typeof value === 'number') number = value
  else if (typeof value === 'bigint' || (typeof value === 'string' && INTEGER.test(value))) number = Number(value)
  else throw mismatch(scalar(kind), value)
  if (!Number.isInteger(number)) throw mismatch(scalar(kind), value, 'not a whole number')
  if (number < low || number > high) throw mismatch(scalar(kind), value, `outside ${low} to ${high}`)
  return number
}

function toBigInt(kind: ScalarKind, value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw mismatch(scalar(kind), value, Number.isInteger(value) ? 'beyond 2^53 a number is not exact, use a bigint' : 'not a whole number')
    }
    return BigInt(value)
  }
  if (typeof value === 'string' && INTEGER.test(value)) return BigInt(value)
  throw mismatch(scalar(kind), value)
}

function toDouble(kind: ScalarKind, value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string') {
    if (NUMBER.test(value)) return Number(value)
    if (/^[+-]?Infinity$|^NaN$/.test(value)) return Number(value)
  }
  throw mismatch(scalar(kind), value)
}

function smallInteger(kind: 'tinyint' | 'smallint' | 'int', size: 1 | 2 | 4): Codec {
  const type = scalar(kind)
  const high = 2 ** (8 * size - 1) - 1
  return {
    type,
    vectorSize: size === 4 ? 4 : 0, // tinyint and smallint have no fixed length in the server's vectors
    allowsEmpty: false,
    inline: { length: size, code: `view.getInt${8 * size}(start)` },
    inlineWrite: { room: size, code: `if (typeof value === 'number' && (value | 0) === value && value >= ${-high - 1} && value <= ${high}) { view.setInt${8 * size}(start, value); end = start + ${size} }` },
    decode(source: ByteReader, start: number, end: number): number {
      expectLength(type, start, end, size)
      return size === 4 ? source.view.getInt32(start) : size === 2 ? source.view.getInt16(start) : source.view.getInt8(start)
    },
    encode(writer: ByteWriter, value: unknown): void {
      const integer = toInteger(kind, value, -high - 1, high)
      if (size === 4) writer.i32(integer)
      else if (size === 2) writer.i16(integer)
      else writer.u8(integer & 0xff)
    },
  }
}

function bigintForm(form: Encoding['bigint']): (value: bigint) => unknown {
  if (form === 'string') return String
  if (form === 'bigint') return (value) => value
  return (value) => {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new CodecError(`${value} is not exact as a number: read it with encoding: { bigint: 'bigint' }`)
    return number
  }
}

function longInteger(kind: 'bigint' | 'counter', encoding: Encoding): Codec {
  const type = scalar(kind)
  const form = bigintForm(encoding.bigint)
  return {
    type,
    vectorSize: kind === 'bigint' ? 8 : 0,
    allowsEmpty: false,
    inline: encoding.bigint === 'bigint' ? { length: 8, code: 'view.getBigInt64(start)' } : undefined,
    inlineWrite: { room: 8, code: 'if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) { view.setBigInt64(start, value); end = start + 8 }' },
    decode(source: ByteReader, start: number, end: number): unknown {
      expectLength(type, start, end, 8)
      return form(source.view.getBigInt64(start))
    },
    encode(writer: ByteWriter, value: unknown): void {
      const integer = toBigInt(kind, value)
      if (integer !== BigInt.asIntN(64, integer)) throw mismatch(type, value, 'outside the range of 64 bits')
      writer.i64(integer)
    },
  }
}

function floating(kind: 'float' | 'double'): Codec {
  const type = scalar(kind)
  const size = kind === 'float' ? 4 : 8
  return {
    type,
    vectorSize: size,
    allowsEmpty: false,
    inline: { length: size, code: `view.getFloat${8 * size}(start)` },
    inlineWrite: kind === 'double' ? { room: 8, code: 'if (typeof value === "number") { view.setFloat64(start, value); end = start + 8 }' } : undefined,
    decode(source: ByteReader, start: number, end: number): number {
      expectLength(type, start, end, size)
      return size === 4 ? source.view.getFloat32(start) : source.view.getFloat64(start)
    },
    encode(writer: ByteWriter, value: unknown): void {
      const number = toDouble(kind, value)
      if (size === 8) return writer.f64(number)
      if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) throw mismatch(type, value, 'outside the range of 32 bits')
      writer.f32(number)
    },
  }
}

function varint(encoding: Encoding): Codec {
  const form = bigintForm(encoding.bigint)
  return {
    type: scalar('varint'),
    vectorSize: 0,
    allowsEmpty: false,
    decode: (source, start, end) => form(readVarint(source.bytes, start, end)),
    encode: (writer, value) => writeVarint(writer, toBigInt('varint', value)),
  }
}

function decimal(): Codec {
  const type = scalar('decimal')
  return {
    type,
    vectorSize: 0,
    allowsEmpty: false,
    decode(source: ByteReader, start: number, end: number): Decimal {
      if (end - start < 5) expectLength(type, start, end, 5)
      return new Decimal(readVarint(source.bytes, start + 4, end), source.view.getInt32(start))
    },
    encode(writer: ByteWriter, value: unknown): void {
      let exact: Decimal
      if (value instanceof Decimal || typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && NUMBER.test(value))) {
        exact = Decimal.from(value)
      } else throw mismatch(type, value)
      writer.i32(exact.scale)
      writeVarint(writer, exact.unscaled)
    },
  }
}

/** Codecs of the numeric types. */
export function numberCodecs(encoding: Encoding): Codec[] {
  return [
    smallInteger('tinyint', 1), smallInteger('smallint', 2), smallInteger('int', 4), longInteger('bigint', encoding), longInteger('counter', encoding),
    floating('float'), floating('double'), varint(encoding), decimal(),
  ]
}
