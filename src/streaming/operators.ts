// Operators that have one value in hand at a time. Each answers at once where its source and its function do.
import { awaitable, END, sourceOf, whenThere } from './source.js'
import type { Input, Pulled, Source } from './source.js'

/** A function that an operator calls for each value, with the value's place. */
export type Visit<T, U> = (value: T, index: number) => U | PromiseLike<U>

/** Passes everything on to the source it stands on. */
abstract class Operator<T, U> implements Source<U> {
  protected readonly source: Source<T>
  protected index = 0

  constructor(source: Source<T>) {
    this.source = source
  }

  abstract pull(): Pulled<U>

  stop(): void | Promise<void> {
    return this.source.stop()
  }
}

export class MapSource<T, U> extends Operator<T, U> {
  readonly #fn: Visit<T, U>

  constructor(source: Source<T>, fn: Visit<T, U>) {
    super(source)
    this.#fn = fn
  }

  readonly #apply = (value: T | typeof END): Pulled<U> => (value === END ? END : awaitable(this.#fn(value, this.index++)))

  pull(): Pulled<U> {
    return whenThere(this.source.pull(), this.#apply)
  }
}

export class FilterSource<T> extends Operator<T, T> {
  readonly #fn: Visit<T, boolean>

  constructor(source: Source<T>, fn: Visit<T, boolean>) {
    super(source)
    this.#fn = fn
  }

  pull(): Pulled<T> {
    for (;;) {
      const value = this.source.pull()
      if (value instanceof Promise) return this.#waiting(value)
      if (value === END) return END
      const keep = awaitable(this.#fn(value as T, this.index++))
      if (keep instanceof Promise) return this.#waiting(value as T, keep)
      if (keep) return value
    }
  }

  async #waiting(first: T | typeof END | Promise<T | typeof END>, kept?: Promise<boolean>): Promise<T | typeof END> {
    let value = await first
    let keep = kept
    while (value !== END && !(await (keep ?? this.#fn(value as T, this.index++)))) {
      keep = undefined
      value = await this.source.pull()
    }
    return value
  }
}

export class TakeSource<T> extends Operator<T, T> {
  readonly #count: number

  constructor(source: Source<T>, count: number) {
    super(source)
    this.#count = count
  }

  readonly #last = (value: T | typeof END): Pulled<T> => {
    const stopped = this.source.stop()
    return stopped instanceof Promise ? stopped.then(() => value) : value
  }

  pull(): Pulled<T> {
    if (this.index >= this.#count) return END
    const value = this.source.pull()
    // Nothing is read any more once the last one is there.
    return ++this.index === this.#count ? whenThere(value, this.#last) : value
  }
}

export class DropSource<T> extends Operator<T, T> {
  readonly #count: number

  constructor(source: Source<T>, count: number) {
    super(source)
    this.#count = count
  }

  pull(): Pulled<T> {
    while (this.index < this.#count) {
      const value = this.source.pull()
      if (value instanceof Promise) return this.#waiting(value)
      if (value === END) return END
      this.index++
    }
    return this.source.pull()
  }

  async #waiting(first: Promise<T | typeof END>): Promise<T | typeof END> {
    let value = await first
    for (; value !== END && this.index < this.#count; this.index++) value = await this.source.pull()
    return value
  }
}

export class BatchSource<T> extends Operator<T, T[]> {
  readonly #size: number
  #batch: T[] = []

  constructor(source: Source<T>, size: number) {
    super(source)
    this.#size = size
  }

  pull(): Pulled<T[]> {
    while (this.#batch.length < this.#size) {
      const value = this.source.pull()
      if (value instanceof Promise) return this.#waiting(value)
      if (value === END) break
      this.#batch.push(value as T)
    }
    return this.#take()
  }

  async #waiting(first: Promise<T | typeof END>): Promise<T[] | typeof END> {
    for (let value = await first; value !== END; value = await this.source.pull()) if (this.#batch.push(value as T) === this.#size) break
    return this.#take()
  }

  #take(): T[] | typeof END {
    if (this.#batch.length === 0) return END
    const batch = this.#batch
    this.#batch = []
    return batch
  }
}

export class FlatMapSource<T, U> extends Operator<T, U> {
  readonly #fn: Visit<T, Input<U>>
  #inner: Source<U> | undefined

  constructor(source: Source<T>, fn: Visit<T, Input<U>>) {
    super(source)
    this.#fn = fn
  }

  pull(): Pulled<U> {
    for (;;) {
      if (this.#inner === undefined) {
        const opened = whenThere(this.source.pull(), this.#open)
        if (opened instanceof Promise) return this.#waiting(opened)
        if (opened === END) return END
      }
      const value = this.#inner!.pull()
      if (value instanceof Promise) return this.#waiting(value)
      if (value !== END) return value
      const closed = this.#close()
      if (closed instanceof Promise) return this.#waiting(closed)
    }
  }

  readonly #open = (value: T | typeof END): typeof END | undefined | Promise<undefined> => {
    if (value === END) return END
    return whenThere(awaitable(this.#fn(value, this.index++)), (input: Input<U>): undefined => { this.#inner = sourceOf(input) })
  }

  #close(): void | Promise<void> {
    const inner = this.#inner
    this.#inner = undefined
    return inner?.stop()
  }

  /** Waits for whatever is under way: the next value to open, the next one of what is open, or its closing. */
  async #waiting(step: Promise<U | typeof END | undefined | void>): Promise<U | typeof END> {
    const inner = this.#inner
    const value = await step
    if (value === END && inner === undefined) return END
    if (value !== END && inner !== undefined) return value as U
    if (inner !== undefined) await this.#close()
    return this.pull()
  }

  override async stop(): Promise<void> {
    await Promise.all([this.#close(), this.source.stop()])
  }
}
