import { putAscii, utf8Decode } from '../base/index.js'
import type { Codec } from './codec.js'
import type { JsonForm } from './json-cells.js'
import { putBytes, putInstant, putInt, putLong, putNull, putNumber, putText, putUuid, room } from './json-text.js'
import type { WriteRows } from './row-json.js'
import { readMillis } from './time-codecs.js'

/** Columns beyond which the code is too long for the engine to make it fast (measured: 32 gain a fifth, 64 nothing). */
const MOST = 32

/**
 * Writes and compiles what writes the rows of one result shape as JSON.
 *
 * @param prefixes what stands before each member of a row's object
 * @returns undefined where the runtime forbids code made from text, or the code would be too long to be fast
 */
export function generateJson(prefixes: readonly Uint8Array[], codecs: readonly Codec[], forms: readonly JsonForm[]): WriteRows | undefined {
  if (codecs.length === 0 || codecs.length > MOST) return undefined
  const cells = codecs.map((codec, i) => writeCell(codec, forms[i]!, i, prefixes[i]!.length)).join('\n')
  const text = `
    const { text, millis, putAscii, putBytes, putInstant, putInt, putLong, putNull, putNumber, putText, putUuid, prefixes, writers } = given
    ${codecs.map((_, i) => `const prefix${i} = prefixes[${i}], write${i} = writers[${i}]`).join('\n')}
    return function writeRows(writer, source, count, lines) {
      const { bytes, view, end: stop } = source
      let out = writer.bytes, at = writer.pos, pos = source.pos
      for (let i = 0; i < count; i++) {
        ${cells}
        if (out.length - at < 2) out = grown(writer, at, 2)
        out[at++] = 0x7d
        if (lines) out[at++] = 0x0a
        else if (i + 1 < count) out[at++] = 0x2c
      }
      writer.pos = at
      source.pos = pos
    }
    function grown(writer, at, room) {
      writer.pos = at
      writer.reserve(room)
      writer.pos = at
      return writer.bytes
    }
    function cut(source, pos, length) {
      source.pos = pos
      source.take(length)
    }`
  try {
    const make = new Function('given', text) as (given: object) => WriteRows
    return make({ text: utf8Decode, millis: readMillis, putAscii, putBytes, putInstant, putInt, putLong, putNull, putNumber, putText, putUuid, prefixes, writers: forms.map(({ write }) => write) })
  } catch {
    return undefined // a content security policy, or --disallow-code-generation-from-strings
  }
}

/** Statements that write one member from the cell at `pos`. */
function writeCell(codec: Codec, { inline }: JsonForm, i: number, prefix: number): string {
  const most = prefix + Math.max(inline?.room ?? 0, room.null)
  const nothing = codec.allowsEmpty ? 'length < 0' : 'length <= 0'
  const whole = 'if (length > stop - pos) cut(source, pos, length)'
  const call = `writer.pos = at; write${i}(writer, source, start, end); out = writer.bytes; at = writer.pos`
  const isText = !codec.mapped && (codec.type.kind === 'text' || codec.type.kind === 'ascii')
  const value = isText
    ? `if (out.length - at < length + 2) out = grown(writer, at, length + 2)
       const next = putText(out, at, bytes, start, end)
       if (next >= 0) at = next; else { ${call} }`
    : call
  const usual = `else { ${whole}; const start = pos, end = pos += length; ${value} }`
  const known = inline && `if (length === ${inline.length}) { if (${inline.length} > stop - pos) cut(source, pos, ${inline.length}); const start = pos; pos += ${inline.length}; at = ${inline.code} } else`
  return `{
    if (stop - pos < 4) cut(source, pos, 4)
    const length = view.getInt32(pos)
    pos += 4
    if (out.length - at < ${most}) out = grown(writer, at, ${most})
    at = putBytes(out, at, prefix${i})
    ${known ?? ''} if (${nothing}) at = putNull(out, at)
    ${usual}
  }`
}
