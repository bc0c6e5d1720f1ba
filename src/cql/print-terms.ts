import { quoteIdentifier, quoteText } from '../base/index.js'
import type { Name, Operator, QualifiedName, Relation, RelationTarget, Selector, Term } from './ast.js'

/** A name as CQL, quoted where it must be. */
export function printName({ keyspace, name }: Name & { readonly keyspace?: string | undefined }): string {
  return keyspace === undefined ? quoteIdentifier(name) : `${quoteIdentifier(keyspace)}.${quoteIdentifier(name)}`
}

/** The name of a function: `token` needs no quotes. */
export function printFunctionName(name: QualifiedName): string {
  return name.keyspace === undefined && name.name === 'token' ? 'token' : printName(name)
}

const strength = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2 } as const

/** A term as CQL. */
export function printTerm(term: Term): string {
  switch (term.kind) {
    case 'literal':
      return term.type === 'string' ? quoteText(term.text) : term.text
    case 'bind':
      return term.name === undefined ? '?' : `:${quoteIdentifier(term.name)}`
    case 'list':
      return `[${term.items.map(printTerm).join(', ')}]`
    case 'set':
      return `{${term.items.map(printTerm).join(', ')}}`
    case 'map':
      return `{${term.entries.map(({ key, value }) => `${printTerm(key)}: ${printTerm(value)}`).join(', ')}}`
    case 'udt':
      return `{${term.fields.map(({ name, value }) => `${printName(name)}: ${printTerm(value)}`).join(', ')}}`
    case 'tuple':
      return `(${term.items.map(printTerm).join(', ')})`
    case 'call':
      return `${printFunctionName(term.function)}(${term.star === true ? '*' : term.args.map(printTerm).join(', ')})`
    case 'cast':
      return `CAST(${printTerm(term.term)} AS ${term.type.text})`
    case 'hint':
      return `(${term.type.text}) ${grouped(term.term, 3)}`
    case 'column':
      return quoteIdentifier(term.name)
    case 'element':
      return `${grouped(term.of, 3)}[${term.slice ? `${optional(term.slice.from)}..${optional(term.slice.to)}` : printTerm(term.key!)}]`
    case 'field':
      return `${grouped(term.of, 3)}.${printName(term.field)}`
    case 'binary': {
      const own = strength[term.operator]
      // Operators of one strength belong together from left to right.
      return `${grouped(term.left, own)} ${term.operator} ${grouped(term.right, own + 1)}`
    }
    case 'negative':
      return `- ${grouped(term.term, 3)}`
  }
}

function optional(term: Term | undefined): string {
  return term ? printTerm(term) : ''
}

/** In parentheses when it binds less than what stands around it. */
function grouped(term: Term, least: number): string {
  const own = term.kind === 'binary' ? strength[term.operator] : 3
  return own < least ? `(${printTerm(term)})` : printTerm(term)
}

/** What follows an operator: for IN a list, or one marker for all of it. */
export function printTest(operator: Operator, value: Term | undefined): string {
  if (operator === 'IS NOT NULL') return 'IS NOT NULL'
  return `${operator} ${printTerm(value!)}`
}

function printTarget(target: RelationTarget): string {
  switch (target.kind) {
    case 'column':
      return printName(target.column)
    case 'columns':
      return `(${target.columns.map(printName).join(', ')})`
    case 'token':
      return `token(${target.columns.map(printName).join(', ')})`
    case 'element':
      return `${printName(target.column)}[${printTerm(target.key)}]`
  }
}

/** A WHERE clause with a blank before it, or nothing. */
export function printWhere(relations: readonly Relation[]): string {
  return relations.length === 0 ? '' : ` WHERE ${printRelations(relations)}`
}

/** Relations as CQL, with AND between. */
export function printRelations(relations: readonly Relation[]): string {
  return relations.map(({ target, operator, value }) => `${printTarget(target)} ${printTest(operator, value)}`).join(' AND ')
}

/** What is selected. */
export function printSelectors(selectors: readonly Selector[] | undefined): string {
  return selectors ? selectors.map(({ term, alias }) => `${printTerm(term)}${alias ? ` AS ${printName(alias)}` : ''}`).join(', ') : '*'
}
