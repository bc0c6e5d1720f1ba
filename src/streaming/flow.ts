import { OptionError } from '../base/index.js'
import { FlowEvents } from './flow-events.js'
import type { FlowEventsOptions } from './flow-events.js'
import { MergeSource } from './merge.js'
import { BatchSource, DropSource, FilterSource, FlatMapSource, MapSource, TakeSource } from './operators.js'
import type { Visit } from './operators.js'
import { ParallelMapSource } from './parallel-map.js'
import type { ParallelVisit } from './parallel-map.js'
import { END, SourceIterator, sourceOf } from './source.js'
import type { Input, Source } from './source.js'

/** Options of {@link Flow.parallelMap}. */
export interface ParallelMapOptions {
  /** Calls at a time. @default 16 */
  readonly concurrency?: number | undefined
  /** Whether results come in the order of the values, or as soon as they are there. @default true */
  readonly ordered?: boolean | undefined
}

/**
 * Values on their way: an async iterable with operators. Nothing happens before it is iterated, no more is read than is asked for
 * (or than `prefetch` and `parallelMap` say), and whoever leaves the loop, or throws in it, stops the reading.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { flow } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * const names = flow(client.stream('SELECT id, name FROM shop.users')).filter((user) => user.name !== null).map((user) => String(user.name))
 * for await (const batch of names.batch(100)) console.log(batch.length)
 * ```
 */
export class Flow<T> implements AsyncIterable<T> {
  readonly #open: (() => Source<T>) | undefined

  /** @param open begins one iteration; a subclass may override `open` instead */
  constructor(open?: () => Source<T>) {
    this.#open = open
  }

  /** Begins an iteration by hand: for operators of one's own. */
  open(): Source<T> {
    return this.#open!()
  }

  /** Runs the flow, and stops it when the loop is left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, void, undefined> {
    return new SourceIterator(this.open())
  }

  /** What a function makes of each value. It may return a promise, which is awaited before the next value is read. */
  map<U>(fn: Visit<T, U>): Flow<U> {
    return new Flow(() => new MapSource(this.open(), fn))
  }

  /** The values for which a function says true. */
  filter<U extends T>(fn: (value: T, index: number) => value is U): Flow<U>
  filter(fn: Visit<T, boolean>): Flow<T>
  filter(fn: Visit<T, boolean>): Flow<T> {
    return new Flow(() => new FilterSource(this.open(), fn))
  }

  /** Calls a function with each value, awaits it, and passes the value on. */
  tap(fn: Visit<T, unknown>): Flow<T> {
    return this.map((value, index) => {
      const done = fn(value, index) as PromiseLike<unknown> | undefined
      return typeof done?.then === 'function' ? done.then(() => value) : value
    })
  }

  /** The first values; what comes after them is not read. */
  take(count: number): Flow<T> {
    checkCount('count', count, 0)
    return new Flow(() => new TakeSource(this.open(), count))
  }

  /** The values after the first ones. */
  drop(count: number): Flow<T> {
    checkCount('count', count, 0)
    return new Flow(() => new DropSource(this.open(), count))
  }

  /** Lists of `size` values; the last one may be shorter. */
  batch(size: number): Flow<T[]> {
    checkCount('size', size, 1)
    return new Flow(() => new BatchSource(this.open(), size))
  }

  /** The values of whatever a function makes of each value: anything that can be iterated. */
  flatMap<U>(fn: Visit<T, Input<U>>): Flow<U> {
    return new Flow(() => new FlatMapSource(this.open(), fn))
  }

  /** What a function makes of each value, several at a time. An error comes at its place, after the results before it. */
  parallelMap<U>(fn: ParallelVisit<T, U>, { concurrency = 16, ordered = true }: ParallelMapOptions = {}): Flow<U> {
    checkCount('concurrency', concurrency, 1)
    return new Flow(() => new ParallelMapSource(this.open(), fn, concurrency, ordered))
  }

