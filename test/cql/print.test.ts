import { expect, test } from 'vitest'
import { CqlParseError, parseStatement, printStatement } from '../../src/cql/index.js'
import { noStatements, statements } from '../support/cql-corpus.js'

/** A tree without places, and without the text of selectors, which has the blanks of its source. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).filter(([key, value]) => key !== 'start' && key !== 'end' && value !== undefined && !(key === 'text' && 'term' in node)).map(([key, value]) => [key, bare(value)]))
}

test.each(statements)('read, printed and read again, it is the same: %s', (text) => {
  const tree = parseStatement(text)
  const printed = printStatement(tree)
  expect(bare(parseStatement(printed)), printed).toEqual(bare(tree))
  expect(printStatement(parseStatement(printed))).toBe(printed)
})

test.each(noStatements)('no statement: %s', (text) => { expect(() => parseStatement(text)).toThrow(CqlParseError) })

test('one form, whatever the blanks, the case and the notation', () => {
  expect(printStatement(parseStatement('select  A,"B" from T where k=? and (c,d)in((1,2)) limit 5;'))).toBe('SELECT a, "B" FROM t WHERE k = ? AND (c, d) IN ((1, 2)) LIMIT 5')
  expect(printStatement(parseStatement("UPDATE t SET l = l + [1], s = $$it's$$ WHERE k=1"))).toBe("UPDATE t SET l += [1], s = 'it''s' WHERE k = 1")
  expect(printStatement(parseStatement('SELECT (a+b)*c-(d-e), - a FROM t'))).toBe('SELECT (a + b) * c - (d - e), - a FROM t')
})
