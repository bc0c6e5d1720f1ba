import { comparatorOf, compareBytes, quoteIdentifier, readCells, sameType, scalar, typeToCql } from '../codecs/index.js'
import type { Column, CqlType } from '../codecs/index.js'
import { murmur3Token, tokenToBigInt } from '../cluster/index.js'
import { printTerm } from '../cql/index.js'
import type { BinaryTerm, ElementTerm, FieldTerm, SelectStatement, Term } from '../cql/index.js'
import { commonNumber, compute, negate } from './arithmetic.js'
import { startAggregate } from './aggregates.js'
import type { Aggregate } from './aggregates.js'
import { cells } from './cells.js'
import { invalid } from './errors.js'
import { castValue, checkCast, findFunction } from './functions.js'
import { columnOf, elementOf } from './relation-tests.js'
import { keyTypeOf, elementTypeOf } from './bind-markers.js'
import type { RowView } from './row-view.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { serializeKey } from './table-store.js'
import type { Cell } from './rows.js'
import { argumentTypes, evaluate, moved, naturalType, resolveType } from './terms.js'
import type { Env } from './terms.js'
import { encodeValue, isNumber } from './values.js'

/** Gives the value of one selected expression for a row; aggregates give it once all rows of the group were added. */
export interface Expression {
  readonly type: CqlType
  /** As Cassandra names the column. */
  readonly name: string
  readonly get: (view: RowView) => Uint8Array | null
  /** What it is where there is no row at all. */
  readonly onNothing: () => Uint8Array | null
  /** The columns that it is made of. */
  readonly columns: readonly TableColumn[]
  /** Begins an aggregate over rows; undefined for what is given row by row. */
  readonly aggregate?: (() => GroupValue) | undefined
}

/** The value of an expression over a group of rows. */
export interface GroupValue {
  add(view: RowView): void
  finish(): Uint8Array | null
}

/** What a SELECT returns. */
export interface Selection {
  readonly columns: readonly Column[]
  readonly expressions: readonly Expression[]
  readonly aggregated: boolean
}

/** What SELECT JSON has for columns. */
export function jsonColumn(table: Table): Column {
  return { name: '[json]', type: scalar('text'), keyspace: table.keyspace, table: table.name }
}

/** Understands the SELECT clause. @throws Refusal */
export function selectionOf(statement: SelectStatement, table: Table, env: Env): Selection {
  const expressions = statement.selectors
    ? statement.selectors.map((selector) => expressionOf(selector.term, table, env))
    : (statement.distinct ? table.partitionKey : table.ordered).map((column) => columnExpression(column, env))
  const columns = expressions.map((expression, i) => ({
    name: statement.selectors?.[i]?.alias?.name ?? expression.name, type: expression.type, keyspace: table.keyspace, table: table.name,
  }))
  return { columns, expressions, aggregated: expressions.some((expression) => expression.aggregate !== undefined) }
}

function columnExpression(column: TableColumn, { isMasked }: Env): Expression {
  const mask = isMasked ? column.mask : undefined
  const get = mask ? (view: RowView): Uint8Array | null => mask.apply(view.get(column)) : (view: RowView): Uint8Array | null => view.get(column)
  return { type: column.type, name: column.name, get, onNothing: () => null, columns: [column] }
}

