/** Those who listen to one signal, behind one listener: Node warns of more than ten, and many requests may share a signal. */
class AbortHub {
  readonly #signal: AbortSignal
  readonly #listeners = new Set<() => void>()

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(listener: () => void): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this)
    this.#listeners.add(listener)
  }

  delete(listener: () => void): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#signal.removeEventListener('abort', this)
  }

  handleEvent(): void {
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }
}

const hubs = new WeakMap<AbortSignal, AbortHub>()

/** Calls a function once a signal that is not aborted yet is. A function that is given twice is called once. */
export function onAbort(signal: AbortSignal, listener: () => void): void {
  let hub = hubs.get(signal)
  if (!hub) hubs.set(signal, (hub = new AbortHub(signal)))
  hub.add(listener)
}

/** Takes back what {@link onAbort} was asked for. */
export function offAbort(signal: AbortSignal, listener: () => void): void {
  hubs.get(signal)?.delete(listener)
}
