import { CodecError, ProtocolError } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { typeToCql } from './types.js'
import type { CqlType } from './types.js'

/** Marks a bind value as not set: the column keeps what it has (protocol v4 and later). */
export const unset: unique symbol = Symbol.for('cqlwire.unset') as never

/** Translates values of one CQL type to and from bytes, without the length that precedes them. */
export interface Codec {
  readonly type: CqlType
  /** Bytes that every value takes inside a vector, or 0 when each carries a length of its own there. */
  readonly vectorSize: number
  /** Whether a value of no bytes at all means something (text and blobs); otherwise it reads as null. */
  readonly allowsEmpty: boolean
  /** Reads the value between two positions of `source`; keeps no reference to its memory. */
  decode(source: ByteReader, start: number, end: number): unknown
  /** How generated decoders read it, where that is a simple expression; `decode` gives the same. */
  readonly inline?: InlineRead | undefined
  /** How generated writers write it, where that is simple; `encode` writes the same, and everything else. */
  readonly inlineWrite?: InlineWrite | undefined
  /** What collections are read as: those of which generated decoders read the parts themselves. */
  readonly collects?: 'array' | 'set' | 'map' | undefined
  /** Codecs of the parts of a collection, tuple, user-defined type or vector, in order. */
  readonly parts?: readonly Codec[] | undefined
  /** Whether instants are read as `Date`. */
  readonly readsDate?: boolean | undefined
  /** Whether a translation of the user's own stands between the value and its usual form. */
  readonly mapped?: boolean | undefined
  /** Appends the bytes of a value that is neither null nor unset. @throws CodecError when it does not fit */
  encode(writer: ByteWriter, value: unknown): void
}

/** JavaScript that reads a value from `bytes` and `view` between `start` and `end`, for decoders that are generated. */
export interface InlineRead {
  /** Bytes that a value must have; undefined for any number. */
  readonly length?: number | undefined
  /** An expression; `text`, `uuid` and `date` are functions it may call. */
  readonly code: string
}

/** JavaScript that writes a value of the usual form, for writers that are generated. */
export interface InlineWrite {
  /** Bytes that it takes at most. */
  readonly room: number
  /** Statements that write `value` from `start` on into `bytes` or `view`, and set `end` to where it ends; they leave `end` alone when the value is of another form, or does not fit. */
  readonly code: string
}

/** Reads a cell: an [int] length and that many bytes; any negative length is null. */
export function decodeCell(codec: Codec, source: ByteReader): unknown {
  const length = source.i32()
  if (length < 0) return null
  const start = source.take(length)
  return length === 0 && !codec.allowsEmpty ? null : codec.decode(source, start, start + length)
}

/** Writes a cell: an [int] length and the bytes; -1 for null, -2 for {@link unset}. @throws CodecError */
export function encodeCell(codec: Codec, writer: ByteWriter, value: unknown): void {
  if (value === null) return writer.i32(-1)
  if (value === unset) return writer.i32(-2)
  if (value === undefined) throw new CodecError("undefined is not a value: say null, or 'unset' to leave the column as it is")
  const at = writer.reserve(4)
  codec.encode(writer, value)
  writer.view.setInt32(at, writer.pos - at - 4)
}

/** The error of a value that does not fit; it tells the kind of value, never the value itself. */
export function mismatch(type: CqlType, value: unknown, detail?: string): CodecError {
  return new CodecError(`expected ${typeToCql(type)}, got ${describe(value)}${detail === undefined ? '' : `: ${detail}`}`)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) || !Number.isFinite(value) ? 'a number' : 'a number with a fraction'
    case 'object': {
      const name = (value as object).constructor?.name
      return name === undefined || name === 'Object' ? 'an object' : `an object of class ${name}`
    }
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}

/** The error of a part inside a collection, tuple or UDT, with the way to it. */
export function errorWithin(error: unknown, step: string): unknown {
  return error instanceof CodecError ? new CodecError(error.message, step + error.path) : error
}

/** Checks that a value has the length its type asks for. */
export function expectLength(type: CqlType, start: number, end: number, length: number): void {
  if (end - start !== length) throw new ProtocolError(`A ${type.kind} has ${length} bytes, not ${end - start}`)
}
