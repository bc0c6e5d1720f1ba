import { comparatorOf, scalar, typeToCql, unset } from '../codecs/index.js'
import { tokenToBigInt } from '../cluster/index.js'
import type { OrderBy, SelectStatement, Term } from '../cql/index.js'
import type { ResultMessage } from '../protocol/index.js'
import { invalid } from './errors.js'
import { similarities } from './generic-functions.js'
import { jsonName, toJsonText } from './json-values.js'
import { decodePosition, encodePosition } from './paging-state.js'
import type { PagingPosition } from './paging-state.js'
import { columnOf } from './relation-tests.js'
import { analyse, isEmptySlice } from './restrictions.js'
import type { Restrictions } from './restrictions.js'
import { RowView } from './row-view.js'
import type { Table, TableColumn } from './schema.js'
import { expressionOf, groupValue, jsonColumn, selectionOf } from './selection.js'
import type { Expression, GroupValue, Selection } from './selection.js'
import type { Partition, Row } from './rows.js'
import { evaluate } from './terms.js'
import type { Env } from './terms.js'
import { decodeValue, encodeValue } from './values.js'

/** How a SELECT is to be answered. */
export interface SelectOptions {
  readonly nowSeconds: number
  /** Rows per page; undefined for all in one. */
  readonly pageSize: number | undefined
  readonly pagingState: Uint8Array | undefined
  /** Refuses partitions (undefined for all) of which too few replicas are up. */
  readonly checkReplicas: (keys: readonly (readonly Uint8Array[])[] | undefined) => void
  /** Takes what the client should be warned of. */
  readonly warn: (warning: string) => void
}

type RowsResult = Extract<ResultMessage, { kind: 'ROWS' }>

/** Executes a SELECT. @throws Refusal */
export function executeSelect(statement: SelectStatement, table: Table, env: Env, options: SelectOptions): RowsResult {
  const result = select(statement, table, env, options)
  return statement.json ? asJson(result, table) : result
}

/** Rows as one column of JSON. */
function asJson(result: RowsResult, table: Table): RowsResult {
  const { columns } = result.metadata
  const text = scalar('text')
  const rows = result.rows.map((row) => [encodeValue(text, `{${row.map((cell, i) => `${jsonName(columns![i]!.name)}: ${toJsonText(columns![i]!.type, cell)}`).join(', ')}}`)])
  return { ...result, metadata: { ...result.metadata, columnCount: 1, columns: [jsonColumn(table)] }, rows }
}

function select(statement: SelectStatement, table: Table, env: Env, options: SelectOptions): RowsResult {
  const selection = selectionOf(statement, table, env)
  const restrictions = analyse(table, statement.where, env, { allowFiltering: statement.allowFiltering, isSelect: true })
  refuseClustering(statement, table, selection)
  if (statement.distinct) checkDistinct(statement, table)
  const reversed = orderOf(statement, table, restrictions)
  const limit = limitOf(statement.limit, env, 'LIMIT')
  const perPartition = limitOf(statement.perPartitionLimit, env, 'PER PARTITION LIMIT')
  const metadata = { columnCount: selection.columns.length, columns: selection.columns }
  options.checkReplicas(restrictions.partitionKeys)
  const scan = new Scan(statement, table, restrictions, reversed, options.nowSeconds)
  const nearest = statement.orderBy.find(({ ann }) => ann !== undefined)
  if (nearest) {
    const views = nearestViews(statement, nearest, table, env, restrictions, scan, limit)
    return { type: 'RESULT', kind: 'ROWS', metadata, rows: views.map((view) => project(selection, view)) }
  }
  const byIn = namesPartitionsByIn(statement, table)
  if (statement.orderBy.length > 0 && byIn && options.pageSize !== undefined && options.pageSize > 0 && (selection.aggregated || statement.groupBy.length > 0 || !restrictions.slices.every((slice) => isEmptySlice(table, slice)))) {
    throw invalid('Cannot page queries with both ORDER BY and a IN restriction on the partition key; you must either remove the ORDER BY or the IN and sort client side, or disable paging for this query')
  }
  if (selection.aggregated || statement.groupBy.length > 0) {
    if (statement.perPartitionLimit && statement.groupBy.length === 0) throw invalid('PER PARTITION LIMIT is not allowed with aggregate queries.')
    if (byIn) options.warn('Aggregation query used on multiple partition keys (IN restriction)')
    else if (!restrictsPartition(statement, table)) options.warn('Aggregation query used without partition key')
    const keys = groupKeys(statement, table, env)
    const rows = grouped(keys, selection, scan.views(undefined, keys.length > 0 ? Number.POSITIVE_INFINITY : perPartition), keys.length > 0 ? perPartition : Number.POSITIVE_INFINITY)
    return { type: 'RESULT', kind: 'ROWS', metadata, rows: rows.slice(0, limit) }
  }
  if (statement.orderBy.length > 0 && byIn) {
    // All rows must be there before the first is known (`SelectStatement.java`, CASSANDRA-6722).
    const views = sorted(statement, table, [...scan.views(undefined, perPartition)]).slice(0, limit)
    return { type: 'RESULT', kind: 'ROWS', metadata, rows: views.map((view) => project(selection, view)) }
  }
  return page(selection, scan, limit, perPartition, options)
}

