// The generator leaves out no rule of the grammar: a statement that it never makes is one that nobody compares.
import { expect, test } from 'vitest'
import { generated } from './generator.js'
import { productionsOf } from './productions.js'
import { sections } from './sections.js'

/** Rules that random statements do not use, and why. */
const left = new Map<RegExp, string>([
  [/^use$/, 'a client refuses it: cqlsh and the clients of others say it'],
  [/^describe\.what: (cluster|schema|full schema|keyspaces|tables)/, 'Cassandra has tables for itself that are not here'],
])

test('each rule that statements of the corpus use, random ones use twenty times', () => {
  const counts = new Map<string, number>()
  for (let seed = 1; seed <= 22; seed++) {
    for (const text of generated(seed, 250)) for (const rule of productionsOf(text)) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  }
  const ofCorpus = new Set(sections.flatMap(({ statements }) => statements).flatMap((text) => [...productionsOf(text.replaceAll('%KS', 'ks'))]))
  const rare = [...new Set([...counts.keys(), ...ofCorpus])].filter((rule) => (counts.get(rule) ?? 0) < 20 && ![...left.keys()].some((pattern) => pattern.test(rule)))
  expect(rare.map((rule) => `${rule}: ${counts.get(rule) ?? 0}`)).toEqual([])
  expect(counts.size).toBeGreaterThan(180)
})
