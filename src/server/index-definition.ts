// Indexes: how they are declared, and which tests they serve.
import { quoteIdentifier } from '../codecs/index.js'
import type { CreateIndexStatement, IndexTarget } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import { invalid, Refusal } from './errors.js'
import { isComplex } from './schema.js'
import type { Table, TableColumn } from './schema.js'

/** An index of a table. */
export interface Index {
  readonly name: string
  readonly column: string
  readonly of: IndexTarget['of']
  readonly kind: 'secondary' | 'sai' | 'sasi'
  /** As it was given. */
  readonly className: string | undefined
  readonly options: Readonly<Record<string, string>>
}

/** What an index is about, as `system_schema.indexes` says it. */
export function targetOf({ column, of }: Index): string {
  return of === 'column' ? quoteIdentifier(column) : `${of}(${quoteIdentifier(column)})`
}

const kinds: Readonly<Record<string, Index['kind']>> = {
  legacy_local_table: 'secondary', sai: 'sai', storageattachedindex: 'sai', 'org.apache.cassandra.index.sai.storageattachedindex': 'sai', 'org.apache.cassandra.index.sasi.sasiindex': 'sasi',
}

const saiOptions: ReadonlySet<string> = new Set(['case_sensitive', 'normalize', 'ascii', 'similarity_function', 'optimize_for', 'maximum_node_connections', 'construction_beam_width', 'source_model'])

/** What CREATE INDEX declares. @throws Refusal with Cassandra's words */
export function indexOf({ custom, index, targets, using, options }: CreateIndexStatement, table: Table): Index {
  const [target, more] = targets
  const className = using ?? 'legacy_local_table'
  const kind = kinds[className.toLowerCase()]
  if (!target) throw invalid('Only CUSTOM indexes can be created without specifying a target column')
  const column = table.column(target.column.name)
  if (!column) throw invalid(`Undefined column name ${target.column.name} in table ${table.keyspace}.${table.name}`)
  if (more) throw invalid('Only CUSTOM indexes support multiple columns')
  if (kind === undefined || (custom && kind === 'secondary')) throw new Refusal(errorCodes.CONFIG_ERROR, `Unable to find custom indexer class '${className}'`)
  if (table.isCounter) throw invalid('Secondary indexes on counter tables aren\'t supported')
  const of = kindOfTarget(target, column)
  if (column.kind === 'partition_key' && table.partitionKey.length === 1) throw invalid(`Cannot create secondary index on the only partition key column ${column.name}`)
  if (column.type.kind === 'duration') throw invalid(`Secondary indexes are not supported on duration columns`)
  const given = options['options']
  const own = Object.fromEntries(Object.entries(typeof given === 'object' ? given : {}).map(([name, value]) => [name, String(value)]))
  if (kind === 'sai') {
    const unknown = Object.keys(own).find((name) => !saiOptions.has(name))
    if (unknown !== undefined && ![...table.indexes.values()].some((other) => other.kind === 'sai' && other.column === column.name)) throw new Refusal(errorCodes.CONFIG_ERROR, `Properties specified [${unknown}] are not understood by StorageAttachedIndex`)
  }
  const name = index?.name ?? freeName(table, `${table.name}_${column.name}_idx`.replaceAll(/\W/g, ''))
  return { name, column: column.name, of, kind, className: kind === 'secondary' ? undefined : className, options: own }
}

function freeName(table: Table, wanted: string): string {
  let name = wanted
  for (let i = 1; table.indexes.has(name); i++) name = `${wanted}_${i}`
  return name
}

function kindOfTarget({ of, column: { name } }: IndexTarget, { type }: TableColumn): Index['of'] {
  const isCollection = type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
  if (!isCollection) {
    if (of !== 'column') throw invalid(`Cannot create ${of}() index on ${name}. Non-collection columns only support simple indexes`)
    return of
  }
  if (isComplex(type)) {
    if (of === 'full') throw invalid('full() indexes can only be created on frozen collections')
    if ((of === 'keys' || of === 'entries') && type.kind !== 'map') throw invalid(`Cannot create index on ${of} of column ${name} with non-map type`)
    return of === 'column' ? 'values' : of
  }
  if (of !== 'full') throw invalid(`Cannot create ${of === 'column' ? 'values' : of}() index on frozen column ${name}. Frozen collections are immutable and must be fully indexed by using the 'full(${name})' modifier`)
  return of
}

/** Whether two indexes are the same but for their names. */
export function sameIndex(a: Index, b: Index): boolean {
  return a.column === b.column && a.of === b.of && a.kind === b.kind && JSON.stringify(a.options) === JSON.stringify(b.options)
}

/** A test, as far as an index is concerned. */
export interface Asked {
  readonly column: TableColumn
  readonly operator: string
  /** Of an element of a map. */
  readonly isElement: boolean
}

/** Whether an index finds what a test asks for. */
export function serves(index: Index, { column, operator, isElement }: Asked): boolean {
  if (index.column !== column.name) return false
  if (isElement) return index.of === 'entries' && operator === '='
  switch (operator) {
    case 'CONTAINS':
      return index.of === 'values'
    case 'CONTAINS KEY':
      return index.of === 'keys'
    case '=':
      if (column.type.kind === 'vector' && index.kind === 'sai') throw invalid('Vector indexes only support ANN queries')
      return index.of === 'column' || index.of === 'full'
    case '<':
    case '<=':
    case '>':
    case '>=':
      return index.kind !== 'secondary' && index.of === 'column' && !isLiteral(column)
    case 'LIKE':
      return index.kind === 'sasi'
    default:
      return false
  }
}

/** Texts and the like are kept in a trie, which knows equality only; a UUID in descending order is no UUID to it (`ReversedType.java`). */
function isLiteral({ type: { kind }, descending }: TableColumn): boolean {
  return kind === 'text' || kind === 'ascii' || kind === 'boolean' || (kind === 'uuid' && !descending)
}

/** How an index looks at texts: without case, or in one form of Unicode. Undefined when it takes them as they are. */
export function analyserOf({ kind, options }: Index): ((text: string) => string) | undefined {
  if (kind !== 'sai' || (options['case_sensitive'] !== 'false' && options['normalize'] !== 'true' && options['ascii'] !== 'true')) return undefined
  return (text) => {
    const formed = options['normalize'] === 'true' ? text.normalize('NFC') : text
    const plain = options['ascii'] === 'true' ? formed.normalize('NFD').replaceAll(/\p{Mn}/gu, '') : formed
    return options['case_sensitive'] === 'false' ? plain.toLowerCase() : plain
  }
}
