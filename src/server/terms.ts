import { CqlError, fromHex, utf8Decode } from '../base/index.js'
import type { Clock } from '../base/index.js'
import { comparatorOf, LocalDate, parseType, sameType, scalar, typeToCql, unset } from '../codecs/index.js'
import type { CqlType, Duration, MapType, UdtType } from '../codecs/index.js'
import type { BindMarker, Literal, Term } from '../cql/index.js'
import type { RawValue } from '../protocol/index.js'
import { compute, negate } from './arithmetic.js'
import { cells } from './cells.js'
import { castValue, findFunction } from './functions.js'
import { invalid } from './errors.js'
import { plusDuration } from './floor-timestamp.js'
import { isGeneric } from './generic-functions.js'
import { fromJsonText } from './json-values.js'
import type { Keyspace } from './schema.js'
import { decodeValue, encodeValue, isNumber } from './values.js'

/** What terms are evaluated with: the values of bind markers, the time, and where types are looked up. */
export interface Env {
  readonly values: readonly RawValue[] | ReadonlyMap<string, RawValue> | undefined
  readonly clock: Clock
  readonly keyspace: Keyspace | undefined
  /** Whether masks hide what columns have. */
  readonly isMasked?: boolean | undefined
}

/** Reads a type's text where user-defined types of a keyspace are known. */
export function resolveType(text: string, keyspace: Keyspace | undefined): CqlType {
  try {
    return parseType(text, (name, named) => (named === undefined || named === keyspace?.name ? keyspace?.types.get(name) : undefined))
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error))
  }
}

/** The raw value of a bind marker. */
export function boundValue(marker: BindMarker, env: Env): RawValue {
  const { values } = env
  const value = values === undefined ? undefined : values instanceof Map ? values.get(marker.name ?? '') : (values as readonly RawValue[])[marker.index]
  if (value === undefined) throw invalid(`Invalid amount of bind variables: no value for ${marker.name === undefined ? `marker ${marker.index + 1}` : `':${marker.name}'`}`)
  return value
}

/**
 * The value of a term where a value of `type` is wanted.
 *
 * @param what names the receiver in errors, such as a column
 * @returns bytes, null, or unset for an unset bind value
 * @throws Refusal when the term does not fit the type
 */
export function evaluate(term: Term, type: CqlType, env: Env, what = 'value'): RawValue {
  switch (term.kind) {
    case 'literal':
      return term.type === 'null' ? null : literal(term, type, what)
    case 'bind': {
      const value = boundValue(term, env)
      if (value instanceof Uint8Array) check(value, type)
      return value
    }
    case 'hint': {
      const hinted = resolveType(term.type.text, env.keyspace)
      if (!assignable(hinted, type)) throw invalid(`Cannot assign value ${typeToCql(hinted)} to ${what} of type ${typeToCql(type)}`)
      return evaluate(term.term, type, env, what)
    }
    case 'cast': {
      const to = resolveType(term.type.text, env.keyspace)
      const from = typeOf(term.term, env) ?? to
      return castValue(known(evaluate(term.term, from, env, what)), from, to)
    }
    case 'call': {
      if ((term.function.name === 'from_json' || term.function.name === 'fromjson') && term.args.length === 1) {
        const text = known(evaluate(term.args[0]!, scalar('text'), env))
        return text && fromJsonText(utf8Decode(text, 0, text.length), type, what)
      }
      const found = findFunction(term.function.name, argumentTypes(term.function.name, term.args, (arg) => typeOf(arg, env)))
      if (!assignable(found.result, type)) {
        throw invalid(`Type error: cannot assign result of function ${term.function.name} (type ${typeToCql(found.result)}) to ${what} (type ${typeToCql(type)})`)
      }
      return found.call(term.args.map((arg, i) => known(evaluate(arg, found.args[i]!, env))), env.clock)
    }
    case 'negative':
    case 'binary':
      return arithmetic(term, type, env, what)
    default:
      return composite(term, type, env, what)
  }
}

function known(value: RawValue): Uint8Array | null {
  if (value === unset) throw invalid('Invalid unset value for argument in call to function')
  return value as Uint8Array | null
}

/** Types whose bytes are values of another type, too (`isValueCompatibleWith` of the types in Java). */
const compatible: Readonly<Record<string, readonly string[]>> = { uuid: ['timeuuid'], text: ['ascii'], timestamp: ['bigint'], bigint: ['timestamp'], varint: ['int', 'bigint', 'timestamp'], date: ['int'], time: ['bigint'] }

function assignable(from: CqlType, to: CqlType): boolean {
  return sameType(from, to) || to.kind === 'blob' || (compatible[to.kind]?.includes(from.kind) ?? false)
}

/** Types of which any bytes of that many are a value. */
const widths: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, int: 4, float: 4, date: 4, bigint: 8, double: 8, timestamp: 8, uuid: 16 }

