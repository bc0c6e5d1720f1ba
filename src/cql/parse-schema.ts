import type {
  AlterKeyspaceStatement, AlterTableStatement, AlterTypeStatement, AlterViewStatement, ColumnDefinition, CreateIndexStatement, CreateKeyspaceStatement, CreateTableStatement, CreateTriggerStatement,
  CreateTypeStatement, CreateViewStatement, DropStatement, IndexTarget, Mask, Name, OptionValue, QualifiedName, Statement,
} from './ast.js'
import { options, optionValue } from './parse-options.js'
import { createAggregate, createFunction } from './parse-functions.js'
import { parseRelations, parseSelectors } from './parse-queries.js'
import { createRole, roleName } from './parse-roles.js'
import { parseTerm } from './parse-terms.js'
import type { TokenReader } from './token-reader.js'

/** Reads a CREATE statement. */
export function parseCreate(reader: TokenReader): Statement {
  const { start } = reader
  reader.expectWord('CREATE')
  if (reader.word('KEYSPACE')) return createKeyspace(reader, start)
  if (reader.word('TABLE') || reader.word('COLUMNFAMILY')) return createTable(reader, start)
  if (reader.word('TYPE')) return createType(reader, start)
  if (reader.word('INDEX')) return createIndex(reader, false, start)
  if (reader.word('CUSTOM', 'INDEX')) return createIndex(reader, true, start)
  if (reader.word('MATERIALIZED', 'VIEW')) return createView(reader, start)
  const orReplace = reader.word('OR', 'REPLACE')
  if (reader.word('FUNCTION')) return createFunction(reader, orReplace, start)
  if (reader.word('AGGREGATE')) return createAggregate(reader, orReplace, start)
  if (!orReplace && reader.word('TRIGGER')) return createTrigger(reader, start)
  if (!orReplace && (reader.isWord('ROLE') || reader.isWord('USER'))) return createRole(reader, 'create role', start)
  throw reader.unexpected('KEYSPACE, TABLE, TYPE, INDEX, MATERIALIZED VIEW, FUNCTION, AGGREGATE, TRIGGER, ROLE or USER')
}

/** Reads an ALTER statement. */
export function parseAlter(reader: TokenReader): Statement {
  const { start } = reader
  reader.expectWord('ALTER')
  if (reader.word('KEYSPACE')) {
    const ifExists = reader.word('IF', 'EXISTS')
    const keyspace = reader.name()
    reader.expectWord('WITH')
    return { kind: 'alter keyspace', ifExists, keyspace, options: options(reader), ...reader.span(start) } satisfies AlterKeyspaceStatement
  }
  if (reader.word('TABLE') || reader.word('COLUMNFAMILY')) return alterTable(reader, start)
  if (reader.word('TYPE')) return alterType(reader, start)
  if (reader.word('MATERIALIZED', 'VIEW')) {
    const ifExists = reader.word('IF', 'EXISTS')
    const view = reader.qualifiedName()
    reader.expectWord('WITH')
    return { kind: 'alter view', ifExists, view, options: options(reader), ...reader.span(start) } satisfies AlterViewStatement
  }
  if (reader.isWord('ROLE') || reader.isWord('USER')) return createRole(reader, 'alter role', start)
  throw reader.unexpected('KEYSPACE, TABLE, TYPE, MATERIALIZED VIEW, ROLE or USER')
}

/** What can be dropped, by the words that say so. */
const targets: readonly (readonly [words: readonly string[], target: DropStatement['target']])[] = [
  [['KEYSPACE'], 'keyspace'], [['TABLE'], 'table'], [['COLUMNFAMILY'], 'table'], [['TYPE'], 'type'], [['INDEX'], 'index'], [['MATERIALIZED', 'VIEW'], 'materialized view'], [['FUNCTION'], 'function'],
  [['AGGREGATE'], 'aggregate'], [['TRIGGER'], 'trigger'], [['ROLE'], 'role'], [['USER'], 'user'], [['IDENTITY'], 'identity'],
]

/** Reads a DROP statement. */
export function parseDrop(reader: TokenReader): DropStatement {
  const { start } = reader
  reader.expectWord('DROP')
  const target = targets.find(([words]) => reader.word(...words))?.[1]
  if (target === undefined) throw reader.unexpected('KEYSPACE, TABLE, TYPE, INDEX, MATERIALIZED VIEW, FUNCTION, AGGREGATE, TRIGGER, ROLE, USER or IDENTITY')
  const ifExists = reader.word('IF', 'EXISTS')
  const name = dropped(reader, target)
  let argumentTypes: DropStatement['argumentTypes']
  if ((target === 'function' || target === 'aggregate') && reader.takeMark('(')) {
    argumentTypes = reader.isMark(')') ? [] : reader.list(() => reader.typeName())
    reader.expectMark(')')
  }
  let table: QualifiedName | undefined
  if (target === 'trigger') {
    reader.expectWord('ON')
    table = reader.qualifiedName()
  }
  return { kind: 'drop', target, ifExists, name, argumentTypes, table, ...reader.span(start) }
}

