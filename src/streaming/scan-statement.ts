import { OptionError } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { CqlParseError, parseStatement } from '../cql/index.js'
import type { Relation } from '../cql/index.js'
import type { CqlToken, TableMetadata, Values, ViewMetadata } from '../client/index.js'
import { markOf } from './checkpoint.js'
import type { ScanOptions } from './scan-options.js'

/** The statements that a scan reads its ranges with. */
export class ScanStatement {
  /** Says what is scanned: two scans with the same one can share a checkpoint. */
  readonly identity: string
  /** Whether the conditions leave nothing to be cut into ranges: they name partitions or tokens themselves. */
  readonly isWhole: boolean
  readonly #head: string
  readonly #token: string
  readonly #where: string | undefined
  readonly #tail: string
  readonly #values: Values

  /** @throws OptionError when a column is not known, or the conditions are no CQL */
  constructor(table: TableMetadata | ViewMetadata, { columns, where, values = [], allowFiltering = where !== undefined }: Pick<ScanOptions, 'columns' | 'where' | 'values' | 'allowFiltering'>) {
    const name = `${quoteIdentifier(table.keyspace)}.${quoteIdentifier(table.name)}`
    this.#head = `SELECT ${columns === undefined ? '*' : columns.map((column) => selectorOf(table, column)).join(', ')} FROM ${name}`
    this.#token = `token(${table.partitionKey.map((column) => quoteIdentifier(column.name)).join(', ')})`
    this.#where = where
    this.#tail = allowFiltering ? ' ALLOW FILTERING' : ''
    this.#values = values
    const relations = where === undefined ? [] : relationsOf(name, where)
    const restricted = (column: string): boolean => relations.some(({ target, operator }) => target.kind === 'column' && target.column.name === column && (operator === '=' || operator === 'IN'))
    this.isWhole = relations.some(({ target }) => target.kind === 'token') || ('isVirtual' in table && table.isVirtual) || table.partitionKey.every((column) => restricted(column.name))
    const condition = where === undefined ? '' : ` WHERE ${where}`
    this.identity = `${this.#head}${condition}${hasAny(values) ? ` with values ${markOf(values)}` : ''}`
  }

  /** The statement and the values of one range. */
  of(start: CqlToken | undefined, end: CqlToken | undefined): { readonly query: string; readonly values: Values } {
    const named = !Array.isArray(this.#values)
    const conditions = [
      ...(start === undefined ? [] : [`${this.#token} > ${named ? ':scan_start' : '?'}`]),
      ...(end === undefined ? [] : [`${this.#token} <= ${named ? ':scan_end' : '?'}`]),
      ...(this.#where === undefined ? [] : [this.#where]),
    ]
    const query = `${this.#head}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`}${this.#tail}`
    if (named) return { query, values: { ...(start !== undefined && { scan_start: start }), ...(end !== undefined && { scan_end: end }), ...this.#values } }
    return { query, values: [...(start === undefined ? [] : [start]), ...(end === undefined ? [] : [end]), ...(this.#values as readonly unknown[])] }
  }
}

function hasAny(values: Values): boolean {
  return Array.isArray(values) ? values.length > 0 : Object.keys(values).length > 0
}

/** A column by its name, or a function of columns as it stands. */
function selectorOf(table: TableMetadata | ViewMetadata, text: string): string {
  if (table.columns.has(text)) return quoteIdentifier(text)
  if (/^\w+\s*\(.*\)(\s+as\s+\S+)?$/i.test(text)) return text
  throw new OptionError('columns', `${table.keyspace}.${table.name} has no column '${text}'; it has ${[...table.columns.keys()].join(', ')}`)
}

function relationsOf(table: string, where: string): readonly Relation[] {
  try {
    const statement = parseStatement(`SELECT * FROM ${table} WHERE ${where}`)
    if (statement.kind === 'select' && statement.limit === undefined && statement.orderBy.length === 0 && statement.groupBy.length === 0 && statement.perPartitionLimit === undefined && !statement.allowFiltering) return statement.where
  } catch (error) {
    if (!(error instanceof CqlParseError)) throw error
    throw new OptionError('where', `Option 'where' is no condition: ${error.message}`)
  }
  throw new OptionError('where', "Option 'where' takes conditions only, without LIMIT, ORDER BY, GROUP BY or ALLOW FILTERING")
}
