import { OptionError } from '../base/index.js'
import { quoteIdentifier } from '../codecs/index.js'
import { Column } from './column.js'
import { chained } from './column-types.js'
import { namingOf } from './naming.js'
import type { NamingStrategy } from './naming.js'

/** Columns by property. */
export type Columns = Readonly<Record<string, Column>>

/** A column with its names. */
export interface TableColumn {
  /** In TypeScript. */
  readonly property: string
  /** In CQL. */
  readonly name: string
  /** The name in CQL, quoted where it must be. */
  readonly quoted: string
  /** Table and property, as errors name it. */
  readonly label: string
  /** What a SELECT says to get it by its property. */
  readonly selection: string
  readonly column: Column
  readonly kind: 'partition' | 'clustering' | 'static' | 'regular' | 'counter'
  /** Whether it is in the primary key. */
  readonly inKey: boolean
  /** What makes the column's value of the application's; undefined where both are the same. */
  readonly encode: ((value: unknown) => unknown) | undefined
  /** What makes the application's value of the column's; undefined where both are the same. */
  readonly decode: ((value: unknown) => unknown) | undefined
}

/** What the builders need to know of a table. */
export interface TableModel {
  readonly name: string
  readonly keyspace: string | undefined
  /** The name as statements have it, with its keyspace if one is given. */
  readonly quoted: string
  readonly columns: ReadonlyMap<string, TableColumn>
  readonly partitionKey: readonly TableColumn[]
  readonly clusteringKey: readonly TableColumn[]
  /** Both, one after the other. */
  readonly primaryKey: readonly TableColumn[]
  readonly isCounter: boolean
  /** The column of the row's version, where there is one. */
  readonly version: TableColumn | undefined
  /** The column of the time at which a row was deleted, where rows are only said to be. */
  readonly deletion: TableColumn | undefined
  /** Columns whose values only one row may have. */
  readonly unique: readonly TableColumn[]
  readonly options: Readonly<Record<string, unknown>>
  /** Of a materialized view: whose rows it has, and whether it has all columns of it. */
  readonly view: { readonly base: TableModel; readonly everyColumn: boolean } | undefined
}

/** Options of {@link table}. */
export interface TableOptions {
  /** @default the client's */
  readonly keyspace?: string | undefined
  /** How properties are named in CQL. @default 'snake_case' */
  readonly naming?: NamingStrategy | undefined
  /** As CREATE TABLE has them after WITH: `{ default_time_to_live: 3600, comment: 'Sessions' }`. @default none */
  readonly with?: Readonly<Record<string, string | number | boolean | Readonly<Record<string, string>>>> | undefined
}

/** A table, as {@link table} declares it. */
export class Table<Name extends string = string, C extends Columns = any> {
  /** In CQL. */
  readonly name: Name
  /** The columns by property, as they were declared. */
  readonly columns: C
  /** Names, keys and order, worked out. */
  readonly model: TableModel

  /** @internal */
  constructor(name: Name, columns: C, model: TableModel) {
    this.name = name
    this.columns = columns
    this.model = model
  }
}

/**
 * Declares a table.
 *
 * @param name in CQL
 * @param columns by the names they have in TypeScript; `firstName` is `first_name` in CQL
 * @throws OptionError naming the column at fault: a key with gaps, a counter beside other columns, two columns of one name
 * @example
 * ```ts
 * import { set, table, text, timestamp, uuid } from 'cqlwire/orm'
 * const users = table('users', {
 *   org: text().partitionKey(),
 *   id: uuid().clusteringKey('desc'),
 *   email: text().required(),
 *   tags: set(text()),
 *   createdAt: timestamp().default(() => new Date()),
 * })
 * ```
 */
export function table<const Name extends string, C extends Columns>(name: Name, columns: C, options: TableOptions = {}): Table<Name, C> {
  return new Table(name, columns, modelOf(name, columns, options))
}