/** Refuses bytes that are no value of the type. */
function check(value: Uint8Array, type: CqlType): void {
  if (value.length === widths[type.kind] || type.kind === 'blob' || (type.kind === 'text' && isAscii(value))) return
  try {
    decodeValue(type, value)
  } catch (error) {
    if (error instanceof CqlError) throw invalid(`Invalid ${typeToCql(type)} value: ${error.message}`)
    throw error
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 127) return false
  return true
}

/** The type that a number has where nothing else says which; texts and the like take on what is wanted. */
export function naturalType(term: Literal): CqlType | undefined {
  if (term.type === 'float') return scalar('double')
  if (term.type === 'duration') return scalar('duration')
  if (term.type !== 'integer') return undefined
  const value = BigInt(term.text)
  return scalar(BigInt.asIntN(32, value) === value ? 'int' : BigInt.asIntN(64, value) === value ? 'bigint' : 'varint')
}

/** Types of arguments. A literal takes on what the function wants, unless that follows from the argument itself. */
export function argumentTypes(name: string, args: readonly Term[], typeOfArgument: (arg: Term) => CqlType | undefined): (CqlType | undefined)[] {
  return args.map((arg) => (arg.kind !== 'literal' ? typeOfArgument(arg) : isGeneric(name) ? (naturalType(arg) ?? (arg.type === 'string' ? scalar('text') : undefined)) : undefined))
}

/** The type that a term has by itself; undefined when it takes on what is wanted. */
export function typeOf(term: Term, env: Pick<Env, 'keyspace'>): CqlType | undefined {
  switch (term.kind) {
    case 'call':
      return findFunction(term.function.name, argumentTypes(term.function.name, term.args, (arg) => typeOf(arg, env))).result
    case 'hint':
      return resolveType(term.type.text, env.keyspace)
    case 'cast':
      return resolveType(term.type.text, env.keyspace)
    default:
      return undefined
  }
}

const literalNames: Readonly<Record<Literal['type'], string>> = {
  string: 'STRING', integer: 'INTEGER', float: 'FLOAT', boolean: 'BOOLEAN', null: 'NULL', uuid: 'UUID', blob: 'HEX', duration: 'DURATION',
}

/** Which constants a type takes (Cassandra's `Constants.java`). */
function accepts(type: CqlType, constant: Literal['type']): boolean {
  switch (constant) {
    case 'string':
      return ['ascii', 'text', 'inet', 'date', 'time', 'timestamp'].includes(type.kind)
    case 'integer':
      return isNumber(type) || type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'time' || type.kind === 'duration'
    case 'float':
      return type.kind === 'float' || type.kind === 'double' || type.kind === 'decimal'
    case 'uuid':
      return type.kind === 'uuid' || type.kind === 'timeuuid'
    case 'blob':
      return type.kind === 'blob'
    case 'boolean':
      return type.kind === 'boolean'
    case 'duration':
      return type.kind === 'duration'
    default:
      return true
  }
}

function literal(term: Literal, type: CqlType, what: string): Uint8Array {
  if (!accepts(type, term.type)) throw invalid(`Invalid ${literalNames[term.type]} constant (${term.text}) for "${what}" of type ${typeToCql(type)}`)
  try {
    switch (term.type) {
      case 'blob': {
        const bytes = fromHex(term.text.slice(2))
        if (!bytes) throw invalid(`Invalid HEX constant (${term.text}) for "${what}" of type blob`)
        return bytes
      }
      case 'boolean':
        return encodeValue(type, term.text === 'true')
      case 'integer':
        if (type.kind === 'date') return dateOfInteger(term.text)
        if (type.kind === 'float' || type.kind === 'double') return encodeValue(type, Number(term.text))
        return encodeValue(type, BigInt(term.text))
      case 'float':
        return encodeValue(type, type.kind === 'decimal' ? term.text : Number(/^-?nan$/i.test(term.text) ? 'NaN' : term.text.replace(/infinity/i, 'Infinity')))
      case 'string':
        if (term.text === '' && (type.kind === 'timestamp' || type.kind === 'inet')) return new Uint8Array(0)
        return encodeValue(type, type.kind === 'timestamp' ? timestampOf(term.text) : term.text)
      default:
        return encodeValue(type, term.text)
    }
  } catch (error) {
    if (error instanceof CqlError) throw invalid(`Unable to make ${typeToCql(type)} from '${term.text}'`)
    throw error
  }
}

/** A date given as a number is the unsigned form on the wire. */
function dateOfInteger(text: string): Uint8Array {
  const days = BigInt(text)
  if (BigInt.asUintN(32, days) !== days) throw invalid(`Unable to make unsigned int (for date) from: '${text}'`)
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, Number(days))
  return bytes
}

