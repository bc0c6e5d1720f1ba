// Native functions whose types follow from their arguments: of numbers, collections, vectors, masks, JSON.
import { utf8Decode } from '../base/index.js'
import { Decimal, readCells, scalar, typeToCql } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { hash } from '../transport/index.js'
import { startAggregate } from './aggregates.js'
import { invalid } from './errors.js'
import type { NativeFunction } from './functions.js'
import { toJsonText } from './json-values.js'
import { decodeValue, encodeValue, isInteger, isNumber, wrapInteger } from './values.js'
import { cells } from './cells.js'

type Maker = (args: readonly (CqlType | undefined)[]) => NativeFunction | undefined

/** A function of one number that gives one of the same type. */
const ofNumber = (float: (value: number) => number, exact: (value: Decimal, type: CqlType) => Decimal): Maker => ([type, ...more]) => {
  if (!type || more.length > 0 || !isNumber(type)) return undefined
  return {
    args: [type], result: type,
    call: ([bytes]) => {
      if (!bytes) return null
      const value = decodeValue(type, bytes)
      if (value === null) return null
      if (type.kind === 'float' || type.kind === 'double') return encodeValue(type, float(value as number))
      const result = exact(Decimal.from(value as bigint), type)
      return encodeValue(type, isInteger(type) ? wrapInteger(type, result.rescale(0).unscaled) : result)
    },
  }
}

/** What only floating point can compute: whole numbers are cut off, as Java casts. */
const computed = (compute: (value: number) => number): Maker => ofNumber(compute, (value, type) => {
  const result = compute(value.toNumber())
  return isInteger(type) ? Decimal.from(Number.isFinite(result) ? BigInt(Math.trunc(result)) : 0n) : Decimal.from(result)
})

/** Half away from zero, as BigDecimal's HALF_UP. */
function roundHalfUp(value: Decimal): Decimal {
  if (value.scale <= 0) return value.rescale(0)
  const unit = 10n ** BigInt(value.scale)
  const [quotient, rest] = [value.unscaled / unit, value.unscaled % unit]
  const up = (rest < 0n ? -rest : rest) * 2n >= unit
  return Decimal.from(up ? quotient + (value.unscaled < 0n ? -1n : 1n) : quotient)
}

function elementOf(type: CqlType | undefined): CqlType | undefined {
  return type?.kind === 'list' || type?.kind === 'set' ? type.element : undefined
}

/** An aggregate over the elements of one collection. */
const ofElements = (name: 'min' | 'max' | 'sum' | 'avg'): Maker => ([type, ...more]) => {
  const element = elementOf(type)
  if (!type || !element || more.length > 0 || ((name === 'sum' || name === 'avg') && !isNumber(element))) return undefined
  return {
    args: [type], result: startAggregate(name, element)!.result,
    call: ([bytes]) => {
      if (!bytes) return null
      const aggregate = startAggregate(name, element)!
      for (const cell of readCells(bytes, true)) aggregate.add(cell)
      return aggregate.finish()
    },
  }
}

const similarity = (compute: (a: ArrayLike<number>, b: ArrayLike<number>) => number): Maker => ([a, b, ...more]) => {
  const type = a ?? b
  if (type?.kind !== 'vector' || type.element.kind !== 'float' || more.length > 0) return undefined
  return {
    args: [type, type], result: scalar('float'),
    call: ([left, right]) => (left && right ? encodeValue(scalar('float'), compute(decodeValue(type, left) as Float32Array, decodeValue(type, right) as Float32Array)) : null),
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** How near two vectors are, by the name that an index has for it: 1 for the same. */
export const similarities: Readonly<Record<string, (a: ArrayLike<number>, b: ArrayLike<number>) => number>> = {
  cosine: (a, b) => (1 + dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))) / 2,
  euclidean: (a, b) => {
    let square = 0
    for (let i = 0; i < a.length; i++) square += (a[i]! - b[i]!) ** 2
    return 1 / (1 + square)
  },
  dot_product: (a, b) => (1 + dot(a, b)) / 2,
}

/** The value that stands for any other of a type (`mask_default`). */
function defaultOf(type: CqlType): Uint8Array {
  switch (type.kind) {
    case 'text':
    case 'ascii':
      return encodeValue(type, '****')
    case 'list':
    case 'set':
    case 'map':
      return cells([], true)
    case 'tuple':
      return cells(type.elements.map(defaultOf), false)
    case 'udt':
      return cells(type.fields.map((field) => defaultOf(field.type)), false)
    case 'blob':
    case 'custom':
      return new Uint8Array(0)
    case 'boolean':
      return encodeValue(type, false)
    case 'uuid':
    case 'timeuuid':
      return new Uint8Array(16)
    case 'inet':
      return encodeValue(type, '0.0.0.0')
    case 'date':
      return Uint8Array.of(0x80, 0, 0, 0)
    case 'duration':
      return new Uint8Array(3)
    case 'time':
    case 'timestamp':
      return new Uint8Array(8)
    case 'vector': {
      const one = defaultOf(type.element)
      const all = new Uint8Array(one.length * type.dimension)
      for (let i = 0; i < type.dimension; i++) all.set(one, i * one.length)
      return all
    }
    default:
      return encodeValue(type, type.kind === 'bigint' || type.kind === 'counter' || type.kind === 'varint' ? 0n : type.kind === 'decimal' ? Decimal.from(0) : 0)
  }
}

