/** Typed event listeners whose errors never reach the emitter. */
export class Events<Map extends object> {
  readonly #listeners = new globalThis.Map<keyof Map, Set<(event: never) => void>>()

  /** Calls `listener` at each event of that name; returns a function that stops it. */
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void): () => void {
    let set = this.#listeners.get(name)
    if (!set) this.#listeners.set(name, (set = new Set()))
    set.add(listener)
    return () => this.off(name, listener)
  }

  off<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener)
  }

  /** Whether anybody listens, so that an event nobody hears is never built. */
  has(name: keyof Map): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void {
    const set = this.#listeners.get(name)
    if (!set) return
    for (const listener of set) {
      try {
        listener(event as never)
      } catch (error) {
        // A listener's mistake must neither break the socket's read loop nor end the process, nor pass unseen.
        // oxlint-disable-next-line no-console -- there is no other place for it
        console.error(`cqlwire: a listener of '${String(name)}' threw`, error)
      }
    }
  }
}
