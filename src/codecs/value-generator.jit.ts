import { putAscii } from '../base/index.js'
import { encodeCell } from './codec.js'
import type { Codec } from './codec.js'
import type { WriteValues } from './value-writer.js'
import { writeUuid } from './values/uuid.js'

/** Values beyond which the code is too long for the engine to make it fast. */
const MOST = 64

/**
 * Writes and compiles what writes the values of one statement. It writes in line what is of the usual form and fits; for everything
 * else it calls the codec, which knows all forms and says what is wrong.
 *
 * @returns undefined where the runtime forbids code made from text, or the code would be too long to be fast
 */
export function generateWrite(codecs: readonly Codec[]): WriteValues | undefined {
  if (codecs.length === 0 || codecs.length > MOST) return undefined
  const room = codecs.reduce((sum, { inlineWrite }) => sum + 4 + (inlineWrite?.room ?? 0), 0)
  const text = `
    const { writeUuid, putAscii, encodeCell, codecs } = given
    ${codecs.map((_, i) => `const codec${i} = codecs[${i}]`).join('\n')}
    return function writeValues(writer, values, from) {
      let at = writer.reserve(${room}), bytes = writer.bytes, view = writer.view
      ${codecs.map(({ inlineWrite }, i) => {
        const call = `writer.pos = at; encodeCell(codec${i}, writer, value); at = writer.pos; writer.reserve(${room}); bytes = writer.bytes; view = writer.view`
        return `if (from <= ${i}) { const value = values[${i}], start = at + 4; let end = -1
          ${inlineWrite ? `${inlineWrite.code}
          if (end < 0) { ${call} } else { view.setInt32(at, end - start); at = end }` : call} }`
      }).join('\n')}
      writer.pos = at
    }`
  try {
    const make = new Function('given', text) as (given: object) => WriteValues
    return make({ writeUuid, putAscii, encodeCell, codecs })
  } catch {
    return undefined // a content security policy, or --disallow-code-generation-from-strings
  }
}