/** Hides what is inside of a text but for some characters at its ends, or these. */
const partly = (name: string, inside: boolean): Maker => ([type, ...more]) => {
  if (!type || more.length < 2 || more.length > 3) return undefined
  if (type.kind !== 'text' && type.kind !== 'ascii') throw invalid(`Function ${name} should not be called with arguments of type ${typeToCql(type)}`)
  return {
    args: [type, scalar('int'), scalar('int'), ...(more.length === 3 ? [scalar('text')] : [])], result: type,
    call: ([bytes, first, last, pad]) => {
      if (!bytes) return null
      const count = (value: Uint8Array | null | undefined): number => (value ? Math.max(0, decodeValue(scalar('int'), value) as number) : 0)
      const characters = [...utf8Decode(bytes, 0, bytes.length)]
      const [from, to] = [count(first), characters.length - count(last)]
      const padding = pad ? utf8Decode(pad, 0, pad.length) : '*'
      return encodeValue(type, characters.map((character, i) => ((i >= from && i < to) === inside ? padding : character)).join(''))
    },
  }
}

const makers: Readonly<Record<string, Maker>> = {
  abs: ofNumber(Math.abs, (value) => (value.unscaled < 0n ? value.negate() : value)),
  exp: computed(Math.exp),
  log: computed(Math.log),
  log10: computed(Math.log10),
  round: ofNumber((value) => Math.floor(value + 0.5), roundHalfUp),
  map_keys: ([type]) => (type?.kind === 'map' ? { args: [type], result: { kind: 'set', element: type.key }, call: ([bytes]) => (bytes ? cells(readCells(bytes, true).filter((_, i) => i % 2 === 0), true) : null) } : undefined),
  map_values: ([type]) => (type?.kind === 'map' ? { args: [type], result: { kind: 'list', element: type.value }, call: ([bytes]) => (bytes ? cells(readCells(bytes, true).filter((_, i) => i % 2 === 1), true) : null) } : undefined),
  collection_count: ([type]) => {
    if (!elementOf(type) && type?.kind !== 'map') return undefined
    const step = type!.kind === 'map' ? 2 : 1
    return { args: [type!], result: scalar('int'), call: ([bytes]) => (bytes ? encodeValue(scalar('int'), readCells(bytes, true).length / step) : null) }
  },
  collection_min: ofElements('min'),
  collection_max: ofElements('max'),
  collection_sum: ofElements('sum'),
  collection_avg: ofElements('avg'),
  similarity_cosine: similarity(similarities['cosine']!),
  similarity_euclidean: similarity(similarities['euclidean']!),
  similarity_dot_product: similarity(similarities['dot_product']!),
  mask_null: ([type, ...more]) => (type && more.length === 0 ? { args: [type], result: type, call: () => null } : undefined),
  mask_default: ([type, ...more]) => (type && more.length === 0 ? { args: [type], result: type, call: () => defaultOf(type) } : undefined),
  mask_replace: ([type, ...more]) => (type && more.length === 1 ? { args: [type, type], result: type, call: ([, replacement]) => replacement ?? null } : undefined),
  mask_hash: ([type, algorithm, ...more]) => {
    if (!type || more.length > 0 || (algorithm && algorithm.kind !== 'text')) return undefined
    return {
      args: [type, scalar('text')], result: scalar('blob'),
      call: ([bytes, name]) => {
        if (!bytes) return null
        const wanted = name ? utf8Decode(name, 0, name.length) : 'SHA-256'
        const hashed = hash(wanted, bytes)
        if (!hashed) throw invalid(`Hash algorithm not found: ${wanted}`)
        return hashed
      },
    }
  },
  mask_inner: partly('mask_inner', true),
  mask_outer: partly('mask_outer', false),
  to_json: ([type, ...more]) => (type && more.length === 0 ? { args: [type], result: scalar('text'), call: ([bytes]) => encodeValue(scalar('text'), toJsonText(type, bytes ?? null)) } : undefined),
}
const aliases: Readonly<Record<string, string>> = { tojson: 'to_json' }

/** Whether a name is one of theirs. */
export function isGeneric(name: string): boolean {
  return Object.hasOwn(makers, aliases[name] ?? name)
}

/** The function for these arguments; undefined when it takes none such. */
export function genericFunction(name: string, args: readonly (CqlType | undefined)[]): NativeFunction | undefined {
  return makers[aliases[name] ?? name]!(args)
}
