import { utf8Decode } from '../base/index.js'
import { comparatorOf, readCells, typeToCql, unset } from '../codecs/index.js'
import type { CqlType } from '../codecs/index.js'
import { murmur3Token, tokenToBigInt } from '../cluster/index.js'
import { printTerm } from '../cql/index.js'
import type { Operator, Relation, Term } from '../cql/index.js'
import { elementTypeOf, keyTypeOf } from './bind-markers.js'
import { invalid } from './errors.js'
import { analyserOf, serves } from './index-definition.js'
import type { Index } from './index-definition.js'
import type { RowView } from './row-view.js'
import { satisfies } from './satisfies.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { serializeKey } from './table-store.js'
import type { Bound } from './table-store.js'
import { evaluate } from './terms.js'
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

/** A relation with its values evaluated. */
interface Test {
  readonly columns: readonly TableColumn[]
  readonly operator: Operator
  /** One value per column; for IN one such list per alternative. */
  readonly values: readonly (readonly Uint8Array[])[]
  matches: (view: RowView) => boolean
  readonly multi: boolean
  /** Of an element of a map. */
  readonly isElement: boolean
  used: boolean
}

const FILTERING = 'Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING'

/** Finds a column, or refuses. */
export function columnOf(table: Table, name: string): TableColumn {
  const column = table.column(name)
  if (!column) throw invalid(`Undefined column name ${name} in table ${table.keyspace}.${table.name}`)
  return column
}

/** The value of a relation: neither null nor unset. */
function valueOf(term: Term, type: CqlType, env: Env, name: string): Uint8Array {
  const value = evaluate(term, type, env, name)
  if (value === null) throw invalid(`Invalid null value in condition for column ${name}`)
  if (value === unset) throw invalid(`Invalid unset value for column ${name}`)
  return value as Uint8Array
}

/** The values of an IN list, in the order of the type and without repeats. */
function inValues(term: Term, { type, name, kind }: TableColumn, env: Env): Uint8Array[] {
  // Of a column that is in no key null is none of several values.
  const isNull = (item: Term): boolean => (kind === 'regular' || kind === 'static') && evaluate(item, type, env, name) === null
  const values = term.kind === 'tuple'
    ? term.items.filter((item) => !isNull(item)).map((item) => valueOf(item, type, env, name))
    : readCells(valueOf(term, { kind: 'list', element: type }, env, name), true).map((value) => {
        if (value === null) throw invalid(`Invalid null value in condition for column ${name}`)
        return value
      })
  const compare = comparatorOf(type)
  return values.sort(compare).filter((value, i) => i === 0 || compare(value, values[i - 1]!) !== 0)
}

function singleColumn(table: Table, column: TableColumn, operator: Operator, term: Term, env: Env): Test {
  refuseOperator(column, operator, term)
  const compare = comparatorOf(column.type)
  const test = (values: readonly Uint8Array[], matches: (value: Uint8Array) => boolean): Test => ({
    columns: [column], operator, values: values.map((value) => [value]), multi: false, isElement: false, used: false,
    matches: (view) => {
      const value = view.get(column)
      return value !== null && matches(value)
    },
  })
  switch (operator) {
    case 'IN': {
      const values = inValues(term, column, env)
      return test(values, (value) => values.some((wanted) => compare(value, wanted) === 0))
    }
    case 'CONTAINS':
    case 'CONTAINS KEY': {
      const type = operator === 'CONTAINS' ? elementTypeOf(column.type) : column.type.kind === 'map' ? column.type.key : undefined
      // In descending order it is no collection to Cassandra (`ReversedType.java`).
      if (!type || column.descending) throw invalid(`Cannot use ${operator} on non-collection column ${column.name}`)
      const wanted = valueOf(term, type, env, column.name)
      return test([wanted], (value) => containsElement(column.type, value, operator, type, wanted))
    }
    case 'LIKE': {
      const index = [...table.indexes.values()].find((each) => each.kind === 'sasi' && each.column === column.name)
      if (!index) throw invalid(`LIKE restriction is only supported on properly indexed columns. ${column.name} LIKE ${printTerm(term)} is not valid.`)
      const wanted = valueOf(term, column.type, env, column.name)
      const pattern = utf8Decode(wanted, 0, wanted.length)
      return test([wanted], likeTest(pattern, index.options['mode'] ?? 'PREFIX', column.name))
    }
    default: {
      if (column.type.kind === 'duration' && operator !== '=') throw invalid(`Slice restrictions are not supported on duration columns`)
      const wanted = valueOf(term, column.type, env, column.name)
      return test([wanted], (value) => satisfies(operator, compare(value, wanted)))
    }
  }
}

/** Whether a serialised collection has an element, map value (CONTAINS) or map key (CONTAINS KEY) equal to `wanted` of type `inner`. */
export function containsElement(type: CqlType, value: Uint8Array, operator: 'CONTAINS' | 'CONTAINS KEY', inner: CqlType, wanted: Uint8Array): boolean {
  const place = operator === 'CONTAINS' && type.kind === 'map' ? 1 : 0
  const step = type.kind === 'map' ? 2 : 1
  const compare = comparatorOf(inner)
  return readCells(value, true).some((cell, i) => i % step === place && cell !== null && compare(cell, wanted) === 0)
}

