import { OptionError } from '../base/index.js'

/** Which JavaScript values some CQL types are read as. What may be written does not depend on it. */
export interface EncodingOptions {
  /** `bigint` and `counter` and `varint`: 'number' throws on an unsafe integer. @default 'bigint' */
  readonly bigint?: 'bigint' | 'number' | 'string'
  /** `timestamp`: 'bigint' is milliseconds, for instants beyond the range of `Date`. @default 'date' */
  readonly timestamp?: 'date' | 'bigint'
  /** @default 'set' */
  readonly set?: 'set' | 'array'
  /** `map`: 'object' has the text of each key as its property. @default 'map' */
  readonly map?: 'map' | 'object'
}

/** All choices made. */
export type Encoding = Required<EncodingOptions>

const choices: { readonly [Key in keyof Encoding]: readonly Encoding[Key][] } = {
  bigint: ['bigint', 'number', 'string'],
  timestamp: ['date', 'bigint'],
  set: ['set', 'array'],
  map: ['map', 'object'],
}

/**
 * Fills in defaults.
 *
 * @param options choices, or 'json' for forms that `JSON.stringify` takes: big integers as strings, sets as arrays, maps as objects
 * @throws OptionError when an option or its value is unknown
 */
export function resolveEncoding(options: EncodingOptions | 'json' = {}): Encoding {
  if (options === 'json') return { bigint: 'string', timestamp: 'date', set: 'array', map: 'object' }
  const encoding: Encoding = { bigint: 'bigint', timestamp: 'date', set: 'set', map: 'map' }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(choices, name)) throw new OptionError(`encoding.${name}`, `Unknown option 'encoding.${name}'`)
    const allowed = choices[name as keyof Encoding] as readonly unknown[]
    if (value === undefined) continue
    if (!allowed.includes(value)) throw new OptionError(`encoding.${name}`, `Option 'encoding.${name}' must be one of ${allowed.join(', ')}`)
    Object.assign(encoding, { [name]: value })
  }
  return encoding
}