/** Whether anything is said of the partition key. */
function restrictsPartition({ where }: SelectStatement, table: Table): boolean {
  return where.some(({ target }) => target.kind === 'token' || (target.kind === 'column' && table.column(target.column.name)?.kind === 'partition_key'))
}

/** What is static is the same for all rows of a partition: which of them makes no difference. */
function refuseClustering({ where }: SelectStatement, table: Table, { expressions }: Selection): void {
  const used = expressions.flatMap(({ columns }) => columns)
  if (!used.some(({ kind }) => kind === 'static') || used.some(({ kind }) => kind === 'clustering' || kind === 'regular')) return
  const restricted = where.some(({ target }) => target.kind === 'columns' || ((target.kind === 'column' || target.kind === 'element') && table.column(target.column.name)?.kind === 'clustering'))
  if (restricted) throw invalid('Cannot restrict clustering columns when selecting only static columns')
}

function namesPartitionsByIn(statement: SelectStatement, table: Table): boolean {
  // IN of one value is as good as `=`.
  return statement.where.some(({ target, operator, value }) => operator === 'IN' && !(value?.kind === 'tuple' && value.items.length === 1) && target.kind === 'column' && table.column(target.column.name)?.kind === 'partition_key')
}

function project(selection: Selection, view: RowView): (Uint8Array | null)[] {
  return selection.expressions.map((expression) => expression.get(view))
}

function page(selection: Selection, scan: Scan, limit: number, perPartition: number, options: SelectOptions): RowsResult {
  const position = options.pagingState ? decodePosition(options.pagingState) : undefined
  const most = position && position.remaining >= 0 ? Math.min(limit, position.remaining) : limit
  const size = options.pageSize !== undefined && options.pageSize > 0 ? options.pageSize : Number.POSITIVE_INFINITY
  const rows: (Uint8Array | null)[][] = []
  let last: RowView | undefined
  let given = 0
  let pagingState: Uint8Array | undefined
  for (const view of scan.views(position, perPartition)) {
    if (rows.length === most) break
    if (rows.length >= size) {
      // One row was looked ahead: only then it is certain that there is more.
      pagingState = encodePosition({
        partitionId: last!.partition.id, token: tokenToBigInt(last!.partition.token), clustering: last!.row?.clustering ?? [],
        remaining: Number.isFinite(most) ? most - rows.length : -1, givenInPartition: given,
      })
      break
    }
    given = last?.partition === view.partition ? given + 1 : view.partition.id === position?.partitionId && last === undefined ? position.givenInPartition + 1 : 1
    rows.push(project(selection, view))
    last = view
  }
  return { type: 'RESULT', kind: 'ROWS', metadata: { columnCount: selection.columns.length, columns: selection.columns, pagingState }, rows }
}

