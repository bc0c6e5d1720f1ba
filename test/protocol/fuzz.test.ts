// What the fuzzer holds the codec to, in short: its rules about generated data, its targets over a few thousand inputs, and all that it has found before.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mutator } from '../../src/testing/index.js'
import { blockTarget } from '../fuzz/block-target.js'
import { captured } from '../fuzz/captured.js'
import { messageTarget } from '../fuzz/message-target.js'
import { properties } from '../fuzz/properties.js'
import { rowTarget } from '../fuzz/row-target.js'
import { streamTarget } from '../fuzz/stream-target.js'
import { textTarget } from '../fuzz/text-target.js'
import { runs } from '../support/runs.js'
import { bytesOf, vectorFiles } from '../support/vectors.js'
import type { FoundVector } from '../support/vectors.js'

const targets = [messageTarget, rowTarget, streamTarget, blockTarget, textTarget]

test.each([...properties])('$name', ({ rule }) => fc.assert(rule, runs(200)))

test.each(targets)('changed inputs of $name break no rule', (target) => {
  const seeds = target.seeds(7)
  const mutator = new Mutator({ seed: 7 })
  let reached = 0
  for (const input of seeds) reached += target.run(input)
  for (let i = 0; i < runs(1500).numRuns; i++) reached += target.run(mutator.mutate(mutator.random.pick(seeds), mutator.random.pick(seeds), target.keep))
  expect(reached > 0).toBe(target !== blockTarget && target !== textTarget)
})

test('what others have written breaks none either', () => {
  const all = captured()
  expect(all.length).toBeGreaterThan(200)
  for (const { check } of all) check()
})

describe.each(vectorFiles<FoundVector>('inputs'))('inputs that have led to faults, of $file', ({ vectors }) => {
  test('do so no more', () => {
    expect(vectors.length).toBeGreaterThan(0)
    for (const { target, input } of vectors) targets.find(({ name }) => name === target)!.run(bytesOf(input))
  })
})

describe('the mutator', () => {
  test('makes the same changes of the same seed, others of another, and keeps to its length', () => {
    const input = Uint8Array.from({ length: 50 }, (_, i) => i)
    const series = (seed: number): string[] => {
      const mutator = new Mutator({ seed, maxLength: 64 })
      return Array.from({ length: 300 }, () => Buffer.from(mutator.mutate(input, Uint8Array.of(9, 9), 3)).toString('hex'))
    }
    expect(series(1)).toEqual(series(1))
    expect(series(1)).not.toEqual(series(2))
    expect(new Set(series(1)).size).toBeGreaterThan(250)
    for (const changed of series(1)) {
      expect(changed.length / 2).toBeLessThanOrEqual(64)
      expect(changed.startsWith('000102')).toBe(true)
    }
    expect([...input]).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test('makes something of nothing, and of its own dictionary', () => {
    const mutator = new Mutator({ dictionary: ['needle'] })
    expect(mutator.mutate(new Uint8Array(0)).length).toBeGreaterThan(0)
    expect(Array.from({ length: 500 }, () => new TextDecoder().decode(mutator.mutate(new Uint8Array(40)))).some((text) => text.includes('needle'))).toBe(true)
  })
})
