/** A promise with its two ends in hand (`Promise.withResolvers`, which Node 20 lacks). */
export class Deferred<T> {
  resolve!: (value: T | PromiseLike<T>) => void
  reject!: (error: unknown) => void
  readonly promise: Promise<T> = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
