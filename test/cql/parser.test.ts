import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CqlParseError, parseStatement, parseTermText, tokenize } from '../../src/cql/index.js'
import type { Term } from '../../src/cql/index.js'

/** A term in a short notation, without positions. */
function short(term: Term): string {
  switch (term.kind) {
    case 'literal': return term.type === 'string' ? `'${term.text}'` : `${term.type}:${term.text}`
    case 'bind': return term.name === undefined ? `?${term.index}` : `:${term.name}`
    case 'list': return `[${term.items.map(short).join(' ')}]`
    case 'set': return `{${term.items.map(short).join(' ')}}`
    case 'map': return `{${term.entries.map(({ key, value }) => `${short(key)}=>${short(value)}`).join(' ')}}`
    case 'udt': return `<${term.fields.map(({ name, value }) => `${name.name}=${short(value)}`).join(' ')}>`
    case 'tuple': return `(${term.items.map(short).join(' ')})`
    case 'call': return `${term.function.name}(${term.star ? '*' : term.args.map(short).join(' ')})`
    case 'cast': return `cast(${short(term.term)} ${term.type.text})`
    case 'hint': return `hint(${term.type.text} ${short(term.term)})`
    case 'column': return term.name
    case 'element': return `${short(term.of)}[${term.key ? short(term.key) : '..'}]`
    case 'field': return `${short(term.of)}.${term.field.name}`
    case 'binary': return `(${short(term.left)}${term.operator}${short(term.right)})`
    case 'negative': return `-${short(term.term)}`
  }
}

test.each([
  ['1', 'integer:1'], ['-1.5e3', 'float:-1.5e3'], ["'it''s'", "'it's'"], ['$$a\'b$$', "'a'b'"], ['true', 'boolean:true'], ['NULL', 'null:NULL'], ['NaN', 'float:NaN'], ['-Infinity', 'float:-Infinity'],
  ['0xCAFE', 'blob:0xCAFE'], ['6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47', 'uuid:6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47'], ['1y2mo3d', 'duration:1y2mo3d'], ['-P1W', 'duration:-P1W'], ['?', '?0'], [':name', ':name'], [':"Name"', ':Name'],
  ['[1, 2]', '[integer:1 integer:2]'], ['{}', '{}'], ["{1: 'a'}", "{integer:1=>'a'}"], ['{a: 1, "B": 2}', '<a=integer:1 B=integer:2>'], ['(1, (2, ?))', '(integer:1 (integer:2 ?0))'],
  ['now()', 'now()'], ['f(g(1), 2)', 'f(g(integer:1) integer:2)'], ['(int) 5', 'hint(int integer:5)'], ['(list<int>) [1]', 'hint(list<int> [integer:1])'], ['1 + 2 * 3 - 4', '((integer:1+(integer:2*integer:3))-integer:4)'], ['- ?', '-?0'], ['CAST(1 AS text)', 'cast(integer:1 text)'],
])('term %s', (text, expected) => { expect(short(parseTermText(text))).toBe(expected) })

test('every node knows where it stands', () => {
  const text = "SELECT a, count(*) AS n FROM ks.t WHERE k = ? AND c IN (1, 'x')"
  const statement = parseStatement(text)
  if (statement.kind !== 'select') throw new Error()
  const at = ({ start, end }: { start: number; end: number }): string => text.slice(start, end)
  expect([at(statement), at(statement.table), at(statement.where[1]!), at(statement.where[1]!.value!), at(statement.selectors![1]!)]).toEqual([text, 'ks.t', "c IN (1, 'x')", "(1, 'x')", 'count(*) AS n'])
})

