import { compareBytes } from '../codecs/index.js'

/** Bytes of memory that values share, all of which stays while one of them does. */
const SLAB = 1024
/** The longest value that shares memory. */
const MOST_SHARED = 64
/** Places for values that may come again, a power of two; and bytes of the longest of them. */
const [KNOWN, MOST_KNOWN] = [4096, 16]

/** Keeps the short values of a table in little memory. */
export class SharedValues {
  #slab = new Uint8Array(0)
  #used = 0
  #known: (Uint8Array | undefined)[] | undefined

  /** The same array for a short value that has come before, mostly: even a part of a buffer has 100 bytes besides its content. */
  keep(value: Uint8Array): Uint8Array {
    if (value.length > MOST_KNOWN) return this.#new(value)
    let hash = value.length
    for (let i = 0; i < value.length; i++) hash = (Math.imul(hash, 31) + value[i]!) | 0
    const place = (hash ^ (hash >>> 15)) & (KNOWN - 1)
    this.#known ??= Array.from({ length: KNOWN })
    const known = this.#known[place]
    if (known && compareBytes(known, value) === 0) return known
    return (this.#known[place] = this.#new(value))
  }

  /** Short values of several cells share memory: an array of its own has 200 bytes besides its content. Longer ones are no part of the request that they came with. */
  #new(value: Uint8Array): Uint8Array {
    if (value.length > MOST_SHARED) return value.length === value.buffer.byteLength ? value : value.slice()
    if (this.#used + value.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB)
      this.#used = 0
    }
    const start = this.#used
    this.#used += value.length
    this.#slab.set(value, start)
    return this.#slab.subarray(start, this.#used)
  }
}
