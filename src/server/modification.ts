import { utf8Decode } from '../base/index.js'
import { readCells, scalar, typeToCql, unset } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { printTerm } from '../cql/index.js'
import type { Assignment, Conditions, Deletion, InsertStatement, Modification, Relation, Term, Using } from '../cql/index.js'
import type { RawValue } from '../protocol/index.js'
import { checkMatched, elementTypeOf, keyTypeOf } from './bind-markers.js'
import { conditionOf } from './conditions.js'
import type { ConditionCheck, ConditionTarget } from './conditions.js'
import { invalid } from './errors.js'
import { parseJson } from './json-text.js'
import { columnNameOf, fromJson } from './json-values.js'
import { analyse, columnOf, isEmptySlice } from './restrictions.js'
import type { Restrictions } from './restrictions.js'
import { RowView } from './row-view.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import type { Cell, Partition, Row } from './table-store.js'
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

/** A write that has been understood but not done. */
export interface PlannedWrite {
  readonly table: Table
  readonly key: readonly Uint8Array[]
  /** Of a lightweight transaction. */
  readonly condition?: ConditionCheck | undefined
  apply(): void
}

/** Changes to the cells of one row. */
type RowChange = (partition: Partition, row: Row) => void

/**
 * Understands an INSERT, UPDATE or DELETE.
 *
 * @throws Refusal with Cassandra's words when it cannot be executed
 */
export function planModification(statement: Modification, table: Table, env: Env, time: WriteTime): PlannedWrite[] {
  const conditional = statement.kind === 'insert' ? statement.ifNotExists : statement.conditions !== undefined
  if (conditional && statement.using.timestamp) throw invalid('Cannot provide custom timestamp for conditional updates')
  if (table.isCounter && (statement.using.timestamp || statement.using.ttl)) throw invalid(`Cannot provide custom ${statement.using.timestamp ? 'timestamp' : 'TTL'} for counter updates`)
  const writer = new CellWriter(table, env, timesOf(statement.using, table, env, time))
  switch (statement.kind) {
    case 'insert':
      return [planInsert(statement, table, env, time, writer)]
    case 'update': {
      const restrictions = keysOf(table, statement.where, env)
      refuseSeveral(statement, table)
      const changes = statement.assignments.map((assignment) => ({ column: columnOf(table, assignment.column.name), change: writer.assignment(assignment) }))
      for (const { column } of changes) {
        if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`PRIMARY KEY part ${column.name} found in SET part`)
      }
      const onlyStatic = changes.every(({ column }) => column.kind === 'static') && !testsRows(statement.conditions, table)
      if (onlyStatic) refuseClustering(restrictions, 'UPDATE')
      if (!restrictions.wholeRows && !(onlyStatic && !restrictions.clusteringRestricted)) throw missingClustering(table, restrictions)
      return writes(table, restrictions, statement.conditions && conditionOf(statement.conditions, table, env), (partition) => {
        apply(table, partition, restrictions, changes)
      }, time.nowSeconds, changes.some(({ column }) => column.kind === 'static'))
    }
    case 'delete':
      return planDelete(statement.deletions, statement, table, env, time, writer)
  }
}

function planInsert(statement: InsertStatement, table: Table, env: Env, time: WriteTime, writer: CellWriter): PlannedWrite {
  checkMatched(statement)
  if (table.isCounter) throw invalid('INSERT statements are not allowed on counter tables, use UPDATE instead')
  const given = statement.json ? jsonValues(statement.json, table, env) : insertedValues(statement, table, env)
  const keyPart = (column: TableColumn): Uint8Array => {
    const value = given.get(column)
    if (value === null) throw invalid(`Invalid null value in condition for column ${column.name}`)
    if (value === unset) throw invalid(`Invalid unset value for column ${column.name}`)
    return value as Uint8Array
  }
  const missing = table.partitionKey.filter((column) => !given.has(column))
  if (missing.length > 0) throw invalid(`Some partition key parts are missing: ${missing.map((column) => column.name).join(', ')}`)
  const regular = [...given].map(([column, value]): { readonly column: TableColumn; readonly value: RawValue } => ({ column, value })).filter(({ column }) => column.kind === 'regular' || column.kind === 'static')
  const onlyStatic = regular.length > 0 && regular.every(({ column }) => column.kind === 'static')
  const absent = table.clusteringKey.filter((column) => !given.has(column))
  const staticOnly = onlyStatic && absent.length === table.clusteringKey.length
  if (absent.length > 0 && !staticOnly) throw invalid(`Some clustering keys are missing: ${absent.map((column) => column.name).join(', ')}`)
  const key = table.partitionKey.map(keyPart)
  if (key.length === 1 && key[0]!.length === 0) throw invalid('Key may not be empty')
  const clustering = staticOnly ? [] : table.clusteringKey.map(keyPart)
  const changes = regular.map(({ column, value }) => ({ column, change: writer.setValue(column, value) }))
  const { store } = table
  return {
    table, key,
    condition: statement.ifNotExists ? conditionOf({ kind: 'not exists' }, table, env)({ view: () => viewOf(table, key, staticOnly ? undefined : clustering, time.nowSeconds), first: () => firstOf(table, key, time.nowSeconds), ofRow: !staticOnly, writesStatic: regular.some(({ column }) => column.kind === 'static') }) : undefined,
    apply() {
      const partition = store.open(key)
      const row = staticOnly ? partition.staticRow : store.openRow(partition, clustering)
      if (!staticOnly) writer.liveness(row)
      for (const { column, change } of changes) change(partition, column.kind === 'static' ? partition.staticRow : row)
    },
  }
}