function dropped(reader: TokenReader, target: DropStatement['target']): QualifiedName {
  switch (target) {
    case 'keyspace':
    case 'trigger':
      return reader.name()
    case 'role':
    case 'user':
    case 'identity':
      return roleName(reader)
    default:
      return reader.qualifiedName()
  }
}

function createIndex(reader: TokenReader, custom: boolean, start: number): CreateIndexStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const index = reader.isWord('ON') ? undefined : reader.qualifiedName()
  reader.expectWord('ON')
  const table = reader.qualifiedName()
  reader.expectMark('(')
  const indexed = reader.isMark(')') ? [] : reader.list(() => indexTarget(reader))
  reader.expectMark(')')
  const using = reader.word('USING') ? reader.string() : undefined
  return { kind: 'create index', custom, ifNotExists, index, table, targets: indexed, using, options: reader.word('WITH') ? options(reader) : {}, ...reader.span(start) }
}

function indexTarget(reader: TokenReader): IndexTarget {
  const { start } = reader
  for (const of of ['values', 'keys', 'entries', 'full'] as const) {
    if (!reader.isWord(of.toUpperCase()) || !reader.isMark('(', 1)) continue
    reader.next()
    reader.expectMark('(')
    const column = reader.name()
    reader.expectMark(')')
    return { column, of, ...reader.span(start) }
  }
  return { column: reader.name(), of: 'column', ...reader.span(start) }
}

function createView(reader: TokenReader, start: number): CreateViewStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const view = reader.qualifiedName()
  reader.expectWord('AS', 'SELECT')
  const selectors = parseSelectors(reader)
  reader.expectWord('FROM')
  const table = reader.qualifiedName()
  const where = reader.word('WHERE') ? parseRelations(reader) : []
  const { partitionKey, clusteringKey } = primaryKey(reader)
  const { clusteringOrder, options: given } = tableOptions(reader)
  return { kind: 'create view', ifNotExists, view, selectors, table, where, partitionKey, clusteringKey, clusteringOrder, options: given, ...reader.span(start) }
}

function createTrigger(reader: TokenReader, start: number): CreateTriggerStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const trigger = reader.name()
  reader.expectWord('ON')
  const table = reader.qualifiedName()
  reader.expectWord('USING')
  return { kind: 'create trigger', ifNotExists, trigger, table, using: reader.string(), ...reader.span(start) }
}

function createKeyspace(reader: TokenReader, start: number): CreateKeyspaceStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const keyspace = reader.name()
  reader.expectWord('WITH')
  return { kind: 'create keyspace', ifNotExists, keyspace, options: options(reader), ...reader.span(start) }
}

function columnDefinition(reader: TokenReader): ColumnDefinition {
  const { start } = reader
  const column = reader.name()
  const type = reader.typeName()
  const isStatic = reader.word('STATIC')
  const mask = reader.word('MASKED', 'WITH') ? maskOf(reader) : undefined
  const primaryKey = reader.word('PRIMARY', 'KEY')
  return { column, type, isStatic, mask, primaryKey, ...reader.span(start) }
}

/** `DEFAULT`, or a function without its first argument, which is the column. */
function maskOf(reader: TokenReader): Mask {
  if (reader.word('DEFAULT')) return { kind: 'default' }
  const name = reader.qualifiedName()
  reader.expectMark('(')
  const args = reader.isMark(')') ? [] : reader.list(() => parseTerm(reader))
  reader.expectMark(')')
  return { kind: 'call', function: name, args }
}

/** `PRIMARY KEY ((a, b), c)`. */
function primaryKey(reader: TokenReader): { readonly partitionKey: Name[]; readonly clusteringKey: Name[] } {
  reader.expectWord('PRIMARY', 'KEY')
  reader.expectMark('(')
  let partitionKey: Name[]
  if (reader.takeMark('(')) {
    partitionKey = reader.list(() => reader.name())
    reader.expectMark(')')
  } else partitionKey = [reader.name()]
  const clusteringKey = reader.takeMark(',') ? reader.list(() => reader.name()) : []
  reader.expectMark(')')
  return { partitionKey, clusteringKey }
}

