import { ByteWriter } from '../../base/index.js'
import { crc32, MAX_PAYLOAD, writeSegment } from '../../protocol/index.js'
import type { Compressor } from '../../protocol/index.js'
import type { Arbitrary, FastCheck } from './fast-check.js'

/** Arbitraries of how bytes travel. */
export interface WireArbitraries {
  /** The same bytes in chunks cut anywhere, some of one byte. */
  chunks(bytes: Uint8Array): Arbitrary<Uint8Array[]>
  /**
   * Envelopes in any segments that version 5 allows: several whole ones in each, or one in slices cut anywhere, its header included.
   *
   * @param compressor that of the connection, if one was agreed
   */
  segments(envelopes: readonly Uint8Array[], compressor?: Compressor): Arbitrary<Uint8Array>
}

/** Makes {@link WireArbitraries}. */
export function wireArbitraries(fc: FastCheck): WireArbitraries {
  /** Places at which `length` bytes are cut. */
  const cuts = (length: number, maxLength: number): Arbitrary<number[]> => fc.uniqueArray(fc.nat(Math.max(0, length - 1)), { maxLength }).map((places) => places.filter((place) => place > 0).toSorted((a, b) => a - b))
  return {
    chunks: (bytes) => cuts(bytes.length, 12).map((places) => {
      const chunks: Uint8Array[] = []
      let start = 0
      for (const end of [...places, bytes.length]) {
        chunks.push(bytes.subarray(start, end))
        start = end
      }
      return chunks
    }),
    segments: (envelopes, compressor) => fc.tuple(...envelopes.map((envelope) => fc.tuple(fc.boolean(), fc.boolean(), cuts(envelope.length, 4)))).map((plans) => {
      const target = new ByteWriter()
      let whole = new ByteWriter()
      const flush = (): void => {
        if (whole.pos > 0) writeSegment(whole.toBytes(), true, target, compressor, crc32)
        whole = new ByteWriter()
      }
      plans.forEach(([sliced, apart, places], i) => {
        const envelope = envelopes[i]!
        if (apart || sliced || whole.pos + envelope.length > MAX_PAYLOAD) flush()
        if (!sliced && envelope.length <= MAX_PAYLOAD) return whole.raw(envelope)
        let start = 0
        for (const end of [...places, envelope.length]) {
          for (; start < end; start = Math.min(start + MAX_PAYLOAD, end)) writeSegment(envelope, false, target, compressor, crc32, start, Math.min(start + MAX_PAYLOAD, end))
        }
      })
      flush()
      return target.toBytes()
    }),
  }
}
