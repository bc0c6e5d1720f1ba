import { scalar, scalarKinds } from '../../codecs/index.js'
import type { CqlType } from '../../codecs/index.js'
import type { Arbitrary, Draws, FastCheck } from './fast-check.js'

/** Arbitraries of CQL types. */
export interface TypeArbitraries {
  /** Any scalar type but counters, which stand alone. */
  readonly scalarType: Arbitrary<CqlType>
  /** Any type nested down to a depth; 0 is scalars only. */
  type(depth: number): Arbitrary<CqlType>
}

/** Makes {@link TypeArbitraries}. */
export function typeArbitraries(fc: FastCheck, { name }: Draws): TypeArbitraries {
  const scalarType: Arbitrary<CqlType> = fc.constantFrom(...scalarKinds.filter((kind) => kind !== 'counter').map(scalar))
  const type = (depth: number): Arbitrary<CqlType> => {
    if (depth === 0) return scalarType
    const inner = type(depth - 1)
    const field = fc.tuple(name, inner).map(([field, fieldType]) => ({ name: field, type: fieldType }))
    return fc.oneof(
      scalarType,
      inner.map((element): CqlType => ({ kind: 'list', element })),
      inner.map((element): CqlType => ({ kind: 'set', element })),
      fc.tuple(inner, inner).map(([key, value]): CqlType => ({ kind: 'map', key, value })),
      fc.array(inner, { minLength: 1, maxLength: 3 }).map((elements): CqlType => ({ kind: 'tuple', elements })),
      fc.tuple(inner, fc.integer({ min: 1, max: 4 })).map(([element, dimension]): CqlType => ({ kind: 'vector', element, dimension })),
      fc.tuple(name, name, fc.uniqueArray(field, { minLength: 1, maxLength: 3, selector: (each) => each.name }))
        .map(([keyspace, udt, fields]): CqlType => ({ kind: 'udt', keyspace, name: udt, fields })),
    )
  }
  return { scalarType, type }
}
