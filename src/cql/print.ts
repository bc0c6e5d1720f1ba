import type { Assignment, Condition, Conditions, Modification, Name, SelectStatement, Statement, Using } from './ast.js'
import { printRoleStatement } from './print-roles.js'
import { printSchemaStatement } from './print-schema.js'
import { printName, printSelectors, printTerm, printTest, printWhere } from './print-terms.js'

/**
 * A statement as CQL: read again, it is the same tree.
 *
 * @param statement as {@link parseStatement} gives it, or changed
 * @returns one line, without a semicolon
 * @example
 * ```ts
 * import { parseStatement, printStatement } from 'cqlwire/cql'
 * printStatement(parseStatement('select * from Users where ID=?'))   // SELECT * FROM users WHERE id = ?
 * ```
 */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'select':
      return printSelect(statement)
    case 'insert':
    case 'update':
    case 'delete':
      return printModification(statement)
    case 'batch': {
      const type = statement.type === 'logged' ? '' : `${statement.type.toUpperCase()} `
      return `BEGIN ${type}BATCH${printUsing(statement.using)} ${statement.statements.map((part) => `${printModification(part)}; `).join('')}APPLY BATCH`
    }
    case 'truncate':
      return `TRUNCATE ${printName(statement.table)}`
    case 'use':
      return `USE ${printName(statement.keyspace)}`
    case 'create role':
    case 'alter role':
    case 'grant role':
    case 'revoke role':
    case 'grant':
    case 'revoke':
    case 'list roles':
    case 'list users':
    case 'list permissions':
    case 'add identity':
      return printRoleStatement(statement)
    default:
      return printSchemaStatement(statement)
  }
}

function printSelect({ selectors, json, distinct, table, where, groupBy, orderBy, perPartitionLimit, limit, allowFiltering }: SelectStatement): string {
  const clauses = [
    groupBy.length === 0 ? '' : ` GROUP BY ${groupBy.map(printTerm).join(', ')}`,
    orderBy.length === 0 ? '' : ` ORDER BY ${orderBy.map(({ column, descending, ann }) => `${printName(column)}${ann ? ` ANN OF ${printTerm(ann)}` : descending ? ' DESC' : ''}`).join(', ')}`,
    perPartitionLimit ? ` PER PARTITION LIMIT ${printTerm(perPartitionLimit)}` : '', limit ? ` LIMIT ${printTerm(limit)}` : '', allowFiltering ? ' ALLOW FILTERING' : '',
  ]
  return `SELECT ${json ? 'JSON ' : ''}${distinct ? 'DISTINCT ' : ''}${printSelectors(selectors)} FROM ${printName(table)}${printWhere(where)}${clauses.join('')}`
}

function printModification(statement: Modification): string {
  const { table, using } = statement
  switch (statement.kind) {
    case 'insert': {
      const { columns, values, json, ifNotExists } = statement
      const row = json ? `JSON ${printTerm(json.value)}${json.defaultUnset ? ' DEFAULT UNSET' : ''}` : `(${columns.map(printName).join(', ')}) VALUES (${values.map(printTerm).join(', ')})`
      return `INSERT INTO ${printName(table)} ${row}${ifNotExists ? ' IF NOT EXISTS' : ''}${printUsing(using)}`
    }
    case 'update':
      return `UPDATE ${printName(table)}${printUsing(using)} SET ${statement.assignments.map(printAssignment).join(', ')}${printWhere(statement.where)}${printConditions(statement.conditions)}`
    case 'delete': {
      const deletions = statement.deletions.map(({ column, key, field }) => part(column, key && printTerm(key), field)).join(', ')
      return `DELETE ${deletions === '' ? '' : `${deletions} `}FROM ${printName(table)}${printUsing(using)}${printWhere(statement.where)}${printConditions(statement.conditions)}`
    }
  }
}

function part(column: Name, key: string | undefined, field: Name | undefined): string {
  return `${printName(column)}${key === undefined ? '' : `[${key}]`}${field ? `.${printName(field)}` : ''}`
}

function printUsing({ timestamp, ttl }: Using): string {
  const clauses = [...(timestamp ? [`TIMESTAMP ${printTerm(timestamp)}`] : []), ...(ttl ? [`TTL ${printTerm(ttl)}`] : [])]
  return clauses.length === 0 ? '' : ` USING ${clauses.join(' AND ')}`
}

function printAssignment(assignment: Assignment): string {
  const column = printName(assignment.column)
  const value = printTerm(assignment.value)
  switch (assignment.kind) {
    case 'set':
      return `${column} = ${value}`
    case 'add':
      return `${column} += ${value}`
    case 'subtract':
      return `${column} -= ${value}`
    case 'prepend':
      return `${column} = ${value} + ${column}`
    case 'element':
      return `${column}[${printTerm(assignment.key)}] = ${value}`
    case 'field':
      return `${column}.${printName(assignment.field)} = ${value}`
  }
}

function printConditions(conditions: Conditions | undefined): string {
  if (!conditions) return ''
  if (conditions.kind !== 'conditions') return ` IF ${conditions.kind.toUpperCase()}`
  const each = ({ column, key, field, operator, value }: Condition): string => `${part(column, key && printTerm(key), field)} ${printTest(operator, value)}`
  return ` IF ${conditions.list.map(each).join(' AND ')}`
}
