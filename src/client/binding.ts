import { ByteWriter, CodecError, OptionError } from '../base/index.js'
import { routingKeyOf } from '../cluster/index.js'
import { canonicalBytes, encodeCell, parseType, typeToCql, unset } from '../codecs/index.js'
import type { Codec, Codecs } from '../codecs/index.js'
import { writeString } from '../protocol/index.js'
import type { ProtocolVersion, ValueSource } from '../protocol/index.js'

/** Values of a statement: in order, or by the names of its parameters. */
export type Values = readonly unknown[] | Readonly<Record<string, unknown>>

/** A parameter of a statement. */
export interface Parameter {
  readonly name: string
  readonly codec: Codec
}

/** Whether there is anything to bind: an empty list counts as nothing. */
export function hasValues(values: Values | undefined): values is Values {
  return values !== undefined && values !== null && (Array.isArray(values) ? values.length > 0 : Object.keys(values).length > 0)
}

/** Partition keys are encoded here to be hashed. */
const scratch = new ByteWriter(256)

/** Writes values straight into a request; an error names the parameter, its type and what was given. */
export class BoundValues implements ValueSource {
  readonly count: number
  readonly named: boolean
  readonly #parameters: readonly Parameter[]
  readonly #values: readonly unknown[]

  constructor(parameters: readonly Parameter[], values: readonly unknown[], named: boolean) {
    this.count = values.length
    this.named = named
    this.#parameters = parameters
    this.#values = values
  }

  write(writer: ByteWriter, version: ProtocolVersion): void {
    const parameters = this.#parameters
    for (let i = 0; i < parameters.length; i++) {
      const { name, codec } = parameters[i]!
      const value = this.#values[i]
      if (this.named) writeString(writer, name)
      try {
        if (value === unset && version < 4) throw new CodecError('unset values need protocol version 4; version 3 is spoken')
        encodeCell(codec, writer, value)
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
        throw new CodecError(`Parameter ${i + 1} '${name}'${error.path} of type ${typeToCql(codec.type)}: ${error.message}`, error.path, error)
      }
    }
  }

  /**
   * The bytes that the partition key is hashed as.
   *
   * @param places of its parts among the values
   * @returns undefined when a part is missing or does not fit its type, which {@link write} says; valid until the next call
   */
  routingKey(places: readonly number[]): Uint8Array | undefined {
    const parts: Uint8Array[] = []
    scratch.pos = 0
    for (const place of places) {
      const start = scratch.pos
      try {
        encodeCell(this.#parameters[place]!.codec, scratch, this.#values[place])
      } catch {
        return undefined
      }
      if (scratch.view.getInt32(start) < 0) return undefined
      // Growing moves the bytes to a new buffer, where the copy of a part stays right in the old one.
      parts.push(canonicalBytes(this.#parameters[place]!.codec.type, scratch.bytes.subarray(start + 4, scratch.pos)))
    }
    return routingKeyOf(parts)
  }
}

/**
 * Binds values to the parameters of a prepared statement.
 *
 * @throws CodecError when there are too few or too many, or when names do not match
 */
export function bindPrepared(parameters: readonly Parameter[], values: Values | undefined): BoundValues | undefined {
  if (values === undefined || values === null) {
    if (parameters.length === 0) return undefined
    throw new CodecError(`The statement has ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), but no values were given`)
  }
  if (Array.isArray(values)) {
    const list = values as readonly unknown[]
    if (list.length !== parameters.length) {
      throw new CodecError(`The statement has ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), but ${list.length} values were given`)
    }
    return list.length === 0 ? undefined : new BoundValues(parameters, list, false)
  }
  checkNamed(values)
  const named = values as Readonly<Record<string, unknown>>
  const names = new Set(parameters.map(({ name }) => name))
  for (const name of Object.keys(named)) {
    if (!names.has(name)) throw new CodecError(`Unknown parameter '${name}': the statement has ${[...names].join(', ') || 'none'}`)
  }
  for (const name of names) {
    if (!Object.hasOwn(named, name)) throw new CodecError(`Missing parameter '${name}'`)
  }
  return parameters.length === 0 ? undefined : new BoundValues(parameters, parameters.map(({ name }) => named[name]), false)
}

function checkNamed(values: unknown): void {
  const prototype: unknown = typeof values === 'object' && values !== null ? Object.getPrototypeOf(values) : undefined
  if (prototype !== Object.prototype && prototype !== null) throw new CodecError('Values must be an array, or a plain object of parameter names')
}

/**
 * Binds values to a statement that is not prepared; the server does not say which types it expects, so the caller does.
 *
 * @throws OptionError without fitting `types`
 */
export function bindTyped(codecs: Codecs, values: Values, types: readonly string[] | Readonly<Record<string, string>> | undefined): ValueSource {
  if (types === undefined) throw new OptionError('types', "Values of a statement with prepare: false need the option 'types', for example ['int', 'text']")
  if (Array.isArray(values)) {
    const list = values as readonly unknown[]
    if (!Array.isArray(types) || types.length !== list.length) throw new OptionError('types', `Option 'types' must be a list of ${list.length} CQL types, one per value`)
    return new BoundValues((types as readonly string[]).map((type, i) => ({ name: `#${i + 1}`, codec: codecs.of(parseType(type)) })), list, false)
  }
  checkNamed(values)
  const named = values as Readonly<Record<string, unknown>>
  const names = Object.keys(named)
  const byName = types as Readonly<Record<string, string>>
  const missing = names.find((name) => Array.isArray(types) || !Object.hasOwn(byName, name))
  if (missing !== undefined) throw new OptionError('types', `Option 'types' has no type for the parameter '${missing}'`)
  return new BoundValues(names.map((name) => ({ name, codec: codecs.of(parseType(byName[name]!)) })), names.map((name) => named[name]), true)
}
