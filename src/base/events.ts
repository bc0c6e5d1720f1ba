/** Typed event listeners whose errors never reach the emitter. */
export class Events<Map extends object> {
  readonly #listeners = new globalThis.Map<keyof Map, Set<(event: never) => void>>()
  readonly #any = new Set<(name: string, event: unknown) => void>()

  /** Calls `listener` at each event of that name; returns a function that stops it. */
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void): () => void {
    let set = this.#listeners.get(name)
    if (!set) this.#listeners.set(name, (set = new Set()))
    set.add(listener)
    return () => this.off(name, listener)
  }

  /** Calls `listener` at every event; returns a function that stops it. */
  onAny(listener: (name: string, event: unknown) => void): () => void {
    this.#any.add(listener)
    return () => this.#any.delete(listener)
  }

  off<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener)
  }

  /** Whether anybody listens, so that an event nobody hears is never built. */
  has(name: keyof Map): boolean {
    return this.#any.size > 0 || (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void {
    const set = this.#listeners.get(name)
    if (set) for (const listener of set) guarded(name, () => listener(event as never))
    for (const listener of this.#any) guarded(name, () => listener(String(name), event))
  }
}

/** A listener's mistake must neither break the socket's read loop nor end the process, nor pass unseen. */
function guarded(name: PropertyKey, call: () => void): void {
  try {
    call()
  } catch (error) {
    // oxlint-disable-next-line no-console -- there is no other place for it
    console.error(`cqlwire: a listener of '${String(name)}' threw`, error)
  }
}
