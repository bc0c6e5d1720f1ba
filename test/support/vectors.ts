// Reads test/vectors; its README.md describes the forms.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unset } from '../../src/codecs/index.js'

// Fuzzing bundles this file, so that its own place says nothing: everything runs from the project's root.
const folder = join(process.cwd(), 'test/vectors')

/** A message and its envelope. */
export interface MessageVector {
  readonly name?: string
  readonly bytes: string
  readonly message: unknown
  readonly extras?: unknown
}

/** A cell. */
export interface ValueVector {
  readonly type: string
  readonly bytes: string | null
  readonly json: string | null
}

/** What a connection brings. */
export interface FramingVector {
  readonly name?: string
  readonly from?: 'client' | 'server'
  readonly compression: 'none' | 'lz4' | 'snappy'
  readonly segmented?: boolean
  readonly maxFrameLength?: number
  readonly bytes: string
  readonly envelopes: readonly string[]
  readonly error?: string
}

/** An input of the fuzzer that has shown a fault. */
export interface FoundVector {
  readonly target: string
  readonly input: string
  readonly error: string
}

/** The lists of all files that have such a list, by file. */
export function vectorFiles<T>(list: string): { readonly file: string; readonly vectors: readonly T[] }[] {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).flatMap((file) => {
    const vectors = (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, readonly T[] | undefined>)[list]
    return vectors ? [{ file, vectors }] : []
  })
}

/** Bytes of a vector. */
export function bytesOf(text: string): Uint8Array {
  const hex = text.split(/\s+/).map((part) => {
    const [byte, times] = part.split('*')
    return times === undefined ? part : byte!.repeat(Number(times))
  }).join('')
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** The form of bytes in a vector. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A message as JSON. */
export function toVectorJson(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value === unset) return { $unset: true }
  if (value instanceof Uint8Array) return { $bytes: hexOf(value) }
  if (value instanceof Map) return { $map: [...value].map((entry) => (entry as unknown[]).map(toVectorJson)) }
  if (Array.isArray(value)) return value.map(toVectorJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined).map(([name, member]) => [name, toVectorJson(member)]))
}

/** The inverse of {@link toVectorJson}. */
export function fromVectorJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromVectorJson)
  if (typeof json !== 'object' || json === null) return json
  const { $bigint, $unset, $bytes, $map } = json as Record<string, unknown>
  if ($bigint !== undefined) return BigInt($bigint as string)
  if ($unset !== undefined) return unset
  if ($bytes !== undefined) return bytesOf($bytes as string)
  if ($map !== undefined) return new Map(($map as unknown[][]).map((entry) => entry.map(fromVectorJson) as [unknown, unknown]))
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, fromVectorJson(member)]))
}
