import { utf8Decode } from '../base/index.js'
import type { Codec } from './codec.js'
import { MOST_KEYS } from './collection-codecs.js'
import type { DecodeRows, RowMode } from './row-decoder.js'
import { readDate } from './time-codecs.js'
import { uuidToString } from './values/uuid.js'

/** Columns beyond which the code is too long for the engine to make it fast (measured: 64 gain a third, 100 nothing). */
const MOST = 64
/** Inside collections parts are read in line down to this depth; what is deeper goes through its codec. */
const DEPTH = 2

/**
 * Writes and compiles the decoder of one result shape.
 *
 * @returns undefined where the runtime forbids code made from text, or the decoder would be too long to be fast
 */
export function generateRows(names: readonly string[], codecs: readonly Codec[], mode: RowMode): DecodeRows | undefined {
  if (codecs.length > MOST) return undefined
  const used: Codec[] = []
  const cells = codecs.map((codec, i) => readCell(codec, used, `value${i}`, 'at', 'end', 0)).join('\n')
  const values = codecs.map((_, i) => `value${i}`)
  const text = `
    const { text, uuid, date, names, codecs } = given
    ${used.map((_, i) => `const codec${i} = codecs[${i}]`).join('\n')}
    ${names.map((_, i) => `const name${i} = names[${i}]`).join('\n')}
    function Row(${values.join(', ')}) {
      ${values.map((value, i) => `this[name${i}] = ${value}`).join('\n')}
    }
    Row.prototype = Object.prototype // rows are plain objects; a constructor gives them the room they need at once
    return function decodeRows(source, count) {
      const { bytes, view, end } = source
      const rows = new Array(count)
      let at = source.pos
      for (let i = 0; i < count; i++) {
        ${values.length > 0 ? `let ${values.join(', ')}` : ''}
        ${cells}
        ${mode === 'array' ? `rows[i] = [${values.join(', ')}]` : `rows[i] = new Row(${values.join(', ')})`}
      }
      source.pos = at
      return rows
    }
    function cut(source, at, length, stop) {
      source.pos = at
      source.end = stop
      source.take(length)
    }`
  try {
    const make = new Function('given', text) as (given: object) => DecodeRows
    return make({ text: utf8Decode, uuid: uuidToString, date: readDate, names, codecs: used })
  } catch {
    return undefined // a content security policy, or --disallow-code-generation-from-strings
  }
}

/** Statements that read the cell at `at` into `target` and move `at` on; `stop` is where the bytes that it may read end. */
function readCell(codec: Codec, used: Codec[], target: string, at: string, stop: string, depth: number): string {
  const { inline } = codec
  const fixed = inline?.length
  const read = `{ const start = ${at}, end = ${at} += length; ${readValue(codec, used, target, depth)} }`
  const checked = `{ if (length > ${stop} - ${at}) cut(source, ${at}, length, ${stop}); ${read} }`
  const nothing = codec.allowsEmpty ? 'length < 0' : 'length <= 0'
  const branches = fixed === undefined
    ? `if (${nothing}) ${target} = null; else ${checked}`
    : `if (length === ${fixed}) { if (${fixed} > ${stop} - ${at}) cut(source, ${at}, ${fixed}, ${stop}); const start = ${at}; ${at} += ${fixed}; ${target} = ${inline!.code} }
       else if (${nothing}) ${target} = null; else { if (length > ${stop} - ${at}) cut(source, ${at}, length, ${stop}); ${target} = ${call(codec, used)}(source, ${at}, ${at} += length) }`
  return `{
    if (${stop} - ${at} < 4) cut(source, ${at}, 4, ${stop})
    const length = view.getInt32(${at})
    ${at} += 4
    ${branches}
  }`
}

/** A statement that reads the value between `start` and `end`. */
function readValue(codec: Codec, used: Codec[], target: string, depth: number): string {
  if (codec.inline) return `${target} = ${codec.inline.code}`
  const { parts, collects } = codec
  const plain = `${target} = ${call(codec, used)}(source, start, end)`
  if (!parts || collects === undefined || depth >= DEPTH) return plain
  const inner = `at${depth}`
  const stop = `end${depth}`
  const count = `count${depth}`
  const i = `i${depth}`
  const own = parts.map((_, part) => `part${depth}_${part}`)
  const [make, take] = collects === 'map' ? ['new Map()', `${target}.set(${own[0]}, ${own[1]})`] : collects === 'set' ? ['new Set()', `${target}.add(${own[0]})`] : [`new Array(${count})`, `${target}[${i}] = ${own[0]}`]
  // A count that does not fit is the codec's to refuse.
  const most = collects === 'array' ? '' : ` || view.getInt32(start) > ${MOST_KEYS}`
  return `if (end - start < 4 || view.getInt32(start) < 0 || view.getInt32(start) * ${4 * parts.length} > end - start - 4${most}) ${plain}
    else {
      const ${count} = view.getInt32(start), ${stop} = end
      let ${inner} = start + 4
      ${target} = ${make}
      for (let ${i} = 0; ${i} < ${count}; ${i}++) {
        let ${own.join(', ')}
        ${parts.map((part, at) => readCell(part, used, own[at]!, inner, stop, depth + 1)).join('\n')}
        ${take}
      }
    }`
}

/** The codec's own `decode`, as generated code calls it. */
function call(codec: Codec, used: Codec[]): string {
  let at = used.indexOf(codec)
  if (at < 0) at = used.push(codec) - 1
  return `codec${at}.decode`
}
