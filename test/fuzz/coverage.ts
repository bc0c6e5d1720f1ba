/** Counters that instrumented code keeps (istanbul's form): of statements, functions and branches, by file. */
type FileCounters = Readonly<Record<'s' | 'f', Record<string, number>> & { b: Record<string, number[]> }>

/** Tells inputs that reach code which none before has reached. Knows nothing where the code is not instrumented. */
export class Coverage {
  readonly #all: (readonly [Record<string | number, number>, string | number])[] = []
  #unseen: (readonly [Record<string | number, number>, string | number])[]

  constructor() {
    const files = (globalThis as { __coverage__?: Record<string, FileCounters> }).__coverage__ ?? {}
    for (const { s, f, b } of Object.values(files)) {
      for (const counters of [s, f]) for (const key of Object.keys(counters)) this.#all.push([counters, key])
      for (const branches of Object.values(b)) branches.forEach((_, i) => this.#all.push([branches as unknown as Record<number, number>, i]))
    }
    this.#unseen = [...this.#all]
  }

  /** Whether something has been reached since the last call that had not been before. */
  advanced(): boolean {
    const before = this.#unseen.length
    for (const [counters, key] of this.#unseen) {
      if (counters[key] === 0) continue
      this.#unseen = this.#unseen.filter(([all, each]) => all[each] === 0)
      break
    }
    return this.#unseen.length < before
  }

  /** Places reached, and places there are. */
  get reached(): readonly [number, number] {
    return [this.#all.length - this.#unseen.length, this.#all.length]
  }
}
