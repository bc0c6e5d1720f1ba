import { ProtocolError } from '../../base/index.js'
import { checkExpansion } from './compressor.js'
import type { CompressionName, Compressor } from './compressor.js'

/** What a native package offers: raw blocks in and out, throwing errors of its own. */
interface NativeBlocks {
  compress(bytes: Uint8Array): Uint8Array
  decompress(bytes: Uint8Array, length: number): Uint8Array
}

/** Puts the checks that the native packages lack around one of them. */
export function checkedCompressor(name: CompressionName, native: NativeBlocks): Compressor {
  return {
    name,
    compress: (bytes) => native.compress(bytes),
    decompress(bytes, length) {
      const declared = name === 'snappy' ? snappyLength(bytes) : length
      if (declared > length) throw new ProtocolError(`Broken Snappy block: it declares ${declared} bytes, more than the ${length} allowed`)
      checkExpansion(bytes.length, declared)
      let raw
      try {
        raw = native.decompress(bytes, declared)
      } catch (error) {
        throw new ProtocolError(`Broken ${name} block: ${error instanceof Error ? error.message : String(error)}`, error)
      }
      if (raw.length !== declared) throw new ProtocolError(`Broken ${name} block: it holds ${raw.length} bytes, not ${declared}`)
      return raw
    },
  }
}

/** The raw length that a Snappy block begins with. */
function snappyLength(bytes: Uint8Array): number {
  let length = 0
  for (let i = 0, shift = 1; i < 5 && i < bytes.length; i++, shift *= 128) {
    length += (bytes[i]! & 127) * shift
    if (bytes[i]! < 128) return length
  }
  throw new ProtocolError('Broken Snappy block: it has no length')
}
