/**
 * codecs: CQL types, and their values as JavaScript and as bytes.
 *
 * Here: the type model and its two textual forms, one codec per type, the value classes, row decoding, JSON.
 * Not here: messages and frames (`protocol/`). Read `types.ts`, then `codec.ts`.
 */
export * from './types.js'
export { freezeType, parseType, typeFromClassName, typeToClassName } from './type-names.js'
export type { UdtLookup } from './type-names.js'
export { decodeCell, encodeCell, unset } from './codec.js'
export type { Codec } from './codec.js'
export { canonicalBytes, holdsOrdered } from './canonical-bytes.js'
export { comparatorOf, compareBytes, readCells } from './compare.js'
export type { Comparator } from './compare.js'
export { resolveEncoding } from './encoding.js'
export type { Encoding, EncodingOptions } from './encoding.js'
export { Codecs } from './codecs.js'
export type { ValueMapping } from './codecs.js'
export { RowDecoder } from './row-decoder.js'
export type { Column, RowMode } from './row-decoder.js'
export { jsonReplacer } from './json.js'
export type { JsonOptions } from './json-cells.js'
export { joinJsonArrays, RowJson } from './row-json.js'
export type { JsonLayout, JsonPage } from './row-json.js'
export { Decimal } from './values/decimal.js'
export { Duration } from './values/duration.js'
export { LocalDate } from './values/local-date.js'
export { LocalTime } from './values/local-time.js'
export { timeuuid, timeuuidMillis, uuid, uuidBytes, uuidToString } from './values/uuid.js'
export { inetFromString, inetToString } from './values/inet.js'
export { readVarint, writeVarint } from './values/varint.js'
export { readUnsignedVint, readVint, writeUnsignedVint, writeVint } from './values/vint.js'
