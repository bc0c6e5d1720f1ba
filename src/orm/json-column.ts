import { CodecError } from '../base/index.js'
import type { StandardSchema } from './checks.js'
import { text } from './column-types.js'
import type { NewColumn } from './column-types.js'
import type { Equality } from './filter-types.js'

/**
 * A value as JSON text, checked when it is written. What is read and is no JSON is an error, never passed on as text.
 *
 * @param schema any Standard Schema validator of the value
 */
export function json<T>(schema?: StandardSchema<T>): NewColumn<T, T, Equality<T>> {
  const column = text().mapped<T>({
    encode(value) {
      const written = JSON.stringify(value) as string | undefined
      if (written === undefined) throw new CodecError(`${typeof value} has no JSON`)
      return written
    },
    decode: (written) => JSON.parse(written) as T,
  })
  return (schema ? column.check(schema as StandardSchema<NonNullable<T>> as never) : column) as NewColumn<T, T, Equality<T>>
}
