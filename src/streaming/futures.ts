// Promises, for those who think in futures: callbacks, combinators that lose nothing, work that nobody waits for.
import { CqlError, nameError } from '../base/index.js'

/** What became of a promise. */
export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error }

/**
 * A promise with callbacks. A callback that throws is reported like any error that nobody handles, and changes nothing for others.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { future } from 'cqlwire/streaming'
 * const client = new Client({ contactPoints: ['127.0.0.1'] })
 * future(() => client.execute('SELECT * FROM shop.users')).onSuccess(({ rows }) => console.log(rows.length)).onFailure((error) => console.log(error.message))
 * ```
 */
export class Future<T> implements PromiseLike<T> {
  readonly #promise: Promise<T>
  #settled: Settled<T> | undefined

  constructor(promise: PromiseLike<T>) {
    this.#promise = Promise.resolve(promise)
    this.#promise.then((value) => { this.#settled = { ok: true, value } }, (error: unknown) => { this.#settled = { ok: false, error: asError(error) } })
  }

  /** What became of it; undefined while it is under way. */
  get settled(): Settled<T> | undefined {
    return this.#settled
  }

  /** Calls a function with the value, if there is one. Somebody has then to take care of failures as well: `onFailure`, or whoever awaits it. */
  onSuccess(listener: (value: T) => void): this {
    this.#promise.then((value) => reporting(() => listener(value)), () => {})
    return this
  }

  /** Calls a function with the error, if it fails; the failure then counts as handled. */
  onFailure(listener: (error: Error) => void): this {
    this.#promise.then(undefined, (error: unknown) => reporting(() => listener(asError(error))))
    return this
  }

  /** As a promise does, so that it can be awaited. */
  // oxlint-disable-next-line unicorn/no-thenable -- it is one on purpose
  then<A = T, B = never>(onValue?: ((value: T) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#promise.then(onValue, onError)
  }
}

/** Begins something and makes a future of it; also what it throws at once becomes a failure. */
export function future<T>(begin: () => T | PromiseLike<T>): Future<T> {
  return new Future(new Promise<T>((resolve) => { resolve(begin()) }))
}

/** Some of several promises failed. */
export class PartialFailureError extends CqlError {
  /** Values by place; undefined where it failed. */
  readonly values: readonly unknown[]
  /** Errors by place. */
  readonly errors: ReadonlyMap<number, Error>
  constructor(values: readonly unknown[], errors: ReadonlyMap<number, Error>) {
    const [place, first] = [...errors][0]!
    super(`${errors.size} of ${values.length} failed; the first is number ${place}: ${first.message}`, 'CQL_PARTIAL_FAILURE', 'undetermined', first)
    this.values = values
    this.errors = errors
  }
  static { nameError(this, 'PartialFailureError') }
}

/** Waits for all promises. @returns what became of each, in order */
export async function settle<T>(promises: Iterable<T | PromiseLike<T>>): Promise<Settled<T>[]> {
  const settled = await Promise.allSettled(promises)
  return settled.map((result): Settled<T> => (result.status === 'fulfilled' ? { ok: true, value: result.value } : { ok: false, error: asError(result.reason) }))
}

/**
 * Waits for all promises, also when some fail: nothing goes on behind the caller's back.
 *
 * @returns the values, in order
 * @throws PartialFailureError with the values and the errors of all
 */
export async function waitForAll<T>(promises: Iterable<T | PromiseLike<T>>): Promise<T[]> {
  const settled = await settle(promises)
  const errors = new Map(settled.flatMap((result, i) => (result.ok ? [] : [[i, result.error] as const])))
  const values = settled.map((result) => (result.ok ? result.value : undefined))
  if (errors.size > 0) throw new PartialFailureError(values, errors)
  return values as T[]
}

/** Work that nobody waits for, but whose errors do not get lost, and which can be waited for in the end. */
export class Background implements AsyncDisposable {
  readonly #onError: (error: Error) => void
  readonly #running = new Set<Promise<void>>()

  /** @param onError told of each error */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError
  }

  /** Pieces of work that are under way. */
  get size(): number {
    return this.#running.size
  }

  /** Begins something. Never throws. */
  run(begin: () => unknown): void {
    const work: Promise<void> = future(begin).then(() => {}, (error: unknown) => reporting(() => this.#onError(asError(error)))).finally(() => this.#running.delete(work))
    this.#running.add(work)
  }

  /** Waits until nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Waits for what runs, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.idle()
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** What a callback throws must neither get lost nor reach whoever else listens. */
function reporting(call: () => void): void {
  try {
    call()
  } catch (error) {
    // oxlint-disable-next-line no-console -- there is no other place for it
    console.error('cqlwire: a callback threw', error)
  }
}
