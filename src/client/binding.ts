import { ByteWriter, CodecError, OptionError } from '../base/index.js'
import { routingKeyOf } from '../cluster/index.js'
import { canonicalBytes, encodeCell, holdsOrdered, parseType, typeToCql, unset, ValueWriter } from '../codecs/index.js'
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

/** The parameters of a statement, and what writes their values. */
export class ParameterList {
  readonly all: readonly Parameter[]
  readonly writer: ValueWriter

  constructor(all: readonly Parameter[]) {
    this.all = all
    this.writer = new ValueWriter(all.map(({ codec }) => codec))
  }
}

/** Whether there is anything to bind: an empty list counts as nothing. */
export function hasValues(values: Values | undefined): values is Values {
  return values !== undefined && values !== null && (Array.isArray(values) ? values.length > 0 : Object.keys(values).length > 0)
}

/** Partition keys are encoded here to be hashed. What is here last is copied into the request, which follows at once as a rule. */
const scratch = new ByteWriter(256)
let scratchOwner: BoundValues | undefined
let scratchPlace = -1
/** Longer keys are encoded again: they would be cut off from a buffer that has grown. */
const MAX_KEPT = 64

function keepScratch(owner: BoundValues, place: number): void {
  scratchOwner = owner
  scratchPlace = place
}

/** Writes values straight into a request; an error names the parameter, its type and what was given. */
export class BoundValues implements ValueSource {
  readonly named: boolean
  readonly #parameters: ParameterList
  readonly #values: readonly unknown[]

  constructor(parameters: ParameterList, values: readonly unknown[], named: boolean) {
    this.named = named
    this.#parameters = parameters
    this.#values = values
  }

  get count(): number {
    return this.#values.length
  }

  write(writer: ByteWriter, version: ProtocolVersion): void {
    if (this.named || version < 4) return this.#writeEach(writer, version)
    const start = writer.pos
    const { all, writer: values } = this.#parameters
    const keyFirst = scratchOwner === this && scratchPlace === 0
    if (keyFirst) {
      writer.rawWithin(scratch.bytes, 0, scratch.pos)
      scratchOwner = undefined
      if (all.length === 1) return
    }
    try {
      values.write(writer, this.#values, keyFirst ? 1 : 0)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      writer.pos = start
      this.#writeEach(writer, version) // which says which of them it is
    }
  }

  /** Value by value: with names, on version 3, and to find out which one does not fit. */
  #writeEach(writer: ByteWriter, version: ProtocolVersion): void {
    this.#parameters.all.forEach(({ name, codec }, i) => {
      const value = this.#values[i]
      if (this.named) writeString(writer, name)
      try {
        if (value === unset && version < 4) throw new CodecError('unset values need protocol version 4; version 3 is spoken')
        encodeCell(codec, writer, value)
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
        throw new CodecError(`Parameter ${i + 1} '${name}'${error.path} of type ${typeToCql(codec.type)}: ${error.message}`, error.path, error)
      }
    })
  }

  /**
   * Where the bytes are that the partition key is hashed as.
   *
   * @param places of its parts among the values
   * @returns undefined when a part is missing or does not fit its type, which {@link write} says; valid until the next call
   */
  routingKey(places: readonly number[]): Readonly<ByteRegion> | undefined {
    scratchOwner = undefined
    scratch.pos = 0
    if (places.length === 1) {
      const place = places[0]!
      if (!this.#encodePart(place)) return undefined
      if (scratch.pos <= MAX_KEPT) keepScratch(this, place)
      const { type } = this.#parameters.all[place]!.codec
      return holdsOrdered(type) ? regionOf(canonicalBytes(type, scratch.bytes.subarray(4, scratch.pos))) : regionOf(scratch.bytes, 4, scratch.pos)
    }
    const parts: Uint8Array[] = []
    for (const place of places) {
      const start = scratch.pos
      if (!this.#encodePart(place)) return undefined
      // Growing moves the bytes to a new buffer, where the copy of an earlier part stays right in the old one.
      parts.push(canonicalBytes(this.#parameters.all[place]!.codec.type, scratch.bytes.subarray(start + 4, scratch.pos)))
    }
    const key = routingKeyOf(parts)
    return key && regionOf(key)
  }

  #encodePart(place: number): boolean {
    const start = scratch.pos
    try {
      encodeCell(this.#parameters.all[place]!.codec, scratch, this.#values[place])
    } catch {
      return false
    }
    return scratch.view.getInt32(start) >= 0
  }
}

/** Some bytes of a buffer. */
export interface ByteRegion {
  bytes: Uint8Array
  start: number
  end: number
}
/** The one that is given out, since a view of its own for each key would cost as much as hashing it. */
const region: ByteRegion = { bytes: scratch.bytes, start: 0, end: 0 }

function regionOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Readonly<ByteRegion> {
  region.bytes = bytes
  region.start = start
  region.end = end
  return region
}

/**
 * Binds values to the parameters of a prepared statement.
 *
 * @throws CodecError when there are too few or too many, or when names do not match
 */
export function bindPrepared(list: ParameterList, values: Values | undefined): BoundValues | undefined {
  const parameters = list.all
  if (values === undefined || values === null) {
    if (parameters.length === 0) return undefined
    throw new CodecError(`The statement has ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), but no values were given`)
  }
  if (Array.isArray(values)) {
    const given = values as readonly unknown[]
    if (given.length !== parameters.length) {
      throw new CodecError(`The statement has ${parameters.length} parameters (${parameters.map(({ name }) => name).join(', ')}), but ${given.length} values were given`)
    }
    return given.length === 0 ? undefined : new BoundValues(list, given, false)
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
  return parameters.length === 0 ? undefined : new BoundValues(list, parameters.map(({ name }) => named[name]), false)
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
    return new BoundValues(new ParameterList((types as readonly string[]).map((type, i) => ({ name: `#${i + 1}`, codec: codecs.of(parseType(type)) }))), list, false)
  }
  checkNamed(values)
  const named = values as Readonly<Record<string, unknown>>
  const names = Object.keys(named)
  const byName = types as Readonly<Record<string, string>>
  const missing = names.find((name) => Array.isArray(types) || !Object.hasOwn(byName, name))
  if (missing !== undefined) throw new OptionError('types', `Option 'types' has no type for the parameter '${missing}'`)
  return new BoundValues(new ParameterList(names.map((name) => ({ name, codec: codecs.of(parseType(byName[name]!)) }))), names.map((name) => named[name]), true)
}
