import type { CreateAggregateStatement, CreateFunctionStatement } from './ast.js'
import { parseTerm } from './parse-terms.js'
import type { TokenReader } from './token-reader.js'

/** Reads what follows CREATE FUNCTION. */
export function createFunction(reader: TokenReader, orReplace: boolean, start: number): CreateFunctionStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const name = reader.functionName()
  reader.expectMark('(')
  const parameters = reader.isMark(')') ? [] : reader.list(() => ({ name: reader.name(), type: reader.typeName() }))
  reader.expectMark(')')
  const calledOnNullInput = reader.word('CALLED')
  if (!calledOnNullInput) reader.expectWord('RETURNS', 'NULL')
  reader.expectWord('ON', 'NULL', 'INPUT', 'RETURNS')
  const returns = reader.typeName()
  reader.expectWord('LANGUAGE')
  const language = reader.name()
  reader.expectWord('AS')
  return { kind: 'create function', orReplace, ifNotExists, function: name, parameters, calledOnNullInput, returns, language, body: reader.string(), ...reader.span(start) }
}

/** Reads what follows CREATE AGGREGATE. */
export function createAggregate(reader: TokenReader, orReplace: boolean, start: number): CreateAggregateStatement {
  const ifNotExists = reader.word('IF', 'NOT', 'EXISTS')
  const aggregate = reader.functionName()
  reader.expectMark('(')
  const parameters = reader.isMark(')') ? [] : reader.list(() => reader.typeName())
  reader.expectMark(')')
  reader.expectWord('SFUNC')
  const stateFunction = reader.functionName()
  reader.expectWord('STYPE')
  const stateType = reader.typeName()
  const finalFunction = reader.word('FINALFUNC') ? reader.functionName() : undefined
  const initialCondition = reader.word('INITCOND') ? parseTerm(reader) : undefined
  return { kind: 'create aggregate', orReplace, ifNotExists, aggregate, parameters, stateFunction, stateType, finalFunction, initialCondition, ...reader.span(start) }
}
