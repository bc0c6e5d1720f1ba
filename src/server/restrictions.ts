import { utf8Decode } from '../base/index.js'
import { murmur3Token, tokenToBigInt } from '../cluster/index.js'
import type { Operator, Relation, Term } from '../cql/index.js'
import { invalid } from './errors.js'
import { analyserOf, serves } from './index-definition.js'
import type { Index } from './index-definition.js'
import { columnOf, elementTest, multiColumn, singleColumn, valueOf } from './relation-tests.js'
import type { Test } from './relation-tests.js'
import type { RowView } from './row-view.js'
import { satisfies } from './satisfies.js'
import type { Table, TableColumn } from './schema.js'
import { serializeKey } from './table-store.js'
import type { Bound } from './rows.js'
import type { Env } from './terms.js'
import { decodeValue } from './values.js'

/** A run of rows within a partition, in the order in which they are stored. */
export interface Slice {
  readonly from: Bound | undefined
  readonly to: Bound | undefined
}

/** What a WHERE clause asks for, in the terms of the store. */
export interface Restrictions {
  /** Keys of single partitions; undefined to go over all of them. */
  readonly partitionKeys: readonly (readonly Uint8Array[])[] | undefined
  /** Tests a partition's token. */
  readonly tokens: ((token: bigint) => boolean) | undefined
  readonly slices: readonly Slice[]
  /** Whether a clustering column is restricted. */
  readonly clusteringRestricted: boolean
  /** Whether the slices name single rows. */
  readonly wholeRows: boolean
  /** Whether an index finds the rows. */
  readonly usesIndex: boolean
  /** What is left to be tested row by row. */
  readonly filters: readonly ((view: RowView) => boolean)[]
}

/** Whether no row can be in a slice. */
export function isEmptySlice(table: Table, { from, to }: Slice): boolean {
  if (!from || !to) return false
  const difference = table.store.compareClustering(from.prefix, to.prefix)
  return difference > 0 || (difference === 0 && from.prefix.length === to.prefix.length && !(from.inclusive && to.inclusive))
}

const FILTERING = 'Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING'

/** Every combination of one item of each list, the first list changing slowest. */
function combinations(lists: readonly (readonly Uint8Array[])[]): Uint8Array[][] {
  return lists.reduce<Uint8Array[][]>((before, list) => before.flatMap((start) => list.map((item) => [...start, item])), [[]])
}

/**
 * Understands a WHERE clause.
 *
 * @throws Refusal with Cassandra's words when it cannot be executed
 */
export function analyse(table: Table, relations: readonly Relation[], env: Env, options: { readonly allowFiltering: boolean; readonly isSelect: boolean; readonly byRow?: boolean }): Restrictions {
  const tests: Test[] = []
  const tokenTests: ((token: bigint) => boolean)[] = []
  for (const { target, operator, value } of relations) {
    if (target.kind === 'token') {
      const names = table.partitionKey.map((column) => column.name)
      if (target.columns.map(({ name }) => name).join() !== names.join()) {
        throw invalid(`The token function arguments must be in the partition key order: ${names.join(', ')}`)
      }
      tokenTests.push(tokenTest(table, operator, value!, env))
    } else if (target.kind === 'columns') tests.push(multiColumn(table, target.columns.map(({ name }) => name), operator, value!, env))
    else if (target.kind === 'element') tests.push(elementTest(columnOf(table, target.column.name), target.key, operator, value!, env))
    else if (operator === 'IS NOT NULL') throw invalid(`Unsupported restriction: ${target.column.name} IS NOT NULL`)
    else tests.push(singleColumn(table, columnOf(table, target.column.name), operator, value!, env))
  }
  for (const column of table.columns) {
    const equal = tests.filter((test) => !test.multi && test.columns[0] === column && (test.operator === '=' || test.operator === 'IN'))
    if (equal.length > 1) throw invalid(`${column.name} cannot be restricted by more than one relation if it includes an Equal`)
  }
  const partitionKeys = tokenTests.length > 0 ? undefined : partitionKeysOf(table, tests)
  const { slices, restricted, wholeRows } = slicesOf(table, tests)
  refuseTwoBounds(tests)
  const isKeyEmpty = partitionKeys !== undefined && table.partitionKey.length === 1 && partitionKeys.some(([part]) => part!.length === 0)
  if (isKeyEmpty && !(options.isSelect && slices.every((slice) => isEmptySlice(table, slice)))) throw invalid('Key may not be empty')
  const rest = tests.filter((test) => !test.used)
  const asked = partitionKeys === undefined ? tests : rest.filter((test) => !isMixedRange(test, table))
  const served = options.isSelect && servedByIndex(table, asked)
  if (served) testAsIndexesDo(table, asked)
  const usesIndex = served || (options.isSelect && queriesIndex(table, tests, rest, partitionKeys !== undefined))
  if (usesIndex && relations.some(({ target, operator }) => operator === 'IN' && target.kind === 'column' && table.column(target.column.name)!.kind === 'partition_key')) throw invalid('Select on indexed columns and with IN clause for the PRIMARY KEY are not supported')
  if (!served && !options.allowFiltering) refuseFiltering(table, tests, rest, partitionKeys !== undefined, restricted, options.isSelect)
  return {
    partitionKeys, slices, wholeRows, usesIndex,
    tokens: tokenTests.length === 0 ? undefined : (token) => tokenTests.every((test) => test(token)),
    clusteringRestricted: restricted || rest.some((test) => test.columns.some((column) => column.kind === 'clustering')),
    filters: (options.byRow === true ? tests : rest).map((test) => test.matches),
  }
}

