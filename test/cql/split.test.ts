import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { splitStatements } from '../../src/cql/index.js'

const split = (script: string): [string[], string] => {
  const { statements, rest } = splitStatements(script)
  return [statements.map(({ text }) => text), rest]
}

describe('splitStatements', () => {
  test.each<[string, string[], string]>([
    ['', [], ''],
    ['SELECT 1', [], 'SELECT 1'],
    ['SELECT 1;', ['SELECT 1'], ''],
    [' a; b ;\nc', ['a', 'b '], 'c'],
    [';;a;', ['a'], ''],
    ["INSERT INTO t (k) VALUES ('a;b''c;'); x", ["INSERT INTO t (k) VALUES ('a;b''c;')"], 'x'],
    ['SELECT "a;""b" FROM t; x', ['SELECT "a;""b" FROM t'], 'x'],
    ['a -- no; end\n b; /* ; */ c; // ;\nd', ['a -- no; end\n b', 'c'], 'd'],
    ['CREATE FUNCTION f () AS $$ return 1; $$; x', ['CREATE FUNCTION f () AS $$ return 1; $$'], 'x'],
    ['BEGIN BATCH a; b; APPLY BATCH; c;', ['BEGIN BATCH a; b; APPLY BATCH', 'c'], ''],
    ['begin unlogged batch a; apply  batch ; c', ['begin unlogged batch a; apply  batch '], 'c'],
    ["SELECT 'open; ", [], "SELECT 'open; "],
    ['SELECT "open; ', [], 'SELECT "open; '],
    ['a; /* open; ', ['a'], '/* open; '],
    ['AS $$ open; ', [], 'AS $$ open; '],
    ['a / b; c', ['a / b'], 'c'],
    ['-- only a comment;', [], ''],
  ])('%j', (script, statements, rest) => {
    expect(split(script)).toEqual([statements, rest])
  })

  test('statements are found where they begin, and are the same by themselves', () => {
    const piece = fc.constantFrom("'it''s; '", '"q;"', '-- c;\n', '/* ; */', '$$ ; $$', 'word', ' ', '\n', '1', '=', '(', '/ ', '- ')
    fc.assert(fc.property(fc.array(fc.array(piece, { minLength: 1, maxLength: 8 }), { maxLength: 6 }), (parts) => {
      const script = `${parts.map((part) => `x ${part.join('')}`).join(';')};`
      const { statements, rest } = splitStatements(script)
      expect(rest).toBe('')
      for (const { text, start } of statements) {
        expect(script.slice(start, start + text.length)).toBe(text)
        expect(splitStatements(`${text};`).statements).toEqual([{ text, start: 0 }])
      }
      expect(statements.length).toBe(parts.length)
    }))
  })
})