/** A timestamp's text: a number of milliseconds, or a date with or without time and zone (UTC when there is none). */
function timestampOf(text: string): bigint | string {
  if (/^-?\d+$/.test(text) && text.length !== 4) return BigInt(text)
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(text) && /\d[T ]\d/.test(text)
  return zoned || !/\d[T ]\d/.test(text) ? text : `${text}Z`
}

function composite(term: Term, type: CqlType, env: Env, what: string): Uint8Array {
  const wrong = (): Error => invalid(`Invalid ${term.kind} literal for ${what} of type ${typeToCql(type)}`)
  switch (type.kind) {
    case 'list':
      if (term.kind !== 'list') throw wrong()
      return cells(term.items.map((item) => part(item, type.element, env, what)), true)
    case 'vector':
      if (term.kind !== 'list') throw wrong()
      if (term.items.length !== type.dimension) throw invalid(`Invalid vector literal for ${what} of type ${typeToCql(type)}; expected ${type.dimension} elements, but given ${term.items.length}`)
      return encodeValue(type, term.items.map((item) => decodeValue(type.element, part(item, type.element, env, what))))
    case 'set': {
      if (term.kind !== 'set') throw wrong()
      const compare = comparatorOf(type.element)
      const items = term.items.map((item) => part(item, type.element, env, what)).sort(compare)
      return cells(items.filter((item, i) => i === 0 || compare(item, items[i - 1]!) !== 0), true)
    }
    case 'map':
      if (term.kind === 'set' && term.items.length === 0) return cells([], true)
      if (term.kind !== 'map') throw wrong()
      return mapOf(term.entries, type, env, what)
    case 'udt':
      if (term.kind !== 'udt') throw wrong()
      return udtOf(term.fields, type, env, what)
    case 'tuple': {
      if (term.kind !== 'tuple' || term.items.length > type.elements.length) throw wrong()
      return cells(term.items.map((item, i) => optionalPart(item, type.elements[i]!, env, what)), false)
    }
    default:
      throw wrong()
  }
}

function part(term: Term, type: CqlType, env: Env, what: string): Uint8Array {
  const value = evaluate(term, type, env, what)
  if (value === unset) throw invalid(`unset value is not supported inside collections`)
  if (value === null) throw invalid('null is not supported inside collections')
  return value as Uint8Array
}

function optionalPart(term: Term, type: CqlType, env: Env, what: string): Uint8Array | null {
  const value = evaluate(term, type, env, what)
  return value === unset ? null : (value as Uint8Array | null)
}

function mapOf(entries: readonly { readonly key: Term; readonly value: Term }[], type: MapType, env: Env, what: string): Uint8Array {
  const compare = comparatorOf(type.key)
  const pairs = entries.map(({ key, value }) => [part(key, type.key, env, what), part(value, type.value, env, what)] as const)
  const last = pairs.filter(([key], i) => !pairs.some(([other], j) => j > i && compare(key, other) === 0))
  const sorted = last.sort(([a], [b]) => compare(a, b))
  return cells(sorted.flat(), true, sorted.length)
}

function udtOf(fields: readonly { readonly name: { readonly name: string }; readonly value: Term }[], type: UdtType, env: Env, what: string): Uint8Array {
  for (const { name } of fields) {
    if (!type.fields.some((field) => field.name === name.name)) throw invalid(`Unknown field '${name.name}' in value of user defined type ${type.name}`)
  }
  return cells(type.fields.map((field) => {
    const given = fields.find(({ name }) => name.name === field.name)
    return given ? optionalPart(given.value, field.type, env, what) : null
  }), false)
}

function arithmetic(term: Term & { kind: 'negative' | 'binary' }, type: CqlType, env: Env, what: string): Uint8Array | null {
  if (!isNumber(type)) throw invalid(`the operation is not supported for ${what} of type ${typeToCql(type)}`)
  if (term.kind === 'negative') {
    const value = known(evaluate(term.term, type, env, what))
    return value && negate(value, type)
  }
  const left = known(evaluate(term.left, type, env, what))
  const right = known(evaluate(term.right, type, env, what))
  if (left === null || right === null) return null
  return compute(term.operator, left, type, right, type)
}

/** A moment or a day moved by a duration. */
export function moved(bytes: Uint8Array, duration: Uint8Array, type: CqlType, sign: 1 | -1): Uint8Array {
  const by = decodeValue(scalar('duration'), duration) as Duration
  if (type.kind === 'timestamp') return encodeValue(type, plusDuration(decodeValue(type, bytes) as bigint, by, sign))
  if (by.nanoseconds !== 0n) throw invalid(`The duration must have a day precision. Was: ${by.toString()}`)
  return encodeValue(type, new LocalDate(Number(plusDuration(BigInt((decodeValue(type, bytes) as LocalDate).epochDays) * 86_400_000n, by, sign) / 86_400_000n)))
}