/** The values of an INSERT by column. */
function insertedValues({ columns, values }: InsertStatement, table: Table, env: Env): Map<TableColumn, RawValue> {
  const given = new Map<TableColumn, RawValue>()
  columns.forEach(({ name }, i) => {
    const column = columnOf(table, name)
    if (given.has(column)) throw invalid(`The column names contains duplicates`)
    given.set(column, evaluate(values[i]!, column.type, env, column.name))
  })
  return given
}

/** The values of an INSERT JSON: what is not named is null, or left alone. */
function jsonValues({ value, defaultUnset }: NonNullable<InsertStatement['json']>, table: Table, env: Env): Map<TableColumn, RawValue> {
  const text = evaluate(value, scalar('text'), env, '[json]')
  if (!(text instanceof Uint8Array)) throw invalid('Got null for INSERT JSON values')
  const json = parseJson(utf8Decode(text, 0, text.length))
  if (json.kind !== 'object') throw invalid('Could not decode JSON string as a map')
  const named = new Map(json.entries.map(([name, item]) => [columnNameOf(name), item]))
  const unknown = [...named.keys()].find((name) => !table.column(name))
  if (unknown !== undefined) throw invalid(`JSON values map contains unrecognized column: ${unknown}`)
  const given = new Map<TableColumn, RawValue>()
  for (const column of table.columns) {
    const item = named.get(column.name)
    if (item) given.set(column, fromJson(item, column.type, column.name))
    else if (!defaultUnset || column.kind === 'partition_key' || column.kind === 'clustering') given.set(column, null)
  }
  return given
}

function planDelete(deletions: readonly Deletion[], statement: Extract<Modification, { kind: 'delete' }>, table: Table, env: Env, time: WriteTime, writer: CellWriter): PlannedWrite[] {
  if (statement.using.ttl) throw invalid('TTL is not supported for deletions')
  const restrictions = keysOf(table, statement.where, env)
  refuseSeveral(statement, table)
  const condition = statement.conditions && conditionOf(statement.conditions, table, env)
  if (deletions.length === 0) {
    if (condition && !restrictions.wholeRows) throw invalid(WHOLE_KEY)
    return writes(table, restrictions, condition, (partition) => {
      if (table.clusteringKey.length === 0 || !restrictions.clusteringRestricted) return table.store.deletePartition(partition, writer.times.timestamp)
      for (const { from, to } of restrictions.slices) {
        if (restrictions.wholeRows) table.store.deleteRow(table.store.openRow(partition, from!.prefix), writer.times.timestamp)
        else table.store.deleteRange(partition, from, to, writer.times.timestamp)
      }
    }, time.nowSeconds, false)
  }
  const changes = deletions.map((deletion) => {
    const column = columnOf(table, deletion.column.name)
    if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`Invalid identifier ${column.name} for deletion (should not be a PRIMARY KEY part)`)
    return { column, change: writer.deletion(column, deletion) }
  })
  const onlyStatic = changes.every(({ column }) => column.kind === 'static') && !testsRows(statement.conditions, table)
  if (onlyStatic) refuseClustering(restrictions, 'DELETE')
  if (condition && !onlyStatic && !restrictions.wholeRows && restrictions.clusteringRestricted) throw invalid(WHOLE_KEY)
  if (!restrictions.wholeRows && !(onlyStatic && !restrictions.clusteringRestricted)) {
    // A range without any place in it deletes nothing.
    if (restrictions.clusteringRestricted && restrictions.slices.every((slice) => isEmptySlice(table, slice))) return []
    throw restrictions.clusteringRestricted ? invalid(`Range deletions are not supported for specific columns`) : missingClustering(table, restrictions)
  }
  return writes(table, restrictions, condition, (partition) => apply(table, partition, restrictions, changes), time.nowSeconds, changes.some(({ column }) => column.kind === 'static'))
}

const WHOLE_KEY = 'DELETE statements must restrict all PRIMARY KEY columns with equality relations in order to delete non static columns'

/** A lightweight transaction is about one row. */
function refuseSeveral({ kind, where, conditions }: Extract<Modification, { kind: 'update' | 'delete' }>, table: Table): void {
  if (!conditions) return
  for (const [part, name] of [['partition_key', 'partition key'], ['clustering', 'clustering key columns']] as const) {
    const several = where.some(({ target, operator }) => operator === 'IN' && (target.kind === 'columns' ? part === 'clustering' : target.kind === 'column' && table.column(target.column.name)?.kind === part))
    if (several) throw invalid(`IN on the ${name} is not supported with conditional ${kind === 'update' ? 'updates' : 'deletions'}`)
  }
}