/** What no value of a type can be asked for. */
function refuseOperator({ name, type }: TableColumn, operator: Operator, term: Term): void {
  if (operator === '!=') throw invalid(`Unsupported "!=" relation: ${name} != ${printTerm(term)}`)
  if (!isComplex(type) || operator === 'CONTAINS' || operator === 'CONTAINS KEY') return
  if (type.kind === 'udt') throw invalid(`Non-frozen UDT column '${name}' (${typeToCql(type)}) cannot be restricted by any relation`)
  throw invalid(`Collection column '${name}' (${typeToCql(type)}) cannot be restricted by a '${operator}' relation`)
}

/** `%` at the beginning or the end of a pattern stands for anything. */
function likeTest(pattern: string, mode: string, name: string): (value: Uint8Array) => boolean {
  const [open, end] = [pattern.startsWith('%'), pattern.length > 1 && pattern.endsWith('%')]
  const text = pattern.slice(open ? 1 : 0, end ? -1 : undefined)
  if (text === '' || text.includes('%')) throw invalid(`LIKE value can't be empty.`)
  if (open && mode !== 'CONTAINS') throw invalid(`${name} LIKE '%<term>${end ? '%' : ''}' abort. Index is not of mode CONTAINS`)
  return (value) => {
    const own = utf8Decode(value, 0, value.length)
    return open ? (end ? own.includes(text) : own.endsWith(text)) : end ? own.startsWith(text) : own === text
  }
}

function multiColumn(table: Table, names: readonly string[], operator: Operator, term: Term, env: Env): Test {
  const columns = names.map((name) => columnOf(table, name))
  for (const column of columns) if (column.kind !== 'clustering') throw invalid(`Multi-column relations can only be applied to clustering columns but was applied to: ${column.name}`)
  const type: CqlType = { kind: 'tuple', elements: columns.map((column) => column.type) }
  const tupleOf = (item: Term): Uint8Array[] => {
    if (item.kind === 'tuple') {
      if (item.items.length > columns.length) throw invalid(`Too many elements in value for tuple of ${columns.length} columns`)
      return item.items.map((part, i) => valueOf(part, columns[i]!.type, env, columns[i]!.name))
    }
    return readCells(valueOf(item, type, env, `(${names.join(', ')})`), false).map((value) => value ?? new Uint8Array(0))
  }
  const values = operator === 'IN'
    ? term.kind === 'tuple' ? term.items.map(tupleOf) : readCells(valueOf(term, { kind: 'list', element: type }, env, names.join()), true).map((tuple) => readCells(tuple!, false).map((value) => value!))
    : [tupleOf(term)]
  const compare = (view: RowView, wanted: readonly Uint8Array[]): number => {
    for (let i = 0; i < wanted.length; i++) {
      const value = view.get(columns[i]!)
      if (value === null) return Number.NaN
      const difference = comparatorOf(columns[i]!.type)(value, wanted[i]!)
      if (difference !== 0) return difference
    }
    return 0
  }
  return {
    columns, operator, values, multi: true, isElement: false, used: false,
    matches: (view) => values.some((wanted) => satisfies(operator === 'IN' ? '=' : operator, compare(view, wanted))),
  }
}

function elementTest(column: TableColumn, key: Term, operator: Operator, term: Term, env: Env): Test {
  const keyType = keyTypeOf(column.type)
  const type = elementTypeOf(column.type)
  if (!keyType || !type) throw invalid(`Invalid operator for column ${column.name} of type ${typeToCql(column.type)}`)
  const wantedKey = valueOf(key, keyType, env, column.name)
  const wanted = valueOf(term, type, env, column.name)
  const compare = comparatorOf(type)
  return {
    columns: [column], operator, values: [], multi: false, isElement: true, used: false,
    matches: (view) => {
      const value = view.get(column)
      const found = value === null ? null : elementOf(column.type, value, wantedKey)
      return found !== null && satisfies(operator, compare(found, wanted))
    },
  }
}

/** The element of a serialised collection under a key (map), or at a place (list). */
export function elementOf(type: CqlType, value: Uint8Array, key: Uint8Array): Uint8Array | null {
  const items = readCells(value, true)
  if (type.kind === 'list') {
    const place = decodeValue({ kind: 'int' }, key) as number
    return items[place] ?? null
  }
  if (type.kind === 'set') return items.find((item) => item !== null && comparatorOf(type.element)(item, key) === 0) ?? null
  if (type.kind !== 'map') return null
  for (let i = 0; i < items.length; i += 2) if (comparatorOf(type.key)(items[i]!, key) === 0) return items[i + 1]!
  return null
}

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
  const served = options.isSelect && servedByIndex(table, partitionKeys === undefined ? tests : rest.filter((test) => !isMixedRange(test, table)))
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
  const all = [...table.indexes.values()]
  const attached = all.filter(({ kind }) => kind === 'sai')
  const one = all.find((index) => index.kind !== 'sai' && tests.every((test) => by(test, index)))
  if (!one && !tests.every((test) => attached.some((index) => by(test, index)))) return false
  for (const test of tests) {
    // An empty text is in no storage-attached index.
    if (!one && test.values.some(([value]) => value?.length === 0)) test.matches = () => false
    const analyser = attached.filter((index) => by(test, index)).map(analyserOf).find((each) => each !== undefined)
    if (!analyser || test.operator !== '=') continue
    const [column] = test.columns
    const [[wanted]] = test.values as [[Uint8Array]]
    const text = analyser(utf8Decode(wanted, 0, wanted.length))
    test.matches = (view) => {
      const value = view.get(column!)
      return value !== null && analyser(utf8Decode(value, 0, value.length)) === text
    }
  }
  return true
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