/** Of one column there is one lower bound and one upper bound. */
function refuseTwoBounds(tests: readonly Test[]): void {
  for (const [sign, name] of [['>', 'start'], ['<', 'end']] as const) {
    const bounds = tests.filter(({ operator, isElement }) => operator.startsWith(sign) && !isElement)
    const twice = bounds.find((test, i) => bounds.some((other, j) => j < i && other.columns[0] === test.columns[0] && other.multi === test.multi))
    if (twice) throw invalid(`More than one restriction was found for the ${name} bound on ${twice.columns.map((column) => column.name).join(', ')}`)
  }
}

function by(test: Test, index: Index): boolean {
  return !test.multi && serves(index, { column: test.columns[0]!, operator: test.operator, isElement: test.isElement })
}

/** Whether Cassandra goes by an index, if only for a part of what is asked for (`StatementRestrictions.java`). */
function queriesIndex(table: Table, tests: readonly Test[], rest: readonly Test[], hasKeys: boolean): boolean {
  const could = (test: Test, index: Index): boolean => by(test, index) || (test.multi && test.columns.some((column) => serves(index, { column, operator: test.operator, isElement: false })))
  if (!tests.some((test) => [...table.indexes.values()].some((index) => could(test, index)))) return false
  return !hasKeys || rest.some((test) => !isMixedRange(test, table))
}

/** Whether one index finds all that is asked for, or several that are storage-attached (`IndexRestrictions.java`). */
function servedByIndex(table: Table, tests: readonly Test[]): boolean {
  if (tests.length === 0 || table.indexes.size === 0) return false
  return byOneIndex(table, tests) || tests.every((test) => attachedIndexes(table, test).length > 0)
}

/** Whether one index finds all, and it is not storage-attached. */
function byOneIndex({ indexes }: Table, tests: readonly Test[]): boolean {
  return [...indexes.values()].some((index) => index.kind !== 'sai' && tests.every((test) => by(test, index)))
}

function attachedIndexes({ indexes }: Table, test: Test): Index[] {
  return [...indexes.values()].filter((index) => index.kind === 'sai' && by(test, index))
}

/** Has tests find texts as storage-attached indexes do: in the form that the index keeps them in. */
function testAsIndexesDo(table: Table, tests: readonly Test[]): void {
  for (const test of tests) {
    const analyser = attachedIndexes(table, test).map(analyserOf).find((each) => each !== undefined)
    if (!analyser || test.operator !== '=') continue
    const [column] = test.columns
    const [[wanted]] = test.values as [[Uint8Array]]
    const text = analyser(utf8Decode(wanted, 0, wanted.length))
    test.matches = (view) => {
      const value = view.get(column!)
      return value !== null && analyser(utf8Decode(value, 0, value.length)) === text
    }
  }
}

function tokenTest(table: Table, operator: Operator, term: Term, env: Env): (token: bigint) => boolean {
  let wanted: bigint
  if (term.kind === 'call' && term.function.name === 'token') {
    const key = term.args.map((arg, i) => valueOf(arg, table.partitionKey[i]!.type, env, table.partitionKey[i]!.name))
    wanted = tokenToBigInt(murmur3Token(serializeKey(key)))
  } else wanted = decodeValue({ kind: 'bigint' }, valueOf(term, { kind: 'bigint' }, env, 'partition key token')) as bigint
  return (token) => satisfies(operator, token < wanted ? -1 : token > wanted ? 1 : 0)
}

