// A live schema as the TypeScript that would declare it.
import { inOrderOfUse } from '../cluster/index.js'
import type { ColumnMetadata, IndexMetadata, KeyspaceMetadata, TableMetadata, ViewMetadata } from '../cluster/index.js'
import type { CqlType, UdtType } from '../codecs/index.js'
import { snakeCase } from '../orm/index.js'

/**
 * Writes the declarations of a keyspace's tables, views and types. A view whose WHERE clause does more than to leave null out is left out: none can be declared.
 *
 * @param only names of tables and views; all of them when undefined
 * @returns TypeScript source, which imports from `cqlwire/orm`
 */
export function tableSource(keyspace: KeyspaceMetadata, only?: readonly string[]): string {
  const used = new Set<string>(['table'])
  const tables = [...keyspace.tables.values()].filter(({ name }) => (only ? only.includes(name) : !name.startsWith('cqlwire_')))
  const views = [...keyspace.views.values()].filter(({ name, baseTable, whereClause }) => tables.some((table) => table.name === baseTable) && (!only || only.includes(name)) && whereClause.split(/ AND /i).every((test) => / IS NOT NULL$/i.test(test)))
  const body = [...inOrderOfUse([...keyspace.types.values()]).map((type) => typeSource(type, used)), ...tables.map((table) => oneTable(table, used)), ...views.map((view) => oneView(view, keyspace.tables.get(view.baseTable)!, used))]
  return `import { ${[...used].sort().join(', ')} } from 'cqlwire/orm'\n\n${body.join('\n\n')}\n`
}

/** A name as TypeScript has it: `first_name` is `firstName`. */
function camelCase(name: string): string {
  const camel = name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return /^[A-Za-z_$][\w$]*$/.test(camel) ? camel : `_${camel.replaceAll(/\W/g, '_')}`
}

function text(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function typeSource(type: UdtType, used: Set<string>): string {
  used.add('udt')
  const fields = type.fields.map(({ name, type: each }) => `  ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)}: ${typeOf(each, used, true)},`)
  return `export const ${camelCase(type.name)} = udt(${text(type.name)}, {\n${fields.join('\n')}\n})`
}

/** The columns of a table by the names of their properties. */
function propertiesOf(table: TableMetadata): Map<string, ColumnMetadata> {
  const taken = new Map<string, ColumnMetadata>()
  for (const column of table.columns.values()) {
    let property = camelCase(column.name)
    while (taken.has(property)) property += '_'
    taken.set(property, column)
  }
  return taken
}

function oneView(view: ViewMetadata, table: TableMetadata, used: Set<string>): string {
  used.add('view')
  const properties = new Map([...propertiesOf(table)].map(([property, { name }]) => [name, property]))
  const list = (columns: Iterable<ColumnMetadata>): string => `[${[...columns].map(({ name }) => text(properties.get(name)!)).join(', ')}]`
  const down = view.clusteringKey.filter(({ order }) => order === 'desc').map(({ name }) => `${properties.get(name)!}: 'desc'`)
  const parts = [
    `partitionKey: ${list(view.partitionKey)}`, ...(view.clusteringKey.length === 0 ? [] : [`clusteringKey: ${list(view.clusteringKey)}`]), ...(down.length === 0 ? [] : [`order: { ${down.join(', ')} }`]),
    ...(view.includesAllColumns ? [] : [`columns: ${list([...view.columns.values()].filter(({ kind }) => kind === 'regular'))}`]),
  ]
  return `export const ${camelCase(view.name)} = view(${text(view.name)}, ${camelCase(table.name)}, { ${parts.join(', ')} })`
}

function oneTable(table: TableMetadata, used: Set<string>): string {
  const lines = [...propertiesOf(table)].map(([property, column]) => {
    const named = snakeCase(property) === column.name ? '' : `.named(${text(column.name)})`
    return `  ${property}: ${columnSource(column, table, used)}${named},`
  })
  return `export const ${camelCase(table.name)} = table(${text(table.name)}, {\n${lines.join('\n')}\n})`
}

function columnSource(column: ColumnMetadata, table: TableMetadata, used: Set<string>): string {
  const base = typeOf(column.type, used, false)
  const place = column.position + 1
  const several = (key: readonly ColumnMetadata[]): boolean => key.length > 1 && place > 1
  switch (column.kind) {
    case 'partitionKey':
      return `${base}.partitionKey(${several(table.partitionKey) ? place : ''})`
    case 'clustering':
      return `${base}.clusteringKey(${several(table.clusteringKey) ? `'${column.order ?? 'asc'}', ${place}` : column.order === 'desc' ? "'desc'" : ''})`
    case 'static':
      return `${base}.static()`
    default:
      return `${base}${[...table.indexes.values()].flatMap((index) => indexSource(index, column, table.name)).join('')}`
  }
}

/** `.indexed()` of an index that is of this column. */
function indexSource(index: IndexMetadata, column: ColumnMetadata, table: string): string[] {
  const [, of, target] = /^(?:(keys|values|entries|full)\()?"?(.*?)"?\)?$/.exec(index.target) ?? []
  if (target?.replaceAll('""', '"') !== column.name) return []
  const className = index.className?.split('.').at(-1)
  const options = [
    ...(index.kind !== 'custom' ? [] : [`using: ${className === 'SASIIndex' ? "'sasi'" : "'sai'"}`]), ...(of !== undefined && of !== 'values' ? [`of: '${of}'`] : []),
    ...(index.name === `${table}_${column.name}_idx` ? [] : [`name: ${text(index.name)}`]),
    ...(Object.keys(index.options).length === 0 ? [] : [`options: { ${Object.entries(index.options).map(([name, value]) => `${text(name)}: ${text(value)}`).join(', ')} }`]),
  ]
  return [`.indexed(${options.length === 0 ? '' : `{ ${options.join(', ')} }`})`]
}

/** @param inside collections inside others are frozen anyhow */
function typeOf(type: CqlType, used: Set<string>, inside: boolean): string {
  const call = (name: string, ...parts: readonly string[]): string => {
    used.add(name)
    return `${name}(${parts.join(', ')})`
  }
  const frozen = (source: string, isFrozen: boolean | undefined): string => (isFrozen === true && !inside ? `${source}.frozen()` : source)
  switch (type.kind) {
    case 'list':
    case 'set':
      return frozen(call(type.kind, typeOf(type.element, used, true)), type.frozen)
    case 'map':
      return frozen(call('map', typeOf(type.key, used, true), typeOf(type.value, used, true)), type.frozen)
    case 'tuple':
      return call('tuple', ...type.elements.map((element) => typeOf(element, used, true)))
    case 'vector':
      return type.element.kind === 'float' ? call('vector', String(type.dimension)) : call('vectorOf', typeOf(type.element, used, true), String(type.dimension))
    case 'udt':
      return frozen(`${camelCase(type.name)}()`, type.frozen)
    case 'custom':
      return `${call('blob')} /* ${type.className} */`
    default:
      return call(type.kind)
  }
}
