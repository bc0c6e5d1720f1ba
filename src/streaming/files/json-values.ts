// CQL values as JSON has them, and back: the form that `client.json` writes.
import type { CqlType } from '../../codecs/index.js'
import { fromHex } from '../../base/index.js'
import { jsonKey, toBase64 } from '../../codecs/index.js'

const itself = (value: unknown): unknown => value

/** Whether every value of a type is what JSON.stringify writes for it. */
function isPlain(type: CqlType): boolean {
  switch (type.kind) {
    case 'bigint': case 'counter': case 'varint': case 'blob': case 'custom': case 'set': case 'map':
      return false
    case 'list':
      return isPlain(type.element)
    case 'vector':
      return false
    case 'tuple':
      return type.elements.every(isPlain)
    case 'udt':
      return type.fields.every((field) => isPlain(field.type))
    default:
      return true
  }
}

/** What `JSON.stringify` is given for a value of a type. */
export function toJson(type: CqlType): (value: unknown) => unknown {
  if (isPlain(type)) return itself
  switch (type.kind) {
    case 'bigint': case 'counter': case 'varint':
      return String
    case 'blob': case 'custom':
      return (value) => (value instanceof Uint8Array ? toBase64(value) : value)
    case 'list': case 'set': case 'vector': {
      const element = orNull(toJson(type.element))
      return (value) => Array.from(value as Iterable<unknown>, element)
    }
    case 'map': {
      const key = toJson(type.key)
      const item = orNull(toJson(type.value))
      return (value) => Object.fromEntries(Array.from(value as ReadonlyMap<unknown, unknown>, ([k, v]) => [jsonKey(key(k)), item(v)]))
    }
    case 'tuple': {
      const elements = type.elements.map((element) => orNull(toJson(element)))
      return (value) => (value as readonly unknown[]).map((item, i) => elements[i]!(item))
    }
    case 'udt': {
      const fields = type.fields.map((field) => [field.name, orNull(toJson(field.type))] as const)
      return (value) => Object.fromEntries(fields.map(([name, convert]) => [name, convert((value as Record<string, unknown>)[name])]))
    }
    default:
      return itself
  }
}

function orNull(convert: (value: unknown) => unknown): (value: unknown) => unknown {
  return convert === itself ? itself : (value) => (value === null || value === undefined ? null : convert(value))
}

/** What is bound for a value that JSON has brought. The codecs take texts for most types, and say what does not fit. */
export function fromJson(type: CqlType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'bigint': case 'counter': case 'varint': case 'decimal':
      return (value) => {
        if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) throw new TypeError(`${value} is beyond what JSON numbers hold exactly: write it as a text`)
        return value
      }
    case 'blob': case 'custom':
      return (value) => (typeof value === 'string' ? bytesOf(value) : value)
    case 'list': case 'set': case 'vector': {
      const element = orNull(fromJson(type.element))
      return (value) => (Array.isArray(value) ? value.map(element) : value)
    }
    case 'map': {
      const key = fromText(type.key)
      const item = orNull(fromJson(type.value))
      return (value) => (isObject(value) ? new Map(Object.entries(value).map(([k, v]) => [key(k), item(v)])) : value)
    }
    case 'tuple': {
      const elements = type.elements.map((element) => orNull(fromJson(element)))
      return (value) => (Array.isArray(value) ? value.map((item, i) => (elements[i] ?? itself)(item)) : value)
    }
    case 'udt': {
      const fields = new Map(type.fields.map((field) => [field.name, orNull(fromJson(field.type))]))
      return (value) => (isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, (fields.get(name) ?? itself)(item)])) : value)
    }
    default:
      return itself
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is bound for a value that a text file has brought: JSON for all that has parts. */
export function fromText(type: CqlType): (text: string) => unknown {
  switch (type.kind) {
    case 'boolean':
      return (text) => {
        if (/^(true|1)$/i.test(text)) return true
        if (/^(false|0)$/i.test(text)) return false
        throw new TypeError(`'${text}' is neither true nor false`)
      }
    case 'float': case 'double':
      return (text) => (/^[+-]?(nan|infinity)$/i.test(text) ? Number(text.replace(/nan/i, 'NaN').replace(/infinity/i, 'Infinity').replace(/^[+-](?=NaN)/, '')) : text)
    case 'blob': case 'custom':
      return bytesOf
    case 'timestamp':
      return (text) => (/^-?\d{5,}$/.test(text) ? BigInt(text) : text)
    case 'list': case 'set': case 'vector': case 'map': case 'tuple': case 'udt': {
      const convert = fromJson(type)
      return (text) => {
        try {
          return convert(JSON.parse(text))
        } catch (error) {
          if (error instanceof SyntaxError) throw new TypeError(`'${text.slice(0, 60)}' is no JSON, which is how ${type.kind} values are written`, { cause: error })
          throw error
        }
      }
    }
    default:
      return itself as (text: string) => unknown
  }
}

/** A value as a text file has it. */
export function toText(type: CqlType): (value: unknown) => string {
  switch (type.kind) {
    case 'blob': case 'custom': {
      const convert = toJson(type)
      return (value) => String(convert(value))
    }
    case 'timestamp':
      return (value) => (value instanceof Date ? value.toISOString() : String(value))
    case 'list': case 'set': case 'vector': case 'map': case 'tuple': case 'udt': {
      const convert = toJson(type)
      return (value) => JSON.stringify(convert(value))
    }
    default:
      return String
  }
}

function bytesOf(text: string): Uint8Array {
  const bytes = text.startsWith('0x') ? fromHex(text.slice(2)) : undefined
  if (bytes) return bytes
  try {
    return Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0))
  } catch {
    throw new TypeError(`'${text.slice(0, 60)}' is neither base64, nor hexadecimal after 0x`)
  }
}
