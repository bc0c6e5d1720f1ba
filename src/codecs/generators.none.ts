// Runtimes that make no code from text: the loops that are always there do all the work.
import type { Codec } from './codec.js'
import type { JsonForm } from './json-cells.js'
import type { WriteRows } from './row-json.js'
import type { DecodeRows, RowMode } from './row-decoder.js'
import type { WriteValues } from './value-writer.js'

/** Generates nothing. */
export const generateRows: ((names: readonly string[], codecs: readonly Codec[], mode: RowMode) => DecodeRows | undefined) | undefined = undefined
/** Generates nothing. */
export const generateJson: ((prefixes: readonly Uint8Array[], codecs: readonly Codec[], forms: readonly JsonForm[]) => WriteRows | undefined) | undefined = undefined
/** Generates nothing. */
export const generateWrite: ((codecs: readonly Codec[]) => WriteValues | undefined) | undefined = undefined
