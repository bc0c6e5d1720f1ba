import { CodecError } from '../base/index.js'
import { unset } from '../codecs/index.js'
import type { Values } from '../client/index.js'
import type { BulkWriteOptions } from './bulk-options.js'

/**
 * Makes what turns records into values in the order of a statement's parameters.
 *
 * @param names of the parameters, in order
 * @param keys those of them that are part of the primary key, and so have a value always
 * @returns a function that throws CodecError, naming what is missing or too much
 */
export function recordValues(names: readonly string[], keys: ReadonlySet<string>, { nulls = 'unset', missing = 'error', extra = 'error' }: Pick<BulkWriteOptions, 'nulls' | 'missing' | 'extra'>): (record: unknown) => unknown[] {
  const forNull = nulls === 'unset' ? unset : null
  const known = new Set(names)
  const nullOf = (name: string): unknown => {
    if (keys.has(name)) throw new CodecError(`'${name}' is null, and is part of the primary key`)
    return forNull
  }
  const fromList = (list: readonly unknown[]): unknown[] => {
    if (list.length !== names.length) throw new CodecError(`The statement has ${names.length} parameters (${names.join(', ')}), but the record has ${list.length} values`)
    return list.map((value, i) => (value === null ? nullOf(names[i]!) : value))
  }
  const fromObject = (object: Readonly<Record<string, unknown>>): unknown[] => {
    if (extra === 'error') for (const name of Object.keys(object)) if (!known.has(name)) throw new CodecError(`The record has '${name}', which is no parameter: the statement has ${names.join(', ')}`)
    return names.map((name) => {
      if (!Object.hasOwn(object, name)) {
        if (missing === 'unset') return unset
        throw new CodecError(`The record lacks '${name}'`)
      }
      const value = object[name]
      return value === null ? nullOf(name) : value
    })
  }
  return (record) => {
    if (Array.isArray(record)) return fromList(record as Values & unknown[])
    if (typeof record === 'object' && record !== null) return fromObject(record as Readonly<Record<string, unknown>>)
    throw new CodecError('A record is a list of values, or an object of them by name')
  }
}
