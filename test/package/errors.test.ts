// docs/errors.md has every error that the package exports, with the code and the outcome that its class gives it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { CqlError } from '../../src/base/index.js'

const root = join(import.meta.dirname, '../..')
const rows = new Map<string, { code: string; outcome: string }>()
const text = readFileSync(join(root, 'docs/errors.md'), 'utf8')
for (const [, name, code, outcome] of text.matchAll(/^\| `(\w+)` \| (?:`(\w+)`)? ?\| ?([a-z ]*?) ?\|/gm)) {
  if (name !== 'CqlError') rows.set(name!, { code: code ?? '', outcome: outcome ?? '' })
}

/** What the constructor of each class hands to its base class. */
const sources = new Map<string, string>()
for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue
  const source = readFileSync(join(root, 'src', file), 'utf8')
  for (const [, name, body] of source.matchAll(/^export class (\w+Error) extends \w+ \{\n([\s\S]*?)^\}/gm)) sources.set(name!, body!)
}

const exported = new Set<string>()
for (const target of Object.values(manifest.exports)) {
  if (typeof target === 'string') continue
  const module = (await import(target.default.replace('./dist/', '../../src/'))) as Record<string, unknown>
  for (const [name, value] of Object.entries(module)) if (typeof value === 'function' && value.prototype instanceof CqlError) exported.add(name)
}

test('every error has its row, and no row is of an error that is gone', () => {
  expect([...rows.keys()].sort()).toEqual([...exported].sort())
})

test.each([...exported].filter((name) => rows.get(name)?.code))('%s', (name) => {
  const { code, outcome } = rows.get(name)!
  const body = sources.get(name)!
  const [, given, ended] = /'(CQL_\w+)'(?:, (?:'(\w+)'|[^)\n]*))?/.exec(body) ?? []
  expect(given ?? 'inherited').toBe(name === 'UnsupportedVersionError' ? 'inherited' : code)
  if (name === 'UnsupportedVersionError' || name === 'ServerError') return
  expect(ended ?? (/'CQL_\w+', [a-z]/.test(body) ? 'as it was' : 'undetermined')).toBe(outcome)
})

test('codes of errors that have no class of their own are there', () => {
  for (const code of ['CQL_NOT_CONDITIONAL', 'CQL_TRACE_MISSING']) expect(text).toContain(`\`${code}\``)
})
