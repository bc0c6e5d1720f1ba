import fc from 'fast-check'
import { arbitraries } from '../../src/testing/index.js'
import type { Arbitraries } from '../../src/testing/index.js'

/** Everything that property tests draw from. */
export const any: Arbitraries = arbitraries(fc)
