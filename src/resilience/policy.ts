import { AbortedError, offAbort, onAbort } from '../base/index.js'
import { RunContext } from './run-context.js'
import { TaskStep } from './step.js'
import type { Completion, Step } from './step.js'

/** What is guarded: any function that may be given up. */
export type Task<T> = (context: RunContext) => T | Promise<T>

/** Options of one guarded call. */
export interface RunOptions {
  /** Gives up: the call ends at once, and `context.signal` tells the function. @default none */
  readonly signal?: AbortSignal | undefined
}

/** Stands between a caller and a function: limits, repeats, refuses, replaces. */
export abstract class Policy {
  /**
   * Runs a function under this policy.
   *
   * @returns what the function returns
   * @throws what it throws; what the policy refuses with; AbortedError
   */
  run<T>(task: Task<T>, options?: RunOptions): Promise<T> {
    const signal = options?.signal
    if (!signal) return this.execute(task, new RunContext(undefined, false))
    const context = new RunContext()
    if (signal.aborted) return Promise.reject(new AbortedError(signal.reason, 'retryable'))
    return new Promise<T>((resolve, reject) => {
      const abort = (): void => {
        context.abort(signal.reason)
        reject(new AbortedError(signal.reason, 'undetermined'))
      }
      onAbort(signal, abort)
      this.execute(task, context).then(resolve, reject).finally(() => offAbort(signal, abort))
    })
  }

  /** A function that runs another one under this policy each time it is called. */
  wrap<Arguments extends readonly unknown[], T>(fn: (...args: [...Arguments, RunContext]) => T | Promise<T>): (...args: Arguments) => Promise<T> {
    return (...args) => this.run((context) => fn(...args, context))
  }

  /** Runs a function within a context that is there already. */
  abstract execute<T>(task: Task<T>, context: RunContext): Promise<T>

  /** The same for a step of a composition: how policies call each other. */
  start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    this.execute((within) => new Promise<T>((resolve, reject) => step.begin(within, { onValue: resolve, onError: reject })), context)
      .then((value) => completion.onValue(value), (error: unknown) => completion.onError(error))
  }
}

/** A policy on the path of every call: it makes no promises of its own. */
export abstract class DirectPolicy extends Policy {
  override execute<T>(task: Task<T>, context: RunContext): Promise<T> {
    return new Promise<T>((resolve, reject) => this.start(new TaskStep(task), context, { onValue: resolve, onError: reject }))
  }

  abstract override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void
}

/** Calls a function so that whatever it throws becomes a rejection. */
export function invoke<T>(task: Task<T>, context: RunContext): Promise<T> {
  try {
    const result = task(context)
    return result instanceof Promise ? result : Promise.resolve(result)
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

/** Adds nothing but what {@link Policy.run} does with signals. */
export class Unguarded extends DirectPolicy {
  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    step.begin(context, completion)
  }
}

class Composition extends DirectPolicy {
  readonly #outer: Policy
  readonly #inner: Policy

  constructor(outer: Policy, inner: Policy) {
    super()
    this.#outer = outer
    this.#inner = inner
  }

  override start<T>(step: Step<T>, context: RunContext, completion: Completion<T>): void {
    this.#outer.start(new InnerStep(this.#inner, step), context, completion)
  }
}

/** A policy around a step, as the step of the next outer policy. */
class InnerStep<T> implements Step<T> {
  readonly #policy: Policy
  readonly #step: Step<T>

  constructor(policy: Policy, step: Step<T>) {
    this.#policy = policy
    this.#step = step
  }

  begin(context: RunContext, completion: Completion<T>): void {
    this.#policy.start(this.#step, context, completion)
  }
}

/**
 * Puts policies around each other: the first one is the outermost.
 *
 * @example
 * ```ts
 * import { breaker, policy, retry, timeout } from 'cqlwire/resilience'
 * const guarded = policy(timeout({ ms: 2000 }), retry({ attempts: 3 }), breaker({ failureRate: 0.5 }))
 * await guarded.run((context) => fetch('http://127.0.0.1:8080/', { signal: context.signal }))
 * ```
 */
export function policy(first: Policy, ...others: readonly Policy[]): Policy {
  const [last, ...outer] = [first, ...others].reverse()
  return outer.reduce<Policy>((inner, around) => new Composition(around, inner), last!)
}
