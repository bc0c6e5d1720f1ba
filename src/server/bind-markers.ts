import { freezeType, scalar } from '../codecs/index.js'
import type { Column, CqlType } from '../codecs/index.js'
import type { BindMarker, Condition, InsertStatement, Modification, Relation, Statement, Term } from '../cql/index.js'
import { invalid } from './errors.js'
import { findFunction } from './functions.js'
import type { Keyspace, Table, TableColumn } from './schema.js'
import { argumentTypes, resolveType, typeOf } from './terms.js'

const LIST_OF = (element: CqlType): CqlType => ({ kind: 'list', element })

/** What a statement wants of its bind markers. */
export interface BindMarkers {
  readonly columns: readonly Column[]
  /** Places of the partition key's parts; empty when not every part is one marker. */
  readonly partitionKey: readonly number[]
}

/**
 * Names and types of the bind markers of a statement, as Cassandra tells them in PREPARED.
 *
 * @param tableOf finds the table that each part of the statement is about
 */
export function bindMarkersOf(statement: Statement, tableOf: (statement: Statement) => Table, keyspace: Keyspace | undefined): BindMarkers {
  const collector = new Collector(keyspace)
  if (statement.kind === 'batch') {
    collector.using(statement.using)
    for (const part of statement.statements) collector.modification(part, tableOf(part))
  } else if (statement.kind === 'select') {
    const table = tableOf(statement)
    collector.table = table
    for (const selector of statement.selectors ?? []) collector.selector(selector.term)
    collector.relations(statement.where)
    for (const { ann, column } of statement.orderBy) if (ann) collector.term(ann, column.name, table.column(column.name)?.type)
    if (statement.perPartitionLimit) collector.term(statement.perPartitionLimit, '[per_partition_limit]', scalar('int'))
    if (statement.limit) collector.term(statement.limit, '[limit]', scalar('int'))
  } else if (statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete') collector.modification(statement, tableOf(statement))
  collector.checkAll(statement)
  return { columns: collector.columns, partitionKey: statement.kind === 'batch' ? [] : collector.partitionKey() }
}

/** Refuses an INSERT with more or fewer values than columns. */
export function checkMatched({ columns, values }: InsertStatement): void {
  if (columns.length !== values.length) throw invalid('Unmatched column names/values')
}

class Collector {
  readonly columns: Column[] = []
  readonly #keyspace: Keyspace | undefined
  readonly #keys = new Map<string, number>()
  table!: Table

  constructor(keyspace: Keyspace | undefined) {
    this.#keyspace = keyspace
  }

  partitionKey(): number[] {
    if (this.table === undefined) return []
    const places = this.table.partitionKey.map((column) => this.#keys.get(column.name))
    return places.every((place) => place !== undefined) ? (places as number[]) : []
  }

  /** Refuses markers in a place that has no type: values without a column, say. */
  checkAll(statement: Statement): void {
    if (statement.kind === 'insert') checkMatched(statement)
    for (let i = 0; i < this.columns.length; i++) if (this.columns[i] === undefined) throw invalid('Cannot infer the type of a bind marker')
  }

  #marker(marker: BindMarker, name: string, type: CqlType): void {
    this.columns[marker.index] = { name: marker.name ?? name, type, keyspace: this.table.keyspace, table: this.table.name }
  }

  /** Markers anywhere in a term that gives a value of `type`. */
  term(term: Term, name: string, type: CqlType | undefined): void {
    switch (term.kind) {
      case 'bind':
        this.#marker(term, name, type ?? scalar('blob'))
        break
      case 'hint':
        this.term(term.term, name, resolveType(term.type.text, this.#keyspace))
        break
      case 'cast':
      case 'negative':
        this.term(term.term, name, type)
        break
      case 'binary':
        this.term(term.left, name, type)
        this.term(term.right, name, type)
        break
      case 'call':
        this.#call(term.function.name, term.args)
        break
      case 'list':
        for (const item of term.items) this.term(item, `value(${name})`, type && 'element' in type ? type.element : undefined)
        break
      case 'set':
        for (const item of term.items) this.term(item, `value(${name})`, type && 'element' in type ? type.element : undefined)
        break
      case 'map':
        for (const { key, value } of term.entries) {
          this.term(key, `key(${name})`, type?.kind === 'map' ? type.key : undefined)
          this.term(value, `value(${name})`, type?.kind === 'map' ? type.value : undefined)
        }
        break
      case 'udt':
        for (const field of term.fields) this.term(field.value, `${name}.${field.name.name}`, type?.kind === 'udt' ? type.fields.find((f) => f.name === field.name.name)?.type : undefined)
        break
      case 'tuple':
        term.items.forEach((item, i) => this.term(item, `${name}[${i}]`, type?.kind === 'tuple' ? type.elements[i] : undefined))
        break
      default:
    }
  }

  #call(name: string, args: readonly Term[]): void {
    if (args.length === 0) return
    if (name === 'token') {
      args.forEach((arg, i) => this.term(arg, `partition key token`, this.table.partitionKey[i]?.type))
      return
    }
    if (name === 'from_json' || name === 'fromjson') return args.forEach((arg) => this.term(arg, `arg0(${name})`, scalar('text')))
    const found = findFunction(name, argumentTypes(name, args, (arg) => typeOf(arg, { keyspace: this.#keyspace })))
    args.forEach((arg, i) => this.term(arg, `arg${i}(${name})`, found.args[i]))
  }

  /** Terms of a SELECT clause: markers stand only in functions, or with a type hint. */
  selector(term: Term): void {
    switch (term.kind) {
      case 'call':
        for (const arg of term.args) this.selector(arg)
        break
      case 'hint':
        this.term(term, '[selection]', undefined)
        break
      case 'cast':
      case 'negative':
        this.selector(term.term)
        break
      case 'binary':
        this.selector(term.left)
        this.selector(term.right)
        break
      case 'element': {
        const column = term.of.kind === 'column' ? this.table.column(term.of.name) : undefined
        if (term.key && column) this.term(term.key, `key(${column.name})`, keyTypeOf(column.type))
        break
      }
      case 'bind':
        this.#marker(term, '[selection]', scalar('blob'))
        break
      default:
    }
  }

  using(using: { readonly timestamp?: Term | undefined; readonly ttl?: Term | undefined }): void {
    if (using.timestamp) this.term(using.timestamp, '[timestamp]', scalar('bigint'))
    if (using.ttl) this.term(using.ttl, '[ttl]', scalar('int'))
  }

  relations(relations: readonly Relation[]): void {
    for (const relation of relations) this.#relation(relation)
  }

  #relation({ target, operator, value }: Relation): void {
    if (!value) return
    if (target.kind === 'token') return this.term(value, 'partition key token', scalar('bigint'))
    if (target.kind === 'columns') return this.#multiColumn(target.columns.map(({ name }) => this.table.column(name)), operator, value)
    const column = this.table.column(target.column.name)
    if (!column) return
    if (target.kind === 'element') {
      this.term(target.key, `key(${column.name})`, keyTypeOf(column.type))
      return this.term(value, `value(${column.name})`, elementTypeOf(column.type))
    }
    if (operator === 'IN') {
      if (value.kind === 'bind') {
        this.#marker(value, `in(${column.name})`, LIST_OF(column.type))
        this.#key(column, value)
      } else if (value.kind === 'tuple') for (const item of value.items) this.#keyed(column, item, value.items.length === 1)
      return
    }
    if (operator === 'CONTAINS') return this.term(value, `value(${column.name})`, elementTypeOf(column.type))
    if (operator === 'CONTAINS KEY') return this.term(value, `key(${column.name})`, keyTypeOf(column.type))
    this.#keyed(column, value, operator === '=')
  }

  /** A marker may be a part of the partition key. */
  #keyed(column: TableColumn, value: Term, isKey: boolean): void {
    this.term(value, column.name, column.type)
    if (isKey && value.kind === 'bind') this.#key(column, value)
  }

  #key(column: TableColumn, marker: BindMarker): void {
    if (column.kind === 'partition_key' && this.columns[marker.index]!.type === column.type) this.#keys.set(column.name, marker.index)
  }

  #multiColumn(columns: readonly (TableColumn | undefined)[], operator: string, value: Term): void {
    const type: CqlType = { kind: 'tuple', elements: columns.map((column) => column?.type ?? scalar('blob')) }
    const names = `(${columns.map((column) => column?.name).join(',')})`
    const one = (term: Term): void => {
      if (term.kind === 'tuple') term.items.forEach((item, i) => this.term(item, columns[i]?.name ?? names, columns[i]?.type))
      else this.term(term, names, type)
    }
    if (operator !== 'IN') return one(value)
    if (value.kind === 'bind') this.#marker(value, `in${names}`, LIST_OF(type))
    else if (value.kind === 'tuple') value.items.forEach(one)
  }

  modification(statement: Modification, table: Table): void {
    this.table = table
    if (statement.kind === 'insert') {
      if (statement.json) this.term(statement.json.value, '[json]', scalar('text'))
      statement.columns.forEach(({ name }, i) => {
        const column = table.column(name)
        const value = statement.values[i]
        if (column && value) this.#keyed(column, value, true)
      })
      return this.using(statement.using)
    }
    this.using(statement.using)
    if (statement.kind === 'update') {
      for (const assignment of statement.assignments) {
        const column = table.column(assignment.column.name)
        if (!column) continue
        if (assignment.kind === 'element') {
          this.term(assignment.key, column.type.kind === 'list' ? `idx(${column.name})` : `key(${column.name})`, keyTypeOf(column.type))
          this.term(assignment.value, `value(${column.name})`, elementTypeOf(column.type))
        } else if (assignment.kind === 'field') {
          this.term(assignment.value, `${column.name}.${assignment.field.name}`, column.type.kind === 'udt' ? column.type.fields.find((f) => f.name === assignment.field.name)?.type : undefined)
        } else this.term(assignment.value, column.name, assignment.kind === 'subtract' && column.type.kind === 'map' ? { kind: 'set', element: column.type.key } : column.type)
      }
    } else {
      for (const { column: { name }, key } of statement.deletions) {
        const column = table.column(name)
        if (column && key) this.term(key, column.type.kind === 'list' ? `idx(${name})` : `key(${name})`, keyTypeOf(column.type))
      }
    }
    this.relations(statement.where)
    if (statement.conditions?.kind === 'conditions') for (const condition of statement.conditions.list) this.#condition(condition)
  }

  #condition(condition: Condition): void {
    const column = this.table.column(condition.column.name)
    if (!column) return
    let { type } = column
    let name = column.name
    if (condition.key) {
      this.term(condition.key, `key(${name})`, keyTypeOf(type))
      type = elementTypeOf(type) ?? type
      name = `value(${name})`
    } else if (condition.field) {
      const field = type.kind === 'udt' ? type.fields.find((f) => f.name === condition.field!.name) : undefined
      name = `${name}.${condition.field.name}`
      type = field?.type ?? type
    }
    if (condition.operator === 'IN') {
      if (condition.value.kind === 'bind') this.#marker(condition.value, `in(${name})`, LIST_OF(freezeType(type)))
      else if (condition.value.kind === 'tuple') for (const item of condition.value.items) this.term(item, name, type)
    } else this.term(condition.value, name, condition.operator === 'CONTAINS' ? elementTypeOf(type) : condition.operator === 'CONTAINS KEY' ? keyTypeOf(type) : type)
  }
}

/** The type of what stands in brackets after a collection. */
export function keyTypeOf(type: CqlType): CqlType | undefined {
  return type.kind === 'map' ? type.key : type.kind === 'set' ? type.element : type.kind === 'list' ? scalar('int') : undefined
}

/** The type of a collection's elements or a map's values. */
export function elementTypeOf(type: CqlType): CqlType | undefined {
  return type.kind === 'map' ? type.value : type.kind === 'set' || type.kind === 'list' ? type.element : undefined
}
