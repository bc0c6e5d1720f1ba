import { generateWrite } from '#jit'
import type { ByteWriter } from '../base/index.js'
import { encodeCell } from './codec.js'
import type { Codec } from './codec.js'
import { GENERATE_AFTER } from './generate-after.js'

/** Writes values as cells, from the one at `from` on, each by the codec in its place. @throws CodecError when one does not fit */
export type WriteValues = (writer: ByteWriter, values: readonly unknown[], from: number) => void

/** Writes lists of values of the same types, one after the other: those of a prepared statement. */
export class ValueWriter {
  readonly #codecs: readonly Codec[]
  #lists = 0
  /** null where there cannot be any. */
  #generated: WriteValues | null | undefined

  /** @param codecs one for each value */
  constructor(codecs: readonly Codec[]) {
    this.#codecs = codecs
  }

  /** Writes all values from `from` on. @throws CodecError when one does not fit; what was written before is then of no use */
  write(writer: ByteWriter, values: readonly unknown[], from: number): void {
    if (this.#generated === undefined && ++this.#lists > GENERATE_AFTER) this.#generated = generateWrite?.(this.#codecs) ?? null
    if (this.#generated) this.#generated(writer, values, from)
    else this.writePlainly(writer, values, from)
  }

  /** As {@link write}, by a loop over the codecs: what a statement begins with, and all there is where code cannot be generated. */
  writePlainly(writer: ByteWriter, values: readonly unknown[], from: number): void {
    const codecs = this.#codecs
    for (let i = from; i < codecs.length; i++) encodeCell(codecs[i]!, writer, values[i])
  }
}
