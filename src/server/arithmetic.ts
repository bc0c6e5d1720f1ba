// Arithmetic of numbers as Cassandra does it (`OperationFcts.java`, `NumberType.java`, `DecimalType.java`).
import { Decimal, scalar, typeToCql } from '../codecs/index.js'
import type { CqlType, ScalarKind } from '../codecs/index.js'
import { errorCodes } from '../protocol/index.js'
import { Refusal } from './errors.js'
import { javaNumber } from './json-values.js'
import { decodeValue, encodeValue, isInteger, wrapInteger } from './values.js'

const sizes: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, int: 4, float: 4, bigint: 8, counter: 8, double: 8 }
const integerOf: Readonly<Record<number, ScalarKind>> = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }
const floatOf: Readonly<Record<number, ScalarKind>> = { 1: 'float', 2: 'float', 4: 'float', 8: 'double' }

/** The type of what two numbers make: as large as the larger of both, with a point where one has it. */
export function commonNumber(a: CqlType, b: CqlType): CqlType {
  const size = Math.max(sizes[a.kind] ?? Infinity, sizes[b.kind] ?? Infinity)
  return isInteger(a) && isInteger(b) ? scalar(integerOf[size] ?? 'varint') : scalar(floatOf[size] ?? 'decimal')
}

/**
 * `+ - * / %` of two numbers, with a result of {@link commonNumber}.
 *
 * @throws Refusal when a whole number is divided by zero, or what is no number becomes a decimal
 */
export function compute(operator: string, left: Uint8Array, leftType: CqlType, right: Uint8Array, rightType: CqlType): Uint8Array {
  const type = commonNumber(leftType, rightType)
  const [a, b] = [decodeValue(leftType, left), decodeValue(rightType, right)]
  if (isInteger(type)) return encodeValue(type, wrapInteger(type, computeIntegers(operator, BigInt(a as number), BigInt(b as number), type)))
  if (type.kind === 'decimal') return encodeValue(type, computeDecimals(operator, decimalOf(a, leftType, operator), decimalOf(b, rightType, operator), type))
  const round = type.kind === 'float' ? Math.fround : Number
  return encodeValue(type, round(computeDoubles(operator, round(Number(a)), round(Number(b)))))
}

function computeIntegers(operator: string, a: bigint, b: bigint, type: CqlType): bigint {
  if (b === 0n && (operator === '/' || operator === '%')) throw failure(operator, type, '/ by zero')
  return operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b
}

function computeDoubles(operator: string, a: number, b: number): number {
  return operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b
}

/** A number as an operand of decimals: all but decimals and varints go by the text of a double, which always has a fraction. */
function decimalOf(value: unknown, type: CqlType, operator: string): Decimal {
  if (value instanceof Decimal) return value
  if (type.kind === 'varint') return new Decimal(value as bigint, 0)
  const number = Number(value)
  if (!Number.isFinite(number)) throw failure(operator, scalar('decimal'), `A ${javaNumber(number, false)} cannot be converted into a decimal`)
  return Decimal.from(javaNumber(number, false))
}

/** Digits that count, and digits after the point, which a quotient has at least; and the most after the point. */
const [LEAST_DIGITS, MOST_SCALE] = [32, 1000]

function computeDecimals(operator: string, a: Decimal, b: Decimal, type: CqlType): Decimal {
  switch (operator) {
    case '+':
      return a.add(b)
    case '-':
      return a.subtract(b)
    case '*':
      return a.multiply(b)
  }
  if (b.unscaled === 0n) throw failure(operator, type, '/ by zero')
  if (operator === '%') return remainder(a, b)
  const firstDigit = digitsBefore(a) - digitsBefore(b)
  const quotient = a.divide(b, Math.min(Math.max(LEAST_DIGITS - firstDigit, a.scale, b.scale, LEAST_DIGITS), MOST_SCALE))
  return quotient.unscaled === 0n ? Decimal.from(0) : withoutZeros(quotient, -Infinity)
}

/** Digits before the point; fewer than none where zeros follow it. */
function digitsBefore({ unscaled, scale }: Decimal): number {
  return String(unscaled < 0n ? -unscaled : unscaled).length - scale
}

/** Without zeros at the end, as far as a scale. */
function withoutZeros(value: Decimal, least: number): Decimal {
  let { unscaled, scale } = value
  while (scale > least && unscaled !== 0n && unscaled % 10n === 0n) [unscaled, scale] = [unscaled / 10n, scale - 1]
  return new Decimal(unscaled, scale)
}

/** As `BigDecimal.remainder`, whose scale follows from that of the whole quotient. */
function remainder(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  const whole = a.rescale(scale).unscaled / b.rescale(scale).unscaled
  const preferred = a.scale - b.scale
  if (whole === 0n) return a.subtract(new Decimal(0n, preferred).multiply(b))
  const quotient = preferred >= 0 ? new Decimal(whole, 0).rescale(preferred) : withoutZeros(new Decimal(whole, 0), preferred)
  return a.subtract(quotient.multiply(b))
}

/** Cassandra's names of the operations, as it spells them. */
const words: Readonly<Record<string, string>> = { '+': '_add', '-': '_substract', '*': '_multiply', '/': '_divide', '%': '_modulo' }

function failure(operator: string, type: CqlType, why: string): Refusal {
  const name = typeToCql(type)
  return new Refusal(errorCodes.FUNCTION_FAILURE, `the operation '${name} ${operator} ${name}' failed: ${why}`, { keyspace: 'system', function: words[operator]!, argumentTypes: [name, name] })
}

/** `-` of a number. */
export function negate(bytes: Uint8Array, type: CqlType): Uint8Array {
  const value = decodeValue(type, bytes)
  return encodeValue(type, value instanceof Decimal ? value.negate() : typeof value === 'bigint' ? wrapInteger(type, -value) : isInteger(type) ? wrapInteger(type, BigInt(-Number(value))) : -Number(value))
}
