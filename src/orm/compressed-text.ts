import { CodecError, OptionError } from '../base/index.js'
import { lz4 } from '../protocol/index.js'
import { blob } from './column-types.js'
import type { NewColumn } from './column-types.js'
import { joinBytes } from './join-bytes.js'
import type { Equality } from './filter-types.js'

/** Options of {@link compressedText}. */
export interface CompressedTextOptions {
  /** Shorter texts are kept as they are. @default 256 */
  readonly minBytes?: number | undefined
  /** Longer texts are refused, when they are written and when they are read. @default 16777216 */
  readonly maxBytes?: number | undefined
}

/** The first byte of every value says what follows: no text can be taken for a compressed one. */
const PLAIN = 0
const LZ4 = 1
/** The marker, and the length of the text as UTF-8 in four bytes. */
const LZ4_HEADER = 5

/**
 * Text that is kept in a `blob`, compressed by LZ4 where that makes it shorter. What is read is bounded before memory is taken for it, and
 * what cannot be read is an error.
 */
export function compressedText({ minBytes = 256, maxBytes = 16 * 1024 * 1024 }: CompressedTextOptions = {}): NewColumn<string, string, Equality<string>> {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw new OptionError('maxBytes', `Option 'maxBytes' must be a whole number, at least 1, not ${maxBytes}`)
  const checked = (length: number): number => {
    if (length > maxBytes) throw new CodecError(`a text of ${length} bytes is more than 'maxBytes' (${maxBytes})`)
    return length
  }
  return blob().mapped<string>({
    encode(value) {
      const plain = new TextEncoder().encode(value)
      checked(plain.length)
      const packed = plain.length < minBytes ? undefined : lz4.compress(plain)
      if (packed === undefined || packed.length + LZ4_HEADER >= plain.length + 1) return joinBytes([Uint8Array.of(PLAIN), plain])
      const header = new Uint8Array(LZ4_HEADER)
      header[0] = LZ4
      new DataView(header.buffer).setUint32(1, plain.length)
      return joinBytes([header, packed])
    },
    decode(bytes) {
      if (bytes[0] === PLAIN) return textOf(bytes.subarray(1, 1 + checked(bytes.length - 1)))
      if (bytes[0] !== LZ4 || bytes.length < LZ4_HEADER) throw new CodecError('is no compressed text')
      const length = checked(new DataView(bytes.buffer, bytes.byteOffset).getUint32(1))
      return textOf(lz4.decompress(bytes.subarray(LZ4_HEADER), length))
    },
  })
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