/** One expression of a SELECT clause. */
export function expressionOf(term: Term, table: Table, env: Env): Expression {
  switch (term.kind) {
    case 'column':
      return columnExpression(columnOf(table, term.name), env)
    case 'call':
      return callExpression(term, table, env)
    case 'cast': {
      const inner = expressionOf(term.term, table, env)
      const type = resolveType(term.type.text, env.keyspace)
      if (sameType(inner.type, type)) {
        // In descending order a text is no text to Cassandra (`ReversedType.java`).
        if (term.term.kind !== 'column' || !inner.columns[0]!.descending || isNumber(type)) return inner
        throw invalid(`Invalid call to function system.cast_as_${typeToCql(type)}, none of its type signatures match`)
      }
      checkCast(inner.type, type)
      return derived([inner], type, `cast(${inner.name} as ${typeToCql(type)})`, ([value]) => castValue(value ?? null, inner.type, type))
    }
    case 'field': {
      const inner = expressionOf(term.of, table, env)
      const { type } = inner
      const place = type.kind === 'udt' ? type.fields.findIndex(({ name }) => name === term.field.name) : -1
      if (type.kind !== 'udt' || place < 0) throw invalid(type.kind === 'udt' ? `${inner.name} of type ${type.name} has no field ${term.field.name}` : `Invalid field selection: ${inner.name} of type ${typeToCql(type)} is not a user type`)
      return derived([inner], type.fields[place]!.type, `${inner.name}.${quoteIdentifier(term.field.name)}`, ([value]) => (value ? (readCells(value, false)[place] ?? null) : null))
    }
    case 'element':
      return elementExpression(term, table, env)
    case 'binary':
      return binaryExpression(term, table, env)
    case 'negative': {
      const inner = expressionOf(term.term, table, env)
      if (!isNumber(inner.type)) throw invalid(`the '-' operation is not supported for ${inner.name} of type ${typeToCql(inner.type)}`)
      return derived([inner], inner.type, `-${groupedName(term.term, inner, 3)}`, ([value]) => (value ? negate(value, inner.type) : null))
    }
    case 'hint': {
      const type = resolveType(term.type.text, env.keyspace)
      return { ...constant(term.term, type, env), name: `(${typeToCql(type)})${printTerm(term.term)}` }
    }
    default:
      throw invalid(`Cannot infer type for term ${printTerm(term)} in selection clause (try using a cast to force a type)`)
  }
}

/** `m[key]`, `s[from..to]`. */
function elementExpression(term: ElementTerm, table: Table, env: Env): Expression {
  const inner = expressionOf(term.of, table, env)
  const keyType = keyTypeOf(inner.type)
  const type = inner.type.kind === 'set' ? inner.type.element : elementTypeOf(inner.type)
  if (!keyType || !type || inner.type.kind === 'list') throw invalid(`Invalid element selection: ${inner.name} of type ${typeToCql(inner.type)} is not a set or map`)
  const valueOf = (key: Term): Uint8Array => {
    const value = evaluate(key, keyType, env)
    if (!(value instanceof Uint8Array)) throw invalid(`Invalid null or unset key for element selection on ${inner.name}`)
    return value
  }
  if (!term.slice) {
    const key = valueOf(term.key!)
    return derived([inner], type, `${inner.name}[${printTerm(term.key!)}]`, ([value]) => (value ? elementOf(inner.type, value, key) : null))
  }
  const { from, to } = term.slice
  const [low, high] = [from && valueOf(from), to && valueOf(to)]
  return derived([inner], inner.type, `${inner.name}[${from ? printTerm(from) : ''}..${to ? printTerm(to) : ''}]`, ([value]) => (value ? sliceOf(inner.type, keyType, value, low, high) : null))
}

/** The entries of a set or map from one key to another; null when there are none. */
function sliceOf(type: CqlType, keyType: CqlType, value: Uint8Array, low: Uint8Array | undefined, high: Uint8Array | undefined): Uint8Array | null {
  const compare = comparatorOf(keyType)
  const step = type.kind === 'map' ? 2 : 1
  const items = readCells(value, true)
  const kept = items.filter((_, i) => {
    const key = items[i - (i % step)]!
    return (!low || compare(key, low) >= 0) && (!high || compare(key, high) <= 0)
  })
  return kept.length === 0 ? null : cells(kept, true, kept.length / step)
}

const strength = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2 } as const

/** An operand's name, in parentheses where it binds less than what stands around it. */
function groupedName(term: Term, { name }: Expression, least: number): string {
  return term.kind === 'binary' && strength[term.operator] < least ? `(${name})` : name
}

function binaryExpression(term: BinaryTerm, table: Table, env: Env): Expression {
  const operand = (side: Term): Expression => {
    const natural = side.kind === 'literal' ? naturalType(side) : undefined
    return natural ? constant(side, natural, env) : expressionOf(side, table, env)
  }
  const [left, right] = [operand(term.left), operand(term.right)]
  const own = strength[term.operator]
  const name = `${groupedName(term.left, left, own)} ${term.operator} ${groupedName(term.right, right, own + 1)}`
  if ((left.type.kind === 'timestamp' || left.type.kind === 'date') && right.type.kind === 'duration' && (term.operator === '+' || term.operator === '-')) {
    const sign = term.operator === '+' ? 1 : -1
    return derived([left, right], left.type, name, ([a, b]) => (a && b ? moved(a, b, left.type, sign) : null))
  }
  if (!isNumber(left.type) || !isNumber(right.type)) throw invalid(`the '${term.operator}' operation is not supported between ${left.name} and ${right.name}`)
  return derived([left, right], commonNumber(left.type, right.type), name, ([a, b]) => (a && b ? compute(term.operator, a, left.type, b, right.type) : null))
}