/** The keys that an UPDATE or DELETE names. */
function keysOf(table: Table, where: readonly Relation[], env: Env): Restrictions {
  const others = where.flatMap(({ target }) => (target.kind === 'column' || target.kind === 'element' ? [columnOf(table, target.column.name)] : [])).filter((column) => column.kind === 'regular' || column.kind === 'static')
  if (others.length > 0) throw invalid(`Non PRIMARY KEY columns found in where clause: ${others.map((column) => column.name).join(', ')} `)
  if (where.some(({ target }) => target.kind === 'token')) throw invalid('The token function cannot be used in WHERE clauses for UPDATE and DELETE statements')
  const restrictions = analyse(table, where, env, { allowFiltering: false, isSelect: false })
  if (!restrictions.partitionKeys) {
    const restricted = new Set(where.flatMap(({ target }) => (target.kind === 'column' ? [target.column.name] : [])))
    throw invalid(`Some partition key parts are missing: ${table.partitionKey.filter((column) => !restricted.has(column.name)).map((column) => column.name).join(', ')}`)
  }
  if (restrictions.filters.length > 0) throw invalid('PRIMARY KEY columns cannot be restricted as preceding columns are not restricted')
  return restrictions
}

/** Whether conditions are about a row, not only about what is static. */
function testsRows(conditions: Conditions | undefined, table: Table): boolean {
  return conditions?.kind === 'conditions' && conditions.list.some(({ column }) => columnOf(table, column.name).kind !== 'static')
}

/** What is static is of the partition, not of a row. */
function refuseClustering({ clusteringRestricted }: Restrictions, statement: string): void {
  if (clusteringRestricted) throw invalid(`Invalid restrictions on clustering columns since the ${statement} statement modifies only static columns`)
}

function missingClustering(table: Table, restrictions: Restrictions): Error {
  const known = restrictions.slices[0]?.from?.prefix.length ?? 0
  return invalid(`Some clustering keys are missing: ${table.clusteringKey.slice(known).map((column) => column.name).join(', ')}`)
}

type Change = { readonly column: TableColumn; readonly change: RowChange }

function apply(table: Table, partition: Partition, restrictions: Restrictions, changes: readonly Change[]): void {
  for (const { column, change } of changes) {
    if (column.kind === 'static') change(partition, partition.staticRow)
    else for (const { from } of restrictions.slices) change(partition, table.store.openRow(partition, from?.prefix ?? []))
  }
}

function writes(table: Table, restrictions: Restrictions, condition: ((target: ConditionTarget) => ConditionCheck) | undefined, change: (partition: Partition) => void, nowSeconds: number, writesStatic: boolean): PlannedWrite[] {
  const { wholeRows } = restrictions
  const keys = restrictions.partitionKeys!
  return keys.map((key) => ({
    table, key,
    condition: condition?.({ view: () => viewOf(table, key, wholeRows ? (restrictions.slices[0]?.from?.prefix ?? []) : undefined, nowSeconds), first: () => firstOf(table, key, nowSeconds), ofRow: wholeRows, writesStatic }),
    apply: () => change(table.store.open(key)),
  }))
}

/** The first row of a partition, or what is static in one without rows. */
function firstOf(table: Table, key: readonly Uint8Array[], nowSeconds: number): RowView | undefined {
  const partition = table.store.partition(key)
  if (!partition) return undefined
  const row = partition.rows.find((each) => table.store.rowExists(partition, each, nowSeconds))
  return row || table.store.rowExists(partition, partition.staticRow, nowSeconds) ? new RowView(table, partition, row, nowSeconds) : undefined
}

/** A row as it is now; undefined when it does not exist. Without a clustering key the static row. */
function viewOf(table: Table, key: readonly Uint8Array[], clustering: readonly Uint8Array[] | undefined, nowSeconds: number): RowView | undefined {
  const partition = table.store.partition(key)
  if (!partition) return undefined
  const row = clustering === undefined ? undefined : table.store.row(partition, clustering)
  const exists = row !== undefined && table.store.rowExists(partition, row, nowSeconds)
  if (!exists && !table.store.rowExists(partition, partition.staticRow, nowSeconds)) return undefined
  return new RowView(table, partition, exists ? row : undefined, nowSeconds)
}

/** Timestamp and TTL of the cells that one statement writes. */
interface Times {
  readonly timestamp: bigint
  readonly ttl: number
  readonly nowSeconds: number
}

const MAX_TTL = 630_720_000

function timesOf(using: Using, table: Table, env: Env, time: WriteTime): Times {
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
class CellWriter {
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
        row.cells.set(column.name, this.#cell(encodeValue(scalar('counter'), BigInt.asIntN(64, sum))))
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