/** What follows WITH after a table or a view. */
function tableOptions(reader: TokenReader): Pick<CreateTableStatement, 'clusteringOrder' | 'compactStorage' | 'options'> {
  const clusteringOrder: { column: Name; descending: boolean }[] = []
  const properties: Record<string, OptionValue> = {}
  let compactStorage = false
  if (!reader.word('WITH')) return { clusteringOrder, compactStorage, options: properties }
  do {
    if (reader.word('COMPACT', 'STORAGE')) compactStorage = true
    else if (reader.word('CLUSTERING', 'ORDER', 'BY')) {
      reader.expectMark('(')
      clusteringOrder.push(...reader.list(() => {
        const column = reader.name()
        const descending = reader.word('DESC')
        if (!descending) reader.expectWord('ASC')
        return { column, descending }
      }))
      reader.expectMark(')')
    } else {
      const { name } = reader.name()
      reader.expectMark('=')
      properties[name] = optionValue(reader)
    }
  } while (reader.word('AND'))
  return { clusteringOrder, compactStorage, options: properties }
}

function createTable(reader: TokenReader, start: number): CreateTableStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const table = reader.qualifiedName()
  const columns: ColumnDefinition[] = []
  let partitionKey: Name[] = []
  let clusteringKey: Name[] = []
  let hasKeyClause = false
  reader.expectMark('(')
  do {
    if (columns.length > 0 && reader.isMark(')')) break // a comma after the last definition is allowed
    if (reader.isWord('PRIMARY') && reader.isWord('KEY', 1)) {
      ;({ partitionKey, clusteringKey } = primaryKey(reader))
      hasKeyClause = true
    } else {
      const definition = columnDefinition(reader)
      columns.push(definition)
      if (definition.primaryKey) partitionKey = [definition.column]
    }
  } while (reader.takeMark(','))
  reader.expectMark(')')
  return { kind: 'create table', ifNotExists, table, columns, partitionKey, clusteringKey, hasKeyClause, ...tableOptions(reader), ...reader.span(start) }
}

function createType(reader: TokenReader, start: number): CreateTypeStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const type = reader.qualifiedName()
  reader.expectMark('(')
  const fields = reader.list(() => ({ name: reader.name(), type: reader.typeName() }))
  reader.expectMark(')')
  return { kind: 'create type', ifNotExists, type, fields, ...reader.span(start) }
}

function alterTable(reader: TokenReader, start: number): AlterTableStatement {
  const ifExists = reader.word('IF', 'EXISTS')
  const table = reader.qualifiedName()
  let change: AlterTableStatement['change']
  if (reader.word('ADD')) {
    const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
    change = { kind: 'add', ifNotExists, columns: oneOrSeveral(reader, () => columnDefinition(reader)) }
  } else if (reader.word('DROP', 'COMPACT', 'STORAGE')) change = { kind: 'drop compact storage' }
  else if (reader.word('DROP')) {
    const dropIfExists = reader.word('IF', 'EXISTS')
    const columns = oneOrSeveral(reader, () => reader.name())
    change = { kind: 'drop', ifExists: dropIfExists, columns, timestamp: reader.word('USING', 'TIMESTAMP') ? parseTerm(reader) : undefined }
  } else if (reader.word('ALTER')) {
    const alterIfExists = reader.word('IF', 'EXISTS')
    const column = reader.name()
    if (reader.word('TYPE')) change = { kind: 'alter type', column, type: reader.typeName() }
    else if (reader.word('DROP', 'MASKED')) change = { kind: 'mask', ifExists: alterIfExists, column }
    else {
      reader.expectWord('MASKED', 'WITH')
      change = { kind: 'mask', ifExists: alterIfExists, column, mask: maskOf(reader) }
    }
  } else if (reader.word('RENAME')) {
    const renameIfExists = reader.word('IF', 'EXISTS')
    change = { kind: 'rename', ifExists: renameIfExists, columns: renames(reader) }
  } else if (reader.word('WITH')) change = { kind: 'with', options: options(reader) }
  else throw reader.unexpected('ADD, ALTER, DROP, RENAME or WITH')
  return { kind: 'alter table', ifExists, table, change, ...reader.span(start) }
}

/** One, or several in parentheses. */
function oneOrSeveral<T>(reader: TokenReader, read: () => T): T[] {
  if (!reader.takeMark('(')) return [read()]
  const items = reader.list(read)
  reader.expectMark(')')
  return items
}

function renames(reader: TokenReader): { from: Name; to: Name }[] {
  const list: { from: Name; to: Name }[] = []
  do {
    const from = reader.name()
    reader.expectWord('TO')
    list.push({ from, to: reader.name() })
  } while (reader.word('AND'))
  return list
}

function alterType(reader: TokenReader, start: number): AlterTypeStatement {
  const ifExists = reader.word('IF', 'EXISTS')
  const type = reader.qualifiedName()
  let change: AlterTypeStatement['change']
  if (reader.word('ADD')) {
    const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
    change = { kind: 'add', ifNotExists, field: reader.name(), type: reader.typeName() }
  } else {
    reader.expectWord('RENAME')
    const renameIfExists = reader.word('IF', 'EXISTS')
    change = { kind: 'rename', ifExists: renameIfExists, fields: renames(reader) }
  }
  return { kind: 'alter type', ifExists, type, change, ...reader.span(start) }
}