function constant(term: Term, type: CqlType, env: Env): Expression {
  const value = evaluate(term, type, env)
  const bytes = value instanceof Uint8Array ? value : null
  return { type, name: printTerm(term), get: () => bytes, onNothing: () => bytes, columns: [] }
}

/** An expression over others; it is an aggregate when one of them is. */
function derived(inner: readonly Expression[], type: CqlType, name: string, compute: (values: readonly (Uint8Array | null)[]) => Uint8Array | null): Expression {
  const get = (view: RowView): Uint8Array | null => compute(inner.map((expression) => expression.get(view)))
  const onNothing = (): Uint8Array | null => compute(inner.map((expression) => expression.onNothing()))
  const columns = inner.flatMap((expression) => expression.columns)
  if (!inner.some((expression) => expression.aggregate)) return { type, name, get, onNothing, columns }
  return {
    type, name, get, onNothing, columns,
    aggregate: () => {
      const parts = inner.map(groupValue)
      return { add: (view) => { for (const part of parts) part.add(view) }, finish: () => compute(parts.map((part) => part.finish())) }
    },
  }
}

/** The value of an expression over a group: what is no aggregate has the value of the group's first row. */
export function groupValue(expression: Expression): GroupValue {
  if (expression.aggregate) return expression.aggregate()
  let value: Uint8Array | null = null
  let seen = false
  return {
    add(view) {
      if (!seen) value = expression.get(view)
      seen = true
    },
    finish: () => (seen ? value : expression.onNothing()),
  }
}

function callExpression(term: Extract<Term, { kind: 'call' }>, table: Table, env: Env): Expression {
  const { name } = term.function
  if (name === 'token') return tokenExpression(term.args, table, env)
  if (name === 'writetime' || name === 'maxwritetime' || name === 'ttl') return cellExpression(name, term.args, table, env)
  if (term.star || name === 'count' || startAggregate(name, scalar('int')) !== undefined) return aggregateExpression(term, table, env)
  const inner = term.args.map((arg) => (hasNoType(arg) ? undefined : expressionOf(arg, table, env)))
  const found = findFunction(name, argumentTypes(name, term.args, (arg) => inner[term.args.indexOf(arg)]?.type))
  const args = term.args.map((arg, i) => inner[i] ?? constant(arg, found.args[i]!, env))
  return derived(args, found.result, `system.${name}(${args.map((arg) => arg.name).join(', ')})`, (values) => found.call(values, env.clock))
}

/** What takes on the type that a function wants. */
function hasNoType({ kind }: Term): boolean {
  return kind === 'literal' || kind === 'bind' || kind === 'list' || kind === 'set' || kind === 'map' || kind === 'udt' || kind === 'tuple'
}

/** The token of what would be a partition key. */
function tokenExpression(args: readonly Term[], table: Table, env: Env): Expression {
  const { partitionKey } = table
  if (args.length !== partitionKey.length) throw invalid(`Invalid number of arguments in call to function token: ${partitionKey.length} required but ${args.length} provided`)
  const parts = args.map((arg, i) => (hasNoType(arg) ? constant(arg, partitionKey[i]!.type, env) : expressionOf(arg, table, env)))
  parts.forEach((part, i) => {
    if (!sameType(part.type, partitionKey[i]!.type)) throw invalid(`Type error: ${part.name} cannot be passed as argument ${i} of function system.token of type ${typeToCql(partitionKey[i]!.type)}`)
  })
  return derived(parts, scalar('bigint'), `system.token(${parts.map(({ name }) => name).join(', ')})`, (values) => {
    if (values.includes(null)) return null
    return encodeValue(scalar('bigint'), tokenToBigInt(murmur3Token(serializeKey(values as Uint8Array[]))))
  })
}

