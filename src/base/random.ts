/** Where chance comes from. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** Fills bytes and returns them. */
  fill(bytes: Uint8Array): Uint8Array
}

/** The platform's own chance: fast numbers, and bytes fit for identifiers. */
export const systemRandom: Random = {
  next: () => Math.random(),
  fill: (bytes) => globalThis.crypto.getRandomValues(bytes),
}

/**
 * Repeatable chance: the twin of the system's random numbers for tests, simulators and generators.
 * The generator is sfc32 (Doty-Humphrey, PractRand).
 */
export class SeededRandom implements Random {
  #a = 0
  #b = 0
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#c = seed | 0
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const t = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    return t >>> 0
  }

  next(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!
  }

  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() & 0xff
    return bytes
  }
}
