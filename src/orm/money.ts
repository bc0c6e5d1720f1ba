import { CodecError } from '../base/index.js'
import { Decimal } from '../codecs/index.js'
import { tuple, decimal, text } from './column-types.js'
import type { NewColumn } from './column-types.js'
import type { Equality } from './filter-types.js'

/** An exact amount in a currency. Immutable. */
export class Money {
  readonly amount: Decimal
  /** Three letters, as ISO 4217 has them. */
  readonly currency: string

  /** @throws CodecError when the currency is no code, or the amount no number */
  constructor(amount: Decimal | string | number | bigint, currency: string) {
    if (!/^[A-Z]{3}$/.test(currency)) throw new CodecError(`A currency is a code of three letters such as EUR, not '${currency}'`)
    this.amount = Decimal.from(amount)
    this.currency = currency
  }

  /** The sum. @throws CodecError when the currencies differ */
  add(other: Money): Money {
    return new Money(this.amount.add(this.#same(other)), this.currency)
  }

  /** The difference. @throws CodecError when the currencies differ */
  subtract(other: Money): Money {
    return new Money(this.amount.subtract(this.#same(other)), this.currency)
  }

  /** The amount so many times, exactly. */
  multiply(factor: Decimal | string | number | bigint): Money {
    return new Money(this.amount.multiply(factor), this.currency)
  }

  /**
   * Shares by proportion: the shares add up to the whole, since what cannot be divided goes to the first ones, a unit of the last digit each.
   *
   * @param parts whole numbers that are not negative: `[1, 1, 1]` for thirds
   * @param digits after the point, of the shares
   */
  allocate(parts: readonly number[], digits: number = Math.max(this.amount.scale, 2)): Money[] {
    if (parts.length === 0 || parts.some((part) => !Number.isSafeInteger(part) || part < 0) || parts.every((part) => part === 0)) throw new CodecError(`Shares are whole numbers that are not negative, not all of them 0: [${parts.join(', ')}]`)
    const whole = this.amount.rescale(digits)
    if (!whole.equals(this.amount)) throw new CodecError(`${this} has more than ${digits} digits after the point`)
    const total = parts.reduce((sum, part) => sum + BigInt(part), 0n)
    const shares = parts.map((part) => (whole.unscaled * BigInt(part)) / total)
    let left = whole.unscaled - shares.reduce((sum, share) => sum + share, 0n)
    const unit = left < 0n ? -1n : 1n
    return shares.map((share, i) => {
      const more = left !== 0n && parts[i]! > 0 ? unit : 0n
      left -= more
      return new Money(new Decimal(share + more, digits), this.currency)
    })
  }

  /** Below 0 when this is less, above 0 when it is more. @throws CodecError when the currencies differ */
  compare(other: Money): number {
    return this.amount.compare(this.#same(other))
  }

  /** Whether it is the same amount of the same currency. */
  equals(other: Money): boolean {
    return this.currency === other.currency && this.amount.equals(other.amount)
  }

  #same({ amount, currency }: Money): Decimal {
    if (currency !== this.currency) throw new CodecError(`${this.currency} and ${currency} are different currencies`)
    return amount
  }

  /** Such as `12.30 EUR`. */
  toString(): string {
    return `${this.amount} ${this.currency}`
  }

  /** The amount as text, since JSON's numbers are read as doubles. */
  toJSON(): { amount: string; currency: string } {
    return { amount: this.amount.toString(), currency: this.currency }
  }
}

function moneyOf(value: unknown): Money {
  if (!(value instanceof Money)) throw new CodecError(`Expected Money, got ${value === null ? 'null' : typeof value}`)
  return value
}

/**
 * Money: exact, with its currency.
 *
 * @param currency of all values, which are a `decimal` then; without one, each value has its own, in a frozen tuple
 */
export function money(currency?: string): NewColumn<Money, Money, Equality<Money>> {
  if (currency === undefined) {
    return tuple(decimal(), text()).mapped<Money>({
      encode: (value) => [moneyOf(value).amount, value.currency],
      decode: ([amount, code]) => new Money(amount!, code!),
    })
  }
  const zero = new Money(0, currency)
  return decimal().mapped<Money>({
    encode: (value) => zero.add(moneyOf(value)).amount.rescale(value.amount.scale),
    decode: (amount) => new Money(amount, currency),
  })
}
