/** Told when a context is aborted. */
export interface AbortListener {
  /** Told once, with the reason that the caller gave. */
  onAbort(reason: unknown): void
}

/**
 * What a guarded function is given. Aborting is passed down by plain calls; an `AbortSignal` exists only once somebody
 * reads it, for making one costs more than all the rest of a policy.
 */
export class RunContext implements AbortListener {
  readonly #parent: RunContext | undefined
  readonly #mayAbort: boolean
  #controller: AbortController | undefined
  /** Most contexts have one listener at most. */
  #listener: AbortListener | undefined
  #listeners: Set<AbortListener> | undefined
  #aborted = false
  #reason: unknown

  /**
   * @param parent whose end is this one's end, too
   * @param mayAbort false when nobody will ever abort it itself, so that nobody needs to listen
   */
  constructor(parent?: RunContext, mayAbort = true) {
    this.#parent = parent
    this.#mayAbort = mayAbort
    if (!parent) return
    if (parent.aborted) this.abort(parent.reason)
    else parent.listen(this)
  }

  get aborted(): boolean {
    return this.#aborted
  }

  /** Why it was aborted. */
  get reason(): unknown {
    return this.#reason
  }

  /** Aborted when the caller gives up, when time is over, and when another attempt has won. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted && !this.#controller.signal.aborted) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** Tells whatever runs in this context to give up. */
  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
    const first = this.#listener
    const others = this.#listeners
    this.#listener = this.#listeners = undefined
    first?.onAbort(reason)
    if (others) for (const listener of others) listener.onAbort(reason)
    this.close()
  }

  /** The parent was aborted. */
  onAbort(reason: unknown): void {
    this.abort(reason)
  }

  /** Tells a listener when it is aborted, unless it is forgotten before; at once when it is aborted already. */
  listen(listener: AbortListener): void {
    if (this.#aborted) listener.onAbort(this.#reason)
    else if (!this.#mayAbort && this.#parent === undefined) return
    else if (this.#listener === undefined) this.#listener = listener
    else (this.#listeners ??= new Set()).add(listener)
  }

  /** Forgets a listener. */
  forget(listener: AbortListener): void {
    if (this.#listener === listener) this.#listener = undefined
    else this.#listeners?.delete(listener)
  }

  /** Lets go of the parent: what ran here has ended. */
  close(): void {
    this.#parent?.forget(this)
  }
}
