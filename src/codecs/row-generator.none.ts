// Runtimes that make no code from text: rows are decoded by the loop that is always there.
import type { Codec } from './codec.js'
import type { DecodeRows, RowMode } from './row-decoder.js'

/** Generates nothing. */
export const generateRows: ((names: readonly string[], codecs: readonly Codec[], mode: RowMode) => DecodeRows | undefined) | undefined = undefined
