import fc from 'fast-check'
import { ByteReader, ByteWriter, CodecError, CqlError, ProtocolError } from '../../src/base/index.js'
import { Codecs, encodeCell, jsonReplacer, RowDecoder } from '../../src/codecs/index.js'
import type { Column } from '../../src/codecs/index.js'
import { generateRows } from '../../src/codecs/generators.jit.js'
import { readRowCount, readRowsMetadata, writeRowsMetadata } from '../../src/protocol/index.js'
import { any } from '../support/arbitraries.js'
import { holds, sameBytes } from './target.js'
import type { Target } from './target.js'

const codecs = new Codecs()
const MOST_COLUMNS = 64
const writer = new ByteWriter(16_384)
/** More than the rows after which a shape gets code of its own. */
const WARM_ROWS = 501

interface Shape {
  readonly columns: readonly Column[]
  readonly decoder: RowDecoder
}

function encodeRows({ columns }: Shape, rows: readonly (readonly unknown[])[]): Uint8Array {
  writer.pos = 0
  for (const row of rows) row.forEach((value, i) => encodeCell(codecs.of(columns[i]!.type), writer, value))
  return writer.bytes.slice(0, writer.pos)
}

/** What reading gives, or the error of ours that it ends in. */
function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CqlError)) throw error
    return error
  }
}

/** Two outcomes in a form that can be compared: values as JSON, errors by their text. */
const comparable = (result: unknown): string => (result instanceof CqlError ? `${result.name}: ${result.message}` : JSON.stringify(result, jsonReplacer))

const forms: readonly ((shape: Shape, rest: () => ByteReader, count: number, plain: unknown) => void)[] = [
  function generated({ columns }, rest, count, plain) {
    const read = generateRows(columns.map(({ name }) => name), columns.map(({ type }) => codecs.of(type)), 'array')!
    holds(comparable(outcome(() => read(rest(), count))) === comparable(plain), 'the generated decoder reads something else than the plain one')
  },
  function json({ columns, decoder }, rest, count, plain) {
    const writes = decoder.json()
    const plainly = outcome(() => writes.writePlainly(rest(), count, 'array').bytes)
    holds(plainly instanceof CqlError === (plain instanceof CqlError), `JSON ${plainly instanceof CqlError ? 'cannot be written of rows that can' : 'can be written of rows that cannot'} be read`)
    writes.write(new ByteReader(new Uint8Array(4 * columns.length * WARM_ROWS).fill(255)), WARM_ROWS, 'lines')
    const fast = outcome(() => writes.write(rest(), count, 'array').bytes)
    holds(plainly instanceof CqlError ? comparable(plainly) === comparable(fast) : sameBytes(plainly as Uint8Array, fast as Uint8Array), 'JSON by the generated code is not that of the plain one')
  },
  function columnar({ decoder }, rest, count, plain) {
    const read = outcome(() => {
      const collected = decoder.columnar()
      collected.read(rest(), count)
      const { columns } = collected.finish()
      return Array.from({ length: count }, (_, i) => columns.map((column) => column.get(i)))
    })
    if (!(read instanceof CqlError) && !(plain instanceof CqlError)) holds(comparable(read) === comparable(plain), 'columns hold other values than rows')
  },
  function objects({ columns, decoder }, rest, count, plain) {
    const rows = outcome(() => decoder.decodePlainly(rest(), count, 'object'))
    holds(rows instanceof CqlError === (plain instanceof CqlError), 'rows can be read as arrays or objects, not both')
    if (rows instanceof CqlError) return
    for (const row of rows as object[]) {
      holds(Object.getPrototypeOf(row) === Object.prototype, 'a row has another prototype')
      for (const { name } of columns) holds(Object.hasOwn(row, name), `a row lacks '${name}'`)
    }
  },
]

/**
 * A page of rows: metadata, count, cells. All ways of reading agree; what was read can be written and read again.
 * The first byte says which of the costly ways are tried.
 */
export const rowTarget: Target = {
  name: 'rows',
  keep: 0,
  seeds: (seed) => fc.sample(fc.tuple(fc.nat(255), fc.array(any.type(3), { minLength: 1, maxLength: 4 }).chain((types) =>
    fc.tuple(fc.constant(types), fc.array(fc.tuple(...types.map((type) => fc.option(any.value(type), { freq: 6 }))), { maxLength: 4 })))), { seed, numRuns: 800 }).map(([form, [types, rows]]) => {
    const columns: Column[] = types.map((type, i) => ({ name: i === 1 && form % 7 === 0 ? '__proto__' : `c${i}`, type, keyspace: 'k', table: 't' }))
    const target = new ByteWriter()
    target.u8(form)
    writeRowsMetadata(target, { columnCount: columns.length, columns }, 5)
    target.i32(rows.length)
    for (const row of rows) row.forEach((value, i) => encodeCell(codecs.of(types[i]!), target, value))
    return target.toBytes()
  }),
  run(input) {
    if (input.length === 0) return 0
    const reader = new ByteReader(input, 1)
    let columns
    let count: number
    try {
      const metadata = readRowsMetadata(reader)
      columns = metadata.columns
      count = readRowCount(reader, metadata.columnCount)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return 1
    }
    if (columns === undefined || columns.length === 0 || columns.length > MOST_COLUMNS) return 1
    const start = reader.pos
    const rest = (): ByteReader => new ByteReader(input, start)
    let shape: Shape
    try {
      shape = { columns, decoder: new RowDecoder(columns, codecs) }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error // nested too deeply
      return 1
    }
    const plain = outcome(() => shape.decoder.decodePlainly(rest(), count, 'array'))
    forms[input[0]! % 32]?.(shape, rest, count, plain)
    if (plain instanceof CqlError) return 1
    let once
    try {
      once = encodeRows(shape, plain as unknown[][])
    } catch (error) {
      if (!(error instanceof CodecError)) throw error // null inside a collection can be read, not written
      return 1
    }
    const again = shape.decoder.decodePlainly(new ByteReader(once), count, 'array')
    holds(sameBytes(encodeRows(shape, again as unknown[][]), once), 'a value that was written is read as something else')
    return 1
  },
}