/** @internal Works out what columns mean together. */
export function modelOf(name: string, columns: Columns, { keyspace, naming = 'snake_case', with: clauses = {} }: TableOptions): TableModel {
  const fault = (message: string): OptionError => new OptionError('columns', `Table ${name}: ${message}`)
  if (typeof name !== 'string' || name === '') throw new OptionError('name', 'A table has a name that is not empty')
  const nameOf = namingOf(naming)
  const all = new Map<string, TableColumn>()
  const taken = new Map<string, string>()
  for (const [property, column] of Object.entries(columns)) {
    if (!(column instanceof Column)) throw fault(`'${property}' is no column: text(), int() and the like make one`)
    const cqlName = column.rename ?? nameOf(property)
    const other = taken.get(cqlName)
    if (other !== undefined) throw fault(`'${other}' and '${property}' are both named ${cqlName} in CQL; .named() gives one of them another name`)
    taken.set(cqlName, property)
    all.set(property, tableColumn(name, property, cqlName, column))
  }
  const inKey = (letter: 'p' | 'c'): TableColumn[] => {
    const key: TableColumn[] = []
    for (const each of all.values()) {
      if (!each.column.role.startsWith(letter) || each.column.role === 'counter') continue
      const place = Number(each.column.role.slice(1)) - 1
      if (key[place]) throw fault(`'${key[place].property}' and '${each.property}' have the same place in the ${letter === 'p' ? 'partition' : 'clustering'} key: give the second one as ${letter === 'p' ? '.partitionKey(2)' : ".clusteringKey('asc', 2)"}`)
      key[place] = each
    }
    for (let i = 0; i < key.length; i++) if (!key[i]) throw fault(`place ${i + 1} of the ${letter === 'p' ? 'partition' : 'clustering'} key is empty`)
    return key
  }
  const [partitionKey, clusteringKey] = [inKey('p'), inKey('c')]
  const primaryKey = [...partitionKey, ...clusteringKey]
  if (partitionKey.length === 0) throw fault('no column is .partitionKey()')
  for (const { property, column, kind } of all.values()) checkColumn(property, column, kind, clusteringKey.length > 0, fault)
  const others = [...all.values()].filter(({ kind }) => kind === 'regular' || kind === 'static' || kind === 'counter')
  const isCounter = others.some(({ kind }) => kind === 'counter')
  const mixed = isCounter ? others.find(({ kind }) => kind !== 'counter') : undefined
  if (mixed) throw fault(`'${mixed.property}' cannot be beside counters: a table has nothing but counters and keys, or none`)
  const versions = [...all.values()].filter(({ column }) => column.isVersion)
  if (versions.length > 1 || (versions[0] && versions[0].kind !== 'regular')) throw fault(`'${versions.at(-1)!.property}' cannot be a version: a row has one, which is neither in the key nor static`)
  const deletions = [...all.values()].filter(({ column }) => column.isDeletion)
  if (deletions.length > 1 || (deletions[0] && (deletions[0].kind !== 'regular' || deletions[0].encode))) throw fault(`'${deletions.at(-1)!.property}' cannot be the time of deletion: a row has one, which is neither in the key, nor static, nor mapped`)
  const unique = [...all.values()].filter(({ column }) => column.isUnique)
  const bytes = primaryKey.find(({ column }) => column.type.kind === 'blob')
  if (unique[0] && bytes) throw fault(`'${unique[0].property}' cannot be unique: claims name rows by their keys as text, and '${bytes.property}' is bytes`)
  if (unique[0] && versions[0]) throw fault(`'${unique[0].property}' cannot be unique beside a version: its writes are dated with its claim, and those of versions with their transaction`)
  return {
    name, keyspace, quoted: keyspace === undefined ? quoteIdentifier(name) : `${quoteIdentifier(keyspace)}.${quoteIdentifier(name)}`,
    columns: all, partitionKey, clusteringKey, primaryKey, isCounter, version: versions[0], deletion: deletions[0], unique, options: clauses, view: undefined,
  }
}

function tableColumn(table: string, property: string, name: string, column: Column): TableColumn {
  const quoted = quoteIdentifier(name)
  const mapping = column.mappings.length === 0 ? undefined : column.mappings.length === 1 ? column.mappings[0]! : chained(column.mappings)
  const { role } = column
  const inKey = role !== 'regular' && role !== 'static' && role !== 'counter'
  return {
    property, name, quoted, column, label: `${table}.${property}`,
    selection: property === name ? quoted : `${quoted} AS "${property.replaceAll('"', '""')}"`,
    kind: inKey ? (role.startsWith('p') ? 'partition' : 'clustering') : role,
    inKey,
    encode: mapping && ((value) => mapping.encode(value)),
    decode: mapping && ((value) => mapping.decode(value)),
  }
}

function checkColumn(property: string, { type, indexes, fallback, refresh, seal, isUnique }: Column, kind: TableColumn['kind'], clustered: boolean, fault: (message: string) => OptionError): void {
  const inKey = kind === 'partition' || kind === 'clustering'
  if (inKey && (type.kind === 'duration' || type.kind === 'counter')) throw fault(`'${property}' cannot be in a key: a ${type.kind} has no order`)
  if (inKey && 'frozen' in type === false && ['list', 'set', 'map', 'udt'].includes(type.kind)) throw fault(`'${property}' can be in a key only .frozen()`)
  if (kind === 'static' && !clustered) throw fault(`'${property}' cannot be static: without a clustering key each partition has one row`)
  for (const { of } of indexes) {
    if (type.kind === 'counter') throw fault(`'${property}' cannot have an index: it is a counter`)
    if (of === 'full' && !('frozen' in type && type.frozen)) throw fault(`'${property}' can have a full index only .frozen()`)
    if ((of === 'keys' || of === 'entries') && type.kind !== 'map') throw fault(`'${property}' is no map: it has no ${of} to index`)
  }
  if (new Set(indexes.map(({ using, of }) => `${using} ${of}`)).size < indexes.length) throw fault(`'${property}' has the same index twice`)
  if (inKey && refresh) throw fault(`'${property}' is in the key: it cannot change`)
  if (isUnique && kind !== 'regular') throw fault(`'${property}' cannot be unique: what is in the key is so by itself, and static columns and counters are of many rows`)
  if (isUnique && (seal || ['list', 'set', 'map'].includes(type.kind))) throw fault(`'${property}' cannot be unique: it is ${seal ? 'encrypted' : 'a collection'}`)
  if (inKey && seal) throw fault(`'${property}' is in the key: it cannot be encrypted, for nothing would be found by it`)
  if (seal && indexes.length > 0) throw fault(`'${property}' is encrypted: an index of it finds nothing`)
  if (kind === 'counter' && (fallback || refresh)) throw fault(`'${property}' is a counter: it has no default`)
}
