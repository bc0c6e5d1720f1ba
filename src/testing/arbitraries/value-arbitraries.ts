import { Decimal, Duration, LocalDate, LocalTime, uuidToString } from '../../codecs/index.js'
import type { CqlType, ScalarKind } from '../../codecs/index.js'
import type { Arbitrary, Draws, FastCheck } from './fast-check.js'

/** What {@link ValueArbitraries.value} may be told. */
export interface ValueArbitraryOptions {
  /** What timestamps are drawn from, where not all that `Date` can hold will do. @default any valid Date */
  readonly timestamps?: Arbitrary<unknown> | undefined
}

/** Arbitraries of values. */
export interface ValueArbitraries {
  /** A value of a type, as the type's default codec reads it: written and read it is the same. */
  value(type: CqlType, options?: ValueArbitraryOptions): Arbitrary<unknown>
}

const MOST_NANOSECONDS_OF_DAY = 86_399_999_999_999n

/** Makes {@link ValueArbitraries}. */
export function valueArbitraries(fc: FastCheck, { bytes, text, int32, int64 }: Draws): ValueArbitraries {
  const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const uuid = sixteen.map((id) => uuidToString(id, 0))
  // Groups of four digits that do not begin with 0 are written as they are read.
  const ipV6 = sixteen.map((address) => Array.from({ length: 8 }, (_, i) => ((address[2 * i]! << 8) | address[2 * i + 1]! | 0x1000).toString(16)).join(':'))
  const scalars: Readonly<Record<ScalarKind, Arbitrary<unknown>>> = {
    ascii: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
    bigint: int64,
    blob: bytes(60),
    boolean: fc.boolean(),
    counter: int64,
    date: int32.map((days) => new LocalDate(days)),
    decimal: fc.tuple(fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n }), fc.integer({ min: -100, max: 100 })).map(([unscaled, scale]) => new Decimal(unscaled, scale)),
    double: fc.double(),
    duration: fc.tuple(fc.nat(), fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.boolean())
      .map(([months, days, ns, negative]) => (negative ? new Duration(-months | 0, -days | 0, -ns) : new Duration(months, days, ns))),
    float: fc.float(),
    inet: fc.oneof(fc.ipV4(), ipV6),
    int: int32,
    smallint: fc.integer({ min: -32_768, max: 32_767 }),
    text,
    time: fc.bigInt({ min: 0n, max: MOST_NANOSECONDS_OF_DAY }).map((ns) => new LocalTime(ns)),
    timestamp: fc.date({ noInvalidDate: true }),
    timeuuid: uuid.map((id) => `${id.slice(0, 14)}1${id.slice(15)}`),
    tinyint: fc.integer({ min: -128, max: 127 }),
    uuid,
    varint: fc.bigInt({ min: -(2n ** 150n), max: 2n ** 150n }),
  }
  const value = (type: CqlType, options: ValueArbitraryOptions = {}): Arbitrary<unknown> => {
    const within = (inner: CqlType): Arbitrary<unknown> => value(inner, options)
    const nullable = (inner: CqlType): Arbitrary<unknown> => fc.option(within(inner), { freq: 6 })
    switch (type.kind) {
      case 'list':
        return fc.array(within(type.element), { maxLength: 4 })
      case 'set':
        return fc.array(within(type.element), { maxLength: 4 }).map((items) => new Set(items))
      case 'map':
        return fc.array(fc.tuple(within(type.key), within(type.value)), { maxLength: 3 }).map((entries) => new Map(entries))
      case 'tuple':
        return fc.tuple(...type.elements.map(nullable))
      case 'udt':
        return fc.tuple(...type.fields.map((field) => nullable(field.type))).map((values) => Object.fromEntries(type.fields.map((field, i) => [field.name, values[i]])))
      case 'vector': {
        const { dimension } = type
        const items = fc.array(within(type.element), { minLength: dimension, maxLength: dimension })
        return type.element.kind === 'float' ? items.map((list) => new Float32Array(list as number[])) : items
      }
      case 'custom':
        return scalars.blob
      case 'timestamp':
        return options.timestamps ?? scalars.timestamp
      default:
        return scalars[type.kind]
    }
  }
  return { value }
}
