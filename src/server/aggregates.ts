import { comparatorOf, Decimal, scalar, typeToCql } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { invalid } from './errors.js'
import { decodeValue, encodeValue, isNumber, wrapInteger } from './values.js'

/** An aggregate function under way. */
export interface Aggregate {
  readonly result: CqlType
  add(value: Uint8Array | null): void
  finish(): Uint8Array | null
}

/**
 * Begins an aggregate.
 *
 * @param type of the argument; undefined for `count(*)`
 * @returns undefined when the name is not that of an aggregate
 */
export function startAggregate(name: string, type: CqlType | undefined): Aggregate | undefined {
  switch (name) {
    case 'count': {
      let count = 0n
      return { result: scalar('bigint'), add: (value) => { if (type === undefined || value !== null) count++ }, finish: () => encodeValue(scalar('bigint'), count) }
    }
    case 'min':
    case 'max':
      return type && extreme(type, name === 'min' ? -1 : 1)
    case 'sum':
    case 'avg':
      return type && sumOf(name, type)
    default:
      return undefined
  }
}

function extreme(type: CqlType, sign: number): Aggregate {
  let best: Uint8Array | null = null
  return {
    result: type,
    add: (value) => { if (value !== null && (best === null || comparatorOf(type)(value, best) * sign > 0)) best = value },
    finish: () => best,
  }
}

function sumOf(name: 'sum' | 'avg', type: CqlType): Aggregate {
  if (!isNumber(type)) throw invalid(`Invalid call to function ${name}, none of its type signatures match the argument of type ${typeToCql(type)}`)
  const exact = type.kind !== 'float' && type.kind !== 'double'
  let total = Decimal.from(0)
  let float = 0
  let count = 0n
  return {
    result: type,
    add(value) {
      if (value === null) return
      const number = decodeValue(type, value)
      if (number === null) return
      count++
      if (exact) total = total.add(number as Decimal)
      else float += number as number
    },
    finish() {
      const result = this.result
      if (!exact) return encodeValue(result, name === 'sum' || count === 0n ? float : float / Number(count))
      if (name === 'avg' && count > 0n) {
        const quotient = type.kind === 'decimal' ? total.divide(count, Math.max(total.scale, 0)) : Decimal.from(total.rescale(0).unscaled / count)
        return encodeExact(result, quotient)
      }
      return encodeExact(result, total)
    },
  }
}

/** Sums of fixed-width integers wrap around, as in Java. */
function encodeExact(type: CqlType, value: Decimal): Uint8Array {
  return encodeValue(type, type.kind === 'decimal' ? value : wrapInteger(type, value.rescale(0).unscaled))
}
