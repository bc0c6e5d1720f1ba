import { quoteIdentifier, readCells, scalar, typeToCql } from '../codecs/index.js'
import type { Column, CqlType } from '../codecs/index.js'
import { tokenToBigInt } from '../cluster/index.js'
import type { SelectStatement, Term } from '../cql/index.js'
import { startAggregate } from './aggregates.js'
import type { Aggregate } from './aggregates.js'
import { invalid } from './errors.js'
import { castValue, findFunction } from './functions.js'
import { columnOf, elementOf } from './restrictions.js'
import { keyTypeOf, elementTypeOf } from './bind-markers.js'
import type { RowView } from './row-view.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'
import { compute, evaluate, resolveType } from './terms.js'
import type { Env } from './terms.js'
import { encodeValue, isNumber } from './values.js'

/** Gives the value of one selected expression for a row; aggregates give it once all rows of the group were added. */
export interface Expression {
  readonly type: CqlType
  /** As Cassandra names the column. */
  readonly name: string
  readonly get: (view: RowView) => Uint8Array | null
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

/** Understands the SELECT clause. @throws Refusal */
export function selectionOf(statement: SelectStatement, table: Table, env: Env): Selection {
  const expressions = statement.selectors
    ? statement.selectors.map((selector) => expressionOf(selector.term, table, env))
    : (statement.distinct ? table.partitionKey : table.ordered).map((column) => columnExpression(column))
  const columns = expressions.map((expression, i) => ({
    name: statement.selectors?.[i]?.alias?.name ?? expression.name, type: expression.type, keyspace: table.keyspace, table: table.name,
  }))
  return { columns, expressions, aggregated: expressions.some((expression) => expression.aggregate !== undefined) }
}

function columnExpression(column: TableColumn): Expression {
  return { type: column.type, name: column.name, get: (view) => view.get(column) }
}

/** One expression of a SELECT clause. */
export function expressionOf(term: Term, table: Table, env: Env): Expression {
  switch (term.kind) {
    case 'column':
      return columnExpression(columnOf(table, term.name))
    case 'call':
      return callExpression(term, table, env)
    case 'cast': {
      const inner = expressionOf(term.term, table, env)
      const type = resolveType(term.type.text, env.keyspace)
      return derived([inner], type, `cast(${inner.name} as ${typeToCql(type)})`, ([value]) => castValue(value ?? null, inner.type, type))
    }
    case 'field': {
      const inner = expressionOf(term.of, table, env)
      const { type } = inner
      const place = type.kind === 'udt' ? type.fields.findIndex(({ name }) => name === term.field.name) : -1
      if (type.kind !== 'udt' || place < 0) throw invalid(type.kind === 'udt' ? `${inner.name} of type ${type.name} has no field ${term.field.name}` : `Invalid field selection: ${inner.name} of type ${typeToCql(type)} is not a user type`)
      return derived([inner], type.fields[place]!.type, `${inner.name}.${quoteIdentifier(term.field.name)}`, ([value]) => (value ? (readCells(value, false)[place] ?? null) : null))
    }
    case 'element': {
      const inner = expressionOf(term.of, table, env)
      const keyType = keyTypeOf(inner.type)
      const type = inner.type.kind === 'set' ? inner.type.element : elementTypeOf(inner.type)
      if (!keyType || !type || inner.type.kind === 'list' || term.slice || !term.key) throw invalid(`Invalid element selection: ${inner.name} of type ${typeToCql(inner.type)} is not a set or map, or a slice was asked for`)
      const key = evaluate(term.key, keyType, env)
      if (!(key instanceof Uint8Array)) throw invalid(`Invalid null or unset key for element selection on ${inner.name}`)
      return derived([inner], type, `${inner.name}[${textOf(term.key)}]`, ([value]) => (value ? elementOf(inner.type, value, key) : null))
    }
    case 'binary': {
      const left = expressionOf(term.left, table, env)
      const right = term.right.kind === 'literal' ? constant(term.right, left.type, env) : expressionOf(term.right, table, env)
      if (!isNumber(left.type) || !isNumber(right.type)) throw invalid(`the '${term.operator}' operation is not supported between ${left.name} and ${right.name}`)
      const type = wider(left.type, right.type)
      return derived([left, right], type, `${left.name} ${term.operator} ${right.name}`, ([a, b]) =>
        (a && b ? compute(term.operator, castValue(a, left.type, type)!, castValue(b, right.type, type)!, type) : null))
    }
    case 'hint': {
      const type = resolveType(term.type.text, env.keyspace)
      return { ...constant(term.term, type, env), name: `(${typeToCql(type)})${textOf(term.term)}` }
    }
    case 'literal':
      return constant(term, naturalType(term.type), env)
    default:
      throw invalid(`Cannot infer type for term ${term.kind} in selection clause (try using a cast to force a type)`)
  }
}

function textOf(term: Term): string {
  return term.kind === 'literal' ? (term.type === 'string' ? `'${term.text}'` : term.text) : '?'
}

function naturalType(kind: string): CqlType {
  const types: Readonly<Record<string, CqlType>> = { string: scalar('text'), integer: scalar('int'), float: scalar('double'), boolean: scalar('boolean'), uuid: scalar('uuid'), blob: scalar('blob'), duration: scalar('duration') }
  return types[kind] ?? scalar('blob')
}

function constant(term: Term, type: CqlType, env: Env): Expression {
  const value = evaluate(term, type, env)
  const bytes = value instanceof Uint8Array ? value : null
  return { type, name: textOf(term), get: () => bytes }
}

const ranks = ['tinyint', 'smallint', 'int', 'bigint', 'counter', 'varint', 'float', 'double', 'decimal']

function wider(a: CqlType, b: CqlType): CqlType {
  return ranks.indexOf(a.kind) >= ranks.indexOf(b.kind) ? a : b
}

/** An expression over others; it is an aggregate when one of them is. */
function derived(inner: readonly Expression[], type: CqlType, name: string, compute: (values: readonly (Uint8Array | null)[]) => Uint8Array | null): Expression {
  const get = (view: RowView): Uint8Array | null => compute(inner.map((expression) => expression.get(view)))
  if (!inner.some((expression) => expression.aggregate)) return { type, name, get }
  return {
    type, name, get,
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
    finish: () => value,
  }
}

function callExpression(term: Extract<Term, { kind: 'call' }>, table: Table, env: Env): Expression {
  const { name } = term.function
  if (name === 'token') return tokenExpression(term.args, table)
  if (name === 'writetime' || name === 'maxwritetime' || name === 'ttl') return cellExpression(name, term.args, table)
  if (term.star || name === 'count' || startAggregate(name, scalar('int')) !== undefined) return aggregateExpression(term, table, env)
  const inner = term.args.map((arg) => (arg.kind === 'literal' ? undefined : expressionOf(arg, table, env)))
  const found = findFunction(name, inner.map((expression) => expression?.type))
  const args = term.args.map((arg, i) => inner[i] ?? constant(arg, found.args[i]!, env))
  return derived(args, found.result, `system.${name}(${args.map((arg) => arg.name).join(', ')})`, (values) => found.call(values, env.clock))
}

function tokenExpression(args: readonly Term[], table: Table): Expression {
  const names = args.map((arg) => (arg.kind === 'column' ? arg.name : '?'))
  if (names.join() !== table.partitionKey.map((column) => column.name).join()) throw invalid(`The token function arguments must be in the partition key order: ${table.partitionKey.map((column) => column.name).join(', ')}`)
  return { type: scalar('bigint'), name: `system.token(${names.join(', ')})`, get: (view) => encodeValue(scalar('bigint'), tokenToBigInt(view.partition.token)) }
}

/** WRITETIME and TTL of a column. */
function cellExpression(name: string, args: readonly Term[], table: Table): Expression {
  const arg = args[0]
  if (args.length !== 1 || arg?.kind !== 'column') throw invalid(`The function ${name} takes one column`)
  const column = columnOf(table, arg.name)
  if (column.kind === 'partition_key' || column.kind === 'clustering') throw invalid(`Cannot use selection function ${name} on PRIMARY KEY part ${column.name}`)
  if (isComplex(column.type)) throw invalid(`Cannot use selection function ${name} on non-frozen column ${column.name}`)
  const type = scalar(name === 'ttl' ? 'int' : 'bigint')
  return {
    type, name: `${name}(${column.name})`,
    get: (view) => {
      const row = view.rowOf(column)
      const cell = row && table.store.liveCell(view.partition, row, column, view.nowSeconds)
      if (!cell) return null
      if (name !== 'ttl') return encodeValue(type, cell.timestamp)
      return cell.ttl === 0 ? null : encodeValue(type, cell.expires - view.nowSeconds)
    },
  }
}

function aggregateExpression(term: Extract<Term, { kind: 'call' }>, table: Table, env: Env): Expression {
  const { name } = term.function
  // `count(1)` counts rows as `count(*)` does.
  const rows = term.star === true || (name === 'count' && term.args[0]?.kind === 'literal')
  if (!rows && term.args.length !== 1) throw invalid(`Invalid number of arguments in call to function ${name}: 1 required but ${term.args.length} provided`)
  const inner = rows ? undefined : expressionOf(term.args[0]!, table, env)
  const begin = (): Aggregate => startAggregate(name, inner?.type)!
  return {
    type: begin().result, name: rows ? 'count' : `system.${name}(${inner!.name})`, get: () => null,
    aggregate: () => {
      const aggregate = begin()
      return { add: (view) => aggregate.add(inner ? inner.get(view) : null), finish: () => aggregate.finish() }
    },
  }
}
