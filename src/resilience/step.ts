import type { RunContext } from './run-context.js'
import type { Task } from './policy.js'

/** Where a call's end goes. Exactly one of the two is called, once. */
export interface Completion<T> {
  /** The call has ended well. */
  onValue(value: T): void
  /** The call has failed. */
  onError(error: unknown): void
}

/**
 * What a policy stands around: the guarded function, or the next policy. Steps end in plain calls, so that however many policies
 * there are around a function, a call makes two promises: its own, and the reaction to the function's.
 */
export interface Step<T> {
  /** Never throws. */
  begin(context: RunContext, completion: Completion<T>): void
}

/** The guarded function as the innermost step. */
export class TaskStep<T> implements Step<T> {
  readonly #task: Task<T>

  constructor(task: Task<T>) {
    this.#task = task
  }

  begin(context: RunContext, completion: Completion<T>): void {
    let result
    try {
      result = this.#task(context)
    } catch (error) {
      return completion.onError(error)
    }
    if (isThenable(result)) result.then((value) => completion.onValue(value), (error: unknown) => completion.onError(error))
    else completion.onValue(result)
  }
}

function isThenable<T>(result: T | PromiseLike<T>): result is PromiseLike<T> {
  return result instanceof Promise || typeof (result as { then?: unknown } | null | undefined)?.then === 'function'
}
