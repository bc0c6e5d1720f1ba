// What a SELECT can compute of columns, on the server.
import type { ColumnsOf } from './row-types.js'
import type { Table } from './table.js'

/** A call in a select list: made by {@link count}, {@link max} and the like. */
export class Computed<Name extends string = string, Kind extends 'count' | 'column' | 'number' | 'bigint' | 'time' | 'seconds' = any> {
  readonly call: string
  /** The property it is computed of; undefined for all rows. */
  readonly property: Name | undefined
  /** Whether it is one value for a group of rows. */
  readonly aggregate: boolean
  declare readonly $kind: Kind
  /** @internal */
  constructor(call: string, property: Name | undefined, aggregate: boolean) {
    this.call = call
    this.property = property
    this.aggregate = aggregate
  }
}

/** What a computation is read as. */
export type ComputedRead<T extends Table, X> = X extends Computed<infer Name, infer Kind>
  ? Kind extends 'count' | 'bigint' | 'time' ? Kind extends 'count' ? bigint : bigint | null
    : Kind extends 'seconds' ? number | null
      : Name extends keyof ColumnsOf<T> ? NonNullable<ColumnsOf<T>[Name]['$read']> | null : never
  : never

/** How many rows there are. */
export const count = (): Computed<never, 'count'> => new Computed<never, 'count'>('COUNT(*)', undefined, true)
/** The least value of a column; null when there is none. */
export const min = <Name extends string>(property: Name): Computed<Name, 'column'> => new Computed('min', property, true)
/** The greatest value of a column; null when there is none. */
export const max = <Name extends string>(property: Name): Computed<Name, 'column'> => new Computed('max', property, true)
/** The sum of a column, in the column's own type: it may overflow. */
export const sum = <Name extends string>(property: Name): Computed<Name, 'column'> => new Computed('sum', property, true)
/** The mean of a column, in the column's own type: that of integers is cut off. */
export const avg = <Name extends string>(property: Name): Computed<Name, 'column'> => new Computed('avg', property, true)
/** Seconds until a column's value is gone; null when it stays. */
export const ttl = <Name extends string>(property: Name): Computed<Name, 'seconds'> => new Computed('ttl', property, false)
/** When a column's value was written, in microseconds since 1970. */
export const writetime = <Name extends string>(property: Name): Computed<Name, 'time'> => new Computed('writetime', property, false)