test.each([
  'SELECT DISTINCT a FROM t', 'SELECT json FROM t', 'SELECT JSON a FROM t', 'SELECT distinct FROM t', 'SELECT m[1], u.f, token(a, b), cast(a as int) FROM "Ks"."T" LIMIT 1;', 'SELECT a FROM t WHERE token(a) > token(5) AND (c, d) >= (1, 2) AND m CONTAINS KEY 1 AND m[2] = 3',
  'SELECT a FROM t GROUP BY a ORDER BY b DESC, c ASC PER PARTITION LIMIT 2 LIMIT ? ALLOW FILTERING', 'INSERT INTO t (a) VALUES (1) IF NOT EXISTS USING TTL 5 AND TIMESTAMP ?', "INSERT INTO t JSON '{}' DEFAULT UNSET",
  "UPDATE t USING TTL ? SET a = 1, b += [2], c = c - {3}, d = [1] + d, e[4] = 5, f.g = 'x' WHERE k = 1 IF a > 5 AND e[4] IN (1, 2)", 'DELETE a, b[1], c.d FROM t USING TIMESTAMP 5 WHERE k IN ? IF EXISTS',
  'BEGIN COUNTER BATCH USING TIMESTAMP 1 UPDATE t SET c = c + 1 WHERE k = 1; DELETE FROM t WHERE k = 2; APPLY BATCH', "CREATE KEYSPACE IF NOT EXISTS k WITH replication = {'class': 'X', 'dc1': 3} AND durable_writes = false",
  "CREATE TABLE t (a int, b frozen<map<text, list<vector<float, 3>>>>, c text STATIC, PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'x' AND gc_grace_seconds = 5", 'CREATE TABLE t (a int PRIMARY KEY, b ks.udt, c \'com.example.T\')',
  'ALTER TABLE t ADD (a int, b text)', 'ALTER TABLE t DROP (a, b)', 'ALTER TABLE t DROP a', 'ALTER TABLE t RENAME a TO b AND c TO d', 'ALTER TABLE IF EXISTS t WITH comment = \'\'', 'CREATE TYPE IF NOT EXISTS k.u (a int, b frozen<list<int>>)', 'ALTER TYPE u ADD c int', 'ALTER TYPE u RENAME a TO b',
  'DROP TABLE IF EXISTS t', 'DROP KEYSPACE k', 'TRUNCATE t', 'USE "K"', '-- comment\nSELECT /* inner */ a // end\nFROM t',
])('%s', (text) => { expect(() => parseStatement(text)).not.toThrow() })

describe('what is no CQL is told with line and column', () => {
  test.each([
    ['', 'line 1:0 mismatched input \'<EOF>\' expecting a statement'], ['SELEC a', "line 1:0 mismatched input 'SELEC'"], ['SELECT a\nFROM', "line 2:4 mismatched input '<EOF>' expecting a name"], ['SELECT a FROM t t2', "line 1:16 mismatched input 't2' expecting the end"],
    ["SELECT a FROM t WHERE a = 'x", 'line 1:26 a quote that does not end'], ['INSERT INTO t (a) VALUES (b)', "line 1:26 mismatched input 'b' expecting a term"], ['SELECT a FROM t WHERE a ~ 1', 'line 1:24 no viable alternative at character'], ['UPDATE t SET a = b WHERE c = 1', "mismatched input 'b'"],
    [`SELECT ${'('.repeat(1000)}`, 'more than 64 levels of nesting'], [`CREATE TABLE t (a ${'list<'.repeat(1000)}`, 'more than 64 levels of nesting'],
  ])('%s', (text, message) => {
    expect(() => parseStatement(text)).toThrow(CqlParseError)
    expect(() => parseStatement(text)).toThrow(message)
  })

  test('random tokens never crash the parser nor hang it', () => {
    const words = fc.constantFrom('SELECT', 'FROM', 'WHERE', 'INSERT', 'INTO', 'VALUES', 'UPDATE', 'SET', 'DELETE', 'a', '"B"', '1', "'x'", '?', ':b', '(', ')', '[', ']', '{', '}', ',', '=', '<', '>', '+', '-', '.', 'IN', 'AND', 'IF', 'CREATE', 'TABLE', 'int', 'PRIMARY', 'KEY', 'BEGIN', 'BATCH', 'APPLY', 'USING', 'TTL')
    fc.assert(fc.property(fc.oneof(fc.array(words, { maxLength: 30 }).map((list) => list.join(' ')), fc.string({ maxLength: 60 })), (text) => {
      try {
        parseStatement(text)
      } catch (error) {
        expect(error).toBeInstanceOf(CqlParseError)
      }
    }), { numRuns: 3000 })
  })
})

test('bind markers are numbered in the order in which they stand', () => {
  const statement = parseStatement('UPDATE t USING TTL ? SET a = ? WHERE k = ? IF b = ?')
  if (statement.kind !== 'update') throw new Error()
  const [assignment] = statement.assignments
  expect([statement.using.ttl, assignment!.kind === 'set' && assignment!.value, statement.where[0]!.value, statement.conditions?.kind === 'conditions' && statement.conditions.list[0]!.value].map((term) => (term as { index: number }).index)).toEqual([0, 1, 2, 3])
})

test('tokens: comments and blanks are left out, a minus after a value is an operator', () => {
  expect(tokenize("a -1d '--' -- x").map(({ kind }) => kind)).toEqual(['word', 'mark', 'duration', 'string', 'end'])
  expect(tokenize('-1d').map(({ kind }) => kind)).toEqual(['duration', 'end'])
  expect(tokenize('1..3').map(({ text }) => text)).toEqual(['1', '.', '.', '3', ''])
})
