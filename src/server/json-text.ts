import { invalid } from './errors.js'

/** JSON with its numbers as they are written: they may have more digits than a JavaScript number. */
export type Json =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number' | 'string'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [name: string, value: Json])[] }

// oxlint-disable-next-line no-control-regex -- those must be escaped in JSON
const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y
const MAX_DEPTH = 64

/** Reads JSON. @throws Refusal when it is none */
export function parseJson(text: string): Json {
  let at = 0
  const next = (): RegExpExecArray => {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) throw invalid(`Could not decode JSON string as a map: unexpected input at ${at} (String was: ${text})`)
    at += match[0].length
    return match
  }
  const peek = (mark: string): boolean => {
    TOKEN.lastIndex = at
    return TOKEN.exec(text)?.[1] === mark
  }
  const expect = (mark: string): void => { if (next()[1] !== mark) throw invalid(`Could not decode JSON string as a map: '${mark}' was expected before ${at} (String was: ${text})`) }
  const value = (depth: number): Json => {
    if (depth > MAX_DEPTH) throw invalid(`Could not decode JSON string as a map: more than ${MAX_DEPTH} levels of nesting`)
    const [, mark, string, number, word] = next()
    if (string !== undefined) return { kind: 'string', text: JSON.parse(string) as string }
    if (number !== undefined) return { kind: 'number', text: number }
    if (word !== undefined) return word === 'null' ? { kind: 'null' } : { kind: 'boolean', value: word === 'true' }
    if (mark === '[') {
      const items: Json[] = []
      if (!peek(']')) {
        do items.push(value(depth + 1))
        while (peek(',') && next())
      }
      expect(']')
      return { kind: 'array', items }
    }
    if (mark !== '{') throw invalid(`Could not decode JSON string as a map: a value was expected before ${at} (String was: ${text})`)
    const entries: [string, Json][] = []
    if (!peek('}')) {
      do {
        const name = next()[2]
        if (name === undefined) throw invalid(`Could not decode JSON string as a map: a name was expected before ${at} (String was: ${text})`)
        expect(':')
        entries.push([JSON.parse(name) as string, value(depth + 1)])
      } while (peek(',') && next())
    }
    expect('}')
    return { kind: 'object', entries }
  }
  const json = value(0)
  if (text.slice(at).trim() !== '') throw invalid(`Could not decode JSON string as a map: more after it (String was: ${text})`)
  return json
}
