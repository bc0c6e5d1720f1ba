/** What a source answers when there is nothing more. */
export const END: unique symbol = Symbol('end')

/** A value, or a promise of one: what is there already costs no turn of the event loop. */
export type Pulled<T> = T | typeof END | Promise<T | typeof END>

/**
 * Where values come from, one at a time.
 *
 * Whoever pulls waits for an answer before pulling again, and calls `stop` once it wants no more, also after the end and after an error.
 */
export interface Source<T> {
  /** The next value. @throws or rejects with what went wrong, at the place where it did */
  pull(): Pulled<T>
  /** Lets go of everything, at once: a pull that is under way need not be answered. May be called again. */
  stop(): void | Promise<void>
}

/** What a flow can be made of. */
export type Input<T> = AsyncIterable<T> | Iterable<T | Promise<T>> | ReadableStream<T>

/** Goes on with a value: at once if it is there. */
export function whenThere<A, B>(value: A | Promise<A>, then: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(then) : then(value)
}

/** What a caller's function has returned; a thenable that is no promise becomes one. */
export function awaitable<T>(value: T | PromiseLike<T>): T | Promise<T> {
  if (typeof value !== 'object' || value === null || value instanceof Promise) return value as T | Promise<T>
  return typeof (value as PromiseLike<T>).then === 'function' ? Promise.resolve(value) : (value as T)
}

/** Opens a source on anything that can be iterated. */
export function sourceOf<T>(input: Input<T>): Source<T> {
  if (Symbol.asyncIterator in input) return new IteratorSource(input[Symbol.asyncIterator]())
  if (Symbol.iterator in input) return new IteratorSource(input[Symbol.iterator]())
  return new ReaderSource(input)
}

class IteratorSource<T> implements Source<T> {
  readonly #iterator: AsyncIterator<T> | Iterator<T | Promise<T>>
  #asked = false
  #ended = false

  constructor(iterator: AsyncIterator<T> | Iterator<T | Promise<T>>) {
    this.#iterator = iterator
  }

  readonly #take = (result: IteratorResult<T | Promise<T>>): Pulled<T> => {
    this.#asked = false
    if (result.done !== true) return result.value
    this.#ended = true
    return END
  }

  pull(): Pulled<T> {
    if (this.#ended) return END
    this.#asked = true
    try {
      const next = this.#iterator.next()
      return next instanceof Promise ? next.then(this.#take, (error: unknown) => this.#fail(error)) : this.#take(next as IteratorResult<T | Promise<T>>)
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** An iterator that has thrown is at its end. */
  #fail(error: unknown): never {
    this.#ended = true
    throw error
  }

  async stop(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    const returned = this.#iterator.return?.()
    // A generator that is waiting for something answers when that has come, which may be never.
    if (this.#asked) void Promise.resolve(returned).catch(() => {})
    else await returned
  }
}

/** For web streams where they cannot be iterated, as in browsers. */
class ReaderSource<T> implements Source<T> {
  readonly #reader: ReadableStreamDefaultReader<T>

  constructor(stream: ReadableStream<T>) {
    this.#reader = stream.getReader()
  }

  pull(): Pulled<T> {
    return this.#reader.read().then(({ done, value }) => (done ? END : (value as T)))
  }

  async stop(): Promise<void> {
    await this.#reader.cancel()
  }
}

/** Waits for values that may never come, until it is told to leave. */
export class LeavableWait {
  #leave: (() => void) | undefined

  /** @returns the value, or the end once {@link leave} is called */
  until<T>(pulled: Promise<T | typeof END>): Promise<T | typeof END> {
    return new Promise((resolve, reject) => {
      this.#leave = () => resolve(END)
      pulled.then(resolve, reject)
    })
  }

  leave(): void {
    this.#leave?.()
  }
}

/** Iterates over a source for `for await`. Calls that come before the last one is answered wait for it. */
export class SourceIterator<T> implements AsyncIterableIterator<T, void, undefined> {
  readonly #source: Source<T>
  #answering: Promise<unknown> | undefined
  #ended = false

  constructor(source: Source<T>) {
    this.#source = source
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#answering !== undefined) return this.#after(this.#answering)
    if (this.#ended) return Promise.resolve(DONE)
    try {
      const pulled = this.#source.pull()
      if (pulled instanceof Promise) return this.#awaiting(pulled)
      return pulled === END ? this.#awaiting(this.#end()) : Promise.resolve({ done: false, value: pulled as T })
    } catch (error) {
      return this.#awaiting(this.#fail(error))
    }
  }

  #after(answering: Promise<unknown>): Promise<IteratorResult<T, void>> {
    const askAgain = (): Promise<IteratorResult<T, void>> => {
      this.#answering = undefined
      return this.next()
    }
    return this.#remember(answering.then(askAgain, askAgain))
  }

  #awaiting(pulled: Promise<T | typeof END>): Promise<IteratorResult<T, void>> {
    return this.#remember(pulled.then((value) => (value === END ? this.#end().then(() => DONE) : { done: false as const, value }), (error: unknown) => this.#fail(error)))
  }

  #remember(answer: Promise<IteratorResult<T, void>>): Promise<IteratorResult<T, void>> {
    this.#answering = answer
    const forget = (): void => { if (this.#answering === answer) this.#answering = undefined }
    answer.then(forget, forget)
    return answer
  }

  async #end(): Promise<typeof END> {
    if (!this.#ended) {
      this.#ended = true
      await this.#source.stop()
    }
    return END
  }

  async #fail(error: unknown): Promise<never> {
    // What went wrong first is what the caller is told.
    await this.#end().catch(() => {})
    throw error
  }

  async return(): Promise<IteratorResult<T, void>> {
    await this.#end()
    return DONE
  }
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined }
