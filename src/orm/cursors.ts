// Where a query goes on, as a text for people's browsers: opaque, bound to the query, and signed, so that nobody makes one up.
import { OptionError } from '../base/index.js'
import { jsonReplacer, toBase64 } from '../codecs/index.js'
import { QueryRefusedError } from './errors.js'

const VERSION = 1
const MAC_BYTES = 16

/** Web Crypto, which all runtimes have; the types of this project know of no DOM. */
interface Subtle {
  importKey(format: 'raw', key: Uint8Array, algorithm: { name: string; hash: string }, extractable: boolean, usages: string[]): Promise<object>
  sign(algorithm: string, key: object, data: Uint8Array): Promise<ArrayBuffer>
}

declare const crypto: { readonly subtle: Subtle; getRandomValues(bytes: Uint8Array): Uint8Array }

/** Makes and reads cursors. */
export class Cursors {
  readonly #secret: Uint8Array | undefined
  #key: Promise<object> | undefined

  /** @param secret that all processes share which read each other's cursors; without one, a cursor is good in this process only */
  constructor(secret: string | Uint8Array | undefined) {
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
    if (bytes && bytes.length < 16) throw new OptionError('cursorSecret', "Option 'cursorSecret' needs at least 16 bytes")
    this.#secret = bytes
  }

  /** The cursor of a page state. @param query text and values that it belongs to */
  async write(query: string, values: readonly unknown[], pageState: Uint8Array): Promise<string> {
    const mac = await this.#mac(query, values, pageState)
    const bytes = new Uint8Array(1 + MAC_BYTES + pageState.length)
    bytes[0] = VERSION
    bytes.set(mac, 1)
    bytes.set(pageState, 1 + MAC_BYTES)
    return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }

  /** The page state of a cursor. @throws QueryRefusedError when it was made of another query, by somebody else, or not at all */
  async read(query: string, values: readonly unknown[], cursor: string): Promise<Uint8Array> {
    const bytes = fromBase64Url(cursor)
    if (bytes === undefined || bytes.length <= 1 + MAC_BYTES || bytes[0] !== VERSION) throw new QueryRefusedError('The cursor is none')
    const pageState = bytes.subarray(1 + MAC_BYTES)
    const mac = await this.#mac(query, values, pageState)
    let difference = 0
    for (let i = 0; i < MAC_BYTES; i++) difference |= mac[i]! ^ bytes[1 + i]! // in the same time wherever they differ
    if (difference !== 0) throw new QueryRefusedError('The cursor belongs to another query, or was signed with another secret')
    return pageState
  }

  async #mac(query: string, values: readonly unknown[], pageState: Uint8Array): Promise<Uint8Array> {
    // Made up when it is needed: Workers have no random numbers before their first request.
    this.#key ??= crypto.subtle.importKey('raw', this.#secret ?? crypto.getRandomValues(new Uint8Array(32)), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const text = new TextEncoder().encode(JSON.stringify([query, values], jsonReplacer))
    const data = new Uint8Array(text.length + pageState.length)
    data.set(text)
    data.set(pageState, text.length)
    return new Uint8Array(await crypto.subtle.sign('HMAC', await this.#key, data)).subarray(0, MAC_BYTES)
  }
}

function fromBase64Url(text: unknown): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(String(text).replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
