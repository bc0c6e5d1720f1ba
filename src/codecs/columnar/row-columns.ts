import type { ByteReader } from '../../base/index.js'
import type { Codec } from '../codec.js'
import { cellsWithin, columnBuilder } from './column-builders.js'
import type { ColumnarOptions, ColumnBuilder } from './column-builders.js'
import { ColumnarResult } from './column-vector.js'

/** Where the cells of the page stand that is being read; kept, since it is nearly as large as the page. */
let positions = new Int32Array(0)

/** Collects rows of one result shape by column, over as many pages as there are. */
export class RowColumns {
  readonly #builders: readonly ColumnBuilder[]
  #rows = 0

  /** @param names of the columns, each in the place of its codec */
  constructor(names: readonly string[], codecs: readonly Codec[], options: ColumnarOptions = {}) {
    this.#builders = codecs.map((codec, i) => columnBuilder(names[i]!, codec, options))
  }

  /** Reads `count` rows from where `source` stands. @throws ProtocolError when the bytes end too early */
  read(source: ByteReader, count: number): void {
    const builders = this.#builders
    const step = builders.length
    const cells = count * step
    if (cells > positions.length) positions = new Int32Array(cells)
    const found = positions
    source.pos = cellsWithin(source, source.pos, source.end, found, 0, cells)
    builders.forEach((builder, first) => builder.append(source, { positions: found, first, step, count }))
    this.#rows += count
  }

  /** What has been collected. */
  finish(): ColumnarResult {
    return new ColumnarResult(this.#rows, this.#builders.map((builder) => builder.finish()))
  }
}
