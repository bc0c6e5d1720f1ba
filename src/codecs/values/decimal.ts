import { CodecError } from '../../base/index.js'

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/
/** More digits than this are not written out by an exact operation: a scale of 2^31 would take the whole memory. */
const MAX_SHIFT = 100_000

/**
 * A decimal number of any size, exactly: `unscaled` × 10^-`scale`, as CQL `decimal` keeps it.
 *
 * @example
 * ```ts
 * import { Decimal } from 'cqlwire'
 * const price = Decimal.from('19.90').multiply(3)
 * console.log(price.toString()) // 59.70
 * ```
 */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  /** @param scale digits after the point, from -2^31 to 2^31 - 1 */
  constructor(unscaled: bigint, scale: number) {
    if (!Number.isInteger(scale) || scale !== (scale | 0)) throw new CodecError(`A decimal's scale is a 32-bit integer, not ${scale}`)
    this.unscaled = unscaled
    this.scale = scale
  }

  /**
   * A decimal of a number, big integer or text such as `-1.5e3`.
   *
   * @throws CodecError when the text or number is not a finite decimal number
   */
  static from(value: Decimal | string | number | bigint): Decimal {
    if (value instanceof Decimal) return value
    if (typeof value === 'bigint') return new Decimal(value, 0)
    const text = String(value)
    const match = PATTERN.exec(text.trim())
    const digits = match ? (match[2] ?? '') + (match[3] ?? '') : ''
    if (!match || digits === '') throw new CodecError(`Not a decimal number: '${text}'`)
    const scale = (match[3] ?? '').length - Number(match[4] ?? 0)
    const unscaled = BigInt(digits)
    return new Decimal(match[1] === '-' ? -unscaled : unscaled, scale)
  }

  /** Exact; the scale of the result is the greater of the two. */
  add(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = align(this, Decimal.from(other))
    return new Decimal(a + b, scale)
  }

  /** Exact; the scale of the result is the greater of the two. */
  subtract(other: Decimal | string | number | bigint): Decimal {
    return this.add(Decimal.from(other).negate())
  }

  /** Exact; the scale of the result is the sum of the two. */
  multiply(other: Decimal | string | number | bigint): Decimal {
    const right = Decimal.from(other)
    return new Decimal(this.unscaled * right.unscaled, this.scale + right.scale)
  }

  /**
   * The quotient with `scale` digits after the point, halves rounded away from zero.
   *
   * @throws CodecError on division by zero
   */
  divide(other: Decimal | string | number | bigint, scale: number): Decimal {
    const right = Decimal.from(other)
    if (right.unscaled === 0n) throw new CodecError('Division by zero')
    const shift = scale - this.scale + right.scale
    const numerator = shift >= 0 ? this.unscaled * power(shift) : this.unscaled
    const denominator = shift >= 0 ? right.unscaled : right.unscaled * power(-shift)
    return new Decimal(roundedQuotient(numerator, denominator), scale)
  }

  /** The same number with `scale` digits after the point, halves rounded away from zero. */
  rescale(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(this.unscaled * power(scale - this.scale), scale)
    return new Decimal(roundedQuotient(this.unscaled, power(this.scale - scale)), scale)
  }

  /** The same number with the other sign. */
  negate(): Decimal {
    return new Decimal(-this.unscaled, this.scale)
  }

  /** Negative, zero or positive as this is less than, equal to or greater than the other, by value. */
  compare(other: Decimal | string | number | bigint): number {
    const right = Decimal.from(other)
    const sign = signOf(this.unscaled)
    const difference = sign - signOf(right.unscaled)
    if (difference !== 0 || sign === 0) return difference
    // Numbers of different magnitude need no common scale, which could be huge.
    const magnitude = digitsOf(this.unscaled) - this.scale - (digitsOf(right.unscaled) - right.scale)
    if (magnitude !== 0) return magnitude > 0 ? sign : -sign
    const shift = this.scale - right.scale
    const left = shift < 0 ? this.unscaled * 10n ** BigInt(-shift) : this.unscaled
    const rest = shift > 0 ? right.unscaled * 10n ** BigInt(shift) : right.unscaled
    return left < rest ? -1 : left > rest ? 1 : 0
  }

  /** Whether both are the same number: 1.0 equals 1.00. */
  equals(other: Decimal | string | number | bigint): boolean {
    return this.compare(other) === 0
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(`${this.unscaled}e${-this.scale}`)
  }

  /** Exact text, with an exponent when the number is very small or its scale negative (as Java's BigDecimal). */
  toString(): string {
    const negative = this.unscaled < 0n
    const digits = (negative ? -this.unscaled : this.unscaled).toString()
    const sign = negative ? '-' : ''
    if (this.scale === 0) return sign + digits
    const exponent = digits.length - 1 - this.scale
    if (this.scale > 0 && exponent >= -6) {
      const padded = digits.padStart(this.scale + 1, '0')
      return `${sign}${padded.slice(0, -this.scale)}.${padded.slice(-this.scale)}`
    }
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    return `${sign}${digits[0]}${fraction}E${exponent >= 0 ? '+' : ''}${exponent}`
  }

  /** The number as text, since JSON's numbers are read as doubles. */
  toJSON(): string {
    return this.toString()
  }
}

function align(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale)
  return [a.unscaled * power(scale - a.scale), b.unscaled * power(scale - b.scale), scale]
}

function power(exponent: number): bigint {
  if (exponent > MAX_SHIFT) throw new CodecError(`Exact arithmetic over more than ${MAX_SHIFT} digits is refused`)
  return 10n ** BigInt(exponent)
}

function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const rest = numerator % denominator
  const twice = (rest < 0n ? -rest : rest) * 2n
  const size = denominator < 0n ? -denominator : denominator
  if (twice < size) return quotient
  return numerator < 0n === denominator < 0n ? quotient + 1n : quotient - 1n
}

function signOf(value: bigint): number {
  return value === 0n ? 0 : value < 0n ? -1 : 1
}

function digitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString().length
}
