/** A map of bounded size that drops what was used longest ago. */
export class Lru<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #capacity: number
  readonly #weightOf: (value: V) => number
  #weight = 0

  /** @param capacity the sum of the weights, which are 1 each if not told otherwise */
  constructor(capacity: number, weightOf: (value: V) => number = () => 1) {
    this.#capacity = capacity
    this.#weightOf = weightOf
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined && this.#weight > this.#capacity / 2) {
      // A Map keeps insertion order: re-inserting makes the entry the youngest. A half-empty map evicts nothing soon.
      this.#entries.delete(key)
      this.#entries.set(key, value)
    }
    return value
  }

  set(key: K, value: V): void {
    this.delete(key)
    this.#entries.set(key, value)
    this.#weight += this.#weightOf(value)
    while (this.#weight > this.#capacity) this.dropOldest()
  }

  /** Drops what was used longest ago. */
  dropOldest(): void {
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.delete(oldest.value)
  }

  delete(key: K): boolean {
    const value = this.#entries.get(key)
    if (value !== undefined) this.#weight -= this.#weightOf(value)
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#weight = 0
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }

  values(): IterableIterator<V> {
    return this.#entries.values()
  }
}