  /** Reads up to `count` values ahead of whoever asks for them. */
  prefetch(count: number): Flow<T> {
    checkCount('count', count, 1)
    return new Flow(() => new ParallelMapSource(this.open(), (value: T) => value, count, true))
  }

  /** The values of this flow and of others, as they come. */
  merge<U>(...others: readonly Input<U>[]): Flow<T | U> {
    return new Flow<T | U>(() => new MergeSource<T | U>([this.open(), ...others.map((other) => sourceOf(other))]))
  }

  /** Reads the first values and stops. @returns at most `count` of them */
  async first(count: number): Promise<T[]> {
    return this.take(count).toArray()
  }

  /** Reads everything into a list: only for what is known to be little. */
  async toArray(): Promise<T[]> {
    const values: T[] = []
    await this.forEach((value) => { values.push(value) })
    return values
  }

  /** Calls a function with each value, one after the other, and awaits it. @returns how many there were */
  async forEach(fn: Visit<T, unknown>): Promise<number> {
    const source = this.open()
    let count = 0
    try {
      for (;;) {
        const pulled = source.pull()
        const value = pulled instanceof Promise ? await pulled : pulled
        if (value === END) break
        const done = fn(value as T, count++) as PromiseLike<unknown> | undefined
        if (typeof done?.then === 'function') await done
      }
    } catch (error) {
      await Promise.resolve(source.stop()).catch(() => {}) // what went wrong first is what the caller is told
      throw error
    }
    await source.stop()
    return count
  }

  /**
   * Calls a function with each value, `concurrency` of them at a time. At the first error no more is read, and the signals of the other
   * calls are aborted.
   *
   * @returns how many there were
   */
  parallelEach(concurrency: number, fn: ParallelVisit<T, unknown>): Promise<number> {
    return this.parallelMap(fn, { concurrency, ordered: false }).forEach(() => {})
  }

  /** The same as a web stream, which reads only what is asked of it. */
  toReadableStream(): ReadableStream<T> {
    const iterator = this[Symbol.asyncIterator]()
    return new ReadableStream<T>({
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    }, { highWaterMark: 0 })
  }

  /**
   * The same as a stream of Node's, in object mode.
   *
   * @returns a `stream.Readable`
   * @throws OptionError where the runtime has no `node:stream`
   */
  toNodeStream(): NodeReadable<T> {
    const streams = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.('node:stream') as { Readable: { from(input: AsyncIterable<unknown>): unknown } } | undefined
    if (!streams) throw new OptionError('toNodeStream', 'This runtime has no node:stream: use toReadableStream()')
    return streams.Readable.from(this) as NodeReadable<T>
  }

  /** The same as events: `data`, `batch`, `stats`, `error` and `end`. Reading begins with `start()`. */
  events(options: FlowEventsOptions = {}): FlowEvents<T> {
    return new FlowEvents(this, options)
  }
}

/** As much of `stream.Readable` as can be said without Node's types; it is one. */
export interface NodeReadable<T> extends AsyncIterable<T> {
  /** Adds a listener. */
  on(event: string, listener: (...args: never[]) => void): this
  /** Hands everything on to a writable stream. @returns that stream */
  pipe<Destination>(destination: Destination): Destination
  /** Ends the stream early. */
  destroy(error?: Error): this
}

/** Makes a flow of anything that can be iterated: arrays, generators, streams of Node and of the web, `client.stream()`. */
export function flow<T>(input: Input<T>): Flow<T> {
  return input instanceof Flow ? (input as Flow<T>) : new Flow(() => sourceOf(input))
}

/** @throws OptionError unless it is a whole number, and not less than `least` */
export function checkCount(name: string, count: unknown, least: number): void {
  if (!Number.isSafeInteger(count) || (count as number) < least) throw new OptionError(name, `'${name}' must be a whole number from ${least}, not ${String(count)}`)
}
