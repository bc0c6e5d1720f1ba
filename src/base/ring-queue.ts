/** A first-in, first-out queue in a ring that doubles when full: no allocation per item. */
export class RingQueue<T> {
  #items: (T | undefined)[] = Array.from({ length: 16 }, () => undefined)
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#size === this.#items.length) {
      const items = this.#items
      this.#items = Array.from({ length: items.length * 2 }, (_, i) => (i < items.length ? items[(this.#head + i) % items.length] : undefined))
      this.#head = 0
    }
    this.#items[(this.#head + this.#size++) & (this.#items.length - 1)] = item
  }

  /** The oldest item, or undefined when empty. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#items[this.#head]
  }

  /** Takes the oldest item out, or returns undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#items.length - 1)
    this.#size--
    return item
  }

  /** Calls a function with each item, the oldest first. */
  forEach(fn: (item: T) => void): void {
    for (let i = 0; i < this.#size; i++) fn(this.#items[(this.#head + i) & (this.#items.length - 1)]!)
  }
}
