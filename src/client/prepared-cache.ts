import { Lru } from '../base/index.js'
import type { Prepared } from './prepared.js'

/** The prepared statements of a client, by keyspace and text: two look-ups, since one key made of both would have to be hashed at each request. */
export class PreparedCache {
  readonly #keyspaces = new Map<string | undefined, Lru<string, Prepared>>()
  readonly #capacity: number
  #size = 0

  /** @param capacity statements of all keyspaces together; beyond it, the one of the same keyspace goes that was used longest ago */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  get(keyspace: string | undefined, query: string): Prepared | undefined {
    return this.#keyspaces.get(keyspace)?.get(query)
  }

  set(keyspace: string | undefined, query: string, prepared: Prepared): void {
    let statements = this.#keyspaces.get(keyspace)
    if (!statements) this.#keyspaces.set(keyspace, (statements = new Lru(this.#capacity)))
    this.#size -= statements.size
    statements.set(query, prepared)
    this.#size += statements.size
    if (this.#size <= this.#capacity) return
    // Room is made by the keyspace that has just grown, or by another one where it has this statement only.
    const [other, crowded] = statements.size > 1 ? [keyspace, statements] : [...this.#keyspaces].find(([, found]) => found !== statements && found.size > 0)!
    crowded.dropOldest()
    this.#size--
    if (crowded.size === 0) this.#keyspaces.delete(other)
  }
}
