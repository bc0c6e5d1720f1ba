// Columns that only whoever has the keys can read. A value is bound to its table, its column and the key of its row.
import { ByteReader, ByteWriter, OptionError } from '../base/index.js'
import { Codecs, Decimal, encodeCell } from '../codecs/index.js'
import type { Codec } from '../codecs/index.js'
import type { Column } from './column.js'
import { blob, chained } from './column-types.js'
import type { NewColumn } from './column-types.js'
import { QueryRefusedError } from './errors.js'
import type { KeyRing } from './key-ring.js'
import type { TableColumn, TableModel } from './table.js'

/** What seals and opens the values of a column. */
export interface Seal {
  /** Encrypts a value. @param about what it is bound to: it cannot be opened with anything else */
  seal(value: unknown, about: Uint8Array): Uint8Array
  /** Decrypts a value. @param about what it was bound to */
  open(bytes: Uint8Array, about: Uint8Array): unknown
}

/** Of values inside encrypted ones, and of keys that they are bound to: what is written does not depend on how a client reads. */
const codecs = new Codecs()

/**
 * Encrypts a column: AES-256-GCM, with a nonce of its own for each value, bound to table, column and primary key, so that a value that is moved to another
 * row cannot be read there. It is a `blob` in CQL; nothing can be asked of it, for which {@link KeyRing.blindIndex} makes a column beside it.
 *
 * @param column what it is without encryption: `encrypted(text(), ring)`, `encrypted(json(schema), ring)`
 * @throws OptionError for counters
 */
export function encrypted<Read, Write>(column: Column<Read, Write, any, 'regular', 'optional', 'none'>, ring: KeyRing): NewColumn<NonNullable<Read>, NonNullable<Write>, never> {
  if (column.type.kind === 'counter') throw new OptionError('column', 'A counter cannot be encrypted')
  const codec = codecs.of(column.type)
  const mapping = chained(column.mappings)
  return blob().sealed({
    seal: (value, about) => ring.seal(bytesOf(codec, mapping.encode(value)), about),
    open: (bytes, about) => {
      const plain = ring.open(bytes, about)
      return mapping.decode(codec.decode(new ByteReader(plain), 0, plain.length))
    },
  }).check(...column.checks) as NewColumn<NonNullable<Read>, NonNullable<Write>, never>
}

function bytesOf(codec: Codec, value: unknown): Uint8Array {
  const writer = new ByteWriter(64)
  codec.encode(writer, value)
  return writer.toBytes()
}

/**
 * What values of a row are bound to: table, column, and the primary key as the bytes that Cassandra keeps of it; of a static column the partition key.
 *
 * @param valueOf the value of a key column, as it is bound
 * @throws QueryRefusedError when the key is not that of one row
 */
export function boundTo({ name, partitionKey, primaryKey }: TableModel, { kind, name: own, label }: TableColumn, valueOf: (column: TableColumn) => unknown): Uint8Array {
  const writer = new ByteWriter(128)
  const text = codecs.of({ kind: 'text' })
  for (const part of [name, own]) encodeCell(text, writer, part)
  for (const column of kind === 'static' ? partitionKey : primaryKey) {
    const value = valueOf(column)
    if (value === undefined) throw new QueryRefusedError(`${label} is encrypted with the key of its row: '${column.property}' must be one value, and among the columns that are read`)
    encodeCell(codecs.of(column.column.type), writer, column.column.type.kind === 'decimal' ? shortest(value as string) : value)
  }
  return writer.toBytes()
}

/** 1.0 and 1 are the same row: the decimal with the fewest digits stands for all that are equal. */
function shortest(value: Decimal | string | number | bigint): Decimal {
  let { unscaled, scale } = Decimal.from(value)
  if (unscaled === 0n) return new Decimal(0n, 0)
  for (; unscaled % 10n === 0n; scale--) unscaled /= 10n
  return new Decimal(unscaled, scale)
}
