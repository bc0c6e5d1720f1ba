// Values of CQL as JSON, as Cassandra writes and reads it (`INSERT JSON`, `SELECT JSON`, `to_json`, `from_json`).
import { toHex } from '../base/index.js'
import { comparatorOf, readCells, scalar, typeToCql } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { cells } from './cells.js'
import { invalid } from './errors.js'
import { parseJson } from './json-text.js'
import type { Json } from './json-text.js'
import { decodeValue, encodeValue, isInteger, isNumber } from './values.js'

// oxlint-disable-next-line no-control-regex -- those must be escaped in JSON
const quote = (text: string): string => `"${text.replace(/["\\\u0000-\u001f]/g, (character) => escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A name as a key of an object: names that are no lower case are quoted once more. */
export function jsonName(name: string): string {
  return quote(name === name.toLowerCase() ? name : `"${name}"`)
}

/** A value as JSON text. */
export function toJsonText(type: CqlType, bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  switch (type.kind) {
    case 'list':
    case 'set':
      return `[${readCells(bytes, true).map((cell) => toJsonText(type.element, cell)).join(', ')}]`
    case 'map': {
      const parts = readCells(bytes, true)
      const entries = Array.from({ length: parts.length / 2 }, (_, i) => {
        const key = toJsonText(type.key, parts[2 * i]!)
        return `${key.startsWith('"') ? key : quote(key)}: ${toJsonText(type.value, parts[2 * i + 1]!)}`
      })
      return `{${entries.join(', ')}}`
    }
    case 'tuple': {
      const parts = readCells(bytes, false)
      return `[${parts.map((cell, i) => toJsonText(type.elements[i]!, cell)).join(', ')}]`
    }
    case 'udt': {
      const parts = readCells(bytes, false)
      return `{${type.fields.map((field, i) => `${jsonName(field.name)}: ${toJsonText(field.type, parts[i] ?? null)}`).join(', ')}}`
    }
    case 'vector':
      return `[${Array.from(decodeValue(type, bytes) as Iterable<unknown>, (value) => toJsonText(type.element, encodeValue(type.element, value))).join(', ')}]`
    case 'blob':
    case 'custom':
      return `"0x${toHex(bytes)}"`
    case 'timestamp': {
      const value = decodeValue(type, bytes)
      return value === null ? '""' : quote(new Date(Number(value as bigint)).toISOString().replace('T', ' '))
    }
    default:
      return scalarText(type, decodeValue(type, bytes))
  }
}

function scalarText(type: CqlType, value: unknown): string {
  if (value === null) return '""'
  if (type.kind === 'float' || type.kind === 'double') return Number.isFinite(value) ? javaNumber(value as number, type.kind === 'float') : 'null'
  if (isNumber(type) || type.kind === 'boolean') return String(value)
  return quote(type.kind === 'inet' ? javaAddress(String(value)) : String(value))
}

/** As Java's InetAddress.getHostAddress: all groups of IPv6, without a double colon. */
export function javaAddress(text: string): string {
  if (!text.includes(':')) return text
  const [head, tail] = text.split('::').map((part) => (part === '' ? [] : part.split(':')))
  if (!tail) return text
  return [...head!, ...Array.from({ length: 8 - head!.length - tail.length }, () => '0'), ...tail].join(':')
}

/** As Java's Double.toString: always with a fraction, and with an exponent from 10^7 and below 10^-3. */
export function javaNumber(value: number, single: boolean): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const shortest = single ? Number(Math.fround(value).toPrecision(9)) : value
  let text = Object.is(value, -0) ? '-0' : String(shortest)
  if (single && value !== 0) for (let digits = 1; digits <= 9; digits++) if (Math.fround(Number(value.toPrecision(digits))) === Math.fround(value)) { text = String(Number(value.toPrecision(digits))); break }
  const size = Math.abs(Number(text))
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [mantissa, exponent] = Number(text).toExponential().split('e') as [string, string]
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
  }
  return text.includes('.') ? text : `${text}.0`
}

/**
 * JSON text as bytes of a type.
 *
 * @param what names the receiver in errors
 * @throws Refusal when it does not fit
 */
export function fromJsonText(text: string, type: CqlType, what: string): Uint8Array | null {
  return fromJson(parseJson(text), type, what)
}

/** As {@link fromJsonText}, of what was read already. */
export function fromJson(json: Json, type: CqlType, what: string): Uint8Array | null {
  if (json.kind === 'null') return null
  const wrong = (): Error => invalid(`Error decoding JSON value for ${what}: Expected ${expectationOf(type)}, but got a ${names[json.kind]}: ${json.kind === 'string' || json.kind === 'number' ? json.text : json.kind}`)
  const inner = (item: Json, of: CqlType): Uint8Array => {
    const bytes = fromJson(item, of, what)
    if (bytes === null) throw invalid(`Error decoding JSON value for ${what}: Invalid null element in ${type.kind}`)
    return bytes
  }
  switch (type.kind) {
    case 'list':
      return cells(itemsOf(json, wrong).map((item) => inner(item, type.element)), true)
    case 'set': {
      const compare = comparatorOf(type.element)
      return cells(itemsOf(json, wrong).map((item) => inner(item, type.element)).sort(compare).filter((item, i, all) => i === 0 || compare(item, all[i - 1]!) !== 0), true)
    }
    case 'map': {
      const compare = comparatorOf(type.key)
      const entries = entriesOf(json, wrong).map(([key, value]): [Uint8Array, Uint8Array] => [inner(keyOf(key, type.key), type.key), inner(value, type.value)])
      return cells(entries.filter(([key], i) => !entries.some(([other], j) => j > i && compare(key, other) === 0)).sort(([a], [b]) => compare(a, b)).flat(), true, new Set(entries.map(([key]) => toHex(key))).size)
    }
    case 'tuple': {
      const items = itemsOf(json, wrong)
      if (items.length !== type.elements.length) throw invalid(`Error decoding JSON value for ${what}: Tuple contains ${items.length < type.elements.length ? 'not enough' : 'too many'} elements: ${items.length} (expected ${type.elements.length})`)
      return cells(items.map((item, i) => fromJson(item, type.elements[i]!, what)), false)
    }
    case 'udt': {
      const given = new Map(entriesOf(json, wrong).map(([name, value]) => [columnNameOf(name), value]))
      const unknown = [...given.keys()].find((name) => !type.fields.some((field) => field.name === name))
      if (unknown !== undefined) throw invalid(`Error decoding JSON value for ${what}: Unknown field in UDT value: ${unknown}`)
      return cells(type.fields.map((field) => { const value = given.get(field.name); return value ? fromJson(value, field.type, what) : null }), false)
    }
    case 'vector': {
      const items = itemsOf(json, wrong)
      if (items.length !== type.dimension) throw invalid(`Error decoding JSON value for ${what}: Invalid vector literal; expected ${type.dimension} elements, but given ${items.length}`)
      return encodeValue(type, items.map((item) => decodeValue(type.element, inner(item, type.element))))
    }
    default:
      return scalarOf(json, type, what, wrong)
  }
}

const names: Readonly<Record<Json['kind'], string>> = { string: 'String', number: 'Number', boolean: 'Boolean', array: 'List', object: 'Map', null: 'null' }

function expectationOf(type: CqlType): string {
  return `a value of type ${typeToCql(type)}`
}

/** Names in JSON are lower case unless they have quotes of their own. */
export function columnNameOf(name: string): string {
  return name.length > 1 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name.toLowerCase()
}

/** Keys of an object are texts: those of other types are written as JSON inside. */
function keyOf(key: string, type: CqlType): Json {
  if (type.kind === 'text' || type.kind === 'ascii') return { kind: 'string', text: key }
  if (['list', 'set', 'map', 'tuple', 'udt', 'vector'].includes(type.kind)) return parseJson(key)
  return { kind: 'string', text: key }
}

function parsed(json: Json): Json {
  return json.kind === 'string' ? parseJson(json.text) : json
}

function itemsOf(json: Json, wrong: () => Error): readonly Json[] {
  const value = parsed(json)
  if (value.kind !== 'array') throw wrong()
  return value.items
}

function entriesOf(json: Json, wrong: () => Error): readonly (readonly [string, Json])[] {
  const value = parsed(json)
  if (value.kind !== 'object') throw wrong()
  return value.entries
}

function scalarOf(json: Json, type: CqlType, what: string, wrong: () => Error): Uint8Array {
  const fail = (error: unknown): never => { throw invalid(`Error decoding JSON value for ${what}: ${error instanceof Error ? error.message : String(error)}`) }
  try {
    if (type.kind === 'boolean') {
      if (json.kind === 'boolean') return encodeValue(type, json.value)
      if (json.kind === 'string' && /^(true|false)$/i.test(json.text)) return encodeValue(type, json.text.toLowerCase() === 'true')
    } else if (isNumber(type)) {
      // A number with a fraction is a double on its way, also where it becomes a decimal.
      if (json.kind === 'number' && type.kind === 'decimal' && /[.eE]/.test(json.text)) return encodeValue(type, javaNumber(Number(json.text), false))
      if (json.kind === 'number' || json.kind === 'string') return numberOf(json.text, type)
    } else if (type.kind === 'timestamp' || type.kind === 'time' || type.kind === 'date') {
      if (json.kind === 'number' && type.kind === 'timestamp' && /^-?\d+$/.test(json.text)) return encodeValue(type, BigInt(json.text))
      if (json.kind === 'string') return encodeValue(type, json.text)
    } else if (type.kind === 'blob') {
      if (json.kind === 'string' && /^0x([0-9a-f]{2})*$/i.test(json.text)) return Uint8Array.from(json.text.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    } else if (json.kind === 'string') return encodeValue(type, json.text)
  } catch (error) {
    fail(error)
  }
  throw wrong()
}

function numberOf(text: string, type: CqlType): Uint8Array {
  if (isInteger(type)) {
    if (!/^[+-]?\d+$/.test(text)) throw new Error(`Expected a ${type.kind} value, but got: ${text}`)
    return encodeValue(type.kind === 'counter' ? scalar('bigint') : type, BigInt(text))
  }
  if (type.kind !== 'decimal') {
    if (text.trim() === '' || Number.isNaN(Number(text))) throw new Error(`Expected a ${type.kind} value, but got: ${text}`)
    return encodeValue(type, Number(text))
  }
  return encodeValue(type, text)
}
