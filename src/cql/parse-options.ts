import type { OptionValue } from './ast.js'
import type { TokenReader } from './token-reader.js'

/** `name = value AND name = value`. */
export function options(reader: TokenReader): Record<string, OptionValue> {
  const result: Record<string, OptionValue> = {}
  do {
    const { name } = reader.name()
    reader.expectMark('=')
    result[name] = optionValue(reader)
  } while (reader.word('AND'))
  return result
}

/** One value. */
export function optionValue(reader: TokenReader): OptionValue {
  if (reader.isMark('{')) return optionMap(reader)
  const negative = reader.takeMark('-')
  const token = reader.next()
  switch (token.kind) {
    case 'integer':
    case 'float':
      return negative ? -Number(token.text) : Number(token.text)
    case 'word':
      if (/^(true|false)$/i.test(token.text)) return token.text.toLowerCase() === 'true'
      return token.text
    case 'string':
    case 'uuid':
    case 'quoted':
      return token.text
    default:
      throw reader.unexpected('a value')
  }
}

/** `{'name': value}`. */
export function optionMap(reader: TokenReader): Readonly<Record<string, OptionValue>> {
  reader.expectMark('{')
  const map: Record<string, OptionValue> = Object.create(null) as Record<string, OptionValue>
  if (!reader.isMark('}')) {
    reader.list(() => {
      const key = reader.next()
      if (key.kind !== 'string' && key.kind !== 'word' && key.kind !== 'quoted') throw reader.unexpected('a text')
      reader.expectMark(':')
      map[key.text] = reader.nested(() => optionValue(reader))
    })
  }
  reader.expectMark('}')
  return map
}
