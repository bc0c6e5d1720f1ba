import { END } from './source.js'
import type { Pulled, Source } from './source.js'

/** Gives the values of several sources as they come, one value of each at hand. */
export class MergeSource<T> implements Source<T> {
  readonly #sources: readonly Source<T>[]
  /** Sources to ask for their next value. */
  readonly #idle: Source<T>[]
  readonly #ready: (() => T)[] = []
  #open: number
  #waiting: { readonly resolve: (value: T | typeof END) => void; readonly reject: (error: unknown) => void } | undefined

  constructor(sources: readonly Source<T>[]) {
    this.#sources = sources
    this.#idle = [...sources]
    this.#open = sources.length
  }

  pull(): Pulled<T> {
    for (const source of this.#idle.splice(0)) this.#ask(source)
    const give = this.#ready.shift()
    if (give !== undefined) return give()
    if (this.#open === 0) return END
    return new Promise((resolve, reject) => { this.#waiting = { resolve, reject } })
  }

  #ask(source: Source<T>): void {
    try {
      const pulled = source.pull()
      if (pulled instanceof Promise) pulled.then((value) => this.#arrived(source, value), (error: unknown) => this.#broken(error))
      else this.#arrived(source, pulled)
    } catch (error) {
      this.#broken(error)
    }
  }

  #arrived(source: Source<T>, value: T | typeof END): void {
    if (value === END) {
      this.#open--
      if (this.#open === 0 && this.#ready.length === 0) this.#waiting?.resolve(END)
      return
    }
    this.#give(() => {
      this.#idle.push(source)
      return value
    })
  }

  #broken(error: unknown): void {
    this.#open--
    this.#give(() => { throw error })
  }

  #give(give: () => T): void {
    const waiting = this.#waiting
    if (waiting === undefined) {
      this.#ready.push(give)
      return
    }
    this.#waiting = undefined
    try {
      waiting.resolve(give())
    } catch (error) {
      waiting.reject(error)
    }
  }

  async stop(): Promise<void> {
    this.#open = 0
    this.#waiting?.resolve(END)
    this.#waiting = undefined
    await Promise.all(this.#sources.map((source) => source.stop()))
  }
}
