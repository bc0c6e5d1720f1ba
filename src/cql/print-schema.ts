import { quoteText } from '../base/index.js'
import type {
  AddIdentityStatement, AlterTableStatement, BatchStatementNode, ColumnDefinition, CreateTableStatement, DescribeStatement, DropStatement, GrantPermissionStatement, GrantRoleStatement, IndexTarget, ListPermissionsStatement, ListRolesStatement, Mask,
  Modification, Name, OptionValue, RoleStatement, SelectStatement, Statement, TruncateStatement, UseStatement,
} from './ast.js'
import { printFunctionName, printName, printSelectors, printTerm, printWhere } from './print-terms.js'

/** Statements that make, change, drop and describe what is in the schema. */
export type SchemaStatement = Exclude<Statement, SelectStatement | Modification | BatchStatementNode | TruncateStatement | UseStatement | RoleStatement | GrantRoleStatement | GrantPermissionStatement | ListRolesStatement | ListPermissionsStatement | AddIdentityStatement>

/** As CQL. */
export function printSchemaStatement(statement: SchemaStatement): string {
  switch (statement.kind) {
    case 'create keyspace':
      return `CREATE KEYSPACE ${unless(statement.ifNotExists)}${printName(statement.keyspace)}${printWith(statement.options)}`
    case 'alter keyspace':
      return `ALTER KEYSPACE ${where(statement.ifExists)}${printName(statement.keyspace)}${printWith(statement.options)}`
    case 'create table':
      return printCreateTable(statement)
    case 'alter table':
      return `ALTER TABLE ${where(statement.ifExists)}${printName(statement.table)} ${printChange(statement.change)}`
    case 'create type':
      return `CREATE TYPE ${unless(statement.ifNotExists)}${printName(statement.type)} (${statement.fields.map(({ name, type }) => `${printName(name)} ${type.text}`).join(', ')})`
    case 'alter type': {
      const { change } = statement
      const what = change.kind === 'add' ? `ADD ${unless(change.ifNotExists)}${printName(change.field)} ${change.type.text}` : `RENAME ${where(change.ifExists)}${renames(change.fields)}`
      return `ALTER TYPE ${where(statement.ifExists)}${printName(statement.type)} ${what}`
    }
    case 'create index': {
      const { custom, ifNotExists, index, table, targets, using, options } = statement
      return `CREATE ${custom ? 'CUSTOM ' : ''}INDEX ${unless(ifNotExists)}${index ? `${printName(index)} ` : ''}ON ${printName(table)} (${targets.map(printTarget).join(', ')})${using === undefined ? '' : ` USING ${quoteText(using)}`}${printWith(options)}`
    }
    case 'create view': {
      const { ifNotExists, view, selectors, table, where: relations, partitionKey, clusteringKey, clusteringOrder, options } = statement
      return `CREATE MATERIALIZED VIEW ${unless(ifNotExists)}${printName(view)} AS SELECT ${printSelectors(selectors)} FROM ${printName(table)}${printWhere(relations)} ${printKey(partitionKey, clusteringKey)}${printWith(options, order(clusteringOrder))}`
    }
    case 'alter view':
      return `ALTER MATERIALIZED VIEW ${where(statement.ifExists)}${printName(statement.view)}${printWith(statement.options)}`
    case 'create function': {
      const { orReplace, ifNotExists, parameters, calledOnNullInput, returns, language, body } = statement
      const given = parameters.map(({ name, type }) => `${printName(name)} ${type.text}`).join(', ')
      return `CREATE ${orReplace ? 'OR REPLACE ' : ''}FUNCTION ${unless(ifNotExists)}${printFunctionName(statement.function)}(${given}) ${calledOnNullInput ? 'CALLED' : 'RETURNS NULL'} ON NULL INPUT RETURNS ${returns.text} LANGUAGE ${printName(language)} AS ${quoteText(body)}`
    }
    case 'create aggregate': {
      const { orReplace, ifNotExists, aggregate, parameters, stateFunction, stateType, finalFunction, initialCondition } = statement
      return `CREATE ${orReplace ? 'OR REPLACE ' : ''}AGGREGATE ${unless(ifNotExists)}${printFunctionName(aggregate)}(${parameters.map(({ text }) => text).join(', ')}) SFUNC ${printFunctionName(stateFunction)} STYPE ${stateType.text}${finalFunction ? ` FINALFUNC ${printFunctionName(finalFunction)}` : ''}${initialCondition ? ` INITCOND ${printTerm(initialCondition)}` : ''}`
    }
    case 'create trigger':
      return `CREATE TRIGGER ${unless(statement.ifNotExists)}${printName(statement.trigger)} ON ${printName(statement.table)} USING ${quoteText(statement.using)}`
    case 'drop':
      return printDrop(statement)
    case 'describe':
      return printDescribe(statement)
  }
}