/** WRITETIME, MAXWRITETIME and TTL of a column, or of a part of one that is kept part by part. */
function cellExpression(name: 'writetime' | 'maxwritetime' | 'ttl', args: readonly Term[], table: Table, env: Env): Expression {
  const [arg] = args
  const of = arg?.kind === 'element' || arg?.kind === 'field' ? arg.of : arg
  if (args.length !== 1 || of?.kind !== 'column') throw invalid(`The function ${name} takes one column`)
  const column = columnOf(table, of.name)
  if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`Cannot use selection function ${name} on PRIMARY KEY part ${column.name}`)
  const one = scalar(name === 'ttl' ? 'int' : 'bigint')
  const timeOf = (cell: Cell | undefined, nowSeconds: number): Uint8Array | null => {
    if (!cell) return null
    if (name !== 'ttl') return encodeValue(one, cell.timestamp)
    return cell.ttl === 0 ? null : encodeValue(one, cell.expires - nowSeconds)
  }
  if (!isComplex(column.type)) {
    return {
      type: one, name: `${name}(${column.name})`, onNothing: () => null, columns: [column],
      get: (view) => {
        const row = view.rowOf(column)
        return timeOf(row && table.store.liveCell(view.partition, row, column, view.nowSeconds), view.nowSeconds)
      },
    }
  }
  const partsOf = (view: RowView): readonly (readonly [key: Uint8Array, cell: Cell])[] => {
    const row = view.rowOf(column)
    return row ? table.store.liveParts(view.partition, row, column, view.nowSeconds).map(({ key, cell }) => [key, cell] as const) : []
  }
  const { type } = column
  if (arg !== of) {
    const wanted = partKeyOf(arg as ElementTerm | FieldTerm, type, env)
    return { type: one, name: `${name}(${expressionOf(arg!, table, env).name})`, onNothing: () => null, columns: [column], get: (view) => timeOf(partsOf(view).find(([key]) => compareBytes(key, wanted) === 0)?.[1], view.nowSeconds) }
  }
  if (name === 'maxwritetime') {
    return { type: one, name: `${name}(${column.name})`, onNothing: () => null, columns: [column], get: (view) => timeOf(partsOf(view).map(([, cell]) => cell).sort((a, b) => (a.timestamp > b.timestamp ? -1 : 1))[0], view.nowSeconds) }
  }
  return {
    type: { kind: 'list', element: one }, name: `${name}(${column.name})`, onNothing: () => null, columns: [column],
    get: (view) => {
      const parts = partsOf(view)
      if (parts.length === 0) return null
      const times = type.kind === 'udt' ? type.fields.map((_, i) => timeOf(parts.find(([key]) => key[0] === i >> 8 && key[1] === (i & 255))?.[1], view.nowSeconds)) : parts.map(([, cell]) => timeOf(cell, view.nowSeconds))
      return cells(times, true)
    },
  }
}

/** The key under which an element or a field is kept. */
function partKeyOf(arg: ElementTerm | FieldTerm, type: CqlType, env: Env): Uint8Array {
  if (arg.kind === 'field') {
    const place = type.kind === 'udt' ? type.fields.findIndex(({ name }) => name === arg.field.name) : -1
    if (place < 0) throw invalid(`There is no field ${arg.field.name}`)
    return Uint8Array.of(place >> 8, place & 255)
  }
  const keyType = keyTypeOf(type)
  const key = keyType && arg.key && evaluate(arg.key, keyType, env)
  if (type.kind === 'list' || !(key instanceof Uint8Array)) throw invalid('Only elements of sets and maps have a time of their own here')
  return key
}

function aggregateExpression(term: Extract<Term, { kind: 'call' }>, table: Table, env: Env): Expression {
  const { name } = term.function
  // `count(1)` counts rows as `count(*)` does.
  const rows = term.star === true || (name === 'count' && term.args[0]?.kind === 'literal')
  if (!rows && term.args.length !== 1) throw invalid(`Invalid number of arguments in call to function ${name}: 1 required but ${term.args.length} provided`)
  const inner = rows ? undefined : expressionOf(term.args[0]!, table, env)
  const begin = (): Aggregate => startAggregate(name, inner?.type)!
  return {
    type: begin().result, name: rows ? 'count' : `system.${name}(${inner!.name})`, get: () => null, onNothing: () => null, columns: inner?.columns ?? [],
    aggregate: () => {
      const aggregate = begin()
      return { add: (view) => aggregate.add(inner ? inner.get(view) : null), finish: () => aggregate.finish() }
    },
  }
}
