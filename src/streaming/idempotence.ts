import { CqlParseError, parseStatement } from '../cql/index.js'
import type { Statement, Term } from '../cql/index.js'

/** Whether two runs of a statement with the same values and timestamp leave what one would. What the parser does not know does not. */
export function isIdempotent(query: string): boolean {
  let statement: Statement
  try {
    statement = parseStatement(query)
  } catch (error) {
    if (error instanceof CqlParseError) return false
    throw error
  }
  switch (statement.kind) {
    case 'insert':
      return !statement.ifNotExists && statement.values.every(isConstant)
    case 'update':
      return statement.conditions === undefined && statement.assignments.every((assignment) => {
        // Adding to a set or a map may be repeated, but the text does not tell them from lists and counters.
        if (assignment.kind === 'set' || assignment.kind === 'field') return isConstant(assignment.value)
        return false
      })
    case 'delete':
      return statement.conditions === undefined && statement.deletions.every(({ key }) => key === undefined)
    default:
      return false
  }
}

/** Calls such as now() give another value each time. */
function isConstant(term: Term): boolean {
  return term.kind === 'literal' || term.kind === 'bind' || ((term.kind === 'cast' || term.kind === 'hint') && isConstant(term.term))
}