function unless(ifNotExists: boolean): string {
  return ifNotExists ? 'IF NOT EXISTS ' : ''
}

function where(ifExists: boolean): string {
  return ifExists ? 'IF EXISTS ' : ''
}

/** A value of an option. */
export function printOption(value: OptionValue): string {
  if (typeof value === 'string') return quoteText(value)
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value).map(([name, each]) => `${quoteText(name)}: ${printOption(each)}`).join(', ')}}`
}

function printWith(options: Readonly<Record<string, OptionValue>>, first: readonly string[] = []): string {
  const clauses = [...first, ...Object.entries(options).map(([name, value]) => `${printName({ name, start: 0, end: 0 })} = ${printOption(value)}`)]
  return clauses.length === 0 ? '' : ` WITH ${clauses.join(' AND ')}`
}

function order(columns: CreateTableStatement['clusteringOrder']): string[] {
  return columns.length === 0 ? [] : [`CLUSTERING ORDER BY (${columns.map(({ column, descending }) => `${printName(column)} ${descending ? 'DESC' : 'ASC'}`).join(', ')})`]
}

function printKey(partitionKey: readonly Name[], clusteringKey: readonly Name[]): string {
  return `PRIMARY KEY ((${partitionKey.map(printName).join(', ')})${clusteringKey.map((name) => `, ${printName(name)}`).join('')})`
}

function printColumn({ column, type, isStatic, mask, primaryKey }: ColumnDefinition): string {
  return `${printName(column)} ${type.text}${isStatic ? ' STATIC' : ''}${mask ? ` MASKED WITH ${printMask(mask)}` : ''}${primaryKey ? ' PRIMARY KEY' : ''}`
}

function printMask(mask: Mask): string {
  return mask.kind === 'default' ? 'DEFAULT' : `${printFunctionName(mask.function)}(${mask.args.map(printTerm).join(', ')})`
}

function printCreateTable({ ifNotExists, table, columns, partitionKey, clusteringKey, hasKeyClause, clusteringOrder, compactStorage, options }: CreateTableStatement): string {
  const key = hasKeyClause ? [printKey(partitionKey, clusteringKey)] : []
  return `CREATE TABLE ${unless(ifNotExists)}${printName(table)} (${[...columns.map(printColumn), ...key].join(', ')})${printWith(options, [...(compactStorage ? ['COMPACT STORAGE'] : []), ...order(clusteringOrder)])}`
}

function printChange(change: AlterTableStatement['change']): string {
  switch (change.kind) {
    case 'add':
      return `ADD ${unless(change.ifNotExists)}(${change.columns.map(printColumn).join(', ')})`
    case 'drop':
      return `DROP ${where(change.ifExists)}(${change.columns.map(printName).join(', ')})${change.timestamp ? ` USING TIMESTAMP ${printTerm(change.timestamp)}` : ''}`
    case 'rename':
      return `RENAME ${where(change.ifExists)}${renames(change.columns)}`
    case 'alter type':
      return `ALTER ${printName(change.column)} TYPE ${change.type.text}`
    case 'mask':
      return `ALTER ${where(change.ifExists)}${printName(change.column)} ${change.mask ? `MASKED WITH ${printMask(change.mask)}` : 'DROP MASKED'}`
    case 'drop compact storage':
      return 'DROP COMPACT STORAGE'
    case 'with':
      return printWith(change.options).trimStart()
  }
}

function renames(names: readonly { readonly from: Name; readonly to: Name }[]): string {
  return names.map(({ from, to }) => `${printName(from)} TO ${printName(to)}`).join(' AND ')
}

function printTarget({ column, of }: IndexTarget): string {
  return of === 'column' ? printName(column) : `${of}(${printName(column)})`
}

function printDrop({ target, ifExists, name, argumentTypes, table }: DropStatement): string {
  const called = target === 'identity' ? quoteText(name.name) : target === 'function' || target === 'aggregate' ? printFunctionName(name) : printName(name)
  return `DROP ${target.toUpperCase()} ${where(ifExists)}${called}${argumentTypes ? `(${argumentTypes.map(({ text }) => text).join(', ')})` : ''}${table ? ` ON ${printName(table)}` : ''}`
}

function printDescribe({ what, internals }: DescribeStatement): string {
  const end = internals ? ' WITH INTERNALS' : ''
  switch (what.kind) {
    case 'keyspace':
      return `DESCRIBE ${what.only ? 'ONLY ' : ''}KEYSPACE${what.name ? ` ${printName(what.name)}` : ''}${end}`
    case 'anything':
      return `DESCRIBE ${printName(what.name)}${end}`
    case 'table':
    case 'index':
    case 'materialized view':
    case 'type':
    case 'function':
    case 'aggregate':
      return `DESCRIBE ${what.kind.toUpperCase()} ${printName(what.name)}${end}`
    default:
      return `DESCRIBE ${what.kind.toUpperCase()}${end}`
  }
}
