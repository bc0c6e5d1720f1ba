import { copyBytes, SHORT_ASCII, utf8Decode } from '../base/index.js'
import type { ByteReader, ByteWriter } from '../base/index.js'
import { expectLength, mismatch } from './codec.js'
import type { Codec } from './codec.js'
import { scalar } from './types.js'
import type { CqlType } from './types.js'
import { inetFromString, inetToString } from './values/inet.js'
import { uuidToString, writeUuid } from './values/uuid.js'

function text(kind: 'text' | 'ascii'): Codec {
  const type = scalar(kind)
  return {
    type,
    vectorSize: 0,
    allowsEmpty: true,
    inline: { code: 'text(bytes, start, end)' },
    inlineWrite: { room: SHORT_ASCII, code: `if (typeof value === 'string' && value.length <= ${SHORT_ASCII}) { end = putAscii(bytes, start, value) }` },
    decode: (source, start, end) => utf8Decode(source.bytes, start, end),
    encode(writer: ByteWriter, value: unknown): void {
      if (typeof value !== 'string') throw mismatch(type, value)
      if (writer.shortAscii(value)) return
      if (!value.isWellFormed()) throw mismatch(type, value, 'it holds half of a surrogate pair')
      const written = writer.utf8(value)
      if (kind === 'ascii' && written !== value.length) throw mismatch(type, value, 'it holds characters beyond ASCII')
    },
  }
}

const boolean: Codec = {
  type: scalar('boolean'),
  vectorSize: 1,
  allowsEmpty: false,
  inline: { length: 1, code: 'bytes[start] !== 0' },
  inlineWrite: { room: 1, code: 'if (typeof value === "boolean") { bytes[start] = value ? 1 : 0; end = start + 1 }' },
  decode(source: ByteReader, start: number, end: number): boolean {
    expectLength(this.type, start, end, 1)
    return source.bytes[start] !== 0
  },
  encode(writer: ByteWriter, value: unknown): void {
    if (typeof value !== 'boolean') throw mismatch(this.type, value)
    writer.u8(value ? 1 : 0)
  },
}

/** Bytes of a binary argument, without a copy, or undefined when it is none. */
function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return undefined
}

/** The codec of blobs, and of custom types that nothing more is known of. */
export function blobCodec(type: CqlType): Codec {
  return {
    type,
    vectorSize: 0,
    allowsEmpty: true,
    // A copy: a view would pin the whole read buffer, which is used again besides.
    decode: (source, start, end) => copyBytes(source.bytes, start, end),
    encode(writer: ByteWriter, value: unknown): void {
      const bytes = asBytes(value)
      if (!bytes) throw mismatch(type, value)
      writer.raw(bytes)
    },
  }
}

function uuidLike(kind: 'uuid' | 'timeuuid'): Codec {
  const type = scalar(kind)
  return {
    type,
    vectorSize: 16,
    allowsEmpty: false,
    inline: { length: 16, code: 'uuid(bytes, start)' },
    // Of a timeuuid the version is checked, too.
    inlineWrite: kind === 'uuid' ? { room: 16, code: 'if (typeof value === "string" && writeUuid(bytes, start, value)) end = start + 16' } : undefined,
    decode(source: ByteReader, start: number, end: number): string {
      expectLength(type, start, end, 16)
      return uuidToString(source.bytes, start)
    },
    encode(writer: ByteWriter, value: unknown): void {
      const at = writer.reserve(16)
      if (typeof value === 'string') {
        if (!writeUuid(writer.bytes, at, value)) throw mismatch(type, value, 'not of the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx')
      } else {
        const bytes = asBytes(value)
        if (!bytes || bytes.length !== 16) throw mismatch(type, value, bytes ? 'not 16 bytes' : undefined)
        writer.bytes.set(bytes, at)
      }
      if (kind === 'timeuuid' && writer.bytes[at + 6]! >> 4 !== 1) throw mismatch(type, value, 'not a version 1 UUID')
    },
  }
}

const inet: Codec = {
  type: scalar('inet'),
  vectorSize: 0,
  allowsEmpty: false,
  decode(source: ByteReader, start: number, end: number): string {
    if (end - start !== 4) expectLength(this.type, start, end, 16)
    return inetToString(source.bytes.subarray(start, end))
  },
  encode(writer: ByteWriter, value: unknown): void {
    if (typeof value === 'string') {
      try {
        return writer.raw(inetFromString(value))
      } catch {
        throw mismatch(this.type, value, 'not an IPv4 or IPv6 address')
      }
    }
    const bytes = asBytes(value)
    if (!bytes || (bytes.length !== 4 && bytes.length !== 16)) throw mismatch(this.type, value, bytes ? 'not 4 or 16 bytes' : undefined)
    writer.raw(bytes)
  },
}

/** Codecs of text, bytes, booleans, identifiers and addresses. */
export function scalarCodecs(): Codec[] {
  return [text('text'), text('ascii'), boolean, blobCodec(scalar('blob')), uuidLike('uuid'), uuidLike('timeuuid'), inet]
}
