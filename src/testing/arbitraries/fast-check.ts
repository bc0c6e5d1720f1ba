import type fastCheck from 'fast-check'

/** The module `fast-check`, which the caller brings. */
export type FastCheck = typeof fastCheck

/** What fast-check draws values from. */
export type Arbitrary<T> = fastCheck.Arbitrary<T>

/** An arbitrary of each member. */
export type Model<T> = { readonly [Key in keyof T]-?: Arbitrary<T[Key]> }

/** The draws that the other files share. */
export interface Draws {
  /** Any bytes. */
  bytes(maxLength?: number): Arbitrary<Uint8Array>
  readonly text: Arbitrary<string>
  /** A name of small and capital letters. */
  readonly name: Arbitrary<string>
  readonly int32: Arbitrary<number>
  readonly int64: Arbitrary<bigint>
  optional<T>(arbitrary: Arbitrary<T>): Arbitrary<T | undefined>
  /** A plain object, as decoding makes them. */
  record<T extends object>(model: Model<T>): Arbitrary<T>
}

/** Makes {@link Draws}. */
export function draws(fc: FastCheck): Draws {
  return {
    bytes: (maxLength = 40) => fc.uint8Array({ maxLength }).map((array) => Uint8Array.from(array)),
    text: fc.string({ unit: 'grapheme', maxLength: 40 }),
    name: fc.string({ unit: fc.constantFrom(...'abcdefgh_XY'), minLength: 1, maxLength: 6 }),
    int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    optional: (arbitrary) => fc.option(arbitrary, { nil: undefined }),
    record: <T extends object>(model: Model<T>) => fc.record(model as never, { noNullPrototype: true }) as unknown as Arbitrary<T>,
  }
}

/** A copy without members that are undefined, as decoding gives it. */
export function dense<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
}
