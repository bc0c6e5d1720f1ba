// Reads test/vectors; its README.md describes the forms.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ByteWriter } from '../../src/base/index.js'
import type { ByteReader } from '../../src/base/index.js'
import { parseType, unset } from '../../src/codecs/index.js'
import type { CqlType, UdtType } from '../../src/codecs/index.js'
import { beginEnvelope, endEnvelope } from '../../src/protocol/envelope.js'
import { HEADER_LENGTH, lz4, snappy } from '../../src/protocol/index.js'
import type { EnvelopeHeader, ProtocolVersion } from '../../src/protocol/index.js'

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

/** The algorithms that vectors name. */
export const compressors = { none: undefined, lz4, snappy } as const

const address: UdtType = { kind: 'udt', keyspace: 'k', name: 'address', fields: [['street', 'text'], ['number', 'int'], ['phones', 'frozen<list<text>>']].map(([name, type]) => ({ name: name!, type: parseType(type!) })) }

/** A type that vectors name: CQL's own, or the recorder's `address`. */
export function typeOf(text: string): CqlType {
  return parseType(text, (name) => (name === 'address' ? address : undefined))
}

/** The header of a whole envelope. */
export function headerOf(envelope: Uint8Array): EnvelopeHeader {
  const view = new DataView(envelope.buffer, envelope.byteOffset)
  return { version: (envelope[0]! & 0x7f) as ProtocolVersion, response: envelope[0]! >= 0x80, flags: envelope[1]!, streamId: view.getInt16(2), opcode: envelope[4]!, length: envelope.length - HEADER_LENGTH }
}

/** The envelope of what a decoder has handed over. */
export function envelopeOf({ version, response, streamId, opcode }: EnvelopeHeader, flags: number, body: ByteReader): Uint8Array {
  const writer = new ByteWriter()
  const start = beginEnvelope(writer, version, response, flags, streamId, opcode)
  writer.rawWithin(body.bytes, body.pos, body.end)
  endEnvelope(writer, start)
  return writer.toBytes()
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
