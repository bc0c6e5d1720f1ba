import { ProtocolError } from '../../base/index.js'

/** Compression algorithms of the native protocol. */
export type CompressionName = 'lz4' | 'snappy'

/** Compresses and decompresses raw blocks, without any length in front. */
export interface Compressor {
  readonly name: CompressionName
  /** The bytes, compressed; they are not changed. */
  compress(bytes: Uint8Array): Uint8Array
  /**
   * @param length bytes that come out, or for Snappy, which knows it, the most that may
   * @throws ProtocolError when the block is broken or has another length
   */
  decompress(bytes: Uint8Array, length: number): Uint8Array
}

/** Refuses a declared length that no block of this size can hold, before memory is taken. */
export function checkExpansion(compressed: number, declared: number): void {
  // One LZ4 length byte stands for at most 255 bytes of output, and the last token for a few more.
  if (declared < 0 || declared > compressed * 255 + 64) throw new ProtocolError(`${compressed} compressed bytes cannot become ${declared}`)
}