/** Goes over the rows that restrictions leave, in order. */
class Scan {
  readonly #table: Table
  readonly #restrictions: Restrictions
  readonly #reversed: boolean
  readonly #nowSeconds: number
  readonly #distinct: boolean

  constructor(statement: SelectStatement, table: Table, restrictions: Restrictions, reversed: boolean, nowSeconds: number) {
    this.#table = table
    this.#restrictions = restrictions
    this.#reversed = reversed
    this.#nowSeconds = nowSeconds
    this.#distinct = statement.distinct
  }

  *views(position: PagingPosition | undefined, perPartition: number): Generator<RowView> {
    for (const partition of this.#partitions(position)) {
      const resumed = partition.id === position?.partitionId ? position : undefined
      let left = perPartition - (resumed?.givenInPartition ?? 0)
      for (const view of this.#rowsOf(partition, resumed)) {
        if (left-- <= 0) break
        yield view
      }
    }
  }

  #partitions(position: PagingPosition | undefined): readonly Partition[] {
    const { partitionKeys, tokens } = this.#restrictions
    const { store } = this.#table
    let partitions: readonly Partition[]
    if (partitionKeys) partitions = partitionKeys.map((key) => store.partition(key)).filter((partition) => partition !== undefined)
    else partitions = tokens ? store.partitions.filter((partition) => tokens(tokenToBigInt(partition.token))) : store.partitions
    if (!position) return partitions
    const at = partitions.findIndex((partition) => partition.id === position.partitionId)
    if (at >= 0) return partitions.slice(at)
    // The partition has gone meanwhile: the ring goes on after its token.
    return partitions.filter((partition) => tokenToBigInt(partition.token) > position.token)
  }

  *#rowsOf(partition: Partition, resumed: PagingPosition | undefined): Generator<RowView> {
    const table = this.#table
    const { slices, clusteringRestricted, filters } = this.#restrictions
    const { store } = table
    const passes = (view: RowView): boolean => filters.every((filter) => filter(view))
    // What was given last was the only row of the partition, or what is static of one without rows.
    if (resumed && (this.#distinct || resumed.clustering.length === 0)) return
    if (this.#distinct) {
      const view = new RowView(table, partition, undefined, this.#nowSeconds)
      if (this.#hasStatic(partition) || partition.rows.some((row) => store.rowExists(partition, row, this.#nowSeconds))) if (passes(view)) yield view
      return
    }
    let any = false
    for (const slice of this.#reversed ? slices.toReversed() : slices) {
      let from = store.lowerPlace(partition, slice.from)
      let to = store.upperPlace(partition, slice.to)
      if (resumed) {
        const after = { prefix: resumed.clustering, inclusive: false }
        if (this.#reversed) to = Math.min(to, store.lowerPlace(partition, { prefix: resumed.clustering, inclusive: true }))
        else from = Math.max(from, store.lowerPlace(partition, after))
      }
      const rows = partition.rows.slice(from, Math.max(from, to))
      if (this.#reversed) rows.reverse()
      for (const row of rows) {
        if (!store.rowExists(partition, row, this.#nowSeconds)) continue
        any = true
        const view = new RowView(table, partition, row, this.#nowSeconds)
        if (passes(view)) yield view
      }
    }
    if (any || resumed || clusteringRestricted || !this.#hasStatic(partition)) return
    if (partition.rows.some((row: Row) => store.rowExists(partition, row, this.#nowSeconds))) return
    const view = new RowView(table, partition, undefined, this.#nowSeconds)
    if (passes(view)) yield view
  }

  #hasStatic(partition: Partition): boolean {
    return this.#table.store.rowExists(partition, partition.staticRow, this.#nowSeconds)
  }
}

function limitOf(term: Term | undefined, env: Env, what: string): number {
  if (!term) return Number.POSITIVE_INFINITY
  const value = evaluate(term, scalar('int'), env, what)
  if (value === unset) return Number.POSITIVE_INFINITY
  if (value === null) throw invalid(`Invalid null value of limit`)
  const limit = decodeValue(scalar('int'), value as Uint8Array) as number
  if (limit <= 0) throw invalid(`${what} must be strictly positive`)
  return limit
}

function checkDistinct(statement: SelectStatement, table: Table): void {
  if (statement.perPartitionLimit) throw invalid('PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries')
  const outside = statement.where.some(({ target }) => target.kind === 'columns' || ((target.kind === 'column' || target.kind === 'element') && !['partition_key', 'static'].includes(table.column(target.column.name)!.kind)))
  if (outside) throw invalid('SELECT DISTINCT with WHERE clause only supports restriction by partition key and/or static columns.')
  const allowed = (column: TableColumn): boolean => column.kind === 'partition_key' || column.kind === 'static'
  const selected = (statement.selectors ?? []).map(({ term }) => (term.kind === 'column' ? table.column(term.name) : undefined))
  const wrong = selected.find((column) => column && !allowed(column))
  if (wrong) throw invalid(`SELECT DISTINCT queries must only request partition key columns and/or static columns (not ${wrong.name})`)
  for (const column of table.partitionKey) {
    if (selected.length > 0 && !selected.includes(column)) throw invalid(`SELECT DISTINCT queries must request all the partition key columns (missing ${column.name})`)
  }
}

/** The rows whose vectors are nearest to one, nearest first. */
function nearestViews(statement: SelectStatement, order: OrderBy, table: Table, env: Env, restrictions: Restrictions, scan: Scan, limit: number): RowView[] {
  const column = columnOf(table, order.column.name)
  const index = [...table.indexes.values()].find((each) => each.kind === 'sai' && each.column === column.name)
  const { type } = column
  if (type.kind !== 'vector') throw invalid(`Unexpected receiver type '${typeToCql(type)}'; only list and vector are expected`)
  if (!index) throw invalid('ANN ordering by vector requires the column to be indexed')
  if (statement.orderBy.length > 1) throw invalid('Cannot combine clustering column ordering with non-clustering column ordering')
  const wanted = evaluate(order.ann!, type, env, column.name)
  if (!(wanted instanceof Uint8Array)) throw invalid(`Invalid null value for ${column.name}`)
  if (!Number.isFinite(limit)) throw invalid('Top-K queries must have a limit specified and the limit must be less than the query page size')
  if (limit > MOST_NEAREST) throw invalid(`Use of ANN OF in an ORDER BY clause requires a LIMIT that is not greater than ${MOST_NEAREST}. LIMIT was ${limit}`)
  if (statement.perPartitionLimit) throw invalid('SELECT with ORDER BY ANN does not support PER PARTITION LIMIT')
  if (!restrictions.usesIndex && restrictions.filters.length > 0) throw invalid('ANN ordering by vector requires all restricted column(s) to be indexed')
  const similarity = similarities[(index.options['similarity_function'] ?? 'cosine').toLowerCase()] ?? similarities['cosine']!
  const to = decodeValue(type, wanted) as ArrayLike<number>
  const scored: { readonly view: RowView; readonly score: number }[] = []
  for (const view of scan.views(undefined, Number.POSITIVE_INFINITY)) {
    const value = view.get(column)
    if (value) scored.push({ view, score: similarity(decodeValue(type, value) as ArrayLike<number>, to) })
  }
  return scored.sort((a, b) => b.score - a.score).slice(0, limit).map(({ view }) => view)
}

/** Rows that a search by nearness may ask for (`StorageAttachedIndex.java`). */
const MOST_NEAREST = 1000

/** Whether ORDER BY turns the stored order round. */
function orderOf(statement: SelectStatement, table: Table, restrictions: Restrictions): boolean {
  if (statement.orderBy.length === 0 || statement.orderBy.some(({ ann }) => ann)) return false
  if (restrictions.usesIndex) throw invalid('ORDER BY with 2ndary indexes is not supported, except for ANN queries.')
  if (!restrictions.partitionKeys) throw invalid('ORDER BY is only supported when the partition key is restricted by an EQ or an IN.')
  let reversed: boolean | undefined
  let at = 0
  statement.orderBy.forEach(({ column: { name }, descending }) => {
    const column = columnOf(table, name)
    if (column.kind !== 'clustering') throw invalid(`Order by is currently only supported on the clustered columns of the PRIMARY KEY, got ${name}`)
    while (at < column.position && isEqual(statement, table.clusteringKey[at]!)) at++ // what is equal to one value has no order (CASSANDRA-10271)
    if (column.position !== at++) throw invalid(`Order by currently only supports the ordering of columns following their declared order in the PRIMARY KEY`)
    const turned = descending !== column.descending
    if (reversed !== undefined && reversed !== turned) throw invalid('Unsupported order by relation')
    reversed = turned
  })
  return reversed ?? false
}

function isEqual({ where }: SelectStatement, { name }: TableColumn): boolean {
  return where.some(({ target, operator }) => operator === '=' && target.kind === 'column' && target.column.name === name)
}

/** Rows of several partitions in one order. */
function sorted(statement: SelectStatement, table: Table, views: RowView[]): RowView[] {
  const orders = statement.orderBy.map(({ column: { name }, descending }) => {
    const column = table.column(name)!
    return { column, compare: comparatorOf(column.type), sign: descending ? -1 : 1 }
  })
  return views.sort((a, b) => {
    for (const { column, compare, sign } of orders) {
      const left = a.get(column)
      const right = b.get(column)
      const difference = left === null || right === null ? Number(right === null) - Number(left === null) : compare(left, right) * sign
      if (difference !== 0) return difference
    }
    return 0
  })
}

/** What rows of one group have in common: the partition key, and clustering columns in their order. */
function groupKeys(statement: SelectStatement, table: Table, env: Env): Expression[] {
  const key = [...table.partitionKey, ...table.clusteringKey]
  let at = 0
  const keys = statement.groupBy.map((term) => {
    const expression = expressionOf(term, table, env)
    const named = term.kind === 'column' ? term : term.kind === 'call' ? term.args.find((arg) => arg.kind === 'column') : undefined
    const column = named?.kind === 'column' ? table.column(named.name) : undefined
    if (!column || (column.kind !== 'partition_key' && column.kind !== 'clustering')) throw invalid(`Group by is currently only supported on the columns of the PRIMARY KEY, got ${expression.name}`)
    while (at < key.length && key[at] !== column && isEqual(statement, key[at]!)) at++ // what is equal to one value parts no groups
    if (key[at++] !== column) throw invalid('Group by currently only support groups of columns following their declared order in the PRIMARY KEY')
    return expression
  })
  if (statement.distinct && keys.length > 0 && at > table.partitionKey.length) throw invalid('Grouping on clustering columns is not allowed for SELECT DISTINCT queries')
  if (keys.length > 0 && at < table.partitionKey.length) throw invalid('Group by is not supported on only a part of the partition key')
  return keys
}

/** Aggregates over groups of rows; without GROUP BY over all, giving one row in any case. @param perPartition groups of each partition */
function grouped(keys: readonly Expression[], selection: Selection, views: Iterable<RowView>, perPartition: number): (Uint8Array | null)[][] {
  const rows: (Uint8Array | null)[][] = []
  let key: string | undefined
  let values: GroupValue[] | undefined
  let partition: Partition | undefined
  let groups = 0
  const finish = (): void => { if (values) rows.push(values.map((value) => value.finish())) }
  const begin = (): GroupValue[] => selection.expressions.map(groupValue)
  if (keys.length === 0) values = begin()
  for (const view of views) {
    if (keys.length > 0) {
      const next = `${view.partition.id}/${keys.map((expression) => String(expression.get(view))).join('/')}`
      if (next !== key) {
        groups = view.partition === partition ? groups + 1 : 1
        partition = view.partition
        key = next
        finish()
        values = groups > perPartition ? undefined : begin()
      }
    }
    for (const value of values ?? []) value.add(view)
  }
  finish()
  return rows
}
