import { utf8Decode } from '../base/index.js'
import { scalar, unset } from '../codecs/index.js'
import type { Conditions, Deletion, InsertStatement, Modification, Relation } from '../cql/index.js'
import type { RawValue } from '../protocol/index.js'
import { checkMatched } from './bind-markers.js'
import { CellWriter, timesOf } from './cell-writer.js'
import type { RowChange, WriteTime } from './cell-writer.js'
import { conditionOf } from './conditions.js'
import type { ConditionCheck, ConditionTarget } from './conditions.js'
import { invalid } from './errors.js'
import { parseJson } from './json-text.js'
import { columnNameOf, fromJson } from './json-values.js'
import { columnOf } from './relation-tests.js'
import { analyse, isEmptySlice } from './restrictions.js'
import type { Restrictions } from './restrictions.js'
import { RowView } from './row-view.js'
import type { Table, TableColumn } from './schema.js'
import type { Partition } from './rows.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'

/** A write that has been understood but not done. */
export interface PlannedWrite {
  readonly table: Table
  readonly key: readonly Uint8Array[]
  /** Of a lightweight transaction. */
  readonly condition?: ConditionCheck | undefined
  apply(): void
}

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

/** The first row of a partition that a read of what is static alone sees, which are those that were inserted; or what is static in one without rows. */
function firstOf(table: Table, key: readonly Uint8Array[], nowSeconds: number): RowView | undefined {
  const partition = table.store.partition(key)
  if (!partition) return undefined
  const row = partition.rows.find((each) => table.store.wasInserted(partition, each, nowSeconds))
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
