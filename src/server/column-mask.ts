import { quoteText, toHex } from '../base/index.js'
import { quoteIdentifier, readCells, sameType, typeToCql } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { printTerm } from '../cql/index.js'
import type { Mask, Term } from '../cql/index.js'
import { invalid } from './errors.js'
import { findFunction, textOf } from './functions.js'
import { argumentTypes, evaluate, typeOf } from './terms.js'
import type { Env } from './terms.js'
import { decodeValue } from './values.js'

/** What is shown of a column to those who may not unmask it (Cassandra 5.0, CEP-20). */
export interface ColumnMask {
  /** A native function whose first argument is the column. */
  readonly name: string
  /** Its other arguments. */
  readonly args: readonly { readonly type: CqlType; readonly value: Uint8Array | null }[]
  readonly apply: (value: Uint8Array | null) => Uint8Array | null
}

/** Understands MASKED WITH. @throws Refusal with Cassandra's words */
export function columnMask(mask: Mask, column: string, type: CqlType, env: Env): ColumnMask {
  const [name, terms]: [string, readonly Term[]] = mask.kind === 'default' ? ['mask_default', []] : [mask.function.name, mask.args]
  const shown = `${mask.kind === 'call' && mask.function.keyspace === undefined ? '' : 'system.'}${name}(${terms.map(printTerm).join(', ')})`
  const found = findFunction(name, [type, ...argumentTypes(name, terms, (arg) => typeOf(arg, env))])
  if (!name.startsWith('mask_')) throw invalid(`Not-masking function ${shown} cannot be used for masking table columns`)
  if (!sameType(found.result, type)) {
    throw invalid(`Masking function ${shown} return type is ${typeToCql(found.result)}. This is different to the type of the masked column ${column} of type ${typeToCql(type)}. ` +
      'Masking functions can only be attached to table columns if they return the same data type as the masked column.')
  }
  const args = terms.map((term, i) => {
    const value = evaluate(term, found.args[i + 1]!, env)
    return { type: found.args[i + 1]!, value: value instanceof Uint8Array ? value : null }
  })
  const values = args.map(({ value }) => value)
  return { name, args, apply: (value) => found.call([value, ...values], env.clock) }
}

/** A mask as DESCRIBE shows it. */
export function printMask({ name, args }: ColumnMask): string {
  return `system.${name}(${args.map(({ type, value }) => literalOf(type, value)).join(', ')})`
}

const bare: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint', 'counter', 'varint', 'float', 'double', 'decimal', 'boolean', 'uuid', 'timeuuid', 'duration'])

/** A value as a constant of CQL. */
function literalOf(type: CqlType, bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  const part = (of: CqlType, value: Uint8Array | null | undefined): string => literalOf(of, value ?? null)
  switch (type.kind) {
    case 'list':
      return `[${readCells(bytes, true).map((item) => part(type.element, item)).join(', ')}]`
    case 'set':
      return `{${readCells(bytes, true).map((item) => part(type.element, item)).join(', ')}}`
    case 'map': {
      const items = readCells(bytes, true)
      return `{${items.flatMap((key, i) => (i % 2 === 0 ? [`${part(type.key, key)}: ${part(type.value, items[i + 1])}`] : [])).join(', ')}}`
    }
    case 'tuple': {
      const items = readCells(bytes, false)
      return `(${type.elements.map((element, i) => part(element, items[i])).join(', ')})`
    }
    case 'udt': {
      const items = readCells(bytes, false)
      return `{${type.fields.map((field, i) => `${quoteIdentifier(field.name)}: ${part(field.type, items[i])}`).join(', ')}}`
    }
    case 'blob':
      return `0x${toHex(bytes)}`
    default:
      return bare.has(type.kind) ? maskValueText(type, bytes) : quoteText(maskValueText(type, bytes))
  }
}

/** A value as `system_schema.column_masks` has it: of collections the bytes. */
export function maskValueText(type: CqlType, bytes: Uint8Array | null): string {
  if (bytes === null) return ''
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
    case 'blob':
      return toHex(bytes)
    case 'tuple':
      return readCells(bytes, false).map((item, i) => maskValueText(type.elements[i]!, item)).join(':')
    case 'udt':
      return readCells(bytes, false).map((item, i) => maskValueText(type.fields[i]!.type, item)).join(':')
    case 'vector':
      return `[${[...(decodeValue(type, bytes) as Iterable<unknown>)].map((item) => (type.element.kind === 'float' ? textOf(type.element, item) : String(item))).join(', ')}]`
    default:
      return textOf(type, decodeValue(type, bytes))
  }
}
