import { readCells, scalar, typeToCql, unset } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { printTerm } from '../cql/index.js'
import type { Assignment, Deletion, Term, Using } from '../cql/index.js'
import type { RawValue } from '../protocol/index.js'
import { elementTypeOf, keyTypeOf } from './bind-markers.js'
import { invalid } from './errors.js'
import { columnOf } from './relation-tests.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import type { Cell, Partition, Row } from './rows.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'
import { decodeValue, encodeValue } from './values.js'

/** When a statement is executed. */
export interface WriteTime {
  /** Microseconds since 1970, unless the statement says otherwise. */
  readonly timestamp: bigint
  /** Seconds since 1970. */
  readonly nowSeconds: number
}

/** Changes to the cells of one row. */
export type RowChange = (partition: Partition, row: Row) => void

/** Timestamp and TTL of the cells that one statement writes. */
interface Times {
  readonly timestamp: bigint
  readonly ttl: number
  readonly nowSeconds: number
}

const MAX_TTL = 630_720_000

export function timesOf(using: Using, table: Table, env: Env, time: WriteTime): Times {
  let { timestamp } = time
  let ttl = Number(table.options['default_time_to_live'] ?? 0)
  if (using.timestamp) {
    const value = evaluate(using.timestamp, scalar('bigint'), env, '[timestamp]')
    if (value === null) throw invalid('Invalid null value of timestamp')
    if (value !== unset) timestamp = decodeValue(scalar('bigint'), value as Uint8Array) as bigint
  }
  if (using.ttl) {
    const value = evaluate(using.ttl, scalar('int'), env, '[ttl]')
    if (value !== unset) {
      ttl = value === null ? 0 : (decodeValue(scalar('int'), value as Uint8Array) as number)
      if (ttl < 0) throw invalid(`A TTL must be greater or equal to 0, but was ${ttl}`)
      if (ttl > MAX_TTL) throw invalid(`ttl is too large. requested (${ttl}) maximum (${MAX_TTL})`)
    }
  }
  return { timestamp, ttl, nowSeconds: time.nowSeconds }
}

/** Makes the changes to cells that assignments and deletions stand for. */
export class CellWriter {
  readonly times: Times
  readonly #table: Table
  readonly #env: Env

  constructor(table: Table, env: Env, times: Times) {
    this.#table = table
    this.#env = env
    this.times = times
  }

