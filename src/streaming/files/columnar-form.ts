import type { CqlType } from '../../codecs/index.js'
import { toText } from './json-values.js'

/** How a CQL type is stored in a columnar file. */
export interface ColumnForm {
  readonly kind: 'boolean' | 'int' | 'long' | 'float' | 'double' | 'instant' | 'bytes' | 'text'
  /** What is stored for a value that is not null. */
  readonly write: (value: unknown) => unknown
}

const itself = (value: unknown): unknown => value

/** Numbers, booleans, timestamps, texts and blobs as such; types that such files do not have as the text that CSV has. */
export function columnarForm(type: CqlType): ColumnForm {
  switch (type.kind) {
    case 'boolean':
      return { kind: 'boolean', write: itself }
    case 'tinyint': case 'smallint': case 'int':
      return { kind: 'int', write: itself }
    case 'bigint': case 'counter':
      return { kind: 'long', write: (value) => BigInt(value as bigint) }
    case 'float': case 'double':
      return { kind: type.kind, write: itself }
    case 'timestamp':
      return { kind: 'instant', write: (value) => (value instanceof Date ? value : new Date(Number(value))) }
    case 'blob':
      return { kind: 'bytes', write: itself }
    case 'text': case 'ascii':
      return { kind: 'text', write: itself }
    default:
      return { kind: 'text', write: toText(type) }
  }
}
