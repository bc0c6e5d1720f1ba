import { RingQueue } from '../base/index.js'
import { awaitable, END } from './source.js'
import type { Pulled, Source } from './source.js'

/** A call of a function that runs beside others. */
export class ParallelCall {
  /** The value's place. */
  readonly index: number
  #controller: AbortController | undefined
  #aborted = false

  constructor(index: number) {
    this.index = index
  }

  /** Aborted when nobody wants the result any more. Made when it is first read: most calls need none. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Tells the call to give up; what it does of that is its own affair. */
  abort(): void {
    this.#aborted = true
    this.#controller?.abort()
  }
}

/** A function that is called for several values at a time. */
export type ParallelVisit<T, U> = (value: T, call: ParallelCall) => U | PromiseLike<U>

/** A value under way. */
interface Slot<U> {
  state: 'busy' | 'done' | 'failed'
  value: U | undefined
  error: unknown
}

/**
 * Calls a function for several values at a time. At most `concurrency` values are under way or waiting to be pulled, so that it
 * reads no further ahead than that; with a function that only returns its argument it is a buffer.
 */
export class ParallelMapSource<T, U> implements Source<U> {
  readonly #source: Source<T>
  readonly #fn: ParallelVisit<T, U>
  readonly #concurrency: number
  readonly #ordered: boolean
  readonly #calls = new Set<ParallelCall>()
  /** In the order of the source, or in that in which they were done. */
  readonly #ready = new RingQueue<Slot<U>>()
  #held = 0
  #index = 0
  #pulling = false
  #ended = false
  /** Comes after all values that were there before it. */
  #sourceError: { readonly error: unknown } | undefined
  #stopped = false
  #waiting: { readonly resolve: (value: U | typeof END) => void; readonly reject: (error: unknown) => void } | undefined

  constructor(source: Source<T>, fn: ParallelVisit<T, U>, concurrency: number, ordered: boolean) {
    this.#source = source
    this.#fn = fn
    this.#concurrency = concurrency
    this.#ordered = ordered
  }

  pull(): Pulled<U> {
    this.#fill()
    const slot = this.#take()
    if (slot === undefined) {
      if (this.#ended && this.#held === 0) return this.#end()
      return new Promise((resolve, reject) => { this.#waiting = { resolve, reject } })
    }
    this.#fill()
    if (slot.state === 'failed') throw slot.error
    return slot.value as U
  }

  #end(): typeof END {
    if (this.#sourceError) throw this.#sourceError.error
    return END
  }

  /** The next slot that may be given out. */
  #take(): Slot<U> | undefined {
    const head = this.#ready.peek()
    if (head === undefined || head.state === 'busy') return undefined
    this.#held--
    return this.#ready.shift()
  }

  /** Reads on while there is room. */
  #fill(): void {
    while (!this.#pulling && !this.#ended && !this.#stopped && this.#held < this.#concurrency) {
      try {
        const pulled = this.#source.pull()
        if (pulled instanceof Promise) {
          this.#pulling = true
          pulled.then((value) => this.#arrived(value), (error: unknown) => this.#broken(error))
        } else this.#accept(pulled)
      } catch (error) {
        this.#broken(error)
      }
    }
  }

  #arrived(value: T | typeof END): void {
    this.#pulling = false
    this.#accept(value)
    this.#fill()
    this.#serve()
  }

  #broken(error: unknown): void {
    this.#pulling = false
    this.#ended = true
    this.#sourceError = { error }
    this.#serve()
  }

  #accept(value: T | typeof END): void {
    if (value === END) {
      this.#ended = true
      return
    }
    const slot: Slot<U> = { state: 'busy', value: undefined, error: undefined }
    this.#held++
    if (this.#ordered) this.#ready.push(slot)
    const call = new ParallelCall(this.#index++)
    try {
      const result = awaitable(this.#fn(value, call))
      if (result instanceof Promise) {
        this.#calls.add(call)
        const settle = (state: Slot<U>['state'], answer: U | undefined, error: unknown): void => {
          this.#calls.delete(call)
          this.#done(slot, state, answer, error)
        }
        result.then((answer) => settle('done', answer, undefined), (error: unknown) => settle('failed', undefined, error))
      } else this.#done(slot, 'done', result, undefined)
    } catch (error) {
      this.#done(slot, 'failed', undefined, error)
    }
  }

  #done(slot: Slot<U>, state: Slot<U>['state'], value: U | undefined, error: unknown): void {
    if (!this.#ordered) this.#ready.push(slot)
    this.#settle(slot, state, value, error)
  }

  #settle(slot: Slot<U>, state: Slot<U>['state'], value: U | undefined, error: unknown): void {
    slot.state = state
    slot.value = value
    slot.error = error
    this.#serve()
  }

  #serve(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const slot = this.#take()
    if (slot === undefined) {
      if (!this.#ended || this.#held > 0) return
      this.#waiting = undefined
      return this.#sourceError ? waiting.reject(this.#sourceError.error) : waiting.resolve(END)
    }
    this.#waiting = undefined
    if (slot.state === 'failed') waiting.reject(slot.error)
    else waiting.resolve(slot.value as U)
  }

  stop(): void | Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#ended = true
    for (const call of this.#calls) call.abort()
    this.#waiting?.resolve(END)
    this.#waiting = undefined
    return this.#source.stop()
  }
}
