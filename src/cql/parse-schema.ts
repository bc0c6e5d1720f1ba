import type {
  AlterKeyspaceStatement, AlterTableStatement, AlterTypeStatement, ColumnDefinition, CreateKeyspaceStatement, CreateTableStatement, CreateTypeStatement, DropStatement, Name, OptionValue,
  Statement,
} from './ast.js'
import type { TokenReader } from './token-reader.js'

/** Reads a CREATE statement. */
export function parseCreate(reader: TokenReader): Statement {
  const { start } = reader
  reader.expectWord('CREATE')
  if (reader.word('KEYSPACE')) return createKeyspace(reader, start)
  if (reader.word('TABLE') || reader.word('COLUMNFAMILY')) return createTable(reader, start)
  if (reader.word('TYPE')) return createType(reader, start)
  throw reader.unexpected('KEYSPACE, TABLE or TYPE')
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
  throw reader.unexpected('KEYSPACE, TABLE or TYPE')
}

/** Reads a DROP statement. */
export function parseDrop(reader: TokenReader): DropStatement {
  const { start } = reader
  reader.expectWord('DROP')
  const target = reader.word('KEYSPACE') ? 'keyspace' : reader.word('TABLE') || reader.word('COLUMNFAMILY') ? 'table' : reader.word('TYPE') ? 'type' : reader.word('INDEX') ? 'index' : undefined
  if (target === undefined) throw reader.unexpected('KEYSPACE, TABLE, TYPE or INDEX')
  const ifExists = reader.word('IF', 'EXISTS')
  const name = target === 'keyspace' ? reader.name() : reader.qualifiedName()
  return { kind: 'drop', target, ifExists, name, ...reader.span(start) }
}

function createKeyspace(reader: TokenReader, start: number): CreateKeyspaceStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const keyspace = reader.name()
  reader.expectWord('WITH')
  return { kind: 'create keyspace', ifNotExists, keyspace, options: options(reader), ...reader.span(start) }
}

/** `name = value AND name = value`. */
function options(reader: TokenReader): Record<string, OptionValue> {
  const result: Record<string, OptionValue> = {}
  do {
    const { name } = reader.name()
    reader.expectMark('=')
    result[name] = optionValue(reader)
  } while (reader.word('AND'))
  return result
}

function optionValue(reader: TokenReader): OptionValue {
  if (reader.takeMark('{')) {
    const map: Record<string, OptionValue> = Object.create(null) as Record<string, OptionValue>
    if (!reader.isMark('}')) {
      reader.list(() => {
        const key = reader.next()
        if (key.kind !== 'string' && key.kind !== 'word' && key.kind !== 'quoted') throw reader.unexpected('a text')
        reader.expectMark(':')
        map[key.text] = reader.nested(() => optionValue(reader))
      })
    }
    reader.expectMark('}')
    return map
  }
  const negative = reader.takeMark('-')
  const token = reader.next()
  switch (token.kind) {
    case 'integer':
    case 'float':
      return negative ? -Number(token.text) : Number(token.text)
    case 'word':
      if (/^(true|false)$/i.test(token.text)) return token.text.toLowerCase() === 'true'
      return token.text
    case 'string':
    case 'uuid':
    case 'quoted':
      return token.text
    default:
      throw reader.unexpected('a value')
  }
}

function columnDefinition(reader: TokenReader): ColumnDefinition {
  const { start } = reader
  const column = reader.name()
  const type = reader.typeName()
  const isStatic = reader.word('STATIC')
  const primaryKey = reader.word('PRIMARY', 'KEY')
  return { column, type, isStatic, primaryKey, ...reader.span(start) }
}

function createTable(reader: TokenReader, start: number): CreateTableStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const table = reader.qualifiedName()
  const columns: ColumnDefinition[] = []
  let partitionKey: Name[] = []
  let clusteringKey: Name[] = []
  reader.expectMark('(')
  do {
    if (reader.isMark(')')) break // a comma after the last definition is allowed
    if (reader.isWord('PRIMARY') && reader.isWord('KEY', 1)) {
      reader.expectWord('PRIMARY', 'KEY')
      reader.expectMark('(')
      if (reader.takeMark('(')) {
        partitionKey = reader.list(() => reader.name())
        reader.expectMark(')')
      } else partitionKey = [reader.name()]
      clusteringKey = reader.takeMark(',') ? reader.list(() => reader.name()) : []
      reader.expectMark(')')
    } else {
      const definition = columnDefinition(reader)
      columns.push(definition)
      if (definition.primaryKey) partitionKey = [definition.column]
    }
  } while (reader.takeMark(','))
  reader.expectMark(')')
  const clusteringOrder: { column: Name; descending: boolean }[] = []
  const properties: Record<string, OptionValue> = {}
  if (reader.word('WITH')) {
    do {
      if (reader.word('COMPACT', 'STORAGE')) continue
      if (reader.word('CLUSTERING', 'ORDER', 'BY')) {
        reader.expectMark('(')
        clusteringOrder.push(...reader.list(() => {
          const column = reader.name()
          const descending = reader.word('DESC')
          if (!descending) reader.word('ASC')
          return { column, descending }
        }))
        reader.expectMark(')')
      } else {
        const { name } = reader.name()
        reader.expectMark('=')
        properties[name] = optionValue(reader)
      }
    } while (reader.word('AND'))
  }
  return { kind: 'create table', ifNotExists, table, columns, partitionKey, clusteringKey, clusteringOrder, options: properties, ...reader.span(start) }
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
    change = { kind: 'add', ifNotExists, columns: parenthesised(reader, () => columnDefinition(reader)) }
  } else if (reader.word('DROP')) {
    const dropIfExists = reader.word('IF', 'EXISTS')
    change = { kind: 'drop', ifExists: dropIfExists, columns: parenthesised(reader, () => reader.name()) }
  } else if (reader.word('RENAME')) {
    const renameIfExists = reader.word('IF', 'EXISTS')
    change = { kind: 'rename', ifExists: renameIfExists, columns: renames(reader) }
  } else if (reader.word('WITH')) change = { kind: 'with', options: options(reader) }
  else throw reader.unexpected('ADD, DROP, RENAME or WITH')
  return { kind: 'alter table', ifExists, table, change, ...reader.span(start) }
}

/** A list, with or without parentheses around it. */
function parenthesised<T>(reader: TokenReader, read: () => T): T[] {
  if (!reader.takeMark('(')) return reader.list(read)
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