  #cell(value: Uint8Array | null): Cell {
    const { timestamp, ttl, nowSeconds } = this.times
    if (value === null) return { value, timestamp, ttl: 0, expires: 0 }
    return { value, timestamp, ttl, expires: ttl === 0 ? 0 : nowSeconds + ttl }
  }

  liveness(row: Row): void {
    const { timestamp, ttl, nowSeconds } = this.times
    this.#table.store.writeLiveness(row, { timestamp, ttl, expires: ttl === 0 ? 0 : nowSeconds + ttl })
  }

  /** `column = term`. */
  set(column: TableColumn, term: Term): RowChange {
    return this.setValue(column, evaluate(term, column.type, this.#env, column.name))
  }

  /** As {@link CellWriter.set}, of a value that is known. */
  setValue(column: TableColumn, value: RawValue): RowChange {
    const { store } = this.#table
    if (value === unset) return () => {}
    if (column.type.kind === 'counter') throw invalid(`Cannot set the value of counter column ${column.name} (counters can only be incremented/decremented, not set)`)
    const bytes = value as Uint8Array | null
    if (!isComplex(column.type)) return (_, row) => store.writeCell(row, column, this.#cell(bytes))
    const parts = bytes === null ? [] : this.#partsOf(column, bytes)
    return (_, row) => {
      store.deleteComplex(row, column, this.times.timestamp - 1n)
      if (bytes === null) store.deleteComplex(row, column, this.times.timestamp)
      for (const { key, value: part } of parts) store.writePart(row, column, key(), this.#cell(part))
    }
  }

  /** The parts that a serialised collection or UDT is kept in. */
  #partsOf(column: TableColumn, bytes: Uint8Array): { key: () => Uint8Array; value: Uint8Array | null }[] {
    const { type } = column
    if (type.kind === 'udt') return readCells(bytes, false).map((value, i) => ({ key: () => fieldKey(i), value }))
    const items = readCells(bytes, true) as Uint8Array[]
    if (type.kind === 'map') return Array.from({ length: items.length / 2 }, (_, i) => ({ key: () => items[2 * i]!, value: items[2 * i + 1]! }))
    if (type.kind === 'set') return items.map((item) => ({ key: () => item, value: new Uint8Array(0) }))
    return items.map((item) => ({ key: () => this.#table.store.listPlace(true), value: item }))
  }

  assignment(assignment: Assignment): RowChange {
    const column = columnOf(this.#table, assignment.column.name)
    const { type } = column
    const { store } = this.#table
    if (this.#table.isCounter && assignment.kind !== 'add' && assignment.kind !== 'subtract' && type.kind === 'counter') {
      throw invalid(`Cannot set the value of counter column ${column.name} (counters can only be incremented/decremented, not set)`)
    }
    switch (assignment.kind) {
      case 'set':
        return this.set(column, assignment.value)
      case 'field': {
        if (type.kind !== 'udt') throw invalid(`Invalid operation (${column.name}.${assignment.field.name} = ...) for non-UDT column ${column.name}`)
        if (type.frozen === true) throw invalid(`Invalid operation (${column.name}.${assignment.field.name} = ${printTerm(assignment.value)}) for frozen UDT column ${column.name}`)
        const place = type.fields.findIndex(({ name }) => name === assignment.field.name)
        if (place < 0) throw invalid(`UDT column ${column.name} does not have a field named ${assignment.field.name}`)
        const value = evaluate(assignment.value, type.fields[place]!.type, this.#env, column.name)
        return value === unset ? () => {} : (_, row) => store.writePart(row, column, fieldKey(place), this.#cell(value as Uint8Array | null))
      }
      case 'element':
        return this.#element(column, assignment.key, assignment.value)
      default:
        return this.#addition(column, assignment.kind, assignment.value)
    }
  }

  #element(column: TableColumn, keyTerm: Term, valueTerm: Term): RowChange {
    const { type } = column
    const { store } = this.#table
    const keyType = keyTypeOf(type)
    const elementType = elementTypeOf(type)
    if (!keyType || !elementType || type.kind === 'set' || !isComplex(type)) throw invalid(`Invalid operation (${column.name}[...] = ...) for column ${column.name} of type ${typeToCql(type)}`)
    const key = this.#present(keyTerm, keyType, column)
    const value = evaluate(valueTerm, elementType, this.#env, column.name)
    if (value === unset) return () => {}
    const cell = this.#cell(value as Uint8Array | null)
    if (type.kind === 'map') return (_, row) => store.writePart(row, column, key, cell)
    return (partition, row) => store.writePart(row, column, this.#placeOf(partition, row, column, key), cell)
  }

  /** The place of the n-th element of a list. */
  #placeOf(partition: Partition, row: Row, column: TableColumn, index: Uint8Array): Uint8Array {
    const parts = this.#table.store.liveParts(partition, row, column, this.times.nowSeconds)
    const at = decodeValue(scalar('int'), index) as number
    const part = parts[at]
    if (!part) throw invalid(parts.length === 0 ? 'Attempted to set an element on a list which is null' : `List index ${at} out of bound, list has size ${parts.length}`)
    return part.key
  }

  #present(term: Term, type: CqlType, column: TableColumn): Uint8Array {
    const value = evaluate(term, type, this.#env, column.name)
    if (!(value instanceof Uint8Array)) throw invalid(`Invalid null or unset value for an element of ${column.name}`)
    return value
  }

  /** `c = c + x`, `c = x + c` and `c = c - x`. */
  #addition(column: TableColumn, kind: 'add' | 'prepend' | 'subtract', term: Term): RowChange {
    const { type } = column
    const { store } = this.#table
    if (type.kind === 'counter') {
      const value = evaluate(term, scalar('bigint'), this.#env, column.name)
      if (value === unset) return () => {}
      if (value === null) throw invalid('Invalid null value for counter increment')
      const change = (decodeValue(scalar('bigint'), value as Uint8Array) as bigint) * (kind === 'subtract' ? -1n : 1n)
      return (partition, row) => {
        const before = store.liveCell(partition, row, column, this.times.nowSeconds)?.value
        const sum = (before ? (decodeValue(scalar('counter'), before) as bigint) : 0n) + change
        store.setCell(row, column, this.#cell(encodeValue(scalar('counter'), BigInt.asIntN(64, sum))))
      }
    }
    if (!isComplex(type) || type.kind === 'udt') {
      const operation = `${column.name} = ${column.name} ${kind === 'subtract' ? '-' : '+'} ...`
      throw invalid(`Invalid operation (${operation}) for ${'frozen' in type ? 'frozen collection' : 'non counter'} column ${column.name}`)
    }
    const given = kind === 'subtract' && type.kind === 'map' ? ({ kind: 'set', element: type.key } as const) : type
    const value = evaluate(term, given, this.#env, column.name)
    if (value === unset || value === null) return () => {}
    if (kind === 'subtract') return this.#subtraction(column, readCells(value as Uint8Array, true) as Uint8Array[])
    const parts = this.#partsOf(column, value as Uint8Array)
    if (kind === 'prepend') {
      const items = parts.map((part) => part.value).reverse()
      return (_, row) => { for (const item of items) store.writePart(row, column, store.listPlace(false), this.#cell(item)) }
    }
    return (_, row) => { for (const part of parts) store.writePart(row, column, part.key(), this.#cell(part.value)) }
  }

  #subtraction(column: TableColumn, items: readonly Uint8Array[]): RowChange {
    const { store } = this.#table
    const tombstone = this.#cell(null)
    if (column.type.kind !== 'list') return (_, row) => { for (const item of items) store.writePart(row, column, item, tombstone) }
    const wanted = new Set(items.map(String))
    return (partition, row) => {
      for (const { key, cell } of store.liveParts(partition, row, column, this.times.nowSeconds)) {
        if (wanted.has(String(cell.value))) store.writePart(row, column, key, tombstone)
      }
    }
  }

  /** What `DELETE column` stands for. */
  deletion(column: TableColumn, { key, field }: Deletion): RowChange {
    const { type } = column
    const { store } = this.#table
    const tombstone = this.#cell(null)
    if (field) {
      const place = type.kind === 'udt' ? type.fields.findIndex(({ name }) => name === field.name) : -1
      if (place < 0) throw invalid(`UDT column ${column.name} does not have a field named ${field.name}`)
      return (_, row) => store.writePart(row, column, fieldKey(place), tombstone)
    }
    if (key) {
      const keyType = keyTypeOf(type)
      if (!keyType || !isComplex(type)) throw invalid(`Invalid deletion operation for non-collection or frozen column ${column.name}`)
      const bytes = this.#present(key, keyType, column)
      if (type.kind !== 'list') return (_, row) => store.writePart(row, column, bytes, tombstone)
      return (partition, row) => store.writePart(row, column, this.#placeOf(partition, row, column, bytes), tombstone)
    }
    if (isComplex(type)) return (_, row) => store.deleteComplex(row, column, this.times.timestamp)
    return (_, row) => store.writeCell(row, column, tombstone)
  }
}

function fieldKey(place: number): Uint8Array {
  return Uint8Array.of(place >> 8, place & 0xff)
}
