// Declared tables in the form that live schemas have, so that one can be made of the other and both be compared.
import { OptionError } from '../base/index.js'
import { contentsToCql, indexToCql, replicationOf } from '../cluster/index.js'
import type { ColumnMetadata, IndexMetadata, KeyspaceMetadata, RelationMetadata, TableMetadata, ViewMetadata } from '../cluster/index.js'
import { quoteIdentifier, sameType } from '../codecs/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import type { IndexOptions } from './column.js'
import type { Table, TableColumn, TableModel } from './table.js'

const kinds: Readonly<Record<TableColumn['kind'], ColumnMetadata['kind']>> = { partition: 'partitionKey', clustering: 'clustering', static: 'static', regular: 'regular', counter: 'regular' }

const classes: Readonly<Record<string, string>> = { sai: 'StorageAttachedIndex', sasi: 'org.apache.cassandra.index.sasi.SASIIndex' }

/**
 * A keyspace of declared tables, as `client.cluster.keyspaces` has live ones.
 *
 * @param keyspace its name
 * @throws OptionError when two tables have one name, or two different types have
 */
export function schemaOf(keyspace: string, tables: Readonly<Record<string, Table>>): KeyspaceMetadata {
  const found = new Map<string, TableMetadata>()
  const views = new Map<string, ViewMetadata>()
  const types = new Map<string, UdtType>()
  for (const { model } of Object.values(tables)) {
    if (found.has(model.name) || views.has(model.name)) throw new OptionError('tables', `Two tables are named ${model.name}`)
    if (model.view) views.set(model.name, viewMetadata(keyspace, model, model.view))
    else found.set(model.name, tableMetadata(keyspace, model))
    for (const { column } of model.columns.values()) collectTypes(keyspace, column.type, types)
  }
  const replication = { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '1' }
  return { name: keyspace, durableWrites: true, replication, placement: replicationOf(replication), isVirtual: false, tables: found, views, types, functions: new Map(), aggregates: new Map() }
}

function tableMetadata(keyspace: string, table: TableModel): TableMetadata {
  const indexes: IndexMetadata[] = []
  for (const each of table.columns.values()) {
    for (const index of each.column.indexes) indexes.push(indexMetadata(table.name, each, index, indexes))
  }
  return { ...relationMetadata(keyspace, table), indexes: new Map(indexes.map((index) => [index.name, index])), isCounter: table.isCounter, isCompact: false, isVirtual: false, partitioner: undefined }
}

function viewMetadata(keyspace: string, view: TableModel, { base, everyColumn }: NonNullable<TableModel['view']>): ViewMetadata {
  return { ...relationMetadata(keyspace, view), baseTable: base.name, includesAllColumns: everyColumn, whereClause: view.primaryKey.map(({ quoted }) => `${quoted} IS NOT NULL`).join(' AND ') }
}

function relationMetadata(keyspace: string, { name, columns, partitionKey, clusteringKey, options }: TableModel): RelationMetadata {
  const metadata = new Map([...columns.values()].map((each): [string, ColumnMetadata] => {
    const kind = kinds[each.kind]
    return [each.name, {
      name: each.name, type: inKeyspace(keyspace, each.column.type), kind, position: kind === 'partitionKey' ? partitionKey.indexOf(each) : kind === 'clustering' ? clusteringKey.indexOf(each) : -1,
      order: kind === 'clustering' ? each.column.order : undefined, mask: undefined,
    }]
  }))
  const of = (key: readonly TableColumn[]): ColumnMetadata[] => key.map((each) => metadata.get(each.name)!)
  return { keyspace, name, id: undefined, columns: metadata, partitionKey: of(partitionKey), clusteringKey: of(clusteringKey), options }
}

function indexMetadata(table: string, { name, column: { type } }: TableColumn, { using = 'secondary', name: given, of, options = {} }: IndexOptions, before: readonly IndexMetadata[]): IndexMetadata {
  const collection = type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
  const target = of === undefined ? (collection ? `values(${quoteIdentifier(name)})` : quoteIdentifier(name)) : `${of}(${quoteIdentifier(name)})`
  const plain = `${table}_${name}_idx`.replaceAll(/\W/g, '')
  // As Cassandra names the second one of a column.
  const free = before.some((index) => index.name === plain) ? `${plain}_${before.filter((index) => index.name.startsWith(plain)).length}` : plain
  return { name: given ?? free, kind: using === 'secondary' ? 'composites' : 'custom', target, className: classes[using], options }
}

/** User-defined types are of the keyspace of the tables that have them. */
function inKeyspace(keyspace: string, type: CqlType): CqlType {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return { ...type, element: inKeyspace(keyspace, type.element) }
    case 'map':
      return { ...type, key: inKeyspace(keyspace, type.key), value: inKeyspace(keyspace, type.value) }
    case 'tuple':
      return { ...type, elements: type.elements.map((element) => inKeyspace(keyspace, element)) }
    case 'udt':
      return { ...type, keyspace, fields: type.fields.map((field) => ({ ...field, type: inKeyspace(keyspace, field.type) })) }
    default:
      return type
  }
}

function collectTypes(keyspace: string, type: CqlType, types: Map<string, UdtType>): void {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return collectTypes(keyspace, type.element, types)
    case 'map':
      collectTypes(keyspace, type.key, types)
      return collectTypes(keyspace, type.value, types)
    case 'tuple':
      for (const element of type.elements) collectTypes(keyspace, element, types)
      return
    case 'udt': {
      for (const field of type.fields) collectTypes(keyspace, field.type, types)
      const own = inKeyspace(keyspace, { ...type, frozen: false }) as UdtType
      const other = types.get(type.name)
      if (other && !sameType(other, own)) throw new OptionError('tables', `Two different user-defined types are named ${type.name}`)
      types.set(type.name, own)
    }
  }
}

/** The statements that create what a declared keyspace has and a live one has not. */
export function missingToCql(wanted: KeyspaceMetadata, live: KeyspaceMetadata | undefined): string[] {
  if (!live) return contentsToCql(wanted)
  const absent = <Value>(all: ReadonlyMap<string, Value>, there: ReadonlyMap<string, unknown>): Map<string, Value> => new Map([...all].filter(([name]) => !there.has(name)))
  const indexes = [...live.tables.values()].flatMap((table) => [...absent(wanted.tables.get(table.name)?.indexes ?? new Map<string, IndexMetadata>(), table.indexes).values()].map((index) => indexToCql(index, table)))
  return [...contentsToCql({ ...wanted, types: absent(wanted.types, live.types), tables: absent(wanted.tables, live.tables), views: absent(wanted.views, live.views) }), ...indexes]
}
