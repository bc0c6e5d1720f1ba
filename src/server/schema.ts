import { timeuuid } from '../codecs/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import type { OptionValue } from '../cql/index.js'
import type { ColumnMask } from './column-mask.js'
import type { Index } from './index-definition.js'
import { TableStore } from './table-store.js'
import type { View } from './view.js'

/** What part a column plays in its table, as `system_schema.columns` says it. */
export type ColumnKind = 'partition_key' | 'clustering' | 'regular' | 'static'

/** A column of a table. */
export interface TableColumn {
  readonly name: string
  readonly type: CqlType
  readonly kind: ColumnKind
  /** Place within the partition key or the clustering key, -1 otherwise. */
  readonly position: number
  /** Of a clustering column. */
  readonly descending: boolean
  /** What is shown of it to those who may not unmask it. */
  readonly mask?: ColumnMask | undefined
}

/** A table: its definition and its data. */
export class Table {
  readonly keyspace: string
  readonly name: string
  id: string
  options: Readonly<Record<string, OptionValue>>
  readonly #data: TableStore
  readonly indexes: Map<string, Index> = new Map()
  /** Types of columns that were dropped. */
  readonly dropped: Map<string, CqlType> = new Map()
  columns: readonly TableColumn[] = []
  partitionKey: readonly TableColumn[] = []
  clusteringKey: readonly TableColumn[] = []
  /** Columns in the order of `SELECT *`: keys, static columns, then the rest by name. */
  ordered: readonly TableColumn[] = []
  #byName = new Map<string, TableColumn>()

  constructor(keyspace: string, name: string, columns: readonly TableColumn[], options: Readonly<Record<string, OptionValue>> = {}, id: string = timeuuid.now()) {
    this.keyspace = keyspace
    this.name = name
    this.id = id
    this.options = options
    this.setColumns(columns)
    this.#data = new TableStore(this)
  }

  get store(): TableStore {
    return this.#data
  }

  setColumns(columns: readonly TableColumn[]): void {
    const keyPart = (kind: ColumnKind): TableColumn[] => columns.filter((column) => column.kind === kind).sort((a, b) => a.position - b.position)
    const byName = (kind: ColumnKind): TableColumn[] => columns.filter((column) => column.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1))
    this.columns = columns
    this.partitionKey = keyPart('partition_key')
    this.clusteringKey = keyPart('clustering')
    this.ordered = [...this.partitionKey, ...this.clusteringKey, ...byName('static'), ...byName('regular')]
    this.#byName = new Map(columns.map((column) => [column.name, column]))
  }

  column(name: string): TableColumn | undefined {
    return this.#byName.get(name)
  }

  get isCounter(): boolean {
    return this.columns.some((column) => column.type.kind === 'counter')
  }
}

/** A keyspace: tables, types, replication. */
export class Keyspace {
  readonly name: string
  replication: Readonly<Record<string, string>>
  durableWrites: boolean
  /** Cassandra's own, which users cannot change. */
  readonly system: boolean
  readonly tables: Map<string, Table> = new Map()
  readonly views: Map<string, View> = new Map()
  readonly types: Map<string, UdtType> = new Map()

  constructor(name: string, replication: Readonly<Record<string, string>>, durableWrites = true, system = false) {
    this.name = name
    this.replication = replication
    this.durableWrites = durableWrites
    this.system = system
  }

  /** Whether a server with a folder keeps its data: Cassandra's own keyspaces are made anew, but for what users say of roles. */
  get isKept(): boolean {
    return !this.system || this.name === 'system_auth'
  }
}

/** Whether values of the type are kept cell by cell: collections and user-defined types that are not frozen. */
export function isComplex(type: CqlType): boolean {
  return (type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'udt') && type.frozen !== true
}

/** Whether a type refers to the user-defined type. */
export function refersTo(type: CqlType, keyspace: string, name: string): boolean {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return refersTo(type.element, keyspace, name)
    case 'map':
      return refersTo(type.key, keyspace, name) || refersTo(type.value, keyspace, name)
    case 'tuple':
      return type.elements.some((element) => refersTo(element, keyspace, name))
    case 'udt':
      return (type.keyspace === keyspace && type.name === name) || type.fields.some((field) => refersTo(field.type, keyspace, name))
    default:
      return false
  }
}

/** The type with every use of a user-defined type replaced by its new definition. */
export function replaceUdt(type: CqlType, udt: UdtType): CqlType {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return { ...type, element: replaceUdt(type.element, udt) }
    case 'map':
      return { ...type, key: replaceUdt(type.key, udt), value: replaceUdt(type.value, udt) }
    case 'tuple':
      return { ...type, elements: type.elements.map((element) => replaceUdt(element, udt)) }
    case 'udt':
      if (type.keyspace === udt.keyspace && type.name === udt.name) return { ...udt, ...(type.frozen === true && { frozen: true }) }
      return { ...type, fields: type.fields.map((field) => ({ name: field.name, type: replaceUdt(field.type, udt) })) }
    default:
      return type
  }
}