function partitionKeysOf(table: Table, tests: readonly Test[]): Uint8Array[][] | undefined {
  const lists: Uint8Array[][] = []
  const used: Test[] = []
  for (const column of table.partitionKey) {
    const test = tests.find((candidate) => !candidate.multi && candidate.columns[0] === column && (candidate.operator === '=' || candidate.operator === 'IN'))
    if (!test) return undefined
    lists.push(test.values.map(([value]) => value!))
    used.push(test)
  }
  for (const test of used) {
    test.used = true
  }
  return combinations(lists)
}

/** Goes along the clustering key: equal columns first, then one range; what is left must be filtered. */
function slicesOf(table: Table, tests: Test[]): { slices: Slice[]; restricted: boolean; wholeRows: boolean } {
  let prefixes: Uint8Array[][] = [[]]
  let at = 0
  const columns = table.clusteringKey
  while (at < columns.length) {
    const equal = tests.find((test) => !test.used && test.columns[0] === columns[at] && (test.operator === '=' || test.operator === 'IN') && inOrder(test, columns, at) && complete(test))
    if (!equal) break
    equal.used = true
    prefixes = prefixes.flatMap((prefix) => equal.values.map((values) => [...prefix, ...values]))
    at += equal.columns.length
  }
  const unique = prefixes.sort((a, b) => table.store.compareClustering(a, b)).filter((prefix, i) => i === 0 || table.store.compareClustering(prefix, prefixes[i - 1]!) !== 0 || prefix.length === 0)
  const ranges = at < columns.length ? rangesAt(tests, columns, at) : []
  const slices = unique.map((prefix): Slice => {
    let from: Bound | undefined = prefix.length > 0 ? { prefix, inclusive: true } : undefined
    let to = from
    for (const range of ranges) {
      range.used = true
      const bound: Bound = { prefix: [...prefix, ...range.values[0]!], inclusive: range.operator.endsWith('=') }
      if (range.operator.startsWith('>') !== columns[at]!.descending) from = tighter(table, from, bound, 1)
      else to = tighter(table, to, bound, -1)
    }
    return { from, to }
  })
  return { slices, restricted: at > 0 || ranges.length > 0, wholeRows: at === columns.length }
}

/** A range over columns of both directions is no filtering, although it is tested row by row. */
function isMixedRange(test: Test, { clusteringKey }: Table): boolean {
  return test.multi && inOrder(test, clusteringKey, 0)
}

function inOrder(test: Test, columns: readonly TableColumn[], at: number): boolean {
  return test.columns.every((column, i) => column === columns[at + i])
}

function complete(test: Test): boolean {
  return test.values.every((values) => values.length === test.columns.length)
}

/** Ranges that begin at this column; those over columns of both directions cannot be one run of rows. */
function rangesAt(tests: readonly Test[], columns: readonly TableColumn[], at: number): Test[] {
  return tests.filter((test) => {
    const isRange = test.operator === '<' || test.operator === '<=' || test.operator === '>' || test.operator === '>='
    return !test.used && isRange && inOrder(test, columns, at) && test.columns.every((column) => column.descending === test.columns[0]!.descending)
  })
}

/** Of two bounds the one that leaves fewer rows. */
function tighter(table: Table, a: Bound | undefined, b: Bound, sign: 1 | -1): Bound {
  if (!a || a.prefix.length < b.prefix.length) return b
  const difference = table.store.compareClustering(a.prefix, b.prefix) * sign
  if (difference !== 0) return difference > 0 ? a : b
  return a.inclusive ? b : a
}

function refuseFiltering(table: Table, tests: readonly Test[], rest: readonly Test[], hasKeys: boolean, clusteringRestricted: boolean, isSelect: boolean): void {
  if (!isSelect) return
  const filtering = rest.filter((test) => !isMixedRange(test, table))
  for (const test of filtering) {
    const column = test.columns[0]!
    if (column.kind === 'partition_key' && !hasKeys && test.operator !== '=' && test.operator !== 'IN') {
      throw invalid('Only EQ and IN relation are supported on the partition key (unless you use the token() function or allow filtering)')
    }
    if (column.kind === 'clustering' && hasKeys) {
      const before = table.clusteringKey.slice(0, column.position).find((earlier) => !tests.some((other) => other.columns.includes(earlier)))
      if (before) throw invalid(`PRIMARY KEY column "${column.name}" cannot be restricted as preceding column "${before.name}" is not restricted`)
      const range = tests.find((other) => other.used && other.columns[0]!.kind === 'clustering' && other.operator !== '=' && other.operator !== 'IN')
      if (range) throw invalid(`Clustering column "${column.name}" cannot be restricted (preceding column "${range.columns[0]!.name}" is restricted by a non-EQ relation)`)
    }
  }
  if (filtering.length > 0 || (clusteringRestricted && !hasKeys)) throw invalid(FILTERING)
}

