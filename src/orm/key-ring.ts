// Keys of encrypted columns: AES-256-GCM with a random nonce of 96 bits for each value (NIST SP 800-38D), so that one key serves 2^32 values.
import { CodecError, OptionError } from '../base/index.js'
import { joinBytes } from './join-bytes.js'

/** What is needed of `node:crypto`, which Node, Bun, Deno and Workers with `nodejs_compat` have. */
interface Ciphers {
  randomBytes(length: number): Uint8Array
  createCipheriv(name: 'aes-256-gcm', key: Uint8Array, nonce: Uint8Array): { setAAD(bytes: Uint8Array): void; update(bytes: Uint8Array): Uint8Array; final(): Uint8Array; getAuthTag(): Uint8Array }
  createDecipheriv(name: 'aes-256-gcm', key: Uint8Array, nonce: Uint8Array, options: { authTagLength: number }): { setAAD(bytes: Uint8Array): void; setAuthTag(bytes: Uint8Array): void; update(bytes: Uint8Array): Uint8Array; final(): Uint8Array }
  createHmac(name: 'sha256', key: Uint8Array): { update(bytes: Uint8Array): { digest(): Uint8Array } }
}

function ciphers(): Ciphers {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const found = process?.getBuiltinModule?.('node:crypto') as Ciphers | undefined
  if (!found) throw new OptionError('keys', 'Encrypted columns need node:crypto, which this runtime has not')
  return found
}

const VERSION = 1
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const INDEX_BYTES = 16

/** Options of a {@link KeyRing}. */
export interface KeyRingOptions {
  /** Keys of 32 random bytes, by a name of at most 255 bytes that is kept with each value. */
  readonly keys: Readonly<Record<string, Uint8Array>>
  /** Which one encrypts; the others decrypt what they have encrypted. */
  readonly current: string
  /** Of blind indexes: 32 random bytes that never change. @default none, so that there are no blind indexes */
  readonly indexKey?: Uint8Array | undefined
}

/** The keys of encrypted columns. A new key is added to all processes first, and made the current one then. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Uint8Array>
  readonly #current: string
  readonly #indexKey: Uint8Array | undefined
  readonly #ciphers: Ciphers

  /** @throws OptionError when a key is not of 32 bytes, or the current one is not among them */
  constructor({ keys, current, indexKey }: KeyRingOptions) {
    this.#keys = new Map(Object.entries(keys).map(([name, key]) => [name, checkedKey(`keys.${name}`, key)]))
    for (const name of this.#keys.keys()) if (name === '' || new TextEncoder().encode(name).length > 255) throw new OptionError('keys', 'A key has a name of 1 to 255 bytes')
    if (!this.#keys.has(current)) throw new OptionError('current', `There is no key '${current}': there are ${[...this.#keys.keys()].join(', ') || 'none'}`)
    this.#current = current
    this.#indexKey = indexKey && checkedKey('indexKey', indexKey)
    this.#ciphers = ciphers()
  }

  /**
   * Encrypts.
   *
   * @param about what the value is bound to: it cannot be decrypted as anything else
   * @returns version, length and name of the key, nonce, ciphertext, tag
   */
  seal(plain: Uint8Array, about: Uint8Array): Uint8Array {
    const name = new TextEncoder().encode(this.#current)
    const nonce = this.#ciphers.randomBytes(NONCE_BYTES)
    const cipher = this.#ciphers.createCipheriv('aes-256-gcm', this.#keys.get(this.#current)!, nonce)
    const head = joinBytes([Uint8Array.of(VERSION, name.length), name])
    cipher.setAAD(joinBytes([head, about]))
    const parts = [cipher.update(plain), cipher.final()]
    return joinBytes([head, nonce, ...parts, cipher.getAuthTag()])
  }

  /** Decrypts. @throws CodecError when a bit is another one, when the value is of another place, or when its key is not there */
  open(sealed: Uint8Array, about: Uint8Array): Uint8Array {
    const named = 2 + (sealed[1] ?? 0)
    if (sealed[0] !== VERSION || sealed.length < named + NONCE_BYTES + TAG_BYTES) throw new CodecError('is no encrypted value')
    const name = new TextDecoder().decode(sealed.subarray(2, named))
    const key = this.#keys.get(name)
    if (!key) throw new CodecError(`its key '${name}' is not in the ring`)
    const body = named + NONCE_BYTES
    const decipher = this.#ciphers.createDecipheriv('aes-256-gcm', key, sealed.subarray(named, body), { authTagLength: TAG_BYTES })
    decipher.setAAD(joinBytes([sealed.subarray(0, named), about]))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    try {
      return joinBytes([decipher.update(sealed.subarray(body, -TAG_BYTES)), decipher.final()])
    } catch {
      throw new CodecError('it was changed, or belongs to another row or column')
    }
  }

  /**
   * What stands for a value where equal ones must be found: a keyed hash, which tells who reads the table which values are equal, and nothing else.
   *
   * @param purpose of the index, such as `users.email`: the same value has another hash for another one
   * @returns 16 bytes, for a `blob()` in a key or with an index
   * @throws OptionError when the ring has no `indexKey`
   */
  blindIndex(purpose: string, value: string): Uint8Array {
    if (!this.#indexKey) throw new OptionError('indexKey', "Blind indexes need the option 'indexKey'")
    const label = new TextEncoder().encode(purpose)
    return new Uint8Array(this.#ciphers.createHmac('sha256', this.#indexKey).update(joinBytes([Uint8Array.of(label.length >> 8, label.length), label, new TextEncoder().encode(value)])).digest().subarray(0, INDEX_BYTES))
  }

  /** Keys are shown to nobody. */
  toJSON(): { readonly current: string; readonly keys: readonly string[] } {
    return { current: this.#current, keys: [...this.#keys.keys()] }
  }
}

function checkedKey(option: string, key: unknown): Uint8Array {
  if (!(key instanceof Uint8Array) || key.length !== KEY_BYTES) throw new OptionError(option, `Option '${option}' must be a Uint8Array of ${KEY_BYTES} random bytes`)
  return Uint8Array.from(key)
}
