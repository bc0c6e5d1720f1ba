/**
 * Gives every CQL value its JSON form, for use as the replacer of `JSON.stringify`: big integers and
 * decimals as strings, blobs as base64, sets as arrays, maps as objects by the text of the key, `NaN`
 * and infinities as null.
 *
 * @example
 * ```ts
 * import { jsonReplacer } from 'cqlwire'
 * console.log(JSON.stringify({ tags: new Set(['a']), total: 12n }, jsonReplacer)) // {"tags":["a"],"total":"12"}
 * ```
 */
export function jsonReplacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return mapToObject(value)
  if (value instanceof Float32Array) return Array.from(value)
  if (value instanceof Uint8Array) return toBase64(value)
  return value
}

function mapToObject(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  const entries = [...map].map(([key, value]) => [jsonKey(key), value] as const)
  return Object.fromEntries(entries)
}

/** A map key as the name of a JSON property. */
export function jsonKey(key: unknown): string {
  if (typeof key === 'string') return key
  const text = JSON.stringify(key, jsonReplacer)
  return text.startsWith('"') ? (JSON.parse(text) as string) : text
}

/** Base64 text of bytes, as in RFC 4648 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(binary)
}
