/** Stream ids of one connection: 1 to 32,767. Id 0 is not given out, since servers answer unreadable frames on it. */
export const MAX_STREAMS = 32_767

/** Hands out free stream ids, the one freed last first, so that the table of pending requests stays dense. */
export class StreamIds {
  readonly #free: number[] = []
  #next = 1

  /** A free id, or 0 when all are taken. */
  take(): number {
    const freed = this.#free.pop()
    if (freed !== undefined) return freed
    return this.#next <= MAX_STREAMS ? this.#next++ : 0
  }

  give(id: number): void {
    this.#free.push(id)
  }
}
